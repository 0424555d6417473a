/* SPDX-License-Identifier: MIT
 *
 * What the helper gives up, before it reads a byte from anybody.
 */
#ifndef HELPER_CONFINE_H
#define HELPER_CONFINE_H

/* Checks that descriptor 0 is the module's socket; then, in this order: resource
 * limits, no groups and the ids of HELPER_USER, no new privileges, not dumpable, death with
 * the parent (setresuid clears an earlier wish). Returns 0, or RESULT_CONFINE with *why set to
 * static text; the caller must then do nothing but say so and leave. */
int confine(const char **why);

/* For sanitizers and valgrind, which reserve terabytes of addresses, look at their own
 * process and write reports. Never in a build that is installed. */
#if !defined(CONFINE_SANITIZED) && defined(SANITIZED)
#define CONFINE_SANITIZED 1
#elif !defined(CONFINE_SANITIZED)
#define CONFINE_SANITIZED 0
#endif

#define CONFINE_FILES_MAX 64 /* open descriptors; a login needs a dozen */

#endif
