/* SPDX-License-Identifier: MIT */
#include "cli/original.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "cli/output.h"
#include "common/text.h"
#include "module/file.h"

#define PATH_SIZE 4096
#define NAMES_MAX 4096 /* of the attributes of one file */
/* In the folder of the file, so that the rename is one step. libpam asks for no service of this
 * name, and sshd includes only *.conf. The holder of the lock has the only one. */
#define TEMPORARY ".pam_cognito_oidc.new"

/* Sets *out to the path of the folder, or of what lies beside the file. */
static bool beside(const char *path, const char *name, char out[PATH_SIZE])
{
	const char *slash = strrchr(path, '/');
	int len = snprintf(
	    out, PATH_SIZE, "%.*s/%s", slash != NULL ? (int)(slash - path) : 0, path, name);
	return len > 0 && len < PATH_SIZE;
}

static void add_attribute(int fd, const char *name, struct buffer *to)
{
	static char value[ORIGINAL_ATTRIBUTES_MAX];
	ssize_t len = fgetxattr(fd, name, value, sizeof(value));
	if (len < 0)
		return;
	uint32_t size = (uint32_t)len;
	buffer_append(to, name, strlen(name) + 1);
	buffer_append(to, &size, sizeof(size));
	buffer_append(to, value, size);
}

static void read_attributes(int fd, struct buffer *to)
{
	char names[NAMES_MAX];
	ssize_t len = flistxattr(fd, names, sizeof(names));
	for (ssize_t at = 0; at < len; at += (ssize_t)strlen(names + at) + 1)
		add_attribute(fd, names + at, to);
}

bool original_read(const char *path, struct original *o)
{
	*o = (struct original)ORIGINAL_INIT;
	/* A link would be replaced, not what it leads to. */
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 && errno == ENOENT)
		return true;
	const char *fault = NULL;
	if (fd < 0)
		fault = errno == ELOOP ? "is a symbolic link" : strerrordesc_np(errno);
	else if (fstat(fd, &o->st) != 0 || !S_ISREG(o->st.st_mode))
		fault = "is not a regular file";
	else if (o->st.st_nlink > 1)
		fault = "has a second name (a hard link)";
	else if (file_read_all(fd, &o->content) != 0)
		fault = "cannot be read, or is too large";
	else
		read_attributes(fd, &o->attributes);
	if (fault == NULL && o->attributes.error != 0)
		fault = "has too many extended attributes";
	if (fd >= 0)
		close(fd);
	o->exists = fault == NULL;
	return o->exists || complain("%s: %s", path, fault);
}

bool original_make(struct original *o, const char *bytes, size_t len, mode_t mode)
{
	*o = (struct original)ORIGINAL_INIT;
	o->exists = true;
	o->st.st_mode = mode;
	o->st.st_mtim.tv_nsec = UTIME_NOW;
	o->st.st_atim.tv_nsec = UTIME_NOW;
	return buffer_append(&o->content, bytes, len) == 0;
}

static bool write_attributes(int fd, const struct buffer *attributes)
{
	for (size_t at = 0; at < attributes->len;) {
		const char *name = attributes->bytes + at;
		uint32_t size = 0;
		at += strlen(name) + 1;
		memcpy(&size, attributes->bytes + at, sizeof(size));
		at += sizeof(size);
		if (fsetxattr(fd, name, attributes->bytes + at, size, 0) != 0 &&
		    errno != ENOTSUP)
			return false;
		at += size;
	}
	return true;
}

/* Owner before mode: chown() clears bits. Attributes last: chmod() changes an ACL's mask. */
static bool fill(int fd, const struct original *o)
{
	const struct timespec times[] = {o->st.st_atim, o->st.st_mtim};
	return file_write(fd, buffer_text(&o->content), o->content.len) &&
	       fchown(fd, o->st.st_uid, o->st.st_gid) == 0 &&
	       fchmod(fd, o->st.st_mode & 07777) == 0 && write_attributes(fd, &o->attributes) &&
	       futimens(fd, times) == 0 && fsync(fd) == 0;
}

bool original_sync(const char *path)
{
	char folder[PATH_SIZE];
	int fd =
	    beside(path, ".", folder) ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	bool done = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return done;
}

void original_sweep(const char *path)
{
	char temporary[PATH_SIZE];
	if (beside(path, TEMPORARY, temporary))
		unlink(temporary);
}

bool original_write(const struct original *o, const char *path)
{
	char temporary[PATH_SIZE];
	bool done = false;
	original_sweep(path);
	if (!o->exists) {
		done = (unlink(path) == 0 || errno == ENOENT) && original_sync(path);
		return done || complain("%s: %s", path, strerrordesc_np(errno));
	}
	if (!beside(path, TEMPORARY, temporary))
		return complain("%s: the path is too long", path);
	int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0) {
		done = file_may_write(o->content.len) && fill(fd, o);
		done = close(fd) == 0 && done;
		done = done && rename(temporary, path) == 0 && original_sync(path);
	}
	if (done)
		return true;
	int error = errno;
	original_sweep(path);
	return complain("%s: %s", path, strerrordesc_np(error));
}

bool original_equals(const struct original *a, const struct original *b)
{
	if (a->exists != b->exists || !a->exists)
		return a->exists == b->exists;
	return a->content.len == b->content.len &&
	       memcmp(buffer_text(&a->content), buffer_text(&b->content), a->content.len) ==
		   0 &&
	       a->st.st_uid == b->st.st_uid && a->st.st_gid == b->st.st_gid &&
	       (a->st.st_mode & 07777) == (b->st.st_mode & 07777);
}

void original_free(struct original *o)
{
	buffer_wipe(&o->content);
	buffer_wipe(&o->attributes);
	o->exists = false;
}
