/* SPDX-License-Identifier: MIT
 *
 * Reads the words behind a verb, as its row in the table of verbs allows them.
 */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include <stdbool.h>

struct arguments;
struct environment;
struct verb;

/* words: ended by NULL. arguments: it and what it points to live as long as words. False after
 * saying on stderr what is wrong, or that root is needed. */
bool arguments_read(
    const struct verb *, char **words, const struct environment *, struct arguments *);

#endif
