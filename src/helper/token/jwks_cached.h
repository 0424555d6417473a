/* SPDX-License-Identifier: MIT
 *
 * A key set as it is kept between logins. Text:
 *
 *	pam_cognito_oidc jwks 1
 *	<certs_url>
 *	<seconds since the epoch when it was fetched>
 *	<SHA-256 of what follows, hex>
 *	<the key set as it was served>
 *
 * Anything odd about it - another address, a wrong sum, a moment that has not come yet - is
 * as good as absent. Pure.
 */
#ifndef HELPER_TOKEN_JWKS_CACHED_H
#define HELPER_TOKEN_JWKS_CACHED_H

#include <stdbool.h>
#include <stddef.h>

struct buffer;
struct jwks;

#define JWKS_FRESH_SECONDS 86400LL /* fetched anew after a day */
#define JWKS_BELIEVED_SECONDS (7 * 86400LL) /* while it cannot be, believed for a week */
#define JWKS_URL_MAX 1024

/* True if this was kept for this address, is whole, and is not from the future; then *out
 * is the caller's to free and *fetched set. */
bool jwks_cached_decode(const char *kept, size_t len, const char *certs_url, long long now,
    struct jwks **out, long long *fetched);

/* Appends what is to be kept of a fetched text. Returns 0 or a result code. */
int jwks_cached_encode(
    const char *certs_url, long long now, const char *text, size_t len, struct buffer *out);

#endif
