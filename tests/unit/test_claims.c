/* SPDX-License-Identifier: MIT
 *
 * The checks, one by one: each row changes one claim of a good token, and only the check that
 * is meant may fail. test_jwt.c tests the signature, so payloads come in through claims_make.h
 * here.
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
#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"
#include "helper/token/claims.h"
#include "helper/token/claims_make.h"
#include "helper/token/jwt.h"
#include "mint.h"

#define NOW 1759345300
#define LEEWAY 60
#define ISSUER "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_ExAmPlE"
#define OTHER_ISSUER "https://issuer-cognito-idp.us-east-1.amazonaws.com/us-east-1_ExAmPlE"
#define CLIENT "6o7h8i9jexampleclientid"
#define ACCESS_TOKEN "eyJraWQiOiJhIn0.access-token.signature"

static const char *const alternates[] = {OTHER_ISSUER, "https://third.example", NULL};

static const struct expectation want_id = {
    .issuer = ISSUER,
    .alternate_issuers = alternates,
    .client_id = CLIENT,
    .token_use = TOKEN_USE_ID,
    .nonce = "n-0S6_WzA2Mj",
    .access_token = ACCESS_TOKEN,
    .leeway = LEEWAY,
    .now = NOW,
};

static const struct expectation want_access = {
    .issuer = ISSUER,
    .alternate_issuers = alternates,
    .client_id = CLIENT,
    .token_use = TOKEN_USE_ACCESS,
    .leeway = LEEWAY,
    .now = NOW,
};

struct claim {
	const char *name, *raw;
};

static const struct claim id_token[] = {
    {"at_hash", "\"PsicI8WN9p9bSIcgBfSLMA\""},
    {"sub", "\"a1b2c3d4-5678-90ab-cdef-1234567890ab\""},
    {"cognito:groups", "[\"admins\",\"beta-testers\"]"},
    {"email_verified", "true"},
    {"iss", "\"https:\\/\\/cognito-idp.us-east-1.amazonaws.com\\/us-east-1_ExAmPlE\""},
    {"cognito:username", "\"alice\""},
    {"nonce", "\"n-0S6_WzA2Mj\""},
    {"aud", "\"" CLIENT "\""},
    {"identities", "[{\"userId\":\"amzn1\",\"issuer\":null,\"primary\":\"true\"}]"},
    {"token_use", "\"id\""},
    {"auth_time", "1759345200"},
    {"exp", "1759348800"},
    {"iat", "1759345200"},
    {"jti", "\"11112222-3333\""},
    {"email", "\"alice@example.com\""},
    {NULL, NULL},
};

static const struct claim access_token[] = {
    {"sub", "\"a1b2c3d4-5678-90ab-cdef-1234567890ab\""},
    {"iss", "\"" ISSUER "\""},
    {"version", "2"},
    {"client_id", "\"" CLIENT "\""},
    {"token_use", "\"access\""},
    {"scope", "\"aws.cognito.signin.user.admin\""},
    {"auth_time", "1759345200"},
    {"exp", "1759348800"},
    {"iat", "1759345200"},
    {"username", "\"alice\""},
    {NULL, NULL},
};

/* The claims with one changed, added, or (raw NULL) left out. */
static struct claims *make(const struct claim *base, const char *name, const char *raw)
{
	struct buffer text = BUFFER_INIT(60000);
	struct claims *claims = NULL;
	bool seen = false;
	buffer_append_text(&text, "{\"first\":0");
	for (; base->name != NULL; base++) {
		bool is_it = streq(base->name, name);
		const char *value = is_it ? raw : base->raw;
		seen = seen || is_it;
		if (value != NULL)
			buffer_append_format(&text, ",\"%s\":%s", base->name, value);
	}
	if (name != NULL && !seen && raw != NULL)
		buffer_append_format(&text, ",\"%s\":%s", name, raw);
	assert_int_equal(buffer_append_text(&text, "}"), 0);
	assert_int_equal(claims_make(text.bytes, text.len, &claims), 0);
	buffer_wipe(&text);
	return claims;
}

/* The result of all checks; at most one may fail. Frees the claims. */
static int check(struct claims *claims, const struct expectation *want)
{
	int failed = 0, code = claims_check(claims, want);
	for (size_t i = 0; i < claims_checks_len; i++) {
		bool holds = claims_hold(claims, want, &claims_checks[i]);
		failed += !holds;
		assert_true(holds || claims_checks[i].code == code);
	}
	assert_int_equal(failed, code != 0);
	claims_free(claims);
	return code;
}

