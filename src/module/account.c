/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/paths.h"
#include "common/result.h"
#include "common/text.h"
#include "module/pam_data.h"
#include "module/pending_try.h"
#include "module/phases.h"
#include "module/ticket_file.h"
#include "module/ticket_recheck.h"
#include "module/transaction.h"

/* With "recheck": 0 no decision ever holds. What account verified so recently still tells the
 * session that follows. Milliseconds. */
#define JUST_VERIFIED 60000

/* Between auth and account of one sudo nothing is asked; another module of the stack may ask,
 * and then the person may take any time. Milliseconds. */
#define JUST_REUSED 5000

/* Whom this is about, by this host's word alone. After auth signed somebody in, nobody else
 * may follow. */
static int admit(struct transaction *t, const struct pam_data *d)
{
	int r = localuser_check(t->user, &t->options, &t->uid);
	if (r != 0 && !localuser_is_unmanaged(r, t->uid))
		return r;
	int signed_in = pam_data_check(d, t->user, t->uid, t->service);
	if (signed_in == RESULT_USER_CHANGED)
		return signed_in;
	t->told = r == 0 && signed_in == 0;
	t->unmanaged = !t->told && localuser_is_unmanaged(r, t->uid);
	return r == 0 && t->unmanaged ? RESULT_USER_ROOT : r;
}

/* Has the option reuse asked Cognito and the rules a moment ago, in this transaction? */
static bool is_just_reused(const struct transaction *t, const struct ticket *k, int64_t reused)
{
	struct ticket_decision d;
	return reused != 0 && k->verified == reused && clock_boot_ms() - reused < JUST_REUSED &&
	       streq(k->fingerprint, t->fingerprint) && ticket_decision_find(k, t->service, &d);
}

/* By the decision that the ticket holds, or else by the helper. reused: when the ticket was
 * verified by the option reuse, or 0. */
static int decide(struct transaction *t, struct ticket *k, bool pending, int64_t reused)
{
	struct ticket_decision d;
	int r = ticket_recheck_judge(t, k);
	if (r != 0)
		return r;
	if (!ticket_recheck_holds(t, k) && !is_just_reused(t, k, reused)) {
		r = ticket_recheck_run(t, PURPOSE_ACCOUNT, k, pending);
		/* It took a while, and the host ran meanwhile. */
		if (r == 0)
			r = transaction_still_the_same(t);
	}
	/* The helper did not say, or another process asked it for both. */
	if ((r == 0 || r == RESULT_TICKET_LOCK) && t->sub[0] == '\0') {
		ticket_decision_find(k, t->service, &d);
		snprintf(t->flow, sizeof(t->flow), "ticket");
		snprintf(t->sub, sizeof(t->sub), "%s", k->sub);
		text_printable(d.rule, strlen(d.rule), t->rule, sizeof(t->rule));
	}
	return r;
}

/* For setcred and session: the groups for this service, and the claims. Returns 0 or
 * RESULT_MEMORY. */
static int fill_allowed(const struct transaction *t, const struct ticket *k, struct allowed *a)
{
	struct ticket_decision d;
	ticket_decision_find(k, t->service, &d);
	snprintf(a->user, sizeof(a->user), "%s", t->user);
	snprintf(a->groups, sizeof(a->groups), "%s", d.groups);
	a->uid = t->uid;
	buffer_wipe(&a->exports);
	return buffer_append(&a->exports, k->exports.bytes, k->exports.len);
}

/* By the ticket of the auth before it, or else by the one on the disk. */
static int decide_by_ticket(struct transaction *t, struct pam_data *d)
{
	struct ticket *k = &d->ticket;
	int64_t reused = d->rechecked;
	int r = transaction_examine(t);
	d->rechecked = 0; /* for one account alone */
	if (r == 0 && !d->pending)
		ticket_file_read(t->uid, t->options.config, k);
	if (r == 0)
		r = decide(t, k, d->pending, reused);
	if (r == 0 && d->pending)
		r = ticket_recheck_keep(t, k);
	if (r == 0)
		r = fill_allowed(t, k, &d->allowed);
	if (r != 0 && d->pending) {
		ticket_recheck_replace(t, r, k);
		return r;
	}
	/* It is on the disk, or nowhere. */
	ticket_wipe(k);
	d->pending = false;
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
	if (r == 0)
		r = decide_by_ticket(t, d);
	d->has_allowed = r == 0;
	if (d->has_allowed)
		pending_try_note(t->service, t->user);
	return r;
}

/* ---- setcred and session --------------------------------------------------------------- */

static bool is_believed(struct transaction *t, const struct ticket *k)
{
	struct ticket_decision d;
	bool is_recent = ticket_decision_find(k, t->service, &d) &&
			 streq(k->fingerprint, t->fingerprint) &&
			 clock_boot_ms() - k->verified < JUST_VERIFIED;
	return ticket_recheck_judge(t, k) == 0 && (is_recent || ticket_recheck_holds(t, k));
}

/* Never in a set-uid host: there PAM_USER is not the user who started it. */
static bool find_by_ticket(struct transaction *t, struct allowed *a)
{
	struct ticket k = {.user = ""};
	if (getuid() != paths.trusted_uid)
		return false;
	int r = localuser_check(t->user, &t->options, &t->uid);
	if (r != 0 || localuser_is_unmanaged(r, t->uid) || transaction_examine(t) != 0)
		return false;
	bool found = ticket_file_read(t->uid, t->options.config, &k) && is_believed(t, &k) &&
		     fill_allowed(t, &k, a) == 0;
	ticket_wipe(&k);
	return found;
}

const struct allowed *account_allowed(struct transaction *t)
{
	struct pam_data *d = pam_data_get(t->pamh);
	if (d != NULL && d->decided)
		return d->has_allowed ? &d->allowed : NULL;
	/* auth ran in this process and account did not: nobody was allowed. */
	if (d == NULL || d->signed_in || !find_by_ticket(t, &d->allowed))
		return NULL;
	return &d->allowed;
}
