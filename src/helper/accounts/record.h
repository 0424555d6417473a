/* SPDX-License-Identifier: MIT
 *
 * Account records as nss-systemd reads them from its drop-in folder (systemd's USER_RECORD,
 * GROUP_RECORD): what is written, and what makes a record ours.
 *
 *	NAME.user		0644	the account; UID.user is a link to it
 *	NAME.user-privileged	0600	the identity, and the SSH keys
 *	NAME.group		0644	a group; GID.group is a link to it
 *	NAME:GROUP.membership	0644	nss-systemd reads its name alone, but skips an empty
 *file
 */
#ifndef HELPER_ACCOUNTS_RECORD_H
#define HELPER_ACCOUNTS_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;

#define RECORD_NAME_MAX 32 /* of a user or group: what useradd and utmp can hold */
#define RECORD_FILE_MAX (64u * 1024) /* 25 keys of 2 KiB and some names */
#define RECORD_SUB_MAX 128
#define RECORD_LOGIN_MAX 512
#define RECORD_REAL_NAME_MAX 128
#define RECORD_KEYS_MAX 2048 /* an attribute of Cognito has as many characters */

/* An account. Borrowed texts. */
struct record_user {
	const char *name, *real_name;
	uint32_t uid, gid;
	const char *home, *shell;
	bool locked;
	const char *issuer, *sub, *login;
	const char *keys; /* one a line; "" for none */
};

/* Each appends a file's content; the buffer remembers its error. */
int record_write_user(struct buffer *, const struct record_user *);
int record_write_privileged(struct buffer *, const struct record_user *);
int record_write_group(struct buffer *, const char *name, uint32_t gid);
int record_write_membership(struct buffer *);

/* What a file of the folder says. Texts are copies. */
struct record_identity {
	char name[RECORD_NAME_MAX + 1];
	uint32_t uid;
	char sub[RECORD_SUB_MAX + 1], login[RECORD_LOGIN_MAX + 1], issuer[1024 + 1];
};

/* Reads NAME.user-privileged. False unless it is ours, whole, and of this name (NULL: any). */
bool record_read_identity(
    const char *text, size_t len, const char *name, struct record_identity *);

/* Reads the public part of any user record, ours or not. */
struct record_public {
	char name[256];
	uint32_t uid, gid;
	bool locked;
	char real_name[RECORD_REAL_NAME_MAX + 1];
};
bool record_read_user(const char *text, size_t len, struct record_public *);

/* The same of a group; ours: it is marked as ours. */
bool record_read_group(const char *text, size_t len, char name[256], uint32_t *gid, bool *ours);

/* Is the membership's content what record_write_membership() writes? */
bool record_is_membership(const char *text, size_t len);

/* May it be a user's or a group's name? [a-z_][a-z0-9_.-]{0,31}, no dot last, no "..". */
bool record_is_name(const char *);

#endif
