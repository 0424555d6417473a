/* SPDX-License-Identifier: MIT
 *
 * The verbs of cognito-oidc, one file each. argv[0] is the verb. They return the exit code.
 */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

enum exit_code {
	EXIT_YES = 0, /* yes, or nothing found */
	EXIT_NO = 1, /* no, or faults found */
	EXIT_TROUBLE = 2, /* usage, unreadable input, or root needed */
};

#define CHECK_USAGE "check [--config PATH] [--json]"
#define VERIFY_USAGE                                                                           \
	"verify [--config PATH] [--json] [--jwks FILE] [--now EPOCH] [--jws-only] [--access] " \
	"< TOKEN"
#define EXPLAIN_USAGE                                                                          \
	"explain --claims FILE|--token FILE --user USER --service SERVICE [--host HOST] "      \
	"[--now EPOCH] [--jwks FILE] [--config PATH] [--json]"
#define DOCTOR_USAGE "doctor [--config PATH] [--json]"
#define LOGIN_USAGE "login USER [--service SERVICE] [--flow FLOW] [--config PATH] [--json]"
#define WHOAMI_USAGE "whoami [USER] [--config PATH] [--json]"
#define TICKETS_USAGE "tickets [--clear [USER]] [--config PATH] [--json]"
#define JWKS_USAGE "jwks [--refresh] [--config PATH] [--json]"

int check_main(int argc, char **argv);
int verify_main(int argc, char **argv);
int explain_main(int argc, char **argv);
int doctor_main(int argc, char **argv);
int whoami_main(int argc, char **argv);
int tickets_main(int argc, char **argv);
int jwks_main(int argc, char **argv);
int login_main(int argc, char **argv);

#endif
