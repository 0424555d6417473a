/* SPDX-License-Identifier: MIT
 *
 * The sshd of this host: which settings are in force, for whom.
 */
#ifndef CLI_SSHD_H
#define CLI_SSHD_H

#include <stdbool.h>
#include <stddef.h>

#include "common/request.h"

struct buffer;
struct config;
struct output;
struct reason;

#define SSHD_PROGRAM "/usr/sbin/sshd"
#define SSHD_USERS_MOST 16 /* sshd -T takes some 10 ms for each */

struct sshd_users {
	char names[SSHD_USERS_MOST][REQUEST_NAME_MAX + 1];
	size_t len;
};

/* sshd -T: the settings in force for everybody, or as this user meets them from elsewhere.
 * Returns as program_run(). */
int sshd_ask(const char *user, struct buffer *out, struct reason *);

/* Would sshd start with its present configuration? */
bool sshd_is_valid(void);

/* One of these: sshd prints "keyword value", the keyword in lower case. False if it is not
 * there. */
bool sshd_setting(const char *text, const char *keyword, char *out, size_t size);

/* Local users for whom a Match block may say otherwise: some of the pool, as far as this host
 * knows any, and those that the blocks are about. */
void sshd_find_users(const struct config *, struct sshd_users *);

/* Adds a local user, unless there is no room. */
void sshd_users_add(struct sshd_users *, const char *name);

/* Does sshd_config include the file, before any Match block? */
bool sshd_includes(const char *path);

/* Has the running sshd read its configuration again, and does it still answer with its banner?
 * True also where none runs. Reports what it did; false after reporting why not. */
bool sshd_reload(struct output *);

#endif
