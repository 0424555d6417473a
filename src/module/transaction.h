/* SPDX-License-Identifier: MIT
 *
 * One call of one entry point: what the host says, what the PAM line says, how it went, and
 * the line that tells it to syslog. The course of auth and of account.
 */
#ifndef MODULE_TRANSACTION_H
#define MODULE_TRANSACTION_H

#include <security/pam_modules.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "module/localuser.h"
#include "module/options.h"

struct transaction {
	pam_handle_t *pamh;
	int flags;
	struct options options;
	const char *purpose; /* message.h's word: "login", "check" or "change" */
	char user[LOCALUSER_NAME_MAX + 1]; /* PAM_USER as it was at the beginning */
	char service[LOCALUSER_NAME_MAX + 1]; /* PAM_SERVICE, likewise */
	uid_t uid;
	int64_t started, deadline; /* clock.h's milliseconds */
	bool finished; /* the helper has given its verdict */
	/* for the log and the person */
	char detail[512]; /* why, more exactly than the result's phrase; "" when there is no
			     more */
	char message[512]; /* for the person, instead of the result's sentence; "" for that */
	char sub[256], rule[256], flow[16];
};

/* Reads the PAM line, the host's items and the clock. Returns 0, RESULT_OPTION,
 * RESULT_NOT_AVAILABLE, RESULT_NOT_ROOT or RESULT_PAM_ITEM. */
int transaction_begin(
    struct transaction *, pam_handle_t *, int flags, int argc, const char **argv);

/* The course of auth, after transaction_begin(): local rules, helper, flow, the gate.
 * Returns RESULT_ALLOWED or why not; never 0. */
int transaction_authenticate(struct transaction *);

/* The course of the password phase. Returns RESULT_DONE or why not; never 0. */
int transaction_change(struct transaction *);

/* Is PAM_USER none of ours: root, or below min_uid? */
bool transaction_is_unmanaged(struct transaction *);

/* The course of account: only whom auth signed in, in this transaction. Likewise. */
int transaction_account(struct transaction *);

/* Tells the person (unless PAM_SILENT) and writes the one line; returns the PAM result. */
int transaction_end(struct transaction *, const char *phase, int result);

#endif
