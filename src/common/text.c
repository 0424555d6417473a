/* SPDX-License-Identifier: MIT
 *
 * Text from the network or from a user can attack terminals and the readers of logs until
 * it has been cleaned here.
 */
#include "common/text.h"

#include <string.h>

bool streq(const char *a, const char *b)
{
	return a != NULL && b != NULL && strlen(a) == strlen(b) && memcmp(a, b, strlen(a)) == 0;
}

bool text_among(const char *text, const char *const *list)
{
	for (; *list != NULL; list++)
		if (streq(text, *list))
			return true;
	return false;
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

void text_lower(char *text)
{
	for (; *text != '\0'; text++)
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text - 'A' + 'a');
}

int text_hex(char c)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;
	int value = at != NULL ? (int)(at - digits) : -1;
	return value < 16 ? value : value - 6;
}

bool text_is_visible(const char *text)
{
	size_t len = 0;
	while (text[len] > ' ' && text[len] < 0x7f)
		len++;
	return len > 0 && text[len] == '\0';
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

bool text_copy(const char *in, size_t len, char *out, size_t size)
{
	if (len >= size)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)in[i] < ' ' || in[i] == 0x7f)
			return false;
	memcpy(out, in, len);
	out[len] = '\0';
	return true;
}

uint64_t text_hash(uint64_t hash, const char *text)
{
	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * TEXT_HASH_PRIME;
	return hash;
}

void text_field(const char *in, char *out, size_t size)
{
	size_t n = 0;
	for (; *in != '\0' && n + 1 < size; in++, n++) {
		out[n] = *in > ' ' && *in < 0x7f ? *in : '?';
		if (*in == ' ' || *in == '=')
			out[n] = '_';
	}
	if (size > 0)
		out[n] = '\0';
}

size_t text_utf8(const char *in, size_t len, unsigned long *code)
{
	/* By the length, less one: the first bytes, their bits, the least character. */
	static const struct {
		unsigned char first, last, bits;
		unsigned long least;
	} rows[4] = {{0x00, 0x7f, 0x7f, 0}, {0xc2, 0xdf, 0x1f, 0x80}, {0xe0, 0xef, 0x0f, 0x800},
	    {0xf0, 0xf4, 0x07, 0x10000}};
	const unsigned char *u = (const unsigned char *)in;
	size_t n = 0;
	while (len > 0 && n < 4 && (u[0] < rows[n].first || u[0] > rows[n].last))
		n++;
	if (n == 4 || n >= len)
		return 0;
	unsigned long c = u[0] & rows[n].bits;
	for (size_t i = 1; i <= n; i++) {
		if ((u[i] & 0xc0u) != 0x80u)
			return 0;
		c = c << 6 | (u[i] & 0x3fu);
	}
	if (c < rows[n].least || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
		return 0;
	if (code != NULL)
		*code = c;
	return n + 1;
}

/* Characters that move the cursor, reorder the text around them, or cannot be seen. */
static bool is_hidden(unsigned long c)
{
	static const struct {
		unsigned long first, last;
	} hidden[] = {{0x00, 0x1f}, {0x7f, 0x9f}, {0xad, 0xad}, {0x34f, 0x34f}, {0x61c, 0x61c},
	    {0x115f, 0x1160}, {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x200b, 0x200f},
	    {0x2028, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164}, {0xe000, 0xf8ff},
	    {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xffff},
	    {0x1d173, 0x1d17a}, {0xe0000, 0x10ffff}};
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (c >= hidden[i].first && c <= hidden[i].last)
			return true;
	return false;
}

static void clean(const char *in, size_t len, bool keep_newlines, char *out, size_t size)
{
	size_t n = 0, width = 0;
	for (; len > 0 && size > 0; in += width, len -= width) {
		unsigned long code = 0;
		width = text_utf8(in, len, &code);
		bool is_shown =
		    width > 0 && (!is_hidden(code) || (keep_newlines && code == '\n'));
		size_t need = is_shown ? width : 1;
		if (n + need >= size)
			break;
		if (is_shown)
			memcpy(out + n, in, width);
		else
			out[n] = *in == '\n' || *in == '\t' ? ' ' : '?';
		n += need;
		if (width == 0)
			width = 1;
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

static bool is_well_formed(const char *text, bool controls_allowed)
{
	size_t len = strlen(text), width;
	for (; len > 0; text += width, len -= width) {
		unsigned long code = 0;
		width = text_utf8(text, len, &code);
		bool is_control = code < 0x20 || (code >= 0x7f && code < 0xa0);
		if (width == 0 || (is_control && !controls_allowed))
			return false;
	}
	return true;
}

bool text_is_utf8(const char *text)
{
	return is_well_formed(text, true);
}

void text_mend_utf8(char *text, size_t len)
{
	for (size_t width; len > 0; text += width, len -= width) {
		width = text_utf8(text, len, NULL);
		if (width > 0)
			continue;
		*text = '?';
		width = 1;
	}
}

bool text_has_controls(const char *text)
{
	return !is_well_formed(text, false);
}
