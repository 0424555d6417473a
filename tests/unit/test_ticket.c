/* SPDX-License-Identifier: MIT
 *
 * The helper's part of a ticket: what goes in comes out, anything odd is no ticket; and what
 * a session is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/buffer.h"
#include "common/frame.h"
#include "common/message.h"
#include "common/request.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/flow/flow.h"
#include "helper/config/config.h"
#include "helper/outcome.h"
#include "helper/policy/ticket_body.h"
#include "helper/policy/exports.h"
#include "helper/token/claims.h"
#include "helper/token/jwt.h"
#include "mint.h"
#include "proven.h"

#define POOL "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"
#define ID                                                                                     \
	"\"iss\":\"" POOL "\",\"aud\":\"c\",\"token_use\":\"id\",\"sub\":\"s1\","              \
	"\"iat\":1000,\"exp\":4600,\"cognito:username\":\"alice\""
#define NAMED "{\"version\":1,\"issuer\":\"" POOL "\",\"client_id\":\"c\",\"sub\":\"s1\""
#define API "https://cognito-idp.eu-west-1.amazonaws.com/"
#define REFRESH ",\"from\":\"api\",\"endpoint\":\"" API "\",\"refresh_token\":\"r\""

static char *encoded(const struct config *config, const struct ticket_body *body)
{
	struct buffer out = BUFFER_INIT(MESSAGE_TICKET_MAX);
	assert_int_equal(ticket_body_encode(config, body, &out), 0);
	char *text = strdup(buffer_text(&out));
	buffer_wipe(&out);
	return text;
}

static int decoded(const struct config *config, const char *text, struct ticket_body *out)
{
	int r = ticket_body_decode(config, text, strlen(text), out);
	if (r != 0)
		assert_true(out->claims == NULL && out->refresh_token == NULL &&
			    out->flow == NULL && out->document == NULL);
	return r;
}

static void what_goes_in_comes_out(void **state)
{
	static const struct ticket_body bodies[] = {
	    {.flow = "password",
		.evidence = {1764000000, true},
		.source = TICKET_SOURCE_API,
		.refresh_token = "eyJj.\"\\\xc3\xa9/",
		.device_key = "eu-west-1_5c"},
	    {.flow = "browser", .source = TICKET_SOURCE_TOKEN_URL, .refresh_token = "r"},
	    {.flow = "device", .evidence = {-1, false}},
	};
	struct config *config = NULL;
	struct reason reason = {.detail = ""};
	const char *text = "{\"config\": {\"client_id\": \"c\", \"token_url\": "
			   "\"https://t.example/oauth2/token\", \"certs_url\": \"" POOL
			   "/.well-known/jwks.json\"}}";
	struct claims *claims = proven("{" ID ",\"x\":\"\\/\\u00e9\",\"n\":1.0}");
	(void)state;
	assert_int_equal(config_parse("c", text, strlen(text), &config, NULL, &reason), 0);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct ticket_body body = bodies[i], out;
		body.claims = claims;
		char *kept = encoded(config, &body);
		assert_int_equal(decoded(config, kept, &out), 0);
		assert_string_equal(out.flow, body.flow);
		assert_int_equal(out.evidence.auth_time, body.evidence.auth_time);
		assert_int_equal(out.evidence.mfa, body.evidence.mfa);
		assert_int_equal(out.source, body.source);
		assert_true((out.refresh_token == NULL && body.refresh_token == NULL) ||
			    streq(out.refresh_token, body.refresh_token));
		assert_true((out.device_key == NULL && body.device_key == NULL) ||
			    streq(out.device_key, body.device_key));
		/* To the byte, as they were signed. */
		char *again = encoded(config, &out);
		assert_string_equal(again, kept);
		ticket_body_forget(&out);
		free(kept);
		free(again);
	}
	claims_free(claims);
	config_free(config);
}

static void without_keep_refresh_token_none_goes_in(void **state)
{
	struct config *config = configured(", \"login\": {\"keep_refresh_token\": false}");
	struct ticket_body body = {.flow = "password",
			       .source = TICKET_SOURCE_API,
			       .refresh_token = "secret",
			       .device_key = "key"},
			   out;
	struct claims *claims = proven("{" ID "}");
	(void)state;
	body.claims = claims;
	char *kept = encoded(config, &body);
	assert_null(strstr(kept, "secret"));
	assert_int_equal(decoded(config, kept, &out), 0);
	assert_int_equal(out.source, TICKET_SOURCE_NONE);
	assert_null(out.refresh_token);
	ticket_body_forget(&out);
	free(kept);
	claims_free(claims);
	config_free(config);
}

