/* SPDX-License-Identifier: MIT
 *
 * The installation's files and its system user: does each exist, with the owner and the mode
 * that it must have? check and doctor report them.
 */
#ifndef CLI_INSTALLED_H
#define CLI_INSTALLED_H

#include "common/finding.h"

struct findings;
struct output;

#define INSTALLED_COUNT 7

enum installed_state { INSTALLED_OK, INSTALLED_ABSENT, INSTALLED_WRONG };

struct installed {
	const char *what; /* what check calls it */
	enum finding_name finding; /* what doctor calls it */
	const char *path; /* or the system user's name */
	char owner[64], mode[8]; /* "" without a file */
	enum installed_state state; /* absent: it is created later, or may be elsewhere */
	const char *remark; /* static; NULL when ok */
	char seen[4608]; /* all of it, for people: "PATH  OWNER MODE: REMARK" */
};

struct installation {
	struct installed rows[INSTALLED_COUNT];
	char directory[4096]; /* of the configuration */
};

/* config_path is borrowed. */
void installed_examine(const char *config_path, struct installation *);

/* One line, or one element of the JSON array "files", for each; wrong ones become findings,
 * except the configuration's own, which are found by whoever reads it. */
void installed_report(struct output *, struct findings *, const char *config_path);

#endif
