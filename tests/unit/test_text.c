/* SPDX-License-Identifier: MIT
 *
 * Text that is seen, buffers that are wiped, and the table of results.
 */
#include <security/_pam_types.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"

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

static void what_may_be_outlasted_is_what_cannot_be_reached(void **state)
{
	(void)state;
	assert_true(result_is_unavailable(RESULT_CONNECT));
	assert_true(result_is_unavailable(RESULT_THROTTLED));
	assert_true(result_is_unavailable(RESULT_JWKS));
	assert_false(result_is_unavailable(RESULT_ALLOWED));
	assert_false(result_is_unavailable(RESULT_NONE));
	assert_false(result_is_unavailable(RESULT_REFRESH_REFUSED));
	assert_false(result_is_unavailable(RESULT_USER_DISABLED));
	assert_false(result_is_unavailable(RESULT_CLIENT));
	assert_false(result_is_unavailable(RESULT_TOKEN_SIGNATURE));
}

static void only_allowed_is_success(void **state)
{
	(void)state;
	for (int code = -2; code < RESULT_COUNT + 2; code++)
		assert_true((result_pam(code) == PAM_SUCCESS) == (code == RESULT_ALLOWED));
	assert_int_equal(result_pam(RESULT_NONE), PAM_SYSTEM_ERR);
	assert_int_equal(result_pam(RESULT_COUNT), PAM_SYSTEM_ERR);
	for (int code = 1; code < RESULT_COUNT; code++) {
		assert_true(result_pam(code) != PAM_IGNORE);
		assert_true(strlen(result_phrase(code)) > 0);
		assert_true(code == RESULT_ALLOWED || strlen(result_sentence(code)) > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_moves_a_cursor_or_hides_never_reaches_a_terminal),
	    cmocka_unit_test(cutting_keeps_characters_whole),
	    cmocka_unit_test(random_bytes_become_printable),
	    cmocka_unit_test(a_field_of_the_log_cannot_pass_for_two),
	    cmocka_unit_test(numbers_are_digits_within_bounds),
	    cmocka_unit_test(equality_is_exact),
	    cmocka_unit_test(buffers_stop_at_their_maximum),
	    cmocka_unit_test(controls_are_seen_in_any_place),
	    cmocka_unit_test(what_may_be_outlasted_is_what_cannot_be_reached),
	    cmocka_unit_test(only_allowed_is_success),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
