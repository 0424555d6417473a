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

/* Purpose "account": refreshes claims that are older than recheck. Returns 0 with the
 * outcome decided, or a result code. */
int recheck_account(struct flow *, struct keys *, const struct request *, struct outcome *);

/* Purpose "reuse": refreshes in any case. RESULT_ASK where a sign-in of now may do what the
 * ticket does not. */
int recheck_reuse(struct flow *, struct keys *, const struct request *, struct outcome *);

/* Purpose "revoke": ends the ticket's refresh token at Cognito. Returns RESULT_DONE, or why
 * not. */
int recheck_revoke(struct flow *, struct keys *, const struct request *, struct outcome *);

#endif
