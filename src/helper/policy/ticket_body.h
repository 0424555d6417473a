/* SPDX-License-Identifier: MIT
 *
 * The helper's part of a ticket: bytes to the module, JSON here.
 *
 *	{"version":1, "issuer":…, "client_id":…, "sub":…, "flow":…, "auth_time":…,
 *"mfa_answered":…, "claims": the payload of the token that verified, in base64url, "from":"api"
 *or "token_url", "endpoint":…, "refresh_token":…, "device_key":…}
 *
 * The last line is there only with a refresh token. Pure.
 */
#ifndef HELPER_POLICY_TICKET_BODY_H
#define HELPER_POLICY_TICKET_BODY_H

#include <stdbool.h>
#include <stddef.h>

#include "helper/policy/evidence.h"

struct buffer;
struct claims;
struct config;
struct json;

/* Who gave the refresh token, and will exchange it. */
enum ticket_source {
	TICKET_SOURCE_NONE,
	TICKET_SOURCE_API, /* the cognito-idp API, at api_url */
	TICKET_SOURCE_TOKEN_URL, /* an OAuth grant, at token_url */
};

/* Texts are borrowed: from the document of a decoded body, else from whoever filled it in. */
struct ticket_body {
	const char *flow; /* of the sign-in: "password", "device" or "browser" */
	struct evidence evidence; /* the sign-in's own; no refresh adds to it */
	enum ticket_source source; /* NONE exactly if there is no refresh token */
	const char *refresh_token; /* NULL: none is kept */
	const char *device_key; /* of a pool that tracks devices; NULL: none */
	const struct claims *claims;
	/* what a decoded body owns */
	struct json *document;
	struct claims *kept;
};

/* Appends the body for this configuration. Without keep_refresh_token, or where the refresh
 * token is longer than JWT_MAX, none goes in. Returns 0, RESULT_TOO_LARGE when it passes the
 * buffer's max, or another result code. */
int ticket_body_encode(const struct config *, const struct ticket_body *, struct buffer *out);

/* Only what ticket_body_encode() writes, for the same issuer, client and endpoint, whose
 * claims are this client's and name its sub; a time that has passed since is no fault.
 * ticket_body_forget() ends it. Returns 0, or RESULT_TICKET_NONE or RESULT_MEMORY with an
 * empty body. */
int ticket_body_decode(
    const struct config *, const char *text, size_t len, struct ticket_body *out);

/* Wipes and frees what is owned; the body is empty. */
void ticket_body_forget(struct ticket_body *);

#endif
