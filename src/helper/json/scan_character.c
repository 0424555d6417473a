/* SPDX-License-Identifier: MIT
 *
 * Escapes and surrogate pairs (RFC 8259, section 7).
 */
#include "helper/json/scan_character.h"

#include <string.h>

#include "common/text.h"

static bool hex4(const char *at, size_t len, unsigned long *out)
{
	unsigned long n = 0;
	if (len < 4)
		return false;
	for (size_t i = 0; i < 4; i++) {
		char c = at[i];
		if (scan_is_digit(c))
			n = n << 4 | (unsigned long)(c - '0');
		else if (c >= 'a' && c <= 'f')
			n = n << 4 | (unsigned long)(c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			n = n << 4 | (unsigned long)(c - 'A' + 10);
		else
			return false;
	}
	*out = n;
	return true;
}

/* The second half of a \uD83D\uDE00; at stands on its backslash. */
static bool low_surrogate(const char *at, size_t len, unsigned long *out)
{
	if (len < 6 || at[0] != '\\' || at[1] != 'u' || !hex4(at + 2, len - 2, out))
		return false;
	return *out >= 0xdc00 && *out <= 0xdfff;
}

size_t scan_unescape(const char *at, size_t len, unsigned long *code)
{
	static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	unsigned long low = 0;
	if (*at != '\\')
		return text_utf8(at, len, code);
	if (len < 2)
		return 0;
	if (at[1] != 'u') {
		const char *letter = memchr(letters, at[1], sizeof(letters) - 1);
		if (letter == NULL)
			return 0;
		*code = (unsigned char)meant[letter - letters];
		return 2;
	}
	if (!hex4(at + 2, len - 2, code))
		return 0;
	if (*code < 0xd800 || *code > 0xdfff)
		return 6;
	if (*code > 0xdbff || !low_surrogate(at + 6, len - 6, &low))
		return 0;
	*code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
	return 12;
}

const char *scan_escape_fault(const char *at, size_t len)
{
	unsigned long code = 0;
	if (len < 2 || at[1] != 'u')
		return "unknown escape";
	if (!hex4(at + 2, len - 2, &code))
		return "\\u needs four hexadecimal digits";
	return "half of a surrogate pair";
}
