/* SPDX-License-Identifier: MIT */
#include "module/account.h"

#include <stdio.h>
#include <string.h>

#include "common/result.h"
#include "common/text.h"
#include "module/binding.h"
#include "module/recheck.h"
#include "module/ticket_file.h"
#include "module/transaction.h"

/* Whom this is about, by this host's word alone. *bound: auth has signed in this person, in
 * this transaction. Whoever auth has signed in, no other may follow. */
static int admit(struct transaction *t, bool *bound)
{
	int r = localuser_check(t->pamh, t->user, &t->options, &t->uid);
	*bound = false;
	if (r == RESULT_USER_UNKNOWN)
		return r;
	int b = binding_check(t->pamh, t->user, t->uid, t->service);
	if (b == RESULT_USER_CHANGED)
		return b;
	*bound = r == 0 && b == 0;
	t->unmanaged = !*bound && localuser_is_unmanaged(r, t->uid);
	return r == 0 && t->unmanaged ? RESULT_USER_ROOT : r;
}

static void tell_line(struct transaction *t, const struct ticket *k)
{
	struct ticket_line line;
	ticket_lines_find(buffer_text(&k->lines), t->service, &line);
	snprintf(t->flow, sizeof(t->flow), "ticket");
	snprintf(t->sub, sizeof(t->sub), "%s", k->sub);
	text_printable(line.rule, strlen(line.rule), t->rule, sizeof(t->rule));
}

/* By what is read without JSON, or else by the helper. */
static int decide_by(struct transaction *t, struct ticket *k, bool pending)
{
	struct ticket_line line;
	int r = recheck_judge(t, k);
	if (r == 0 && !recheck_holds(t, k, &line)) {
		r = recheck_run(t, "account", k, pending);
		/* It took a while, and somebody else ran meanwhile. */
		if (r == 0)
			r = transaction_still_the_same(t);
	}
	/* Unless the helper has told: another process may have asked it for both. */
	if (r == 0 && t->sub[0] == '\0')
		tell_line(t, k);
	return r;
}

/* For setcred and session: what this service is granted, and the claims. */
static int leave(struct transaction *t, const struct ticket *k)
{
	struct ticket_line line;
	ticket_lines_find(buffer_text(&k->lines), t->service, &line);
	return binding_allow(t->pamh, t->user, t->uid, line.groups, buffer_text(&k->exports));
}

static int decide(struct transaction *t)
{
	struct ticket own = {.user = ""};
	struct ticket *pending = binding_ticket(t->pamh);
	struct ticket *k = pending != NULL ? pending : &own;
	int r = transaction_examine(t);
	if (r == 0 && pending == NULL)
		ticket_file_read(t->uid, t->options.config, &own);
	if (r == 0)
		r = decide_by(t, k, pending != NULL);
	if (r == 0 && pending != NULL)
		r = recheck_keep(t, pending);
	if (r == 0)
		r = leave(t, k);
	if (r == 0 && pending != NULL)
		binding_ticket_kept(t->pamh);
	if (r != 0 && pending != NULL)
		recheck_replace(t, r, pending);
	ticket_wipe(&own);
	return r;
}

int account_decide(struct transaction *t)
{
	binding_allow_nobody(t->pamh);
	int r = admit(t, &t->bound);
	if (r == 0)
		r = decide(t);
	return r == 0 ? RESULT_ALLOWED : r;
}
