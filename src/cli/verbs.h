/* SPDX-License-Identifier: MIT
 *
 * The verbs of cognito-oidc, one file each, and the arguments they are given (main.c reads
 * them). A verb writes its report to the output that main() opened and prints, and returns the
 * exit code. Before it returns EXIT_TROUBLE it says why on stderr; no report is printed then.
 */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include <stdbool.h>

struct output;

enum exit_code {
	EXIT_YES = 0, /* yes, or nothing found */
	EXIT_NO = 1, /* no, or faults found */
	EXIT_TROUBLE = 2, /* usage, unreadable input, or root needed */
};

/* Texts are NULL unless given, never empty. */
struct arguments {
	const char *config; /* --config, or the built-in path */
	bool is_config_given;
	bool json, access, clear, jws_only, refresh;
	const char *user; /* --user, the USER that some verbs begin with, or --clear's */
	const char *claims, *flow, *host, *jwks, *service, *token;
	const char *now_text;
	long long now; /* --now, or the clock; seconds since 1970 */
};

int check_main(const struct arguments *, struct output *);
int verify_main(const struct arguments *, struct output *);
int explain_main(int argc, char **argv);
int doctor_main(const struct arguments *, struct output *);
int login_main(const struct arguments *, struct output *);
int whoami_main(int argc, char **argv);
int tickets_main(int argc, char **argv);
int jwks_main(const struct arguments *, struct output *);

#define EXPLAIN_USAGE                                                                          \
	"explain --claims FILE|--token FILE --user USER --service SERVICE [--host HOST] "      \
	"[--now EPOCH] [--jwks FILE] [--config PATH] [--json]"
#define WHOAMI_USAGE "whoami [USER] [--config PATH] [--json]"
#define TICKETS_USAGE "tickets [--clear [USER] | --expire] [--config PATH] [--json]"

#endif
