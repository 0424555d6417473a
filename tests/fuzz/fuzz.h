/* SPDX-License-Identifier: MIT
 *
 * A fuzz target is one file with one function; libFuzzer or replay.c calls it.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* A property that must hold for every input. */
#define HOLDS(condition)                                                                       \
	do {                                                                                   \
		if (!(condition)) {                                                            \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);        \
			abort();                                                               \
		}                                                                              \
	} while (0)

/* May a terminal have this text? */
static inline bool is_shown(const char *text)
{
	while (*text == '\n' || ((unsigned char)*text >= 0x20 && *text != 0x7f))
		text++;
	return *text == '\0';
}

#endif
