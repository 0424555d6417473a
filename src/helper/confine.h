/* SPDX-License-Identifier: MIT
 *
 * What the helper gives up before it reads any input.
 */
#ifndef HELPER_CONFINE_H
#define HELPER_CONFINE_H

struct reason;

#define CONFINE_FILES_MAX 64 /* open descriptors; a login needs a dozen */

/* In this order: normal scheduling, resource limits, no groups and the ids of
 * paths.helper_user, no new privileges, not dumpable, death with the parent (setresuid() clears
 * an earlier request); then checks that descriptor 0 is the module's socket. Returns 0, or
 * RESULT_CONFINE with the reason set; the caller must then only report it and exit. */
int confine(struct reason *);

#endif
