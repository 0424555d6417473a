/* SPDX-License-Identifier: MIT
 *
 * What the helper gives up before it reads any input.
 */
#ifndef HELPER_CONFINE_H
#define HELPER_CONFINE_H

#include <sys/types.h>

struct reason;

#define MODULE_SOCKET 0 /* the descriptor, however the helper came to be */
#define CONFINE_FILES_MAX 64 /* open descriptors; a login needs a dozen */

/* A helper that the module started. In this order: normal scheduling, resource limits, no
 * groups and the ids of paths.helper_user, no new privileges, not dumpable, death with the
 * parent (setresuid() clears an earlier request); then checks that descriptor 0 is the module's
 * socket. Returns 0, or RESULT_CONFINE with the reason set; the caller must then only report it
 * and exit. */
int confine(struct reason *);

/* The same for a child of the warm helper, which differs in three points: systemd has set the
 * ids, so they are checked; the parent is that service, which may end before its children; and
 * what tells the end of the host is the end of its socket. A child that misses that end is
 * killed by the kernel after an hour. */
int confine_child(struct reason *);

/* The warm helper itself, before it loads anything: no new privileges, not dumpable, no core.
 * Returns as confine(). */
int confine_service(struct reason *);

#endif
