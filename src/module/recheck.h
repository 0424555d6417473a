/* SPDX-License-Identifier: MIT
 *
 * A ticket that is asked about: judged, locked, refreshed by the helper, written. Who asks
 * decides what the answer is for: account.h, and auth with the option reuse.
 */
#ifndef MODULE_RECHECK_H
#define MODULE_RECHECK_H

#include <stdbool.h>

#include "module/ticket.h"
#include "module/ticket_line.h"

struct transaction;

/* Whose ticket this transaction looks for. Borrows the transaction's text. */
void recheck_owner(const struct transaction *, struct ticket_owner *);

/* Is it live? Returns 0 or RESULT_TICKET_NONE, which also is said of a refused one. */
int recheck_judge(struct transaction *, const struct ticket *);

/* Does a line of it still allow this service, by the configuration of now? */
bool recheck_holds(const struct transaction *, const struct ticket *, struct ticket_line *);

/* Takes the lock and lets the helper decide, purpose "account" or "reuse". pending: a
 * ticket that is not on the disk; it is changed in memory. Any other is read again under the
 * lock first, and every change is written before anything else happens; for "account" one
 * that another process has just refreshed is taken as it is.
 *
 * Returns 0 (allowed), RESULT_TICKET_LOCK, RESULT_TICKET_KEEP, RESULT_TICKET_NONE, or why
 * the helper says no. */
int recheck_run(struct transaction *, const char *purpose, struct ticket *, bool pending);

/* Writes a pending ticket, under the lock. Returns 0, RESULT_TICKET_LOCK or
 * RESULT_TICKET_KEEP. */
int recheck_keep(struct transaction *, const struct ticket *);

/* After a no about this person: freshly verified claims take the place of what the kept, live
 * ticket of the same sub knows, and Cognito's own no ends it. Where there is no such ticket
 * none is made; one that cannot be changed is taken away. Other noes change nothing. */
void recheck_replace(struct transaction *, int result, const struct ticket *fresh);

/* Auth with the option reuse: is this a place where the kernel vouches for the person? */
bool recheck_may_reuse(const struct transaction *);

/* The course of it. Returns 0 (allowed), RESULT_ASK (the normal flow is to ask), or why
 * not. */
int recheck_reuse(struct transaction *);

#endif
