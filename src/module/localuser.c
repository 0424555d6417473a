/* SPDX-License-Identifier: MIT */
#include "module/localuser.h"

#include <pwd.h>
#include <security/pam_modutil.h>
#include <string.h>

#include "common/result.h"
#include "common/text.h"
#include "module/options.h"

int localuser_check(pam_handle_t *pamh, const char *name, const struct options *o, uid_t *uid)
{
	*uid = (uid_t)-1;
	if (name == NULL || name[0] == '\0' || strlen(name) > LOCALUSER_NAME_MAX)
		return RESULT_USER_UNKNOWN;
	const struct passwd *pw = pam_modutil_getpwnam(pamh, name);
	/* A directory may fold case: "Alice" would then pass for alice and match no rule's
	 * name. */
	if (pw == NULL || pw->pw_uid == (uid_t)-1 || !streq(pw->pw_name, name))
		return RESULT_USER_UNKNOWN;
	if (options_list_has(o->local, name))
		return RESULT_USER_LOCAL;
	if (pw->pw_uid == 0 && !o->allow_root)
		return RESULT_USER_ROOT;
	if (pw->pw_uid != 0 && pw->pw_uid < (uid_t)o->min_uid)
		return RESULT_USER_BELOW_MIN_UID;
	*uid = pw->pw_uid;
	return 0;
}

bool localuser_is_unmanaged(int result, uid_t uid)
{
	if (result == 0)
		return uid == 0;
	return result == RESULT_USER_ROOT || result == RESULT_USER_BELOW_MIN_UID ||
	       result == RESULT_USER_LOCAL;
}
