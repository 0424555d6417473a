/* SPDX-License-Identifier: MIT */
#include "helper/signin.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/message.h"
#include "common/request.h"
#include "common/result.h"
#include "common/sentence.h"
#include "common/text.h"
#include "helper/accounts.h"
#include "helper/config/config.h"
#include "helper/accounts/record.h"
#include "helper/flow/flow.h"
#include "helper/flow/keys.h"
#include "helper/flow/new_password.h"
#include "helper/flow/refresh.h"
#include "helper/flow/tracked_device.h"
#include "helper/json/json.h"
#include "helper/net/http.h"
#include "helper/outcome.h"
#include "helper/policy/access_request.h"
#include "helper/policy/rules.h"
#include "helper/policy/users.h"
#include "helper/probe/probe.h"
#include "helper/recheck.h"
#include "helper/rehearsal.h"
#include "helper/sandbox.h"
#include "helper/token/claims.h"
#include "helper/token/jwks.h"

/* A password is changed only for the person whose account this is. Rules are about services
 * and are not asked. */
static int change(struct flow *flow, const struct request *q, const struct claims *claims,
    struct buffer *password, struct outcome *o)
{
	const char *sub = claims_sub(claims);
	text_printable(sub, strlen(sub), o->sub, sizeof(o->sub));
	struct record_identity account;
	int r = users_match(
	    flow->config, claims, q->user, outcome_account(q, &account) ? &account : NULL);
	if (r == RESULT_IDENTITY) {
		outcome_tell_identity(flow, claims, q->user);
		return r;
	}
	return r == 0 ? new_password_change(flow, password) : r;
}

/* The flow's tokens, verified, then what they are for. */
static int conclude(struct flow *flow, struct keys *keys, const struct request *q,
    struct buffer *password, struct outcome *o)
{
	struct claims *claims = NULL;
	int r = outcome_prove(flow, keys, (long long)time(NULL), &claims);
	struct ticket_body body = {
	    .flow = o->flow,
	    .source = flow->refresh_token != NULL ? flow->source : TICKET_SOURCE_NONE,
	    .refresh_token = flow->refresh_token,
	    .device_key = flow->device_key,
	    .claims = claims,
	};
	if (r == 0)
		body.evidence =
		    evidence_of(flow->config, claims, flow->second_factor == SECOND_PROVEN);
	if (flow->second_factor == SECOND_NEW)
		body.evidence.mfa = false;
	if (r == 0 && q->purpose == PURPOSE_CHANGE)
		r = change(flow, q, claims, password, o);
	else if (r == 0)
		r = outcome_decide(o, flow, q, &body, true, 0);
	/* There is a ticket to be refreshed. */
	if (o->body.len > 0 && flow->config->keep_refresh_token) {
		tracked_device_confirm(flow);
		o->tracked = flow->device_key != NULL;
	}
	claims_free(claims);
	return r;
}

/* Must the person sign in anew, whatever session the browser has? Somebody who is logged in
 * already is asked who sits there now. */
static bool wants_fresh(const struct config *config, const struct request *q)
{
	const struct access_request request = {
	    .user = q->user, .service = q->service, .host = q->host};
	return q->logged_in == 1 || rules_limit_age(config, &request);
}

/* The word is that of the PAM line, of the log and of the ticket. */
static const struct {
	const char *word, *label;
	int (*run)(struct flow *, const struct flow_request *);
} kinds[FLOW_KINDS] = {
    [FLOW_PASSWORD] = {"password", SENTENCE_WAY_PASSWORD, password_run},
    [FLOW_DEVICE] = {"device", SENTENCE_WAY_DEVICE, device_run},
    [FLOW_BROWSER] = {"browser", SENTENCE_WAY_BROWSER, browser_run},
};

/* The PAM line's flow (word, "" for none) if the configuration has what it needs, else the only
 * one of the configuration, else the user's choice. *kind is set in any case. */
static int choose_flow(struct flow *flow, const char *word, enum flow_kind *kind)
{
	const struct config *config = flow->config;
	const char *labels[FLOW_KINDS];
	size_t chosen = 0;
	*kind = FLOW_PASSWORD;
	for (enum flow_kind k = FLOW_PASSWORD; k < FLOW_KINDS; k++) {
		if (!streq(word, kinds[k].word))
			continue;
		*kind = k;
		if (config_can_flow(config, k))
			return 0;
		return reason_set(&flow->reason, RESULT_CONFIG,
		    "flow=%s: the configuration lacks what this flow needs", word);
	}
	for (size_t i = 0; i < config->flows.len; i++)
		labels[i] = kinds[config_flow(config, i)].label;
	int r = prompt_choose(
	    &flow->channel, SENTENCE_CHOOSE_FLOW, labels, config->flows.len, &chosen);
	*kind = config_flow(config, chosen);
	return r;
}

