/* SPDX-License-Identifier: MIT
 *
 * Text that is seen, buffers that are wiped, the table of results, and the reasons beside them.
 */
#include <security/_pam_types.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "common/buffer.h"
#include "common/reason.h"
#include "common/result.h"
#include "common/text.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void what_moves_a_cursor_or_hides_never_reaches_a_terminal(void **state)
{
	(void)state;
	static const struct {
		const char *in, *out;
	} rows[] = {
	    {"plain text", "plain text"}, {"\033[31mred", "?[31mred"},
	    {"a\nb\tc\rd\be\x7f", "a b c?d?e?"}, {"Zoë Жук 漢", "Zoë Жук 漢"},
	    {"\xe2\x80\xae"
	     "evil",
		"?evil"}, /* U+202E right-to-left override */
	    {"\xe2\x81\xa6x", "?x"}, /* U+2066 isolate */
	    {"\xe2\x80\x8bx", "?x"}, /* zero width */
	    {"\xef\xbb\xbfx", "?x"}, /* byte-order mark */
	    {"\xc2\x9b"
	     "31m",
		"?31m"}, /* C1 CSI */
	    {"\xf3\xa0\x81\x81x", "?x"}, /* a tag character */
	    {"\xff\xfe", "??"}, {"\xc0\xaf", "??"}, /* overlong */
	    {"\xed\xa0\x80", "???"}, /* a surrogate */
	};
	char out[64];
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		text_printable(rows[i].in, strlen(rows[i].in), out, sizeof(out));
		assert_string_equal(out, rows[i].out);
	}
}

static void cutting_keeps_characters_whole(void **state)
{
	(void)state;
	char out[8];
	text_printable("abc漢字", strlen("abc漢字"), out, sizeof(out));
	assert_string_equal(out, "abc漢");
	text_printable("abcdefghij", 10, out, sizeof(out));
	assert_string_equal(out, "abcdefg");
}

static void random_bytes_become_printable(void **state)
{
	(void)state;
	char in[64], out[64];
	srand(1);
	for (int round = 0; round < 10000; round++) {
		for (size_t i = 0; i < sizeof(in); i++)
			in[i] = (char)rand();
		text_printable(in, sizeof(in), out, sizeof(out));
		for (const char *c = out; *c != '\0'; c++)
			assert_true((unsigned char)*c >= 0x20 && *c != 0x7f);
		for (size_t i = 0; i < strlen(out);) {
			size_t n = text_utf8(out + i, strlen(out) - i, NULL);
			assert_true(n > 0);
			i += n;
		}
	}
}

static void a_field_of_the_log_cannot_pass_for_two(void **state)
{
	(void)state;
	char out[16];
	text_field("a b=c\n\033\xc3\xa9", out, sizeof(out));
	assert_string_equal(out, "a_b_c????");
	text_field("0123456789abcdefgh", out, sizeof(out));
	assert_string_equal(out, "0123456789abcde");
}

static void numbers_are_digits_within_bounds(void **state)
{
	(void)state;
	unsigned long n = 7;
	assert_true(text_number("0", 10, &n) && n == 0);
	assert_true(text_number("10", 10, &n) && n == 10);
	assert_false(text_number("11", 10, &n));
	assert_false(text_number("", 10, &n));
	assert_false(text_number("-1", 10, &n));
	assert_false(text_number("+1", 10, &n));
	assert_false(text_number(" 1", 10, &n));
	assert_false(text_number("1x", 10, &n));
	assert_false(text_number("99999999999999999999999", 18446744073709551615ul, &n));
	assert_true(text_number("18446744073709551615", 18446744073709551615ul, &n));
	assert_false(text_number("18446744073709551616", 18446744073709551615ul, &n));
	assert_false(text_number("5", 3, &n));
}

static void equality_is_exact(void **state)
{
	(void)state;
	assert_true(streq("", "") && streq("a", "a"));
	assert_false(streq("a", "ab") || streq("ab", "a") || streq("a", "A"));
	assert_false(streq(NULL, NULL) || streq("a", NULL) || streq(NULL, "a"));
}

