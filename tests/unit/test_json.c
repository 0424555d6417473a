/* SPDX-License-Identifier: MIT
 *
 * The typed getters: exact names, exact types, exact integers.
 */
#include <cjson/cJSON.h>
#include <malloc.h>
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
#include "helper/json/json.h"

static struct json *parse(const char *text)
{
	struct json *json = NULL;
	assert_int_equal(json_parse(text, strlen(text), 65536, &json, NULL), 0);
	assert_non_null(json);
	return json;
}

static void types_are_told_apart(void **state)
{
	static const struct {
		const char *text;
		enum json_type type;
	} rows[] = {
	    {"null", JSON_NULL},
	    {"true", JSON_BOOL},
	    {"false", JSON_BOOL},
	    {"0", JSON_NUMBER},
	    {"-1.5e3", JSON_NUMBER},
	    {"1e400", JSON_NUMBER},
	    {"\"\"", JSON_STRING},
	    {"\"1\"", JSON_STRING},
	    {"[]", JSON_ARRAY},
	    {"{}", JSON_OBJECT},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct json *json = parse(rows[i].text);
		assert_int_equal(json_type(json_root(json)), rows[i].type);
		assert_int_equal(
		    json_string(json_root(json)) != NULL, rows[i].type == JSON_STRING);
		assert_int_equal(json_is_true(json_root(json)), rows[i].text[0] == 't');
		assert_int_equal(json_is_false(json_root(json)), rows[i].text[0] == 'f');
		json_free(json);
	}
	assert_int_equal(json_type(NULL), JSON_NONE);
}

static void nothing_is_found_in_nothing(void **state)
{
	(void)state;
	assert_null(json_member(NULL, "a"));
	assert_null(json_string(NULL));
	assert_null(json_member_string(NULL, "a"));
	assert_null(json_first(NULL));
	assert_null(json_next(NULL));
	assert_null(json_name(NULL));
	assert_int_equal(json_count(NULL), 0);
	assert_false(json_is_true(NULL));
	assert_false(json_is_false(NULL));
	json_free(NULL);
}

static void names_match_case_and_all(void **state)
{
	struct json *json = parse("{\"sub\":\"a\",\"SUB\":\"b\",\"s\\u0075b2\":\"c\",\"n\":1}");
	(void)state;
	assert_string_equal(json_member_string(json_root(json), "sub"), "a");
	assert_string_equal(json_member_string(json_root(json), "SUB"), "b");
	assert_string_equal(json_member_string(json_root(json), "sub2"), "c");
	assert_null(json_member(json_root(json), "Sub"));
	assert_null(json_member(json_root(json), "su"));
	assert_null(json_member_string(json_root(json), "n"));
	json_free(json);
}

static void an_array_has_no_members(void **state)
{
	struct json *json = parse("[\"a\",{\"a\":1}]");
	(void)state;
	assert_null(json_member(json_root(json), "a"));
	json_free(json);
}

static void elements_and_members_come_in_order(void **state)
{
	struct json *json = parse("{\"z\":[1,\"two\",null],\"a\":{}}");
	const struct cJSON *z = json_first(json_root(json)), *at;
	(void)state;
	assert_int_equal(json_count(json_root(json)), 2);
	assert_string_equal(json_name(z), "z");
	assert_int_equal(json_count(z), 3);
	at = json_first(z);
	assert_int_equal(json_type(at), JSON_NUMBER);
	assert_null(json_name(at));
	at = json_next(at);
	assert_string_equal(json_string(at), "two");
	at = json_next(at);
	assert_int_equal(json_type(at), JSON_NULL);
	assert_null(json_next(at));
	assert_string_equal(json_name(json_next(z)), "a");
	assert_null(json_first(json_next(z)));
	assert_int_equal(json_count(json_next(z)), 0);
	json_free(json);
}

static void strings_are_unescaped(void **state)
{
	struct json *json = parse("[\"w66\\/\\u00e9\\ud83d\\ude00\\\"\\\\\\n\"]");
	(void)state;
	assert_string_equal(
	    json_string(json_first(json_root(json))), "w66/\xc3\xa9\xf0\x9f\x98\x80\"\\\n");
	json_free(json);
}

static bool integer(const struct json *json, const char *name, long long *out)
{
	return json_integer(json, json_member(json_root(json), name), out);
}

static void integers_are_read_from_the_raw_text(void **state)
{
	static const struct {
		const char *raw;
		long long value; /* -1: refused */
	} rows[] = {
	    {"0", 0},
	    {"1", 1},
	    {"1759345200", 1759345200},
	    {"999999999999", 999999999999},
	    {"1000000000000", -1}, /* 13 digits */
	    {"-1", -1},
	    {"-0", -1},
	    {"1.0", -1},
	    {"1.5", -1},
	    {"0.0", -1},
	    {"1e3", -1},
	    {"1E3", -1},
	    {"1e400", -1},
	    {"9223372036854775807", -1},
	    {"9223372036854775808", -1},
	    {"18446744073709551617", -1},
	    {"\"1\"", -1},
	    {"null", -1},
	    {"true", -1},
	    {"[1]", -1},
	    {"{\"n\":1}", -1},
	};
	(void)state;
	/* Beside a number that is no integer, and beside none. */
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		char text[80];
		long long value = -1;
		int len = snprintf(text, sizeof(text), "{\"m\":{\"n\":%s},\"n\": %s }",
		    i % 2 == 0 ? "7" : "7e0", rows[i / 2].raw);
		struct json *json = NULL;
		assert_int_equal(json_parse(text, (size_t)len, 80, &json, NULL), 0);
		bool read = integer(json, "n", &value);
		if (read != (rows[i / 2].value >= 0) || (read && value != rows[i / 2].value))
			fail_msg("%s: %d %lld", text, read, value);
		assert_false(integer(json, "N", &value));
		assert_false(integer(json, "absent", &value));
		json_free(json);
	}
}

