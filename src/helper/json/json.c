/* SPDX-License-Identifier: MIT
 *
 * cJSON behind typed getters. cJSON alone accepts what is no JSON and cuts strings at
 * \u0000; it sees only what scan_text() has accepted.
 */
#include "helper/json/json.h"

#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"

#define INTEGER_DIGITS 12

struct json {
	cJSON *root;
	char *text;
	size_t len;
};

/* cJSON before 1.7.18 gives up on numbers of 64 bytes and more, JSON all the same. */
static int refuse_number(const char *text, const char *at, struct scan_fault *fault)
{
	if (fault != NULL) {
		scan_position(text, at, &fault->line, &fault->column);
		fault->what = "a number of more than 63 bytes, or out of memory";
	}
	return RESULT_JSON;
}

int json_parse(
    const char *text, size_t len, size_t max, struct json **out, struct scan_fault *fault)
{
	struct json *json = NULL;
	const char *end = NULL;
	int r;
	*out = NULL;
	r = scan_text(text, len, max, fault);
	if (r != 0)
		return r;
	r = RESULT_MEMORY;
	json = calloc(1, sizeof(*json));
	if (json == NULL)
		goto out;
	json->text = malloc(len + 1);
	if (json->text == NULL)
		goto out;
	memcpy(json->text, text, len);
	json->text[len] = '\0';
	json->len = len;
	json->root = cJSON_ParseWithLengthOpts(json->text, len + 1, &end, 1);
	if (json->root == NULL) {
		r = refuse_number(json->text, end, fault);
		goto out;
	}
	*out = json;
	json = NULL;
	r = 0;
out:
	json_free(json);
	return r;
}

/* The scanner has bounded the depth, so the way back up fits here. */
static void wipe_strings(cJSON *at)
{
	cJSON *parents[SCAN_DEPTH];
	size_t depth = 0;
	while (at != NULL) {
		if (cJSON_IsString(at) && at->valuestring != NULL)
			explicit_bzero(at->valuestring, strlen(at->valuestring));
		if (at->child != NULL && depth < SCAN_DEPTH) {
			parents[depth++] = at;
			at = at->child;
			continue;
		}
		while (at->next == NULL && depth > 0)
			at = parents[--depth];
		at = at->next;
	}
}

void json_free(struct json *json)
{
	if (json == NULL)
		return;
	wipe_strings(json->root);
	cJSON_Delete(json->root);
	if (json->text != NULL)
		explicit_bzero(json->text, json->len);
	free(json->text);
	free(json);
}

const struct cJSON *json_root(const struct json *json)
{
	return json->root;
}

const char *json_source(const struct json *json, size_t *len)
{
	*len = json->len;
	return json->text;
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
	return cJSON_IsObject(value) ? cJSON_GetObjectItemCaseSensitive(value, name) : NULL;
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

/* The raw text decides: a double cannot tell 1 from 1.0, 1e0 or 1.0000000000000000001. */
bool json_integer(const struct json *json, const char *name, long long *out)
{
	const char *const path[] = {name};
	struct scan_slice raw;
	long long n = 0;
	if (!cJSON_IsNumber(json_member(json->root, name)))
		return false;
	if (!scan_find(json->text, json->len, path, 1, &raw, NULL))
		return false;
	if (raw.len == 0 || raw.len > INTEGER_DIGITS || (raw.bytes[0] == '0' && raw.len > 1))
		return false;
	for (size_t i = 0; i < raw.len; i++) {
		if (raw.bytes[i] < '0' || raw.bytes[i] > '9')
			return false;
		n = n * 10 + (raw.bytes[i] - '0');
	}
	*out = n;
	return true;
}

static int write_character(struct buffer *out, const char *at, size_t width)
{
	if (*at == '"' || *at == '\\')
		return buffer_append_format(out, "\\%c", *at);
	if (width == 1 && (unsigned char)*at < ' ')
		return buffer_append_format(out, "\\u%04x", (unsigned)*at);
	return buffer_append(out, at, width);
}

int json_write_string(struct buffer *out, const char *text)
{
	size_t len = strlen(text), width;
	int r;
	for (size_t i = 0; i < len; i += width) {
		width = text_utf8(text + i, len - i, NULL);
		if (width == 0)
			return RESULT_JSON;
	}
	r = buffer_append_byte(out, '"');
	for (size_t i = 0; r == 0 && i < len; i += width) {
		width = text_utf8(text + i, len - i, NULL);
		r = write_character(out, text + i, width);
	}
	return r != 0 ? r : buffer_append_byte(out, '"');
}
