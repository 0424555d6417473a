/* SPDX-License-Identifier: MIT
 *
 * Files in folders that are root's alone: opened without following a link, judged by their
 * descriptor, written whole or not at all.
 */
#ifndef MODULE_FILE_H
#define MODULE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct buffer;

/* The folder, made (0700) if it is missing; -1 unless it is ours alone. */
int file_open_folder(const char *path);

/* What keeps this file from being trusted: not a regular file of paths.trusted_uid, or bits for
 * group and others. Static text, or NULL. */
const char *file_fault(const struct stat *);

/* The whole content, up to out's max. Returns 0, RESULT_TOO_LARGE, RESULT_MEMORY, or
 * RESULT_CONFIG_FILE when reading fails. */
int file_read_all(int fd, struct buffer *out);

/* Reads a file of a folder. False when it is absent or odd; then out stays empty. */
bool file_read(int folder, const char *name, struct buffer *out);

/* Past RLIMIT_FSIZE a write does not fail: it kills the host with SIGXFSZ. The limit is
 * set by whoever started a set-uid host. */
bool file_may_write(size_t len);

/* Writes beside, syncs, renames; true when the new content is there. temporary is a fixed
 * name: of two writers at once the second gives up, and nothing piles up when hosts die.
 * expires, if not 0, is the file's modification time, in seconds since 1970. */
bool file_replace(int folder, const char *name, const char *temporary, const char *bytes,
    size_t len, long long expires);

/* FNV-1a, 64 bit, for names: one file per configuration's path. */
unsigned long long file_hash(const char *path);

#endif
