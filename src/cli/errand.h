/* SPDX-License-Identifier: MIT
 *
 * The helper, sent out by the command: the same program as in a login, confined as there,
 * because a root shell's environment must not decide anything here either.
 */
#ifndef CLI_ERRAND_H
#define CLI_ERRAND_H

#include <stdbool.h>
#include <stddef.h>

struct buffer;
struct diagnosis;

struct errand {
	const char *purpose; /* message.h's: "probe", "keys" or "revoke" */
	const char *config_path;
	const struct buffer *config; /* the file's content */
	const struct buffer *ticket; /* of "revoke": the body; NULL for the others */
	struct diagnosis *diagnosis; /* takes what a probe finds; NULL: nothing is expected */
	/* why it failed, printable */
	char why[512];
};

/* Returns RESULT_DONE, or why not with why set; never 0. A key set that comes is kept. */
int errand_run(struct errand *);

#endif
