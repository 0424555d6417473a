/* SPDX-License-Identifier: MIT
 *
 * The OAuth 2.0 token endpoint (RFC 6749 section 3.2), and the two endpoints that are asked in
 * the same way: token revocation (RFC 7009) and device authorization (RFC 8628). Cognito's
 * token endpoint has no password grant; brokers and other providers have one.
 *
 * The device grant also speaks the dialect of AWS's sample in front of Cognito: one URL,
 * parameters in the query with their colons as they are, "denied", bare 401, 405, 500 and 502.
 */
#ifndef HELPER_NET_TOKEN_ENDPOINT_H
#define HELPER_NET_TOKEN_ENDPOINT_H

#include "helper/net/http.h"

/* The device_code of the sample has 64 characters; a provider may put a JWT there. */
#define DEVICE_CODE_MAX 4096
#define DEVICE_USER_CODE_MAX 32
#define DEVICE_URI_MAX 1024
#define DEVICE_INTERVAL 5 /* seconds, when the answer names none (RFC 8628 section 3.2) */

/* The answer to a device authorization request, checked: the user code is letters, digits
 * and dashes, the URIs are https and printable ASCII without spaces. */
struct device_authorization {
	char device_code[DEVICE_CODE_MAX + 1];
	char user_code[DEVICE_USER_CODE_MAX + 1];
	char verification_uri[DEVICE_URI_MAX + 1];
	char complete_uri[DEVICE_URI_MAX + 1]; /* "" when absent, and always for the sample */
	long long expires_in; /* seconds, at least 1 */
	long long interval; /* seconds, at least 1 */
};

/* grant_type=password (RFC 6749 section 4.3); the password is read when the form is written. As
 * all functions here, it authenticates the client as the configuration says (RFC 6749
 * section 2.3.1). *out is NULL unless 0 is returned (status 200, a JSON object without
 * "error"); the caller frees it. Returns 0, what http_post() and http_judge() return,
 * RESULT_JSON, RESULT_ANSWER, RESULT_CONFIG (client_id and secret too long for Basic), or the
 * code of the OAuth error: RESULT_PASSWORD (invalid_grant), RESULT_CLIENT (any other of RFC
 * 6749); then the reason is as http_refused() writes it. */
int token_endpoint_password(struct http *, const struct config *, const char *username,
    const struct buffer *password, struct json **out, struct reason *);

/* grant_type=authorization_code (RFC 6749 section 4.1.3), with the redirect_uri that the
 * authorization endpoint was given, and the code_verifier of PKCE (RFC 7636 section 4.5) unless
 * it is NULL. As token_endpoint_password(), but RESULT_AUTHORIZATION_CODE for invalid_grant:
 * the code is used, expired or another client's, or the verifier does not belong to it. */
int token_endpoint_code(struct http *, const struct config *, const char *code,
    const char *code_verifier, struct json **out, struct reason *);

/* grant_type=refresh_token (RFC 6749 section 6). As token_endpoint_password(), with
 * RESULT_PASSWORD for invalid_grant, too. */
int token_endpoint_refresh(struct http *, const struct config *, const char *refresh_token,
    struct json **out, struct reason *);

/* Revokes a refresh token at revocation_url, which must not be NULL (RFC 7009); a token that is
 * invalid already counts as revoked there. Returns 0 for status 200 whatever the body, else as
 * token_endpoint_password(). */
int token_endpoint_revoke(
    struct http *, const struct config *, const char *refresh_token, struct reason *);

/* Asks device_authorization_url for codes (RFC 8628 section 3.1). Returns 0, as
 * token_endpoint_password(), or RESULT_ANSWER when a member is missing or cannot be shown. */
int token_endpoint_authorize_device(
    struct http *, const struct config *, struct device_authorization *, struct reason *);

/* Asks for tokens once (RFC 8628 section 3.4). *out is NULL unless 0 is returned (it has an
 * access token). Returns 0, RESULT_DEVICE_PENDING, _SLOW_DOWN, _DENIED, _EXPIRED (also for
 * invalid_grant), or as token_endpoint_password(). */
int token_endpoint_device(struct http *, const struct config *,
    const struct device_authorization *, struct json **out, struct reason *);

/* Appends parameters as application/x-www-form-urlencoded. Returns 0 or the buffer's error. */
int token_endpoint_form(struct buffer *form, const struct parameter *);

/* Appends the configured scopes, separated by spaces. Returns 0 or the buffer's error. */
int token_endpoint_scope(struct buffer *, const struct config *);

#endif
