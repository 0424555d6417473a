/* SPDX-License-Identifier: MIT
 *
 * Compares text, and makes text from elsewhere safe to show.
 */
#ifndef COMMON_TEXT_H
#define COMMON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Equal strings. NULL equals nothing, not even NULL. */
bool streq(const char *, const char *);

/* Is it one of the list, which ends with NULL? */
bool text_among(const char *text, const char *const *list);

/* Neither may be NULL. */
bool text_starts(const char *text, const char *prefix);
bool text_ends(const char *text, const char *suffix);

/* ASCII only: no locale, and no letter that becomes another one's ASCII. */
void text_lower(char *text);

/* The value of a hexadecimal digit, or -1. */
int text_hex(char);

/* Digits only, no sign, no spaces, at most max: sets out. False for anything else. */
bool text_number(const char *text, unsigned long max, unsigned long *out);

/* Copies len bytes. False if they do not fit with their NUL, or hold a NUL or another control
 * character of ASCII. */
bool text_copy(const char *in, size_t len, char *out, size_t size);

/* FNV-1a, 64 bit, not for secrets: of one text after another, from TEXT_HASH_BEGIN on. */
#define TEXT_HASH_BEGIN 0xcbf29ce484222325u
#define TEXT_HASH_PRIME 0x100000001b3u
uint64_t text_hash(uint64_t, const char *text);

/* Copies for a log line: printable ASCII stays, every other byte becomes '?'. Spaces and
 * '=' become '_' so that one field cannot look like two. Cut to fit size, NUL-terminated. */
void text_field(const char *in, char *out, size_t size);

/* Copies for a terminal: printable ASCII and well-formed UTF-8 stay, except
 * control, bidirectional, invisible and private characters; those and broken bytes
 * become '?'. Newlines become spaces. Cut at a character to fit size, NUL-terminated. */
void text_printable(const char *in, size_t len, char *out, size_t size);

/* The same, but newlines stay. */
void text_lines(const char *in, size_t len, char *out, size_t size);

/* Is it printable ASCII without spaces, and not empty? */
bool text_is_visible(const char *text);

/* Does it contain a control character (C0, DEL, C1) or anything that is not UTF-8? */
bool text_has_controls(const char *text);

/* Is all of it well-formed UTF-8? */
bool text_is_utf8(const char *text);

/* Replaces each byte that is not UTF-8 by "?". */
void text_mend_utf8(char *text, size_t len);

/* The length of the well-formed UTF-8 character at in (1-4), or 0. RFC 3629: no
 * surrogates, no overlong forms, nothing over U+10FFFF. code, if not NULL, receives it. */
size_t text_utf8(const char *in, size_t len, unsigned long *code);

#endif