struct row {
	const char *name, *raw;
	int code;
};

static void check_rows(const struct claim *base, const struct expectation *want,
    const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int r = check(make(base, rows[i].name, rows[i].raw), want);
		if (r != rows[i].code)
			fail_msg("%s: %s: %s", rows[i].name, rows[i].raw, result_phrase(r));
	}
}

#define CHECK_ROWS(base, want, rows)                                                           \
	check_rows(base, &(want), rows, sizeof(rows) / sizeof((rows)[0]))

static void good_tokens_pass(void **state)
{
	(void)state;
	assert_int_equal(check(make(id_token, NULL, NULL), &want_id), 0);
	assert_int_equal(check(make(access_token, NULL, NULL), &want_access), 0);
}

static void the_issuer_is_ours_or_an_alternate_to_the_byte(void **state)
{
	static const struct row rows[] = {
	    {"iss", "\"" OTHER_ISSUER "\"", 0},
	    {"iss", "\"https://third.example\"", 0},
	    {"iss", "\"" ISSUER "/\"", RESULT_CLAIM_ISS},
	    {"iss", "\"https://cognito-idp.us-east-1.amazonaws.com/us-east-1_EXAMPLE\"",
		RESULT_CLAIM_ISS},
	    {"iss", "\"HTTPS://cognito-idp.us-east-1.amazonaws.com/us-east-1_ExAmPlE\"",
		RESULT_CLAIM_ISS},
	    {"iss", "\"http://cognito-idp.us-east-1.amazonaws.com/us-east-1_ExAmPlE\"",
		RESULT_CLAIM_ISS},
	    {"iss", "\"https://cognito-idp.us-east-1.amazonaws.com/us-east-1_ExAmPlF\"",
		RESULT_CLAIM_ISS},
	    {"iss", "\"https://cognito-idp.us-east-1.amazonaws.com/us-east-1_ExAmPl\"",
		RESULT_CLAIM_ISS},
	    {"iss", "\"https://cognito-idp.us-east-1.amazonaws.com/\"", RESULT_CLAIM_ISS},
	    {"iss", "\" " ISSUER "\"", RESULT_CLAIM_ISS},
	    {"iss", NULL, RESULT_CLAIM_ISS},
	    {"iss", "\"\"", RESULT_CLAIM_ISS},
	    {"iss", "[\"" ISSUER "\"]", RESULT_CLAIM_ISS},
	    {"iss", "{\"" ISSUER "\":1}", RESULT_CLAIM_ISS},
	    {"iss", "null", RESULT_CLAIM_ISS},
	    {"iss", "1", RESULT_CLAIM_ISS},
	    {"ISS", "\"https://elsewhere.example\"", 0},
	};
	struct expectation alone = want_id;
	(void)state;
	CHECK_ROWS(id_token, want_id, rows);
	alone.alternate_issuers = NULL;
	assert_int_equal(check(make(id_token, NULL, NULL), &alone), 0);
	assert_int_equal(
	    check(make(id_token, "iss", "\"" OTHER_ISSUER "\""), &alone), RESULT_CLAIM_ISS);
	static const char *const none[] = {NULL};
	alone.alternate_issuers = none;
	assert_int_equal(
	    check(make(id_token, "iss", "\"" OTHER_ISSUER "\""), &alone), RESULT_CLAIM_ISS);
}

static void token_use_is_what_was_asked_for(void **state)
{
	static const struct row id[] = {
	    {"token_use", "\"access\"", RESULT_CLAIM_TOKEN_USE},
	    {"token_use", "\"ID\"", RESULT_CLAIM_TOKEN_USE},
	    {"token_use", "\"id \"", RESULT_CLAIM_TOKEN_USE},
	    {"token_use", "\"\"", RESULT_CLAIM_TOKEN_USE},
	    {"token_use", "null", RESULT_CLAIM_TOKEN_USE},
	    {"token_use", "[\"id\"]", RESULT_CLAIM_TOKEN_USE},
	    {"token_use", NULL, RESULT_CLAIM_TOKEN_USE},
	};
	static const struct row access[] = {
	    {"token_use", "\"id\"", RESULT_CLAIM_TOKEN_USE},
	    {"token_use", "\"Access\"", RESULT_CLAIM_TOKEN_USE},
	    {"token_use", "true", RESULT_CLAIM_TOKEN_USE},
	    {"token_use", NULL, RESULT_CLAIM_TOKEN_USE},
	};
	(void)state;
	CHECK_ROWS(id_token, want_id, id);
	CHECK_ROWS(access_token, want_access, access);
}