static void a_refresh_token_of_any_length_and_no_endpoint_does_not_go_in(void **state)
{
	struct config *config = configured("");
	struct claims *claims = proven("{" ID "}");
	char *token = malloc(JWT_MAX + 2);
	(void)state;
	memset(token, 'r', JWT_MAX + 1);
	token[JWT_MAX + 1] = '\0';
	struct ticket_body body = {.flow = "password",
	    .source = TICKET_SOURCE_API,
	    .refresh_token = token,
	    .claims = claims};
	char *kept = encoded(config, &body);
	assert_null(strstr(kept, "rrr"));
	free(kept);
	token[JWT_MAX] = '\0';
	kept = encoded(config, &body);
	assert_non_null(strstr(kept, token));
	free(kept);
	body.refresh_token = "rrr";
	body.source = TICKET_SOURCE_TOKEN_URL; /* there is no token_url */
	kept = encoded(config, &body);
	assert_null(strstr(kept, "rrr"));
	free(kept);
	free(token);
	claims_free(claims);
	config_free(config);
}

static void a_body_over_its_limit_is_an_error(void **state)
{
	struct config *config = configured("");
	struct claims *claims = proven("{" ID "}");
	struct ticket_body body = {.flow = "password", .claims = claims};
	struct buffer out = BUFFER_INIT(100);
	(void)state;
	assert_int_equal(ticket_body_encode(config, &body, &out), RESULT_TOO_LARGE);
	buffer_wipe(&out);
	claims_free(claims);
	config_free(config);
}

static void a_sign_in_that_no_ticket_holds_says_so(void **state)
{
	struct config *config = configured("");
	char payload[9000];
	snprintf(payload, sizeof(payload), "{" ID ",\"pad\":\"%08000d\"}", 0);
	struct claims *claims = proven(payload);
	struct request request = {.user = "alice", .service = "sshd"};
	struct flow flow = {.config = config};
	struct outcome o;
	/* Every byte is two in JSON. */
	char *token = malloc(JWT_MAX);
	(void)state;
	memset(token, '"', JWT_MAX - 1);
	token[JWT_MAX - 1] = '\0';
	const struct ticket_body body = {.flow = "password",
	    .source = TICKET_SOURCE_API,
	    .refresh_token = token,
	    .claims = claims};
	outcome_begin(&o);
	assert_int_equal(
	    outcome_decide(&o, &flow, &request, &body, true, 0), RESULT_TICKET_KEEP);
	assert_int_equal(o.result, RESULT_TICKET_KEEP);
	assert_string_equal(flow.reason.detail, "claims and tokens are too large");
	assert_int_equal(o.body.len, 0);
	outcome_free(&o);
	free(token);
	claims_free(claims);
	config_free(config);
}

