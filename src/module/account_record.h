/* SPDX-License-Identifier: MIT
 *
 * The record that `cognito-oidc accounts` has made for a local account: is it locked, and whose
 * is it? nss-systemd reads the same files. A locked account is refused here, because a shell
 * that ends at once stops no "ssh -N".
 */
#ifndef MODULE_ACCOUNT_RECORD_H
#define MODULE_ACCOUNT_RECORD_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/message.h"

struct buffer;

#define ACCOUNT_RECORD_MAX MESSAGE_ACCOUNT_MAX
#define ACCOUNT_RECORD_MARK_MAX 63 /* three numbers */

struct account_record {
	bool counts; /* there is one, it is ours, and it is this user's */
	bool is_locked; /* also of one that does not count */
	char mark[ACCOUNT_RECORD_MARK_MAX + 1]; /* another file or content has another; "" */
};

/* Looks at the record of this name. It counts if its files belong to paths.trusted_uid and no
 * one else may write them, if it has the uid that the host gave this name, and if /etc/passwd
 * has no such name. identity, if not NULL, gets the bytes of NAME.user-privileged if the record
 * counts; its max must be more than ACCOUNT_RECORD_MAX. It is locked if root's public file says
 * so, whoever made it; if it is ours and does not say the contrary; and if it is there and
 * cannot be read. */
void account_record_read(
    const char *name, uid_t uid, struct account_record *out, struct buffer *identity);

#endif
