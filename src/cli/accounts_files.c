/* SPDX-License-Identifier: MIT
 *
 * Reads bytes, and nothing in them: people wrote some of these. Each file is opened once,
 * without following a link, and judged by its descriptor.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/accounts.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "common/paths.h"
#include "common/text.h"
#include "helper/accounts/record.h"
#include "helper/config/config.h"
#include "module/file.h"

#define NAME_SIZE 256 /* NAME_MAX, and NUL */

static const char *fault(const struct stat *st, bool is_folder)
{
	if (is_folder ? !S_ISDIR(st->st_mode) : !S_ISREG(st->st_mode))
		return is_folder ? "not a directory" : "not a regular file";
	if (st->st_uid != paths.trusted_uid)
		return "not owned by root";
	if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return "group or others may write it (chmod go-w)";
	return NULL;
}

/* -1 after complaining. */
static int open_trusted(int in, const char *name, const char *shown, bool is_folder)
{
	struct stat st;
	int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
	int fd = openat(in, name, flags | (is_folder ? O_DIRECTORY : 0));
	if (fd < 0 && errno == ENOENT && is_folder) {
		complain(
		    "%s: there is no export; export-accounts makes one, and so does accounts "
		    "apply",
		    shown);
		return -1;
	}
	if (fd < 0) {
		complain("%s: %s", shown,
		    errno == ELOOP ? "a link; it must be the file itself"
				   : strerrordesc_np(errno));
		return -1;
	}
	const char *wrong = fstat(fd, &st) == 0 ? fault(&st, is_folder) : "cannot be examined";
	if (wrong == NULL)
		return fd;
	complain("%s: %s", shown, wrong);
	close(fd);
	return -1;
}

static bool add_export_file(
    struct accounts *run, int folder, const char *path, const char *name, size_t *left)
{
	char shown[4096 + NAME_SIZE];
	snprintf(shown, sizeof(shown), "%s/%s", path, name);
	int fd = open_trusted(folder, name, shown, false);
	if (fd < 0)
		return false;
	struct buffer content = BUFFER_INIT(*left);
	int r = file_read_all(fd, &content);
	close(fd);
	if (r == 0) {
		bundle_put(&run->bytes, "export/", name, buffer_text(&content), content.len);
		*left -= content.len;
	} else {
		complain("%s: %s", shown,
		    content.error != 0 ? "the export is larger than 64 MiB" : "cannot be read");
	}
	buffer_wipe(&content);
	return r == 0;
}

bool accounts_read_export(struct accounts *run, const char *path)
{
	const struct config_list *groups = run->settings.groups;
	size_t left = BUNDLE_EXPORT_MAX;
	int folder = open_trusted(AT_FDCWD, path, path, true);
	if (folder < 0)
		return false;
	char shown[4096], file[NAME_SIZE + 16];
	snprintf(shown, sizeof(shown), "%s/groups", path);
	int in_groups = open_trusted(folder, "groups", shown, true);
	bool good = in_groups >= 0 &&
		    add_export_file(run, folder, path, "export.json", &left) &&
		    add_export_file(run, folder, path, "client.json", &left);
	for (size_t i = 0; good && i < groups->len; i++) {
		/* config_check_pool_group() has refused a slash. */
		snprintf(file, sizeof(file), "groups/%s.json", groups->items[i]);
		good = add_export_file(run, folder, path, file, &left);
	}
	if (in_groups >= 0)
		close(in_groups);
	close(folder);
	return good;
}

/* Only these, ours or not: the folder may hold anything else. */
static bool is_record(const char *name)
{
	static const char *const endings[] = {
	    ".user", ".user-privileged", ".group", ".group-privileged", ".membership"};
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (name[0] != '.' && text_ends(name, endings[i]))
			return true;
	return false;
}

/* What cannot be read as a record of ours is there all the same, without content. */
static void add_record(struct accounts *run, int folder, const char *name)
{
	char target[NAME_SIZE];
	struct stat st;
	struct buffer content = BUFFER_INIT(RECORD_FILE_MAX);
	ssize_t n = readlinkat(folder, name, target, sizeof(target));
	if (n >= 0) {
		bundle_put(&run->bytes, "records/", name, target, (size_t)n);
		return;
	}
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	bool is_good = fd >= 0 && fstat(fd, &st) == 0 && fault(&st, false) == NULL &&
		       file_read_all(fd, &content) == 0;
	if (fd >= 0)
		close(fd);
	bundle_put(&run->bytes, "records/", name, is_good ? buffer_text(&content) : "",
	    is_good ? content.len : 0);
	buffer_wipe(&content);
}

static bool read_userdb(struct accounts *run)
{
	int fd = open(paths.userdb, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
	if (folder == NULL) {
		if (fd >= 0)
			close(fd);
		/* The first run makes it. */
		return errno == ENOENT ||
		       complain("%s: %s", paths.userdb, strerrordesc_np(errno));
	}
	for (struct dirent *e = readdir(folder); e != NULL; e = readdir(folder))
		if (is_record(e->d_name))
			add_record(run, fd, e->d_name);
	closedir(folder);
	return true;
}

static bool read_state(struct accounts *run)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s" ACCOUNTS_FOLDER, paths.state);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
	bool good = true;
	if (folder == NULL) {
		if (fd >= 0)
			close(fd);
		return errno == ENOENT || complain("%s: %s", path, strerrordesc_np(errno));
	}
	for (struct dirent *e = readdir(folder); good && e != NULL; e = readdir(folder)) {
		struct buffer content = BUFFER_INIT(RECORD_FILE_MAX);
		bool is_applied = streq(e->d_name, ACCOUNTS_APPLIED);
		if (is_applied || text_ends(e->d_name, ACCOUNTS_TOMBSTONE)) {
			good = file_read(path, e->d_name, &content) ||
			       complain("%s/%s: cannot be read, or is not root's alone", path,
				   e->d_name);
			bundle_put(&run->bytes, is_applied ? "" : "tombstones/", e->d_name,
			    buffer_text(&content), content.len);
		}
		buffer_wipe(&content);
	}
	closedir(folder);
	return good;
}

bool accounts_read_records(struct accounts *run)
{
	if (!read_userdb(run) || !read_state(run))
		return false;
	if (run->arguments->force)
		bundle_put(&run->bytes, "", "force", "1", 1);
	if (run->bytes.error != 0 ||
	    bundle_read(buffer_text(&run->bytes), run->bytes.len, &run->files) != 0)
		return complain("%s: more records than can be read", paths.userdb);
	return true;
}

const struct bundle_entry *accounts_file(const struct accounts *run, const char *name)
{
	return bundle_find(&run->files, "records/", name);
}

int accounts_enclose(const struct accounts *run)
{
	int fd = memfd_create("accounts", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	const char *at = run->bytes.bytes, *end = at + run->bytes.len;
	while (fd >= 0 && at < end) {
		ssize_t n = write(fd, at, (size_t)(end - at));
		if (n < 0 && errno != EINTR)
			break;
		at += n > 0 ? n : 0;
	}
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
	if (fd >= 0 && at == end && fcntl(fd, F_ADD_SEALS, seals) == 0)
		return fd;
	complain("no memory for the files");
	if (fd >= 0)
		close(fd);
	return -1;
}
