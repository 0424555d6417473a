/* SPDX-License-Identifier: MIT
 *
 * RFC 7515 compact JWS and RFC 7519 JWT, RS256 only. The algorithm is ours, never the token's.
 * Only jwt_verify() makes struct claims of a token: nothing can read a claim of a token that
 * did not verify.
 */
#ifndef HELPER_TOKEN_JWT_H
#define HELPER_TOKEN_JWT_H

#include <stdbool.h>
#include <stddef.h>

/* One token. Cognito promises no limit; 100 groups of 128 characters make 26 KiB. */
#define JWT_MAX (48u * 1024)

struct buffer;
struct claims;
struct jwks;

/* The signature alone: on 0 payload (emptied first, max at least JWT_MAX) holds the decoded
 * payload. kid_optional accepts a token without kid if the set holds exactly one key.
 * Header: at most 4 KiB, a strict JSON object; alg exactly "RS256"; typ absent or "JWT"; no
 * crit, jwk, jku, x5u, x5c, zip, b64, cty; kid a string of 1 to 128 bytes.
 * Returns 0, RESULT_TOKEN_FORM, _HEADER, _ALG, _KID, _KEY (kid not in the set), _SIGNATURE
 * or RESULT_MEMORY. */
int jws_verify(const char *token, size_t len, const struct jwks *, bool kid_optional,
    struct buffer *payload);

/* jws_verify() with a kid required, then the payload as a strict JSON object. *out is NULL
 * unless 0 is returned; the caller frees it with claims_free(). Also returns
 * RESULT_TOKEN_PAYLOAD. */
int jwt_verify(const char *token, size_t len, const struct jwks *, struct claims **out);

#endif
