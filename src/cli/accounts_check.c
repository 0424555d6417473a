/* SPDX-License-Identifier: MIT
 *
 * The helper parsed what people wrote, and may have been taken over by it: nothing that it says
 * leads further than an account of this section's names and numbers, with this section's home
 * and shell, that nobody else has.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/accounts.h"
#include "cli/output.h"
#include "common/frame.h"
#include "common/message.h"
#include "common/paths.h"
#include "common/text.h"
#include "helper/accounts/export.h"
#include "helper/accounts/name.h"
#include "helper/accounts/row.h"
#include "helper/accounts/ssh_key.h"
#include "helper/config/config.h"

#define FILE_SIZE 300

/* ---- one frame -------------------------------------------------------------------------- */

static bool take(const struct frame *f, size_t field, size_t max, char **out)
{
	const char *text = frame_text(f, field, max);
	*out = text != NULL ? strdup(text) : NULL;
	return *out != NULL;
}

static bool are_keys(const char *keys)
{
	while (*keys != '\0') {
		size_t len = strcspn(keys, "\n");
		if (!ssh_key_is_plain(keys, len))
			return false;
		keys += len + (keys[len] == '\n');
	}
	return true;
}

/* A uid of ours that is there already is bound to its name by its link; a new one lies in the
 * range. */
static bool is_own_number(const struct accounts *run, const struct plan_row *row)
{
	const char *ending = row->state == PLAN_GROUP ? "group" : "user";
	char link[FILE_SIZE], target[FILE_SIZE];
	snprintf(link, sizeof(link), "%u.%s", row->id, ending);
	int len = snprintf(target, sizeof(target), "%s.%s", row->name, ending);
	const struct bundle_entry *entry = accounts_file(run, link);
	if (entry != NULL)
		return entry->content.len == (size_t)len &&
		       memcmp(entry->content.bytes, target, (size_t)len) == 0;
	return row->id >= run->settings.uid_first && row->id <= run->settings.uid_last;
}

static bool is_group_of_ours(const struct accounts *run, const char *name)
{
	return streq(name, run->settings.primary_group) ||
	       config_list_has(run->settings.unix_groups, name);
}

/* Does a file of this name and ending bear our mark? */
static bool is_marked(const struct accounts *run, const char *name, const char *ending)
{
	char file[FILE_SIZE];
	snprintf(file, sizeof(file), "%s%s", name, ending);
	const struct bundle_entry *entry = accounts_file(run, file);
	return entry != NULL && memmem(entry->content.bytes, entry->content.len,
				    "\"pam_cognito_oidc\": {", 21) != NULL;
}

static bool is_there(const struct accounts *run, const char *name, const char *ending)
{
	char file[FILE_SIZE];
	snprintf(file, sizeof(file), "%s%s", name, ending);
	return accounts_file(run, file) != NULL;
}

static bool is_good_account(const struct accounts *run, struct plan_row *row)
{
	bool is_group = row->state == PLAN_GROUP;
	size_t bits = run->settings.unix_groups->len;
	if (!record_is_name(row->name) || row->id == 0 || !is_own_number(run, row) ||
	    (is_group && !is_group_of_ours(run, row->name)))
		return false;
	row->is_new = !is_there(run, row->name, is_group ? ".group" : ".user-privileged");
	if (row->is_new &&
	    (name_is_reserved(row->name) || (!is_group && is_there(run, row->name, ".user"))))
		return false;
	if (!row->is_new &&
	    !is_marked(run, row->name, is_group ? ".group" : ".user-privileged"))
		return false;
	if (is_group)
		return true;
	return text_is_visible(row->sub) && text_is_visible(row->issuer) &&
	       !text_has_controls(row->login) && !text_has_controls(row->real_name) &&
	       strchr(row->real_name, ':') == NULL && are_keys(row->keys) &&
	       (bits >= 64 || row->groups >> bits == 0);
}

