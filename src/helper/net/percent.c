/* SPDX-License-Identifier: MIT */
#include "helper/net/percent.h"

#include <string.h>

#include "common/buffer.h"

int percent_append(struct buffer *b, const char *text)
{
	static const char unreserved[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	int r = 0;
	for (; r == 0 && *text != '\0'; text++) {
		if (strchr(unreserved, *text) != NULL)
			r = buffer_append_byte(b, (unsigned char)*text);
		else
			r = buffer_append_format(b, "%%%02X", (unsigned char)*text);
	}
	return r;
}