static int sign_in(
    struct flow *flow, struct keys *keys, const struct request *q, struct outcome *o)
{
	struct buffer password = BUFFER_INIT(MESSAGE_ANSWER_MAX);
	enum flow_kind kind = FLOW_PASSWORD;
	bool change = q->purpose == PURPOSE_CHANGE;
	const struct flow_request request = {
	    .user = q->user,
	    .service = q->service,
	    .rhost = q->rhost,
	    .password_prompt = change ? SENTENCE_CURRENT_PASSWORD : SENTENCE_PASSWORD,
	    .password = &password,
	    .enter = streq(q->options.prompt, "enter"),
	    .fresh = wants_fresh(flow->config, q),
	    .now = (long long)time(NULL),
	};
	struct record_identity account;
	int r = users_login_name(flow->config, q->user,
	    outcome_account(q, &account) ? &account : NULL, flow->login_name,
	    sizeof(flow->login_name));
	if (r == 0 && !change)
		r = choose_flow(flow, q->options.flow, &kind);
	snprintf(o->flow, sizeof(o->flow), "%s", kinds[kind].word);
	keys_need(flow, keys, request.now);
	if (r == 0)
		r = kinds[kind].run(flow, &request);
	if (r == 0)
		r = conclude(flow, keys, q, &password, o);
	/* In the password phase a reset by code is what was wanted. */
	if (r == RESULT_SIGN_IN_AGAIN && change)
		r = 0;
	buffer_wipe(&password);
	return r;
}

/* An incomplete sandbox is worth a line in every login. */
static void log_sandbox(const struct flow *flow)
{
	char text[128];
	if (flow->http == NULL || !http_sandbox(flow->http)->is_closed)
		return;
	const struct sandbox *s = http_sandbox(flow->http);
	prompt_log(&flow->channel, sandbox_is_whole(s) ? "debug" : "warning", "%s",
	    sandbox_describe(s, text, sizeof(text)));
}

typedef int flow_work(struct flow *, struct keys *, const struct request *, struct outcome *);

/* What all work with Cognito begins and ends with. */
static int with_flow(int fd, const struct config *config, const struct request *q,
    const struct rehearsal *made, struct outcome *o, flow_work *work)
{
	struct flow flow = {.config = config,
	    .srp_group = made->srp_group,
	    .host = q->host,
	    .qr = qr_style(q->options.qr)};
	struct keys keys = {.jwks = NULL};
	flow.channel.fd = fd;
	flow.channel.deadline = clock_ms() + q->time_left;
	jwks_cached_decode(q->jwks.bytes, q->jwks.len, config->certs_url, (long long)time(NULL),
	    &keys.jwks, &keys.fetched);
	keys.hash = q->jwks.len > 0 ? text_hash(TEXT_HASH_BEGIN, q->jwks.bytes)
				    : text_hash(TEXT_HASH_BEGIN, "");
	int r = http_open(config, made->filter, &flow.channel.deadline, &flow.http);
	if (r == 0 && q->expired.len > 0)
		refresh_need_revocation(&flow, q->expired.bytes, q->expired.len);
	if (r == 0)
		r = work(&flow, &keys, q, o);
	if (result_class(r) == CLASS_OUTAGE && http_lost(flow.http) > CLOCK_LOST_MOST)
		r = reason_set(&flow.reason, RESULT_STALLED,
		    "the helper could not run for %lld ms", (long long)http_lost(flow.http));
	o->reason = flow.reason;
	/* This user's own ticket of before, which is over. The verdict is made by now. */
	if (result_class(r) != CLASS_OUTAGE && flow.http != NULL && q->expired.len > 0)
		o->revoked = refresh_revoke_expired(&flow, q->expired.bytes, q->expired.len);
	log_sandbox(&flow);
	keys_free(&keys);
	json_free(flow.answer);
	http_close(flow.http);
	return r;
}

static int serve_purpose(int fd, const struct config *config, const struct request *q,
    const struct rehearsal *made, struct outcome *o)
{
	static flow_work *const works[PURPOSES] = {
	    [PURPOSE_LOGIN] = sign_in,
	    [PURPOSE_ACCOUNT] = recheck_run,
	    [PURPOSE_REUSE] = recheck_run,
	    [PURPOSE_CHANGE] = sign_in,
	    [PURPOSE_REVOKE] = recheck_run,
	    [PURPOSE_PROBE] = probe_run,
	    [PURPOSE_KEYS] = probe_keys,
	};
	enum password_method method = config->password_method;
	/* Where another flow is configured, there may be no API of Cognito's at all. */
	bool can_change = method != PASSWORD_ROPC && config->api_url != NULL &&
			  (method == PASSWORD_PLAIN || config->pool_name != NULL);
	if ((q->purpose == PURPOSE_CHECK || q->purpose == PURPOSE_CHANGE) && !can_change)
		return RESULT_CHANGE_METHOD;
	/* PAM asks beforehand (PAM_PRELIM_CHECK): nothing is sent, and nobody is asked
	 * anything. */
	if (q->purpose == PURPOSE_CHECK)
		return 0;
	if (q->purpose == PURPOSE_ACCOUNTS)
		return accounts_run(fd, config, q, o);
	return with_flow(fd, config, q, made, o, works[q->purpose]);
}

int signin_run(
    int fd, const struct frame *frame, const struct rehearsal *made, struct outcome *o)
{
	struct request q;
	struct config *config = NULL;
	int r = request_read(frame, &q);
	if (r == 0)
		r = config_parse(
		    q.config_path, q.config.bytes, q.config.len, &config, NULL, &o->reason);
	if (r == 0)
		r = serve_purpose(fd, config, &q, made, o);
	config_free(config);
	return o->result = r;
}
