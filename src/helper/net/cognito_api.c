/* SPDX-License-Identifier: MIT */
#include "helper/net/cognito_api.h"

#include <stdio.h>
#include <string.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"
#include "helper/net/http.h"
#include "helper/config/config.h"

static const struct {
	const char *type;
	int result;
} errors[] = {
    {"NotAuthorizedException", RESULT_PASSWORD}, /* see not_authorized[] */
    {"UserNotFoundException", RESULT_PASSWORD},
    {"UserNotConfirmedException", RESULT_USER_NOT_CONFIRMED},
    {"PasswordResetRequiredException", RESULT_PASSWORD_RESET},
    {"InvalidPasswordException", RESULT_NEW_PASSWORD},
    {"PasswordHistoryPolicyViolationException", RESULT_NEW_PASSWORD},
    {"CodeMismatchException", RESULT_CODE},
    {"EnableSoftwareTokenMFAException", RESULT_CODE},
    {"ExpiredCodeException", RESULT_SESSION},
    {"InvalidParameterException", RESULT_CLIENT},
    {"ResourceNotFoundException", RESULT_CLIENT},
    {"TooManyRequestsException", RESULT_THROTTLED},
    {"ThrottlingException", RESULT_THROTTLED},
    {"LimitExceededException", RESULT_ATTEMPTS},
    {"TooManyFailedAttemptsException", RESULT_ATTEMPTS},
    {"InvalidUserPoolConfigurationException", RESULT_POOL},
    {"MFAMethodNotFoundException", RESULT_POOL},
    {"SoftwareTokenMFANotFoundException", RESULT_POOL},
    {"UnsupportedOperationException", RESULT_POOL},
    {"OperationNotEnabledException", RESULT_POOL},
    {"FeatureUnavailableInTierException", RESULT_POOL},
    {"ForbiddenException", RESULT_POOL},
    {"UnexpectedLambdaException", RESULT_POOL},
    {"UserLambdaValidationException", RESULT_POOL},
    {"InvalidLambdaResponseException", RESULT_POOL},
    {"AliasExistsException", RESULT_POOL},
    {"CodeDeliveryFailureException", RESULT_POOL},
    {"InvalidSmsRoleAccessPolicyException", RESULT_POOL},
    {"InvalidSmsRoleTrustRelationshipException", RESULT_POOL},
    {"InvalidEmailRoleAccessPolicyException", RESULT_POOL},
    {"InternalErrorException", RESULT_POOL},
    {"RefreshTokenReuseException", RESULT_REFRESH_REUSE},
    {"UnauthorizedException", RESULT_REFRESH_REFUSED}, /* another client's token */
    {"UnsupportedTokenTypeException", RESULT_REFRESH_REFUSED},
};

/* NotAuthorizedException says six different things; only its words tell them apart. The
 * more particular phrases stand first. */
static const struct {
	const char *words;
	int result;
} not_authorized[] = {
    {"attempts exceeded", RESULT_ATTEMPTS},
    {"User is disabled", RESULT_USER_DISABLED},
    {"Temporary password has expired", RESULT_PASSWORD_EXPIRED},
    {"Invalid session", RESULT_SESSION},
    {"session is expired", RESULT_SESSION},
    {"session can only be used once", RESULT_SESSION},
    {"Unable to verify secret", RESULT_CLIENT},
    {"SecretHash", RESULT_CLIENT},
    {"configured for secret", RESULT_CLIENT},
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
	int result = RESULT_POOL;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (streq(plain, errors[i].type))
			result = errors[i].result;
	if (!streq(plain, "NotAuthorizedException"))
		return result;
	for (size_t i = 0; i < sizeof(not_authorized) / sizeof(not_authorized[0]); i++)
		if (strcasestr(message, not_authorized[i].words) != NULL)
			return not_authorized[i].result;
	return result;
}

static void copy_printable(const char *text, char *out, size_t size)
{
	if (text != NULL)
		text_printable(text, strlen(text), out, size);
}

/* Any answer but 200: Cognito names its error in a header, in "code" or in "__type". */
static int refused(const struct http_answer *answer, struct api_error *error)
{
	struct json *body = NULL;
	const char *type = answer->error_type, *message = NULL;
	json_parse(buffer_text(&answer->body), answer->body.len, HTTP_BODY_MAX, &body, NULL);
	const struct cJSON *root = body != NULL ? json_root(body) : NULL;
	if (type[0] == '\0')
		type = json_member_string(root, "code");
	if (type == NULL)
		type = json_member_string(root, "__type");
	message = json_member_string(root, "message");
	if (message == NULL)
		message = json_member_string(root, "Message");
	int r = http_judge(answer, 400);
	if (r == 0 && type == NULL)
		r = RESULT_ANSWER;
	copy_printable(message, error->message, sizeof(error->message));
	if (type != NULL)
		plain_type(type, error->type, sizeof(error->type));
	if (r == 0)
		r = cognito_api_result(error->type, message != NULL ? message : "");
	json_free(body);
	return r;
}

static int accepted(const struct http_answer *answer, struct json **out)
{
	/* RevokeToken may say nothing at all, and in no type. */
	if (answer->body.len == 0)
		return json_parse("{}", 2, HTTP_BODY_MAX, out, NULL);
	int r = http_judge(answer, 200);
	if (r != 0)
		return r;
	r = json_parse(buffer_text(&answer->body), answer->body.len, HTTP_BODY_MAX, out, NULL);
	if (r == 0 && json_type(json_root(*out)) != JSON_OBJECT) {
		json_free(*out);
		*out = NULL;
		r = RESULT_ANSWER;
	}
	return r;
}

int cognito_api_call(struct http *http, const struct config *config, const char *operation,
    const struct buffer *body, struct json **out, struct api_error *error)
{
	char target[128];
	const char *headers[] = {
	    "Content-Type: application/x-amz-json-1.1",
	    "Cache-Control: no-store",
	    target,
	    NULL,
	};
	struct http_answer answer = HTTP_ANSWER_INIT(HTTP_BODY_MAX);
	*out = NULL;
	error->type[0] = error->message[0] = '\0';
	snprintf(target, sizeof(target), "X-Amz-Target: AWSCognitoIdentityProviderService.%s",
	    operation);
	int r = http_post(http, config->api_url, headers, body, &answer);
	if (r != 0)
		copy_printable(http_why(http), error->message, sizeof(error->message));
	else if (answer.status == 200)
		r = accepted(&answer, out);
	else
		r = refused(&answer, error);
	buffer_wipe(&answer.body);
	return r;
}
