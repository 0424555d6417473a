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

/* A symbolic link is not followed: the module would not either. */
static void examine_file(struct installed *row, const struct expected *want)
{
	struct stat st;
	if (lstat(row->path, &st) != 0) {
		bool is_absent = errno == ENOENT && want->absent != NULL;
		row->state = is_absent ? INSTALLED_ABSENT : INSTALLED_WRONG;
		row->remark = is_absent         ? want->absent
			      : errno == ENOENT ? "missing"
						: strerror(errno);
		return;
	}
	const struct passwd *pw = getpwuid(st.st_uid);
	if (pw != NULL)
		snprintf(row->owner, sizeof(row->owner), "%s", pw->pw_name);
	else
		snprintf(row->owner, sizeof(row->owner), "%lu", (unsigned long)st.st_uid);
	snprintf(row->mode, sizeof(row->mode), "%04o", (unsigned)(st.st_mode & 07777));
	row->remark = file_fault_of(want, &st);
	row->state = row->remark != NULL ? INSTALLED_WRONG : INSTALLED_OK;
}

/* The helper gives up root for this user. */
static void examine_user(struct installed *row)
{
	const struct passwd *pw = getpwnam(row->path);
	if (pw == NULL)
		row->remark = "no such system user";
	else if (pw->pw_uid == 0)
		row->remark = "is root: the helper must have no privileges";
	row->state = row->remark != NULL ? INSTALLED_WRONG : INSTALLED_OK;
}

void installed_examine(const char *config_path, struct installation *installation)
{
	char *directory = installation->directory;
	const char *slash = strrchr(config_path, '/');
	const char *const examined[INSTALLED_COUNT] = {config_path, directory, paths.helper,
	    paths.cache, paths.run, paths.module, paths.helper_user};
	if (slash == NULL)
		snprintf(directory, sizeof(installation->directory), ".");
	else
		snprintf(directory, sizeof(installation->directory), "%.*s",
		    slash == config_path ? 1 : (int)(slash - config_path), config_path);
	for (size_t i = 0; i < INSTALLED_COUNT; i++) {
		struct installed *row = &installation->rows[i];
		*row = (struct installed){
		    .what = table[i].what, .finding = table[i].finding, .path = examined[i]};
		if (table[i].type != 0)
			examine_file(row, &table[i]);
		else
			examine_user(row);
		snprintf(row->seen, sizeof(row->seen), "%.4096s%s%s%s%s%s%s", row->path,
		    row->owner[0] != '\0' ? "  " : "", row->owner,
		    row->mode[0] != '\0' ? " " : "", row->mode, row->remark != NULL ? ": " : "",
		    row->remark != NULL ? row->remark : "");
	}
}

static void report(struct output *out, const struct installed *row)
{
	static const char *const marks[] = {
	    [INSTALLED_OK] = "ok", [INSTALLED_ABSENT] = "-", [INSTALLED_WRONG] = "FAIL"};
	static const char *const states[] = {
	    [INSTALLED_OK] = "ok", [INSTALLED_ABSENT] = "absent", [INSTALLED_WRONG] = "wrong"};
	output_line(out, "%-4s %-13s %s", marks[row->state], row->what, row->seen);
	output_object(out, NULL);
	output_string(out, "what", row->what);
	output_string(out, row->finding == FOUND_USER ? "name" : "path", row->path);
	output_string(out, "state", states[row->state]);
	if (row->owner[0] != '\0') {
		output_string(out, "owner", row->owner);
		output_string(out, "mode", row->mode);
	}
	if (row->remark != NULL)
		output_string(out, "detail", row->remark);
	output_end_object(out);
}

void installed_report(struct output *out, struct findings *found, const char *config_path)
{
	struct installation installation;
	installed_examine(config_path, &installation);
	output_array(out, "files");
	for (size_t i = 0; i < INSTALLED_COUNT; i++) {
		const struct installed *row = &installation.rows[i];
		report(out, row);
		if (row->state != INSTALLED_WRONG || row->finding == FOUND_CONFIG_FILE)
			continue;
		/* The module does not refuse a directory that is open to others; it is wrong
		 * all the same. */
		if (row->finding == FOUND_FOLDER)
			findings_warning(found, "%s: %s", row->path, row->remark);
		else
			findings_fault(found, "%s: %s", row->path, row->remark);
	}
	output_end_array(out);
}
