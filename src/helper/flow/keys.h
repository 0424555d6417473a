/* SPDX-License-Identifier: MIT
 *
 * The pool's key set (certs_url) during one login: cached by an earlier login, or fetched now.
 */
#ifndef HELPER_FLOW_KEYS_H
#define HELPER_FLOW_KEYS_H

#include <stdbool.h>
#include <stdint.h>

struct claims;
struct flow;
struct jwks;

struct keys {
	struct jwks *jwks; /* owned; NULL: none yet */
	long long fetched; /* seconds since the epoch */
	uint64_t hash; /* of the cached text that it came from */
	bool fetched_now; /* after the token was issued: fetching again would bring the same */
};

/* This work verifies a token: the host of certs_url is needed, or, with a fresh set at hand,
 * needed only for a new key. */
void keys_need(struct flow *, const struct keys *, long long now);

/* Has keys ready: a cached set younger than JWKS_FRESH_SECONDS; else a fetched one; else, when
 * fetching fails, a cached one younger than JWKS_BELIEVED_SECONDS. A fetched set is stored.
 * Returns 0, or as http_get(), RESULT_JWKS, with the flow's reason set. */
int keys_load(struct flow *, struct keys *, long long now);

/* Verifies a token of this login by keys_load()'s keys, and if its key is not among them, once
 * more by fetched ones if the module allows it: five minutes must have passed since the last
 * time. *out is NULL unless 0 is returned; the caller frees it. Returns 0, as jwt_verify(), or
 * as keys_load(), with the flow's reason set. */
int keys_verify(
    struct flow *, struct keys *, const char *token, long long now, struct claims **out);

void keys_free(struct keys *);

#endif