static void an_escaped_name_still_names_the_integer(void **state)
{
	struct json *json = parse("{\"\\u0065xp\":12}");
	long long value = 0;
	(void)state;
	assert_true(integer(json, "exp", &value));
	assert_int_equal(value, 12);
	json_free(json);
}

static void refused_texts_give_no_document(void **state)
{
	static const char *const rows[] = {
	    "",
	    "{",
	    "{}x",
	    "{\"a\":1,\"a\":2}",
	    "\"\\u0000\"",
	    "[[[[[[[[[]]]]]]]]]",
	    "nul",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct json *json = (struct json *)state;
		struct scan_fault fault = {0, 0, NULL};
		int r = json_parse(rows[i], strlen(rows[i]), 100, &json, &fault);
		assert_int_equal(r, RESULT_JSON);
		assert_null(json);
		assert_non_null(fault.what);
	}
}

static void the_limit_and_the_length_are_kept(void **state)
{
	struct json *json = NULL;
	size_t len = 0;
	(void)state;
	assert_int_equal(json_parse("[1,2]", 5, 4, &json, NULL), RESULT_JSON);
	assert_int_equal(json_parse("[1,2]garbage", 5, 5, &json, NULL), 0);
	assert_int_equal(strlen(json_source(json, &len)), 5);
	assert_int_equal(len, 5);
	json_free(json);
}

/* cJSON before 1.7.18 gives up on it (Debian's has the repair): then the fault has a place. */
static void a_number_of_64_bytes_is_read_or_a_fault(void **state)
{
	char text[128];
	struct json *json = NULL;
	struct scan_fault fault = {0, 0, NULL};
	int len = snprintf(text, sizeof(text), "{\"a\":\n%063d1}", 0);
	(void)state;
	memset(text + 6, '1', 64);
	int r = json_parse(text, (size_t)len, 128, &json, &fault);
	assert_true(
	    r == 0 ? json != NULL : r == RESULT_JSON && json == NULL && fault.line == 2);
	json_free(json);
	memmove(text + 6, text + 7, (size_t)len - 6);
	assert_int_equal(json_parse(text, (size_t)len - 1, 128, &json, &fault), 0);
	json_free(json);
}

static void strings_are_written_so_that_they_read_back(void **state)
{
	static const char *const rows[] = {
	    "",
	    "plain",
	    "\"\\/\b\f\n\r\t\x01\x1f\x7f",
	    "\xc3\xa9 \xf0\x9f\x98\x80",
	    "\\u0000",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buffer out = BUFFER_INIT(200);
		assert_int_equal(json_write_string(&out, rows[i]), 0);
		struct json *json = parse(buffer_text(&out));
		assert_string_equal(json_string(json_root(json)), rows[i]);
		json_free(json);
		buffer_wipe(&out);
	}
}

static void broken_utf8_is_not_written(void **state)
{
	struct buffer out = BUFFER_INIT(200);
	(void)state;
	assert_int_equal(json_write_string(&out, "a\xff"), RESULT_JSON);
	assert_int_equal(json_write_string(&out, "\xed\xa0\x80"), RESULT_JSON);
	assert_int_equal(out.len, 0);
	buffer_wipe(&out);
	struct buffer small = BUFFER_INIT(4);
	assert_int_equal(json_write_string(&small, "abc"), RESULT_TOO_LARGE);
	buffer_wipe(&small);
}

#define SECRET "hunter2-hunter2"

static size_t leaks, frees;

/* What cJSON gives back must not hold the secret any more. */
static void inspect_and_free(void *block)
{
	frees++;
	if (block != NULL &&
	    memmem(block, malloc_usable_size(block), SECRET, strlen(SECRET)) != NULL)
		leaks++;
	free(block);
}

static void strings_are_wiped_at_every_depth(void **state)
{
	static const char *const rows[] = {
	    "\"" SECRET "\"",
	    "[\"" SECRET "\"]",
	    "{\"a\":1,\"b\":{\"c\":[[],{},\"" SECRET "\"],\"d\":\"" SECRET "\"},\"e\":\"" SECRET
	    "\"}",
	    "[[[[[[[[\"" SECRET "\"]]]]]]],\"" SECRET "\"]",
	    "[{},[],{\"a\":[{\"b\":[]},\"" SECRET "\"]},[[[]]],\"" SECRET "\"]",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		leaks = frees = 0;
		struct json *json = parse(rows[i]);
		cJSON_InitHooks(
		    &(cJSON_Hooks){.malloc_fn = malloc, .free_fn = inspect_and_free});
		json_free(json);
		cJSON_InitHooks(NULL);
		assert_true(frees > 1);
		assert_int_equal(leaks, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(types_are_told_apart),
	    cmocka_unit_test(nothing_is_found_in_nothing),
	    cmocka_unit_test(names_match_case_and_all),
	    cmocka_unit_test(an_array_has_no_members),
	    cmocka_unit_test(elements_and_members_come_in_order),
	    cmocka_unit_test(strings_are_unescaped),
	    cmocka_unit_test(integers_are_read_from_the_raw_text),
	    cmocka_unit_test(an_escaped_name_still_names_the_integer),
	    cmocka_unit_test(refused_texts_give_no_document),
	    cmocka_unit_test(the_limit_and_the_length_are_kept),
	    cmocka_unit_test(a_number_of_64_bytes_is_read_or_a_fault),
	    cmocka_unit_test(strings_are_written_so_that_they_read_back),
	    cmocka_unit_test(broken_utf8_is_not_written),
	    cmocka_unit_test(strings_are_wiped_at_every_depth),
	};
	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
