/* SPDX-License-Identifier: MIT */
#include "helper/flow/password.h"

#include "common/message.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/flow/challenge.h"
#include "helper/flow/flow.h"
#include "helper/flow/new_password.h"
#include "helper/flow/password_challenge.h"
#include "helper/flow/srp.h"
#include "helper/json/json.h"
#include "helper/net/http.h"
#include "helper/net/token_endpoint.h"
#include "helper/config/config.h"

/* {"ClientId":…,"AuthFlow":…,"AuthParameters":{"USERNAME":…,"SECRET_HASH":…,name:value}} */
int password_initiate(struct flow *flow, const char *auth_flow, const char *name,
    const char *value, struct json **answer)
{
	struct buffer body = BUFFER_INIT(CHALLENGE_BODY_MAX);
	int r = challenge_open_body(flow, &body);
	if (r == 0)
		r = challenge_append(&body, "AuthFlow", auth_flow);
	if (r == 0)
		r = buffer_append_text(&body, ",\"AuthParameters\":{");
	if (r == 0)
		r = challenge_append(&body, "USERNAME", flow->login_name);
	if (r == 0)
		r = challenge_append_secret_hash(flow, &body, "SECRET_HASH", flow->login_name);
	if (r == 0 && name != NULL)
		r = challenge_append(&body, name, value);
	if (r == 0)
		r = buffer_append_text(&body, "}}");
	if (r == 0)
		r = cognito_api_call(
		    flow->http, flow->config, "InitiateAuth", &body, answer, &flow->error);
	buffer_wipe(&body);
	return r;
}

static int sign_in_by_api(struct challenge *c)
{
	struct json *answer = NULL;
	enum password_method method = c->flow->config->password_method;
	int r;
	if (method == PASSWORD_SRP)
		r = password_initiate(
		    c->flow, "USER_SRP_AUTH", "SRP_A", srp_public(c->srp), &answer);
	else if (method == PASSWORD_CHOICE)
		r = password_initiate(c->flow, "USER_AUTH", NULL, NULL, &answer);
	else
		r = password_initiate(c->flow, "USER_PASSWORD_AUTH", "PASSWORD",
		    buffer_text(c->password), &answer);
	if (r != 0)
		return flow_failed(c->flow, r, "InitiateAuth");
	/* Only USER_PASSWORD_AUTH proves anything in its first step: tokens before any proof
	 * are no login, and SRP's proof is the one challenge that may follow. */
	const char *name = json_member_string(json_root(answer), "ChallengeName");
	c->factor_proven = method == PASSWORD_PLAIN;
	if ((method == PASSWORD_SRP && !streq(name, "PASSWORD_VERIFIER")) ||
	    (method == PASSWORD_CHOICE && name == NULL)) {
		json_free(answer);
		return flow_failed(c->flow, RESULT_ANSWER, "InitiateAuth");
	}
	return challenge_run(c, answer);
}

static int sign_in_by_grant(struct challenge *c)
{
	struct flow *flow = c->flow;
	int r = token_endpoint_password(flow->http, flow->config, flow->login_name,
	    buffer_text(c->password), &flow->answer, &flow->error);
	if (r != 0)
		return flow_failed(flow, r, "password grant");
	flow_take_tokens(flow, TICKET_SOURCE_TOKEN_URL);
	if (flow->id_token == NULL || flow->access_token == NULL)
		return flow_failed(flow, RESULT_ANSWER, "password grant");
	return 0;
}

/* Names are looked up, the sandbox is closed, the SRP key pair is made. */
static int prepare(struct challenge *c)
{
	const struct config *config = c->flow->config;
	int r = http_prepare(c->flow->http);
	if (r != 0)
		return flow_failed(c->flow, r, http_why(c->flow->http));
	return config->password_method == PASSWORD_SRP ? password_challenge_prepare(c) : 0;
}

static int sign_in(struct challenge *c)
{
	if (c->flow->config->password_method == PASSWORD_ROPC)
		return sign_in_by_grant(c);
	return sign_in_by_api(c);
}

/* What takes time is done while the person types. */
static int ask_and_sign_in(struct challenge *c)
{
	struct flow *flow = c->flow;
	int r = password_challenge_prompt(c);
	if (r != 0)
		return flow_failed(flow, r, "password");
	/* The host is waited for also when it is in vain: a verdict that comes while it sends
	 * an answer would be lost. */
	int prepared = prepare(c);
	r = prompt_answer(&flow->channel, c->password, &c->typed);
	if (r == 0)
		r = prepared;
	if (r != 0)
		return flow_failed(flow, r, "password");
	password_challenge_split(c);
	return sign_in(c);
}

/* What Cognito offers decides whether there is a password to ask for at all. */
static int choose_and_sign_in(struct challenge *c)
{
	int r = prepare(c);
	return r == 0 ? sign_in(c) : flow_failed(c->flow, r, "choice");
}

static int run(struct challenge *c)
{
	int r = c->flow->config->password_method == PASSWORD_CHOICE ? choose_and_sign_in(c)
								    : ask_and_sign_in(c);
	challenge_free(c);
	return r;
}

int password_run(struct flow *flow, struct keys *keys, const struct flow_request *request)
{
	struct challenge c = {.flow = flow,
	    .password = request->password,
	    .prompt = request->password_prompt,
	    .typed = true};
	(void)keys;
	int r = run(&c);
	/* try_first_pass: an earlier module's password was wrong; the person was not asked. */
	if (r == RESULT_PASSWORD && !c.typed) {
		c = (struct challenge){.flow = flow,
		    .password = request->password,
		    .prompt = request->password_prompt,
		    .again = true,
		    .typed = true};
		buffer_wipe(request->password);
		flow_forget(flow);
		r = run(&c);
	}
	/* Some stand-ins for Cognito say "invalid password" of one that is merely wrong. */
	if (r == RESULT_NEW_PASSWORD)
		r = RESULT_PASSWORD;
	if (r == RESULT_PASSWORD_RESET)
		r = new_password_forgotten(flow);
	return r;
}
