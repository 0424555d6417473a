/* SPDX-License-Identifier: MIT
 *
 * The module has no JSON parser, and needs none: accounts/record.c writes these members, and in
 * a string of JSON every quotation mark has a backslash before it. So "name" followed by a
 * colon is a member, wherever it stands.
 */
#include "module/account_record.h"

#include <errno.h>
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
	return len <= NAME_MAX_BYTES && name[0] != '.' && name[0] != '-' &&
	       name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_.-")] == '\0';
}

/* -1 unless only trusted_uid may write into it; errno says why, EPERM of one that others may.
 */
static int open_folder(void)
{
	struct stat st;
	int fd = open(paths.userdb, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || (fstat(fd, &st) == 0 && st.st_uid == paths.trusted_uid &&
			  (st.st_mode & (S_IWGRP | S_IWOTH)) == 0))
		return fd;
	close(fd);
	errno = EPERM;
	return -1;
}

enum found { FOUND_NONE, FOUND_UNTRUSTED, FOUND_UNREADABLE, FOUND_WHOLE };

/* forbidden: bits of its mode. out stays empty unless it is whole. */
static enum found read_file(int folder, const char *name, const char *suffix, mode_t forbidden,
    struct stat *st, struct buffer *out)
{
	char file[NAME_MAX_BYTES + 32];
	enum found found = FOUND_UNREADABLE;
	snprintf(file, sizeof(file), "%s%s", name, suffix);
	int fd = openat(folder, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT  ? FOUND_NONE
		       : errno == ELOOP ? FOUND_UNTRUSTED
					: FOUND_UNREADABLE;
	if (fstat(fd, st) == 0) {
		bool is_trusted = S_ISREG(st->st_mode) && st->st_uid == paths.trusted_uid &&
				  (st->st_mode & forbidden) == 0;
		found = !is_trusted                   ? FOUND_UNTRUSTED
			: file_read_all(fd, out) == 0 ? FOUND_WHOLE
						      : FOUND_UNREADABLE;
	}
	close(fd);
	if (found != FOUND_WHOLE)
		buffer_wipe(out);
	return found;
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

/* Is it locked by what could be read? A lock that root has set holds whoever made the record;
 * and of a record of ours only the one word that apply writes opens it. What could not be read,
 * because the host has no memory or descriptors left, may have said so: whoever starts a
 * set-uid host sets its limits. */
static void judge(const char *name, uid_t uid, const struct buffer *public, enum found other,
    const struct buffer *privileged, enum found own, struct account_record *out)
{
	char number[24];
	snprintf(number, sizeof(number), "%lu", (unsigned long)uid);
	bool is_this = member_is(public, "uid", number);
	bool is_ours =
	    find_member(privileged, OURS) != NULL && member_is(privileged, "uid", number);
	bool says_yes = is_this && member_is(public, "locked", "true");
	bool says_no = is_this && member_is(public, "locked", "false");
	bool is_unknown = own == FOUND_UNREADABLE || other == FOUND_UNREADABLE;
	bool says_anything = is_ours || says_yes || is_unknown;
	if (!says_anything || is_in_passwd(name))
		return;
	out->counts = is_ours;
	out->is_locked = is_unknown || says_yes || !says_no;
}

void account_record_read(
    const char *name, uid_t uid, struct account_record *out, struct buffer *identity)
{
	struct buffer public = BUFFER_INIT(ACCOUNT_RECORD_MAX + 1);
	struct buffer privileged = BUFFER_INIT(ACCOUNT_RECORD_MAX + 1);
	struct stat st = {.st_ino = 0}, other;
	*out = (struct account_record){.counts = false};
	if (!is_record_name(name))
		return;
	int folder = open_folder();
	if (folder < 0) {
		bool is_nothing = errno == ENOENT || errno == ENOTDIR || errno == EPERM;
		out->is_locked = !is_nothing && !is_in_passwd(name);
		return;
	}
	enum found own =
	    read_file(folder, name, ".user-privileged", S_IRWXG | S_IRWXO, &st, &privileged);
	enum found theirs =
	    read_file(folder, name, ".user", S_IWGRP | S_IWOTH, &other, &public);
	close(folder);
	judge(name, uid, &public, theirs, &privileged, own, out);
	if (out->counts)
		snprintf(out->mark, sizeof(out->mark), "%llu.%lld.%09ld",
		    (unsigned long long)st.st_ino, (long long)st.st_mtim.tv_sec,
		    st.st_mtim.tv_nsec);
	if (out->counts && identity != NULL)
		buffer_append(identity, privileged.bytes, privileged.len);
	buffer_wipe(&public);
	buffer_wipe(&privileged);
}
