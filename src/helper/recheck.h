/* SPDX-License-Identifier: MIT
 *
 * Deciding again by a ticket: what the rules say of its claims, which are refreshed at
 * Cognito first when they are too old. Nobody is asked anything.
 */
#ifndef HELPER_RECHECK_H
#define HELPER_RECHECK_H

struct flow;
struct keys;
struct outcome;
struct request;

/* By the request's purpose: ACCOUNT refreshes claims that are older than recheck, REUSE in any
 * case; REVOKE revokes the ticket's refresh token at Cognito: RESULT_TICKET_NONE when there is
 * nothing to revoke, or nowhere to. Returns 0 or a result code, with the outcome filled and the
 * flow's reason set. */
int recheck_run(struct flow *, struct keys *, const struct request *, struct outcome *);

#endif
