/* SPDX-License-Identifier: MIT
 *
 * The order matters: a rotated refresh token goes to the module before anything is made of
 * the answer it came with, because the old one is dead by now.
 */
#include "helper/recheck.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/message.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/decision.h"
#include "helper/flow/flow.h"
#include "helper/flow/refresh.h"
#include "helper/outcome.h"
#include "helper/config/config.h"
#include "helper/policy/subject.h"
#include "helper/request.h"
#include "helper/policy/ticket_body.h"
#include "helper/token/claims.h"

/* Milliseconds. With less left Cognito is not asked, and no stale claims are believed either:
 * who starts a set-uid host can have it wait for a lock until the time is nearly over. */
#define REFRESH_LEAST_MS 2000

struct recheck {
	struct flow *flow;
	struct keys *keys;
	const struct request *request;
	struct outcome *outcome;
	struct ticket_body body;
	struct claims *fresh; /* of a token verified now; owned */
	long long now;
};

static int begin(struct recheck *r, struct flow *flow, struct keys *keys,
    const struct request *q, struct outcome *o)
{
	*r = (struct recheck){.flow = flow, .keys = keys, .request = q, .outcome = o};
	r->now = (long long)time(NULL);
	int code = ticket_body_decode(flow->config, q->ticket->bytes, q->ticket->len, &r->body);
	if (code == RESULT_TICKET_NONE)
		flow_failed(flow, code,
		    q->ticket->len == 0
			? "there is none"
			: "it is of another issuer, client or endpoint, or damaged");
	if (code == 0)
		snprintf(o->flow, sizeof(o->flow), "%s", r->body.flow);
	return code;
}

static void end(struct recheck *r)
{
	claims_free(r->fresh);
	ticket_body_forget(&r->body);
}

static int keep_rotated(struct recheck *r)
{
	struct buffer text = BUFFER_INIT(MESSAGE_TICKET_MAX);
	const struct ticket_news news = {
	    .state = "rotated", .body = &text, .lines = "", .exports = "", .lifetime = ""};
	const char *token = r->flow->refresh_token;
	if (token == NULL || streq(token, r->body.refresh_token))
		return 0;
	r->body.refresh_token = token;
	int code = ticket_body_encode(r->flow->config, &r->body, &text);
	if (code == RESULT_TOO_LARGE)
		code =
		    flow_failed(r->flow, RESULT_TICKET_KEEP, "the refresh token is too large");
	if (code == 0)
		code = prompt_ticket(&r->flow->channel, &news);
	buffer_wipe(&text);
	return code;
}

/* The same client is checked with the token itself. No refresh makes a sign-in younger or
 * stronger: such a token is of another one. */
static bool is_same_sign_in(const struct claims *before, const struct claims *now)
{
	long long old_time = 0, new_time = 0;
	bool had_time = claims_integer(before, "auth_time", &old_time);
	bool has_time = claims_integer(now, "auth_time", &new_time);
	if (!streq(claims_text(before, "iss"), claims_text(now, "iss")))
		return false;
	if (!streq(claims_sub(before), claims_sub(now)))
		return false;
	if (has_time && (!had_time || new_time > old_time))
		return false;
	return !subject_claims_mfa(now) || subject_claims_mfa(before);
}

/* The refreshed token, verified. One that came without an ID token decides by its access
 * token, if that can be verified: elsewhere it may be no JWT at all. */
static int prove(struct recheck *r)
{
	bool by_access = r->flow->id_token == NULL;
	int code = decision_prove(r->flow, r->keys, r->now, &r->fresh);
	if (code != 0)
		return by_access && !result_is_unavailable(code) ? RESULT_ANSWER : code;
	if (!is_same_sign_in(r->body.claims, r->fresh))
		return flow_failed(r->flow, RESULT_REFRESH_OTHER, "refresh");
	r->body.claims = r->fresh;
	return 0;
}

static int refresh(struct recheck *r)
{
	if (r->body.source == TICKET_SOURCE_NONE || !r->flow->config->keep_refresh_token)
		return flow_failed(r->flow, RESULT_TICKET_NONE, "it has no refresh token");
	int code = refresh_run(r->flow, &r->body);
	if (code == 0)
		code = keep_rotated(r);
	if (code == 0)
		code = prove(r);
	return code;
}

