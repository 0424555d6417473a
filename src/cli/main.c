/* SPDX-License-Identifier: MIT
 *
 * cognito-oidc: chooses the verb. A root shell's environment must not decide anything:
 * OPENSSL_CONF loads code, SSL_CERT_FILE moves trust. It is cleared before anything else,
 * but for one look at the terminal's character set and the shell's proxy.
 */
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/environment.h"
#include "cli/verbs.h"
#include "common/text.h"

struct verb {
	const char *name, *usage;
	int (*run)(int argc, char **argv);
};

static const struct verb verbs[] = {
    {"check", CHECK_USAGE, check_main},
    {"verify", VERIFY_USAGE, verify_main},
    {"explain", EXPLAIN_USAGE, explain_main},
    {"doctor", DOCTOR_USAGE, doctor_main},
    {"login", LOGIN_USAGE, login_main},
    {"whoami", WHOAMI_USAGE, whoami_main},
    {"tickets", TICKETS_USAGE, tickets_main},
    {"jwks", JWKS_USAGE, jwks_main},
};
#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static void print_usage(FILE *to)
{
	const char *lead = "usage:";
	for (size_t i = 0; i < VERBS; i++) {
		fprintf(to, "%-6s cognito-oidc %s\n", lead, verbs[i].usage);
		lead = "";
	}
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < VERBS; i++)
		if (streq(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

/* A report that did not reach its reader is no yes. */
static int finish(int code)
{
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return code;
	fprintf(stderr, "cognito-oidc: the output cannot be written\n");
	return EXIT_TROUBLE;
}

int main(int argc, char **argv)
{
	const struct verb *verb;
	environment_learn();
	if (clearenv() != 0 || OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1) {
		fprintf(stderr, "cognito-oidc: cannot start\n");
		return EXIT_TROUBLE;
	}
	if (argc == 2 && streq(argv[1], "--help")) {
		print_usage(stdout);
		return finish(EXIT_YES);
	}
	verb = argc > 1 ? find_verb(argv[1]) : NULL;
	if (verb == NULL) {
		print_usage(stderr);
		return EXIT_TROUBLE;
	}
	return finish(verb->run(argc - 1, argv + 1));
}
