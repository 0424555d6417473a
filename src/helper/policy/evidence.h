/* SPDX-License-Identifier: MIT
 *
 * How old and how strong a sign-in is: what max_auth_age and require_mfa go by. Pure.
 */
#ifndef HELPER_POLICY_EVIDENCE_H
#define HELPER_POLICY_EVIDENCE_H

#include <stdbool.h>

struct claims;
struct config;

/* Zeroed it is as old as the epoch, and weak. */
struct evidence {
	long long auth_time; /* seconds since the epoch; negative: unknown */
	bool mfa; /* a second factor was proven */
};

/* Of the sign-in that this token came from. answered: a second factor was asked for and
 * accepted in it. A token with amr or acr decides alone whether one was proven. */
struct evidence evidence_of(const struct config *, const struct claims *, bool answered);

/* The same sign-in's after a refresh. What the new token says counts only against it: nobody
 * has signed in since. */
struct evidence evidence_refreshed(
    struct evidence, const struct config *, const struct claims *refreshed);

/* Does the token itself tell of a second factor? */
bool evidence_claims_mfa(const struct config *, const struct claims *);

#endif
