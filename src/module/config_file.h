/* SPDX-License-Identifier: MIT
 *
 * The configuration file as bytes: who may have written it decides whether it counts.
 */
#ifndef MODULE_CONFIG_FILE_H
#define MODULE_CONFIG_FILE_H

struct buffer;
struct reason;
struct stat;

#define CONFIG_FILE_MAX (1024u * 1024)

/* Reads it. It is opened without following a link or waiting for a fifo, and judged by its
 * descriptor: a regular file of paths.trusted_uid, no permission for group and others, at most
 * 1 MiB. Returns 0, RESULT_MEMORY, or RESULT_CONFIG_FILE with the reason set. out's max must
 * be more than CONFIG_FILE_MAX. */
int config_file_read(const char *path, struct buffer *out, struct reason *);

/* Judges it without reading: what the file is now. */
int config_file_examine(const char *path, struct stat *, struct reason *);

#endif