/* The base is a good body; each row changes one thing. */
static void anything_odd_is_no_ticket(void **state)
{
	static const struct {
		const char *payload, *head, *tail;
		int code;
	} rows[] = {
	    {"{" ID "}", NAMED ",\"flow\":\"password\",\"mfa_answered\":false", REFRESH "}", 0},
	    {"{" ID "}", NAMED ",\"flow\":\"device\",\"mfa_answered\":true", "}", 0},
	    /* the text */
	    {"{" ID "}", NAMED ",\"flow\":\"password\",\"mfa_answered\":false", "", 1},
	    {"{" ID "}", NAMED ",\"flow\":\"password\",\"mfa_answered\":false", "} ", 0},
	    {"{" ID "}", NAMED ",\"flow\":\"password\",\"mfa_answered\":false", "} x", 1},
	    {"{" ID "}", NAMED ",\"flow\":\"password\",\"mfa_answered\":false", "}{}", 1},
	    {"{" ID "}", "[" NAMED ",\"flow\":\"password\",\"mfa_answered\":false", "}]", 1},
	    /* the heading */
	    {"{" ID "}",
		"{\"version\":2,\"issuer\":\"" POOL
		"\",\"client_id\":\"c\",\"sub\":\"s1\",\"flow\":\"password\","
		"\"mfa_answered\":false",
		"}", 1},
	    {"{" ID "}",
		"{\"issuer\":\"" POOL
		"\",\"client_id\":\"c\",\"sub\":\"s1\",\"flow\":\"password\","
		"\"mfa_answered\":false",
		"}", 1},
	    {"{" ID "}",
		"{\"version\":1,\"issuer\":\"https://a.example\",\"client_id\":\"c\",\"sub\":"
		"\"s1\",\"flow\":\"password\",\"mfa_answered\":false",
		"}", 1},
	    {"{" ID "}",
		"{\"version\":1,\"issuer\":\"" POOL
		"\",\"client_id\":\"d\",\"sub\":\"s1\",\"flow\":\"password\","
		"\"mfa_answered\":false",
		"}", 1},
	    {"{" ID "}",
		"{\"version\":1,\"issuer\":\"" POOL
		"\",\"client_id\":\"c\",\"sub\":\"s2\",\"flow\":\"password\","
		"\"mfa_answered\":false",
		"}", 1},
	    {"{" ID "}", NAMED ",\"flow\":\"change\",\"mfa_answered\":false", "}", 1},
	    {"{" ID "}", NAMED ",\"flow\":1,\"mfa_answered\":false", "}", 1},
	    {"{" ID "}", NAMED ",\"mfa_answered\":false", "}", 1},
	    {"{" ID "}", NAMED ",\"flow\":\"password\",\"mfa_answered\":\"true\"", "}", 1},
	    {"{" ID "}", NAMED ",\"flow\":\"password\",\"mfa_answered\":1", "}", 1},
	    {"{" ID "}", NAMED ",\"flow\":\"password\"", "}", 1},
	    {"{" ID "}", NAMED ",\"flow\":\"password\",\"mfa_answered\":false", ",\"more\":1}",
		1},
	    {"{" ID "}", NAMED ",\"flow\":\"password\",\"mfa_answered\":false",
		",\"flow\":\"password\"}", 1},
	    /* the claims */
	    {"{}", NAMED ",\"flow\":\"password\",\"mfa_answered\":false", "}", 1},
	    {"{\"iss\":\"https://a.example\",\"aud\":\"c\",\"token_use\":\"id\",\"sub\":\"s1\","
	     "\"iat\":1000,\"exp\":4600}",
		NAMED ",\"flow\":\"password\",\"mfa_answered\":false", "}", 1},
	    {"{\"iss\":\"" POOL "\",\"aud\":\"d\",\"token_use\":\"id\",\"sub\":\"s1\","
	     "\"iat\":1000,\"exp\":4600}",
		NAMED ",\"flow\":\"password\",\"mfa_answered\":false", "}", 1},
	    {"{\"iss\":\"" POOL "\",\"aud\":\"c\",\"token_use\":\"id\",\"sub\":\"s1\","
	     "\"exp\":4600}",
		NAMED ",\"flow\":\"password\",\"mfa_answered\":false", "}", 1},
	    {"{\"iss\":\"https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"
	     "\",\"client_id\":\"c\",\"token_use\":\"access\",\"sub\":\"s1\",\"username\":"
	     "\"a\","
	     "\"iat\":1000,\"exp\":4600}",
		NAMED ",\"flow\":\"device\",\"mfa_answered\":false", "}", 0},
	    /* the refresh token */
	    {"{" ID "}", NAMED ",\"flow\":\"password\",\"mfa_answered\":false",
		",\"refresh_token\":\"r\"}", 1},
	    {"{" ID "}", NAMED ",\"flow\":\"password\",\"mfa_answered\":false",
		",\"from\":\"api\",\"refresh_token\":\"r\"}", 1},
	    {"{" ID "}", NAMED ",\"flow\":\"password\",\"mfa_answered\":false",
		",\"from\":\"api\",\"endpoint\":\"" API "\"}", 1},
	    {"{" ID "}", NAMED ",\"flow\":\"password\",\"mfa_answered\":false",
		",\"from\":\"api\",\"endpoint\":\"https://evil.example/\",\"refresh_token\":"
		"\"r\"}",
		1},
	    {"{" ID "}", NAMED ",\"flow\":\"password\",\"mfa_answered\":false",
		",\"from\":\"token_url\",\"endpoint\":\"" API "\",\"refresh_token\":\"r\"}", 1},
	    {"{" ID "}", NAMED ",\"flow\":\"password\",\"mfa_answered\":false",
		",\"device_key\":\"k\"}", 1},
	    {"{" ID "}", NAMED ",\"flow\":\"password\",\"mfa_answered\":false",
		REFRESH ",\"device_key\":1}", 1},
	    {"{" ID "}", NAMED ",\"flow\":\"password\",\"mfa_answered\":false",
		",\"from\":null,\"endpoint\":null,\"refresh_token\":null}", 1},
	};
	struct config *config = configured("");
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ticket_body out;
		char *payload = mint_base64url(rows[i].payload, strlen(rows[i].payload));
		char *text =
		    mint_text("%s,\"claims\":\"%s\"%s", rows[i].head, payload, rows[i].tail);
		int r = decoded(config, text, &out);
		if (r != (rows[i].code != 0 ? RESULT_TICKET_NONE : 0))
			fail_msg("row %zu: %s: %s", i, result_phrase(r), text);
		ticket_body_forget(&out);
		free(text);
		free(payload);
	}
	config_free(config);
}

