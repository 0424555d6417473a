/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "common/result.h"
#include "common/text.h"
#include "module/pam_data.h"
#include "module/phases.h"
#include "module/ticket_file.h"
#include "module/ticket_recheck.h"
#include "module/transaction.h"

/* Whom this is about, by this host's word alone. After auth signed somebody in, nobody else
 * may follow. */
static int admit(struct transaction *t, const struct pam_data *d)
{
	int r = localuser_check(t->pamh, t->user, &t->options, &t->uid);
	if (r == RESULT_USER_UNKNOWN)
		return r;
	int signed_in = pam_data_check(d, t->user, t->uid, t->service);
	if (signed_in == RESULT_USER_CHANGED)
		return signed_in;
	t->told = r == 0 && signed_in == 0;
	t->unmanaged = !t->told && localuser_is_unmanaged(r, t->uid);
	return r == 0 && t->unmanaged ? RESULT_USER_ROOT : r;
}

/* By the decision that the ticket holds, or else by the helper. */
static int decide(struct transaction *t, struct ticket *k, bool pending)
{
	struct ticket_decision d;
	int r = ticket_recheck_judge(t, k);
	if (r != 0)
		return r;
	if (!ticket_recheck_holds(t, k, &d)) {
		r = ticket_recheck_run(t, PURPOSE_ACCOUNT, k, pending);
		/* It took a while, and the host ran meanwhile. */
		if (r == 0)
			r = transaction_still_the_same(t);
	}
	/* The helper did not say, or another process asked it for both. */
	if (r == 0 && t->sub[0] == '\0') {
		ticket_decision_find(k, t->service, &d);
		snprintf(t->flow, sizeof(t->flow), "ticket");
		snprintf(t->sub, sizeof(t->sub), "%s", k->sub);
		text_printable(d.rule, strlen(d.rule), t->rule, sizeof(t->rule));
	}
	return r;
}

/* For setcred and session: the groups for this service, and the claims. */
static int leave(const struct transaction *t, const struct ticket *k, struct pam_data *d)
{
	struct ticket_decision decision;
	struct allowed *a = &d->allowed;
	ticket_decision_find(k, t->service, &decision);
	snprintf(a->user, sizeof(a->user), "%s", t->user);
	snprintf(a->groups, sizeof(a->groups), "%s", decision.groups);
	a->uid = t->uid;
	int r = buffer_append(&a->exports, k->exports.bytes, k->exports.len);
	d->has_allowed = r == 0;
	return r;
}

static int decide_signed_in(struct transaction *t, struct pam_data *d)
{
	struct ticket *k = &d->ticket;
	int r = transaction_examine(t);
	if (r == 0)
		r = decide(t, k, true);
	if (r == 0)
		r = ticket_recheck_keep(t, k);
	if (r == 0)
		r = leave(t, k, d);
	if (r != 0) {
		ticket_recheck_replace(t, r, k);
		return r;
	}
	/* It is on the disk now. */
	ticket_wipe(k);
	d->pending = false;
	return 0;
}

static int decide_by_ticket(struct transaction *t, struct pam_data *d)
{
	struct ticket k = {.user = ""};
	int r = transaction_examine(t);
	if (r == 0) {
		ticket_file_read(t->uid, t->options.config, &k);
		r = decide(t, &k, false);
	}
	if (r == 0)
		r = leave(t, &k, d);
	ticket_wipe(&k);
	return r;
}

int account_run(struct transaction *t)
{
	struct pam_data *d = pam_data_get(t->pamh);
	if (d == NULL)
		return RESULT_MEMORY;
	/* Whatever an earlier account said, nobody is allowed from here on. */
	d->decided = true;
	d->has_allowed = false;
	buffer_wipe(&d->allowed.exports);
	int r = admit(t, d);
	if (r != 0)
		return r;
	return d->pending ? decide_signed_in(t, d) : decide_by_ticket(t, d);
}
