/* SPDX-License-Identifier: MIT */
#include "module/localuser.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>

#include "common/result.h"
#include "common/text.h"
#include "module/options.h"

#define ENTRY_MAX 16384 /* bytes of an entry; useradd's have 100 */

/* A directory that does not answer has not said that there is no such user. getpwnam_r(3) names
 * the errors that say so. */
static int result_of(int error, const struct passwd *found)
{
	if (found != NULL)
		return 0;
	if (error == ENOMEM)
		return RESULT_MEMORY;
	bool is_unknown =
	    error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM;
	return is_unknown ? RESULT_USER_UNKNOWN : RESULT_USER_LOOKUP;
}

/* libpam's own function does not tell why it found nobody. */
static int find(const char *name, uid_t *uid)
{
	struct passwd pw, *found = NULL;
	char entry[ENTRY_MAX];
	int error = getpwnam_r(name, &pw, entry, sizeof(entry), &found);
	int r = result_of(error, found);
	/* A directory may fold case: "Alice" would then pass for alice and match no rule's
	 * name. */
	if (r == 0 && (pw.pw_uid == (uid_t)-1 || !streq(pw.pw_name, name)))
		r = RESULT_USER_UNKNOWN;
	if (r == 0)
		*uid = pw.pw_uid;
	return r;
}

int localuser_check(const char *name, const struct options *o, uid_t *uid)
{
	uid_t found = (uid_t)-1;
	*uid = (uid_t)-1;
	if (name == NULL || name[0] == '\0' || strlen(name) > LOCALUSER_NAME_MAX)
		return RESULT_USER_UNKNOWN;
	int r = find(name, &found);
	if (r != 0)
		return r;
	if (options_list_has(o->local, name))
		return RESULT_USER_LOCAL;
	if (found == 0 && !o->allow_root)
		return RESULT_USER_ROOT;
	if (found != 0 && found < (uid_t)o->min_uid)
		return RESULT_USER_BELOW_MIN_UID;
	*uid = found;
	return 0;
}

bool localuser_is_unmanaged(int result, uid_t uid)
{
	if (result == 0)
		return uid == 0;
	return result == RESULT_USER_ROOT || result == RESULT_USER_BELOW_MIN_UID ||
	       result == RESULT_USER_LOCAL;
}
