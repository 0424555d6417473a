/* SPDX-License-Identifier: MIT
 *
 * cognito-oidc: chooses the verb, reads its arguments and prints its report. A root shell's
 * environment must not decide anything: OPENSSL_CONF loads code, SSL_CERT_FILE moves trust. It
 * is cleared before anything else; environment.c keeps the few values that only inform.
 */
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/environment.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "common/paths.h"
#include "common/text.h"

#define EPOCH_MOST 999999999999ul /* as many digits as a claim may have */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A verb takes the options that its usage names, and a user in front of them if the usage
 * begins with one. */
struct verb {
	const char *name, *usage;
	bool needs_root;
	int (*run)(const struct arguments *, struct output *);
	int (*old)(int argc, char **argv);
};

static const struct verb verbs[] = {
    {"check", "[--config PATH] [--json]", false, check_main, NULL},
    {"verify",
	"[--config PATH] [--json] [--jwks FILE] [--now EPOCH] [--jws-only] [--access] < TOKEN",
	false, verify_main, NULL},
    {"explain",
	"--claims FILE|--token FILE --user USER --service SERVICE [--host HOST] [--now EPOCH] "
	"[--jwks FILE] [--config PATH] [--json]",
	false, NULL, explain_main},
    {"doctor", "[--config PATH] [--json]", true, doctor_main, NULL},
    {"login", "USER [--service SERVICE] [--flow FLOW] [--config PATH] [--json]", true,
	login_main, NULL},
    {"whoami", "[USER] [--config PATH] [--json]", false, NULL, whoami_main},
    {"tickets", "[--clear [USER]] [--config PATH] [--json]", true, NULL, tickets_main},
    {"jwks", "[--refresh] [--config PATH] [--json]", false, jwks_main, NULL},
};

struct option {
	const char *name; /* with its dashes */
	bool *flag; /* set when the option is given; NULL: it is --name VALUE or --name=VALUE */
	const char **value; /* beside a flag: the next word, if it has no dash */
};

static void print_usage(FILE *to)
{
	for (size_t i = 0; i < COUNT(verbs); i++)
		fprintf(to, "%-6s cognito-oidc %s %s\n", i == 0 ? "usage:" : "", verbs[i].name,
		    verbs[i].usage);
}

static bool refuse(const struct verb *verb, const char *word, const char *why)
{
	complain("%s: %s", word, why);
	fprintf(stderr, "usage: cognito-oidc %s %s\n", verb->name, verb->usage);
	return false;
}

static bool is_plain(const char *word)
{
	return word != NULL && word[0] != '-' && word[0] != '\0';
}

/* The option that the word is, of those that the verb takes; *value is what follows a '='. */
static const struct option *find_option(const struct option *options, size_t count,
    const struct verb *verb, const char *word, const char **value)
{
	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(options[i].name);
		if (!text_starts(word, options[i].name) ||
		    strstr(verb->usage, options[i].name) == NULL)
			continue;
		*value = word[len] == '=' ? word + len + 1 : NULL;
		if (word[len] == '=' || word[len] == '\0')
			return &options[i];
	}
	return NULL;
}

static bool read_options(const struct verb *verb, char **words, struct arguments *a)
{
	const struct option options[] = {
	    {"--access", &a->access, NULL},
	    {"--claims", NULL, &a->claims},
	    {"--clear", &a->clear, &a->user},
	    {"--config", NULL, &a->config},
	    {"--flow", NULL, &a->flow},
	    {"--host", NULL, &a->host},
	    {"--json", &a->json, NULL},
	    {"--jwks", NULL, &a->jwks},
	    {"--jws-only", &a->jws_only, NULL},
	    {"--now", NULL, &a->now_text},
	    {"--refresh", &a->refresh, NULL},
	    {"--service", NULL, &a->service},
	    {"--token", NULL, &a->token},
	    {"--user", NULL, &a->user},
	};
	for (; *words != NULL; words++) {
		const char *word = *words, *value = NULL;
		const struct option *option =
		    find_option(options, COUNT(options), verb, word, &value);
		if (option == NULL)
			return refuse(verb, word, "unknown argument");
		if (option->flag != NULL) {
			if (value != NULL || *option->flag)
				return refuse(
				    verb, word, "takes no value and may be given once");
			*option->flag = true;
			if (option->value != NULL && is_plain(words[1]))
				*option->value = *++words;
			continue;
		}
		if (value == NULL && words[1] != NULL)
			value = *++words;
		if (value == NULL || *value == '\0' || *option->value != NULL)
			return refuse(verb, word, "needs a value and may be given once");
		*option->value = value;
	}
	return true;
}

/* words: what stands behind the verb, ended by NULL. False after saying on stderr what is
 * wrong. */
static bool read_arguments(const struct verb *verb, char **words, struct arguments *a)
{
	unsigned long epoch = 0;
	bool needs_user = text_starts(verb->usage, "USER");
	if ((needs_user || text_starts(verb->usage, "[USER]")) && is_plain(*words))
		a->user = *words++;
	if (needs_user && a->user == NULL)
		return refuse(verb, verb->name, "a user is needed");
	if (!read_options(verb, words, a))
		return false;
	a->is_config_given = a->config != NULL;
	if (a->config == NULL)
		a->config = paths.config;
	if (a->now_text != NULL && !text_number(a->now_text, EPOCH_MOST, &epoch))
		return refuse(verb, "--now", "needs seconds since 1970");
	a->now = a->now_text != NULL ? (long long)epoch : (long long)time(NULL);
	if (verb->needs_root && geteuid() != paths.trusted_uid)
		return complain("%s: only root may do this", verb->name);
	return true;
}

static int run(const struct verb *verb, char **words)
{
	struct arguments arguments = {.user = NULL};
	struct output out;
	if (!read_arguments(verb, words, &arguments))
		return EXIT_TROUBLE;
	output_open(&out, arguments.json);
	int code = verb->run(&arguments, &out);
	if (code != EXIT_TROUBLE && !output_print(&out))
		code = EXIT_TROUBLE;
	buffer_wipe(&out.text);
	return code;
}

int main(int argc, char **argv)
{
	int code = EXIT_TROUBLE;
	environment_learn();
	if (clearenv() != 0 || OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1) {
		complain("cannot start");
		return EXIT_TROUBLE;
	}
	const struct verb *verb = NULL;
	for (size_t i = 0; argc > 1 && i < COUNT(verbs); i++)
		if (streq(verbs[i].name, argv[1]))
			verb = &verbs[i];
	if (verb != NULL) {
		code = verb->old != NULL ? verb->old(argc - 1, argv + 1) : run(verb, argv + 2);
	} else if (argc == 2 && streq(argv[1], "--help")) {
		print_usage(stdout);
		code = EXIT_YES;
	} else {
		print_usage(stderr);
	}
	/* A report that did not reach its reader must not count as a yes. */
	if (fflush(stdout) != 0 || ferror(stdout) != 0) {
		complain("cannot write the output");
		return EXIT_TROUBLE;
	}
	return code;
}
