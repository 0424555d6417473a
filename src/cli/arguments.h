/* SPDX-License-Identifier: MIT
 *
 * A verb's arguments: --name, --name VALUE or --name=VALUE, each at most once, nothing else
 * and nothing abbreviated.
 */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

struct argument {
	const char *name; /* with its dashes */
	const char **value; /* set to the value, NULL before; or NULL: */
	bool *flag; /* set when given */
};

/* argv[0] is the verb. False after saying on stderr what is wrong, and the usage. */
bool arguments_read(
    int argc, char **argv, const struct argument *, size_t count, const char *usage);

/* Seconds since 1970 from the value of --now; NULL: the clock. False after saying on stderr
 * that it is none. */
bool arguments_now(const char *text, long long *now);

#endif
