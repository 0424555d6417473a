/* SPDX-License-Identifier: MIT
 *
 * A file of the system with all that belongs to it: bytes, owner, mode, times, and extended
 * attributes, in which Linux keeps ACLs and SELinux labels. Also a file that is not there: to
 * write that one is to remove what is.
 */
#ifndef CLI_ORIGINAL_H
#define CLI_ORIGINAL_H

#include <stdbool.h>
#include <sys/stat.h>

#include "common/buffer.h"

#define ORIGINAL_MAX (64u * 1024) /* service files have some 3 KiB */
#define ORIGINAL_ATTRIBUTES_MAX (64u * 1024)

struct original {
	bool exists;
	struct buffer content;
	struct stat st;
	struct buffer attributes; /* name NUL, size in 4 bytes, value; one after another */
};

#define ORIGINAL_INIT                                                                          \
	{                                                                                      \
		.content = BUFFER_INIT(ORIGINAL_MAX),                                          \
		.attributes = BUFFER_INIT(ORIGINAL_ATTRIBUTES_MAX)                             \
	}

/* Reads it. A missing file is read, too. False after complaining: a link, whatever else is no
 * regular file of one name, or too large. Free it in any case. */
bool original_read(const char *path, struct original *);

/* A file that does not come from the system: these bytes, root's, of this mode. */
bool original_make(struct original *, const char *bytes, size_t len, mode_t mode);

/* Puts it at path as a whole: written beside, synced, renamed, its folder synced. Whatever
 * happens, the old file or this one is there. A file system without attributes keeps the rest.
 * False after complaining. */
bool original_write(const struct original *, const char *path);

/* Removes what a writer that was killed has left beside it. */
void original_sweep(const char *path);

/* Has the folder of this file reached the disk, with what was renamed in it? */
bool original_sync(const char *path);

/* Are both missing, or the same bytes, owner and mode? */
bool original_equals(const struct original *, const struct original *);

void original_free(struct original *);

#endif
