/* SPDX-License-Identifier: MIT
 *
 * The order matters: a rotated refresh token goes to the module before anything is made of
 * the answer that brought it, because the old one is dead by then.
 */
#include "helper/recheck.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/message.h"
#include "common/request.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/flow/flow.h"
#include "helper/flow/keys.h"
#include "helper/flow/refresh.h"
#include "helper/net/http.h"
#include "helper/outcome.h"
#include "helper/token/claims.h"

struct recheck {
	struct flow *flow;
	struct keys *keys;
	const struct request *request;
	struct outcome *outcome;
	struct ticket_body body;
	struct claims *fresh; /* of a token verified now; owned */
};

static int read_ticket(struct recheck *r)
{
	const struct field *ticket = &r->request->ticket;
	struct flow *flow = r->flow;
	int code = ticket_body_decode(flow->config, ticket->bytes, ticket->len, &r->body);
	if (code == RESULT_TICKET_NONE)
		reason_set(&flow->reason, code, "%s",
		    ticket->len == 0
			? "there is none"
			: "it is of another issuer, client or endpoint, or damaged");
	if (code == 0)
		snprintf(r->outcome->flow, sizeof(r->outcome->flow), "%s", r->body.flow);
	return code;
}

static int send_rotated(struct recheck *r)
{
	struct buffer text = BUFFER_INIT(MESSAGE_TICKET_MAX);
	const char *token = r->flow->refresh_token;
	if (token == NULL || streq(token, r->body.refresh_token))
		return 0;
	r->body.refresh_token = token;
	int code = ticket_body_encode(r->flow->config, &r->body, &text);
	if (code == RESULT_TOO_LARGE)
		code = reason_set(
		    &r->flow->reason, RESULT_TICKET_KEEP, "the refresh token is too large");
	if (code == 0)
		code = prompt_rotated(&r->flow->channel, buffer_text(&text));
	buffer_wipe(&text);
	return code;
}

static int refresh(struct recheck *r)
{
	struct flow *flow = r->flow;
	if (r->body.source == TICKET_SOURCE_NONE || !flow->config->keep_refresh_token)
		return reason_set(&flow->reason, RESULT_TICKET_NONE, "it has no refresh token");
	keys_need(flow, r->keys, (long long)time(NULL));
	int code = refresh_run(flow, &r->body);
	if (code == 0)
		code = send_rotated(r);
	if (code != 0)
		return code;
	/* Without an ID token the access token decides, if it can be verified: elsewhere it
	 * may be no JWT at all. */
	code = outcome_prove(flow, r->keys, (long long)time(NULL), &r->fresh);
	if (code != 0)
		return flow->id_token == NULL && result_class(code) == CLASS_PROOF
			   ? RESULT_ANSWER
			   : code;
	/* Issuer and client were checked with the token itself. */
	if (!streq(claims_sub(r->body.claims), claims_sub(r->fresh)))
		return reason_set(&flow->reason, RESULT_REFRESH_OTHER, "refresh");
	r->body.evidence = evidence_refreshed(r->body.evidence, flow->config, r->fresh);
	r->body.claims = r->fresh;
	return 0;
}

static int decide_by_claims(struct recheck *r, long age)
{
	return outcome_decide(r->outcome, r->flow, r->request, &r->body, r->fresh != NULL, age);
}

/* Cognito cannot be asked: the claims may be believed a little longer. */
static int decide_stale(struct recheck *r, int code)
{
	const struct config *config = r->flow->config;
	long age = r->request->ticket_age;
	/* Without stale_ok nothing replaces an answer, however young it is. */
	if (result_class(code) != CLASS_OUTAGE || config->stale_ok == 0 ||
	    age >= config->recheck + config->stale_ok ||
	    http_lost(r->flow->http) > CLOCK_LOST_MOST)
		return code;
	prompt_log(&r->flow->channel, "warning",
	    "stale: %s%s%s; the claims of %ld s ago are believed", result_phrase(code),
	    r->flow->reason.detail[0] != '\0' ? ": " : "", r->flow->reason.detail, age);
	reason_clear(&r->flow->reason);
	r->outcome->stale = true;
	return decide_by_claims(r, age);
}

/* Asks Cognito, then the rules. */
static int decide_fresh(struct recheck *r)
{
	int code = refresh(r);
	if (code == 0)
		return decide_by_claims(r, 0);
	return r->fresh == NULL ? decide_stale(r, code) : code;
}

/* Is the sign-in younger than the PAM line wants? */
static bool is_young(const struct recheck *r)
{
	long max_age = r->request->options.max_age;
	long long auth_time = r->body.evidence.auth_time;
	return max_age < 0 || (auth_time >= 0 && (long long)time(NULL) - auth_time <= max_age);
}

static int serve(struct recheck *r)
{
	struct flow *flow = r->flow;
	const struct request *q = r->request;
	if (q->purpose == PURPOSE_REVOKE)
		return refresh_revoke(flow, &r->body);
	if (q->purpose == PURPOSE_REUSE && !is_young(r))
		return reason_set(&flow->reason, RESULT_TICKET_NONE, "older than max_age");
	if (q->purpose == PURPOSE_ACCOUNT && q->ticket_age < outcome_believed(flow->config))
		return decide_by_claims(r, q->ticket_age);
	return decide_fresh(r);
}

int recheck_run(
    struct flow *flow, struct keys *keys, const struct request *q, struct outcome *o)
{
	struct recheck r = {.flow = flow, .keys = keys, .request = q, .outcome = o};
	int code = read_ticket(&r);
	if (code == 0)
		code = serve(&r);
	claims_free(r.fresh);
	ticket_body_forget(&r.body);
	return code;
}
