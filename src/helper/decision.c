/* SPDX-License-Identifier: MIT */
#include "helper/decision.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/message.h"
#include "common/result.h"
#include "common/sentence.h"
#include "common/text.h"
#include "helper/flow/flow.h"
#include "helper/flow/keys.h"
#include "helper/outcome.h"
#include "helper/config/config.h"
#include "helper/policy/users.h"
#include "helper/policy/verdict.h"
#include "helper/request.h"
#include "helper/policy/ticket_body.h"
#include "helper/policy/exports.h"
#include "helper/policy/ticket_lines.h"
#include "helper/token/claims.h"

/* Everything that must be true of the token that decides. */
static int check_token(struct flow *flow, const struct claims *claims, long long now)
{
	const struct config *config = flow->config;
	const struct expectation expectation = {
	    .issuer = config->issuer,
	    .alternate_issuers = (const char *const *)config->alternate_issuers.items,
	    .client_id = config->client_id,
	    .token_use = flow->id_token != NULL ? TOKEN_USE_ID : TOKEN_USE_ACCESS,
	    .token_use_optional = config->provider->token_use_optional,
	    .nonce = flow->nonce[0] != '\0' ? flow->nonce : NULL,
	    .access_token = flow->id_token != NULL ? flow->access_token : NULL,
	    .leeway = config->leeway,
	    .now = now,
	};
	int r = claims_check(claims, &expectation);
	return r == 0 ? 0 : flow_failed(flow, r, NULL);
}

int decision_prove(struct flow *flow, struct keys *keys, long long now, struct claims **out)
{
	const char *token = flow->id_token != NULL ? flow->id_token : flow->access_token;
	int r = keys_verify(flow, keys, token, now, out);
	if (r == 0)
		r = check_token(flow, *out, now);
	if (r != 0) {
		claims_free(*out);
		*out = NULL;
	}
	return r;
}

void decision_begin(struct decision *d, struct flow *flow, const struct request *q,
    const struct claims *claims, bool mfa_answered, long long now)
{
	*d = (struct decision){.flow = flow, .claims = claims};
	/* A host that has no name is one that no rule allows and every such rule denies. */
	if (gethostname(d->host, sizeof(d->host) - 1) != 0)
		d->host[0] = '\0';
	d->request = (struct access_request){
	    .user = q->user,
	    .service = q->service,
	    .host = d->host,
	    .now = now,
	    .mfa_answered = mfa_answered,
	    .access_token = streq(claims_text(claims, "token_use"), "access"),
	    .root = q->root,
	};
}

bool decision_is_user(const struct decision *d)
{
	struct verdict verdict = {.result = RESULT_IDENTITY};
	verdict_decide(d->flow->config, d->claims, &d->request, &verdict);
	return verdict.result != RESULT_IDENTITY;
}

void decision_tell_identity(const struct decision *d, struct outcome *o)
{
	const char *user = d->request.user;
	char name[USERS_NAME_MAX + 1], shown[USERS_NAME_MAX + 1], asked[REQUEST_NAME_MAX + 1];
	if (users_name_of(d->flow->config, d->claims, name, sizeof(name)) != 0)
		return;
	text_printable(name, strlen(name), shown, sizeof(shown));
	text_printable(user, strlen(user), asked, sizeof(asked));
	/* The same name and yet no match: an entry of users.map decides, and says more. */
	if (!streq(name, user))
		snprintf(o->message, sizeof(o->message), SENTENCE_OTHER_PERSON, shown, asked);
}

void decision_make(const struct decision *d, struct outcome *o)
{
	struct verdict verdict = {.result = RESULT_POLICY, .rule = ""};
	const char *sub = claims_sub(d->claims);
	text_printable(sub, strlen(sub), o->sub, sizeof(o->sub));
	verdict_decide(d->flow->config, d->claims, &d->request, &verdict);
	text_printable(verdict.rule, strlen(verdict.rule), o->rule, sizeof(o->rule));
	if (verdict.result == RESULT_IDENTITY)
		decision_tell_identity(d, o);
	o->result = verdict.result;
}

bool decision_wants_fresh(const struct decision *d)
{
	struct verdict as_it_is = {.result = RESULT_MEMORY}, fresh = {.result = RESULT_MEMORY};
	struct access_request request = d->request;
	verdict_decide(d->flow->config, d->claims, &request, &as_it_is);
	/* Without an auth_time no sign-in is young enough, and a new one would have none. */
	claims_integer(d->claims, "auth_time", &request.now);
	request.mfa_answered = true;
	verdict_decide(d->flow->config, d->claims, &request, &fresh);
	return as_it_is.result == RESULT_POLICY && fresh.decided != NULL &&
	       !fresh.decided->is_deny;
}

long decision_believed(const struct config *config)
{
	return config->keep_refresh_token ? config->recheck : config->ticket_lifetime;
}

static int send_ticket(const struct flow *flow, const struct buffer *body,
    const struct buffer *lines, const struct buffer *exports)
{
	bool is_new = body->len > 0;
	char lifetime[24] = "";
	if (is_new)
		snprintf(lifetime, sizeof(lifetime), "%ld", flow->config->ticket_lifetime);
	const struct ticket_news news = {
	    .state = is_new ? "verified" : "judged",
	    .body = body,
	    .lines = buffer_text(lines),
	    .exports = buffer_text(exports),
	    .lifetime = lifetime,
	};
	return prompt_ticket(&flow->channel, &news);
}

int decision_refuse(const struct flow *flow)
{
	struct buffer none = BUFFER_INIT(0);
	const struct ticket_news news = {
	    .state = "refused", .body = &none, .lines = "", .exports = "", .lifetime = ""};
	return prompt_ticket(&flow->channel, &news);
}

int decision_keep(const struct decision *d, const struct ticket_body *body, long age)
{
	const struct config *config = d->flow->config;
	struct buffer text = BUFFER_INIT(MESSAGE_TICKET_MAX);
	struct buffer lines = BUFFER_INIT(MESSAGE_LINES_MAX);
	struct buffer exports = BUFFER_INIT(MESSAGE_EXPORTS_MAX);
	long believed = decision_believed(config) - age;
	struct verdict verdict = {.result = RESULT_MEMORY};
	verdict_decide(config, d->claims, &d->request, &verdict);
	if (verdict.result == RESULT_MEMORY)
		return 0;
	int r = body != NULL ? ticket_body_encode(config, body, &text) : 0;
	if (r == 0)
		r = ticket_lines_write(
		    config, d->claims, &d->request, believed > 0 ? believed : 0, &lines);
	if (r == 0)
		r = exports_write(config, d->claims, &exports);
	if (r == 0)
		r = send_ticket(d->flow, &text, &lines, &exports);
	if (r == RESULT_TOO_LARGE)
		r = flow_failed(d->flow, RESULT_TICKET_KEEP, "claims and tokens are too large");
	buffer_wipe(&text);
	buffer_wipe(&lines);
	buffer_wipe(&exports);
	return r;
}
