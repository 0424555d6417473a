/* SPDX-License-Identifier: MIT */
#include "cli/installed.h"

#include <errno.h>
#include <libgen.h>
#include <pwd.h>
#include <stdbool.h>
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
	const char *what, *path;
	mode_t type; /* S_IFREG or S_IFDIR */
	mode_t never; /* bits that must not be set */
	mode_t always; /* bits that must be */
	bool is_required;
	bool is_fault; /* what is wrong is a fault; else a warning, or found elsewhere */
};

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
	if (st->st_uid != TRUSTED_UID)
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

static void report(struct output *out, const struct expected *want, const char *owner,
    const char *mode, const char *wrong, bool is_absent)
{
	const char *state = wrong != NULL ? "wrong" : is_absent ? "absent" : "ok";
	const char *shown = wrong != NULL ? "FAIL" : is_absent ? "-" : "ok";
	const char *remark = wrong != NULL ? wrong
			     : is_absent   ? "made when it is needed"
					   : NULL;
	output_line(out, "%-4s %-13s %s%s%s%s%s%s%s", shown, want->what, want->path,
	    is_absent ? "" : "  ", owner, is_absent ? "" : " ", mode,
	    remark != NULL ? ": " : "", remark != NULL ? remark : "");
	output_object(out, NULL);
	output_string(out, "what", want->what);
	output_string(out, "path", want->path);
	output_string(out, "state", state);
	if (!is_absent) {
		output_string(out, "owner", owner);
		output_string(out, "mode", mode);
	}
	if (remark != NULL)
		output_string(out, "detail", remark);
	output_end_object(out);
}

static void examine(struct output *out, struct findings *found, const struct expected *want)
{
	struct stat st;
	char owner[64] = "", mode[8] = "";
	const char *wrong = NULL;
	bool is_absent = lstat(want->path, &st) != 0;
	if (is_absent && (errno != ENOENT || want->is_required))
		wrong = errno == ENOENT ? "not there" : strerror(errno);
	if (!is_absent) {
		name_owner(st.st_uid, owner, sizeof(owner));
		snprintf(mode, sizeof(mode), "%04o", (unsigned)(st.st_mode & 07777));
		wrong = fault_of(want, &st);
	}
	report(out, want, owner, mode, wrong, is_absent);
	if (wrong != NULL && want->is_fault)
		findings_fault(found, "%s: %s", want->path, wrong);
	else if (wrong != NULL && want->type == S_IFDIR)
		findings_warning(found, "%s: %s", want->path, wrong);
}

static void examine_user(struct output *out, struct findings *found)
{
	const struct passwd *pw = getpwnam(HELPER_USER);
	const char *wrong = pw == NULL        ? "no such system user"
			    : pw->pw_uid == 0 ? "is root: the helper must have no privileges"
					      : NULL;
	output_line(out, "%-4s %-13s %s%s%s", wrong == NULL ? "ok" : "FAIL", "system user",
	    HELPER_USER, wrong != NULL ? ": " : "", wrong != NULL ? wrong : "");
	output_object(out, NULL);
	output_string(out, "what", "system user");
	output_string(out, "name", HELPER_USER);
	output_string(out, "state", wrong != NULL ? "wrong" : "ok");
	if (wrong != NULL)
		output_string(out, "detail", wrong);
	output_end_object(out);
	if (wrong != NULL)
		findings_fault(found, "%s: %s", HELPER_USER, wrong);
}

void installed_report(struct output *out, struct findings *found, const char *config_path)
{
	char copy[PATH_BYTES];
	snprintf(copy, sizeof(copy), "%s", config_path);
	const struct expected all[] = {
	    {"config", config_path, S_IFREG, GROUP_OTHER_ANY, 0, true, false},
	    {"config folder", dirname(copy), S_IFDIR, GROUP_OTHER_WRITE, 0, true, false},
	    {"helper", HELPER_PATH, S_IFREG, GROUP_OTHER_WRITE, S_IXUSR, true, true},
	    {"cache", CACHEDIR, S_IFDIR, GROUP_OTHER_ANY, 0, false, true},
	    {"tickets", RUNDIR, S_IFDIR, GROUP_OTHER_ANY, 0, false, true},
	};
	output_array(out, "files");
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		examine(out, found, &all[i]);
	examine_user(out, found);
	output_end_array(out);
}
