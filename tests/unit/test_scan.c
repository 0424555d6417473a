/* SPDX-License-Identifier: MIT
 *
 * What is refused, and where the finger points.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"
#include "helper/json/scan.h"

#define MAX (160u * 1024)

/* Scans a copy without a NUL behind it, so that a sanitizer sees a byte too far. */
static int scan_copy(const char *text, size_t len, struct scan_fault *fault)
{
	char *copy = malloc(len > 0 ? len : 1);
	assert_non_null(copy);
	memcpy(copy, text, len);
	int r = scan_text(copy, len, MAX, fault);
	free(copy);
	return r;
}

static void honest_texts_are_accepted(void **state)
{
	static const char *const rows[] = {
	    "{}",
	    "[]",
	    "0",
	    "-0",
	    "-1.5e+10",
	    "1E5",
	    "\"\"",
	    "true",
	    "false",
	    "null",
	    " \t\r\n[1 , 2]\n",
	    "{\"a\":{\"b\":[{\"c\":null}]}}",
	    "[1e400]",
	    "[[],[],{}]",
	    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"",
	    "\"\\ud83d\\ude00 \xf0\x9f\x98\x80\"",
	    "\"\x7f\"",
	    "\"\\\\u0000\"",
	    "{\"\":1}",
	    "{\"a\":1,\"A\":2,\"a \":3}",
	    "{\"a\":{\"x\":1},\"b\":{\"x\":1}}",
	    "[{\"x\":1},{\"x\":1}]",
	    "{\"x\":{\"x\":{\"x\":1}}}",
	    "{\"iss\":\"https:\\/\\/cognito-idp\"}",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scan_fault fault = {0, 0, ""};
		if (scan_copy(rows[i], strlen(rows[i]), &fault) != 0)
			fail_msg(
			    "%s: %zu:%zu %s", rows[i], fault.line, fault.column, fault.what);
	}
}

struct refused {
	const char *text;
	size_t line, column;
	const char *what;
};

static void check_refused(const struct refused *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct scan_fault fault = {0, 0, ""};
		int r = scan_copy(rows[i].text, strlen(rows[i].text), &fault);
		if (r != RESULT_JSON || fault.line != rows[i].line ||
		    fault.column != rows[i].column || strstr(fault.what, rows[i].what) == NULL)
			fail_msg("%s: %d at %zu:%zu: %s", rows[i].text, r, fault.line,
			    fault.column, fault.what);
	}
}

static void faults_are_placed_and_named(void **state)
{
	static const struct refused rows[] = {
	    {"", 1, 1, "too early"},
	    {"  \n ", 2, 2, "too early"},
	    {"{", 1, 2, "too early"},
	    {"[1", 1, 3, "too early"},
	    {"[1,", 1, 4, "too early"},
	    {"{\"a\"", 1, 5, "colon"},
	    {"{\"a\":", 1, 6, "too early"},
	    {"{\"a\" 1}", 1, 6, "colon"},
	    {"{a:1}", 1, 2, "name"},
	    {"{'a':1}", 1, 2, "name"},
	    {"{1:1}", 1, 2, "name"},
	    {"{\"a\":1,}", 1, 8, "before the closing brace"},
	    {"{,}", 1, 2, "name"},
	    {"[1,]", 1, 4, "before the closing bracket"},
	    {"[,1]", 1, 2, "value"},
	    {"[1 2]", 1, 4, "comma"},
	    {"{\"a\":1 \"b\":2}", 1, 8, "comma"},
	    {"{\"a\":}", 1, 6, "before the closing"},
	    {"[1}", 1, 3, "comma"},
	    {"{\"a\":1]", 1, 7, "comma"},
	    {"}", 1, 1, "value"},
	    {"]", 1, 1, "value"},
	    {"{} {}", 1, 4, "behind"},
	    {"{}x", 1, 3, "behind"},
	    {"1 1", 1, 3, "behind"},
	    {"{}\n\n,", 3, 1, "behind"},
	    {"\"abc", 1, 1, "not closed"},
	    {"[\n  \"abc]", 2, 3, "not closed"},
	    {"\"a\nb\"", 1, 3, "control"},
	    {"\"a\tb\"", 1, 3, "control"},
	    {"\"\x1b[0m\"", 1, 2, "control"},
	    {"\"\\x\"", 1, 2, "escape"},
	    {"\"\\'\"", 1, 2, "escape"},
	    {"\"\\U0041\"", 1, 2, "escape"},
	    {"\"\\", 1, 2, "escape"},
	    {"\"\\u12\"", 1, 2, "hexadecimal"},
	    {"\"\\u12g4\"", 1, 2, "hexadecimal"},
	    {"\"\\u", 1, 2, "hexadecimal"},
	    {"\"a\\u0000b\"", 1, 3, "\\u0000"},
	    {"{\"a\\u0000b\":1}", 1, 4, "\\u0000"},
	    {"\"\\ud800\"", 1, 2, "surrogate"},
	    {"\"\\udc00\"", 1, 2, "surrogate"},
	    {"\"\\ud800\\ud800\"", 1, 2, "surrogate"},
	    {"\"\\ud800\\n\"", 1, 2, "surrogate"},
	    {"\"\\ud800\\u12\"", 1, 2, "surrogate"},
	    {"\"\\ude00\\ud83d\"", 1, 2, "surrogate"},
	    {"\xef\xbb\xbf{}", 1, 1, "byte-order"},
	    {"{}\xef\xbb\xbf", 1, 3, "behind"},
	    {"\xfe\xff", 1, 1, "value"},
	    {"tru", 1, 1, "value"},
	    {"True", 1, 1, "value"},
	    {"NULL", 1, 1, "value"},
	    {"nullx", 1, 5, "behind"},
	    {"[NaN]", 1, 2, "value"},
	    {"[Infinity]", 1, 2, "value"},
	    {"[-Infinity]", 1, 2, "number"},
	    {"undefined", 1, 1, "value"},
	    {"// c\n1", 1, 1, "value"},
	    {"[1/**/]", 1, 3, "comma"},
	    {"\v1", 1, 1, "value"},
	    {"\f1", 1, 1, "value"},
	    {"\xc2\xa0"
	     "1",
		1, 1, "value"},
	};
	(void)state;
	check_refused(rows, sizeof(rows) / sizeof(rows[0]));
}

