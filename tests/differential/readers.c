/* SPDX-License-Identifier: MIT */
#include "differential/readers.h"

#include <stdio.h>

void tell_string(struct text *out, const char *bytes, size_t len)
{
	char length[24];
	snprintf(length, sizeof(length), "\"%zu:", len);
	text_put(out, length);
	text_add(out, bytes, len);
}

void tell_number(struct text *out, bool is_integer, long long value)
{
	char text[24] = "#";
	/* jansson and json-c take -0 for 0. */
	if (is_integer && value != 0)
		snprintf(text, sizeof(text), "%lld#", value);
	text_put(out, text);
}
