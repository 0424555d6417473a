/* SPDX-License-Identifier: MIT
 *
 * What a test has in place of this host's own files and accounts.
 */
#ifndef TESTS_UNIT_HOST_H
#define TESTS_UNIT_HOST_H

#include <pwd.h>
#include <stddef.h>
#include <stdio.h>

/* A file that holds this text, to be read, as fopen(). NULL: there is none, and errno says so.
 */
FILE *host_file(const char *text);

/* Whom getpwent() goes through in a test that wraps it and setpwent(). Kept until the next
 * call. */
void host_people(struct passwd *people, size_t count);

#endif