static void malformed_numbers_are_refused(void **state)
{
	static const struct refused rows[] = {
	    {"01", 1, 1, "leading zero"},
	    {"-01", 1, 1, "leading zero"},
	    {"00", 1, 1, "leading zero"},
	    {"-", 1, 1, "number"},
	    {"+1", 1, 1, "value"},
	    {".5", 1, 1, "value"},
	    {"1.", 1, 1, "number"},
	    {"1.e5", 1, 1, "number"},
	    {"1e", 1, 1, "number"},
	    {"1e+", 1, 1, "number"},
	    {"0x10", 1, 2, "behind"},
	    {"1_000", 1, 2, "behind"},
	    {"1.5.5", 1, 4, "behind"},
	    {"--1", 1, 1, "number"},
	    {"[ -a]", 1, 3, "number"},
	    {"\xef\xbc\x91", 1, 1, "value"},
	};
	(void)state;
	check_refused(rows, sizeof(rows) / sizeof(rows[0]));
}

static void malformed_utf8_is_refused(void **state)
{
	static const struct refused rows[] = {
	    {"\"\xff\"", 1, 2, "UTF-8"}, {"\"\x80\"", 1, 2, "UTF-8"},
	    {"\"\xc3\"", 1, 2, "UTF-8"}, {"\"\xc0\xaf\"", 1, 2, "UTF-8"}, /* overlong / */
	    {"\"\xe0\x80\xaf\"", 1, 2, "UTF-8"},
	    {"\"\xed\xa0\x80\"", 1, 2, "UTF-8"}, /* surrogate */
	    {"\"\xf4\x90\x80\x80\"", 1, 2, "UTF-8"}, /* over U+10FFFF */
	    {"\"ok \xe2\x82\xac \xe2\x82\"", 1, 9, "UTF-8"}, {"{\"\xff\":1}", 1, 3, "UTF-8"},
	    {"\"\xc3", 1, 2, "UTF-8"}, {"\"\xe9t\xe9\"", 1, 2, "UTF-8"}, /* Latin-1 */
	};
	(void)state;
	check_refused(rows, sizeof(rows) / sizeof(rows[0]));
}

static void a_raw_nul_and_utf16_are_refused(void **state)
{
	(void)state;
	assert_int_equal(scan_copy("\"a\0b\"", 5, NULL), RESULT_JSON);
	assert_int_equal(scan_copy("{}\0", 3, NULL), RESULT_JSON);
	assert_int_equal(scan_copy("\0", 1, NULL), RESULT_JSON);
	assert_int_equal(scan_copy("{\0}\0", 4, NULL), RESULT_JSON);
	assert_int_equal(scan_copy("\0{\0}", 4, NULL), RESULT_JSON);
	assert_int_equal(scan_copy("\xff\xfe{\0}\0", 6, NULL), RESULT_JSON);
}

