/* SPDX-License-Identifier: MIT */
#include "module/jwks_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/message.h"
#include "common/paths.h"
#include "module/file.h"

/* A collision costs one fetch: the cached bytes name the address that they came from. */
#define NAME "jwks"
#define LOCK_POLL_MS 5
#define LOCK_TRIES 40

void jwks_cache_read(const char *config_path, struct buffer *out)
{
	file_read(paths.cache, file_name(NAME, config_path, "").text, out);
}

bool jwks_cache_write(const char *config_path, const char *bytes, size_t len)
{
	return len <= MESSAGE_STORE_MAX &&
	       file_replace(
		   paths.cache, file_name(NAME, config_path, "").text, bytes, len, false);
}

/* The stamp's modification time counts. Its access time is the epoch where we have set both:
 * a stamp that a host has made and not yet set tells nothing. Times can be set on a full disk,
 * and under every RLIMIT_FSIZE. */
static bool set_stamp(int fd, time_t time)
{
	const struct timespec times[2] = {{0, 0}, {time, 0}};
	return futimens(fd, times) == 0;
}

/* What users start has a stamp of its own: they cannot use up root's. */
static int open_stamp(const char *config_path)
{
	const char *suffix = getuid() == paths.trusted_uid ? ".refetch" : ".refetch-users";
	return file_open(
	    paths.cache, file_name(NAME, config_path, suffix).text, O_RDWR | O_CREAT);
}

/* Under a lock that nobody holds for longer than this takes, unless somebody has stopped a host
 * that does. */
static int claim(int fd)
{
	struct stat st;
	for (int tries = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; poll(NULL, 0, LOCK_POLL_MS))
		if (errno != EWOULDBLOCK || ++tries == LOCK_TRIES)
			return -errno;
	if (fstat(fd, &st) != 0)
		return -errno;
	time_t now = time(NULL), left = st.st_mtim.tv_sec + JWKS_CACHE_REFETCH_SECONDS - now;
	/* Longer: the clock was set back. Start anew. */
	if (st.st_atim.tv_sec == 0 && left > 0 && left <= JWKS_CACHE_REFETCH_SECONDS)
		return (int)left;
	now -= JWKS_CACHE_REFETCH_SECONDS - JWKS_CACHE_LEASE_SECONDS;
	return set_stamp(fd, now) ? 0 : -errno;
}

int jwks_cache_claim(const char *config_path)
{
	int fd = open_stamp(config_path);
	if (fd < 0)
		return -errno;
	int left = claim(fd);
	/* A child that another thread forked meanwhile would keep it. */
	flock(fd, LOCK_UN);
	close(fd);
	return left;
}

void jwks_cache_settle(const char *config_path, bool stored)
{
	int fd = open_stamp(config_path);
	if (fd < 0)
		return;
	set_stamp(fd, stored ? time(NULL) : 0);
	close(fd);
}
