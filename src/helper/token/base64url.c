/* SPDX-License-Identifier: MIT */
#include "helper/token/base64url.h"

#include <stdint.h>
#include <string.h>

#include "common/buffer.h"
#include "common/result.h"

static const char alphabet_plain[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char alphabet_url[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* For a character of neither alphabet: the one bit that no value has. */
#define NO_VALUE 64u

/* By ASCII, for both alphabets; decode() refuses the last two characters of the other one. */
/* clang-format off */
static const unsigned char values[128] = {
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 62, 64, 62, 64, 63,
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 64, 64, 64, 64, 64, 64,
    64,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14,
    15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 64, 64, 64, 64, 63,
    64, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
    41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 64, 64, 64, 64, 64,
};
/* clang-format on */

/* other: the two characters that only the other alphabet has. */
static int decode(const char *in, size_t len, const char *other, unsigned char *out,
    size_t size, size_t *out_len)
{
	size_t need = len / 4 * 3 + (len % 4 > 1 ? len % 4 - 1 : 0);
	uint32_t bits = 0, left = 0, bad = 0;
	*out_len = 0;
	if (len % 4 == 1 || need > size)
		return RESULT_TOKEN_FORM;
	if (memchr(in, other[0], len) != NULL || memchr(in, other[1], len) != NULL)
		return RESULT_TOKEN_FORM;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)in[i];
		uint32_t value = c < sizeof(values) ? values[c] : NO_VALUE;
		bad |= value & NO_VALUE;
		bits = bits << 6 | (value & 63u);
		left += 6;
		if (left >= 8) {
			left -= 8;
			*out++ = (unsigned char)(bits >> left);
		}
	}
	/* Bits behind the last whole byte must be zero. */
	bad |= bits & ((1u << left) - 1);
	if (bad != 0)
		return RESULT_TOKEN_FORM;
	*out_len = need;
	return 0;
}

int base64url_decode(
    const char *in, size_t len, unsigned char *out, size_t size, size_t *out_len)
{
	return decode(in, len, "+/", out, size, out_len);
}

int base64_decode(const char *in, size_t len, unsigned char *out, size_t size, size_t *out_len)
{
	*out_len = 0;
	if (len % 4 != 0)
		return RESULT_TOKEN_FORM;
	if (len > 0 && in[len - 1] == '=')
		len -= in[len - 2] == '=' ? 2 : 1;
	return decode(in, len, "-_", out, size, out_len);
}

int base64url_append(struct buffer *out, const char *in, size_t len)
{
	size_t room = BASE64_DECODED(len), got = 0;
	int r = buffer_reserve(out, room);
	if (r != 0)
		return r;
	r = base64url_decode(in, len, (unsigned char *)out->bytes + out->len, room, &got);
	out->len += got;
	out->bytes[out->len] = '\0';
	return r;
}

/* Returns the characters written, without padding and without NUL. */
static size_t encode(const unsigned char *in, size_t len, const char *alphabet, char *out)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i < 3 ? len - i : 3;
		uint32_t bits = 0;
		for (size_t j = 0; j < 3; j++)
			bits = bits << 8 | (j < left ? in[i + j] : 0u);
		for (size_t j = 0; j <= left; j++)
			out[n++] = alphabet[bits >> (18 - 6 * j) & 63u];
	}
	out[n] = '\0';
	return n;
}

void base64url_encode(const unsigned char *in, size_t len, char *out)
{
	encode(in, len, alphabet_url, out);
}

void base64_encode(const unsigned char *in, size_t len, char *out)
{
	size_t n = encode(in, len, alphabet_plain, out);
	while (n % 4 != 0)
		out[n++] = '=';
	out[n] = '\0';
}
