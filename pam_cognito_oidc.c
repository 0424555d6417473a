/* SPDX-License-Identifier: MIT
 *
 * pam_cognito_oidc: people in an Amazon Cognito user pool log in to this host.
 *
 * The entry points. Everything that is hard happens in another process (src/helper); this
 * one runs inside sshd, sudo, su or login, as root, and links libpam and libc only.
 */
#define PAM_SM_AUTH
#define PAM_SM_ACCOUNT
#define PAM_SM_SESSION
#define PAM_SM_PASSWORD

#include <security/pam_modules.h>

#include "common/paths.h"
#include "common/result.h"
#include "module/account.h"
#include "module/binding.h"
#include "module/grants.h"
#include "module/session.h"
#include "module/transaction.h"

#define EXPORT __attribute__((visibility("default")))

/* Possible results: every row of src/common/result.h but the password phase's. */
EXPORT int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct transaction t;
	binding_clear(pamh);
	int result = transaction_begin(&t, pamh, flags, argc, argv);
	if (result == 0)
		result = transaction_authenticate(&t);
	/* Every refusal takes as long, whatever its reason; but whoever presses Ctrl-C has
	 * answered nothing, learns nothing, and is not kept waiting. */
	if (result != RESULT_ALLOWED && result != RESULT_CONVERSATION)
		pam_fail_delay(pamh, paths.fail_delay);
	return transaction_end(&t, "login", result);
}

/* PAM_IGNORE for those who are none of the pool's people, unless the PAM line denies them.
 * Everyone else without a live ticket: PAM_PERM_DENIED. */
EXPORT int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct transaction t;
	int result = transaction_begin(&t, pamh, flags, argc, argv);
	if (result == 0)
		result = account_decide(&t);
	if (t.unmanaged && !t.options.deny_unmanaged)
		return PAM_IGNORE;
	return transaction_end(&t, "login", result);
}

/* PAM_SUCCESS whenever there is nothing to do, so that a stack's jumps are not upset;
 * PAM_CRED_ERR when the groups cannot be set. */
EXPORT int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct transaction t;
	int result = 0;
	bool establish = ((unsigned)flags & (PAM_DELETE_CRED | PAM_REFRESH_CRED)) == 0;
	if (establish && transaction_begin(&t, pamh, flags, argc, argv) == 0)
		result = grants_add(&t);
	return result == 0 ? PAM_SUCCESS : PAM_CRED_ERR;
}

EXPORT int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct transaction t;
	if (transaction_begin(&t, pamh, flags, argc, argv) == 0)
		session_export(&t);
	return PAM_SUCCESS;
}

EXPORT int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_SUCCESS;
}

/* PAM_IGNORE for those who are none of ours, and for a host that only wants expired
 * passwords changed: Cognito changes those at sign-in. */
EXPORT int pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct transaction t;
	int result = transaction_begin(&t, pamh, flags, argc, argv);
	if (result == 0 && ((unsigned)flags & PAM_CHANGE_EXPIRED_AUTHTOK) != 0)
		return PAM_IGNORE;
	if (result == 0 && transaction_is_unmanaged(&t))
		return PAM_IGNORE;
	if (result == 0)
		result = transaction_change(&t);
	int rc = transaction_end(&t, "password", result);
	return result == RESULT_DONE ? PAM_SUCCESS : rc;
}
