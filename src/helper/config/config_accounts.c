/* SPDX-License-Identifier: MIT
 *
 * The object "accounts": what its strings may be, the range of uids, and what one of its keys
 * demands of another.
 */
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "helper/accounts/name.h"
#include "helper/config/config_read.h"
#include "helper/json/json.h"

#define UID_MOST 2147483647L /* some programs take a uid for a signed number */
#define UID_LEAST 1000L /* below are the system's */
#define RANGE_LEAST 1000L /* of a few numbers most people would collide */
#define HOME_MAX 200 /* with a name of 32 bytes in it a path of less than 256 */

/* Ranges that systemd keeps for itself: systemd.io/UIDS-GIDS. Which /etc takes is this host's
 * matter: accounts_range_fault(). */
static const struct {
	long first, last;
	const char *what;
} taken[] = {
    {60001, 60577, "systemd-homed and nss-systemd"},
    {61184, 65519, "systemd's dynamic users"},
    {65534, 65535, "nobody, and the uid that is none"},
    {524288, 1879048191, "subordinate ids and containers"},
    {2147352576, 2147418111, "systemd's foreign images"},
    {UID_MOST, UID_MOST, "the end of signed numbers"},
};

/* A file of the export has its name. */
const char *config_check_pool_group(const char *text)
{
	size_t len = strlen(text);
	if (len == 0 || len > 128)
		return "is no group of a user pool: it must have 1 to 128 bytes";
	if (text_has_controls(text) || strchr(text, '/') != NULL || text[0] == '.')
		return "begins with a dot, or holds a slash or a control character: the export "
		       "cannot have a file of this name";
	return NULL;
}

const char *config_check_unix_group(const char *text)
{
	size_t len = strlen(text);
	if (len == 0 || len > 32)
		return "is no local group: it must have 1 to 32 bytes";
	if (strchr("abcdefghijklmnopqrstuvwxyz_", text[0]) == NULL ||
	    text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_.-")] != '\0' ||
	    text[len - 1] == '.' || strstr(text, "..") != NULL)
		return "is no local group: it must begin with a-z or _, and hold a-z, 0-9, _, "
		       ". "
		       "and - only";
	return name_is_reserved(text)
		   ? "is a reserved name: systems or packages use it, and its members may do "
		     "what this group may"
		   : NULL;
}

static const char *check_absolute(const char *text)
{
	if (text[0] != '/' || strstr(text, "/../") != NULL || text[strlen(text) - 1] == '/')
		return "must be an absolute path without \"..\"";
	if (strlen(text) > HOME_MAX)
		return "is longer than 200 bytes";
	return text_has_controls(text) || strpbrk(text, ": ") != NULL
		   ? "holds a character that passwd(5) cannot hold"
		   : NULL;
}

const char *config_check_home(const char *text)
{
	const char *wrong = check_absolute(text), *name = strstr(text, "/%u");
	if (wrong != NULL)
		return wrong;
	if (name == NULL || strchr(text, '%') != name + 1 || strchr(name + 2, '%') != NULL)
		return "must hold \"%u\" once, at the beginning of a name, for the user";
	return NULL;
}

const char *config_check_shell(const char *text)
{
	return check_absolute(text);
}

bool config_read_uid_range(struct reader *r, const struct place *place, void *base)
{
	struct config_accounts *a = &((struct config *)base)->accounts;
	struct place end = config_first(place);
	long long ends[2] = {0, 0};
	size_t count = 0;
	for (; end.value != NULL; config_next(&end))
		if (count++ < 2 &&
		    (!json_integer(r->document, end.value, &ends[count - 1]) ||
			ends[count - 1] < UID_LEAST || ends[count - 1] > UID_MOST))
			return config_refuse(r, &end, AT_VALUE,
			    "must be a whole number from %ld to %ld", UID_LEAST, UID_MOST);
	if (count != 2 || ends[1] - ends[0] + 1 < RANGE_LEAST)
		return config_refuse(r, place, AT_VALUE,
		    "must be the first and the last of at least %ld uids", RANGE_LEAST);
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (ends[0] <= taken[i].last && ends[1] >= taken[i].first)
			return config_refuse(r, place, AT_VALUE, "overlaps %ld to %ld: %s",
			    taken[i].first, taken[i].last, taken[i].what);
	a->uid_first = (long)ends[0];
	a->uid_last = (long)ends[1];
	return true;
}

void config_check_accounts(struct reader *r, const struct config *config)
{
	const struct config_accounts *a = &config->accounts;
	const struct place root = {.value = json_root(r->document)};
	struct place accounts = config_place(&root, "accounts");
	if (accounts.value == NULL)
		return;
	if (a->groups.len == 0)
		config_refuse_key(r, "accounts", "groups", "must name at least one group");
	for (size_t i = 0; i < a->groups.len; i++)
		for (size_t j = 0; j < i; j++)
			if (streq(a->groups.items[i], a->groups.items[j])) {
				config_refuse_key(
				    r, "accounts", "groups", "names a group twice");
				return;
			}
	for (size_t i = 0; i < a->unix_groups.len; i++) {
		const char *name = a->unix_groups.items[i];
		if (!config_list_has(&a->groups, name))
			config_refuse_key(r, "accounts", "unix_groups",
			    "names a group that \"groups\" does not: nobody would be in it");
		else if (streq(name, a->primary_group))
			config_refuse_key(r, "accounts", "unix_groups",
			    "names \"primary_group\", in which everybody is");
	}
}
