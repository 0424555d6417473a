/* SPDX-License-Identifier: MIT */
#include "module/recheck.h"

#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/result.h"
#include "common/text.h"
#include "module/ticket_file.h"
#include "module/transaction.h"

void recheck_owner(const struct transaction *t, struct ticket_owner *h)
{
	*h =
	    (struct ticket_owner){t->user, t->uid, t->options.config, t->boot, clock_boot_ms()};
}

int recheck_judge(struct transaction *t, const struct ticket *k)
{
	static const char *const words[] = {
	    [TICKET_ABSENT] = "there is none for this user",
	    [TICKET_EXPIRED] = "it has expired",
	    [TICKET_REFUSED] = "Cognito has refused it",
	};
	struct ticket_owner holder;
	recheck_owner(t, &holder);
	enum ticket_worth worth = ticket_judge(k, &holder);
	if (worth == TICKET_LIVE)
		return 0;
	transaction_explain(t, words[worth]);
	return RESULT_TICKET_NONE;
}

bool recheck_holds(
    const struct transaction *t, const struct ticket *k, struct ticket_line *line)
{
	return streq(k->print, t->print) &&
	       ticket_lines_find(buffer_text(&k->lines), t->service, line) &&
	       ticket_line_holds(line, clock_boot_ms());
}

/* One run of the helper about this ticket. A yes about somebody else is not a yes, and what a
 * helper has changed before it broke its word is not believed either. */
static int ask(struct transaction *t, const char *purpose, struct ticket *k)
{
	t->purpose = purpose;
	t->ticket = k;
	int r = transaction_ask_helper(t);
	t->ticket = NULL;
	/* What was verified now may have been the end of it: ticket_lifetime may be shorter
	 * than it was. */
	if (r == RESULT_ALLOWED && streq(t->sub, k->sub))
		return recheck_judge(t, k);
	if (r == 0 || r == RESULT_DONE || r == RESULT_ALLOWED)
		r = RESULT_HELPER_FRAME;
	if (r == RESULT_HELPER_FRAME && t->tickets > 0) {
		ticket_refuse(k);
		if (t->keep)
			ticket_file_write_or_remove(k);
	}
	return r;
}

static int read_again(struct transaction *t, struct ticket *k)
{
	ticket_file_read(t->uid, t->options.config, k);
	return recheck_judge(t, k);
}

/* "Used before": somebody may have written a newer one between our reading and Cognito's
 * answer. Then that one is asked about, once. */
static int ask_kept(struct transaction *t, const char *purpose, struct ticket *k)
{
	struct buffer sent = BUFFER_INIT(k->body.max);
	int r = buffer_append(&sent, k->body.bytes, k->body.len);
	if (r == 0)
		r = ask(t, purpose, k);
	if (r == RESULT_REFRESH_REUSE && read_again(t, k) == 0) {
		bool same =
		    k->body.len == sent.len && memcmp(k->body.bytes, sent.bytes, sent.len) == 0;
		if (!same)
			r = ask(t, purpose, k);
	}
	buffer_wipe(&sent);
	return r;
}

static int run_locked(struct transaction *t, const char *purpose, struct ticket *k)
{
	struct ticket_line line;
	int r = read_again(t, k);
	if (r != 0)
		return r;
	if (streq(purpose, "account") && recheck_holds(t, k, &line))
		return 0;
	/* A refresh token that Cognito gives and that cannot be kept would be the last. */
	return ticket_file_may_write() ? ask_kept(t, purpose, k) : RESULT_TICKET_KEEP;
}

int recheck_run(struct transaction *t, const char *purpose, struct ticket *k, bool pending)
{
	int lock = -1;
	int r = ticket_file_lock(t->uid, t->options.config, t->deadline, &lock);
	if (r != 0)
		return r;
	if (pending) {
		r = ask(t, purpose, k);
	} else {
		t->keep = true;
		r = run_locked(t, purpose, k);
		t->keep = false;
	}
	ticket_file_unlock(&lock);
	return r;
}

int recheck_keep(struct transaction *t, const struct ticket *k)
{
	int lock = -1;
	int r = ticket_file_lock(t->uid, t->options.config, t->deadline, &lock);
	if (r == 0)
		r = ticket_file_write(k);
	ticket_file_unlock(&lock);
	return r;
}

static void replace_kept(struct transaction *t, const struct ticket *fresh)
{
	struct ticket old = {.user = ""};
	int lock = -1;
	if (ticket_file_lock(t->uid, t->options.config, t->deadline, &lock) != 0)
		return;
	if (ticket_file_read(t->uid, t->options.config, &old) && recheck_judge(t, &old) == 0) {
		if (fresh->refused) {
			ticket_refuse(&old);
			ticket_file_write_or_remove(&old);
		} else if (streq(fresh->sub, old.sub)) {
			ticket_file_write_or_remove(fresh);
		}
	}
	ticket_file_unlock(&lock);
	ticket_wipe(&old);
}

void recheck_replace(struct transaction *t, int result, const struct ticket *fresh)
{
	char detail[sizeof(t->detail)];
	if (!fresh->refused && (fresh->born == 0 || !result_is_policy(result)))
		return;
	memcpy(detail, t->detail, sizeof(detail));
	replace_kept(t, fresh);
	memcpy(t->detail, detail, sizeof(detail));
}

/* Under sudo the real uid is the person's, whatever was typed; under su, sshd and login, or
 * when sudo asks for another's password, it is not PAM_USER's. */
bool recheck_may_reuse(const struct transaction *t)
{
	const void *ruser = NULL;
	/* transaction_begin() has seen that the effective uid is root's. */
	if (!t->options.reuse || t->uid == 0 || getuid() != t->uid ||
	    pam_get_item(t->pamh, PAM_RUSER, &ruser) != PAM_SUCCESS)
		return false;
	return ruser == NULL || streq(ruser, t->user);
}

int recheck_reuse(struct transaction *t)
{
	struct ticket k = {.user = ""};
	int r = RESULT_ASK;
	/* Without one there is nothing to wait for a lock for. */
	if (ticket_file_read(t->uid, t->options.config, &k) && recheck_judge(t, &k) == 0)
		r = recheck_run(t, "reuse", &k, false);
	bool refused = k.refused;
	ticket_wipe(&k);
	if (r == 0)
		return 0;
	if (refused || r == RESULT_TICKET_NONE || r == RESULT_REFRESH_REFUSED ||
	    r == RESULT_REFRESH_REUSE)
		return RESULT_ASK;
	return r;
}