static void token_use_may_be_absent_only_from_another_providers_id_token(void **state)
{
	struct expectation id = want_id, access = want_access;
	(void)state;
	id.token_use_optional = access.token_use_optional = true;
	assert_int_equal(check(make(id_token, "token_use", NULL), &id), 0);
	assert_int_equal(check(make(id_token, NULL, NULL), &id), 0);
	assert_int_equal(
	    check(make(id_token, "token_use", "\"access\""), &id), RESULT_CLAIM_TOKEN_USE);
	assert_int_equal(
	    check(make(id_token, "token_use", "null"), &id), RESULT_CLAIM_TOKEN_USE);
	assert_int_equal(
	    check(make(access_token, "token_use", NULL), &access), RESULT_CLAIM_TOKEN_USE);
}

static void an_id_tokens_audience_is_our_client_as_a_string(void **state)
{
	static const struct row rows[] = {
	    {"aud", NULL, RESULT_CLAIM_AUD},
	    {"aud", "\"\"", RESULT_CLAIM_AUD},
	    {"aud", "\"other\"", RESULT_CLAIM_AUD},
	    {"aud", "\"6O7H8I9JEXAMPLECLIENTID\"", RESULT_CLAIM_AUD},
	    {"aud", "\"" CLIENT "x\"", RESULT_CLAIM_AUD},
	    {"aud", "[\"" CLIENT "\"]", RESULT_CLAIM_AUD},
	    {"aud", "[\"" CLIENT "\",\"x\"]", RESULT_CLAIM_AUD},
	    {"aud", "[]", RESULT_CLAIM_AUD},
	    {"aud", "7", RESULT_CLAIM_AUD},
	    {"aud", "null", RESULT_CLAIM_AUD},
	    {"aud", "{\"" CLIENT "\":true}", RESULT_CLAIM_AUD},
	    {"azp", "\"other\"", 0},
	    {"client_id", "\"other\"", 0},
	};
	(void)state;
	CHECK_ROWS(id_token, want_id, rows);
}

static void an_access_tokens_client_is_ours(void **state)
{
	static const struct row rows[] = {
	    {"client_id", NULL, RESULT_CLAIM_AUD},
	    {"client_id", "\"other\"", RESULT_CLAIM_AUD},
	    {"client_id", "[\"" CLIENT "\"]", RESULT_CLAIM_AUD},
	    {"client_id", "1", RESULT_CLAIM_AUD},
	    {"aud", "\"https://resource.example\"", 0},
	    {"aud", "[\"x\"]", 0},
	};
	(void)state;
	CHECK_ROWS(access_token, want_access, rows);
	/* aud does not stand in for client_id, nor client_id for aud. */
	static const struct claim swapped[] = {{"iss", "\"" ISSUER "\""},
	    {"aud", "\"" CLIENT "\""}, {"token_use", "\"access\""}, {"sub", "\"a\""},
	    {"username", "\"a\""}, {"exp", "1759348800"}, {"iat", "1759345200"}, {NULL, NULL}};
	assert_int_equal(check(make(swapped, NULL, NULL), &want_access), RESULT_CLAIM_AUD);
	struct expectation id = want_id;
	id.nonce = NULL;
	static const struct claim other[] = {{"iss", "\"" ISSUER "\""},
	    {"client_id", "\"" CLIENT "\""}, {"token_use", "\"id\""}, {"sub", "\"a\""},
	    {"exp", "1759348800"}, {"iat", "1759345200"}, {NULL, NULL}};
	assert_int_equal(check(make(other, NULL, NULL), &id), RESULT_CLAIM_AUD);
}

