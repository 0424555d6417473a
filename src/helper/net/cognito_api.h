/* SPDX-License-Identifier: MIT
 *
 * The cognito-idp API, as far as it needs no AWS credentials: one POST per operation.
 */
#ifndef HELPER_NET_COGNITO_API_H
#define HELPER_NET_COGNITO_API_H

#include <stddef.h>

struct buffer;
struct config;
struct http;
struct json;

/* What Cognito said when it refused: for the log and the person. Printable. */
struct api_error {
	char type[96]; /* "NotAuthorizedException"; "" when the answer was none of Cognito's */
	char message[256]; /* its text, or libcurl's */
};

/* Calls an operation with a JSON body. *out is NULL unless 0 is returned; the caller frees
 * it. Returns 0 (status 200, a JSON object), what http_post() and http_judge() return,
 * RESULT_JSON, RESULT_ANSWER, or the code of Cognito's error. */
int cognito_api_call(struct http *, const struct config *, const char *operation,
    const struct buffer *body, struct json **out, struct api_error *);

/* The result code of an error: its type (with or without a namespace before '#' or a tail
 * after ':' or ',') and, for NotAuthorizedException, the words of its message. Those are
 * no stable interface, so what is not recognised is a wrong password. */
int cognito_api_result(const char *type, const char *message);

#endif
