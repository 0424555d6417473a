/* SPDX-License-Identifier: MIT
 *
 * One text for one run of bytes: a lax decoder would let many texts pass for one token.
 */
#include "helper/token/base64url.h"

#include <stdint.h>
#include <string.h>

#include "common/result.h"

static const char alphabet_plain[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char alphabet_url[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* What is in neither alphabet; the only bit that no value has. */
#define NO_VALUE 64u

/* By ASCII. The last two characters of both alphabets stand here; decode() tells them
 * apart. */
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

static uint32_t value_of(char c)
{
	unsigned char index = (unsigned char)c;
	return index < sizeof(values) ? values[index] : NO_VALUE;
}

/* The last two or three characters, without padding, into one or two bytes. */
static int decode_tail(const char *in, size_t len, unsigned char *out)
{
	uint32_t a = value_of(in[0]), b = value_of(in[1]);
	uint32_t c = len > 2 ? value_of(in[2]) : 0;
	uint32_t bits = a << 18 | b << 12 | c << 6;
	if (((a | b | c) & NO_VALUE) != 0)
		return RESULT_TOKEN_FORM;
	/* Bits behind the last whole byte must be zero. */
	if ((bits & (len > 2 ? 0xffu : 0xffffu)) != 0)
		return RESULT_TOKEN_FORM;
	out[0] = (unsigned char)(bits >> 16);
	if (len > 2)
		out[1] = (unsigned char)(bits >> 8);
	return 0;
}

/* other: the two characters that belong to the other alphabet. */
static int decode(const char *in, size_t len, const char *other, unsigned char *out,
    size_t size, size_t *out_len)
{
	size_t rest = len % 4, whole = len - rest;
	size_t need = len / 4 * 3 + (rest > 1 ? rest - 1 : 0);
	uint32_t bad = 0;
	*out_len = 0;
	if (rest == 1 || need > size)
		return RESULT_TOKEN_FORM;
	if (memchr(in, other[0], len) != NULL || memchr(in, other[1], len) != NULL)
		return RESULT_TOKEN_FORM;
	for (size_t i = 0; i < whole; i += 4, out += 3) {
		uint32_t a = value_of(in[i]), b = value_of(in[i + 1]);
		uint32_t c = value_of(in[i + 2]), d = value_of(in[i + 3]);
		uint32_t bits = a << 18 | b << 12 | c << 6 | d;
		bad |= a | b | c | d;
		out[0] = (unsigned char)(bits >> 16);
		out[1] = (unsigned char)(bits >> 8);
		out[2] = (unsigned char)bits;
	}
	if ((bad & NO_VALUE) != 0)
		return RESULT_TOKEN_FORM;
	if (rest > 0 && decode_tail(in + whole, rest, out) != 0)
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

/* Returns the characters written, without padding and without NUL. */
static size_t encode(const unsigned char *in, size_t len, const char *alphabet, char *out)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i < 3 ? len - i : 3;
		uint32_t bits = (uint32_t)in[i] << 16;
		if (left > 1)
			bits |= (uint32_t)in[i + 1] << 8;
		if (left > 2)
			bits |= in[i + 2];
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
