/* SPDX-License-Identifier: MIT
 *
 * Every error that Cognito documents, and the PAM result it becomes.
 */
#include <security/_pam_types.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "common/result.h"
#include "helper/net/cognito_api.h"

static const struct {
	const char *type, *message;
	int pam;
} rows[] = {
    {"NotAuthorizedException", "Incorrect username or password.", PAM_AUTH_ERR},
    {"NotAuthorizedException", "words that nobody has seen yet", PAM_AUTH_ERR},
    {"NotAuthorizedException", "Password attempts exceeded", PAM_MAXTRIES},
    {"NotAuthorizedException", "password attempts exceeded", PAM_MAXTRIES},
    {"NotAuthorizedException", "User is disabled.", PAM_ACCT_EXPIRED},
    {"NotAuthorizedException", "Invalid session for the user.", PAM_AUTH_ERR},
    {"NotAuthorizedException", "Invalid session for the user, session is expired.",
	PAM_AUTH_ERR},
    {"NotAuthorizedException", "Invalid session for the user, session can only be used once.",
	PAM_AUTH_ERR},
    {"NotAuthorizedException", "Unable to verify secret hash for client 123", PAM_SERVICE_ERR},
    {"NotAuthorizedException", "Unable to verify secret for client 123", PAM_SERVICE_ERR},
    {"NotAuthorizedException", "Invalid Refresh Token", PAM_AUTH_ERR},
    {"RefreshTokenReuseException", "", PAM_PERM_DENIED},
    {"UnauthorizedException", "", PAM_PERM_DENIED},
    {"UnsupportedTokenTypeException", "", PAM_PERM_DENIED},
    {"NotAuthorizedException", "SecretHash does not match for the client: 123",
	PAM_SERVICE_ERR},
    {"NotAuthorizedException",
	"Client 123 is configured for secret but secret was not received", PAM_SERVICE_ERR},
    {"NotAuthorizedException",
	"Client 123 is configured with secret but SECRET_HASH was not received",
	PAM_SERVICE_ERR},
    {"NotAuthorizedException",
	"User account has expired, it must be reset by an administrator.", PAM_CRED_EXPIRED},
    {"NotAuthorizedException",
	"Temporary password has expired and must be reset by an administrator.",
	PAM_CRED_EXPIRED},
    {"UserNotFoundException", "User does not exist.", PAM_AUTH_ERR},
    {"UserNotConfirmedException", "User is not confirmed.", PAM_ACCT_EXPIRED},
    {"PasswordResetRequiredException", "Password reset required for the user",
	PAM_CRED_EXPIRED},
    {"CodeMismatchException", "Code mismatch", PAM_AUTH_ERR},
    {"ExpiredCodeException", "Invalid code provided, please request a code again.",
	PAM_AUTH_ERR},
    {"ExpiredCodeException", "Your software token has already been used once.", PAM_AUTH_ERR},
    {"NotAuthorizedException", "A client attempted to write unauthorized attribute",
	PAM_SERVICE_ERR},
    {"InvalidParameterException", "USER_PASSWORD_AUTH flow not enabled for this client",
	PAM_SERVICE_ERR},
    {"ResourceNotFoundException", "User pool client 123 does not exist.", PAM_SERVICE_ERR},
    {"InvalidUserPoolConfigurationException", "", PAM_AUTHINFO_UNAVAIL},
    {"MFAMethodNotFoundException", "", PAM_AUTHINFO_UNAVAIL},
    {"SoftwareTokenMFANotFoundException", "", PAM_AUTHINFO_UNAVAIL},
    {"UnsupportedOperationException", "", PAM_AUTHINFO_UNAVAIL},
    {"OperationNotEnabledException", "", PAM_AUTHINFO_UNAVAIL},
    {"FeatureUnavailableInTierException", "", PAM_AUTHINFO_UNAVAIL},
    {"TooManyRequestsException", "Rate exceeded", PAM_AUTHINFO_UNAVAIL},
    {"ThrottlingException", "Rate exceeded", PAM_AUTHINFO_UNAVAIL},
    {"LimitExceededException", "Attempt limit exceeded, please try after some time.",
	PAM_MAXTRIES},
    {"TooManyFailedAttemptsException", "", PAM_MAXTRIES},
    {"ForbiddenException", "Request not allowed", PAM_PERM_DENIED},
    {"UnexpectedLambdaException", "", PAM_AUTHINFO_UNAVAIL},
    {"UserLambdaValidationException", "PreAuthentication failed with error no.",
	PAM_PERM_DENIED},
    {"NotAuthorizedException", "Unable to login because of security reasons.", PAM_PERM_DENIED},
    {"NotAuthorizedException", "Request not allowed due to security reasons.", PAM_PERM_DENIED},
    {"InvalidLambdaResponseException", "", PAM_AUTHINFO_UNAVAIL},
    {"AliasExistsException", "", PAM_AUTHINFO_UNAVAIL},
    {"CodeDeliveryFailureException", "", PAM_AUTHINFO_UNAVAIL},
    {"InvalidSmsRoleAccessPolicyException", "", PAM_AUTHINFO_UNAVAIL},
    {"InvalidSmsRoleTrustRelationshipException", "", PAM_AUTHINFO_UNAVAIL},
    {"InvalidEmailRoleAccessPolicyException", "", PAM_AUTHINFO_UNAVAIL},
    {"InternalErrorException", "", PAM_AUTHINFO_UNAVAIL},
    {"SomethingNobodyKnows", "", PAM_AUTHINFO_UNAVAIL},
    {"", "", PAM_AUTHINFO_UNAVAIL},
    /* forms of the type */
    {"com.amazon.coral.service#NotAuthorizedException", "User is disabled.", PAM_ACCT_EXPIRED},
    {"NotAuthorizedException:http://internal.amazon.com/", "User is disabled.",
	PAM_ACCT_EXPIRED},
    {"a#LimitExceededException,x:y", "", PAM_MAXTRIES},
    /* a type that only resembles one is unknown */
    {"NotAuthorizedExceptionX", "User is disabled.", PAM_AUTHINFO_UNAVAIL},
    {"notauthorizedexception", "User is disabled.", PAM_AUTHINFO_UNAVAIL},
};

