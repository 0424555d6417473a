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

/* Opens a file in a directory. flags: O_RDONLY or O_RDWR, with O_CREAT it is made. -1 when it
 * is missing, or when it or the directory cannot be trusted; errno says why. */
int file_open(const char *folder, const char *name, int flags);

/* The content of such a file. False when it cannot be opened or read; then out stays empty. */
bool file_read(const char *folder, const char *name, struct buffer *out);

/* Does RLIMIT_FSIZE allow it? A write past it does not fail: SIGXFSZ kills the host. The user
 * who starts a set-uid host sets that limit. */
bool file_may_write(size_t len);

/* Writes all of it, however often that takes. False with errno. */
bool file_write(int fd, const char *bytes, size_t len);

/* Writes beside, syncs (if it must outlive a crash), renames; true when the new content is in
 * place, else errno says why. The file beside has a fixed name, with ".new" behind it: the
 * second of two writers gives up, and hosts that die leave one file at most. */
bool file_replace(
    const char *folder, const char *name, const char *bytes, size_t len, bool syncs);

/* Is it gone? unlink() works even when the disk is full. */
bool file_remove(const char *folder, const char *name);

/* The name of a configuration's own file: what it holds, a hash of the path, a suffix. */
struct file_name {
	char text[64];
};
struct file_name file_name(const char *what, const char *config_path, const char *suffix);

#endif
