/* SPDX-License-Identifier: MIT
 *
 * The operations of the cognito-idp API that need no AWS credentials: one POST each.
 */
#ifndef HELPER_NET_COGNITO_API_H
#define HELPER_NET_COGNITO_API_H

#include "helper/net/http.h"

#define COGNITO_MEMBERS_MAX 5
#define COGNITO_PARAMETERS_MAX 17 /* a new password and 16 attributes */
#define COGNITO_API_HASH_MAX 45 /* base64 of 32 bytes, and NUL */

/* One operation and its body: {members, "object": {parameters}}. Both lists end at the first
 * row without a name. Borrowed. */
struct cognito_request {
	const char *operation; /* "InitiateAuth" */
	struct parameter members[COGNITO_MEMBERS_MAX]; /* ClientId, which most of them need */
	const char *object; /* "AuthParameters", "ChallengeResponses"; NULL: none */
	struct parameter parameters[COGNITO_PARAMETERS_MAX];
	/* Adds USERNAME, and SECRET_HASH if the app client has a secret, to the object; or
	 * Username and SecretHash to the body where there is no object. NULL: neither. */
	const char *username;
	/* Adds PASSWORD to the object; read when the body is written. NULL: none. */
	const struct buffer *password;
	bool may_be_empty; /* Cognito documents an answer without a body */
	enum http_repeat repeat; /* HTTP_REPEAT_FAILED only without a password, code or proof */
	const char *hashed; /* adds the SECRET_HASH of this user name alone; NULL: does not */
};

/* Calls the operation, again where http_repeat() says so. *out is NULL unless 0 is returned;
 * the caller frees it. Returns 0 (status 200, a JSON object), what http_post() and http_judge()
 * return, RESULT_JSON, RESULT_ANSWER, RESULT_TOO_LARGE, RESULT_MEMORY, or the code of Cognito's
 * error; then the reason is as http_refused() writes it ("CodeMismatchException: Invalid code
 * ..."). */
int cognito_api_call(struct http *, const struct config *, const struct cognito_request *,
    struct json **out, struct reason *);

/* The result code of an error: its type (with or without a namespace before '#' or a tail
 * after ':' or ',') and, for NotAuthorizedException, the words of its message. These words are
 * no stable interface, so any others mean a wrong password. */
int cognito_api_result(const char *type, const char *message);

/* SECRET_HASH: base64(HMAC-SHA256(client_secret, username || client_id)). Returns 0 or
 * RESULT_MEMORY. */
int cognito_api_secret_hash(const char *username, const char *client_id,
    const char *client_secret, char hash[COGNITO_API_HASH_MAX]);

#endif
