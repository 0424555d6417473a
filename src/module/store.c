/* SPDX-License-Identifier: MIT */
#include "module/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/message.h"
#include "common/paths.h"
#include "common/result.h"

/* A temporary file older than this was left by a host that died while writing. */
#define STALE_SECONDS 60

struct name {
	char text[64];
};

/* One file per configuration; a collision only costs a fetch, because what is kept names
 * the address that it came from. FNV-1a, 64 bit. */
static struct name name_of(const char *config_path, const char *suffix)
{
	struct name name;
	uint64_t h = 0xcbf29ce484222325u;
	for (const char *c = config_path; *c != '\0'; c++)
		h = (h ^ (unsigned char)*c) * 0x100000001b3u;
	snprintf(name.text, sizeof(name.text), "jwks-%016llx%s", (unsigned long long)h, suffix);
	return name;
}

static const char *fault_of(const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return "not a regular file";
	if (st->st_uid != TRUSTED_UID)
		return "not owned by root";
	if ((st->st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return "group or others may read or write it (chmod 600)";
	return NULL;
}

/* The whole content, up to out's max. */
static int read_all(int fd, struct buffer *out)
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

int store_read_config(const char *path, struct buffer *out, const char **why)
{
	struct stat st;
	*why = NULL;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		*why = errno == ENOENT  ? "not there"
		       : errno == ELOOP ? "a symbolic link"
					: "cannot be opened";
		return RESULT_CONFIG_FILE;
	}
	*why = fstat(fd, &st) != 0 ? "cannot be examined" : fault_of(&st);
	if (*why == NULL && st.st_size > (off_t)STORE_CONFIG_MAX)
		*why = "larger than 64 KiB";
	int r = *why != NULL ? RESULT_CONFIG_FILE : read_all(fd, out);
	close(fd);
	if (r == RESULT_TOO_LARGE || (r == 0 && out->len > STORE_CONFIG_MAX)) {
		*why = "larger than 64 KiB";
		r = RESULT_CONFIG_FILE;
	}
	if (r == RESULT_CONFIG_FILE && *why == NULL)
		*why = "cannot be read";
	return r;
}

/* The cache folder, made if it is missing; -1 unless it is ours alone. */
static int open_folder(void)
{
	struct stat st;
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = open(CACHEDIR, flags);
	if (fd < 0 && errno == ENOENT && mkdir(CACHEDIR, 0700) == 0)
		fd = open(CACHEDIR, flags);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && st.st_uid == TRUSTED_UID && (st.st_mode & 0077) == 0)
		return fd;
	close(fd);
	return -1;
}

void store_read_jwks(const char *config_path, struct buffer *out)
{
	struct stat st;
	struct name name = name_of(config_path, "");
	int folder = open_folder();
	if (folder < 0)
		return;
	int fd = openat(folder, name.text, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	close(folder);
	if (fd < 0)
		return;
	if (fstat(fd, &st) != 0 || fault_of(&st) != NULL || read_all(fd, out) != 0)
		buffer_wipe(out);
	close(fd);
}

static bool write_all(int fd, const char *bytes, size_t len)
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

/* Past RLIMIT_FSIZE a write does not fail: it kills the host with SIGXFSZ. The limit is
 * set by whoever started a set-uid host. */
static bool may_write(size_t len)
{
	struct rlimit limit;
	return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur > len;
}

/* One fixed temporary name: two writers at once leave the work to the first, and nothing
 * piles up when hosts die. */
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

bool store_write_jwks(const char *config_path, const char *bytes, size_t len)
{
	struct name name = name_of(config_path, ""), temporary = name_of(config_path, ".new");
	if (len > MESSAGE_STORE_MAX || !may_write(len))
		return false;
	int folder = open_folder();
	if (folder < 0)
		return false;
	int fd = open_temporary(folder, temporary.text);
	bool done = false;
	if (fd >= 0) {
		done = fchmod(fd, 0600) == 0 && write_all(fd, bytes, len) && fsync(fd) == 0;
		done = close(fd) == 0 && done;
		done = done && renameat(folder, temporary.text, folder, name.text) == 0;
		if (!done)
			unlinkat(folder, temporary.text, 0);
	}
	close(folder);
	return done;
}

/* The stamp file's change time is the count: the kernel sets it, and it is set under a
 * lock that is not waited for, so of many at once one is told yes. */
static bool claim(int fd)
{
	struct stat st;
	struct timespec now = {0, 0};
	if (flock(fd, LOCK_EX | LOCK_NB) != 0 || fstat(fd, &st) != 0 || fault_of(&st) != NULL)
		return false;
	clock_gettime(CLOCK_REALTIME, &now);
	time_t age = now.tv_sec - st.st_mtim.tv_sec;
	/* A stamp from the future is a clock that was set back: start anew. */
	if (st.st_size > 0 && age >= 0 && age < STORE_REFETCH_SECONDS)
		return false;
	return may_write(1) && pwrite(fd, "1", 1, 0) == 1 && futimens(fd, NULL) == 0;
}

bool store_claim_refetch(const char *config_path)
{
	struct name name = name_of(config_path, ".refetch");
	int folder = open_folder();
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
