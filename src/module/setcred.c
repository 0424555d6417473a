/* SPDX-License-Identifier: MIT
 *
 * Local groups for the session: only those that setcred adds last under every host. The only
 * file of the module that changes a process's groups.
 */
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <security/pam_ext.h>
#include <security/pam_modutil.h>

#include "common/result.h"
#include "common/text.h"
#include "module/pam_data.h"
#include "module/phases.h"
#include "module/transaction.h"

/* At most one group for each two bytes of the list. */
#define ADDED_MOST (MESSAGE_GROUPS_MAX / 2 + 1)

static bool has(const gid_t *gids, int count, gid_t gid)
{
	for (int i = 0; i < count; i++)
		if (gids[i] == gid)
			return true;
	return false;
}

/* Appends the groups of the list that grant= names and this host has; returns the new count. */
static int append(const struct transaction *t, const char *groups, gid_t *gids, int count)
{
	while (*groups != '\0') {
		char name[TICKET_GROUP_MAX + 1] = "";
		size_t n = strcspn(groups, ",");
		if (n < sizeof(name))
			memcpy(name, groups, n);
		groups += n + (groups[n] == ',');
		if (!options_list_has(t->options.grant, name))
			continue;
		const struct group *group = pam_modutil_getgrnam(t->pamh, name);
		if (group == NULL)
			pam_syslog(t->pamh, LOG_NOTICE, "there is no group %s to grant", name);
		else if (!has(gids, count, group->gr_gid))
			gids[count++] = group->gr_gid;
	}
	return count;
}

static int add(const struct transaction *t, const char *groups)
{
	int count = getgroups(0, NULL);
	gid_t *gids = count >= 0 ? calloc((size_t)count + 1 + ADDED_MOST, sizeof(*gids)) : NULL;
	if (gids == NULL)
		return RESULT_GROUPS;
	/* Other threads may change them; room for one more, because 0 would only count. */
	count = getgroups(count + 1, gids);
	int all = count < 0 ? -1 : append(t, groups, gids, count);
	int r =
	    all < 0 || (all > count && setgroups((size_t)all, gids) != 0) ? RESULT_GROUPS : 0;
	free(gids);
	return r;
}

int setcred_run(struct transaction *t)
{
	uid_t uid = (uid_t)-1;
	const struct allowed *a = t->options.grant[0] != '\0' ? account_allowed(t) : NULL;
	if (a == NULL || !streq(a->user, t->user) ||
	    localuser_check(t->user, &t->options, &uid) != 0 || uid != a->uid)
		return 0;
	int r = add(t, a->groups);
	if (r != 0)
		pam_syslog(t->pamh, LOG_ERR, "%s", result_phrase(r));
	return r;
}
