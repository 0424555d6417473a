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

static bool is_later(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

/* A set in the cache whose fetch began later; one of the future was left by a wrong clock. */
static bool is_newer_there(const char *name, const struct timespec *began)
{
	struct stat st;
	struct timespec now;
	int fd = file_open(paths.cache, name, O_RDONLY);
	bool is = fd >= 0 && fstat(fd, &st) == 0 && clock_gettime(CLOCK_REALTIME, &now) == 0 &&
		  is_later(&st.st_mtim, began) && !is_later(&st.st_mtim, &now);
	if (fd >= 0)
		close(fd);
	return is;
}

bool jwks_cache_write(
    const char *config_path, const char *bytes, size_t len, const struct timespec *began)
{
	const struct timespec times[2] = {*began, *began};
	struct file_name name = file_name(NAME, config_path, "");
	errno = EFBIG;
	if (len > MESSAGE_STORE_MAX)
		return false;
	if (is_newer_there(name.text, began))
		return true;
	if (!file_replace(paths.cache, name.text, bytes, len, false))
		return false;
	int fd = file_open(paths.cache, name.text, O_RDWR);
	if (fd >= 0) {
		futimens(fd, times);
		close(fd);
	}
	return true;
}

/* The stamp's modification time counts. Its access time is the epoch where we have set both:
 * a stamp that a host has made and not yet set tells nothing. Times can be set on a full disk,
 * and under every RLIMIT_FSIZE. */
static bool set_stamp(int fd, time_t time)
{
	const struct timespec times[2] = {{0, 0}, {time, 0}};
	return futimens(fd, times) == 0;
}

/* What users start has stamps of its own: they cannot use up root's. */
static int open_stamp(const char *config_path, enum jwks_claim why)
{
	static const char *const suffixes[][2] = {
	    [JWKS_CLAIM_KID] = {".refetch", ".refetch-users"},
	    [JWKS_CLAIM_AGE] = {".fetch", ".fetch-users"},
	};
	const char *suffix = suffixes[why][getuid() != paths.trusted_uid];
	return file_open(
	    paths.cache, file_name(NAME, config_path, suffix).text, O_RDWR | O_CREAT);
}

/* Under a lock that nobody holds for longer than this takes, unless somebody has stopped a host
 * that does. */
static int claim(int fd, int period)
{
	struct stat st;
	for (int tries = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; poll(NULL, 0, LOCK_POLL_MS))
		if (errno != EWOULDBLOCK || ++tries == LOCK_TRIES)
			return -errno;
	if (fstat(fd, &st) != 0)
		return -errno;
	time_t now = time(NULL), left = st.st_mtim.tv_sec + period - now;
	/* Longer: the clock was set back. Start anew. */
	if (st.st_atim.tv_sec == 0 && left > 0 && left <= period)
		return (int)left;
	now -= period - JWKS_CACHE_LEASE_SECONDS;
	return set_stamp(fd, now) ? 0 : -errno;
}

int jwks_cache_claim(const char *config_path, enum jwks_claim why)
{
	int fd = open_stamp(config_path, why);
	if (fd < 0)
		return -errno;
	bool is_kid = why == JWKS_CLAIM_KID;
	int left = claim(fd, is_kid ? JWKS_CACHE_REFETCH_SECONDS : JWKS_CACHE_LEASE_SECONDS);
	/* A child that another thread forked meanwhile would keep it. */
	flock(fd, LOCK_UN);
	close(fd);
	return left;
}

void jwks_cache_settle(const char *config_path, enum jwks_claim why, bool stored)
{
	int fd = open_stamp(config_path, why);
	if (fd < 0)
		return;
	set_stamp(fd, stored && why == JWKS_CLAIM_KID ? time(NULL) : 0);
	close(fd);
}
