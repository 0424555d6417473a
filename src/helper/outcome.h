/* SPDX-License-Identifier: MIT
 *
 * From tokens to the RESULT frame: the end of every sign-in and of every recheck.
 */
#ifndef HELPER_OUTCOME_H
#define HELPER_OUTCOME_H

#include <stdbool.h>

#include "common/buffer.h"
#include "common/reason.h"

struct claims;
struct config;
struct flow;
struct keys;
struct record_identity;
struct request;
struct ticket_body;

/* What the module is told at the end. Texts are printable. */
struct outcome {
	int result; /* 0 or the result code of the refusal; RESULT_NONE until there is one */
	struct reason reason;
	char sub[256], rule[256], flow[16];
	/* for the ticket; empty where there is nothing to tell (message.h) */
	struct buffer body, decisions, exports;
	long lifetime; /* seconds */
	bool revoked; /* the expired ticket's refresh token */
	bool stale; /* stale_ok believed the claims */
	bool tracked; /* the pool remembers a device of this sign-in */
};

void outcome_begin(struct outcome *);
void outcome_free(struct outcome *);

/* Sends it as RESULT. Returns as frame_send(). */
int outcome_send(int fd, const struct outcome *);

/* The flow's token that decides - the ID token, or the access token where there is no other
 * - verified, and every check of its claims passed. *out is NULL unless 0 is returned; the
 * caller frees it. Returns 0, or as keys_verify() and claims_check() with the flow's reason
 * set. */
int outcome_prove(struct flow *, struct keys *, long long now, struct claims **out);

/* Whose the local account is, by its own record. False when the REQUEST has no such record. */
bool outcome_account(const struct request *, struct record_identity *out);

/* Asks the rules, once, about the claims of this ticket body, and fills the outcome. is_new:
 * the claims were verified now, else age seconds ago. Of a sign-in as another user nothing is
 * kept; a refreshed token belongs to its ticket whomever it names. Returns the outcome's
 * result. */
int outcome_decide(struct outcome *, struct flow *, const struct request *,
    const struct ticket_body *, bool is_new, long age);

/* The claims are not those of the local user: tells the person who they signed in as. */
void outcome_tell_identity(struct flow *, const struct claims *, const char *user);

/* Seconds for which claims are believed without a recheck. */
long outcome_believed(const struct config *);

#endif
