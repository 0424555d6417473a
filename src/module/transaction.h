/* SPDX-License-Identifier: MIT
 *
 * One call of one entry point: what the host says, what the PAM line says, how it went, and
 * the line that tells it to syslog. The course of auth and of the password phase.
 */
#ifndef MODULE_TRANSACTION_H
#define MODULE_TRANSACTION_H

#include <security/pam_modules.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "module/fingerprint.h"
#include "module/localuser.h"
#include "module/options.h"
#include "module/ticket.h"

struct transaction {
	pam_handle_t *pamh;
	int flags;
	struct options options;
	const char *purpose; /* message.h's word: "login", "account", "change", ... */
	char user[LOCALUSER_NAME_MAX + 1]; /* PAM_USER as it was at the beginning */
	char service[LOCALUSER_NAME_MAX + 1]; /* PAM_SERVICE, likewise */
	uid_t uid;
	int64_t started, deadline; /* clock.h's milliseconds */
	bool finished; /* the helper has given its verdict */
	/* tickets */
	struct ticket *ticket; /* goes out with a REQUEST and is changed by TICKETs; NULL when
				  none may come */
	int64_t asked; /* clock_boot_ms() of the last REQUEST or ANSWER: nothing that the helper
			  tells is younger, however long a stopped host leaves it unread */
	unsigned tickets; /* TICKETs that one run of the helper has sent */
	bool keep; /* its lock is held: a change is on the disk before anything else is done */
	char print[FINGERPRINT_MAX], boot[TICKET_BOOT_MAX + 1]; /* transaction_examine() */
	bool bound; /* auth of this transaction has signed the person in */
	bool unmanaged; /* the user is none of the pool's people */
	/* for the log and the person */
	char detail[512]; /* why, more exactly than the result's phrase; "" when there is no
			     more */
	char message[512]; /* for the person, instead of the result's sentence; "" for that */
	char sub[256], rule[256], flow[16];
};

/* Reads the PAM line, the host's items and the clock. Returns 0, RESULT_OPTION,
 * RESULT_NOT_ROOT or RESULT_PAM_ITEM. */
int transaction_begin(
    struct transaction *, pam_handle_t *, int flags, int argc, const char **argv);

/* The course of auth, after transaction_begin(): local rules, helper, flow, the gate.
 * Returns RESULT_ALLOWED or why not; never 0. */
int transaction_authenticate(struct transaction *);

/* The course of the password phase. Returns RESULT_DONE or why not; never 0. */
int transaction_change(struct transaction *);

/* Is PAM_USER none of the pool's: root, below min_uid, or in local=? */
bool transaction_is_unmanaged(struct transaction *);

/* Looks at what the configuration's file and this boot are now. Returns 0 or
 * RESULT_CONFIG_FILE. */
int transaction_examine(struct transaction *);

/* Reads the configuration and lets the helper do what the purpose is. Returns the helper's
 * verdict, or why there is none; never 0. */
int transaction_ask_helper(struct transaction *);

/* The last word is this host's: the same user and service as at the beginning, and still
 * allowed here? Returns 0 or why not. */
int transaction_still_the_same(struct transaction *);

/* Says for the log why, more exactly than the result's phrase. */
void transaction_explain(struct transaction *, const char *why);

/* Tells the person (unless PAM_SILENT) and writes the one line; returns the PAM result. */
int transaction_end(struct transaction *, const char *phase, int result);

#endif