static void every_documented_error(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int result = cognito_api_result(rows[i].type, rows[i].message);
		if (result_pam(result) != rows[i].pam)
			print_message("%s %s\n", rows[i].type, rows[i].message);
		assert_int_equal(result_pam(result), rows[i].pam);
		/* Of a wrong password the host alone tells. */
		assert_true(
		    (strlen(result_sentence(result)) > 0) == (result != RESULT_PASSWORD));
	}
}

/* stale_ok bridges an outage; it must not bridge what the pool has decided. */
static void only_what_fails_at_the_pool_is_an_outage(void **state)
{
	static const struct {
		const char *type, *message;
		enum result_class class;
	} classes[] = {
	    {"UserLambdaValidationException", "", CLASS_REFUSAL},
	    {"NotAuthorizedException", "Unable to login because of security reasons.",
		CLASS_REFUSAL},
	    {"ForbiddenException", "", CLASS_UNCLEAR},
	    {"NotAuthorizedException", "Password attempts exceeded", CLASS_OTHER},
	    {"SomethingNobodyKnows", "", CLASS_UNCLEAR},
	    {"InternalErrorException", "", CLASS_OUTAGE},
	    {"UnexpectedLambdaException", "", CLASS_OUTAGE},
	    {"InvalidLambdaResponseException", "", CLASS_OUTAGE},
	    {"TooManyRequestsException", "", CLASS_OUTAGE},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		assert_int_equal(
		    result_class(cognito_api_result(classes[i].type, classes[i].message)),
		    classes[i].class);
}

static void a_stranger_reads_the_same_sentence_as_a_wrong_password(void **state)
{
	(void)state;
	assert_int_equal(cognito_api_result("UserNotFoundException", "User does not exist."),
	    cognito_api_result("NotAuthorizedException", "Incorrect username or password."));
}

static void a_code_that_was_used_is_no_session_that_is_over(void **state)
{
	static const char type[] = "ExpiredCodeException";
	static const char *const used[] = {"Your software token has already been used once.",
	    "your software token HAS ALREADY BEEN USED", "Code already used."};
	static const char *const over[] = {
	    "Invalid code provided, please request a code again.", "", "used"};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(cognito_api_result(type, used[i]), RESULT_CODE_USED);
		assert_int_equal(cognito_api_result(type, over[i]), RESULT_SESSION);
	}
	assert_int_equal(
	    cognito_api_result("CodeMismatchException", "already been used"), RESULT_CODE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_documented_error),
	    cmocka_unit_test(a_code_that_was_used_is_no_session_that_is_over),
	    cmocka_unit_test(only_what_fails_at_the_pool_is_an_outage),
	    cmocka_unit_test(a_stranger_reads_the_same_sentence_as_a_wrong_password),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
