/* SPDX-License-Identifier: MIT
 *
 * What the command says of itself, from the table of verbs: --help on stdout, and how a verb is
 * used on stderr, after a mistake.
 */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include <stdbool.h>

struct verb;

void help_show_verbs(void);
void help_show_verb(const struct verb *);

/* Complains, and says how the verb is used. Returns false, for the function that cannot go on.
 */
bool help_refuse(const struct verb *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same of an option that the verb does not take; names the nearest one that it takes. */
bool help_refuse_option(const struct verb *, const char *word);

/* Complains that there is no such verb, and names the nearest one; of no word at all, lists the
 * verbs. */
void help_refuse_verb(const char *word);

#endif