static void claims_that_are_no_base64url_of_an_object_are_no_ticket(void **state)
{
	static const char *const claims[] = {
	    "\"\"", "1", "{}", "\"e30=\"", "\"e 30\"", "\"W10\"", "\"e30x\"", "\"bnVsbA\""};
	struct config *config = configured("");
	struct ticket_body out;
	(void)state;
	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		char *text =
		    mint_text("%s,\"flow\":\"password\",\"mfa_answered\":false,\"claims\":%s}",
			NAMED, claims[i]);
		assert_int_equal(decoded(config, text, &out), RESULT_TICKET_NONE);
		free(text);
	}
	assert_int_equal(
	    decoded(config, NAMED ",\"flow\":\"password\",\"mfa_answered\":false}", &out),
	    RESULT_TICKET_NONE);
	assert_int_equal(decoded(config, "", &out), RESULT_TICKET_NONE);
	config_free(config);
}

/* As text, a line for each. */
static void write_fields(const struct buffer *exports, struct buffer *out)
{
	struct field rest = {exports->bytes, exports->len}, one;
	while (rest.len > 0) {
		assert_true(field_take(&rest, &one));
		assert_null(memchr(one.bytes, '\n', one.len));
		buffer_append(out, one.bytes, one.len);
		buffer_append_byte(out, '\n');
	}
}

#define LONG_32 "abcdefghijklmnopqrstuvwxyzABCDEF"
#define LONG_128 LONG_32 LONG_32 LONG_32 LONG_32