static void surrogates_pair_up_to_their_last(void **state)
{
	static const char *const good[] = {"\"\\uD800\\uDC00\"", "\"\\udbff\\udfff\"",
	    "\"\\ud7ff\"", "\"\\ue000\"", "\"\\uAaFf\"", "\"\\uffff\"", "\"\\u0001\""};
	static const char *const bad[] = {"\"\\udbff\\udbff\"", "\"\\ud800\\ue000\"",
	    "\"\\udc00\\udc00\"", "\"\\udfff\"", "\"\\ud800udc00\"", "\"\\ud800xudc00\"",
	    "\"\\ud800\\xdc00\"", "\"\\u00G0\"", "\"\\u00g0\"", "\"\\u00@0\"", "\"\\u00`0\"",
	    "\"\\u00/0\"", "\"\\u00:0\""};
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (scan_copy(good[i], strlen(good[i]), NULL) != 0)
			fail_msg("%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (scan_copy(bad[i], strlen(bad[i]), NULL) != RESULT_JSON)
			fail_msg("%s", bad[i]);
}

static void duplicate_members_are_refused_at_the_second(void **state)
{
	static const struct refused rows[] = {
	    {"{\"a\":1,\"a\":1}", 1, 8, "twice"},
	    {"{\"a\":1,\"b\":2,\n\"a\":3,\"b\":4}", 2, 1, "twice"},
	    {"{\"sub\":1,\"s\\u0075b\":2}", 1, 10, "twice"},
	    {"{\"\\u0073ub\":1,\"\\u0073\\u0075\\u0062\":2}", 1, 15, "twice"},
	    {"{\"/\":1,\"\\/\":2}", 1, 8, "twice"},
	    {"{\"\\u002f\":1,\"\\/\":2}", 1, 13, "twice"},
	    {"{\"\xc3\xa9\":1,\"\\u00e9\":2}", 1, 9, "twice"},
	    {"{\"\xf0\x9f\x98\x80\":1,\"\\uD83D\\uDE00\":2}", 1, 11, "twice"},
	    {"{\"\\ud83d\\ude00\":1,\"\\uD83D\\uDE00\":2}", 1, 19, "twice"},
	    {"{\"\":1,\"\":2}", 1, 7, "twice"},
	    {"{\"a\":{\"b\":1,\"c\":2,\"b\":3}}", 1, 19, "twice"},
	    {"[0,[{\"k\":0},{\"k\":0,\"k\":0}]]", 1, 20, "twice"},
	    {"{\"a\":1,\"x\":{\"a\":1},\"a\":2}", 1, 20, "twice"},
	    {"{\"a\":1,\"a\":2,\"a\":3}", 1, 8, "twice"},
	};
	(void)state;
	check_refused(rows, sizeof(rows) / sizeof(rows[0]));
}

static void names_that_only_look_alike_are_different(void **state)
{
	static const char *const rows[] = {
	    "{\"exp\":1,\"EXP\":2,\"Exp\":3}",
	    "{\"a\":1,\"a\\u0001\":2}",
	    "{\"\xc3\xa9\":1,\"e\xcc\x81\":2}", /* composed and decomposed */
	    "{\"ab\":1,\"a\":2,\"abc\":3,\"b\":4}",
	    "{\"\\\\u0061\":1,\"a\":2}",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(scan_copy(rows[i], strlen(rows[i]), NULL), 0);
}

static void eight_containers_are_allowed_and_nine_are_not(void **state)
{
	struct scan_fault fault;
	const char *nine = "[[[[[[[[[1]]]]]]]]]";
	const char *mixed = "{\"a\":[{\"a\":[{\"a\":[{\"a\":[{}]}]}]}]}";
	(void)state;
	assert_int_equal(scan_copy(nine + 1, strlen(nine) - 2, NULL), 0);
	assert_int_equal(scan_copy(nine, strlen(nine), &fault), RESULT_JSON);
	assert_int_equal(fault.column, 9);
	assert_string_equal(fault.what, "nested too deep");
	assert_int_equal(scan_copy(mixed, strlen(mixed), NULL), RESULT_JSON);
}

static void a_million_brackets_are_refused_at_once(void **state)
{
	size_t len = 1000000;
	char *text = malloc(len);
	(void)state;
	assert_non_null(text);
	memset(text, '[', len);
	assert_int_equal(scan_text(text, len, len, NULL), RESULT_JSON);
	memset(text, ' ', len);
	assert_int_equal(scan_text(text, len, len, NULL), RESULT_JSON);
	free(text);
}

static void the_limit_is_the_callers(void **state)
{
	(void)state;
	assert_int_equal(scan_text("[1,2]", 5, 5, NULL), 0);
	assert_int_equal(scan_text("[1,2]", 5, 4, NULL), RESULT_JSON);
}

/* {"0":0,"1":0,...}, and room for one member more. */
static char *many_members(size_t count, size_t *len)
{
	char *text = malloc(count * 16 + 32);
	assert_non_null(text);
	*len = 0;
	text[(*len)++] = '{';
	for (size_t i = 0; i < count; i++)
		*len += (size_t)sprintf(text + *len, "%s\"%zx\":0", i > 0 ? "," : "", i);
	text[(*len)++] = '}';
	return text;
}

/* The fastest of a few: other work on this machine only adds. */
static double milliseconds(const char *text, size_t len)
{
	double least = 0;
	for (size_t i = 0; i < 5; i++) {
		struct timespec before, after;
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
		assert_int_equal(scan_text(text, len, 2 * MAX, NULL), 0);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
		double ms = (double)(after.tv_sec - before.tv_sec) * 1e3 +
			    (double)(after.tv_nsec - before.tv_nsec) / 1e6;
		if (i == 0 || ms < least)
			least = ms;
	}
	return least;
}

static void thirty_thousand_members_cost_no_square(void **state)
{
	(void)state;
	/* Twice what a body may hold (160 KiB has room for 19,000); the last name repeats. */
	size_t few_len, len;
	char *few = many_members(7500, &few_len), *text = many_members(30000, &len);
	double few_ms = milliseconds(few, few_len), ms = milliseconds(text, len);
	print_message("30000 members in %zu bytes: %.1f ms; 7500: %.1f ms\n", len, ms, few_ms);
	assert_true(
	    ms < 8 * few_ms); /* four times the names; a square takes sixteen times as long */
	text[len - 1] = ',';
	len += (size_t)sprintf(text + len, "\"0\":0}");
	struct scan_fault fault;
	assert_int_equal(scan_text(text, len, 2 * MAX + 32, &fault), RESULT_JSON);
	assert_int_equal(fault.column, len - 5);
	free(few);
	free(text);
}

static void long_names_with_one_stem_cost_no_square(void **state)
{
	size_t len = 0, stem = 300;
	char *text = malloc(MAX + 1024);
	(void)state;
	assert_non_null(text);
	text[len++] = '{';
	for (size_t i = 0; len + stem + 16 < MAX; i++) {
		len += (size_t)sprintf(text + len, "%s\"", i > 0 ? "," : "");
		memset(text + len, 'x', stem);
		len += stem;
		len += (size_t)sprintf(text + len, "%03zx\":0", i);
	}
	text[len++] = '}';
	assert_int_equal(scan_text(text, len, MAX, NULL), 0);
	free(text);
}

static void comments_are_blanked_in_place(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
	    {"{} // end", "{}       "},
	    {"{// a\n}", "{    \n}"},
	    {"{/* a\n b */}", "{    \n     }"},
	    {"/**/1", "    1"},
	    {"/* * / **/1", "          1"},
	    {"\"// no\"", "\"// no\""},
	    {"\"/* no */\"", "\"/* no */\""},
	    {"\"\\\"// no\" // yes", "\"\\\"// no\"       "},
	    {"\"\\\\\" // yes", "\"\\\\\"       "},
	    {"// \"\n1", "    \n1"},
	    {"/ /", "/ /"},
	    {"1/", "1/"},
	    {"//a\r\n1", "   \r\n1"},
	    {"[/*\"*/1]", "[     1]"},
	    {"// /* \n 1 // */", "      \n 1      "},
	    {"//", "  "},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = strlen(rows[i].in);
		char *text = malloc(len + 1);
		assert_non_null(text);
		memcpy(text, rows[i].in, len + 1);
		assert_int_equal(scan_blank_comments(text, len, NULL), 0);
		assert_string_equal(text, rows[i].out);
		free(text);
	}
}

static void an_open_comment_is_a_fault_where_it_begins(void **state)
{
	static const char *const rows[] = {"{}\n  /* a", "{}\n  /*/", "{}\n  /*", "{}\n  /* *"};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scan_fault fault = {0, 0, ""};
		char text[32];
		strcpy(text, rows[i]);
		assert_int_equal(scan_blank_comments(text, strlen(text), &fault), RESULT_JSON);
		assert_int_equal(fault.line, 2);
		assert_int_equal(fault.column, 3);
	}
}

