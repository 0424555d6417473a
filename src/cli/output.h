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

#define OUTPUT_MAX (8u * 1024 * 1024) /* a whole configuration, escaped, and its findings */

/* Opened and printed by main(). */
struct output {
	bool is_json;
	bool is_utf8; /* the reader's terminal shows UTF-8 */
	bool has_colour; /* it is a terminal with colours */
	bool has_members; /* in the JSON container that is open: a comma is due */
	struct buffer text;
};

/* "cognito-oidc: ...", one line on stderr. Returns false, for the function that cannot go on.
 */
bool complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Begins; a JSON object is open then. */
void output_open(struct output *, bool is_json, bool is_utf8, bool has_colour);
/* Text: writes what there is so far to stdout. JSON is written at the end, whole. */
void output_flush(struct output *);
/* Both: takes what there is so far out of the report, for one that may be of any length. Its
 * reader may then get the beginning of a report that ends with EXIT_TROUBLE. */
void output_piece(struct output *);
/* Ends, writes to stdout and frees. False after complaining when memory ran out or the report
 * is too long; nothing is written then. */
bool output_print(struct output *);

/* JSON, in the short form "{name:%s list:[%s %s] flag:%d count:%lld}": %s is a string, %d a
 * boolean, %lld a number; "%s:" is a name. A NULL string is left out with its name; a NULL name
 * is of an array's element. A call may open a bracket that a later one closes. */
void output_json(struct output *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Text: a line; the newline is added. */
void output_line(struct output *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Text: a line that begins with "ok", "warn", "FAIL" or "-"; the first three in colour. */
void output_marked(struct output *, const char *mark, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A JSON string literal, with quotes. */
void output_quote(struct buffer *, const char *text);

#endif
