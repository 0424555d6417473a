/* SPDX-License-Identifier: MIT */
#include "helper/net/percent.h"

#include <string.h>

#include "common/buffer.h"
#include "common/text.h"

#define UNRESERVED "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

static int append(struct buffer *b, const char *text, const char *plain, bool plus)
{
	for (; *text != '\0'; text++) {
		if (plus && *text == ' ')
			buffer_append_byte(b, '+');
		else if (strchr(plain, *text) != NULL)
			buffer_append_byte(b, (unsigned char)*text);
		else
			buffer_append_format(b, "%%%02X", (unsigned char)*text);
	}
	return b->error;
}

int percent_append(struct buffer *b, const char *text)
{
	return append(b, text, UNRESERVED, false);
}

int percent_append_query(struct buffer *b, const char *text)
{
	return append(b, text, UNRESERVED ":/@", true);
}

bool percent_decode_form(const char *in, size_t len, char *out, size_t size)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i++) {
		int c = in[i] == '+' ? ' ' : (unsigned char)in[i];
		if (in[i] == '%') {
			int high = i + 1 < len ? text_hex(in[i + 1]) : -1;
			int low = i + 2 < len ? text_hex(in[i + 2]) : -1;
			c = high < 0 || low < 0 ? 0 : high * 16 + low;
			i += 2;
		}
		if (c == 0 || n + 1 >= size)
			return false;
		out[n++] = (char)c;
	}
	if (size == 0)
		return false;
	out[n] = '\0';
	return true;
}