static void buffers_stop_at_their_maximum(void **state)
{
	(void)state;
	struct buffer b = BUFFER_INIT(4);
	assert_string_equal(buffer_text(&b), "");
	assert_int_equal(buffer_append(&b, "abc", 3), 0);
	assert_int_equal(buffer_append(&b, "de", 2), RESULT_TOO_LARGE);
	assert_string_equal(buffer_text(&b), "abc");
	/* The first error stays until something is cut off. */
	assert_int_equal(buffer_append_byte(&b, 'd'), RESULT_TOO_LARGE);
	assert_string_equal(buffer_text(&b), "abc");
	buffer_cut(&b, 3);
	assert_int_equal(buffer_append_byte(&b, 'd'), 0);
	assert_int_equal(buffer_append_format(&b, "%d", 1), RESULT_TOO_LARGE);
	buffer_cut(&b, 4);
	assert_int_equal(buffer_append(&b, "x", (size_t)-1), RESULT_TOO_LARGE);
	assert_string_equal(buffer_text(&b), "abcd");
	buffer_wipe(&b);
	assert_int_equal(buffer_append_format(&b, "%s", "wxyz"), 0);
	assert_string_equal(buffer_text(&b), "wxyz");
	buffer_wipe(&b);
}

static void what_a_paste_brings_along_is_taken_off(void **state)
{
	static const struct {
		const char *before, *after;
	} rows[] = {{"", ""}, {"a", "a"}, {" a ", "a"}, {"a b  c", "a b  c"},
	    {"\t\r\n\v\f a\f\v\n\r\t ", "a"}, {" ", ""}, {" \t ", ""}, {"  ab", "ab"},
	    {"ab  ", "ab"}, {"\xc2\xa0x\xc2\xa0", "\xc2\xa0x\xc2\xa0"},
	    {"\xe3\x81\x82 ", "\xe3\x81\x82"}};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buffer b = BUFFER_INIT(64);
		buffer_append_text(&b, rows[i].before);
		buffer_trim(&b);
		assert_string_equal(buffer_text(&b), rows[i].after);
		assert_int_equal(b.len, strlen(rows[i].after));
		/* Nothing of it is left behind. */
		for (size_t k = b.len; k < strlen(rows[i].before); k++)
			assert_int_equal(b.bytes[k], 0);
		assert_int_equal(buffer_append_text(&b, "!"), 0);
		assert_int_equal(b.len, strlen(rows[i].after) + 1);
		buffer_wipe(&b);
	}
	struct buffer unused = BUFFER_INIT(4);
	buffer_trim(&unused);
	assert_string_equal(buffer_text(&unused), "");
}

static void controls_are_seen_in_any_place(void **state)
{
	static const char *const clean[] = {"", "a", "a b", "\xc3\xa9", "\xe2\x80\xae", "~"};
	static const char *const dirty[] = {
	    "\n", "a\t", "\x7f", "x\xc2\x80", "\xc2\x9f", "\xff", "a\xc3", "\x1b[0m"};
	(void)state;
	for (size_t i = 0; i < sizeof(clean) / sizeof(clean[0]); i++)
		assert_false(text_has_controls(clean[i]));
	for (size_t i = 0; i < sizeof(dirty) / sizeof(dirty[0]); i++)
		assert_true(text_has_controls(dirty[i]));
}

/* Each append is plain, and the first error stays: a body is judged once, at its end. */
static void the_first_error_stays_until_it_is_cut_or_wiped(void **state)
{
	(void)state;
	struct buffer b = BUFFER_INIT(8);
	buffer_append_text(&b, "12345");
	buffer_append_text(&b, "6789");
	buffer_append_text(&b, "a");
	buffer_append(&b, "", 0);
	buffer_append_format(&b, "%s", "b");
	buffer_append_byte(&b, 'c');
	assert_int_equal(b.error, RESULT_TOO_LARGE);
	assert_int_equal(buffer_reserve(&b, 0), RESULT_TOO_LARGE);
	assert_int_equal(b.len, 5);
	assert_string_equal(buffer_text(&b), "12345");
	/* Another error is not written over the first. */
	b.error = RESULT_MEMORY;
	assert_int_equal(buffer_append_text(&b, "too long for it"), RESULT_MEMORY);
	assert_int_equal(b.error, RESULT_MEMORY);
	buffer_wipe(&b);
	assert_int_equal(b.error, 0);
	assert_null(b.bytes);
	assert_int_equal(b.len + b.size, 0);
	assert_int_equal(b.max, 8);
	assert_int_equal(buffer_append_text(&b, "12345678"), 0);
	buffer_wipe(&b);
	buffer_wipe(NULL);
}

