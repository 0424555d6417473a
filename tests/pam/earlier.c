/* SPDX-License-Identifier: MIT
 *
 * A module that stands before ours in a password stack and has asked for the new password
 * already: it leaves its first argument in PAM_AUTHTOK.
 */
#include <security/pam_modules.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT int pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	if (((unsigned)flags & PAM_PRELIM_CHECK) != 0 || argc < 1)
		return PAM_SUCCESS;
	return pam_set_item(pamh, PAM_AUTHTOK, argv[0]);
}
