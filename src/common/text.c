/* SPDX-License-Identifier: MIT
 *
 * Text from a network or a person is hostile to terminals and log readers until it has
 * been through here.
 */
#include "common/text.h"

#include <string.h>

bool streq(const char *a, const char *b)
{
	return a != NULL && b != NULL && strlen(a) == strlen(b) && memcmp(a, b, strlen(a)) == 0;
}

bool text_starts(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);
	return strlen(text) >= len && memcmp(text, prefix, len) == 0;
}

bool text_ends(const char *text, const char *suffix)
{
	size_t len = strlen(text), tail = strlen(suffix);
	return len >= tail && memcmp(text + len - tail, suffix, tail) == 0;
}

bool text_number(const char *text, unsigned long max, unsigned long *out)
{
	unsigned long n = 0;
	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return false;
		unsigned long digit = (unsigned long)(*text - '0');
		if (digit > max || n > (max - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*out = n;
	return true;
}

void text_field(const char *in, char *out, size_t size)
{
	size_t n = 0;
	for (; *in != '\0' && n + 1 < size; in++, n++) {
		if (*in == ' ' || *in == '=')
			out[n] = '_';
		else
			out[n] = *in > ' ' && *in < 0x7f ? *in : '?';
	}
	if (size > 0)
		out[n] = '\0';
}

size_t text_utf8(const char *in, size_t len, unsigned long *code)
{
	static const unsigned long least[5] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *u = (const unsigned char *)in;
	unsigned long c;
	size_t n;
	if (len == 0)
		return 0;
	if (u[0] < 0x80)
		n = 1, c = u[0];
	else if (u[0] >= 0xc2 && u[0] < 0xe0)
		n = 2, c = u[0] & 0x1fu;
	else if (u[0] >= 0xe0 && u[0] < 0xf0)
		n = 3, c = u[0] & 0x0fu;
	else if (u[0] >= 0xf0 && u[0] < 0xf5)
		n = 4, c = u[0] & 0x07u;
	else
		return 0;
	if (n > len)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((u[i] & 0xc0u) != 0x80u)
			return 0;
		c = c << 6 | (u[i] & 0x3fu);
	}
	if (c < least[n] || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
		return 0;
	if (code != NULL)
		*code = c;
	return n;
}

/* Characters that move the cursor, reorder what stands beside them, or cannot be seen. */
static bool is_hidden(unsigned long c)
{
	static const struct {
		unsigned long first, last;
	} hidden[] = {
	    {0x00, 0x1f},
	    {0x7f, 0x9f},
	    {0xad, 0xad},
	    {0x34f, 0x34f},
	    {0x61c, 0x61c},
	    {0x115f, 0x1160},
	    {0x17b4, 0x17b5},
	    {0x180b, 0x180f},
	    {0x200b, 0x200f},
	    {0x2028, 0x202e},
	    {0x2060, 0x206f},
	    {0x3164, 0x3164},
	    {0xe000, 0xf8ff},
	    {0xfe00, 0xfe0f},
	    {0xfeff, 0xfeff},
	    {0xffa0, 0xffa0},
	    {0xfff0, 0xffff},
	    {0x1d173, 0x1d17a},
	    {0xe0000, 0x10ffff},
	};
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (c >= hidden[i].first && c <= hidden[i].last)
			return true;
	return false;
}

static void clean(const char *in, size_t len, bool lines, char *out, size_t size)
{
	size_t n = 0;
	while (len > 0 && size > 0) {
		unsigned long code = 0;
		size_t width = text_utf8(in, len, &code);
		size_t step = width > 0 ? width : 1;
		bool blank = *in == '\n' || *in == '\t';
		bool shown = width > 0 && (!is_hidden(code) || (lines && *in == '\n'));
		if (n + (shown ? width : 1) >= size)
			break;
		if (shown)
			memcpy(out + n, in, width);
		else
			out[n] = blank ? ' ' : '?';
		n += shown ? width : 1;
		in += step;
		len -= step;
	}
	if (size > 0)
		out[n] = '\0';
}

void text_printable(const char *in, size_t len, char *out, size_t size)
{
	clean(in, len, false, out, size);
}

void text_lines(const char *in, size_t len, char *out, size_t size)
{
	clean(in, len, true, out, size);
}

bool text_is_utf8(const char *text)
{
	size_t len = strlen(text), width;
	for (; len > 0; text += width, len -= width) {
		width = text_utf8(text, len, NULL);
		if (width == 0)
			return false;
	}
	return true;
}

bool text_has_controls(const char *text)
{
	size_t len = strlen(text), width;
	for (; len > 0; text += width, len -= width) {
		unsigned long code = 0;
		width = text_utf8(text, len, &code);
		if (width == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0))
			return true;
	}
	return false;
}
