/* SPDX-License-Identifier: MIT
 *
 * cognito-oidc: chooses the verb, runs it and prints its report. A root shell's
 * environment must not decide anything: OPENSSL_CONF loads code, SSL_CERT_FILE moves trust. It
 * is cleared before anything else; the few values that are kept only inform.
 */
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/help.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "common/message.h"
#include "common/paths.h"
#include "common/text.h"

/* The first of these variables that is set, or "". */
static const char *first_of(const char *const *names)
{
	const char *value = NULL;
	for (; *names != NULL && (value == NULL || *value == '\0'); names++)
		value = getenv(*names);
	return value != NULL ? value : "";
}

/* "de_DE.UTF-8", "C.utf8@euro". Read as text: setlocale() would read files that it names. */
static bool is_utf8(const char *locale)
{
	const char *dot = strchr(locale, '.');
	size_t len = dot != NULL ? strcspn(dot + 1, "@") : 0;
	return (len == 5 && strncasecmp(dot + 1, "utf-8", len) == 0) ||
	       (len == 4 && strncasecmp(dot + 1, "utf8", len) == 0);
}

/* The texts lie where the kernel put them: they outlive clearenv(). */
static void read_environment(struct environment *e)
{
	static const char *const locales[] = {"LC_ALL", "LC_CTYPE", "LANG", NULL};
	static const char *const proxies[] = {
	    "https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY", NULL};
	const char *locale = first_of(locales), *proxy = first_of(proxies);
	const char *at = strrchr(proxy, '@'), *sudo_user = getenv("SUDO_USER");
	const char *terminal = getenv("TERM"), *no_colour = getenv("NO_COLOR");
	size_t count = 0;
	*e = (struct environment){.locale = *locale != '\0' ? locale : "POSIX",
	    .is_utf8 = is_utf8(locale),
	    /* no-color.org: set, and not empty */
	    .wants_colour = (no_colour == NULL || *no_colour == '\0') && terminal != NULL &&
			    *terminal != '\0' && !streq(terminal, "dumb"),
	    .proxy = at != NULL ? at + 1 : proxy,
	    .sudo_user = sudo_user != NULL ? sudo_user : ""};
	if (gethostname(e->host, sizeof(e->host) - 1) != 0)
		e->host[0] = '\0';
	for (char **each = environ; *each != NULL && count < MESSAGE_EXPORTS_MOST; each++)
		if (text_starts(*each, "OIDC_CLAIM_"))
			e->claims[count++] = *each;
}

/* Returns the exit code. */
static int run(const struct verb *verb, char **words, const struct environment *environment)
{
	struct arguments arguments;
	struct output out;
	for (size_t i = 0; words[i] != NULL; i++)
		if (streq(words[i], "--help")) {
			help_show_verb(verb);
			return EXIT_YES;
		}
	if (!arguments_read(verb, words, environment, &arguments))
		return EXIT_TROUBLE;
	output_open(&out, arguments.json, environment->is_utf8,
	    environment->wants_colour && isatty(STDOUT_FILENO) == 1);
	int code = verb->run(&arguments, &out);
	if (code != EXIT_TROUBLE && !output_print(&out))
		code = EXIT_TROUBLE;
	buffer_wipe(&out.text);
	return code;
}

/* What the first word asks for. Returns the exit code. */
static int choose(char **words, const struct environment *environment)
{
	for (const struct verb *verb = verbs; verb->name != NULL; verb++)
		if (streq(verb->name, words[0]))
			return run(verb, words + 1, environment);
	if (streq(words[0], "--help") && words[1] == NULL) {
		help_show_verbs();
	} else if (streq(words[0], "--version") && words[1] == NULL) {
		printf("cognito-oidc %s\n", paths.version);
	} else {
		help_refuse_verb(words[0]);
		return EXIT_TROUBLE;
	}
	return EXIT_YES;
}

int main(int argc, char **argv)
{
	struct environment environment;
	read_environment(&environment);
	if (argc < 1 || clearenv() != 0 ||
	    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1) {
		complain("cannot start");
		return EXIT_TROUBLE;
	}
	int code = choose(argv + 1, &environment);
	/* A report that did not reach its reader must not count as a yes. */
	if (fflush(stdout) != 0 || ferror(stdout) != 0) {
		complain("cannot write the output");
		code = EXIT_TROUBLE;
	}
	return code;
}
