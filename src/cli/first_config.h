/* SPDX-License-Identifier: MIT
 *
 * The text of the configuration that init writes: one pool, one app client, the groups whose
 * members get accounts, and rules for them.
 */
#ifndef CLI_FIRST_CONFIG_H
#define CLI_FIRST_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "common/buffer.h"

#define GROUPS_MOST 32 /* more are rather managed in the file itself */
#define GROUPS_TEXT_MAX 4096 /* one --groups; as long as a line of a terminal may be */

/* Names of groups of the pool. */
struct group_names {
	char text[GROUPS_TEXT_MAX]; /* the items lie here */
	const char *items[GROUPS_MOST];
	size_t len;
};

struct first_config {
	const char *pool; /* its id */
	const char *client_id;
	struct buffer secret; /* of the app client; empty for a public one */
	char domain[256]; /* the host of the hosted sign-in pages, or "" */
	struct group_names groups, admin_groups; /* the latter may be empty */
};

/* "a,b,c", with at least one group; become_local: local groups may have these names, too. False
 * after saying on stderr what is wrong. */
bool first_config_read_groups(
    const char *option, const char *text, bool become_local, struct group_names *);

/* The host of a domain: a prefix at Amazon's own, or a whole host name. The pool must be set.
 * False after saying on stderr what is wrong. */
bool first_config_read_domain(const char *text, struct first_config *);

/* Is the pool's id one, in a region whose addresses are known? False after saying on stderr
 * what is wrong. */
bool first_config_check_pool(const char *id);

/* Appends the whole text; the buffer remembers its error. */
void first_config_write(const struct first_config *, struct buffer *out);

#endif
