/* SPDX-License-Identifier: MIT
 *
 * A pending "cognito-oidc enable --try", as the module sees it: while STATEDIR/try exists, the
 * module notes whom it allowed for which service. "enable --keep" asks for such a note: a file
 * with which nobody has logged in yet is not kept.
 */
#ifndef MODULE_PENDING_TRY_H
#define MODULE_PENDING_TRY_H

/* Below paths.state. The notes are lines "SERVICE USER"; the file is made with the try, and
 * removed with it. */
#define PENDING_TRY "try"
#define PENDING_TRY_ALLOWED "try.allowed"
#define PENDING_TRY_ALLOWED_MAX (64u * 1024) /* some thousand logins: enough to know */

/* Notes it if a try is pending. No login fails because of it. */
void pending_try_note(const char *service, const char *user);

#endif