static void every_access_token_is_refused_as_an_id_token_and_back(void **state)
{
	struct claims *claims = make(access_token, NULL, NULL);
	(void)state;
	assert_int_equal(claims_check(claims, &want_id), RESULT_CLAIM_TOKEN_USE);
	claims_free(claims);
	claims = make(id_token, NULL, NULL);
	assert_int_equal(claims_check(claims, &want_access), RESULT_CLAIM_TOKEN_USE);
	claims_free(claims);
}

/* The forms that no time may have; the code is the claim's own. */
static const char *const odd_times[] = {
    "\"1759345200\"",
    "1759345200.0",
    "1759345200.5",
    "-1",
    "-0",
    "1e9",
    "1.7593452e9",
    "1e400",
    "0e0",
    "1000000000000",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551617",
    "99999999999999999999999999",
    "null",
    "true",
    "false",
    "[]",
    "[1759345200]",
    "{}",
    "{\"exp\":1}",
    "\"\"",
};

static void times_are_plain_integers(void **state)
{
	static const struct {
		const char *name;
		int code;
	} rows[] = {
	    {"exp", RESULT_CLAIM_EXP},
	    {"nbf", RESULT_CLAIM_NBF},
	    {"iat", RESULT_CLAIM_IAT},
	    {"auth_time", RESULT_CLAIM_AUTH_TIME},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t j = 0; j < sizeof(odd_times) / sizeof(odd_times[0]); j++) {
			int r = check(make(id_token, rows[i].name, odd_times[j]), &want_id);
			if (r != rows[i].code)
				fail_msg(
				    "%s %s: %s", rows[i].name, odd_times[j], result_phrase(r));
		}
}

static void a_token_lives_while_now_is_before_exp_and_leeway(void **state)
{
	static const struct row rows[] = {
	    {"exp", "1759345241", 0}, /* now - 59 */
	    {"exp", "1759345240", RESULT_CLAIM_EXP}, /* now - 60 */
	    {"exp", "1759345300", 0}, /* now */
	    {"exp", "999999999999", 0}, /* 12 digits */
	    {"exp", "0", RESULT_CLAIM_EXP},
	    {"exp", "1", RESULT_CLAIM_EXP},
	    {"exp", NULL, RESULT_CLAIM_EXP},
	    {"EXP", "1", 0},
	};
	struct expectation strict = want_id;
	(void)state;
	CHECK_ROWS(id_token, want_id, rows);
	strict.leeway = 0;
	assert_int_equal(check(make(id_token, "exp", "1759345301"), &strict), 0);
	assert_int_equal(check(make(id_token, "exp", "1759345300"), &strict), RESULT_CLAIM_EXP);
}

static void nbf_iat_and_auth_time_are_at_most_leeway_ahead(void **state)
{
	static const struct row rows[] = {
	    {"nbf", NULL, 0},
	    {"nbf", "0", 0},
	    {"nbf", "1759345360", 0}, /* now + 60 */
	    {"nbf", "1759345361", RESULT_CLAIM_NBF},
	    {"iat", "1759345360", 0},
	    {"iat", "1759345361", RESULT_CLAIM_IAT},
	    {"iat", NULL, RESULT_CLAIM_IAT},
	    {"iat", "0", 0},
	    {"auth_time", NULL, 0},
	    {"auth_time", "0", 0}, /* how old it may be is the rules' matter */
	    {"auth_time", "1759345360", 0},
	    {"auth_time", "1759345361", RESULT_CLAIM_AUTH_TIME},
	    {"auth_time", "999999999999", RESULT_CLAIM_AUTH_TIME},
	};
	struct expectation strict = want_id;
	(void)state;
	CHECK_ROWS(id_token, want_id, rows);
	strict.leeway = 0;
	assert_int_equal(check(make(id_token, "iat", "1759345300"), &strict), 0);
	assert_int_equal(check(make(id_token, "iat", "1759345301"), &strict), RESULT_CLAIM_IAT);
}

