/* SPDX-License-Identifier: MIT */
#include "module/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/reason.h"
#include "common/result.h"
#include "module/file.h"

#define TOO_LARGE "larger than 1 MiB"

static int refuse(struct reason *reason, const char *path, const char *why)
{
	return reason_set(reason, RESULT_CONFIG_FILE, "%s: %s", path, why);
}

/* Opens and judges it; *fd is -1 unless 0 is returned. */
static int open_config(const char *path, int *fd, struct stat *st, struct reason *reason)
{
	*fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (*fd < 0)
		return refuse(reason, path,
		    errno == ENOENT  ? "missing"
		    : errno == ELOOP ? "a symbolic link"
				     : "cannot be opened");
	const char *fault = fstat(*fd, st) != 0 ? "cannot be examined" : file_fault(st);
	if (fault == NULL && st->st_size > (off_t)CONFIG_FILE_MAX)
		fault = TOO_LARGE;
	if (fault == NULL)
		return 0;
	close(*fd);
	*fd = -1;
	return refuse(reason, path, fault);
}

int config_file_examine(const char *path, struct stat *st, struct reason *reason)
{
	int fd = -1;
	int r = open_config(path, &fd, st, reason);
	if (r == 0)
		close(fd);
	return r;
}

int config_file_read(const char *path, struct buffer *out, struct reason *reason)
{
	struct stat st;
	int fd = -1;
	int r = open_config(path, &fd, &st, reason);
	if (r != 0)
		return r;
	r = file_read_all(fd, out);
	close(fd);
	/* It may have grown since. */
	if (r == RESULT_TOO_LARGE || (r == 0 && out->len > CONFIG_FILE_MAX))
		return refuse(reason, path, TOO_LARGE);
	return r == RESULT_CONFIG_FILE ? refuse(reason, path, "cannot be read") : r;
}
