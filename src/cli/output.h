/* SPDX-License-Identifier: MIT
 *
 * What the command says. A verb's report is text for people or one JSON object for machines:
 * the functions for one of them do nothing for the other. Complaints go to stderr. All text is
 * made printable; in JSON only text that is not UTF-8.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/buffer.h"

struct cJSON;

#define OUTPUT_MAX (1024u * 1024) /* a whole configuration, escaped, and its findings */

/* Opened and printed by main(). */
struct output {
	bool is_json;
	bool is_utf8; /* the reader's terminal shows UTF-8 */
	bool has_members; /* in the JSON container that is open: a comma is due */
	struct buffer text;
};

/* "cognito-oidc: ...", one line on stderr. Returns false, for the function that cannot go on.
 */
bool complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Begins; a JSON object is open then. */
void output_open(struct output *, bool is_json, bool is_utf8);
/* Text: writes what there is so far to stdout. JSON is written at the end, whole. */
void output_flush(struct output *);
/* Ends, writes to stdout and frees. False after complaining when memory ran out or the report
 * is too long; nothing is written then. */
bool output_print(struct output *);

/* JSON: a member that is an object or an array, by its brackets: '{' and '}' or '[' and ']';
 * name is NULL inside an array. */
void output_begin(struct output *, const char *name, char bracket);
void output_end(struct output *, char bracket);

/* JSON: a member, or an element when name is NULL. */
void output_string(struct output *, const char *name, const char *value);
void output_bool(struct output *, const char *name, bool value);
void output_number(struct output *, const char *name, long long value);
/* Strings and booleans of an object or an array, from the first one on. */
void output_accepted(struct output *, const struct cJSON *first);

/* Text: a line; the newline is added. */
void output_line(struct output *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A JSON string literal, with quotes. */
void output_quote(struct buffer *, const char *text);

#endif
