/* SPDX-License-Identifier: MIT */
#include "helper/signin.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/message.h"
#include "common/result.h"
#include "common/sentence.h"
#include "common/text.h"
#include "helper/decision.h"
#include "helper/flow/flow.h"
#include "helper/flow/keys.h"
#include "helper/flow/new_password.h"
#include "helper/flow/refresh.h"
#include "helper/json/json.h"
#include "helper/net/http.h"
#include "helper/outcome.h"
#include "helper/config/config.h"
#include "helper/policy/access_request.h"
#include "helper/policy/rules.h"
#include "helper/policy/users.h"
#include "helper/probe/probe.h"
#include "helper/recheck.h"
#include "helper/request.h"
#include "helper/sandbox.h"
#include "helper/token/claims.h"
#include "helper/token/jwks.h"

#define LAST_WORD_MS 300 /* before the module's own deadline, so that ours is the reason */

/* A password is changed only for the person whose account this is; rules are about
 * services and are not asked. */
static int change(
    struct flow *flow, const struct decision *d, struct buffer *password, struct outcome *o)
{
	const char *sub = claims_sub(d->claims);
	text_printable(sub, strlen(sub), o->sub, sizeof(o->sub));
	int r = users_match(flow->config, d->claims, d->request.user);
	if (r == RESULT_IDENTITY)
		decision_tell_identity(d, o);
	if (r == 0)
		r = new_password_change(flow, password);
	return r == 0 ? RESULT_DONE : r;
}

/* The ticket goes first: it is kept whatever the rules say. Of somebody else nothing is. */
static int decide(struct flow *flow, const struct decision *d, struct outcome *o)
{
	const struct ticket_body body = {
	    .flow = o->flow,
	    .mfa_answered = flow->mfa_answered,
	    .source = flow->refresh_token != NULL ? flow->source : TICKET_SOURCE_NONE,
	    .refresh_token = flow->refresh_token,
	    .device_key = flow->device_key,
	    .claims = d->claims,
	};
	int r = decision_is_user(d) ? decision_keep(d, &body, 0) : 0;
	if (r == 0)
		decision_make(d, o);
	return r;
}

/* The flow's tokens, verified and checked, then what they are for. */
static int conclude(struct flow *flow, struct keys *keys, const struct request *q,
    struct buffer *password, struct outcome *o)
{
	struct claims *claims = NULL;
	struct decision d;
	long long now = (long long)time(NULL);
	int r = decision_prove(flow, keys, now, &claims);
	if (r != 0)
		return r;
	decision_begin(&d, flow, q, claims, flow->mfa_answered, now);
	r = streq(q->purpose, "change") ? change(flow, &d, password, o) : decide(flow, &d, o);
	claims_free(claims);
	return r;
}

static bool is_sudo(const char *service)
{
	return streq(service, "sudo") || streq(service, "sudo-i");
}

/* Does a session that the browser still has not do? sudo asks who sits there now. */
static bool wants_fresh(const struct config *config, const struct request *q)
{
	char host[DECISION_HOST_MAX] = "";
	if (gethostname(host, sizeof(host) - 1) != 0)
		host[0] = '\0';
	const struct access_request request = {
	    .user = q->user, .service = q->service, .host = host};
	return is_sudo(q->service) || rules_limit_age(config, &request);
}

/* Less than there could be is worth a line in every login. */
static void tell_sandbox(const struct flow *flow)
{
	char text[128];
	if (flow->http == NULL || !http_sandbox(flow->http)->is_closed)
		return;
	const struct sandbox *s = http_sandbox(flow->http);
	prompt_log(&flow->channel, sandbox_is_whole(s) ? "debug" : "warning", "%s",
	    sandbox_describe(s, text, sizeof(text)));
}

/* What an earlier sign-in has left is over, too. */
static int refuse(const struct flow *flow, int r)
{
	int told = decision_refuse(flow);
	return told == 0 ? r : told;
}