static void what_is_cut_off_is_forgotten_with_its_error(void **state)
{
	(void)state;
	struct buffer b = BUFFER_INIT(10);
	buffer_append_text(&b, "keep");
	size_t before = b.len;
	buffer_append_text(&b, "secret");
	assert_int_equal(b.error, 0);
	buffer_cut(&b, before);
	assert_int_equal(b.len, 4);
	assert_string_equal(buffer_text(&b), "keep");
	assert_memory_equal(b.bytes + 4, "\0\0\0\0\0\0", 6);
	buffer_append_text(&b, "too long");
	assert_int_equal(b.error, RESULT_TOO_LARGE);
	buffer_cut(&b, before);
	assert_int_equal(b.error, 0);
	assert_string_equal(buffer_text(&b), "keep");
	/* No length beyond makes it longer. */
	buffer_append_text(&b, "too long");
	buffer_cut(&b, 100);
	assert_int_equal(b.error, 0);
	assert_int_equal(b.len, 4);
	buffer_cut(&b, 0);
	assert_string_equal(buffer_text(&b), "");
	buffer_wipe(&b);
	buffer_cut(&b, 0);
	buffer_cut(&b, 5);
	assert_string_equal(buffer_text(&b), "");
	assert_null(b.bytes);
}

static void a_buffer_grows_and_keeps_what_it_holds(void **state)
{
	(void)state;
	struct buffer b = BUFFER_INIT(100000);
	for (int i = 0; i < 10000; i++)
		buffer_append_format(&b, "%05d", i);
	assert_int_equal(b.error, 0);
	assert_int_equal(b.len, 50000);
	assert_memory_equal(b.bytes + 49995, "09999", 6);
	assert_memory_equal(b.bytes, "0000000001", 10);
	assert_int_equal(buffer_reserve(&b, 50000), 0);
	assert_true(b.size > 100000);
	assert_int_equal(buffer_reserve(&b, 50001), RESULT_TOO_LARGE);
	buffer_wipe(&b);
}

/* ---- results ----------------------------------------------------------------------------- */

static void what_may_be_outlasted_is_what_cannot_be_reached(void **state)
{
	(void)state;
	static const int outages[] = {RESULT_DEADLINE, RESULT_RESOLVE, RESULT_CONNECT,
	    RESULT_TLS, RESULT_HTTP, RESULT_ANSWER, RESULT_THROTTLED, RESULT_POOL, RESULT_SRP,
	    RESULT_JWKS};
	static const int others[] = {RESULT_ALLOWED, RESULT_NONE, RESULT_REFRESH_REFUSED,
	    RESULT_USER_DISABLED, RESULT_CLIENT, RESULT_TOKEN_SIGNATURE, RESULT_MEMORY,
	    RESULT_TICKET_LOCK, RESULT_FIREWALL, RESULT_HTTP_STATUS, RESULT_POOL_ERROR,
	    RESULT_HTTP_CONTENT_TYPE, RESULT_TOO_LARGE, RESULT_JSON, RESULT_SOCKET,
	    RESULT_STALLED};
	size_t count = 0;
	for (size_t i = 0; i < COUNT(outages); i++)
		assert_int_equal(result_class(outages[i]), CLASS_OUTAGE);
	for (size_t i = 0; i < COUNT(others); i++)
		assert_int_not_equal(result_class(others[i]), CLASS_OUTAGE);
	for (int code = 0; code < RESULT_COUNT; code++)
		count += result_class(code) == CLASS_OUTAGE ? 1 : 0;
	assert_int_equal(count, COUNT(outages));
}

