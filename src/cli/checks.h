/* SPDX-License-Identifier: MIT
 *
 * The checks of a token, each with what was found, for people to read: verify, explain and
 * login report them.
 */
#ifndef CLI_CHECKS_H
#define CLI_CHECKS_H

#include <stdbool.h>
#include <stddef.h>

#include "helper/token/claims.h"

#define CHECKS_MAX 16 /* signature, payload and the eleven of claims.h */
#define CHECKS_DETAIL_MAX 320
#define CHECKS_REASON_MAX 352 /* a name and a detail */

struct arguments;
struct config;
struct output;

struct check {
	const char *name; /* static */
	bool is_good;
	char detail[CHECKS_DETAIL_MAX];
};

/* In the order of the verification. */
struct checks {
	size_t len;
	struct check rows[CHECKS_MAX];
};

void checks_add(struct checks *, const char *name, bool is_good, const char *detail);

/* Signature and payload of the token of the arguments (--token, or standard input), by the keys
 * of --jwks or the cached ones; with --jws-only the signature alone. *out are the claims, or
 * NULL if one of them fails; the caller frees them. False after complaining: nothing could be
 * judged. */
bool checks_of_token(
    struct checks *, const struct arguments *, const struct config *, struct claims **out);

/* All checks of the claims but the nonce, as a login with this configuration would judge them,
 * also after one that failed. */
void checks_of_claims(struct checks *, const struct claims *, const struct config *,
    enum token_use, long long now);

/* True if none failed, and reason is ""; otherwise it is "NAME: DETAIL" of the first. */
bool checks_reason(const struct checks *, char *reason, size_t size);

/* The JSON array "checks", or a line each. */
void checks_report(struct output *, const struct checks *);

#endif
