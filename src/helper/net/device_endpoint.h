/* SPDX-License-Identifier: MIT
 *
 * RFC 8628 on the wire, and the dialect of AWS's sample in front of Cognito: one address,
 * parameters in the query with colons as they are, "denied", bare 401, 405, 500 and 502.
 */
#ifndef HELPER_NET_DEVICE_ENDPOINT_H
#define HELPER_NET_DEVICE_ENDPOINT_H

#include "helper/net/cognito_api.h"

#define DEVICE_CODE_MAX                                                                        \
	4096 /* the sample's has 64 characters; providers may put a JWT there                  \
	      */
#define DEVICE_USER_CODE_MAX 32
#define DEVICE_URI_MAX 1024
#define DEVICE_INTERVAL 5 /* seconds, when the answer names none (RFC 8628 section 3.2) */

/* The answer to a device authorization request, checked: the user code is letters, digits
 * and dashes, the addresses are printable and https. */
struct device_authorization {
	char device_code[DEVICE_CODE_MAX + 1];
	char user_code[DEVICE_USER_CODE_MAX + 1];
	char verification_uri[DEVICE_URI_MAX + 1];
	char complete_uri[DEVICE_URI_MAX + 1]; /* "" when none; never the sample's */
	long long expires_in; /* seconds, at least 1 */
	long long interval; /* seconds, at least 1 */
};

/* Asks for codes. Returns 0, or as token_endpoint_post(), RESULT_ANSWER for an answer that
 * cannot be shown or lacks something. */
int device_endpoint_authorize(
    struct http *, const struct config *, struct device_authorization *, struct api_error *);

/* Asks for tokens once. *out is NULL unless 0 is returned (an access token is there).
 * Returns 0, RESULT_DEVICE_PENDING, _SLOW_DOWN, _DENIED, _EXPIRED, or another code. */
int device_endpoint_poll(struct http *, const struct config *,
    const struct device_authorization *, struct json **out, struct api_error *);

#endif
