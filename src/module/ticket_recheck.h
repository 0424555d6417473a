/* SPDX-License-Identifier: MIT
 *
 * Asking about a ticket: judge it, lock it, let the helper decide or refresh, write it. What
 * the answer is for is the caller's business: account, and auth with the option reuse.
 */
#ifndef MODULE_TICKET_RECHECK_H
#define MODULE_TICKET_RECHECK_H

#include <stdbool.h>

#include "common/request.h"
#include "module/ticket.h"

struct transaction;

/* Is it live? Returns 0, or RESULT_TICKET_NONE with the transaction's reason set. */
int ticket_recheck_judge(struct transaction *, const struct ticket *);

/* Does it still allow this service, under the configuration of now? */
bool ticket_recheck_holds(const struct transaction *, const struct ticket *);

/* Takes the lock and lets the helper decide, for PURPOSE_ACCOUNT or PURPOSE_REUSE. pending: a
 * ticket that is not on the disk; it is changed in memory alone. Any other is read again under
 * the lock first, and every change is written before anything else happens; for
 * PURPOSE_ACCOUNT one that another process has just refreshed is taken as it is.
 *
 * Returns 0 (allowed), RESULT_TICKET_LOCK, RESULT_TICKET_KEEP, RESULT_TICKET_NONE, or why
 * the helper refuses. */
int ticket_recheck_run(struct transaction *, enum purpose, struct ticket *, bool pending);

/* Writes a pending ticket under the lock. At a pool that tracks devices the ticket that it
 * replaces is revoked afterwards, else that one's device would stay there. Returns 0,
 * RESULT_TICKET_LOCK or RESULT_TICKET_KEEP. */
int ticket_recheck_keep(struct transaction *, const struct ticket *);

/* After a refusal (result) in a sign-in that left fresh: freshly verified claims replace what
 * the live ticket on the disk knows of the same sub, and Cognito's own refusal of the user ends
 * that ticket. Where there is none, none is made. Other refusals change nothing. At a pool that
 * tracks devices, the ticket of the two that is over by that is revoked. */
void ticket_recheck_replace(struct transaction *, int result, const struct ticket *fresh);

#endif
