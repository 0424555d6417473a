/* SPDX-License-Identifier: MIT
 *
 * A text that is made, and then damaged.
 */
#ifndef TESTS_DIFFERENTIAL_MUTATE_H
#define TESTS_DIFFERENTIAL_MUTATE_H

#include <stddef.h>

#include "differential/random.h"

/* More than any limit that is tested: a token may have 48 KiB. */
#define MUTATE_MAX (80u * 1024)

struct text {
	char bytes[MUTATE_MAX + 1]; /* bytes[len] is NUL */
	size_t len;
};

/* What has no room is left out. */
void text_add(struct text *, const char *bytes, size_t len);
void text_put(struct text *, const char *);
void text_empty(struct text *);

/* Changes, doubles, moves or removes some bytes, or puts one of the pieces there. */
void mutate(struct random *, struct text *, const char *const *pieces, size_t count);

#endif
