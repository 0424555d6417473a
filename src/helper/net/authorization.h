/* SPDX-License-Identifier: MIT
 *
 * The authorization endpoint (RFC 6749 sections 4.1.1 and 4.1.2, OpenID Connect Core 3.1.2.1,
 * RFC 7636): the URL that a user opens in a browser, and what the user pastes back from there.
 * Nothing here goes over the network.
 */
#ifndef HELPER_NET_AUTHORIZATION_H
#define HELPER_NET_AUTHORIZATION_H

#include <stdbool.h>
#include <stddef.h>

struct buffer;
struct config;
struct reason;

/* auth_url and redirect_uri of 1 KiB each, the scopes, a name, and our own parameters. */
#define AUTHORIZATION_URL_MAX 6144
#define AUTHORIZATION_PASTED_MAX                                                               \
	500 /* bytes; sudo -S takes 511, a line of text all of them                            \
	     */
#define AUTHORIZATION_STATE_SHOWN 8 /* characters of the state after the code's dot */
#define AUTHORIZATION_RANDOM_MOST 32 /* bytes: what RFC 7636 section 4.1 recommends */
#define PKCE_TEXT_SIZE 44 /* 32 bytes in base64url, and NUL */

/* Proof Key for Code Exchange with the method S256: the code alone buys no tokens. */
struct pkce {
	char verifier[PKCE_TEXT_SIZE]; /* a secret until the code is exchanged */
	char challenge[PKCE_TEXT_SIZE];
};

/* What differs between sign-ins; borrowed. */
struct authorization_request {
	const char *state, *nonce; /* base64url */
	const char *challenge; /* of PKCE; NULL: none */
	const char *login_hint; /* "" for none */
	bool fresh; /* prompt=login: the user must sign in even if the browser has a session */
};

/* len random bytes, at most AUTHORIZATION_RANDOM_MOST, in base64url: out has room for
 * (4 * len + 2) / 3 characters and NUL. Returns 0 or RESULT_MEMORY. */
int authorization_random(size_t len, char *out);

/* A fresh pair. Returns 0 or RESULT_MEMORY. */
int authorization_pkce(struct pkce *);

/* The challenge that belongs to a verifier. Returns 0 or RESULT_MEMORY. */
int authorization_challenge(const char *verifier, char challenge[PKCE_TEXT_SIZE]);

/* Appends the URL, as short as it can be: auth_url with its own query, then our parameters, in
 * which a space is "+" and only what must be encoded is. Returns 0, RESULT_TOO_LARGE or
 * RESULT_MEMORY. */
int authorization_url(
    const struct config *, const struct authorization_request *, struct buffer *url);

/* Finds the code in what the user pasted: the code alone, the code and a part of the state as
 * docs/callback.html shows them, or the whole URL of the page that the browser landed on.
 *Spaces and quotes around it are ignored. Only printable ASCII without spaces can be a code. A
 *URL must have the whole state; the eight characters after a dot must be the first of the
 *state. code is "" unless 0 is returned. Returns 0, or RESULT_CANCELLED	nothing was
 *pasted RESULT_ANSWER_LONG	more than AUTHORIZATION_PASTED_MAX bytes
 *	RESULT_AUTHORIZATION_TWICE	the same text two times in a row
 *	RESULT_AUTHORIZATION_FORM	no code, or more than one
 *	RESULT_AUTHORIZATION_STATE	another sign-in's state, or none
 *	RESULT_AUTHORIZATION_ERROR	the URL has an error: it is the reason's detail, with
 *its description, and the message explains it. The state is not checked then: who forges an
 *error gains nothing. */
int authorization_response_code(const char *pasted, const char *state,
    char code[AUTHORIZATION_PASTED_MAX + 1], struct reason *);

#endif