/* A path of member names and indexes, and the raw text of what it leads to. */
static void check_raw(const char *text, const char *const *path, size_t steps, const char *want,
    const char *want_name)
{
	struct json *json = NULL;
	struct scan_slice value, name;
	assert_int_equal(json_parse(text, strlen(text), MAX, &json, NULL), 0);
	const struct cJSON *at = json_root(json);
	for (size_t i = 0; i < steps; i++) {
		unsigned long index = 0;
		if (json_type(at) != JSON_ARRAY) {
			at = json_member(at, path[i]);
			continue;
		}
		bool is_index = text_number(path[i], ULONG_MAX, &index);
		at = is_index ? json_first(at) : NULL;
		for (; at != NULL && index > 0; index--)
			at = json_next(at);
	}
	assert_int_equal(at != NULL, want != NULL);
	assert_int_equal(json_raw(json, at, &value, &name), want != NULL);
	if (want != NULL) {
		assert_int_equal(value.len, strlen(want));
		assert_memory_equal(value.bytes, want, value.len);
		assert_int_equal(name.len, strlen(want_name));
		assert_memory_equal(name.bytes, want_name, name.len);
	}
	json_free(json);
}

static void raw_values_are_found_in_the_text(void **state)
{
	static const char text[] =
	    " { \"a\" : 1 ,\n\"b]\":[ [] , {\"c\":\"x\\\"y]\"} , -1.5e3 , true],"
	    "\"\\u0064\\/\":null,\"e\":{\"f\":{\"g\":[0]}},\"\xc3\xa9\":\"last\" } ";
	(void)state;
	check_raw(text, (const char *const[]){"a"}, 1, "1", "\"a\"");
	check_raw(text, (const char *const[]){"b]", "0"}, 2, "[]", "");
	check_raw(text, (const char *const[]){"b]", "1", "c"}, 3, "\"x\\\"y]\"", "\"c\"");
	check_raw(text, (const char *const[]){"b]", "2"}, 2, "-1.5e3", "");
	check_raw(text, (const char *const[]){"b]", "3"}, 2, "true", "");
	check_raw(text, (const char *const[]){"d/"}, 1, "null", "\"\\u0064\\/\"");
	check_raw(text, (const char *const[]){"e", "f", "g", "0"}, 4, "0", "");
	check_raw(text, (const char *const[]){"e", "f"}, 2, "{\"g\":[0]}", "\"f\"");
	check_raw(text, (const char *const[]){"\xc3\xa9"}, 1, "\"last\"", "\"\xc3\xa9\"");
	check_raw("{\"\\u00e9\":1}", (const char *const[]){"\xc3\xa9"}, 1, "1", "\"\\u00e9\"");
	check_raw("{\"\\ud83d\\ude00\":1}", (const char *const[]){"\xf0\x9f\x98\x80"}, 1, "1",
	    "\"\\ud83d\\ude00\"");
	check_raw(" 12 ", NULL, 0, "12", "");
	check_raw("[]", NULL, 0, "[]", "");
}

