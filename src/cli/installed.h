/* SPDX-License-Identifier: MIT
 *
 * The installation's files: is each what it must be, and whose is it?
 */
#ifndef CLI_INSTALLED_H
#define CLI_INSTALLED_H

#include <sys/types.h>

struct findings;
struct output;

/* One line, or one element of the open JSON array, for each; what is wrong becomes a
 * finding. config_path's own faults are found by whoever reads it. */
void installed_report(struct output *, struct findings *, const char *config_path);

#endif
