/* SPDX-License-Identifier: MIT */
#include "helper/token/base64url.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "common/buffer.h"
#include "common/result.h"

#define ALPHABET 64 /* characters, without the NUL behind them; no value has this bit */

static const char alphabet_plain[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char alphabet_url[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static int decode(const char *in, size_t len, const char *alphabet, unsigned char *out,
    size_t size, size_t *out_len)
{
	size_t need = len / 4 * 3 + (len % 4 > 1 ? len % 4 - 1 : 0);
	uint32_t bits = 0, left = 0;
	unsigned char values[UCHAR_MAX + 1]; /* of all characters; ALPHABET: not in it */
	*out_len = 0;
	if (len % 4 == 1 || need > size)
		return RESULT_TOKEN_FORM;
	memset(values, ALPHABET, sizeof(values));
	for (unsigned char i = 0; i < ALPHABET; i++)
		values[(unsigned char)alphabet[i]] = i;
	const unsigned char *at = (const unsigned char *)in, *end = at + len;
	for (; end - at >= 4; at += 4) {
		uint32_t a = values[at[0]], b = values[at[1]], c = values[at[2]],
			 d = values[at[3]];
		if (((a | b | c | d) & ALPHABET) != 0)
			return RESULT_TOKEN_FORM;
		*out++ = (unsigned char)(a << 2 | b >> 4);
		*out++ = (unsigned char)(b << 4 | c >> 2);
		*out++ = (unsigned char)(c << 6 | d);
	}
	for (; at < end; at++) {
		unsigned char value = values[*at];
		if (value == ALPHABET)
			return RESULT_TOKEN_FORM;
		bits = bits << 6 | value;
		left += 6;
		if (left >= 8) {
			left -= 8;
			*out++ = (unsigned char)(bits >> left);
		}
	}
	/* Bits behind the last whole byte must be zero. */
	if ((bits & ((1u << left) - 1)) != 0)
		return RESULT_TOKEN_FORM;
	*out_len = need;
	return 0;
}

int base64url_decode(
    const char *in, size_t len, unsigned char *out, size_t size, size_t *out_len)
{
	return decode(in, len, alphabet_url, out, size, out_len);
}

int base64_decode(const char *in, size_t len, unsigned char *out, size_t size, size_t *out_len)
{
	*out_len = 0;
	if (len % 4 != 0)
		return RESULT_TOKEN_FORM;
	if (len > 0 && in[len - 1] == '=')
		len -= in[len - 2] == '=' ? 2 : 1;
	return decode(in, len, alphabet_plain, out, size, out_len);
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
