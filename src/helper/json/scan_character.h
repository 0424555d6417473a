/* SPDX-License-Identifier: MIT
 *
 * The characters of JSON, for the files beside this one. Nothing else includes it.
 */
#ifndef HELPER_JSON_SCAN_CHARACTER_H
#define HELPER_JSON_SCAN_CHARACTER_H

#include <stdbool.h>
#include <stddef.h>

static inline bool scan_is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline bool scan_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline const char *scan_skip_blanks(const char *at, const char *end)
{
	while (at < end && scan_is_blank(*at))
		at++;
	return at;
}

/* One character of a string, as it stands between the quotes. Returns the bytes it takes,
 * or 0 when it is malformed. len is not 0. */
size_t scan_unescape(const char *at, size_t len, unsigned long *code);

/* What is wrong with the escape at `at`; static text. */
const char *scan_escape_fault(const char *at, size_t len);

#endif
