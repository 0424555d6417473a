/* SPDX-License-Identifier: MIT
 *
 * Every check of a token, with what was found, for people to read.
 */
#ifndef CLI_RUNGS_H
#define CLI_RUNGS_H

#include <stdbool.h>
#include <stddef.h>

#include "helper/token/claims.h"

#define RUNGS_MAX 16 /* signature, payload and claims_ladder's eleven */
#define RUNGS_REASON_MAX 352

struct buffer;
struct claims;
struct config;
struct jwks;
struct output;

struct rung {
	const char *name; /* static */
	bool is_good;
	char detail[320];
};

struct rungs {
	size_t len;
	struct rung rows[RUNGS_MAX];
};

void rungs_add(struct rungs *, const char *name, bool is_good, const char *detail);

/* What jws_verify() or jwt_verify() returned of a token. */
void rungs_of_signature(struct rungs *, int result);

/* The signature and the payload of a token; *out are the claims, or NULL, and the caller
 * frees them. */
void rungs_of_token(
    struct rungs *, const struct buffer *token, const struct jwks *, struct claims **out);

/* The whole ladder of claims, as a login with this configuration would judge it: each rung,
 * also after one that failed; but no nonce. */
void rungs_of_claims(struct rungs *, const struct claims *, const struct config *,
    enum token_use, long long now);

/* The first that failed, or NULL. */
const struct rung *rungs_failed(const struct rungs *);

/* True if none failed; otherwise the first reason is written. */
bool rungs_reason(const struct rungs *, char *out, size_t size);

/* The array "checks", or a line each. */
void rungs_report(struct output *, const struct rungs *);

#endif
