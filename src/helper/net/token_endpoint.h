/* SPDX-License-Identifier: MIT
 *
 * The OAuth 2.0 token endpoint (RFC 6749 section 3.2). Cognito's own knows no password
 * grant; brokers and other providers do.
 */
#ifndef HELPER_NET_TOKEN_ENDPOINT_H
#define HELPER_NET_TOKEN_ENDPOINT_H

#include "helper/net/cognito_api.h"

#define TOKEN_FORM_MAX (8u * 1024) /* an answer of 1 KiB, each byte as %XX, and a name */

/* grant_type=password (RFC 6749 section 4.3). The client authenticates by Basic when it
 * has a secret. *out is NULL unless 0 is returned (status 200, a JSON object without
 * "error"); the caller frees it. Returns 0, what http_post() and http_judge() return,
 * RESULT_JSON, RESULT_ANSWER, or the code of the error: RESULT_PASSWORD (invalid_grant),
 * RESULT_CLIENT (any other of RFC 6749). error->type is the OAuth error. */
int token_endpoint_password(struct http *, const struct config *, const char *username,
    const char *password, struct json **out, struct api_error *error);

/* grant_type=authorization_code (RFC 6749 section 4.1.3), with redirect_uri as the
 * authorization endpoint was told, and PKCE's verifier (RFC 7636 section 4.5) unless it is
 * NULL. As token_endpoint_password(), but RESULT_AUTHORIZATION_CODE for invalid_grant: used,
 * expired, another client's, or the verifier is not this code's. */
int token_endpoint_code(struct http *, const struct config *, const char *code,
    const char *verifier, struct json **out, struct api_error *error);

/* grant_type=refresh_token (RFC 6749 section 6). As token_endpoint_password();
 * invalid_grant is RESULT_PASSWORD here too. */
int token_endpoint_refresh(struct http *, const struct config *, const char *refresh_token,
    struct json **out, struct api_error *error);

/* Revokes a refresh token at revocation_url, which must be there (RFC 7009). A token that is
 * dead already is as well revoked. Returns 0 for status 200 whatever the body, else as
 * token_endpoint_password(). */
int token_endpoint_revoke(
    struct http *, const struct config *, const char *refresh_token, struct api_error *error);

/* ---- for other grants and their endpoints ------------------------------------------ */

/* Appends name=value, encoded, to a form or a query. Returns 0 or a result code. */
int token_endpoint_field(struct buffer *form, const char *name, const char *value);
/* Appends scope=... if the configuration names scopes. */
int token_endpoint_scopes(struct buffer *form, const struct config *);

/* The client authenticates (RFC 6749 section 2.3.1): a header line for authorization, or
 * fields of the form; a public one by its client_id alone. */
int token_endpoint_authenticate(
    const struct config *, struct buffer *form, struct buffer *authorization);

/* Posts a form. As token_endpoint_password(), and RFC 8628's errors: RESULT_DEVICE_PENDING,
 * _SLOW_DOWN, _DENIED, _EXPIRED. */
int token_endpoint_post(struct http *, const char *url, const struct buffer *form,
    const struct buffer *authorization, struct json **out, struct api_error *error);

#endif
