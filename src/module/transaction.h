/* SPDX-License-Identifier: MIT
 *
 * One call of one entry point: what the host says, what the PAM line says, how it went, and
 * the line that tells it to syslog. The phases use it; it knows none of them.
 */
#ifndef MODULE_TRANSACTION_H
#define MODULE_TRANSACTION_H

#include <security/pam_modules.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/reason.h"
#include "common/request.h"
#include "module/helper_client.h"
#include "module/localuser.h"
#include "module/options.h"
#include "module/ticket.h"

struct transaction {
	pam_handle_t *pamh;
	int flags;
	bool silent; /* the person is told nothing */
	bool logged_in; /* the host asks somebody who is logged in already: sudo, doas, su */
	struct options options;
	char user[LOCALUSER_NAME_MAX + 1]; /* PAM_USER as it was at the beginning */
	char service[LOCALUSER_NAME_MAX + 1]; /* PAM_SERVICE, likewise */
	uid_t uid;
	int64_t started, deadline; /* clock.h's milliseconds */
	/* transaction_examine(): what the configuration file and this boot are now */
	char fingerprint[TICKET_FINGERPRINT_MAX + 1], boot[TICKET_BOOT_MAX + 1];
	bool unmanaged; /* the user is not one of the pool's people */
	bool told; /* an earlier call of this transaction wrote the line of this success */
	bool cold; /* the warm helper does not serve here */
	/* for the log and the person */
	struct reason reason;
	char sub[TICKET_SUB_MAX + 1], rule[TICKET_RULE_MAX + 1], flow[16];
};

/* Reads the PAM line, the host's items and the clock. Returns 0, RESULT_OPTION,
 * RESULT_NOT_ROOT, RESULT_PAM_ITEM, RESULT_CONVERSATION or RESULT_USER_UNKNOWN. */
int transaction_begin(
    struct transaction *, pam_handle_t *, int flags, int argc, const char **argv);

/* Looks at the configuration file, the record of the user's account and the boot id; user and
 * uid are known. Returns 0, RESULT_CONFIG_FILE or RESULT_USER_LOCKED. */
int transaction_examine(struct transaction *);

/* Whose ticket this transaction looks for, now. Borrows the transaction's text. */
struct ticket_owner transaction_owner(const struct transaction *);

/* Runs the helper for this transaction; request has the purpose and the ticket, the rest is
 * filled here. rotated, if not NULL, takes a rotated refresh token. The helper may ask and
 * tell the person unless the purpose is about a ticket. Returns as helper_client_run(), with
 * the transaction's reason, sub, rule and flow set. verdict_free() in any case. */
int transaction_ask_helper(struct transaction *, struct request *,
    int (*rotated)(void *asked, const struct field *body), void *asked, struct verdict *);

/* Has the refresh token of a ticket that is nowhere any more revoked, and its device forgotten,
 * within two seconds and the transaction's time. What comes of it changes nothing here but the
 * log. Never under a lock. */
void transaction_revoke(struct transaction *, const struct ticket *);

/* The last word is this host's: are user and service what they were at the beginning, and
 * still allowed here? Returns 0 or the result code of the refusal. */
int transaction_still_the_same(struct transaction *);

/* Tells the person (unless PAM_SILENT) and writes the one line; returns the PAM result. */
int transaction_end(struct transaction *, const char *phase, int result);

#endif
