/* SPDX-License-Identifier: MIT
 *
 * JSON values with typed getters. The only file that knows cJSON; no text reaches cJSON
 * that scan_text() has not accepted. Names match exactly, byte for byte and case for case.
 */
#ifndef HELPER_JSON_JSON_H
#define HELPER_JSON_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "helper/json/scan.h"

/* A value. Borrowed from its document, never freed alone. (It is cJSON's own node.) */
struct cJSON;

/* A parsed text: owns the tree and a copy of the text. Both are wiped when it is freed. */
struct json;

enum json_type {
	JSON_NONE,
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

/* Scans strictly, then parses. max is the caller's limit in bytes. *out is NULL unless 0 is
 * returned; the caller frees it. Returns 0, RESULT_JSON or RESULT_MEMORY; fault may be NULL. */
int json_parse(
    const char *text, size_t len, size_t max, struct json **out, struct scan_fault *fault);
void json_free(struct json *); /* NULL is accepted */

const struct cJSON *json_root(const struct json *);

/* The text that the document was parsed from. Borrowed. */
const char *json_source(const struct json *, size_t *len);

/* The raw text of a value of this document, and of its name, as scan_nth() gives them: cJSON
 * keeps neither the place of a value nor the exact form of a number. False for any other value.
 */
bool json_raw(const struct json *, const struct cJSON *value, struct scan_slice *raw,
    struct scan_slice *name);

/* A value of this document whose raw text is an integer without sign, fraction or exponent and
 * with at most 12 digits ("0" or no leading zero). 12 digits last until the year 33658 and fit
 * every integer type. False for any other value and for NULL. */
bool json_integer(const struct json *, const struct cJSON *value, long long *out);

/* All getters below accept NULL. JSON_NONE for NULL. */
enum json_type json_type(const struct cJSON *);

/* The member of an object, or NULL (also when value is no object). */
const struct cJSON *json_member(const struct cJSON *value, const char *name);

/* The elements of an array or the members of an object, in order. */
const struct cJSON *json_first(const struct cJSON *value);
const struct cJSON *json_next(const struct cJSON *element);
const char *json_name(const struct cJSON *member); /* NULL for an element */
size_t json_count(const struct cJSON *value); /* elements or members; 0 otherwise */

/* The string's text, or NULL when value is no string. It holds no NUL: \u0000 is refused. */
const char *json_string(const struct cJSON *value);
/* json_string(json_member(value, name)). */
const char *json_member_string(const struct cJSON *value, const char *name);
bool json_is_true(const struct cJSON *value);
bool json_is_false(const struct cJSON *value);

/* Appends a JSON string literal, with quotes; text must be UTF-8 (else RESULT_JSON, and nothing
 * is appended). Returns 0, RESULT_JSON or the buffer's error. */
struct buffer;
int json_write_string(struct buffer *, const char *text);

#endif
