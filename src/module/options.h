/* SPDX-License-Identifier: MIT
 *
 * The PAM line. pam_cognito_oidc(8) is its contract. Strict: what is unknown, malformed or
 * said twice refuses the login.
 */
#ifndef MODULE_OPTIONS_H
#define MODULE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct options {
	const char *config; /* absolute path; borrowed from argv or static */
	const char *flow; /* "", "password" or "device"; likewise */
	bool use_first_pass, try_first_pass, use_authtok;
	const char *wait; /* prompt=: "auto", "enter" or "none" */
	const char *qr; /* "auto", "utf8", "ascii" or "off" */
	bool debug;
	unsigned long timeout; /* seconds, 5-600 */
	uid_t min_uid;
	bool reuse;
	const char *max_age; /* seconds as text, or "" */
	const char *local; /* NAME,NAME or ""; borrowed, like grant */
	bool deny_unmanaged; /* unmanaged=deny */
	bool allow_root;
	const char *grant; /* GROUP,GROUP or "" */
};

/* Why a PAM line was refused, printable, for syslog. */
struct options_fault {
	char text[256];
};

/* Is name one of a comma-separated list's names, byte for byte? */
bool options_list_has(const char *list, const char *name);

/* Returns 0, or RESULT_OPTION with fault set. */
int options_parse(int argc, const char **argv, struct options *, struct options_fault *);

#endif
