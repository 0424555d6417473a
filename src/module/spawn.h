/* SPDX-License-Identifier: MIT
 *
 * The helper process: start, end, reap. The only file that starts a process. It changes
 * no signal disposition, no environment and no descriptor of the host.
 */
#ifndef MODULE_SPAWN_H
#define MODULE_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

struct reason;

struct helper {
	/* -1: gone already, or it cannot be watched: then its socket's end ends it. */
	int pidfd;
	pid_t pid; /* -1: there is nobody to reap */
	int fd; /* our end of the socket; -1 when ended */
};

static const struct helper helper_none = {.pidfd = -1, .pid = -1, .fd = -1};

/* Starts paths.helper with its end of a socket pair as descriptor 0, /dev/null as 1 and 2,
 * nothing else open, a fixed environment, default signals and a session of its own.
 * Returns 0, or RESULT_HELPER_START with the reason set. */
int spawn_start(struct helper *, struct reason *);

/* Closes the socket. A helper that has given its verdict gets a moment to leave by itself;
 * any other is killed. Returns when it is reaped (or was by the host), or after
 * some seconds if it cannot die. */
void spawn_end(struct helper *, bool finished);

#endif
