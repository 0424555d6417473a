/* SPDX-License-Identifier: MIT
 *
 * RFC 7517 key sets, reduced to what may sign a login token: RSA, 2048 to 4096 bits, odd
 * modulus, e = 65537, no ROCA fingerprint, use absent or "sig", alg absent or "RS256",
 * key_ops absent or containing "verify", kid a string of 1 to 128 bytes, no private member.
 * Any other key is skipped; two usable keys with one kid refuse the whole set.
 */
#ifndef HELPER_TOKEN_JWKS_H
#define HELPER_TOKEN_JWKS_H

#include <stdbool.h>
#include <stddef.h>

#define JWKS_TEXT_MAX (64u * 1024) /* Cognito's set of two keys is about 1 KiB */
#define JWKS_KEYS_MAX 64 /* counted with the skipped ones; bounds the work of one set */
#define JWKS_KID_MAX 128

struct buffer;
struct jwks;
struct evp_pkey_st;

/* Parses {"keys":[...]}. *out is NULL unless 0 is returned; the caller frees it. Returns 0
 * (at least one usable key), RESULT_JWKS or RESULT_MEMORY. Keys without a kid serve
 * jwks_only() alone. */
int jwks_parse(const char *text, size_t len, struct jwks **out);
void jwks_free(struct jwks *); /* NULL is accepted */

size_t jwks_count(const struct jwks *);

/* The key of this kid (exact bytes), borrowed, or NULL. */
struct evp_pkey_st *jwks_find(const struct jwks *, const char *kid);
/* The key when the set holds exactly one, borrowed, or NULL. */
struct evp_pkey_st *jwks_only(const struct jwks *);

/* The i-th usable key's kid ("" if it has none) and modulus bits, for people to read. */
const char *jwks_kid(const struct jwks *, size_t i);
int jwks_bits(const struct jwks *, size_t i);

/* ---- cached between logins -----------------------------------------------------------
 *
 *	pam_cognito_oidc jwks 1
 *	<certs_url>
 *	<seconds since the epoch when it was fetched>
 *	<SHA-256 of what follows, hex>
 *	<the key set as it was served>
 */
#define JWKS_FRESH_SECONDS 86400LL /* fetched again after a day */
#define JWKS_BELIEVED_SECONDS (7 * 86400LL) /* believed for a week while fetching fails */

/* Appends what is to be cached of a fetched text. Returns 0 or a result code. */
int jwks_cached_encode(
    const char *certs_url, long long now, const char *text, size_t len, struct buffer *out);

/* True if this was cached for this address, is whole, and is not from the future; then *out is
 * the caller's to free and *fetched is set. Anything else is treated as absent: *out is NULL.
 */
bool jwks_cached_decode(const char *cached, size_t len, const char *certs_url, long long now,
    struct jwks **out, long long *fetched);

#endif
