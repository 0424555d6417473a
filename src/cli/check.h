/* SPDX-License-Identifier: MIT
 *
 * What check finds, and doctor reports, too: faults and warnings of the configuration
 * (findings.c), and whether each file of the installation and its system user exists, with the
 * owner and the mode that it must have (installed.c).
 */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include <stddef.h>

#include "common/finding.h"

struct config;
struct output;

#define FINDINGS_MAX 48 /* more than check can find */

enum finding_kind { FINDING_WARNING, FINDING_FAULT };

struct finding {
	enum finding_kind kind;
	char text[1024];
};

struct findings {
	size_t len, faults;
	struct finding items[FINDINGS_MAX];
};

void findings_add(struct findings *, enum finding_kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What is allowed in a configuration, but rarely intended. */
void findings_of_config(struct findings *, const struct config *);

#define INSTALLED_COUNT 7

enum installed_state { INSTALLED_OK, INSTALLED_ABSENT, INSTALLED_WRONG };

struct installed {
	const char *what; /* what check calls it */
	enum finding_name finding; /* what doctor calls it */
	char path[4096]; /* or the system user's name */
	char owner[64], mode[8]; /* "" without a file */
	enum installed_state state; /* absent: it is created later, or may be elsewhere */
	const char *remark; /* static; NULL when ok */
	char seen[4608]; /* all of it, for people: "PATH  OWNER MODE: REMARK" */
};

void installed_examine(const char *config_path, struct installed rows[INSTALLED_COUNT]);

/* One line, or one element of the JSON array "files", for each; wrong ones become findings,
 * except the configuration's own, which its reader finds. */
void installed_report(struct output *, struct findings *, const char *config_path);

#endif
