/* SPDX-License-Identifier: MIT */
#include "module/pending_try.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/paths.h"
#include "module/file.h"

/* Without a try this costs one look at a file that is not there. */
void pending_try_note(const char *service, const char *user)
{
	char path[4096], line[512];
	struct stat st;
	snprintf(path, sizeof(path), "%s/" PENDING_TRY_ALLOWED, paths.state);
	int fd = open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return;
	int len = snprintf(line, sizeof(line), "%s %s\n", service, user);
	bool is_line =
	    len > 0 && (size_t)len < sizeof(line) && strcspn(line, "\n") == (size_t)len - 1;
	if (is_line && fstat(fd, &st) == 0 && file_fault(&st) == NULL &&
	    st.st_size < PENDING_TRY_ALLOWED_MAX && file_may_write(PENDING_TRY_ALLOWED_MAX))
		len = (int)write(fd, line, (size_t)len);
	close(fd);
}
