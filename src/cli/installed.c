/* SPDX-License-Identifier: MIT */
#include "cli/installed.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/findings.h"
#include "cli/output.h"
#include "common/paths.h"

#define PATH_BYTES 4096
#define GROUP_OTHER_WRITE (S_IWGRP | S_IWOTH)
#define GROUP_OTHER_ANY (S_IRWXG | S_IRWXO)

struct expected {
	const char *what;
	mode_t type; /* S_IFREG or S_IFDIR */
	mode_t never; /* bits that must not be set */
	mode_t always; /* bits that must be */
	const char *absent; /* the remark on one that need not be there; NULL: it must */
};

#define LATER "made when it is needed"

static const struct expected files[] = {
    [INSTALLED_CONFIG] = {"config", S_IFREG, GROUP_OTHER_ANY, 0, NULL},
    [INSTALLED_FOLDER] = {"config folder", S_IFDIR, GROUP_OTHER_WRITE, 0, NULL},
    [INSTALLED_HELPER] = {"helper", S_IFREG, GROUP_OTHER_WRITE, S_IXUSR, NULL},
    [INSTALLED_CACHE] = {"cache", S_IFDIR, GROUP_OTHER_ANY, 0, LATER},
    [INSTALLED_RUN] = {"tickets", S_IFDIR, GROUP_OTHER_ANY, 0, LATER},
    [INSTALLED_MODULE] = {"module", S_IFREG, GROUP_OTHER_WRITE, 0, "not in its usual place"},
};
#define FILES (sizeof(files) / sizeof(files[0]))

static void name_owner(uid_t uid, char *out, size_t size)
{
	const struct passwd *pw = getpwuid(uid);
	if (pw != NULL)
		snprintf(out, size, "%s", pw->pw_name);
	else
		snprintf(out, size, "%lu", (unsigned long)uid);
}

/* NULL: as it must be. */
static const char *fault_of(const struct expected *want, const struct stat *st)
{
	if ((st->st_mode & S_IFMT) != want->type)
		return want->type == S_IFDIR ? "not a folder" : "not a regular file";
	if (st->st_uid != paths.trusted_uid)
		return "not owned by root";
	/* In a sticky folder nobody replaces another's files. */
	if ((st->st_mode & want->never) != 0 && (st->st_mode & S_ISVTX) == 0)
		return want->never == GROUP_OTHER_WRITE
			   ? "group or others may write to it"
			   : "group or others may read or write it";
	if ((st->st_mode & want->always) != want->always)
		return "not executable";
	return NULL;
}

static void examine_file(struct installed *row, const struct expected *want)
{
	struct stat st;
	row->what = want->what;
	if (lstat(row->path, &st) != 0) {
		row->absent = want->absent != NULL ? want->absent : "not there";
		if (errno != ENOENT || want->absent == NULL)
			row->wrong = errno == ENOENT ? row->absent : strerror(errno);
		return;
	}
	name_owner(st.st_uid, row->owner, sizeof(row->owner));
	snprintf(row->mode, sizeof(row->mode), "%04o", (unsigned)(st.st_mode & 07777));
	row->wrong = fault_of(want, &st);
}

static void examine_user(struct installed *row)
{
	const struct passwd *pw = getpwnam(paths.helper_user);
	row->what = "system user";
	row->wrong = pw == NULL        ? "no such system user"
		     : pw->pw_uid == 0 ? "is root: the helper must have no privileges"
				       : NULL;
}

/* What stands before the last '/'. */
static const char *folder_of(const char *path)
{
	static char folder[PATH_BYTES];
	const char *slash = strrchr(path, '/');
	if (slash == NULL)
		return ".";
	snprintf(folder, sizeof(folder), "%.*s", slash == path ? 1 : (int)(slash - path), path);
	return folder;
}

void installed_examine(const char *config_path, struct installed rows[INSTALLED_COUNT])
{
	const char *const examined[INSTALLED_COUNT] = {
	    [INSTALLED_CONFIG] = config_path,
	    [INSTALLED_FOLDER] = folder_of(config_path),
	    [INSTALLED_HELPER] = paths.helper,
	    [INSTALLED_CACHE] = paths.cache,
	    [INSTALLED_RUN] = paths.run,
	    [INSTALLED_MODULE] = paths.module,
	    [INSTALLED_USER] = paths.helper_user,
	};
	for (size_t i = 0; i < INSTALLED_COUNT; i++) {
		rows[i] = (struct installed){.path = examined[i]};
		if (i < FILES)
			examine_file(&rows[i], &files[i]);
		else
			examine_user(&rows[i]);
	}
}

static void report(struct output *out, const struct installed *row, bool is_file)
{
	const char *shown = row->wrong != NULL ? "FAIL" : row->absent != NULL ? "-" : "ok";
	const char *state = row->wrong != NULL    ? "wrong"
			    : row->absent != NULL ? "absent"
						  : "ok";
	const char *remark = row->wrong != NULL ? row->wrong : row->absent;
	output_line(out, "%-4s %-13s %s%s%s%s%s%s%s", shown, row->what, row->path,
	    row->owner[0] != '\0' ? "  " : "", row->owner, row->owner[0] != '\0' ? " " : "",
	    row->mode, remark != NULL ? ": " : "", remark != NULL ? remark : "");
	output_object(out, NULL);
	output_string(out, "what", row->what);
	output_string(out, is_file ? "path" : "name", row->path);
	output_string(out, "state", state);
	if (row->owner[0] != '\0') {
		output_string(out, "owner", row->owner);
		output_string(out, "mode", row->mode);
	}
	if (remark != NULL)
		output_string(out, "detail", remark);
	output_end_object(out);
}

/* The configuration's faults are found by whoever reads it; a folder that is open to others
 * is not refused by the module, and yet wrong. */
void installed_report(struct output *out, struct findings *found, const char *config_path)
{
	struct installed rows[INSTALLED_COUNT];
	installed_examine(config_path, rows);
	output_array(out, "files");
	for (int i = 0; i < INSTALLED_COUNT; i++) {
		report(out, &rows[i], i != INSTALLED_USER);
		if (rows[i].wrong == NULL || i == INSTALLED_CONFIG)
			continue;
		if (i == INSTALLED_FOLDER)
			findings_warning(found, "%s: %s", rows[i].path, rows[i].wrong);
		else
			findings_fault(found, "%s: %s", rows[i].path, rows[i].wrong);
	}
	output_end_array(out);
}
