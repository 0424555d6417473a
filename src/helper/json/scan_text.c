/* SPDX-License-Identifier: MIT
 *
 * What is below the grammar: characters and their escapes (RFC 8259, section 7), places in the
 * text, and comments. JSON has no comments, but people want them in a configuration: they
 * become spaces before the scan, so that every fault keeps its place.
 */
#include "helper/json/scan.h"

#include <string.h>

#include "common/result.h"
#include "common/text.h"

/* The four hexadecimal digits of \uXXXX; `at` points to the backslash. */
static bool read_unit(const char *at, size_t len, unsigned long *out)
{
	static const char digits[] = "0123456789abcdef";
	if (len < 6 || at[0] != '\\' || at[1] != 'u')
		return false;
	*out = 0;
	for (size_t i = 2; i < 6; i++) {
		char c = at[i] >= 'A' && at[i] <= 'F' ? (char)(at[i] - 'A' + 'a') : at[i];
		const char *digit = memchr(digits, c, sizeof(digits) - 1);
		if (digit == NULL)
			return false;
		*out = *out << 4 | (unsigned long)(digit - digits);
	}
	return true;
}

static size_t malformed(const char **what, const char *text)
{
	if (what != NULL)
		*what = text;
	return 0;
}

size_t scan_character(const char *at, size_t len, unsigned long *code, const char **what)
{
	static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	unsigned long low = 0;
	*code = (unsigned char)*at;
	if (*code < 0x80 && *at != '\\')
		return 1;
	if (*at != '\\') {
		size_t width = text_utf8(at, len, code);
		return width > 0 ? width : malformed(what, "not UTF-8");
	}
	if (len < 2 || at[1] != 'u') {
		const char *letter =
		    len < 2 ? NULL : memchr(letters, at[1], sizeof(letters) - 1);
		if (letter == NULL)
			return malformed(what, "unknown escape");
		*code = (unsigned char)meant[letter - letters];
		return 2;
	}
	if (!read_unit(at, len, code))
		return malformed(what, "\\u needs four hexadecimal digits");
	if (*code < 0xd800 || *code > 0xdfff)
		return 6;
	/* The first half of a pair, then the second: \ud83d\ude00. */
	if (*code > 0xdbff || !read_unit(at + 6, len - 6, &low) || low < 0xdc00 || low > 0xdfff)
		return malformed(what, "half of a surrogate pair");
	*code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
	return 12;
}

void scan_position(const char *text, const char *at, size_t *line, size_t *column)
{
	*line = *column = 1;
	for (; text < at; text++) {
		(*column)++;
		if (*text == '\n') {
			(*line)++;
			*column = 1;
		}
	}
}

/* Blanks the comment that begins at `at`; returns what follows it, or NULL when it is open. */
static char *blank_comment(char *at, char *end)
{
	char *stop = at[1] == '*' ? memmem(at + 2, (size_t)(end - at) - 2, "*/", 2)
				  : memchr(at, '\n', (size_t)(end - at));
	if (at[1] == '*') {
		if (stop == NULL)
			return NULL;
		stop += 2;
	}
	for (; at < (stop != NULL ? stop : end); at++)
		if (*at != '\n' && *at != '\r')
			*at = ' ';
	return at;
}

int scan_blank_comments(char *text, size_t len, struct scan_fault *fault)
{
	char *end = text + len, *at = text;
	bool in_string = false;
	while (at < end) {
		bool is_pair = end - at > 1;
		if (in_string) {
			/* An unclosed string ends with its line; scan_text() reports it. */
			in_string = *at != '"' && *at != '\n';
			at += *at == '\\' && is_pair ? 2 : 1;
		} else if (*at == '/' && is_pair && (at[1] == '/' || at[1] == '*')) {
			char *next = blank_comment(at, end);
			if (next == NULL && fault != NULL) {
				scan_position(text, at, &fault->line, &fault->column);
				fault->what = "comment is not closed";
			}
			if (next == NULL)
				return RESULT_JSON;
			at = next;
		} else {
			in_string = *at++ == '"';
		}
	}
	return 0;
}
