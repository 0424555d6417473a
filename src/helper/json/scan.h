/* SPDX-License-Identifier: MIT
 *
 * The strict reader that stands in front of cJSON: RFC 8259 grammar, well-formed UTF-8,
 * no duplicate members (compared after unescaping), no \u0000 and no lone surrogate,
 * no byte-order mark, nothing after the value. No recursion, no allocation that grows
 * faster than the text.
 */
#ifndef HELPER_JSON_SCAN_H
#define HELPER_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

/* Containers nest at most this deep; the deepest honest text (a federated ID token) needs 4. */
#define SCAN_DEPTH 8

/* Where and why a text was refused. line and column count from 1, column in bytes. */
struct scan_fault {
	size_t line, column;
	const char *what; /* static */
};

/* Part of a text that was scanned. */
struct scan_slice {
	const char *bytes;
	size_t len;
};

/* Returns 0, RESULT_JSON (fault, if not NULL, says where and why) or RESULT_MEMORY.
 * Text longer than max is refused. */
int scan_text(const char *text, size_t len, size_t max, struct scan_fault *fault);

/* Replaces // and block comments by spaces, keeping every line and column. Text inside
 * strings stays. An unclosed block comment is RESULT_JSON with fault set, else 0. */
int scan_blank_comments(char *text, size_t len, struct scan_fault *fault);

/* Finds the value at a path in a text that scan_text() accepted. A path is made of member
 * names and decimal array indexes: { "login", "flows", "0" }. value becomes the raw text
 * of the value (a string with its quotes); name, if not NULL, that of the member's name
 * with its quotes (empty for an array element). False when there is no such value. */
bool scan_find(const char *text, size_t len, const char *const *path, size_t steps,
    struct scan_slice *value, struct scan_slice *name);

/* Line and column of a byte of the text, both from 1. */
void scan_position(const char *text, const char *at, size_t *line, size_t *column);

#endif
