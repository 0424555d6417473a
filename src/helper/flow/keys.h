/* SPDX-License-Identifier: MIT
 *
 * The pool's key set (certs_url) during one login: kept from an earlier one, or fetched.
 */
#ifndef HELPER_FLOW_KEYS_H
#define HELPER_FLOW_KEYS_H

#include <stdbool.h>

struct claims;
struct flow;
struct jwks;

struct keys {
	struct jwks *jwks; /* owned */
	long long fetched; /* seconds since the epoch */
	bool fetched_now; /* in this login: fetching again would bring the same */
};

/* Has keys ready: kept ones that are young enough, or fetched ones, or kept ones that are
 * not too old to be believed meanwhile. Returns 0, or as http_get(), RESULT_JWKS. */
int keys_load(struct flow *, struct keys *, long long now);

/* Verifies a token of this login: with the kept keys if they are young enough, else with
 * fetched ones; and once more with fetched ones when the token's key is not among them and
 * the module grants it. *out is NULL unless 0 is returned. Returns what jwt_verify()
 * returns, or RESULT_JWKS and what http_get() returns, with the flow's detail set. */
int keys_verify(
    struct flow *, struct keys *, const char *token, long long now, struct claims **out);

void keys_free(struct keys *);

#endif
