/* SPDX-License-Identifier: MIT */
#include "module/allowed.h"

#include <stdio.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/paths.h"
#include "common/result.h"
#include "common/text.h"
#include "module/ticket_file.h"
#include "module/ticket_recheck.h"
#include "module/transaction.h"

/* With "recheck": 0 no decision ever holds. What account verified so recently still tells the
 * session that follows. Milliseconds. */
#define JUST_VERIFIED 60000

static bool is_believed(
    struct transaction *t, const struct ticket *k, struct ticket_decision *d)
{
	if (ticket_recheck_judge(t, k) != 0)
		return false;
	if (ticket_recheck_holds(t, k, d))
		return true;
	return ticket_decision_find(k, t->service, d) &&
	       streq(k->fingerprint, t->fingerprint) &&
	       clock_boot_ms() - k->verified < JUST_VERIFIED;
}

/* Never in a set-uid host: there PAM_USER is not the user who started it. */
static bool find_by_ticket(struct transaction *t, struct allowed *a)
{
	struct ticket k = {.user = ""};
	struct ticket_decision d;
	if (getuid() != paths.trusted_uid || transaction_examine(t) != 0)
		return false;
	int r = localuser_check(t->pamh, t->user, &t->options, &t->uid);
	if (r != 0 || localuser_is_unmanaged(r, t->uid))
		return false;
	bool found = ticket_file_read(t->uid, t->options.config, &k) && is_believed(t, &k, &d);
	if (found) {
		snprintf(a->user, sizeof(a->user), "%s", t->user);
		snprintf(a->groups, sizeof(a->groups), "%s", d.groups);
		a->uid = t->uid;
		buffer_wipe(&a->exports);
		found = buffer_append(&a->exports, k.exports.bytes, k.exports.len) == 0;
	}
	ticket_wipe(&k);
	return found;
}

const struct allowed *allowed_find(struct transaction *t)
{
	struct pam_data *d = pam_data_get(t->pamh);
	if (d == NULL)
		return NULL;
	if (d->decided)
		return d->has_allowed ? &d->allowed : NULL;
	/* auth ran in this process and account did not: nobody was allowed. */
	if (d->signed_in || !find_by_ticket(t, &d->allowed))
		return NULL;
	return &d->allowed;
}
