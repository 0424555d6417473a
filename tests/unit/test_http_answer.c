/* SPDX-License-Identifier: MIT
 *
 * What is read out of an answer's headers, which answers count, and how a refusal is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "common/buffer.h"
#include "common/reason.h"
#include "common/result.h"
#include "helper/json/json.h"
#include "helper/net/http.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void headers(void **state)
{
	static const struct {
		const char *line;
		bool json, key_set;
		const char *location;
		long long date;
		int result;
	} rows[] = {
	    {"Content-Type: application/json\r\n", true, false, "", 0, 0},
	    {"content-type:\t application/x-amz-json-1.1; charset=utf-8\r\n", true, false, "",
		0, 0},
	    {"content-type: application/x-amz-json-1.0\r\n", true, false, "", 0, 0},
	    {"content-type: application/jwk-set+json\r\n", false, true, "", 0, 0},
	    {"content-type: application/jsonp\r\n", false, false, "", 0, 0},
	    {"content-type: text/json\r\n", false, false, "", 0, 0},
	    {"content-type-options: application/json\r\n", false, false, "", 0, 0},
	    {"content-type", false, false, "", 0, 0},
	    {"Location: https://a.example/\x1b[2J \r\n", false, false, "https://a.example/?[2J",
		0, 0},
	    {"date: Fri, 28 Nov 2025 10:00:00 GMT\r\n", false, false, "", 1764324000, 0},
	    {"date: tomorrow\r\n", false, false, "", 0, 0},
	    {"content-encoding: gzip\r\n", false, false, "", 0, RESULT_HTTP},
	    {"Content-Encoding: Identity\r\n", false, false, "", 0, 0},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct http_answer a = {.status = 200};
		assert_int_equal(
		    http_read_header(&a, rows[i].line, strlen(rows[i].line)), rows[i].result);
		assert_int_equal(a.json, rows[i].json);
		assert_int_equal(a.key_set, rows[i].key_set);
		assert_string_equal(a.location, rows[i].location);
		assert_int_equal(a.date, rows[i].date);
	}
	/* The headers of a 1xx answer do not count. */
	struct http_answer a = {.json = true, .date = 7};
	assert_int_equal(http_read_header(&a, "HTTP/1.1 200 OK\r\n", 17), 0);
	assert_true(!a.json && a.date == 0);
}

static void which_answers_count(void **state)
{
	static const struct {
		long status;
		bool json, key_set;
		const char *body;
		int result, for_keys;
	} rows[] = {
	    {200, true, false, "{}", 0, 0},
	    {200, true, false, "[]", RESULT_ANSWER, 0},
	    {200, true, false, "7", RESULT_ANSWER, 0},
	    {200, true, false, "{", RESULT_JSON, 0},
	    {200, false, true, "{}", RESULT_HTTP_CONTENT_TYPE, 0},
	    {200, false, false, "{}", RESULT_HTTP_CONTENT_TYPE, RESULT_HTTP_CONTENT_TYPE},
	    {204, true, true, "{}", RESULT_HTTP_STATUS, RESULT_HTTP_STATUS},
	    {403, true, false, "{}", RESULT_FIREWALL, RESULT_FIREWALL},
	    {429, true, false, "{}", RESULT_THROTTLED, RESULT_THROTTLED},
	    {499, true, false, "{}", RESULT_HTTP_STATUS, RESULT_HTTP_STATUS},
	    {500, true, false, "{}", RESULT_POOL, RESULT_POOL},
	    {599, true, false, "{}", RESULT_POOL, RESULT_POOL},
	    {600, true, false, "{}", RESULT_HTTP_STATUS, RESULT_HTTP_STATUS},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct http_answer a = {.status = rows[i].status,
		    .json = rows[i].json,
		    .key_set = rows[i].key_set,
		    .body = BUFFER_INIT(64)};
		struct json *out = NULL;
		buffer_append_text(&a.body, rows[i].body);
		assert_int_equal(http_parse(&a, 200, &out), rows[i].result);
		assert_true((out != NULL) == (rows[i].result == 0));
		assert_int_equal(http_judge_key_set(&a), rows[i].for_keys);
		json_free(out);
		buffer_wipe(&a.body);
	}
}

static void refusals(void **state)
{
	static const struct {
		int result;
		const char *type, *message, *detail, *told; /* told: a part; "" for nothing */
	} rows[] = {
	    {RESULT_PASSWORD, "Type", "Words.", "Type: Words.", ""},
	    {RESULT_PASSWORD, NULL, "Words.", "Words.", ""},
	    {RESULT_PASSWORD, "Type", NULL, "Type", ""},
	    {RESULT_PASSWORD, NULL, NULL, "", ""},
	    {RESULT_LAMBDA, "Type", "PreSignUp failed with error Not today..",
		"Type: PreSignUp failed with error Not today..", "Not today."},
	    {RESULT_LAMBDA, "Type", "PreSignUp failed with error Why?.",
		"Type: PreSignUp failed with error Why?.", "Why?"},
	    {RESULT_LAMBDA, "Type", "PreSignUp failed with error x",
		"Type: PreSignUp failed with error x", "x"},
	    {RESULT_LAMBDA, "Type", "PreSignUp failed with error .",
		"Type: PreSignUp failed with error .", ""},
	    {RESULT_LAMBDA, "Type", "Something else", "Type: Something else", ""},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct reason reason = {.detail = ""};
		assert_int_equal(
		    http_refused(&reason, rows[i].result, rows[i].type, rows[i].message),
		    rows[i].result);
		assert_string_equal(reason.detail, rows[i].detail);
		assert_int_equal(reason.message[0] != '\0', rows[i].told[0] != '\0');
		assert_non_null(strstr(reason.message, rows[i].told));
	}
	struct reason reason = {.detail = "UserType: x"};
	assert_true(http_is_refused(&reason, "UserType"));
	assert_false(http_is_refused(&reason, "User"));
	assert_false(http_is_refused(&reason, "Other"));
	reason = (struct reason){.detail = "UserType"};
	assert_true(http_is_refused(&reason, "UserType"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(headers),
	    cmocka_unit_test(which_answers_count),
	    cmocka_unit_test(refusals),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
