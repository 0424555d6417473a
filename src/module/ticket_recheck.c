/* SPDX-License-Identifier: MIT */
#include "module/ticket_recheck.h"

#include <string.h>

#include "common/clock.h"
#include "common/result.h"
#include "common/text.h"
#include "module/file.h"
#include "module/ticket_file.h"
#include "module/transaction.h"

static enum ticket_worth judge(const struct transaction *t, const struct ticket *k)
{
	const struct ticket_owner owner = transaction_owner(t);
	return ticket_judge(k, &owner);
}

int ticket_recheck_judge(struct transaction *t, const struct ticket *k)
{
	static const char *const words[] = {
	    [TICKET_ABSENT] = "there is none for this user",
	    [TICKET_EXPIRED] = "it has expired",
	    [TICKET_REFUSED] = "Cognito has refused it",
	};
	enum ticket_worth worth = judge(t, k);
	if (worth == TICKET_LIVE)
		return 0;
	return reason_set(&t->reason, RESULT_TICKET_NONE, "%s", words[worth]);
}

bool ticket_recheck_holds(const struct transaction *t, const struct ticket *k)
{
	struct ticket_decision d;
	return ticket_decision_find(k, t->service, &d) &&
	       streq(k->fingerprint, t->fingerprint) &&
	       ticket_decision_left(k, &d, clock_boot_ms()) > 0;
}

/* A ticket that is asked about. */
struct asked {
	struct ticket *ticket;
	bool pending; /* not on the disk */
	bool rotated; /* in this run: the refresh token before it is dead */
};

/* On the disk before anything else is done: it may hold the only good refresh token. */
static int keep(const struct asked *a)
{
	return a->pending ? 0 : ticket_file_write_or_remove(a->ticket);
}

static int rotate(void *arg, const struct field *body)
{
	struct asked *a = arg;
	int r = ticket_rotate(a->ticket, body);
	a->rotated = a->rotated || r == 0;
	return r == 0 ? keep(a) : r;
}

/* Applies the verdict. An approval of somebody else is a breach of the protocol, and after one
 * nothing that this run changed is believed either. */
static int apply(struct transaction *t, struct asked *a, int r, const struct verdict *v)
{
	struct ticket *k = a->ticket;
	bool changed = false;
	if (r == 0 && !streq(v->sub, k->sub))
		r = RESULT_HELPER_FRAME;
	int applied = ticket_apply(k, r, &v->news, t->fingerprint, &changed);
	r = applied != 0 ? applied : r;
	if (r == RESULT_HELPER_FRAME && a->rotated) {
		ticket_refuse(k);
		changed = true;
	}
	int kept = changed ? keep(a) : 0;
	if (kept != 0 || r != 0)
		return kept != 0 ? kept : r;
	/* ticket_lifetime may have become shorter than this ticket is old. */
	return ticket_recheck_judge(t, k);
}

static int ask(struct transaction *t, enum purpose purpose, struct asked *a)
{
	struct verdict v;
	struct ticket *k = a->ticket;
	struct request q = {
	    .purpose = purpose,
	    .ticket = field_of(&k->body),
	    .ticket_age = (long)((clock_boot_ms() - k->verified) / 1000),
	};
	a->rotated = false;
	int r = transaction_ask_helper(t, &q, rotate, a, &v);
	r = apply(t, a, r, &v);
	verdict_free(&v);
	return r;
}

static int read_again(struct transaction *t, struct ticket *k)
{
	ticket_file_read(t->uid, t->options.config, k);
	return ticket_recheck_judge(t, k);
}

/* "Used before": another process may have written a newer token between our reading and
 * Cognito's answer. Then that one is asked about, once. */
