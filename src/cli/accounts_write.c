/* SPDX-License-Identifier: MIT
 *
 * The records. Each file is written beside its place, synced and renamed, so that no reader and
 * no crash meets half of one. Of an account the private part comes first and its link last, and
 * an end goes the other way: a run that was killed leaves a record that the next one completes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/accounts.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "common/paths.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "module/file.h"

#define TEMPORARY ".pam_cognito_oidc.new" /* the lock's holder has the only one */
#define NAME_SIZE 300

/* One account or group on its way: what it is called, and which of its files changed. */
struct change {
	struct accounts *run;
	const struct plan_row *row;
	bool is_apply;
	size_t files; /* that differ */
	bool failed;
};

/* ---- files ------------------------------------------------------------------------------ */

static bool replace(int folder, const char *name, const struct buffer *content, mode_t mode)
{
	unlinkat(folder, TEMPORARY, 0);
	int fd = openat(
	    folder, TEMPORARY, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	bool done = file_write(fd, content->bytes, content->len) && fchmod(fd, mode) == 0 &&
		    fsync(fd) == 0;
	done = close(fd) == 0 && done;
	done = done && renameat(folder, TEMPORARY, folder, name) == 0;
	if (!done)
		unlinkat(folder, TEMPORARY, 0);
	return done;
}

static void note(struct change *c, const char *name, bool done)
{
	c->run->writes++;
	if (done)
		return;
	complain("%s/%s: %s", paths.userdb, name, strerrordesc_np(errno));
	c->failed = c->run->failed = true;
}

/* Makes the file's content this, unless it is. */
static void put(struct change *c, const char *name, struct buffer *content, mode_t mode)
{
	const struct bundle_entry *entry = accounts_file(c->run, name);
	bool is_same = entry != NULL && entry->content.len == content->len &&
		       memcmp(entry->content.bytes, content->bytes, content->len) == 0;
	if (content->error != 0) {
		complain("%s: cannot be written", name);
		c->failed = c->run->failed = true;
	} else if (!is_same && !c->failed) {
		c->files++;
		if (c->is_apply)
			note(c, name, replace(c->run->folder, name, content, mode));
	}
	buffer_wipe(content);
}

static void put_link(struct change *c, uint32_t id, const char *ending)
{
	char name[NAME_SIZE], target[NAME_SIZE];
	snprintf(name, sizeof(name), "%u.%s", id, ending);
	int len = snprintf(target, sizeof(target), "%s.%s", c->row->name, ending);
	const struct bundle_entry *entry = accounts_file(c->run, name);
	if (c->failed || (entry != NULL && entry->content.len == (size_t)len &&
			     memcmp(entry->content.bytes, target, (size_t)len) == 0))
		return;
	c->files++;
	if (!c->is_apply)
		return;
	unlinkat(c->run->folder, TEMPORARY, 0);
	note(c, name,
	    symlinkat(target, c->run->folder, TEMPORARY) == 0 &&
		renameat(c->run->folder, TEMPORARY, c->run->folder, name) == 0);
}

static void take_away(struct change *c, const char *name)
{
	if (c->failed || accounts_file(c->run, name) == NULL)
		return;
	c->files++;
	if (c->is_apply)
		note(c, name, unlinkat(c->run->folder, name, 0) == 0 || errno == ENOENT);
}

/* ---- one account ------------------------------------------------------------------------ */

static const struct plan_row *find_row(
    const struct accounts *run, enum plan_state state, const char *name)
{
	for (size_t i = 0; i < run->plan->len && run->plan->rows[i].state == PLAN_GROUP; i++)
		if (state == PLAN_GROUP && streq(run->plan->rows[i].name, name))
			return &run->plan->rows[i];
	return NULL;
}

/* The groups of the section that the person is in, and of which the record is ours. */
static void put_memberships(struct change *c)
{
	const struct config_list *groups = c->run->settings.unix_groups;
	for (size_t i = 0; i < groups->len; i++) {
		struct buffer content = BUFFER_INIT(RECORD_FILE_MAX);
		char name[NAME_SIZE];
		snprintf(
		    name, sizeof(name), "%s:%s.membership", c->row->name, groups->items[i]);
		const struct bundle_entry *entry = accounts_file(c->run, name);
		bool is_ours = entry == NULL ||
			       record_is_membership(entry->content.bytes, entry->content.len);
		if ((c->row->groups >> i & 1) == 0 || !is_ours ||
		    find_row(c->run, PLAN_GROUP, groups->items[i]) == NULL)
			continue;
		record_write_membership(&content);
		put(c, name, &content, 0644);
	}
}

/* What the person has beyond that, from an earlier run. */
static void take_memberships(struct change *c)
{
	const struct config_list *groups = c->run->settings.unix_groups;
	char prefix[NAME_SIZE];
	snprintf(prefix, sizeof(prefix), "records/%s:", c->row->name);
	size_t before = strlen(prefix);
	const struct bundle_entry *at = bundle_first(&c->run->files, prefix);
	for (; bundle_is_below(&c->run->files, at, prefix); at++) {
		char group[NAME_SIZE], name[NAME_SIZE];
		bool is_wanted = false;
		size_t len = at->name.len - before;
		if (len <= strlen(".membership") ||
		    !record_is_membership(at->content.bytes, at->content.len) ||
		    !text_copy(at->name.bytes + before, len - strlen(".membership"), group,
			sizeof(group)) ||
		    !text_copy(at->name.bytes + strlen("records/"),
			at->name.len - strlen("records/"), name, sizeof(name)))
			continue;
		for (size_t i = 0; i < groups->len; i++)
			is_wanted |=
			    streq(groups->items[i], group) && (c->row->groups >> i & 1) != 0;
		if (!is_wanted)
			take_away(c, name);
	}
}

static void put_account(struct change *c)
{
	const struct plan_row *row = c->row;
	struct buffer content = BUFFER_INIT(RECORD_FILE_MAX);
	char home[4096], name[NAME_SIZE];
	bool is_locked = row->state == PLAN_LOCKED;
	accounts_home(c->run, row->name, home, sizeof(home));
	const struct record_user user = {.name = row->name,
	    .real_name = row->real_name,
	    .uid = row->id,
	    .gid = c->run->gid,
	    .home = home,
	    .shell = is_locked ? ACCOUNTS_NOLOGIN : c->run->settings.shell,
	    .locked = is_locked,
	    .issuer = row->issuer,
	    .sub = row->sub,
	    .login = row->login,
	    .keys = is_locked ? "" : row->keys};
	take_memberships(c);
	record_write_privileged(&content, &user);
	snprintf(name, sizeof(name), "%s.user-privileged", row->name);
	put(c, name, &content, 0600);
	record_write_user(&content, &user);
	snprintf(name, sizeof(name), "%s.user", row->name);
	put(c, name, &content, 0644);
	put_link(c, row->id, "user");
	put_memberships(c);
}

static void put_group(struct change *c)
{
	struct buffer content = BUFFER_INIT(RECORD_FILE_MAX);
	char name[NAME_SIZE];
	record_write_group(&content, c->row->name, c->row->id);
	snprintf(name, sizeof(name), "%s.group", c->row->name);
	put(c, name, &content, 0644);
	put_link(c, c->row->id, "group");
}

/* ---- removal ---------------------------------------------------------------------------- */

/* Locked for as many days, and no home left. The time of the record's last change is that of
 * the lock: nothing else changes a locked one. */
static bool is_prunable(const struct accounts *run, const struct plan_row *row)
{
	char name[NAME_SIZE], home[4096];
	struct stat st;
	snprintf(name, sizeof(name), "%s/%s.user", paths.userdb, row->name);
	accounts_home(run, row->name, home, sizeof(home));
	if (run->prune_days < 0 || row->state != PLAN_LOCKED || lstat(name, &st) != 0 ||
	    time(NULL) - st.st_mtime < run->prune_days * 86400L)
		return false;
	return lstat(home, &st) != 0 && errno == ENOENT;
}

/* First what keeps the uid from anybody else. */
static bool bury(struct change *c)
{
	const struct plan_row *row = c->row;
	struct buffer content = BUFFER_INIT(RECORD_FILE_MAX);
	char folder[4096], name[NAME_SIZE];
	const struct record_user user = {.name = row->name,
	    .uid = row->id,
	    .issuer = row->issuer,
	    .sub = row->sub,
	    .login = row->login,
	    .keys = ""};
	snprintf(folder, sizeof(folder), "%s" ACCOUNTS_FOLDER, paths.state);
	snprintf(name, sizeof(name), "%u" ACCOUNTS_TOMBSTONE, row->id);
	bool done = record_write_privileged(&content, &user) == 0 &&
		    file_replace(folder, name, content.bytes, content.len, true);
	if (!done) {
		complain("%s/%s: %s", folder, name, strerrordesc_np(errno));
		c->failed = c->run->failed = true;
	}
	c->run->writes++;
	buffer_wipe(&content);
	return done;
}

static void prune(struct change *c)
{
	char name[NAME_SIZE];
	const struct plan_row *row = c->row;
	struct plan_row gone = *row;
	gone.groups = 0;
	if (c->is_apply && !bury(c))
		return;
	/* Of no group any more. */
	c->row = &gone;
	take_memberships(c);
	c->row = row;
	snprintf(name, sizeof(name), "%u.user", gone.id);
	take_away(c, name);
	snprintf(name, sizeof(name), "%s.user", gone.name);
	take_away(c, name);
	snprintf(name, sizeof(name), "%s.user-privileged", gone.name);
	take_away(c, name);
}

/* ---- the whole -------------------------------------------------------------------------- */

/* Our own line of a record: JSON has neither a tab nor a quote inside a string. */
static bool was_locked(const struct accounts *run, const struct plan_row *row)
{
	static const char line[] = "\n\t\"locked\": true\n";
	char name[NAME_SIZE];
	snprintf(name, sizeof(name), "%s.user", row->name);
	const struct bundle_entry *entry = accounts_file(run, name);
	return entry != NULL &&
	       memmem(entry->content.bytes, entry->content.len, line, sizeof(line) - 1) != NULL;
}

static const char *verb_of(const struct change *c, bool is_pruned)
{
	const struct plan_row *row = c->row;
	bool was = was_locked(c->run, row);
	if (is_pruned)
		return "remove";
	if (row->is_new)
		return "create";
	if (row->state == PLAN_LOCKED && !was)
		return "lock";
	if (row->state == PLAN_ACTIVE && was)
		return "unlock";
	return c->files > 0 ? "change" : "keep";
}

static void show(struct change *c, bool is_pruned)
{
	const struct plan_row *row = c->row;
	struct output *out = c->run->out;
	const char *verb = verb_of(c, is_pruned),
		   *kind = row->state == PLAN_GROUP ? "gid" : "uid";
	bool is_change = c->files > 0;
	if (!is_change && row->why[0] == '\0')
		return;
	output_line(out, "%-8s %s%s (%s %u)%s%s", c->failed ? "FAILED" : verb,
	    row->state == PLAN_GROUP ? "group " : "", row->name, kind, row->id,
	    row->why[0] != '\0' ? ": " : "", row->why);
	output_json(out, "{action:%s kind:%s name:%s id:%lld done:%d", verb,
	    row->state == PLAN_GROUP ? "group" : "user", row->name, (long long)row->id,
	    c->is_apply && !c->failed);
	if (row->state != PLAN_GROUP)
		output_json(out, "sub:%s login:%s", row->sub, row->login);
	if (row->why[0] != '\0')
		output_json(out, "why:%s", row->why);
	output_json(out, "}");
	output_piece(out);
}

static void change_row(struct accounts *run, const struct plan_row *row, bool is_apply)
{
	struct change c = {.run = run, .row = row, .is_apply = is_apply};
	bool is_pruned = is_prunable(run, row);
	if (is_pruned)
		prune(&c);
	else if (row->state == PLAN_GROUP)
		put_group(&c);
	else
		put_account(&c);
	c.row = row;
	run->changes += c.files > 0;
	show(&c, is_pruned);
}

/* So that an older export is refused from now on. */
static void keep_time(struct accounts *run)
{
	char folder[4096], text[24];
	int len = snprintf(text, sizeof(text), "%lld", (long long)run->made);
	const struct bundle_entry *entry = bundle_find(&run->files, "", ACCOUNTS_APPLIED);
	snprintf(folder, sizeof(folder), "%s" ACCOUNTS_FOLDER, paths.state);
	if (entry != NULL && entry->content.len == (size_t)len &&
	    memcmp(entry->content.bytes, text, (size_t)len) == 0)
		return;
	run->writes++;
	if (!file_replace(folder, ACCOUNTS_APPLIED, text, (size_t)len, true)) {
		complain("%s/" ACCOUNTS_APPLIED ": %s", folder, strerrordesc_np(errno));
		run->failed = true;
	}
}

void accounts_change(struct accounts *run, bool is_apply)
{
	for (size_t i = 0; i < run->plan->len; i++) {
		const struct plan_row *row = &run->plan->rows[i];
		if (row->state == PLAN_LEFT_OUT) {
			run->left_out++;
			output_line(run->out, "%-8s %s: %s", "left out",
			    row->name[0] != '\0' ? row->name : row->sub, row->why);
			output_json(run->out,
			    "{action:%s kind:%s name:%s sub:%s login:%s why:%s}", "leave-out",
			    "user", row->name, row->sub, row->login, row->why);
			output_piece(run->out);
		} else {
			change_row(run, row, is_apply);
		}
	}
	if (!is_apply)
		return;
	if (run->writes > 0 && fsync(run->folder) != 0)
		run->failed = true;
	if (!run->failed)
		keep_time(run);
}

bool accounts_open(struct accounts *run, int *lock)
{
	char folder[4096];
	struct stat st;
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	snprintf(folder, sizeof(folder), "%s" ACCOUNTS_FOLDER, paths.state);
	int state = file_open_folder(paths.state);
	if (state >= 0)
		close(state);
	*lock = file_open(folder, "lock", O_RDWR | O_CREAT);
	if (*lock < 0)
		return complain("%s/lock: %s", folder, strerrordesc_np(errno));
	if (flock(*lock, LOCK_EX | LOCK_NB) != 0)
		return complain("another run of accounts is at work");
	if (mkdir(paths.userdb, 0755) != 0 && errno != EEXIST)
		return complain("%s: %s", paths.userdb, strerrordesc_np(errno));
	run->folder = open(paths.userdb, flags);
	if (run->folder < 0 || fstat(run->folder, &st) != 0 || st.st_uid != paths.trusted_uid ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return complain("%s: not a directory that only root may write", paths.userdb);
	unlinkat(run->folder, TEMPORARY, 0);
	return true;
}
