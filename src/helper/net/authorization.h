/* SPDX-License-Identifier: MIT
 *
 * The authorization endpoint (RFC 6749 section 4.1.1, OpenID Connect Core 3.1.2.1): the
 * address that a person opens in a browser. Nothing here goes over the network.
 */
#ifndef HELPER_NET_AUTHORIZATION_H
#define HELPER_NET_AUTHORIZATION_H

#include <stdbool.h>

struct buffer;
struct config;

/* auth_url and redirect_uri of 1 KiB each, the scopes, a name and what is ours. */
#define AUTHORIZATION_URL_MAX 6144

/* What is different in every login; borrowed. */
struct authorization_request {
	const char *state, *nonce; /* base64url */
	const char *challenge; /* PKCE's, S256; NULL: none */
	const char *login_hint; /* "" for none */
	bool fresh; /* a session that the browser has does not do: prompt=login */
};

/* Appends the address, as short as it can be: auth_url with its own query, then ours, in
 * which only what must be is encoded (a space is "+"). Returns 0, RESULT_TOO_LARGE or
 * RESULT_MEMORY. */
int authorization_url(
    const struct config *, const struct authorization_request *, struct buffer *url);

#endif
