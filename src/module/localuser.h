/* SPDX-License-Identifier: MIT
 *
 * The rules that need nobody's word but this host's: who may be signed in at all. Asked
 * before anything else, and again at the end.
 */
#ifndef MODULE_LOCALUSER_H
#define MODULE_LOCALUSER_H

#include <stdbool.h>
#include <sys/types.h>

struct options;

#define LOCALUSER_NAME_MAX 256 /* utmp and Linux stop at 32; directories at 256 */

/* The user exists under exactly this name, is not named in local=, is not uid 0 (unless
 * allow_root is given) and not below min_uid. Returns 0 with *uid set, RESULT_USER_UNKNOWN,
 * RESULT_USER_LOOKUP or RESULT_MEMORY (nobody could say), RESULT_USER_LOCAL, RESULT_USER_ROOT
 * or RESULT_USER_BELOW_MIN_UID. */
int localuser_check(const char *name, const struct options *, uid_t *uid);

/* Is this, by what localuser_check() said, somebody whom the pool does not know: root, a
 * service's user, a local person? (Root under allow_root too: only its own sign-in makes it
 * one of the pool's.) */
bool localuser_is_unmanaged(int result, uid_t uid);

#endif