static void the_nonce_is_ours(void **state)
{
	static const struct row rows[] = {
	    {"nonce", NULL, RESULT_CLAIM_NONCE},
	    {"nonce", "\"\"", RESULT_CLAIM_NONCE},
	    {"nonce", "\"n-0S6_WzA2Mk\"", RESULT_CLAIM_NONCE},
	    {"nonce", "\"n-0S6_WzA2M\"", RESULT_CLAIM_NONCE},
	    {"nonce", "\"n-0S6_WzA2Mjj\"", RESULT_CLAIM_NONCE},
	    {"nonce", "[\"n-0S6_WzA2Mj\"]", RESULT_CLAIM_NONCE},
	    {"nonce", "null", RESULT_CLAIM_NONCE},
	    {"nonce", "0", RESULT_CLAIM_NONCE},
	};
	struct expectation none = want_id;
	(void)state;
	CHECK_ROWS(id_token, want_id, rows);
	none.nonce = NULL;
	assert_int_equal(check(make(id_token, NULL, NULL), &none), 0);
	assert_int_equal(check(make(id_token, "nonce", NULL), &none), 0);
	assert_int_equal(check(make(id_token, "nonce", "7"), &none), 0);
	none.nonce = "";
	assert_int_equal(check(make(id_token, "nonce", NULL), &none), RESULT_CLAIM_NONCE);
}

static void at_hash_is_of_the_access_token_beside_it(void **state)
{
	static const struct row rows[] = {
	    {"at_hash", NULL, 0},
	    {"at_hash", "\"PsicIxxN9p9bSIcgBfSLMA\"", RESULT_CLAIM_AT_HASH},
	    {"at_hash", "\"PsicI8WN9p9bSIcgBfSLMA==\"", RESULT_CLAIM_AT_HASH},
	    {"at_hash", "\"PsicI8WN9p9bSIcgBfSLM\"", RESULT_CLAIM_AT_HASH},
	    {"at_hash", "\"\"", RESULT_CLAIM_AT_HASH},
	    {"at_hash", "null", RESULT_CLAIM_AT_HASH},
	    {"at_hash", "[\"PsicI8WN9p9bSIcgBfSLMA\"]", RESULT_CLAIM_AT_HASH},
	    {"at_hash", "0", RESULT_CLAIM_AT_HASH},
	};
	struct expectation other = want_id;
	(void)state;
	CHECK_ROWS(id_token, want_id, rows);
	other.access_token = "another";
	assert_int_equal(check(make(id_token, NULL, NULL), &other), RESULT_CLAIM_AT_HASH);
	other.access_token = NULL;
	assert_int_equal(check(make(id_token, NULL, NULL), &other), 0);
	assert_int_equal(check(make(id_token, "at_hash", "0"), &other), RESULT_CLAIM_AT_HASH);
}

static void sub_has_1_to_255_bytes_without_controls(void **state)
{
	static const struct row rows[] = {
	    {"sub", NULL, RESULT_CLAIM_SUB},
	    {"sub", "\"\"", RESULT_CLAIM_SUB},
	    {"sub", "7", RESULT_CLAIM_SUB},
	    {"sub", "null", RESULT_CLAIM_SUB},
	    {"sub", "[\"a\"]", RESULT_CLAIM_SUB},
	    {"sub", "{}", RESULT_CLAIM_SUB},
	    {"sub", "\"a\\nb\"", RESULT_CLAIM_SUB},
	    {"sub", "\"a\\u001b[0m\"", RESULT_CLAIM_SUB},
	    {"sub", "\"a\\u007f\"", RESULT_CLAIM_SUB},
	    {"sub", "\"a\\u0080\"", RESULT_CLAIM_SUB},
	    {"sub", "\"a\\u009b\"", RESULT_CLAIM_SUB},
	    {"sub", "\"a\\u00a0\"", 0},
	    {"sub", "\"x\"", 0},
	    {"sub", "\"auth0|a b\xc3\xa9\"", 0},
	};
	(void)state;
	CHECK_ROWS(id_token, want_id, rows);
	for (int len = 254; len <= 4096; len = len < 257 ? len + 1 : len * 4) {
		char *raw = mint_text("\"%0*d\"", len, 7);
		assert_int_equal(check(make(id_token, "sub", raw), &want_id),
		    len <= 255 ? 0 : RESULT_CLAIM_SUB);
		free(raw);
	}
}