static int sign_in(
    struct flow *flow, struct keys *keys, const struct request *q, struct outcome *o)
{
	struct buffer password = BUFFER_INIT(MESSAGE_ANSWER_MAX);
	enum flow_kind kind = FLOW_PASSWORD;
	bool change = streq(q->purpose, "change");
	const struct flow_request request = {
	    .user = q->user,
	    .service = q->service,
	    .rhost = q->rhost,
	    .password_prompt = change ? SENTENCE_CURRENT_PASSWORD : SENTENCE_PASSWORD,
	    .password = &password,
	    .enter = streq(q->wait, "enter"),
	    .fresh = wants_fresh(flow->config, q),
	    .now = (long long)time(NULL),
	};
	int r =
	    users_login_name(flow->config, q->user, flow->login_name, sizeof(flow->login_name));
	if (r == 0 && !change)
		r = flow_choose(flow, q->flow, &kind);
	snprintf(o->flow, sizeof(o->flow), "%s", flow_word(kind));
	if (r == 0)
		r = flow_run(flow, keys, kind, &request);
	if (r == 0)
		r = conclude(flow, keys, q, &password, o);
	/* Before whoever signs in has proven anything: but it is Cognito's word, and no secret.
	 */
	if (r == RESULT_USER_DISABLED && streq(q->purpose, "login"))
		r = refuse(flow, r);
	/* In the password phase a reset by code is what was wanted. */
	if (r == RESULT_SIGN_IN_AGAIN && change)
		r = RESULT_DONE;
	buffer_wipe(&password);
	return r;
}

typedef int purpose_work(
    struct flow *, struct keys *, const struct request *, struct outcome *);

/* What every work with Cognito begins and ends with. */
static int with_flow(int fd, const struct config *config, const struct request *q,
    struct outcome *o, purpose_work *work)
{
	struct flow flow = {.config = config, .qr = qr_style(q->qr)};
	struct keys keys = {NULL, 0, false};
	struct ticket_body expired;
	flow.channel.fd = fd;
	flow.channel.deadline = clock_ms() + (int64_t)q->time_left;
	jwks_cached_decode(q->jwks->bytes, q->jwks->len, config->certs_url,
	    (long long)time(NULL), &keys.jwks, &keys.fetched);
	int r = http_open(config, flow.channel.deadline - LAST_WORD_MS, &flow.http);
	if (r == 0)
		r = work(&flow, &keys, q, o);
	text_printable(
	    flow.reason.detail, strlen(flow.reason.detail), o->detail, sizeof(o->detail));
	if (flow.reason.message[0] != '\0')
		text_printable(flow.reason.message, strlen(flow.reason.message), o->message,
		    sizeof(o->message));
	if (flow.http != NULL && !result_is_unavailable(r) &&
	    ticket_body_decode(config, q->expired->bytes, q->expired->len, &expired) == 0) {
		refresh_revoke_expired(&flow, &expired);
		ticket_body_forget(&expired);
	}
	tell_sandbox(&flow);
	keys_free(&keys);
	json_free(flow.answer);
	http_close(flow.http);
	return r;
}

/* PAM asks beforehand: nothing is sent and nobody is asked anything. */
static int check_change(const struct config *config)
{
	enum password_method method = config->password_method;
	/* Where another flow is configured, there may be no API of Cognito's at all. */
	bool api = method != PASSWORD_ROPC && config->api_url != NULL &&
		   (method == PASSWORD_PLAIN || config->pool_name != NULL);
	return api ? RESULT_DONE : RESULT_CHANGE_METHOD;
}

static int serve_purpose(
    int fd, const struct config *config, const struct request *q, struct outcome *o)
{
	static const struct {
		const char *purpose;
		purpose_work *work;
	} works[] = {
	    {"login", sign_in},
	    {"account", recheck_account},
	    {"reuse", recheck_reuse},
	    {"revoke", recheck_revoke},
	    {"probe", probe_run},
	    {"keys", probe_keys},
	};
	for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++)
		if (streq(q->purpose, works[i].purpose))
			return with_flow(fd, config, q, o, works[i].work);
	int r = check_change(config);
	return r == RESULT_DONE && streq(q->purpose, "change")
		   ? with_flow(fd, config, q, o, sign_in)
		   : r;
}

void signin_run(int fd, const struct frame *frame, struct outcome *o)
{
	struct request q;
	struct config *config = NULL;
	struct reason reason = {.detail = ""};
	memset(o, 0, sizeof(*o));
	o->result = RESULT_HELPER_FRAME;
	int r = request_read(frame, &q);
	if (r == 0)
		r = config_parse(q.config_path, q.config_text->bytes, q.config_text->len,
		    &config, NULL, &reason);
	if (r == 0)
		r = serve_purpose(fd, config, &q, o);
	else
		snprintf(o->detail, sizeof(o->detail), "%.500s", reason.detail);
	if (r != 0)
		o->result = r;
	config_free(config);
}