/* The rules on what the claims say; age is how many seconds ago they were verified. */
static int decide(struct recheck *r, long age)
{
	struct decision d;
	bool is_new = r->fresh != NULL;
	decision_begin(&d, r->flow, r->request, r->body.claims, r->body.mfa_answered, r->now);
	int code = 0;
	/* A refreshed token is this sign-in's own, also when it names another user by now:
	 * what was known before is over. */
	if (is_new || decision_is_user(&d))
		code = decision_keep(&d, is_new ? &r->body : NULL, age);
	if (code != 0)
		return code;
	decision_make(&d, r->outcome);
	if (r->outcome->result == RESULT_POLICY && decision_wants_fresh(&d))
		r->outcome->result = RESULT_FRESH_NEEDED;
	return 0;
}

/* Cognito could not be asked: the claims may do a little longer. */
static int decide_stale(struct recheck *r, int code)
{
	const struct config *config = r->flow->config;
	long age = r->request->ticket_age;
	/* Without stale_ok nothing is believed in place of an answer, however young. */
	if (!result_is_unavailable(code) || config->stale_ok == 0 ||
	    age >= config->recheck + config->stale_ok)
		return code;
	prompt_log(&r->flow->channel, "warning",
	    "stale: %s%s%s; the claims of %ld s ago are believed", result_phrase(code),
	    r->flow->reason.detail[0] != '\0' ? ": " : "", r->flow->reason.detail, age);
	flow_forget(r->flow);
	return decide(r, age);
}

/* Asks Cognito, then the rules. */
static int decide_fresh(struct recheck *r)
{
	if (clock_left(r->flow->channel.deadline) < REFRESH_LEAST_MS)
		return flow_failed(r->flow, RESULT_DEADLINE, "no time was left to ask");
	int code = refresh(r);
	if (code == 0)
		return decide(r, 0);
	if (refresh_is_refusal(code)) {
		int told = decision_refuse(r->flow);
		return told == 0 ? code : told;
	}
	return r->fresh == NULL ? decide_stale(r, code) : code;
}

int recheck_account(
    struct flow *flow, struct keys *keys, const struct request *q, struct outcome *o)
{
	struct recheck r;
	int code = begin(&r, flow, keys, q, o);
	if (code == 0 && q->ticket_age < decision_believed(flow->config))
		code = decide(&r, q->ticket_age);
	else if (code == 0)
		code = decide_fresh(&r);
	end(&r);
	return code;
}

/* Is the sign-in younger than the PAM line wants? */
static bool is_young(const struct recheck *r)
{
	long long auth_time = 0;
	if (r->request->max_age < 0)
		return true;
	return claims_integer(r->body.claims, "auth_time", &auth_time) &&
	       r->now - auth_time <= r->request->max_age;
}

/* What somebody who signs in now could make good. */
static bool is_for_the_person(int code)
{
	return code == RESULT_TICKET_NONE || code == RESULT_FRESH_NEEDED ||
	       refresh_is_refusal(code);
}

int recheck_reuse(
    struct flow *flow, struct keys *keys, const struct request *q, struct outcome *o)
{
	struct recheck r;
	int code = begin(&r, flow, keys, q, o);
	if (code == 0 && !is_young(&r))
		code = flow_failed(flow, RESULT_TICKET_NONE, "older than max_age");
	if (code == 0)
		code = decide_fresh(&r);
	end(&r);
	int last = code != 0 ? code : o->result;
	if (!is_for_the_person(last))
		return code;
	if (flow->reason.detail[0] == '\0')
		snprintf(flow->reason.detail, sizeof(flow->reason.detail), "%s",
		    result_phrase(last));
	return RESULT_ASK;
}

int recheck_revoke(
    struct flow *flow, struct keys *keys, const struct request *q, struct outcome *o)
{
	struct recheck r;
	int code = begin(&r, flow, keys, q, o);
	if (code == 0)
		code = refresh_revoke(flow, &r.body);
	end(&r);
	return code == 0 ? RESULT_DONE : code;
}
