/* SPDX-License-Identifier: MIT
 *
 * What the helper gives up, before it reads a byte from anybody.
 */
#ifndef HELPER_CONFINE_H
#define HELPER_CONFINE_H

struct reason;

/* Checks that descriptor 0 is the module's socket; then, in this order: resource
 * limits, no groups and the ids of paths.helper_user, no new privileges, not dumpable, death
 * with the parent (setresuid clears an earlier wish). Returns 0, or RESULT_CONFINE with *why
 * set to static text; the caller must then do nothing but say so and leave. */
int confine(struct reason *reason);

#define CONFINE_FILES_MAX 64 /* open descriptors; a login needs a dozen */

#endif
