/* SPDX-License-Identifier: MIT
 *
 * pam_cognito_oidc: people in an Amazon Cognito user pool log in to this host.
 *
 * The entry points. Everything hard happens in another process (src/helper); this one runs
 * inside sshd, sudo, su or login, as root, and links libpam and libc only.
 */
#define PAM_SM_AUTH
#define PAM_SM_ACCOUNT
#define PAM_SM_SESSION
#define PAM_SM_PASSWORD

#include <security/pam_modules.h>

#include "common/paths.h"
#include "common/result.h"
#include "common/text.h"
#include "module/pam_data.h"
#include "module/phases.h"
#include "module/transaction.h"

#define EXPORT __attribute__((visibility("default")))

/* Any result of src/common/result.h but the password phase's. */
EXPORT int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct transaction t;
	pam_data_clear(pamh);
	int result = transaction_begin(&t, pamh, flags, argc, argv);
	if (result == 0)
		result = authenticate_run(&t);
	/* Every refusal takes as long, whatever its reason. Only Ctrl-C is not delayed: nothing
	 * was answered, and nothing is learnt. */
	if (result != 0 && result != RESULT_CONVERSATION)
		pam_fail_delay(pamh, paths.fail_delay);
	return transaction_end(&t, "login", result);
}

/* PAM_IGNORE for users who are not in the pool, unless the PAM line denies them. Anyone else
 * without a live ticket: PAM_PERM_DENIED. */
EXPORT int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct transaction t;
	int result = transaction_begin(&t, pamh, flags, argc, argv);
	if (result == 0)
		result = account_run(&t);
	if (t.unmanaged && streq(t.options.unmanaged, "ignore"))
		return PAM_IGNORE;
	return transaction_end(&t, "login", result);
}

/* PAM_SUCCESS whenever there is nothing to do, so that a stack's jumps work; PAM_CRED_ERR
 * when the groups cannot be set. */
EXPORT int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct transaction t;
	int result = 0;
	bool establish = ((unsigned)flags & (PAM_DELETE_CRED | PAM_REFRESH_CRED)) == 0;
	if (establish && transaction_begin(&t, pamh, flags, argc, argv) == 0)
		result = setcred_run(&t);
	return result == 0 ? PAM_SUCCESS : PAM_CRED_ERR;
}

EXPORT int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct transaction t;
	if (transaction_begin(&t, pamh, flags, argc, argv) == 0)
		session_open(&t);
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

/* PAM_IGNORE for users who are not in the pool, and for a host that only wants expired
 * passwords changed: Cognito changes those at sign-in. */
EXPORT int pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct transaction t;
	int result = transaction_begin(&t, pamh, flags, argc, argv);
	if (result == 0 && ((unsigned)flags & PAM_CHANGE_EXPIRED_AUTHTOK) != 0)
		return PAM_IGNORE;
	if (result == 0)
		result = password_change(&t);
	return t.unmanaged ? PAM_IGNORE : transaction_end(&t, "password", result);
}