static void a_machines_token_never_logs_in(void **state)
{
	static const struct row rows[] = {
	    {"username", NULL, RESULT_CLAIM_USERNAME},
	    {"username", "\"\"", RESULT_CLAIM_USERNAME},
	    {"username", "1", RESULT_CLAIM_USERNAME},
	    {"username", "null", RESULT_CLAIM_USERNAME},
	    {"username", "[\"alice\"]", RESULT_CLAIM_USERNAME},
	};
	(void)state;
	CHECK_ROWS(access_token, want_access, rows);
	static const struct claim machine[] = {{"sub", "\"" CLIENT "\""},
	    {"token_use", "\"access\""}, {"scope", "\"api/read\""}, {"auth_time", "1759345200"},
	    {"iss", "\"" ISSUER "\""}, {"exp", "1759348800"}, {"iat", "1759345200"},
	    {"version", "2"}, {"client_id", "\"" CLIENT "\""}, {NULL, NULL}};
	assert_int_equal(check(make(machine, NULL, NULL), &want_access), RESULT_CLAIM_USERNAME);
	assert_int_equal(check(make(machine, "cognito:username", "\"alice\""), &want_access),
	    RESULT_CLAIM_USERNAME);
}

static void an_id_tokens_username_is_a_name_or_absent(void **state)
{
	static const struct row rows[] = {
	    {"cognito:username", NULL, 0},
	    {"cognito:username", "\"\"", RESULT_CLAIM_USERNAME},
	    {"cognito:username", "7", RESULT_CLAIM_USERNAME},
	    {"cognito:username", "null", RESULT_CLAIM_USERNAME},
	    {"cognito:username", "[\"root\"]", RESULT_CLAIM_USERNAME},
	    {"username", "7", 0},
	};
	(void)state;
	CHECK_ROWS(id_token, want_id, rows);
}

static void odd_claims_that_no_check_reads_change_nothing(void **state)
{
	static const struct row rows[] = {
	    {"email_verified", "\"true\"", 0},
	    {"email_verified", NULL, 0},
	    {"cognito:groups", NULL, 0},
	    {"cognito:groups", "{\"a\":[1,null,{\"b\":[]}]}", 0},
	    {"custom:big", "1e400", 0},
	    {"__proto__", "{}", 0},
	    {"", "null", 0},
	};
	(void)state;
	CHECK_ROWS(id_token, want_id, rows);
}

static void the_first_check_that_fails_decides(void **state)
{
	static const char *const names[] = {"iss", "token_use", "aud", "exp", "nbf", "iat",
	    "auth_time", "nonce", "at_hash", "sub", "username"};
	struct claims *claims = NULL;
	(void)state;
	assert_int_equal(claims_checks_len, sizeof(names) / sizeof(names[0]));
	for (size_t i = 0; i < claims_checks_len; i++)
		assert_string_equal(claims_checks[i].name, names[i]);
	assert_int_equal(claims_make("{}", 2, &claims), 0);
	assert_int_equal(claims_check(claims, &want_id), RESULT_CLAIM_ISS);
	claims_free(claims);
}

static void names_are_read_from_the_right_claim(void **state)
{
	struct claims *claims = make(id_token, "username", "\"mallory\"");
	long long value = 0;
	(void)state;
	assert_string_equal(claims_username(claims), "alice");
	assert_string_equal(claims_sub(claims), "a1b2c3d4-5678-90ab-cdef-1234567890ab");
	assert_true(claims_integer(claims, "exp", &value));
	assert_int_equal(value, 1759348800);
	assert_null(claims_text(claims, "exp"));
	assert_null(claims_get(claims, "cognito"));
	assert_int_equal(json_type(claims_get(claims, "cognito:groups")), JSON_ARRAY);
	claims_free(claims);
	claims = make(access_token, "cognito:username", "\"mallory\"");
	assert_string_equal(claims_username(claims), "alice");
	claims_free(claims);
	claims = make(id_token, "token_use", NULL);
	assert_string_equal(claims_username(claims), "alice");
	claims_free(claims);
	claims_free(NULL);
}

static void payloads_that_are_no_objects_make_no_claims(void **state)
{
	static const char *const rows[] = {
	    "", "[]", "null", "1", "\"{}\"", "{", "{\"a\":1,\"a\":1}"};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct claims *claims = (struct claims *)state;
		assert_int_equal(
		    claims_make(rows[i], strlen(rows[i]), &claims), RESULT_TOKEN_PAYLOAD);
		assert_null(claims);
	}
}

