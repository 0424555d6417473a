/* SPDX-License-Identifier: MIT
 *
 * Who was signed in by this transaction: kept in PAM's own data from auth to account. The
 * host may have changed PAM_USER or PAM_SERVICE in between; then nobody was.
 */
#ifndef MODULE_BINDING_H
#define MODULE_BINDING_H

#include <security/pam_modules.h>
#include <sys/types.h>

/* Replaces what an earlier auth of this transaction bound. Returns 0 or RESULT_MEMORY. */
int binding_set(pam_handle_t *, const char *user, uid_t uid, const char *service);

/* Forgets it: an auth that begins owes nothing to the one before. */
void binding_clear(pam_handle_t *);

/* Is exactly this user, uid and service bound? Returns 0, RESULT_NOT_SIGNED_IN (nobody is)
 * or RESULT_USER_CHANGED. */
int binding_check(pam_handle_t *, const char *user, uid_t uid, const char *service);

#endif
