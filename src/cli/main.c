/* SPDX-License-Identifier: MIT
 *
 * cognito-oidc: chooses the verb, reads its arguments and prints its report. A root shell's
 * environment must not decide anything: OPENSSL_CONF loads code, SSL_CERT_FILE moves trust. It
 * is cleared before anything else; the few values that are kept only inform.
 */
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "cli/output.h"
#include "cli/verbs.h"
#include "common/message.h"
#include "common/paths.h"
#include "common/text.h"

#define EPOCH_MOST 999999999999ul /* as many digits as a claim may have */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A verb takes these options and those that its usage names, and a user in front of them if
 * its usage begins with one. */
#define ALWAYS "[--config PATH] [--json]"

static const struct verb {
	const char *name;
	verb_main *run;
	bool needs_root;
	const char *usage;
} verbs[] = {
    {"check", check_main, false, ""},
    {"verify", verify_main, false,
	"< TOKEN [--jwks FILE] [--now EPOCH] [--jws-only] [--access]"},
    {"explain", explain_main, false,
	"--claims FILE|--token FILE --user USER --service SERVICE [--host HOST] [--now EPOCH] "
	"[--jwks FILE]"},
    {"doctor", doctor_main, true, ""},
    {"login", login_main, true, "USER [--service SERVICE] [--flow FLOW]"},
    {"whoami", whoami_main, false, "[USER]"},
    {"tickets", tickets_main, true, "[--clear [USER] | --expire]"},
    {"jwks", jwks_main, false, "[--refresh]"},
};

struct option {
	const char *name; /* with its dashes */
	bool *flag; /* set when the option is given; NULL: it is --name VALUE or --name=VALUE */
	const char **value; /* beside a flag: the next word, if it has no dash */
};

static void print_usage(FILE *to, const struct verb *verb, const char *lead)
{
	fprintf(to, "%-6s cognito-oidc %s%s%s " ALWAYS "\n", lead, verb->name,
	    verb->usage[0] != '\0' ? " " : "", verb->usage);
}

/* Says on stderr what is wrong with a word, and how the verb is used. Returns false. */
static bool refuse(const struct verb *verb, const char *word, const char *why)
{
	complain("%s: %s", word, why);
	print_usage(stderr, verb, "usage:");
	return false;
}

/* A user's name, not an option. */
static bool is_plain(const char *word)
{
	return word != NULL && word[0] != '-' && word[0] != '\0';
}

/* The option that the word is, of those that the verb takes; *value is what follows a '='. */
static const struct option *find_option(const struct option *options, size_t count,
    const struct verb *verb, const char *word, const char **value)
{
	for (size_t i = 0; i < count; i++) {
		const char *name = options[i].name;
		size_t len = strlen(name);
		bool is_taken =
		    strstr(verb->usage, name) != NULL || strstr(ALWAYS, name) != NULL;
		if (!is_taken || !text_starts(word, name) ||
		    (word[len] != '=' && word[len] != '\0'))
			continue;
		*value = word[len] == '=' ? word + len + 1 : NULL;
		return &options[i];
	}
	return NULL;
}

/* Each option may be given once: of two values one would be ignored. */
static bool read_options(const struct verb *verb, char **words, struct arguments *a)
{
	const struct option options[] = {
	    {"--access", &a->access, NULL},
	    {"--claims", NULL, &a->claims},
	    {"--clear", &a->clear, &a->user},
	    {"--config", NULL, &a->config},
	    {"--expire", &a->expire, NULL},
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

/* words: those behind the verb, ended by NULL. False after saying on stderr what is
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
	if (a->host == NULL)
		a->host = a->environment->host;
	if (a->now_text != NULL && !text_number(a->now_text, EPOCH_MOST, &epoch))
		return refuse(verb, "--now", "needs seconds since 1970");
	a->now = a->now_text != NULL ? (long long)epoch : (long long)time(NULL);
	if (verb->needs_root && geteuid() != paths.trusted_uid)
		return complain("%s: only root may do this", verb->name);
	return true;
}

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
	size_t count = 0;
	*e = (struct environment){.locale = *locale != '\0' ? locale : "POSIX",
	    .is_utf8 = is_utf8(locale),
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
	struct arguments arguments = {.environment = environment};
	struct output out;
	if (!read_arguments(verb, words, &arguments))
		return EXIT_TROUBLE;
	output_open(&out, arguments.json, environment->is_utf8);
	int code = verb->run(&arguments, &out);
	if (code != EXIT_TROUBLE && !output_print(&out))
		code = EXIT_TROUBLE;
	buffer_wipe(&out.text);
	return code;
}

int main(int argc, char **argv)
{
	struct environment environment;
	const struct verb *verb = NULL;
	int code;
	read_environment(&environment);
	if (clearenv() != 0 || OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1) {
		complain("cannot start");
		return EXIT_TROUBLE;
	}
	for (size_t i = 0; argc > 1 && i < COUNT(verbs); i++)
		if (streq(verbs[i].name, argv[1]))
			verb = &verbs[i];
	if (verb != NULL) {
		code = run(verb, argv + 2, &environment);
	} else {
		bool is_help = argc == 2 && streq(argv[1], "--help");
		for (size_t i = 0; i < COUNT(verbs); i++)
			print_usage(
			    is_help ? stdout : stderr, &verbs[i], i == 0 ? "usage:" : "");
		code = is_help ? EXIT_YES : EXIT_TROUBLE;
	}
	/* A report that did not reach its reader must not count as a yes. */
	if (fflush(stdout) != 0 || ferror(stdout) != 0) {
		complain("cannot write the output");
		code = EXIT_TROUBLE;
	}
	return code;
}
