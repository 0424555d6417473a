/* SPDX-License-Identifier: MIT */
#include "helper/accounts/settings.h"

#include "common/reason.h"
#include "common/result.h"
#include "helper/config/config.h"

int settings_of(
    const struct config *config, struct accounts_settings *out, struct reason *reason)
{
	const struct config_accounts *a = &config->accounts;
	*out = (struct accounts_settings){.groups = &a->groups,
	    .unix_groups = &a->unix_groups,
	    .primary_group = a->primary_group,
	    .uid_attribute = a->uid_attribute,
	    .ssh_keys_attribute = a->ssh_keys_attribute,
	    .home = a->home,
	    .shell = a->shell,
	    .uid_first = (uint32_t)a->uid_first,
	    .uid_last = (uint32_t)a->uid_last,
	    .max_removals = a->max_removals,
	    .mutable_ok = a->mutable_ok};
	if (a->groups.len > 0)
		return 0;
	return reason_set(reason, RESULT_CONFIG,
	    "the configuration has no section accounts, or no groups in it");
}
