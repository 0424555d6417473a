/* SPDX-License-Identifier: MIT
 *
 * A growing run of bytes with a maximum. It may hold secrets: what it leaves behind,
 * when it grows and when it ends, is wiped.
 */
#ifndef COMMON_BUFFER_H
#define COMMON_BUFFER_H

#include <stddef.h>

struct buffer {
	char *bytes; /* owned; always followed by a NUL that is not counted; NULL while empty */
	size_t len; /* bytes in use */
	size_t size; /* bytes allocated */
	size_t max; /* len never exceeds this */
	int error; /* 0, or why an append failed: then nothing more is appended */
};

/* An empty buffer that may grow to max bytes. Nothing is allocated yet. */
#define BUFFER_INIT(most)                                                                      \
	{                                                                                      \
		.bytes = NULL, .len = 0, .size = 0, .max = (most), .error = 0                  \
	}

/* Each returns the buffer's error: 0, RESULT_TOO_LARGE when max would be passed, or
 * RESULT_MEMORY. The first error stays and the bytes stay as they were, so a body is built
 * with plain calls and judged once, at its end. */
int buffer_append(struct buffer *, const void *bytes, size_t len);
int buffer_append_text(struct buffer *, const char *text);
int buffer_append_byte(struct buffer *, unsigned char);
int buffer_append_format(struct buffer *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int buffer_reserve(struct buffer *, size_t more);

/* Back to an earlier length; the error is forgotten. For what is left out when it has no room.
 */
void buffer_cut(struct buffer *, size_t len);

/* Takes white space off both ends: what a paste brings along. */
void buffer_trim(struct buffer *);

/* The bytes as a string; "" while empty. Lives until the next change. */
const char *buffer_text(const struct buffer *);

/* Wipes and frees; the buffer is empty, without an error, and usable again. NULL is accepted.
 */
void buffer_wipe(struct buffer *);

/* Wipes and frees an allocated string. NULL is accepted. */
void secret_free(char *text);

#endif
