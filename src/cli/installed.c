/* SPDX-License-Identifier: MIT
 *
 * One table of what must exist. In test builds "root" is the user who built them
 * (common/paths.h).
 */
#include "cli/check.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/output.h"
#include "common/paths.h"

#define GROUP_OTHER_WRITE (S_IWGRP | S_IWOTH)
#define GROUP_OTHER_ANY (S_IRWXG | S_IRWXO)
#define LATER "created when it is needed"

static const struct expected {
	const char *what;
	enum finding_name finding;
	mode_t type; /* S_IFREG or S_IFDIR; 0: no file but a user */
	mode_t never; /* bits that must not be set */
	mode_t always; /* bits that must be */
	const char *absent; /* the remark if it may be missing; NULL: it may not */
} table[INSTALLED_COUNT] = {
    {"config", FOUND_CONFIG_FILE, S_IFREG, GROUP_OTHER_ANY, 0, NULL},
    {"config folder", FOUND_FOLDER, S_IFDIR, GROUP_OTHER_WRITE, 0, NULL},
    {"helper", FOUND_HELPER, S_IFREG, GROUP_OTHER_WRITE, S_IXUSR, NULL},
    {"cache", FOUND_CACHE, S_IFDIR, GROUP_OTHER_ANY, 0, LATER},
    {"tickets", FOUND_RUN, S_IFDIR, GROUP_OTHER_ANY, 0, LATER},
    {"module", FOUND_MODULE, S_IFREG, GROUP_OTHER_WRITE, 0, "not in its usual place"},
    {"system user", FOUND_USER, 0, 0, 0, NULL},
};

/* NULL: as it must be. */
static const char *file_fault_of(const struct expected *want, const struct stat *st)
{
	if ((st->st_mode & S_IFMT) != want->type)
		return want->type == S_IFDIR ? "not a directory" : "not a regular file";
	if (st->st_uid != paths.trusted_uid)
		return "not owned by root";
	/* In a sticky directory nobody can replace the files of another user. */
	if ((st->st_mode & want->never) != 0 && (st->st_mode & S_ISVTX) == 0)
		return want->never == GROUP_OTHER_WRITE ? "writable by group or others"
							: "accessible by group or others";
	return (st->st_mode & want->always) != want->always ? "not executable" : NULL;
}

/* Returns what is wrong, or NULL. A symbolic link is not followed: the module would not either.
 */
static const char *examine_file(struct installed *row, const struct expected *want)
{
	struct stat st;
	if (lstat(row->path, &st) != 0) {
		if (errno != ENOENT)
			return strerror(errno);
		return want->absent != NULL ? want->absent : "missing";
	}
	const struct passwd *pw = getpwuid(st.st_uid);
	if (pw != NULL)
		snprintf(row->owner, sizeof(row->owner), "%s", pw->pw_name);
	else
		snprintf(row->owner, sizeof(row->owner), "%lu", (unsigned long)st.st_uid);
	snprintf(row->mode, sizeof(row->mode), "%04o", (unsigned)(st.st_mode & 07777));
	return file_fault_of(want, &st);
}

/* The helper gives up root for this user. */
static const char *examine_user(const char *name)
{
	const struct passwd *pw = getpwnam(name);
	if (pw == NULL)
		return "no such system user";
	return pw->pw_uid == 0 ? "is root: the helper must have no privileges" : NULL;
}

void installed_examine(const char *config_path, struct installed rows[INSTALLED_COUNT])
{
	const char *slash = strrchr(config_path, '/');
	/* The folder of "/config.json" is "/". */
	int len = slash == NULL || slash == config_path ? 1 : (int)(slash - config_path);
	const char *const examined[INSTALLED_COUNT] = {config_path,
	    slash != NULL ? config_path : ".", paths.helper, paths.cache, paths.run,
	    paths.module, paths.helper_user};
	for (size_t i = 0; i < INSTALLED_COUNT; i++) {
		const struct expected *want = &table[i];
		struct installed *row = &rows[i];
		*row = (struct installed){.what = want->what, .finding = want->finding};
		snprintf(row->path, sizeof(row->path), "%.*s",
		    want->finding == FOUND_FOLDER ? len : -1, examined[i]);
		row->remark =
		    want->type != 0 ? examine_file(row, want) : examine_user(row->path);
		bool has_file = row->owner[0] != '\0', is_good = row->remark == NULL;
		row->state = is_good                       ? INSTALLED_OK
			     : row->remark == want->absent ? INSTALLED_ABSENT
							   : INSTALLED_WRONG;
		snprintf(row->seen, sizeof(row->seen), "%s%s%s%s%s%s%s", row->path,
		    has_file ? "  " : "", row->owner, has_file ? " " : "", row->mode,
		    is_good ? "" : ": ", is_good ? "" : row->remark);
	}
}

void installed_report(struct output *out, struct findings *found, const char *config_path)
{
	static const char *const words[][2] = {[INSTALLED_OK] = {"ok", "ok"},
	    [INSTALLED_ABSENT] = {"-", "absent"},
	    [INSTALLED_WRONG] = {"FAIL", "wrong"}};
	struct installed rows[INSTALLED_COUNT];
	installed_examine(config_path, rows);
	output_json(out, "files:[");
	for (size_t i = 0; i < INSTALLED_COUNT; i++) {
		const struct installed *row = &rows[i];
		output_marked(out, words[row->state][0], "%-13s %s", row->what, row->seen);
		output_json(out, "{what:%s %s:%s state:%s", row->what,
		    row->finding == FOUND_USER ? "name" : "path", row->path,
		    words[row->state][1]);
		if (row->owner[0] != '\0')
			output_json(out, "owner:%s mode:%s", row->owner, row->mode);
		output_json(out, "detail:%s}", row->remark);
		if (row->state != INSTALLED_WRONG || row->finding == FOUND_CONFIG_FILE)
			continue;
		/* The module does not refuse a directory that is open to others; it is wrong
		 * all the same. */
		findings_add(found,
		    row->finding == FOUND_FOLDER ? FINDING_WARNING : FINDING_FAULT, "%s: %s",
		    row->path, row->remark);
	}
	output_json(out, "]");
}
