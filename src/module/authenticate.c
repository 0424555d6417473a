/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/paths.h"
#include "common/result.h"
#include "common/sentence.h"
#include "common/text.h"
#include "module/answer.h"
#include "module/pam_data.h"
#include "module/phases.h"
#include "module/ticket_file.h"
#include "module/ticket_recheck.h"
#include "module/transaction.h"

/* A user whom this host refuses sees the same prompt as anybody else; the answer is wiped. */
static int refuse_locally(struct transaction *t, int result)
{
	const struct answer_source source = {t->pamh, &t->options, t->deadline, false};
	char *answer = NULL;
	bool typed = false;
	int r = answer_prompt(&source, "password", SENTENCE_PASSWORD, &typed, &answer);
	secret_free(answer);
	/* Others would be told the same of an answer that came late, or not at all. */
	bool is_same = r == RESULT_CONVERSATION || r == RESULT_CANCELLED ||
		       r == RESULT_ANSWER_LONG || r == RESULT_PERSON_SLOW;
	return is_same ? r : result;
}

/* The last word is this host's. A ticket that is not on the disk yet is moved into PAM's
 * storage; NULL: it is there already, verified at the time rechecked. */
static int pass_gate(struct transaction *t, struct ticket *fresh, int64_t rechecked)
{
	int r = transaction_still_the_same(t);
	struct pam_data *d = r == 0 ? pam_data_get(t->pamh) : NULL;
	if (d == NULL)
		return r == 0 ? RESULT_MEMORY : r;
	snprintf(d->user, sizeof(d->user), "%s", t->user);
	snprintf(d->service, sizeof(d->service), "%s", t->service);
	d->uid = t->uid;
	d->signed_in = true;
	d->pending = fresh != NULL;
	d->rechecked = rechecked;
	if (fresh != NULL) {
		d->ticket = *fresh;
		*fresh = (struct ticket){.user = ""};
	}
	return 0;
}

/* Under sudo the real uid is the caller's, whatever was typed; under su, sshd and login, or
 * when sudo asks for another user's password, it is not PAM_USER's. (transaction_begin() has
 * checked the effective uid.) */
static bool may_reuse(const struct transaction *t)
{
	const void *ruser = NULL;
	if (!t->options.reuse || t->uid == 0 || getuid() != t->uid ||
	    pam_get_item(t->pamh, PAM_RUSER, &ruser) != PAM_SUCCESS)
		return false;
	return ruser == NULL || streq(ruser, t->user);
}

/* Could a sign-in of now make good what the ticket lacks? After Cognito's refusal the ticket
 * itself says so. */
static bool is_for_the_person(int result)
{
	return result == RESULT_TICKET_NONE || result == RESULT_REFRESH_REUSE ||
	       result == RESULT_FRESH_NEEDED;
}

/* *asks: the normal flow is to ask the person. *verified: the ticket's time, after a yes. */
static int reuse(struct transaction *t, bool *asks, int64_t *verified)
{
	struct ticket k = {.user = ""};
	int r = RESULT_TICKET_NONE;
	/* Without a live ticket there is no reason to wait for its lock. */
	if (ticket_file_read(t->uid, t->options.config, &k) && ticket_recheck_judge(t, &k) == 0)
		r = ticket_recheck_run(t, PURPOSE_REUSE, &k, false);
	*asks = r != 0 && (k.refused || is_for_the_person(r));
	*verified = r == 0 ? k.verified : 0;
	ticket_wipe(&k);
	return r;
}

/* One run of the helper; expired: this user's own ticket that is over, or empty. */
static int ask_helper(struct transaction *t, struct ticket *fresh, struct ticket *expired)
{
	struct verdict v;
	struct request q = {
	    .purpose = PURPOSE_LOGIN,
	    .ticket_age = -1,
	    .expired = field_of(&expired->body),
	};
	bool changed = false;
	int r = transaction_ask_helper(t, &q, NULL, NULL, &v);
	int applied = ticket_apply(fresh, r, &v.news, t->fingerprint, &changed);
	snprintf(fresh->sub, sizeof(fresh->sub), "%s", v.sub);
	fresh->tracked = v.tracked;
	if (v.revoked && expired->body.len > 0)
		ticket_file_remove_expired(t->uid, t->options.config, clock_ms());
	verdict_free(&v);
	return applied != 0 ? applied : r;
}

static int sign_in(struct transaction *t)
{
	struct ticket fresh, expired = {.user = ""};
	const struct ticket_owner owner = transaction_owner(t);
	if (!ticket_begin(&fresh, &owner))
		return RESULT_TICKET_KEEP;
	/* Nobody else's ticket goes to this person's helper. Another user who started a set-uid
	 * host could stop it while it holds the lock of this one. */
	bool is_own = getuid() == paths.trusted_uid || getuid() == t->uid;
	if (!is_own || !ticket_file_read(t->uid, t->options.config, &expired) ||
	    ticket_judge(&expired, &owner) != TICKET_EXPIRED)
		ticket_wipe(&expired);
	int r = ask_helper(t, &fresh, &expired);
	if (r != 0)
		ticket_recheck_replace(t, r, &fresh);
	else
		r = pass_gate(t, &fresh, 0);
	ticket_wipe(&fresh);
	ticket_wipe(&expired);
	return r;
}

int authenticate_run(struct transaction *t)
{
	bool asks = true;
	int64_t verified = 0;
	int r = localuser_check(t->user, &t->options, &t->uid);
	if (r != 0)
		return refuse_locally(t, r);
	r = transaction_examine(t);
	if (r == RESULT_USER_LOCKED)
		return refuse_locally(t, r);
	if (r != 0)
		return r;
	if (may_reuse(t))
		r = reuse(t, &asks, &verified);
	if (asks)
		return sign_in(t);
	return r == 0 ? pass_gate(t, NULL, verified) : r;
}
