/* SPDX-License-Identifier: MIT */
#include "helper/net/http_header.h"

#include <string.h>
#include <strings.h>

#include "common/text.h"

bool http_header_value(const char *line, size_t len, const char *name, char *out, size_t size)
{
	size_t n = strlen(name);
	if (len <= n || strncasecmp(line, name, n) != 0 || line[n] != ':')
		return false;
	line += n + 1;
	len -= n + 1;
	while (len > 0 && (*line == ' ' || *line == '\t'))
		line++, len--;
	while (
	    len > 0 && (line[len - 1] == '\r' || line[len - 1] == '\n' || line[len - 1] == ' '))
		len--;
	text_printable(line, len, out, size);
	return true;
}

/* Is a content type this one, whatever parameters it has? */
static bool is_type(const char *content_type, const char *type)
{
	size_t len = strcspn(content_type, "; ");
	return strlen(type) == len && strncasecmp(content_type, type, len) == 0;
}

bool http_header_is_json(const char *content_type)
{
	static const char *const kinds[] = {
	    "application/json",
	    "application/x-amz-json-1.0",
	    "application/x-amz-json-1.1",
	};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (is_type(content_type, kinds[i]))
			return true;
	return false;
}

bool http_header_is_key_set(const char *content_type)
{
	return is_type(content_type, "application/jwk-set+json");
}
