/* SPDX-License-Identifier: MIT */
#include "module/jwks_cache.h"

#include <fcntl.h>
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

void jwks_cache_read(const char *config_path, struct buffer *out)
{
	file_read(paths.cache, file_name(NAME, config_path, "").text, out);
}

bool jwks_cache_write(const char *config_path, const char *bytes, size_t len)
{
	return len <= MESSAGE_STORE_MAX &&
	       file_replace(paths.cache, file_name(NAME, config_path, "").text, bytes, len);
}

/* The stamp file's modification time counts. It is set under a lock that nobody waits for, so
 * that one of many callers at once gets the claim. */
static bool claim(int fd)
{
	struct stat st;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0 || fstat(fd, &st) != 0)
		return false;
	time_t age = time(NULL) - st.st_mtim.tv_sec;
	/* A stamp from the future: the clock was set back. Start anew. */
	if (st.st_size > 0 && age >= 0 && age < JWKS_CACHE_REFETCH_SECONDS)
		return false;
	return file_may_write(1) && pwrite(fd, "1", 1, 0) == 1 && futimens(fd, NULL) == 0;
}

bool jwks_cache_claim_refetch(const char *config_path)
{
	int fd = file_open(
	    paths.cache, file_name(NAME, config_path, ".refetch").text, O_RDWR | O_CREAT);
	if (fd < 0)
		return false;
	bool yes = claim(fd);
	close(fd);
	return yes;
}