static void what_a_session_is_told(void **state)
{
	static const struct {
		const char *names, *payload, *fields;
	} rows[] = {
	    {"\"sub\", \"cognito:groups\", \"name\", \"absent\"",
		"{\"sub\":\"s\",\"cognito:groups\":[\"a\",\"b c\"],\"name\":\"\xc3\x85 = b\"}",
		"OIDC_CLAIM_sub=s\nOIDC_CLAIM_cognito_groups=a,b c\n"
		"OIDC_CLAIM_name=\xc3\x85 = b\n"},
	    {"\"t\", \"f\", \"n\", \"d\", \"z\", \"e\"",
		"{\"t\":true,\"f\":false,\"n\":1759345300,\"d\":1.50e3,\"z\":null,\"e\":\"\"}",
		"OIDC_CLAIM_t=true\nOIDC_CLAIM_f=false\nOIDC_CLAIM_n=1759345300\n"
		"OIDC_CLAIM_d=1.50e3\nOIDC_CLAIM_e=\n"},
	    {"\"a\"", "{\"a\":[1,true,\"x\"]}", "OIDC_CLAIM_a=1,true,x\n"},
	    {"\"a\"", "{\"a\":[]}", "OIDC_CLAIM_a=\n"},
	    {"\"a\", \"b\", \"c\"", "{\"a\":[[1]],\"b\":{\"c\":1},\"c\":[null]}", ""},
	    {"\"a\", \"b\", \"c\", \"d\"",
		"{\"a\":\"x\\ny\",\"b\":\"\\u001b[31m\",\"c\":\"\\u0085\",\"d\":[\"\\u007f\"]}",
		""},
	    {"\"\xc3\xa9-x\"", "{\"\xc3\xa9-x\":\"v\"}", "OIDC_CLAIM____x=v\n"},
	    {"\"Az\", \"a{b\", \"A[b\", \"z9\"",
		"{\"Az\":\"1\",\"a{b\":\"2\",\"A[b\":\"3\",\"z9\":4}",
		"OIDC_CLAIM_Az=1\nOIDC_CLAIM_a_b=2\nOIDC_CLAIM_A_b=3\nOIDC_CLAIM_z9=4\n"},
	    {"\"" LONG_128 "\", \"" LONG_128 "x\"",
		"{\"" LONG_128 "\":\"1\",\"" LONG_128 "x\":\"2\"}",
		"OIDC_CLAIM_" LONG_128 "=1\n"},
	    {"\"a:b\", \"a.b\"", "{\"a:b\":\"1\",\"a.b\":\"2\"}", "OIDC_CLAIM_a_b=1\n"},
	    {"\"cognito:username\"", "{\"token_use\":\"access\",\"username\":\"u\"}",
		"OIDC_CLAIM_cognito_username=u\n"},
	    {"\"cognito:username\"",
		"{\"token_use\":\"id\",\"username\":\"u\",\"cognito:username\":\"c\"}",
		"OIDC_CLAIM_cognito_username=c\n"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buffer exports = BUFFER_INIT(MESSAGE_EXPORTS_MAX);
		struct buffer out = BUFFER_INIT(MESSAGE_EXPORTS_MAX);
		struct config *config = NULL;
		struct reason reason = {.detail = ""};
		char *text =
		    mint_text("{\"config\": {\"client_id\": \"c\", \"certs_url\": \"" POOL
			      "/.well-known/jwks.json\", \"claims\": [%s]}}",
			rows[i].names);
		struct claims *claims = proven(rows[i].payload);
		assert_int_equal(
		    config_parse("c", text, strlen(text), &config, NULL, &reason), 0);
		assert_int_equal(exports_write(config, claims, &exports), 0);
		write_fields(&exports, &out);
		assert_string_equal(buffer_text(&out), rows[i].fields);
		buffer_wipe(&exports);
		buffer_wipe(&out);
		claims_free(claims);
		config_free(config);
		free(text);
	}
}

static void a_claim_of_more_than_4_kib_is_left_out(void **state)
{
	struct config *config = NULL;
	struct reason reason = {.detail = ""};
	const char *text = "{\"config\": {\"client_id\": \"c\", \"certs_url\": \"" POOL
			   "/.well-known/jwks.json\", \"claims\": [\"a\", \"b\", \"c\"]}}";
	char value[4098];
	(void)state;
	memset(value, 'x', 4097);
	value[4097] = '\0';
	char *payload = mint_text("{\"a\":\"%s\",\"b\":\"%s\",\"c\":\"ok\"}", value, value + 1);
	struct claims *claims = proven(payload);
	struct buffer exports = BUFFER_INIT(MESSAGE_EXPORTS_MAX), small = BUFFER_INIT(100);
	struct buffer out = BUFFER_INIT(MESSAGE_EXPORTS_MAX), rest = BUFFER_INIT(100);
	assert_int_equal(config_parse("c", text, strlen(text), &config, NULL, &reason), 0);
	assert_int_equal(exports_write(config, claims, &exports), 0);
	write_fields(&exports, &out);
	assert_null(strstr(buffer_text(&out), "CLAIM_a="));
	assert_non_null(strstr(buffer_text(&out), "CLAIM_b=x"));
	assert_non_null(strstr(buffer_text(&out), "CLAIM_c=ok\n"));
	/* What has no room is left out whole. */
	assert_int_equal(exports_write(config, claims, &small), 0);
	write_fields(&small, &rest);
	assert_string_equal(buffer_text(&rest), "OIDC_CLAIM_c=ok\n");
	buffer_wipe(&exports);
	buffer_wipe(&rest);
	buffer_wipe(&out);
	buffer_wipe(&small);
	claims_free(claims);
	config_free(config);
	free(payload);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_goes_in_comes_out),
	    cmocka_unit_test(without_keep_refresh_token_none_goes_in),
	    cmocka_unit_test(a_refresh_token_of_any_length_and_no_endpoint_does_not_go_in),
	    cmocka_unit_test(a_body_over_its_limit_is_an_error),
	    cmocka_unit_test(a_sign_in_that_no_ticket_holds_says_so),
	    cmocka_unit_test(anything_odd_is_no_ticket),
	    cmocka_unit_test(claims_that_are_no_base64url_of_an_object_are_no_ticket),
	    cmocka_unit_test(what_a_session_is_told),
	    cmocka_unit_test(a_claim_of_more_than_4_kib_is_left_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