static void what_is_not_there_is_not_found(void **state)
{
	static const char text[] = "{\"a\":1,\"b\":[1,2],\"c\":{},\"d\":\"s\",\"long\":0}";
	(void)state;
	check_raw(text, (const char *const[]){"A"}, 1, NULL, NULL);
	check_raw(text, (const char *const[]){"lon"}, 1, NULL, NULL);
	check_raw(text, (const char *const[]){"longer"}, 1, NULL, NULL);
	check_raw(text, (const char *const[]){"a", "0"}, 2, NULL, NULL);
	check_raw(text, (const char *const[]){"b", "2"}, 2, NULL, NULL);
	check_raw(text, (const char *const[]){"b", "-1"}, 2, NULL, NULL);
	check_raw(text, (const char *const[]){"b", "x"}, 2, NULL, NULL);
	check_raw(text, (const char *const[]){"b", ""}, 2, NULL, NULL);
	check_raw(text, (const char *const[]){"b", "99999999999999999999999"}, 2, NULL, NULL);
	check_raw(text, (const char *const[]){"c", "0"}, 2, NULL, NULL);
	check_raw(text, (const char *const[]){"d", "s"}, 2, NULL, NULL);
	check_raw("{\"\\u0061\":1}", (const char *const[]){"\\u0061"}, 1, NULL, NULL);
	check_raw("{\"\\u0061\":1}", (const char *const[]){"\xff"}, 1, NULL, NULL);
	check_raw("{\"\\u0061b\":1}", (const char *const[]){"ac"}, 1, NULL, NULL);
	check_raw("{\"\\u0061b\":1}", (const char *const[]){"a"}, 1, NULL, NULL);
	check_raw("{\"\\u0061b\":1}", (const char *const[]){"abc"}, 1, NULL, NULL);
	check_raw("{\"\\u0061b\":1}", (const char *const[]){""}, 1, NULL, NULL);
}