bool accounts_take(void *arg, const struct frame *f)
{
	static const char *const states[] = {[PLAN_GROUP] = "group",
	    [PLAN_ACTIVE] = "active",
	    [PLAN_LOCKED] = "locked",
	    [PLAN_LEFT_OUT] = "left-out",
	    [PLAN_STATES] = "export"};
	struct accounts *run = arg;
	const char *word = frame_text(f, ACCOUNT_STATE, 16);
	const char *name = frame_text(f, ACCOUNT_NAME, RECORD_NAME_MAX);
	const char *number = frame_text(f, ACCOUNT_NUMBER, 12);
	const char *groups = frame_text(f, ACCOUNT_GROUPS, 20);
	const char *why = frame_text(f, ACCOUNT_WHY, PLAN_WHY_MAX - 1);
	unsigned long id = 0, bits = 0;
	int state = 0;
	while (state <= PLAN_STATES && !streq(word, states[state]))
		state++;
	if (state > PLAN_STATES || name == NULL || why == NULL || number == NULL ||
	    groups == NULL || !text_number(groups, UINT64_MAX, &bits) ||
	    !text_number(number, state == PLAN_STATES ? 999999999999ul : UINT32_MAX - 1, &id))
		return false;
	if (state == PLAN_STATES) {
		run->made = (int64_t)id;
		return true;
	}
	struct plan_row *row = row_add(run->plan, (enum plan_state)state, name, (uint32_t)id);
	if (row == NULL)
		return false;
	row->groups = bits;
	text_printable(why, strlen(why), row->why, sizeof(row->why));
	bool good = take(f, ACCOUNT_ISSUER, 1024, &row->issuer) &&
		    take(f, ACCOUNT_SUB, RECORD_SUB_MAX, &row->sub) &&
		    take(f, ACCOUNT_LOGIN, RECORD_LOGIN_MAX, &row->login) &&
		    take(f, ACCOUNT_REAL_NAME, RECORD_REAL_NAME_MAX, &row->real_name) &&
		    take(f, ACCOUNT_KEYS, RECORD_KEYS_MAX * 4, &row->keys);
	if (!good || state == PLAN_LEFT_OUT)
		return good;
	if (state == PLAN_GROUP && streq(row->name, run->settings.primary_group))
		run->gid = row->id;
	return is_good_account(run, row);
}

/* ---- this host -------------------------------------------------------------------------- */

static int order_local(const void *left, const void *right)
{
	const struct accounts_local *a = left, *b = right;
	return strcmp(a->name, b->name);
}

/* /etc/passwd alone: nss-systemd serves our own records, too. */
static bool read_passwd(struct accounts *run)
{
	FILE *file = fopen("/etc/passwd", "re");
	size_t size = 0;
	const struct passwd *pw;
	if (file == NULL)
		return complain("/etc/passwd: cannot be read");
	while ((pw = fgetpwent(file)) != NULL) {
		if (run->local_len == size) {
			size = size > 0 ? size * 2 : 64;
			struct accounts_local *local =
			    reallocarray(run->local, size, sizeof(*local));
			if (local == NULL)
				break;
			run->local = local;
		}
		run->local[run->local_len].uid = pw->pw_uid;
		run->local[run->local_len].name = strdup(pw->pw_name);
		if (run->local[run->local_len].name == NULL)
			break;
		run->local_len++;
	}
	fclose(file);
	if (run->local_len > 0)
		qsort(run->local, run->local_len, sizeof(*run->local), order_local);
	return true;
}

static bool is_local(const struct accounts *run, const struct plan_row *row)
{
	char name[RECORD_NAME_MAX + 1];
	snprintf(name, sizeof(name), "%s", row->name);
	const struct accounts_local key = {.name = name};
	if (run->local_len > 0 &&
	    bsearch(&key, run->local, run->local_len, sizeof(*run->local), order_local) != NULL)
		return true;
	for (size_t i = 0; i < run->local_len; i++)
		if (run->local[i].uid == row->id)
			return true;
	return false;
}

void accounts_home(const struct accounts *run, const char *name, char *out, size_t size)
{
	const char *form = run->settings.home, *at = strstr(form, "%u");
	if (at != NULL)
		snprintf(out, size, "%.*s%s%s", (int)(at - form), form, name, at + 2);
	else
		snprintf(out, size, "%s", form);
}

static void leave_out(struct plan_row *row, const char *why)
{
	row->state = PLAN_LEFT_OUT;
	snprintf(row->why, sizeof(row->why), "%s", why);
}

/* A newcomer takes nothing that is another's. */
static void check_newcomer(const struct accounts *run, struct plan_row *row)
{
	char home[4096];
	struct stat st;
	accounts_home(run, row->name, home, sizeof(home));
	if (is_local(run, row) || getpwnam(row->name) != NULL)
		leave_out(row, "this host has an account of this name or uid already, which is "
			       "not ours; name the person otherwise in users.map");
	else if (getpwuid(row->id) != NULL)
		leave_out(row, "this host has an account of this uid already; give the person "
			       "another in accounts.uid_attribute");
	else if (lstat(home, &st) == 0 && st.st_uid != row->id)
		leave_out(row, "the home directory exists and belongs to another uid; move it, "
			       "or give it to this one");
}

