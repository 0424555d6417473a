/* SPDX-License-Identifier: MIT
 *
 * The installation's files: is each what it must be, and whose is it?
 */
#ifndef CLI_INSTALLED_H
#define CLI_INSTALLED_H

#include <stdbool.h>

struct findings;
struct output;

enum installed_what {
	INSTALLED_CONFIG, /* its own faults are found by whoever reads it */
	INSTALLED_FOLDER,
	INSTALLED_HELPER,
	INSTALLED_CACHE,
	INSTALLED_RUN,
	INSTALLED_MODULE, /* where it was built for; doctor looks where libpam does */
	INSTALLED_USER, /* no file: the system user */
	INSTALLED_COUNT
};

struct installed {
	const char *what, *path; /* a user's path is its name */
	char owner[64], mode[8]; /* "" when absent, or no file */
	const char *wrong; /* NULL: as it must be */
	const char *absent; /* NULL: it is there; else a remark */
};

void installed_examine(const char *config_path, struct installed rows[INSTALLED_COUNT]);

/* One line, or one element of the open JSON array, for each; what is wrong becomes a
 * finding. */
void installed_report(struct output *, struct findings *, const char *config_path);

#endif
