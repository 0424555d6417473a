/* SPDX-License-Identifier: MIT */
#include "helper/net/cognito_api.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/json/json.h"
#include "helper/token/base64url.h"
#include "helper/token/jwt.h"

#define BODY_MAX (2 * JWT_MAX) /* a token as a JSON string, and short members */

/* What each error means; any other is RESULT_POOL_ERROR. NotAuthorizedException and
 * ExpiredCodeException say many things, which only their words tell apart: the first row whose
 * words the message holds counts. */
static const struct {
	const char *type, *words;
	int result;
} errors[] = {
    {"NotAuthorizedException", "attempts exceeded", RESULT_ATTEMPTS},
    {"NotAuthorizedException", "User is disabled", RESULT_USER_DISABLED},
    {"NotAuthorizedException", "Temporary password has expired", RESULT_PASSWORD_EXPIRED},
    {"NotAuthorizedException", "User account has expired", RESULT_PASSWORD_EXPIRED},
    {"NotAuthorizedException", "Invalid session", RESULT_SESSION},
    {"NotAuthorizedException", "session is expired", RESULT_SESSION},
    {"NotAuthorizedException", "session can only be used once", RESULT_SESSION},
    {"NotAuthorizedException", "security reasons", RESULT_SECURITY},
    {"NotAuthorizedException", "Unable to verify secret", RESULT_CLIENT},
    {"NotAuthorizedException", "SecretHash", RESULT_CLIENT},
    {"NotAuthorizedException", "configured for secret", RESULT_CLIENT},
    {"NotAuthorizedException", "configured with secret", RESULT_CLIENT},
    {"NotAuthorizedException", "unauthorized attribute", RESULT_CLIENT},
    {"NotAuthorizedException", "", RESULT_PASSWORD},
    {"UserNotFoundException", "", RESULT_PASSWORD},
    {"UserLambdaValidationException", "", RESULT_LAMBDA},
    {"ForbiddenException", "", RESULT_FIREWALL},
    {"UserNotConfirmedException", "", RESULT_USER_NOT_CONFIRMED},
    {"PasswordResetRequiredException", "", RESULT_PASSWORD_RESET},
    {"InvalidPasswordException", "", RESULT_NEW_PASSWORD},
    {"PasswordHistoryPolicyViolationException", "", RESULT_NEW_PASSWORD},
    {"CodeMismatchException", "", RESULT_CODE},
    {"EnableSoftwareTokenMFAException", "", RESULT_CODE},
    {"ExpiredCodeException", "already been used", RESULT_CODE_USED},
    {"ExpiredCodeException", "already used", RESULT_CODE_USED},
    {"ExpiredCodeException", "", RESULT_SESSION},
    {"InvalidParameterException", "", RESULT_CLIENT},
    {"ResourceNotFoundException", "", RESULT_CLIENT},
    {"TooManyRequestsException", "", RESULT_THROTTLED},
    {"ThrottlingException", "", RESULT_THROTTLED},
    {"InternalErrorException", "", RESULT_POOL},
    {"UnexpectedLambdaException", "", RESULT_POOL},
    {"InvalidLambdaResponseException", "", RESULT_POOL},
    {"CodeDeliveryFailureException", "", RESULT_POOL},
    {"LimitExceededException", "", RESULT_ATTEMPTS},
    {"TooManyFailedAttemptsException", "", RESULT_ATTEMPTS},
    {"RefreshTokenReuseException", "", RESULT_REFRESH_REUSE},
    {"UnauthorizedException", "", RESULT_REFRESH_REFUSED}, /* another client's token */
    {"UnsupportedTokenTypeException", "", RESULT_REFRESH_REFUSED},
};

/* "com.amazon.coral.service#NotAuthorizedException:http://..." -> NotAuthorizedException */
static void plain_type(const char *type, char *out, size_t size)
{
	size_t len = strcspn(type, ",:");
	const char *hash = memchr(type, '#', len);
	if (hash != NULL) {
		len -= (size_t)(hash + 1 - type);
		type = hash + 1;
	}
	text_printable(type, len, out, size);
}

int cognito_api_result(const char *type, const char *message)
{
	char plain[96];
	plain_type(type, plain, sizeof(plain));
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (streq(plain, errors[i].type) &&
		    strcasestr(message, errors[i].words) != NULL)
			return errors[i].result;
	return RESULT_POOL_ERROR;
}

int cognito_api_secret_hash(const char *username, const char *client_id,
    const char *client_secret, char hash[COGNITO_API_HASH_MAX])
{
	struct buffer text = BUFFER_INIT(4096);
	unsigned char mac[SHA256_DIGEST_LENGTH];
	buffer_append_text(&text, username);
	buffer_append_text(&text, client_id);
	bool is_made =
	    text.error == 0 &&
	    HMAC(EVP_sha256(), client_secret, (int)strlen(client_secret),
		(const unsigned char *)buffer_text(&text), text.len, mac, NULL) != NULL;
	if (is_made)
		base64_encode(mac, sizeof(mac), hash);
	buffer_wipe(&text);
	return is_made ? 0 : RESULT_MEMORY;
}

