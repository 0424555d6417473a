/* SPDX-License-Identifier: MIT */
#include "helper/outcome.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/message.h"
#include "common/request.h"
#include "common/result.h"
#include "common/sentence.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/flow/flow.h"
#include "helper/flow/keys.h"
#include "helper/accounts/record.h"
#include "helper/policy/access_request.h"
#include "helper/policy/decision.h"
#include "helper/policy/exports.h"
#include "helper/policy/users.h"
#include "helper/token/claims.h"

#define SEND_MS 5000 /* the module waits for it */

void outcome_begin(struct outcome *o)
{
	*o = (struct outcome){
	    .result = RESULT_NONE,
	    .body = BUFFER_INIT(MESSAGE_TICKET_MAX),
	    .decisions = BUFFER_INIT(MESSAGE_DECISIONS_MAX),
	    .exports = BUFFER_INIT(MESSAGE_EXPORTS_MAX),
	};
}

void outcome_free(struct outcome *o)
{
	buffer_wipe(&o->body);
	buffer_wipe(&o->decisions);
	buffer_wipe(&o->exports);
	explicit_bzero(o, sizeof(*o));
}

int outcome_send(int fd, const struct outcome *o)
{
	char code[16], lifetime[24];
	snprintf(code, sizeof(code), "%d", o->result == 0 ? RESULT_ALLOWED : o->result);
	snprintf(lifetime, sizeof(lifetime), "%ld", o->lifetime);
	const struct frame f = {
	    .type = FRAME_RESULT,
	    .count = VERDICT_FIELDS,
	    .fields =
		{
		    [VERDICT_CODE] = {code, strlen(code)},
		    [VERDICT_MESSAGE] = {o->reason.message, strlen(o->reason.message)},
		    [VERDICT_DETAIL] = {o->reason.detail, strlen(o->reason.detail)},
		    [VERDICT_SUB] = {o->sub, strlen(o->sub)},
		    [VERDICT_RULE] = {o->rule, strlen(o->rule)},
		    [VERDICT_FLOW] = {o->flow, strlen(o->flow)},
		    [VERDICT_BODY] = {o->body.bytes, o->body.len},
		    [VERDICT_DECISIONS] = {o->decisions.bytes, o->decisions.len},
		    [VERDICT_EXPORTS] = {o->exports.bytes, o->exports.len},
		    [VERDICT_LIFETIME] = {lifetime, strlen(lifetime)},
		    [VERDICT_REVOKED] = {o->revoked ? "1" : "0", 1},
		    [VERDICT_STALE] = {o->stale ? "1" : "0", 1},
		    [VERDICT_TRACKED] = {o->tracked ? "1" : "0", 1},
		},
	};
	return frame_send(fd, &f, clock_ms() + SEND_MS);
}

/* ---- proof ----------------------------------------------------------------------------- */

int outcome_prove(struct flow *flow, struct keys *keys, long long now, struct claims **out)
{
	const struct config *config = flow->config;
	bool by_id_token = flow->id_token != NULL;
	struct expectation expectation =
	    subject_expect(config, by_id_token ? TOKEN_USE_ID : TOKEN_USE_ACCESS, now);
	expectation.nonce = flow->nonce[0] != '\0' ? flow->nonce : NULL;
	expectation.access_token = by_id_token ? flow->access_token : NULL;
	int r = keys_verify(
	    flow, keys, by_id_token ? flow->id_token : flow->access_token, now, out);
	if (r != 0)
		return r;
	r = claims_check(*out, &expectation);
	if (r != 0) {
		claims_free(*out);
		*out = NULL;
	}
	return r;
}

/* ---- decision -------------------------------------------------------------------------- */

long outcome_believed(const struct config *config)
{
	return config->keep_refresh_token ? config->recheck : config->ticket_lifetime;
}

/* Where users.claim gives the same name, an entry of users.map refused, and there is nothing
 * to add to the result's sentence. */
void outcome_tell_identity(struct flow *flow, const struct claims *claims, const char *user)
{
	char name[USERS_NAME_MAX + 1];
	if (users_name_of(flow->config, claims, name, sizeof(name)) == 0 && !streq(name, user))
		reason_tell(&flow->reason, RESULT_IDENTITY, SENTENCE_OTHER_PERSON, name, user);
}

static int keep(struct outcome *o, struct flow *flow, const struct decision *d,
    const struct ticket_body *body, bool is_new)
{
	const struct config *config = flow->config;
	int r = is_new ? ticket_body_encode(config, body, &o->body) : 0;
	decision_encode(d, &o->decisions);
	if (r == 0)
		r = exports_write(config, body->claims, &o->exports);
	if (r == 0)
		r = o->decisions.error;
	o->lifetime = config->ticket_lifetime;
	if (r == RESULT_TOO_LARGE)
		r = reason_set(
		    &flow->reason, RESULT_TICKET_KEEP, "claims and tokens are too large");
	if (r != 0)
		buffer_wipe(&o->body);
	return r;
}

bool outcome_account(const struct request *q, struct record_identity *out)
{
	return q->account.len > 0 &&
	       record_read_identity(q->account.bytes, q->account.len, q->user, out);
}

int outcome_decide(struct outcome *o, struct flow *flow, const struct request *q,
    const struct ticket_body *body, bool is_new, long age)
{
	/* A host without a name: no rule about hosts allows it, every such deny rule denies. */
	const char *sub = claims_sub(body->claims);
	long believed = outcome_believed(flow->config) - age;
	struct record_identity account;
	const struct access_request request = {
	    .user = q->user,
	    .account = outcome_account(q, &account) ? &account : NULL,
	    .service = q->service,
	    .host = q->host,
	    .now = (long long)time(NULL),
	    .believed = believed > 0 ? believed : 0,
	    .evidence = body->evidence,
	    .root = q->root == 1,
	    .access_token = claims_token_use(body->claims) == TOKEN_USE_ACCESS,
	};
	struct decision d;
	int r = decide(flow->config, body->claims, &request, &d);
	bool is_signin = q->purpose == PURPOSE_LOGIN;
	bool is_theirs = r != RESULT_IDENTITY && r != RESULT_USER_RECORD;
	bool keeps = is_theirs || (is_new && !is_signin);
	text_printable(sub, strlen(sub), o->sub, sizeof(o->sub));
	if (d.rule != NULL)
		text_printable(d.rule->name, strlen(d.rule->name), o->rule, sizeof(o->rule));
	if (r == RESULT_IDENTITY)
		outcome_tell_identity(flow, body->claims, q->user);
	/* A sign-in just made would be refused again, unless its second factor is new. */
	if (r == RESULT_POLICY && d.wants_fresh &&
	    (!is_signin || flow->second_factor == SECOND_NEW))
		r = RESULT_FRESH_NEEDED;
	int kept = r != RESULT_MEMORY && keeps ? keep(o, flow, &d, body, is_new) : 0;
	decision_free(&d);
	o->result = kept != 0 ? kept : r;
	return o->result;
}