static void positions_count_lines_and_bytes(void **state)
{
	static const char text[] = "ab\ncd\n";
	size_t line, column;
	(void)state;
	scan_position(text, text, &line, &column);
	assert_int_equal(line, 1);
	assert_int_equal(column, 1);
	scan_position(text, text + 2, &line, &column);
	assert_int_equal(line, 1);
	assert_int_equal(column, 3);
	scan_position(text, text + 4, &line, &column);
	assert_int_equal(line, 2);
	assert_int_equal(column, 2);
	scan_position(text, text + 6, &line, &column);
	assert_int_equal(line, 3);
	assert_int_equal(column, 1);
}

static void values_are_counted_as_they_begin(void **state)
{
	static const char text[] = " {\"a\":[1,{\"b\":\"x\"}],\"c\":[]} ";
	static const struct {
		const char *value, *name;
	} rows[] = {
	    {"{\"a\":[1,{\"b\":\"x\"}],\"c\":[]}", ""},
	    {"[1,{\"b\":\"x\"}]", "\"a\""},
	    {"1", ""},
	    {"{\"b\":\"x\"}", ""},
	    {"\"x\"", "\"b\""},
	    {"[]", "\"c\""},
	};
	struct scan_slice value, name;
	size_t count = sizeof(rows) / sizeof(rows[0]);
	(void)state;
	for (size_t i = 0; i < count; i++) {
		assert_true(scan_nth(text, strlen(text), i, &value, &name));
		assert_int_equal(value.len, strlen(rows[i].value));
		assert_memory_equal(value.bytes, rows[i].value, value.len);
		assert_int_equal(name.len, strlen(rows[i].name));
		assert_memory_equal(name.bytes, rows[i].name, name.len);
	}
	assert_false(scan_nth(text, strlen(text), count, &value, &name));
	assert_false(scan_nth(text, 5, 1, &value, &name));
}

/* Every beginning of a text is refused, except those that are whole themselves. */
static void every_truncation_is_refused(void **state)
{
	static const char text[] =
	    "{\"a\":[1,-2.5e+3,\"x\\u00e9\\ud83d\\ude00\xc3\xa9\",true,false,null],\"b\":{}}";
	(void)state;
	for (size_t len = 0; len + 1 < sizeof(text); len++)
		assert_int_equal(scan_copy(text, len, NULL), RESULT_JSON);
	assert_int_equal(scan_copy(text, sizeof(text) - 1, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(honest_texts_are_accepted),
	    cmocka_unit_test(faults_are_placed_and_named),
	    cmocka_unit_test(malformed_numbers_are_refused),
	    cmocka_unit_test(malformed_utf8_is_refused),
	    cmocka_unit_test(a_raw_nul_and_utf16_are_refused),
	    cmocka_unit_test(surrogates_pair_up_to_their_last),
	    cmocka_unit_test(duplicate_members_are_refused_at_the_second),
	    cmocka_unit_test(names_that_only_look_alike_are_different),
	    cmocka_unit_test(eight_containers_are_allowed_and_nine_are_not),
	    cmocka_unit_test(a_million_brackets_are_refused_at_once),
	    cmocka_unit_test(the_limit_is_the_callers),
	    cmocka_unit_test(thirty_thousand_members_cost_no_square),
	    cmocka_unit_test(long_names_with_one_stem_cost_no_square),
	    cmocka_unit_test(comments_are_blanked_in_place),
	    cmocka_unit_test(an_open_comment_is_a_fault_where_it_begins),
	    cmocka_unit_test(raw_values_are_found_in_the_text),
	    cmocka_unit_test(what_is_not_there_is_not_found),
	    cmocka_unit_test(values_are_counted_as_they_begin),
	    cmocka_unit_test(positions_count_lines_and_bytes),
	    cmocka_unit_test(every_truncation_is_refused),
	};
	return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
