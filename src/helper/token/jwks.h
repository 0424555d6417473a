/* SPDX-License-Identifier: MIT
 *
 * RFC 7517 key sets, reduced to what may sign a login token: RSA, 2048 to 4096 bits, odd
 * modulus, e = 65537, no ROCA fingerprint, use absent or "sig", alg absent or "RS256",
 * key_ops absent or containing "verify", kid a string of 1 to 128 bytes, no private member
 * (whoever read the set could sign with it). A key that is not of this kind is skipped; two
 * usable keys of one kid refuse the whole set.
 */
#ifndef HELPER_TOKEN_JWKS_H
#define HELPER_TOKEN_JWKS_H

#include <stddef.h>

#define JWKS_TEXT_MAX (64u * 1024) /* Cognito's set of two keys is about 1 KiB */
#define JWKS_KEYS_MAX 64 /* counted with the skipped ones; bounds the work of one set */
#define JWKS_KID_MAX 128

struct jwks;
struct evp_pkey_st;

/* Parses {"keys":[...]}. *out is NULL unless 0 is returned; the caller frees it. Returns 0
 * (at least one usable key), RESULT_JWKS or RESULT_MEMORY. Keys without a kid are kept
 * only for jwks_only(). */
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

#endif
