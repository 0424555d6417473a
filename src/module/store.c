/* SPDX-License-Identifier: MIT */
#include "module/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/message.h"
#include "common/paths.h"
#include "common/result.h"
#include "module/file.h"

struct name {
	char text[64];
};

/* One file per configuration; a collision only costs a fetch, because what is kept names
 * the address that it came from. */
static struct name name_of(const char *config_path, const char *suffix)
{
	struct name name;
	snprintf(
	    name.text, sizeof(name.text), "jwks-%016llx%s", file_hash(config_path), suffix);
	return name;
}

/* Opens and judges it; *fd is -1 unless 0 is returned. */
static int open_config(const char *path, int *fd, struct stat *st, const char **why)
{
	*why = NULL;
	*fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (*fd < 0) {
		*why = errno == ENOENT  ? "not there"
		       : errno == ELOOP ? "a symbolic link"
					: "cannot be opened";
		return RESULT_CONFIG_FILE;
	}
	*why = fstat(*fd, st) != 0 ? "cannot be examined" : file_fault(st);
	if (*why == NULL && st->st_size > (off_t)STORE_CONFIG_MAX)
		*why = "larger than 64 KiB";
	if (*why == NULL)
		return 0;
	close(*fd);
	*fd = -1;
	return RESULT_CONFIG_FILE;
}

int store_examine_config(const char *path, struct stat *st, const char **why)
{
	int fd = -1;
	int r = open_config(path, &fd, st, why);
	if (r == 0)
		close(fd);
	return r;
}

int store_read_config(const char *path, struct buffer *out, const char **why)
{
	struct stat st;
	int fd = -1;
	int r = open_config(path, &fd, &st, why);
	if (r != 0)
		return r;
	r = file_read_all(fd, out);
	close(fd);
	if (r == RESULT_TOO_LARGE || (r == 0 && out->len > STORE_CONFIG_MAX)) {
		*why = "larger than 64 KiB";
		r = RESULT_CONFIG_FILE;
	}
	if (r == RESULT_CONFIG_FILE && *why == NULL)
		*why = "cannot be read";
	return r;
}

void store_read_jwks(const char *config_path, struct buffer *out)
{
	struct name name = name_of(config_path, "");
	int folder = file_open_folder(paths.cache);
	if (folder < 0)
		return;
	file_read(folder, name.text, out);
	close(folder);
}

bool store_write_jwks(const char *config_path, const char *bytes, size_t len)
{
	struct name name = name_of(config_path, ""), temporary = name_of(config_path, ".new");
	if (len > MESSAGE_STORE_MAX)
		return false;
	int folder = file_open_folder(paths.cache);
	if (folder < 0)
		return false;
	bool done = file_replace(folder, name.text, temporary.text, bytes, len, 0);
	close(folder);
	return done;
}

/* The stamp file's change time is the count: the kernel sets it, and it is set under a
 * lock that is not waited for, so of many at once one is told yes. */
static bool claim(int fd)
{
	struct stat st;
	struct timespec now = {0, 0};
	if (flock(fd, LOCK_EX | LOCK_NB) != 0 || fstat(fd, &st) != 0 || file_fault(&st) != NULL)
		return false;
	clock_gettime(CLOCK_REALTIME, &now);
	time_t age = now.tv_sec - st.st_mtim.tv_sec;
	/* A stamp from the future is a clock that was set back: start anew. */
	if (st.st_size > 0 && age >= 0 && age < STORE_REFETCH_SECONDS)
		return false;
	return file_may_write(1) && pwrite(fd, "1", 1, 0) == 1 && futimens(fd, NULL) == 0;
}

bool store_claim_refetch(const char *config_path)
{
	struct name name = name_of(config_path, ".refetch");
	int folder = file_open_folder(paths.cache);
	if (folder < 0)
		return false;
	int fd = openat(folder, name.text, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	close(folder);
	if (fd < 0)
		return false;
	bool yes = claim(fd);
	close(fd);
	return yes;
}
