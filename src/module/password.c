/* SPDX-License-Identifier: MIT */
#include <unistd.h>

#include "common/result.h"
#include "module/phases.h"
#include "module/transaction.h"

int password_change(struct transaction *t)
{
	struct verdict v;
	bool is_check = ((unsigned)t->flags & PAM_PRELIM_CHECK) != 0;
	struct request q = {
	    .purpose = is_check ? PURPOSE_CHECK : PURPOSE_CHANGE, .ticket_age = -1};
	t->told = is_check;
	int r = localuser_check(t->user, &t->options, &t->uid);
	t->unmanaged = localuser_is_unmanaged(r, t->uid);
	if (r != 0 || t->unmanaged)
		return r;
	/* Root cannot set what Cognito alone stores, and does not know the current password. */
	if (getuid() == 0)
		return RESULT_CHANGE_BY_ROOT;
	r = transaction_ask_helper(t, &q, NULL, NULL, &v);
	verdict_free(&v);
	return r;
}