/* Every row of the table, and what follows from it. */
static void every_result_has_its_class(void **state)
{
	(void)state;
	static const struct {
		enum result_class class;
		int codes[8];
	} rows[] = {
	    {CLASS_YES, {RESULT_ALLOWED}},
	    {CLASS_RULES, {RESULT_POLICY, RESULT_POLICY_DENY, RESULT_FRESH_NEEDED}},
	    {CLASS_REFUSAL, {RESULT_USER_DISABLED, RESULT_USER_NOT_CONFIRMED,
				RESULT_PASSWORD_EXPIRED, RESULT_PASSWORD_RESET,
				RESULT_REFRESH_REFUSED, RESULT_LAMBDA, RESULT_SECURITY}},
	    {CLASS_UNCLEAR, {RESULT_FIREWALL, RESULT_STALLED, RESULT_SOCKET, RESULT_HTTP_STATUS,
				RESULT_HTTP_CONTENT_TYPE, RESULT_TOO_LARGE, RESULT_JSON,
				RESULT_POOL_ERROR}},
	};
	for (int code = -2; code < RESULT_COUNT + 2; code++) {
		enum result_class class = CLASS_OTHER;
		for (size_t i = 0; i < COUNT(rows); i++)
			for (size_t k = 0; k < COUNT(rows[i].codes); k++)
				if (rows[i].codes[k] != 0 && rows[i].codes[k] == code)
					class = rows[i].class;
		/* Cognito cannot be reached. That this host could not try is its own, and an
		 * error, a status or a page that is unknown here may be a refusal. */
		if (result_pam(code) == PAM_AUTHINFO_UNAVAIL && class == CLASS_OTHER)
			class = CLASS_OUTAGE;
		if (code >= RESULT_TOKEN_FORM && code <= RESULT_CLAIM_USERNAME)
			class = CLASS_PROOF;
		if (result_class(code) != class)
			fail_msg("%d: %s", code, result_phrase(code));
		assert_int_equal(result_known(code), code > 0 && code < RESULT_COUNT);
	}
	assert_int_equal(result_class(1000000), CLASS_OTHER);
	assert_false(result_known(0x100000001l));
}

static void only_allowed_is_success(void **state)
{
	/* Of these the host alone tells: they must not reveal whether the user exists. */
	static const int silent[] = {RESULT_ALLOWED, RESULT_USER_UNKNOWN, RESULT_USER_ROOT,
	    RESULT_USER_BELOW_MIN_UID, RESULT_USER_LOCAL, RESULT_PASSWORD, RESULT_PASSWORD_FAKE,
	    RESULT_NOT_UTF8, RESULT_PASSWORD_EMPTY};
	(void)state;
	for (int code = -2; code < RESULT_COUNT + 2; code++)
		assert_true(result_pam(code) != PAM_SUCCESS);
	assert_int_equal(result_pam(RESULT_NONE), PAM_SYSTEM_ERR);
	assert_int_equal(result_pam(RESULT_COUNT), PAM_SYSTEM_ERR);
	for (int code = 1; code < RESULT_COUNT; code++) {
		assert_true(result_pam(code) != PAM_IGNORE);
		assert_true(strlen(result_phrase(code)) > 0);
		bool is_silent = false;
		for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
			is_silent = is_silent || code == silent[i];
		assert_int_equal(strlen(result_sentence(code)) == 0, is_silent);
	}
}

static void every_phrase_is_one_result_s(void **state)
{
	(void)state;
	for (int a = 1; a < RESULT_COUNT; a++)
		for (int b = 1; b < a; b++)
			assert_string_not_equal(result_phrase(a), result_phrase(b));
	assert_string_equal(result_phrase(RESULT_NONE), "no verdict");
	assert_string_equal(result_phrase(RESULT_COUNT), "no verdict");
	assert_string_equal(result_phrase(-1), "no verdict");
	assert_string_equal(result_sentence(-1), result_sentence(RESULT_NONE));
	assert_string_equal(result_sentence(RESULT_ALLOWED), "");
}

/* ---- reasons ----------------------------------------------------------------------------- */

static void a_reason_is_written_by_who_chooses_the_code(void **state)
{
	(void)state;
	struct reason reason = {.detail = ""};
	assert_int_equal(
	    reason_set(&reason, RESULT_CONFIG, "line %d of %s", 3, "x"), RESULT_CONFIG);
	assert_string_equal(reason.detail, "line 3 of x");
	assert_string_equal(reason.message, "");
	assert_int_equal(
	    reason_tell(&reason, RESULT_PASSWORD, "No, %s.", "x"), RESULT_PASSWORD);
	assert_string_equal(reason.detail, "line 3 of x");
	assert_string_equal(reason.message, "No, x.");
	/* The later one is the one that counts. */
	assert_int_equal(reason_set(&reason, 0, "short"), 0);
	assert_string_equal(reason.detail, "short");
	reason_clear(&reason);
	assert_string_equal(reason.detail, "");
	assert_string_equal(reason.message, "");
	/* Nobody need want to know. */
	assert_int_equal(reason_set(NULL, RESULT_TLS, "%s", "x"), RESULT_TLS);
	assert_int_equal(reason_tell(NULL, RESULT_TLS, "%s", "x"), RESULT_TLS);
	assert_int_equal(reason_at(NULL, RESULT_TLS, "x"), RESULT_TLS);
}

