/* SPDX-License-Identifier: MIT
 *
 * The raw text of a value, where cJSON keeps only its meaning: config faults need its
 * place, claims the exact form of a number. What scan_text() has accepted needs no checks
 * here; a text that it has not is misread, but no step leaves it.
 */
#include <limits.h>
#include <string.h>

#include "common/text.h"
#include "helper/json/scan.h"
#include "helper/json/scan_character.h"

/* From the opening quote to behind the closing one. */
static const char *skip_string(const char *at, const char *end)
{
	const char *quote;
	if (at < end)
		at++;
	quote = memchr(at, '"', (size_t)(end - at));
	if (quote == NULL)
		return end;
	if (memchr(at, '\\', (size_t)(quote - at)) == NULL)
		return quote + 1;
	while (at < end && *at != '"')
		at += *at == '\\' && end - at > 1 ? 2 : 1;
	return at < end ? at + 1 : end;
}

static const char *skip_value(const char *at, const char *end)
{
	size_t depth = 0;
	do {
		char c = at < end ? *at : '\0';
		if (c == '"') {
			at = skip_string(at, end);
			continue;
		}
		if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
		if (at < end)
			at++;
		/* A number or a word ends where something else begins. */
		while (depth == 0 && c != '}' && c != ']' && at < end && !scan_is_blank(*at) &&
		       memchr(",]}", *at, 3) == NULL)
			at++;
	} while (depth > 0 && at < end);
	return at;
}

/* Is this name, with its quotes, the text after unescaping? */
static bool name_is(const struct scan_slice *name, const char *text)
{
	size_t len = strlen(text);
	struct scan_slice have, want = {.bytes = text, .len = len};
	if (name->len < 2)
		return false;
	have = (struct scan_slice){.bytes = name->bytes + 1, .len = name->len - 2};
	if (memchr(have.bytes, '\\', have.len) == NULL)
		return have.len == len && memcmp(have.bytes, text, len) == 0;
	while (have.len > 0 && want.len > 0) {
		unsigned long x = 0, y = 0;
		size_t i = scan_unescape(have.bytes, have.len, &x),
		       j = text_utf8(want.bytes, want.len, &y);
		if (i == 0 || j == 0 || x != y)
			return false;
		have.bytes += i, have.len -= i;
		want.bytes += j, want.len -= j;
	}
	return have.len == 0 && want.len == 0;
}

/* Reads a member's name and colon; at then stands on the value. */
static const char *read_name(const char *at, const char *end, struct scan_slice *name)
{
	name->bytes = at;
	at = skip_string(at, end);
	name->len = (size_t)(at - name->bytes);
	at = scan_skip_blanks(at, end);
	return scan_skip_blanks(at < end ? at + 1 : end, end);
}

/* The element or member of the container at `at`; NULL when there is none. */
static const char *find_step(
    const char *at, const char *end, const char *step, struct scan_slice *name)
{
	bool is_object = at < end && *at == '{';
	unsigned long index = 0;
	if (at == end || (!is_object && *at != '['))
		return NULL;
	if (!is_object && !text_number(step, ULONG_MAX, &index))
		return NULL;
	at = scan_skip_blanks(at + 1, end);
	for (unsigned long i = 0; at < end && *at != '}' && *at != ']'; i++) {
		*name = (struct scan_slice){.bytes = "", .len = 0};
		if (is_object)
			at = read_name(at, end, name);
		if (is_object ? name_is(name, step) : i == index)
			return at < end ? at : NULL;
		at = scan_skip_blanks(skip_value(at, end), end);
		if (at < end && *at == ',')
			at = scan_skip_blanks(at + 1, end);
	}
	return NULL;
}

bool scan_find(const char *text, size_t len, const char *const *path, size_t steps,
    struct scan_slice *value, struct scan_slice *name)
{
	const char *end = text + len, *at = scan_skip_blanks(text, end);
	struct scan_slice found = {.bytes = "", .len = 0};
	for (size_t i = 0; i < steps; i++) {
		at = find_step(at, end, path[i], &found);
		if (at == NULL)
			return false;
	}
	if (name != NULL)
		*name = found;
	value->bytes = at;
	value->len = (size_t)(skip_value(at, end) - at);
	return true;
}
