/* SPDX-License-Identifier: MIT
 *
 * The strict reader in front of cJSON: RFC 8259 grammar, well-formed UTF-8, no duplicate
 * members (compared after unescaping), no \u0000, no lone surrogate, no byte-order mark,
 * nothing after the value. It does not recurse, and its memory grows no faster than the text.
 */
#ifndef HELPER_JSON_SCAN_H
#define HELPER_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

/* Containers nest at most this deep. The deepest legitimate text, a federated ID token,
 * needs 4. */
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

#define SCAN_INTEGER_DIGITS 12

/* The same. has_plain_numbers: every number is written in 1 to SCAN_INTEGER_DIGITS digits and
 * nothing else. */
int scan_document(const char *text, size_t len, size_t max, struct scan_fault *fault,
    bool *has_plain_numbers);

/* Finds the nth value of a text, counted from 0 in the order in which values begin: the root,
 * then each member or element before its neighbour. value becomes its raw text (a string with
 * its quotes); name, if not NULL, that of the member's name with its quotes, or empty for an
 * element and the root. False when there is no such value. Allocates nothing. */
bool scan_nth(const char *text, size_t len, size_t nth, struct scan_slice *value,
    struct scan_slice *name);

/* A walk through the elements or members of one container of a text that was scanned, for texts
 * that are too large for a tree: it reads each byte once and allocates nothing. */
struct scan_walk {
	const char *at,
	    *end; /* behind the bracket, or behind the last value; the closing one */
	bool is_object;
};

/* False unless value is an object or an array. */
bool scan_open(const struct scan_slice *value, struct scan_walk *);
/* value and name (may be NULL) as scan_nth() gives them. False at the end. */
bool scan_step(struct scan_walk *, struct scan_slice *value, struct scan_slice *name);

/* Replaces // and block comments by spaces, so that every line and column stays. Text inside
 * strings stays too. An unclosed block comment is RESULT_JSON with fault set, else 0. */
int scan_blank_comments(char *text, size_t len, struct scan_fault *fault);

/* Line and column of a byte of the text, both from 1. */
void scan_position(const char *text, const char *at, size_t *line, size_t *column);

#endif
