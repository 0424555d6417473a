/* SPDX-License-Identifier: MIT
 *
 * Files in directories that only root may use: opened without following a link, judged by
 * their descriptor, written whole or not at all.
 */
#ifndef MODULE_FILE_H
#define MODULE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct buffer;

/* Opens the directory; makes it (0700) if it is missing. -1 unless only we may use it. */
int file_open_folder(const char *path);

/* Why this file cannot be trusted: not a regular file of paths.trusted_uid, or permissions
 * for group and others. Static text, or NULL. */
const char *file_fault(const struct stat *);

/* The whole content, up to out's max. Returns 0, RESULT_TOO_LARGE, RESULT_MEMORY, or
 * RESULT_CONFIG_FILE when reading fails. */
int file_read_all(int fd, struct buffer *out);

/* Reads a file in a directory. False when it is missing or cannot be trusted; then out stays
 * empty. */
bool file_read(int folder, const char *name, struct buffer *out);

/* Does RLIMIT_FSIZE allow it? A write past it does not fail: SIGXFSZ kills the host. The user
 * who starts a set-uid host sets that limit. */
bool file_may_write(size_t len);

/* Writes beside, syncs, renames; true when the new content is in place. temporary is a fixed
 * name: the second of two writers gives up, and hosts that die leave one file at most. */
bool file_replace(
    int folder, const char *name, const char *temporary, const char *bytes, size_t len);

/* FNV-1a, 64 bit, for names: one file per configuration's path. */
unsigned long long file_hash(const char *path);

#endif
