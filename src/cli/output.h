/* SPDX-License-Identifier: MIT
 *
 * What a verb says, as text for people or as one JSON object for machines. Text for people
 * is made printable; in JSON, what is not UTF-8 is made printable, too.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/buffer.h"

struct cJSON;

#define OUTPUT_MAX (1024u * 1024) /* a whole configuration, escaped, and its findings */

struct output {
	bool is_json;
	struct buffer text;
	bool has_members; /* in the JSON container that is open: a comma is due */
	int failed; /* 0 or the first result code */
};

/* For people: whether something holds. */
const char *output_mark(bool holds);

/* Begins; a JSON object is open then. */
void output_open(struct output *, bool is_json);
/* Text: writes to stdout what there is so far. JSON comes whole, at the end. */
void output_flush(struct output *);
/* Ends, writes to stdout and frees. False when memory was lacking; nothing is written then. */
bool output_print(struct output *);

/* JSON: a member that is an object or an array; name NULL inside an array. Text: nothing. */
void output_object(struct output *, const char *name);
void output_array(struct output *, const char *name);
void output_end_object(struct output *);
void output_end_array(struct output *);

/* JSON: a member, or an element when name is NULL. Text: nothing. */
void output_string(struct output *, const char *name, const char *value);
void output_bool(struct output *, const char *name, bool value);
void output_accepted(struct output *, const struct cJSON *first); /* strings and booleans */
void output_number(struct output *, const char *name, long long value);

/* Text: a line, printable, newline added. JSON: nothing. */
void output_line(struct output *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
