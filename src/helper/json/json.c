/* SPDX-License-Identifier: MIT
 *
 * cJSON behind typed getters. cJSON alone accepts texts that are not JSON and cuts strings
 * at \u0000; it sees only what scan_text() has accepted.
 */
#include "helper/json/json.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"

struct json {
	cJSON *root;
	struct buffer text;
	bool has_plain_numbers; /* scan.h */
};

int json_parse(
    const char *text, size_t len, size_t max, struct json **out, struct scan_fault *fault)
{
	const char *end = NULL;
	bool has_plain_numbers = false;
	*out = NULL;
	int r = scan_document(text, len, max, fault, &has_plain_numbers);
	if (r != 0)
		return r;
	struct json *json = calloc(1, sizeof(*json));
	if (json == NULL)
		return RESULT_MEMORY;
	json->text.max = len;
	json->has_plain_numbers = has_plain_numbers;
	r = buffer_append(&json->text, text, len);
	if (r == 0)
		json->root = cJSON_ParseWithLengthOpts(json->text.bytes, len + 1, &end, 1);
	if (json->root != NULL) {
		*out = json;
		return 0;
	}
	/* cJSON before 1.7.18 gives up on a valid number of 64 bytes or more. */
	if (r == 0 && fault != NULL) {
		scan_position(json->text.bytes, end, &fault->line, &fault->column);
		fault->what = "a number of more than 63 bytes, or out of memory";
	}
	json_free(json);
	return r == 0 ? RESULT_JSON : r;
}

/* Where a walk through a tree is, without recursion: the scanner has bounded the depth. */
struct walk {
	const cJSON *parents[SCAN_DEPTH];
	size_t depth;
};

/* The value that begins next after `at` in the text. */
static const cJSON *walk_next(struct walk *walk, const cJSON *at)
{
	if (at->child != NULL && walk->depth < SCAN_DEPTH) {
		walk->parents[walk->depth++] = at;
		return at->child;
	}
	while (at->next == NULL && walk->depth > 0)
		at = walk->parents[--walk->depth];
	return at->next;
}

void json_free(struct json *json)
{
	struct walk walk = {.depth = 0};
	if (json == NULL)
		return;
	for (const cJSON *at = json->root; at != NULL; at = walk_next(&walk, at))
		if (cJSON_IsString(at))
			explicit_bzero(at->valuestring, strlen(at->valuestring));
	cJSON_Delete(json->root);
	buffer_wipe(&json->text);
	free(json);
}

const struct cJSON *json_root(const struct json *json)
{
	return json->root;
}

const char *json_source(const struct json *json, size_t *len)
{
	*len = json->text.len;
	return json->text.bytes;
}

bool json_raw(const struct json *json, const struct cJSON *value, struct scan_slice *raw,
    struct scan_slice *name)
{
	struct walk walk = {.depth = 0};
	size_t nth = 0;
	const cJSON *at = json->root;
	for (; at != NULL && at != value; at = walk_next(&walk, at))
		nth++;
	return at != NULL && scan_nth(json->text.bytes, json->text.len, nth, raw, name);
}

/* The raw text decides: a double cannot tell 1 from 1.0, 1e0 or 1.0000000000000000001. */
bool json_integer(const struct json *json, const struct cJSON *value, long long *out)
{
	struct scan_slice raw;
	long long number = 0;
	if (!cJSON_IsNumber(value))
		return false;
	/* A double holds them exactly, and there is nothing that it could hide. */
	if (json->has_plain_numbers) {
		*out = (long long)value->valuedouble;
		return true;
	}
	if (!json_raw(json, value, &raw, NULL) || raw.len > SCAN_INTEGER_DIGITS)
		return false;
	for (size_t i = 0; i < raw.len; i++) {
		if (raw.bytes[i] < '0' || raw.bytes[i] > '9')
			return false;
		number = number * 10 + (raw.bytes[i] - '0');
	}
	*out = number;
	return true;
}

enum json_type json_type(const struct cJSON *value)
{
	if (cJSON_IsObject(value))
		return JSON_OBJECT;
	if (cJSON_IsArray(value))
		return JSON_ARRAY;
	if (cJSON_IsString(value))
		return JSON_STRING;
	if (cJSON_IsNumber(value))
		return JSON_NUMBER;
	if (cJSON_IsBool(value))
		return JSON_BOOL;
	return cJSON_IsNull(value) ? JSON_NULL : JSON_NONE;
}

const struct cJSON *json_member(const struct cJSON *value, const char *name)
{
	const cJSON *at = cJSON_IsObject(value) ? value->child : NULL;
	/* Most names differ in their first byte: a token's are compared some 200 times. */
	while (at != NULL && (at->string[0] != name[0] || !streq(at->string, name)))
		at = at->next;
	return at;
}

const struct cJSON *json_first(const struct cJSON *value)
{
	return value != NULL ? value->child : NULL;
}

const struct cJSON *json_next(const struct cJSON *element)
{
	return element != NULL ? element->next : NULL;
}

const char *json_name(const struct cJSON *member)
{
	return member != NULL ? member->string : NULL;
}

size_t json_count(const struct cJSON *value)
{
	size_t n = 0;
	for (const cJSON *at = json_first(value); at != NULL; at = at->next)
		n++;
	return n;
}

const char *json_string(const struct cJSON *value)
{
	return cJSON_IsString(value) ? value->valuestring : NULL;
}

const char *json_member_string(const struct cJSON *value, const char *name)
{
	return json_string(json_member(value, name));
}

bool json_is_true(const struct cJSON *value)
{
	return cJSON_IsTrue(value);
}

bool json_is_false(const struct cJSON *value)
{
	return cJSON_IsFalse(value);
}

int json_write_string(struct buffer *out, const char *text)
{
	if (!text_is_utf8(text))
		return RESULT_JSON;
	buffer_append_byte(out, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			buffer_append_byte(out, '\\');
		if ((unsigned char)*text < ' ')
			buffer_append_format(out, "\\u%04x", (unsigned)*text);
		else
			buffer_append_byte(out, (unsigned char)*text);
	}
	return buffer_append_byte(out, '"');
}