static void an_access_token_has_one_name_of_its_own(void **state)
{
	static const struct {
		const char *payload, *claim, *name;
	} rows[] = {
	    {"{\"token_use\":\"access\"}", "cognito:username", "username"},
	    {"{\"token_use\":\"access\"}", "email", "email"},
	    {"{\"token_use\":\"id\"}", "cognito:username", "cognito:username"},
	    {"{\"token_use\":\"id\"}", "email", "email"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct claims *claims = NULL;
		assert_int_equal(
		    claims_make(rows[i].payload, strlen(rows[i].payload), &claims), 0);
		assert_string_equal(claims_name(claims, rows[i].claim), rows[i].name);
		claims_free(claims);
	}
}

/* Longer, they are refused before anything is decoded. */
static void a_ticket_s_claims_have_a_limit(void **state)
{
	struct claims *claims = NULL;
	char *text = malloc(JWT_MAX + 5);
	(void)state;
	assert_non_null(text);
	memset(text, 'A', JWT_MAX + 4);
	text[JWT_MAX + 4] = '\0';
	assert_int_equal(claims_cached_decode(text, &claims), RESULT_TOKEN_FORM);
	text[JWT_MAX] = '\0';
	assert_int_equal(claims_cached_decode(text, &claims), RESULT_TOKEN_PAYLOAD);
	assert_null(claims);
	free(text);
}

static void a_ticket_s_claims_are_those_of_the_token(void **state)
{
	static const char payload[] = "{\"sub\":\"a\",\"n\":[1.50,{\"b\":true}]}";
	struct buffer text = BUFFER_INIT(1024), small = BUFFER_INIT(8);
	struct claims *claims = NULL, *again = NULL;
	struct scan_slice raw = {NULL, 0};
	(void)state;
	assert_int_equal(claims_make(payload, strlen(payload), &claims), 0);
	assert_int_equal(claims_cached_encode(claims, &small), RESULT_TOO_LARGE);
	assert_int_equal(claims_cached_encode(claims, &text), 0);
	assert_int_equal(claims_cached_decode(buffer_text(&text), &again), 0);
	assert_string_equal(claims_text(again, "sub"), "a");
	assert_true(claims_raw(again, claims_get(again, "n"), &raw));
	assert_int_equal(raw.len, strlen("[1.50,{\"b\":true}]"));
	assert_memory_equal(raw.bytes, "[1.50,{\"b\":true}]", raw.len);
	assert_false(claims_raw(again, claims_get(claims, "n"), &raw));
	claims_free(claims);
	claims_free(again);
	assert_int_equal(claims_cached_decode("*", &again), RESULT_TOKEN_FORM);
	assert_null(again);
	buffer_wipe(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(good_tokens_pass),
	    cmocka_unit_test(the_issuer_is_ours_or_an_alternate_to_the_byte),
	    cmocka_unit_test(token_use_is_what_was_asked_for),
	    cmocka_unit_test(token_use_may_be_absent_only_from_another_providers_id_token),
	    cmocka_unit_test(an_id_tokens_audience_is_our_client_as_a_string),
	    cmocka_unit_test(an_access_tokens_client_is_ours),
	    cmocka_unit_test(every_access_token_is_refused_as_an_id_token_and_back),
	    cmocka_unit_test(times_are_plain_integers),
	    cmocka_unit_test(a_token_lives_while_now_is_before_exp_and_leeway),
	    cmocka_unit_test(nbf_iat_and_auth_time_are_at_most_leeway_ahead),
	    cmocka_unit_test(the_nonce_is_ours),
	    cmocka_unit_test(at_hash_is_of_the_access_token_beside_it),
	    cmocka_unit_test(sub_has_1_to_255_bytes_without_controls),
	    cmocka_unit_test(a_machines_token_never_logs_in),
	    cmocka_unit_test(an_id_tokens_username_is_a_name_or_absent),
	    cmocka_unit_test(odd_claims_that_no_check_reads_change_nothing),
	    cmocka_unit_test(the_first_check_that_fails_decides),
	    cmocka_unit_test(names_are_read_from_the_right_claim),
	    cmocka_unit_test(payloads_that_are_no_objects_make_no_claims),
	    cmocka_unit_test(an_access_token_has_one_name_of_its_own),
	    cmocka_unit_test(a_ticket_s_claims_have_a_limit),
	    cmocka_unit_test(a_ticket_s_claims_are_those_of_the_token),
	};
	return cmocka_run_group_tests_name("claims", tests, NULL, NULL);
}