static int ask_again_if_newer(struct transaction *t, enum purpose purpose, struct asked *a)
{
	struct ticket *k = a->ticket;
	struct buffer sent = BUFFER_INIT(k->body.max);
	int r = buffer_append(&sent, k->body.bytes, k->body.len);
	if (r == 0)
		r = ask(t, purpose, a);
	if (r == RESULT_REFRESH_REUSE && read_again(t, k) == 0 &&
	    (k->body.len != sent.len || memcmp(k->body.bytes, sent.bytes, sent.len) != 0))
		r = ask(t, purpose, a);
	buffer_wipe(&sent);
	return r;
}

static int run_locked(struct transaction *t, enum purpose purpose, struct asked *a)
{
	if (a->pending)
		return ask(t, purpose, a);
	int r = read_again(t, a->ticket);
	if (r != 0 || (purpose == PURPOSE_ACCOUNT && ticket_recheck_holds(t, a->ticket)))
		return r;
	if (clock_left(t->deadline) < REQUEST_REFRESH_LEAST_MS)
		return RESULT_TICKET_LOCK;
	/* A rotated refresh token that cannot be written would be lost. */
	return file_may_write(TICKET_BYTES_MAX) ? ask_again_if_newer(t, purpose, a)
						: RESULT_TICKET_KEEP;
}

int ticket_recheck_run(
    struct transaction *t, enum purpose purpose, struct ticket *k, bool pending)
{
	struct asked asked = {.ticket = k, .pending = pending};
	int lock = -1;
	int r = ticket_file_lock(t->uid, t->options.config, t->deadline, &lock);
	if (r == 0)
		r = run_locked(t, purpose, &asked);
	ticket_file_unlock(&lock);
	return r;
}

static bool is_same_body(const struct ticket *a, const struct ticket *b)
{
	return a->body.len == b->body.len &&
	       memcmp(buffer_text(&a->body), buffer_text(&b->body), a->body.len) == 0;
}

/* A pool that tracks devices keeps one for each sign-in that is not revoked; at others the
 * refresh token of a ticket that nobody has any more expires by itself. */
int ticket_recheck_keep(struct transaction *t, const struct ticket *k)
{
	struct ticket old = {.user = ""};
	int lock = -1;
	int r = ticket_file_lock(t->uid, t->options.config, t->deadline, &lock);
	if (r == 0 && k->tracked)
		ticket_file_read(t->uid, t->options.config, &old);
	if (r == 0)
		r = ticket_file_write(k);
	ticket_file_unlock(&lock);
	if (r == 0 && k->tracked && !is_same_body(&old, k))
		transaction_revoke(t, &old);
	ticket_wipe(&old);
	return r;
}

/* Under the lock. Whose sign-in is over by that? NULL: nobody's. */
static const struct ticket *replace_live(
    struct transaction *t, bool is_refused, const struct ticket *fresh, struct ticket *old)
{
	bool is_live =
	    ticket_file_read(t->uid, t->options.config, old) && judge(t, old) == TICKET_LIVE;
	if (is_live && is_refused) {
		ticket_refuse(old);
		ticket_file_write_or_remove(old);
		return NULL;
	}
	if (is_live && streq(fresh->sub, old->sub)) {
		ticket_file_write_or_remove(fresh);
		return old;
	}
	return fresh;
}

void ticket_recheck_replace(struct transaction *t, int result, const struct ticket *fresh)
{
	struct ticket old = {.user = ""};
	const struct ticket *over = fresh;
	int lock = -1;
	/* The rules judge nobody whose token did not verify. */
	bool is_verified = result_class(result) == CLASS_RULES;
	/* A Lambda and threat protection judge an attempt, and anybody can make one in this
	 * user's name: what they say of the user, the next refresh tells. */
	bool is_refused =
	    fresh->refused && result != RESULT_LAMBDA && result != RESULT_SECURITY;
	if (!is_refused && !is_verified)
		return;
	if (ticket_file_lock(t->uid, t->options.config, t->deadline, &lock) == 0)
		over = replace_live(t, is_refused, fresh, &old);
	ticket_file_unlock(&lock);
	if (over != NULL && fresh->tracked)
		transaction_revoke(t, over);
	ticket_wipe(&old);
}
