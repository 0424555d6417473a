/* SPDX-License-Identifier: MIT */
#include "module/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/paths.h"
#include "common/result.h"
#include "common/text.h"

/* A temporary file older than this was left by a host that died while writing. */
#define STALE_SECONDS 60
#define NAME_BYTES_MAX 256 /* NAME_MAX and NUL */

int file_open_folder(const char *path)
{
	struct stat st;
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = open(path, flags);
	if (fd < 0 && errno == ENOENT && mkdir(path, 0700) == 0)
		fd = open(path, flags);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && st.st_uid == paths.trusted_uid && (st.st_mode & 0077) == 0)
		return fd;
	close(fd);
	errno = EPERM;
	return -1;
}

const char *file_fault(const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return "not a regular file";
	if (st->st_uid != paths.trusted_uid)
		return "not owned by root";
	if ((st->st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return "group or others may read or write it (chmod 600)";
	return NULL;
}

int file_read_all(int fd, struct buffer *out)
{
	char chunk[4096];
	int r = 0;
	ssize_t n;
	while (r == 0 && (n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n > 0)
			r = buffer_append(out, chunk, (size_t)n);
		else if (errno != EINTR)
			r = RESULT_CONFIG_FILE;
	}
	explicit_bzero(chunk, sizeof(chunk));
	return r;
}

int file_open(const char *folder, const char *name, int flags)
{
	struct stat st;
	int in = file_open_folder(folder);
	if (in < 0)
		return -1;
	int fd = openat(in, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
	close(in);
	if (fd < 0 || (fstat(fd, &st) == 0 && file_fault(&st) == NULL))
		return fd;
	close(fd);
	errno = EPERM;
	return -1;
}

bool file_read(const char *folder, const char *name, struct buffer *out)
{
	int fd = file_open(folder, name, O_RDONLY);
	if (fd < 0)
		return false;
	bool done = file_read_all(fd, out) == 0;
	close(fd);
	if (!done)
		buffer_wipe(out);
	return done;
}

bool file_may_write(size_t len)
{
	struct rlimit limit;
	return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur > len;
}

bool file_write(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

static int open_temporary(int folder, const char *name)
{
	struct stat st;
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(folder, name, flags, 0600);
	if (fd >= 0 || errno != EEXIST || fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return fd;
	time_t age = time(NULL) - st.st_mtime;
	if (age >= 0 && age < STALE_SECONDS)
		return -1;
	unlinkat(folder, name, 0);
	return openat(folder, name, flags, 0600);
}

static bool replace(int folder, const char *name, const char *bytes, size_t len, bool syncs)
{
	char temporary[NAME_BYTES_MAX];
	snprintf(temporary, sizeof(temporary), "%s.new", name);
	int fd = open_temporary(folder, temporary);
	if (fd < 0)
		return false;
	bool done =
	    fchmod(fd, 0600) == 0 && file_write(fd, bytes, len) && (!syncs || fsync(fd) == 0);
	/* What succeeds leaves errno as it is. */
	done = close(fd) == 0 && done;
	done = done && renameat(folder, temporary, folder, name) == 0;
	if (!done)
		unlinkat(folder, temporary, 0);
	return done;
}

bool file_replace(
    const char *folder, const char *name, const char *bytes, size_t len, bool syncs)
{
	errno = EFBIG;
	int in = file_may_write(len) ? file_open_folder(folder) : -1;
	if (in < 0)
		return false;
	bool done = replace(in, name, bytes, len, syncs);
	close(in);
	return done;
}

bool file_remove(const char *folder, const char *name)
{
	int in = file_open_folder(folder);
	if (in < 0)
		return false;
	bool gone = unlinkat(in, name, 0) == 0;
	close(in);
	return gone;
}

struct file_name file_name(const char *what, const char *config_path, const char *suffix)
{
	struct file_name name;
	snprintf(name.text, sizeof(name.text), "%.30s-%016llx%.16s", what,
	    (unsigned long long)text_hash(TEXT_HASH_BEGIN, config_path), suffix);
	return name;
}
