/* SPDX-License-Identifier: MIT
 *
 * The configuration's section "accounts", as export and plan use it. Borrowed.
 */
#ifndef HELPER_ACCOUNTS_SETTINGS_H
#define HELPER_ACCOUNTS_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;
struct config_list;

struct accounts_settings {
	const struct config_list *groups, *unix_groups;
	const char *primary_group;
	const char *uid_attribute, *ssh_keys_attribute; /* NULL: none */
	const char *home, *shell; /* home with %u for the name */
	uint32_t uid_first, uid_last;
	long max_removals; /* percent */
	bool mutable_ok;
};

/* What the section says. Returns 0, or RESULT_CONFIG when the file has none. */
struct reason;
int settings_of(const struct config *, struct accounts_settings *, struct reason *);

#endif
