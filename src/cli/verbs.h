/* SPDX-License-Identifier: MIT
 *
 * The verbs of cognito-oidc, one file each (verify is checks.c), their table, which the help
 * and the completions are made of, and the arguments that they are given (arguments.c reads
 * them). A verb writes its report to the output that main() opened and prints, and returns the
 * exit code. Before it returns EXIT_TROUBLE it says why on stderr; no report is printed then.
 */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include <stdbool.h>

#include "common/message.h"
#include "helper/policy/subject.h"

#define VERB_OPTIONS_MOST 12 /* of one verb */
#define VERB_WORDS_MOST 16 /* as many services as anyone names in one command */

struct output;

enum exit_code {
	EXIT_YES = 0, /* yes, or nothing found */
	EXIT_NO = 1, /* no, or faults found */
	EXIT_TROUBLE = 2, /* usage, unreadable input, or root needed */
};

/* What the environment said before main() cleared it. It informs and decides nothing. */
struct environment {
	char host[SUBJECT_HOST_MAX + 1]; /* this host's name, or "" */
	const char *locale; /* its name; "POSIX" if none is set */
	bool is_utf8; /* its character set is UTF-8 */
	bool wants_colour; /* the terminal has colours, and NO_COLOR is not set */
	const char *proxy; /* of https_proxy and its like, without a password; or "" */
	const char *sudo_user; /* who called sudo, as sudo says; or "" */
	/* what the session was told of its user, "OIDC_CLAIM_name=value"; ended by NULL. Anyone
	 * may have set them. */
	const char *claims[MESSAGE_EXPORTS_MOST + 1];
};

/* Texts are NULL unless given, never empty. */
struct arguments {
	const struct environment *environment;
	const char *words[VERB_WORDS_MOST + 1]; /* those without a dash; ended by NULL */
	const char *config; /* --config, or the built-in path */
	bool is_config_given;
	bool json, access, clear, expire, jws_only, refresh;
	const char *user; /* --user, or --clear's */
	const char *host; /* --host, or this host's own name */
	const char *claims, *flow, *jwks, *service, *token;
	bool force, all, keep, check, dry_run, no_break_glass, is_try;
	const char *try_text, *sudo;
	const char *from, *prune;
	const char *pool, *client_id, *groups, *admin_groups, *domain, *secret_file;
	const char *now_text;
	long long now; /* --now, or the clock; seconds since 1970 */
};

typedef int verb_main(const struct arguments *, struct output *);

verb_main check_main, verify_main, explain_main, doctor_main;
verb_main accounts_main, enable_main, disable_main;
verb_main authorized_keys_main, init_main, login_main, whoami_main, tickets_main, jwks_main;

/* An option of a verb. Its value is "FILE" (--name FILE or --name=FILE), "a|b" (the same, one
 * of these words), "[USER]" (the next word, if that has no dash), "[=SECONDS]" (may follow a
 * '='), or NULL (it takes none). arguments.c says where each option goes. */
struct verb_option {
	const char *name; /* with its dashes */
	const char *value;
	const char *text; /* what it does, for --help */
};

struct verb {
	const char *name;
	verb_main *run;
	bool needs_root;
	/* The words that it takes: "USER", "[USER]" (or none), "a|b" (one of these), "a|b..."
	 * (several of these), "[a|b...]". NULL: none. */
	const char *words;
	const char *words_text; /* what they are, for --help */
	const char *usage; /* what follows the name */
	const char *purpose; /* a line without a full stop */
	const char *example; /* a command line */
	struct verb_option options[VERB_OPTIONS_MOST + 1]; /* ended by one without a name */
};

extern const struct verb verbs[]; /* ended by one without a name */
extern const struct verb_option verb_options_always[]; /* what every verb takes; ended alike */

#endif