/* An answer with any status but 200: Cognito names its error in a header, in "code" or in
 * "__type". */
static int refused(const struct http_answer *answer, struct reason *reason)
{
	struct json *body = NULL;
	char plain[96] = "";
	json_parse(buffer_text(&answer->body), answer->body.len, HTTP_BODY_MAX, &body, NULL);
	const struct cJSON *root = body != NULL ? json_root(body) : NULL;
	const char *type = answer->error_type[0] != '\0' ? answer->error_type
							 : json_member_string(root, "code");
	if (type == NULL)
		type = json_member_string(root, "__type");
	const char *message = json_member_string(root, "message");
	if (message == NULL)
		message = json_member_string(root, "Message");
	int r = http_judge(answer, 400);
	if (r == 0)
		r = type == NULL ? RESULT_ANSWER
				 : cognito_api_result(type, message != NULL ? message : "");
	if (type != NULL)
		plain_type(type, plain, sizeof(plain));
	/* npm's cognito-local does not know the operation, and will not the next time. */
	if (r == RESULT_POOL && streq(plain, "Unsupported"))
		r = RESULT_POOL_ERROR;
	http_refused(reason, r, plain, message);
	json_free(body);
	return r;
}

static void append(struct buffer *body, const char *name, const char *value)
{
	if (value == NULL)
		return;
	if (body->len > 0 && body->bytes[body->len - 1] != '{')
		buffer_append_byte(body, ',');
	json_write_string(body, name);
	buffer_append_byte(body, ':');
	if (json_write_string(body, value) == RESULT_JSON)
		body->error = RESULT_JSON; /* a local user name that is not UTF-8 */
}

struct call {
	const struct config *config;
	const struct cognito_request *request;
};

static int write_body(const void *arg, struct buffer *body)
{
	const struct call *call = arg;
	const struct config *config = call->config;
	const struct cognito_request *q = call->request;
	const char *hashed = q->username != NULL ? q->username : q->hashed;
	char text[COGNITO_API_HASH_MAX], *hash = NULL;
	if (hashed != NULL && config->client_secret != NULL) {
		hash = text;
		body->error = cognito_api_secret_hash(
		    hashed, config->client_id, config->client_secret, hash);
	}
	buffer_append_byte(body, '{');
	for (size_t i = 0; i < COGNITO_MEMBERS_MAX && q->members[i].name != NULL; i++)
		append(body, q->members[i].name, q->members[i].value);
	if (q->object != NULL)
		buffer_append_format(body, ",\"%s\":{", q->object);
	append(body, q->object != NULL ? "USERNAME" : "Username", q->username);
	append(body, q->object != NULL ? "SECRET_HASH" : "SecretHash", hash);
	for (size_t i = 0; i < COGNITO_PARAMETERS_MAX && q->parameters[i].name != NULL; i++)
		append(body, q->parameters[i].name, q->parameters[i].value);
	if (q->password != NULL)
		append(body, "PASSWORD", buffer_text(q->password));
	return buffer_append_text(body, q->object != NULL ? "}}" : "}");
}

static int read_answer(const struct cognito_request *q, const struct http_answer *answer,
    struct json **out, struct reason *reason)
{
	if (answer->status != 200)
		return refused(answer, reason);
	if (q->may_be_empty && answer->body.len == 0 && answer->json)
		return json_parse("{}", 2, HTTP_BODY_MAX, out, NULL);
	return http_parse(answer, 200, out);
}

int cognito_api_call(struct http *http, const struct config *config,
    const struct cognito_request *q, struct json **out, struct reason *reason)
{
	char target[128];
	const char *headers[] = {
	    "Content-Type: application/x-amz-json-1.1",
	    "Cache-Control: no-store",
	    target,
	    NULL,
	};
	struct http_answer answer = {.body = BUFFER_INIT(HTTP_BODY_MAX)};
	const struct call call = {config, q};
	struct http_body body = {write_body, &call, BUFFER_INIT(BODY_MAX)};
	int repeats = 0, r;
	*out = NULL;
	reason_clear(reason);
	snprintf(target, sizeof(target), "X-Amz-Target: AWSCognitoIdentityProviderService.%s",
	    q->operation);
	do {
		r = http_post(http, config->api_url, headers, &body, &answer, reason);
		if (r == 0)
			r = read_answer(q, &answer, out, reason);
	} while (http_repeat(http, q->repeat, r, &repeats));
	buffer_wipe(&body.text);
	buffer_wipe(&answer.body);
	return r;
}
