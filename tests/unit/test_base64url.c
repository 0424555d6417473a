/* SPDX-License-Identifier: MIT
 *
 * RFC 4648's own vectors, every lax form known to be accepted elsewhere, and round trips.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/result.h"
#include "helper/token/base64url.h"

typedef int decoder(const char *, size_t, unsigned char *, size_t, size_t *);

static int decode_text(decoder *decode, const char *text, size_t *len)
{
	/* An allocation of the exact size lets a sanitizer see a byte too far. */
	unsigned char *out = malloc(BASE64_DECODED(strlen(text)));
	assert_non_null(out);
	int r = decode(text, strlen(text), out, BASE64_DECODED(strlen(text)), len);
	free(out);
	return r;
}

static void rfc4648_vectors_decode_and_encode(void **state)
{
	static const struct {
		const char *bytes, *plain, *url;
	} rows[] = {
	    {"", "", ""},
	    {"f", "Zg==", "Zg"},
	    {"fo", "Zm8=", "Zm8"},
	    {"foo", "Zm9v", "Zm9v"},
	    {"foob", "Zm9vYg==", "Zm9vYg"},
	    {"fooba", "Zm9vYmE=", "Zm9vYmE"},
	    {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
	    {"\xfb\xff\xbf", "+/+/", "-_-_"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned char out[16];
		char text[16];
		size_t n, len = strlen(rows[i].bytes);
		const unsigned char *bytes = (const unsigned char *)rows[i].bytes;
		assert_int_equal(
		    base64_decode(rows[i].plain, strlen(rows[i].plain), out, 16, &n), 0);
		assert_int_equal(n, len);
		assert_memory_equal(out, bytes, len);
		assert_int_equal(
		    base64url_decode(rows[i].url, strlen(rows[i].url), out, 16, &n), 0);
		assert_int_equal(n, len);
		assert_memory_equal(out, bytes, len);
		base64_encode(bytes, len, text);
		assert_string_equal(text, rows[i].plain);
		base64url_encode(bytes, len, text);
		assert_string_equal(text, rows[i].url);
	}
}

static void lax_base64url_is_refused(void **state)
{
	static const char *const rows[] = {
	    "Zg==", "Zm8=", "=", "====", "Zm9v====", /* padding */
	    "Zm9 v", " Zm9v", "Zm9v ", "Zm9v\n", "Zm9v\r\n", "Zm\t9v", /* blanks */
	    "Zm+v", "Zm/v", /* the other alphabet */
	    "Z", "Zm9vY", /* a lone character */
	    "Zh", "Zn", "Zv", "Zm9", "Zm-", "Zm_", "Zm9vYh", "__", /* bits behind the end */
	    "Zm9v.", "Zm,v", "Zm9v!", "Zm\x7fv", "Zm\xc3\xa9", "Zm@v", "Zm[v", "Zm`v", "Zm{v",
	    "Zm:v", "\xff\xff\xff\xff", "Zm9\x80", "\x80\x80", /* no alphabet */
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = 7;
		if (decode_text(base64url_decode, rows[i], &n) != RESULT_TOKEN_FORM)
			fail_msg("accepted: %s", rows[i]);
		assert_int_equal(n, 0);
	}
}

static void lax_base64_is_refused(void **state)
{
	static const char *const rows[] = {
	    "Zg",
	    "Zm8",
	    "Zg=",
	    "Z===",
	    "=",
	    "==",
	    "===",
	    "====",
	    "Zg==Zg==",
	    "Zm9v====",
	    "Zh==",
	    "Zm9=",
	    "Zg= =",
	    "Zm9v\n",
	    "-_-_",
	    "Z=g=",
	    "=Zg=",
	    "Zm9v=",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = 7;
		if (decode_text(base64_decode, rows[i], &n) != RESULT_TOKEN_FORM)
			fail_msg("accepted: %s", rows[i]);
		assert_int_equal(n, 0);
	}
}

static void a_nul_inside_is_refused(void **state)
{
	unsigned char out[8];
	size_t n;
	(void)state;
	assert_int_equal(base64url_decode("Zm\0v", 4, out, 8, &n), RESULT_TOKEN_FORM);
	assert_int_equal(base64_decode("Zm\0v", 4, out, 8, &n), RESULT_TOKEN_FORM);
}

static void too_little_room_is_refused_before_writing(void **state)
{
	unsigned char out[6];
	size_t n;
	(void)state;
	memset(out, 0x55, sizeof(out));
	assert_int_equal(base64url_decode("Zm9vYmE", 7, out, 4, &n), RESULT_TOKEN_FORM);
	assert_int_equal(out[0], 0x55);
	assert_int_equal(base64url_decode("Zm9vYmE", 7, out, 5, &n), 0);
	assert_int_equal(n, 5);
	assert_int_equal(out[5], 0x55);
	memset(out, 0x55, sizeof(out));
	assert_int_equal(base64url_decode("Zg", 2, out, 1, &n), 0);
	assert_int_equal(out[1], 0x55);
	assert_int_equal(base64url_decode("Zm8", 3, out, 1, &n), RESULT_TOKEN_FORM);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static void random_bytes_round_trip(void **state)
{
	uint32_t seed = 2463534242u;
	(void)state;
	for (int round = 0; round < 200000; round++) {
		unsigned char in[48], out[BASE64_DECODED(BASE64_ENCODED(48))];
		char text[BASE64_ENCODED(48)];
		size_t len = next_random(&seed) % (sizeof(in) + 1), n;
		for (size_t i = 0; i < len; i++)
			in[i] = (unsigned char)next_random(&seed);
		base64url_encode(in, len, text);
		assert_int_equal(base64url_decode(text, strlen(text), out, len, &n), 0);
		assert_int_equal(n, len);
		assert_memory_equal(in, out, len);
		base64_encode(in, len, text);
		assert_int_equal(base64_decode(text, strlen(text), out, len, &n), 0);
		assert_int_equal(n, len);
		assert_memory_equal(in, out, len);
	}
}

/* One text for one run of bytes: what decodes encodes to itself. */
static void every_short_text_is_canonical_or_refused(void **state)
{
	static const char some[] = "ABghwxyz0189-_+/= .";
	(void)state;
	for (size_t a = 0; a < sizeof(some); a++)
		for (size_t b = 0; b < sizeof(some); b++)
			for (size_t c = 0; c < sizeof(some); c++) {
				char in[4] = {some[a], some[b], some[c], '\0'}, text[8];
				unsigned char out[4];
				size_t n;
				if (base64url_decode(in, strlen(in), out, 4, &n) != 0)
					continue;
				base64url_encode(out, n, text);
				assert_string_equal(in, text);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc4648_vectors_decode_and_encode),
	    cmocka_unit_test(lax_base64url_is_refused),
	    cmocka_unit_test(lax_base64_is_refused),
	    cmocka_unit_test(a_nul_inside_is_refused),
	    cmocka_unit_test(too_little_room_is_refused_before_writing),
	    cmocka_unit_test(random_bytes_round_trip),
	    cmocka_unit_test(every_short_text_is_canonical_or_refused),
	};
	return cmocka_run_group_tests_name("base64url", tests, NULL, NULL);
}