/* A group of this name or number that is not ours: of a package that came later, say. */
static bool check_group(const struct accounts *run, struct plan_row *row)
{
	FILE *file = fopen("/etc/group", "re");
	const struct group *gr = NULL;
	bool is_taken = false;
	while (file != NULL && !is_taken && (gr = fgetgrent(file)) != NULL)
		is_taken = streq(gr->gr_name, row->name) || gr->gr_gid == row->id;
	if (file != NULL)
		fclose(file);
	is_taken = is_taken ||
		   (row->is_new && (getgrnam(row->name) != NULL || getgrgid(row->id) != NULL));
	if (!is_taken)
		return true;
	bool is_primary = streq(row->name, run->settings.primary_group);
	leave_out(row, "this host has a group of this name or gid that is not ours");
	return !is_primary ||
	       complain("accounts.primary_group: %s: %s; choose another", row->name, row->why);
}

bool accounts_check_host(struct accounts *run)
{
	char wrong[256];
	if (!read_passwd(run))
		return false;
	if (accounts_range_fault(
		run->settings.uid_first, run->settings.uid_last, wrong, sizeof(wrong)) != NULL)
		return complain("accounts.uid_range: %s", wrong);
	for (size_t i = 0; i < run->plan->len; i++) {
		struct plan_row *row = &run->plan->rows[i];
		if (row->state == PLAN_GROUP && !check_group(run, row))
			return false;
		if (row->state == PLAN_ACTIVE && row->is_new)
			check_newcomer(run, row);
		/* Such a name means the local account: our group must not reach it. */
		else if (row->state == PLAN_ACTIVE && is_local(run, row)) {
			row->state = PLAN_LOCKED;
			row->groups = 0;
			snprintf(row->why, sizeof(row->why),
			    "/etc/passwd has this name or uid now: that account counts, and "
			    "the "
			    "record is locked");
		}
	}
	return run->gid != 0 || complain("accounts.primary_group: no group was planned");
}

/* ---- ranges ----------------------------------------------------------------------------- */

static bool overlaps(uint64_t first, uint64_t last, uint64_t other, uint64_t other_last)
{
	return first <= other_last && other <= last;
}

/* "name:first:count" lines of subuid(5), subgid(5). */
static bool overlaps_file(
    const char *path, uint32_t first, uint32_t last, char *out, size_t size)
{
	FILE *file = fopen(path, "re");
	char line[512];
	bool found = false;
	while (file != NULL && !found && fgets(line, sizeof(line), file) != NULL) {
		const char *at = strchr(line, ':');
		char *end = NULL;
		unsigned long long from = at != NULL ? strtoull(at + 1, &end, 10) : 0;
		unsigned long long count =
		    end != NULL && *end == ':' ? strtoull(end + 1, NULL, 10) : 0;
		found = count > 0 && overlaps(first, last, from, from + count - 1);
		if (found)
			snprintf(out, size, "it overlaps %s's line of %.*s", path,
			    (int)(at - line), line);
	}
	if (file != NULL)
		fclose(file);
	return found;
}

/* SUB_UID_MIN and its like of login.defs(5), with shadow's defaults. */
static bool overlaps_defaults(uint32_t first, uint32_t last, char *out, size_t size)
{
	struct {
		const char *name;
		unsigned long long value;
	} rows[] = {{"SUB_UID_MIN", 100000}, {"SUB_UID_MAX", 600100000},
	    {"SUB_GID_MIN", 100000}, {"SUB_GID_MAX", 600100000}};
	FILE *file = fopen("/etc/login.defs", "re");
	char line[512], name[32];
	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		size_t from = strspn(line, " \t"), len = strcspn(line + from, " \t");
		snprintf(name, sizeof(name), "%.*s", (int)len, line + from);
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			if (streq(name, rows[i].name))
				rows[i].value = strtoull(line + from + len, NULL, 10);
	}
	if (file != NULL)
		fclose(file);
	for (size_t i = 0; i < 4; i += 2)
		if (overlaps(first, last, rows[i].value, rows[i + 1].value)) {
			snprintf(out, size,
			    "it overlaps %s to %s (%llu to %llu) of /etc/login.defs",
			    rows[i].name, rows[i + 1].name, rows[i].value, rows[i + 1].value);
			return true;
		}
	return false;
}

const char *accounts_range_fault(uint32_t first, uint32_t last, char *out, size_t size)
{
	bool is_taken = overlaps_file("/etc/subuid", first, last, out, size) ||
			overlaps_file("/etc/subgid", first, last, out, size) ||
			overlaps_defaults(first, last, out, size);
	return is_taken ? out : NULL;
}
