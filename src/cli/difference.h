/* SPDX-License-Identifier: MIT
 *
 * Shows what one file has that another has not, as diff -u does.
 */
#ifndef CLI_DIFFERENCE_H
#define CLI_DIFFERENCE_H

struct original;
struct output;

/* Text for people; each may be a file that is not there. Nothing where they are the same. */
void difference_show(
    struct output *, const char *path, const struct original *from, const struct original *to);

#endif