static void a_reason_is_printable_and_cut(void **state)
{
	(void)state;
	struct reason reason = {.detail = ""};
	char text[2 * REASON_MAX];
	reason_set(&reason, RESULT_TLS, "%s", "a\033[31m\nb\xff\xe2\x80\xae");
	assert_string_equal(reason.detail, "a?[31m b??");
	reason_tell(&reason, RESULT_TLS, "%s", "\x7f\xc2\x9bZo\xc3\xab");
	assert_string_equal(reason.message, "??Zo\xc3\xab");
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	reason_set(&reason, RESULT_TLS, "%s", text);
	reason_tell(&reason, RESULT_TLS, "%s", text);
	assert_int_equal(strlen(reason.detail), REASON_MAX - 1);
	assert_int_equal(strlen(reason.message), REASON_MAX - 1);
	/* In the middle of a character. */
	memcpy(text + REASON_MAX - 2, "\xc3\xab", 2);
	reason_set(&reason, RESULT_TLS, "%s", text);
	assert_true(text_is_utf8(reason.detail));
}

static void a_step_is_named_in_front(void **state)
{
	(void)state;
	struct reason reason = {.detail = ""};
	char text[REASON_MAX];
	assert_int_equal(reason_at(&reason, RESULT_TLS, "token endpoint"), RESULT_TLS);
	assert_string_equal(reason.detail, "token endpoint");
	reason_tell(&reason, RESULT_TLS, "Later.");
	assert_int_equal(reason_at(&reason, RESULT_TLS, "refresh"), RESULT_TLS);
	assert_string_equal(reason.detail, "refresh: token endpoint");
	assert_string_equal(reason.message, "Later.");
	assert_int_equal(reason_at(&reason, RESULT_TLS, NULL), RESULT_TLS);
	assert_string_equal(reason.detail, "refresh: token endpoint");
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	reason_set(&reason, RESULT_TLS, "%s", text);
	reason_at(&reason, RESULT_TLS, "step");
	assert_int_equal(strlen(reason.detail), REASON_MAX - 1);
	assert_memory_equal(reason.detail, "step: aaa", 9);
}

static void what_is_not_utf_8_is_mended(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
	    {"", ""},
	    {"plain", "plain"},
	    {"caf\xc3\xa9", "caf\xc3\xa9"},
	    {"caf\xe9", "caf?"},
	    {"{\"a\":\"\xe9\"}", "{\"a\":\"?\"}"},
	    {"cut\xc3", "cut?"},
	    {"\xe2\x82 \xe2\x82\xac", "?? \xe2\x82\xac"},
	    {"\xc0\xaf\xed\xa0\x80\xf5", "??????"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[32];
		snprintf(text, sizeof(text), "%s", rows[i][0]);
		text_mend_utf8(text, strlen(text));
		assert_string_equal(text, rows[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_moves_a_cursor_or_hides_never_reaches_a_terminal),
	    cmocka_unit_test(cutting_keeps_characters_whole),
	    cmocka_unit_test(what_is_not_utf_8_is_mended),
	    cmocka_unit_test(random_bytes_become_printable),
	    cmocka_unit_test(a_field_of_the_log_cannot_pass_for_two),
	    cmocka_unit_test(numbers_are_digits_within_bounds),
	    cmocka_unit_test(equality_is_exact),
	    cmocka_unit_test(buffers_stop_at_their_maximum),
	    cmocka_unit_test(the_first_error_stays_until_it_is_cut_or_wiped),
	    cmocka_unit_test(what_is_cut_off_is_forgotten_with_its_error),
	    cmocka_unit_test(a_buffer_grows_and_keeps_what_it_holds),
	    cmocka_unit_test(what_a_paste_brings_along_is_taken_off),
	    cmocka_unit_test(controls_are_seen_in_any_place),
	    cmocka_unit_test(what_may_be_outlasted_is_what_cannot_be_reached),
	    cmocka_unit_test(every_result_has_its_class),
	    cmocka_unit_test(only_allowed_is_success),
	    cmocka_unit_test(every_phrase_is_one_result_s),
	    cmocka_unit_test(a_reason_is_written_by_who_chooses_the_code),
	    cmocka_unit_test(a_reason_is_printable_and_cut),
	    cmocka_unit_test(a_step_is_named_in_front),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
