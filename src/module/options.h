/* SPDX-License-Identifier: MIT
 *
 * The PAM line. pam_cognito_oidc(8) is its contract. Strict: an option that is unknown,
 * malformed or given twice refuses the login.
 */
#ifndef MODULE_OPTIONS_H
#define MODULE_OPTIONS_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/request.h"

struct reason;

/* Texts are borrowed from argv, or static. Lists are NAME,NAME or "". */
struct options {
	const char *config; /* absolute path */
	struct request_options request; /* what travels to the helper */
	bool use_first_pass, try_first_pass, use_authtok, reuse, allow_root, debug;
	long timeout; /* seconds, 5-600 */
	long min_uid;
	const char *local, *grant; /* users who are not in the pool; groups a rule may grant */
	const char *unmanaged; /* "ignore" or "deny" */
};

/* Is name one of a comma-separated list's names, byte for byte? */
bool options_list_has(const char *list, const char *name);

/* Returns 0, or RESULT_OPTION with the reason set. */
int options_parse(int argc, const char **argv, struct options *, struct reason *);

#endif
