/* SPDX-License-Identifier: MIT
 *
 * The module has no JSON parser, and needs none: accounts/record.c writes these members, and in
 * a string of JSON every quotation mark has a backslash before it. So "name" followed by a
 * colon is a member, wherever it stands.
 */
#include "module/account_record.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/paths.h"
#include "common/text.h"
#include "module/file.h"

#define NAME_MAX_BYTES 32 /* no record has a longer name */
#define OURS "pam_cognito_oidc"
#define ENTRY_MAX 16384 /* bytes of an entry of passwd(5) */

static bool is_record_name(const char *name)
{
	size_t len = strlen(name);
	return len > 0 && len <= NAME_MAX_BYTES && name[0] != '.' && name[0] != '-' &&
	       name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_.-")] == '\0';
}

/* -1 unless only trusted_uid may write into it. */
static int open_folder(void)
{
	struct stat st;
	int fd = open(paths.userdb, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || (fstat(fd, &st) == 0 && st.st_uid == paths.trusted_uid &&
			  (st.st_mode & (S_IWGRP | S_IWOTH)) == 0))
		return fd;
	close(fd);
	return -1;
}

/* False when it is missing or not to be trusted. forbidden: bits of its mode. */
static bool read_file(int folder, const char *name, const char *suffix, mode_t forbidden,
    struct stat *st, struct buffer *out)
{
	char file[NAME_MAX_BYTES + 32];
	snprintf(file, sizeof(file), "%s%s", name, suffix);
	int fd = openat(folder, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return false;
	bool done = fstat(fd, st) == 0 && S_ISREG(st->st_mode) &&
		    st->st_uid == paths.trusted_uid && (st->st_mode & forbidden) == 0 &&
		    file_read_all(fd, out) == 0;
	close(fd);
	return done;
}

/* What follows "name": in the text, or NULL. */
static const char *find_member(const struct buffer *text, const char *name)
{
	char quoted[64];
	int len = snprintf(quoted, sizeof(quoted), "\"%s\"", name);
	const char *at = buffer_text(text);
	while ((at = strstr(at, quoted)) != NULL) {
		at += len;
		const char *value = at + strspn(at, " \t\r\n");
		if (*value == ':')
			return value + 1 + strspn(value + 1, " \t\r\n");
	}
	return NULL;
}

/* The value ends where its text does. */
static bool member_is(const struct buffer *text, const char *name, const char *value)
{
	const char *at = find_member(text, name);
	size_t len = strlen(value);
	return at != NULL && text_starts(at, value) && strchr(" \t\r\n,}", at[len]) != NULL;
}

/* A local account that was made later under the same name is the one that the host means. */
static bool is_in_passwd(const char *name)
{
	FILE *file = fopen("/etc/passwd", "re");
	struct passwd entry, *found = NULL;
	char bytes[ENTRY_MAX];
	bool is_there = false;
	while (file != NULL && !is_there &&
	       fgetpwent_r(file, &entry, bytes, sizeof(bytes), &found) == 0)
		is_there = streq(entry.pw_name, name);
	if (file != NULL)
		fclose(file);
	return is_there;
}

static void judge(const char *name, uid_t uid, const struct buffer *public,
    const struct buffer *privileged, const struct stat *st, struct account_record *out)
{
	char number[24];
	snprintf(number, sizeof(number), "%lu", (unsigned long)uid);
	if (find_member(privileged, OURS) == NULL || !member_is(privileged, "uid", number) ||
	    is_in_passwd(name))
		return;
	out->counts = true;
	/* Only the one word that apply writes opens it. */
	out->is_locked =
	    !member_is(public, "locked", "false") || !member_is(public, "uid", number);
	snprintf(out->mark, sizeof(out->mark), "%llu.%lld.%09ld",
	    (unsigned long long)st->st_ino, (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
}

void account_record_read(
    const char *name, uid_t uid, struct account_record *out, struct buffer *identity)
{
	struct buffer public = BUFFER_INIT(ACCOUNT_RECORD_MAX + 1);
	struct buffer privileged = BUFFER_INIT(ACCOUNT_RECORD_MAX + 1);
	struct stat st;
	*out = (struct account_record){.counts = false};
	int folder = is_record_name(name) ? open_folder() : -1;
	/* Without the public file, or with one that somebody else wrote, it is locked: public
	 * stays empty. */
	if (folder >= 0 &&
	    read_file(folder, name, ".user-privileged", S_IRWXG | S_IRWXO, &st, &privileged)) {
		struct stat other;
		if (!read_file(folder, name, ".user", S_IWGRP | S_IWOTH, &other, &public))
			buffer_wipe(&public);
		judge(name, uid, &public, &privileged, &st, out);
	}
	if (folder >= 0)
		close(folder);
	if (out->counts && identity != NULL)
		buffer_append(identity, privileged.bytes, privileged.len);
	buffer_wipe(&public);
	buffer_wipe(&privileged);
}
