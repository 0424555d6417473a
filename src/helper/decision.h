/* SPDX-License-Identifier: MIT
 *
 * From tokens to the verdict, and what is kept of it: the end of every sign-in and of every
 * recheck.
 */
#ifndef HELPER_DECISION_H
#define HELPER_DECISION_H

#include <stdbool.h>

#include "helper/policy/access_request.h"

struct claims;
struct config;
struct flow;
struct keys;
struct outcome;
struct request;
struct ticket_body;

#define DECISION_HOST_MAX 256 /* Linux ends at 64 */

struct decision {
	struct flow *flow;
	const struct claims *claims;
	char host[DECISION_HOST_MAX];
	struct access_request request;
};

/* The flow's token that decides - the ID token, or the access token where there is no other
 * - verified, and everything checked that must be true of it. *out is NULL unless 0 is
 * returned; the caller frees it. Returns 0, or as keys_verify() and claims_check() with the
 * flow's detail set. */
int decision_prove(struct flow *, struct keys *, long long now, struct claims **out);

/* Asks what these claims mean for this request. Points into the arguments and itself. */
void decision_begin(struct decision *, struct flow *, const struct request *,
    const struct claims *, bool mfa_answered, long long now);

/* Are these claims those of the local user? */
bool decision_is_user(const struct decision *);

/* Mapping and rules: the outcome's result, rule, sub, and message where there is one. */
void decision_make(const struct decision *, struct outcome *);

/* Nothing allows it, but would if the person had signed in now, with a second factor. */
bool decision_wants_fresh(const struct decision *);

/* Has the module keep it: what the rules say by claims that were verified age seconds ago,
 * and, with a body, the body and the claims as new ones. Whoever calls it knows whose claims
 * they are. Returns 0, RESULT_MEMORY, RESULT_TICKET_KEEP (more than a ticket
 * holds), or as frame_send(). */
int decision_keep(const struct decision *, const struct ticket_body *, long age);

/* Has the module mark the person's ticket as refused by Cognito. As frame_send(). */
int decision_refuse(const struct flow *);

/* For so many seconds claims are believed without asking again. */
long decision_believed(const struct config *);

/* Signed in, but as somebody else: says so in the outcome. */
void decision_tell_identity(const struct decision *, struct outcome *);

#endif
