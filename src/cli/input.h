/* SPDX-License-Identifier: MIT
 *
 * What a verb reads, with a limit.
 */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include <stdbool.h>

struct buffer;
struct config;

/* A regular file, whole, that need not be trusted; out's max is the limit. False after saying
 * on stderr why. */
bool input_read_file(const char *path, struct buffer *out);

/* May this process open it for reading? False after saying on stderr why not. */
bool input_is_readable(const char *path);

/* The configuration, as the module would take it. False after saying on stderr why not.
 * The caller frees *out. */
bool input_read_config(const char *path, struct config **out);

/* For a dry run: one that a login would not trust - another owner, another mode - is read all
 * the same, and stderr says so. Otherwise as above. */
bool input_judge_config(const char *path, struct config **out);

#endif
