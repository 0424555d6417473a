/* SPDX-License-Identifier: MIT
 *
 * The password flow, and the challenges that prove the password.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/buffer.h"
#include "common/message.h"
#include "common/result.h"
#include "common/sentence.h"
#include "common/text.h"
#include "helper/flow/challenge.h"
#include "helper/flow/flow.h"
#include "helper/flow/new_password.h"
#include "helper/flow/srp.h"
#include "helper/json/json.h"
#include "helper/net/cognito_api.h"
#include "helper/net/token_endpoint.h"

#define CUSTOM_PARAMETERS_MOST 16 /* they must fit a terminal */
#define CUSTOM_VALUE_MAX 400
#define APPENDED 6 /* digits; what authenticator apps show */

/* ---- the password and the SRP key pair ------------------------------------------------ */

/* Takes off what is no part of the password: the spaces around it, of which Cognito allows none
 * (another provider may), and with otp_append a code at its end. Returns 0 or
 * RESULT_PASSWORD_EMPTY. */
static int tidy(struct challenge *c)
{
	struct buffer *p = c->request->password;
	if (c->flow->config->password_method == PASSWORD_ROPC)
		return p->len > 0 ? 0 : RESULT_PASSWORD_EMPTY;
	buffer_trim(p);
	const char *tail = p->len > APPENDED ? p->bytes + p->len - APPENDED : "";
	if (c->flow->config->otp_append && strspn(tail, "0123456789") == APPENDED) {
		snprintf(c->appended, sizeof(c->appended), "%s", tail);
		buffer_cut(p, p->len - APPENDED);
		buffer_trim(p);
	}
	return p->len > 0 ? 0 : RESULT_PASSWORD_EMPTY;
}

/* Asks for the password unless it is there. */
static int need_password(struct challenge *c)
{
	const struct flow_request *q = c->request;
	if (q->password->len > 0)
		return 0;
	int r = prompt_question(
	    &c->flow->channel, c->asking, q->password_prompt, q->password, &c->typed);
	return r == 0 ? tidy(c) : r;
}

/* Makes the SRP key pair unless it is there. */
static int need_srp(struct challenge *c)
{
	return c->srp != NULL ? 0 : srp_new_random(c->flow->srp_group, &c->srp);
}

/* ---- PASSWORD_VERIFIER, PASSWORD, PASSWORD_SRP ---------------------------------------- */

static int password_verifier(struct challenge *c)
{
	char timestamp[SRP_TIMESTAMP_MAX], signature[SRP_SIGNATURE_MAX];
	const struct srp_challenge s = {
	    .pool_name = c->flow->config->pool_name,
	    .user_id = challenge_parameter(c, "USER_ID_FOR_SRP"),
	    .password = buffer_text(c->request->password),
	    .salt = challenge_parameter(c, "SALT"),
	    .server_public = challenge_parameter(c, "SRP_B"),
	    .secret_block = challenge_parameter(c, "SECRET_BLOCK"),
	    .timestamp = timestamp,
	};
	struct cognito_request request = {
	    .parameters = {{"PASSWORD_CLAIM_SIGNATURE", signature},
		{"PASSWORD_CLAIM_SECRET_BLOCK", s.secret_block}, {"TIMESTAMP", timestamp}},
	};
	if (c->srp == NULL || c->request->password->len == 0)
		return RESULT_CHALLENGE;
	if (s.pool_name == NULL || s.user_id == NULL || s.salt == NULL ||
	    s.server_public == NULL || s.secret_block == NULL)
		return RESULT_ANSWER;
	srp_timestamp((long long)time(NULL), timestamp);
	int r = srp_sign(c->srp, &s, signature);
	if (r == 0)
		r = challenge_respond(c, &request);
	if (r == 0)
		challenge_prove(c, FACTOR_PASSWORD);
	return r;
}

static int respond_by(struct challenge *c, const char *way, bool chosen)
{
	bool by_srp = streq(way, "PASSWORD_SRP"), by_password = streq(way, "PASSWORD");
	/* First the password: the challenge that follows SRP_A waits only for seconds. */
	int r = by_srp || by_password ? need_password(c) : 0;
	if (r == 0 && by_srp)
		r = need_srp(c);
	if (r != 0)
		return r;
	struct cognito_request request = {
	    .parameters = {{"ANSWER", chosen ? way : NULL},
		{"SRP_A", by_srp ? srp_public(c->srp) : NULL},
		{"PASSWORD", by_password ? buffer_text(c->request->password) : NULL}},
	    .repeat = by_password ? HTTP_REPEAT_THROTTLED : HTTP_REPEAT_FAILED,
	};
	r = challenge_respond(c, &request);
	if (r == 0 && by_password)
		challenge_prove(c, FACTOR_PASSWORD);
	return r;
}

static int password_respond(struct challenge *c)
{
	return respond_by(c, c->name, false);
}

/* ---- SELECT_MFA_TYPE, SELECT_CHALLENGE ----------------------------------------------- */

/* What can be done at a terminal, in the order in which it is shown. */
struct way {
	const char *name, *label;
};

static const struct way second_factors[] = {
    {"SOFTWARE_TOKEN_MFA", SENTENCE_WAY_APP},
    {"SMS_MFA", SENTENCE_WAY_MESSAGE},
    {"EMAIL_OTP", SENTENCE_WAY_MAIL},
    {"EMAIL_MFA", SENTENCE_WAY_MAIL},
    {NULL, NULL},
};

/* SRP before the plain password: for the user they are the same. */
static const struct way first_factors[] = {
    {"PASSWORD_SRP", SENTENCE_WAY_PASSWORD},
    {"PASSWORD", SENTENCE_WAY_PASSWORD},
    {"EMAIL_OTP", SENTENCE_WAY_MAIL},
    {"SMS_OTP", SENTENCE_WAY_MESSAGE},
    {NULL, NULL},
};

/* The user chooses among those ways that Cognito offers, each label once. */
static int select_way(
    struct challenge *c, const struct cJSON *offers, const struct way *ways, const char *title)
{
	const char *names[PROMPT_CHOICES_MOST], *labels[PROMPT_CHOICES_MOST];
	size_t n = 0, chosen = 0;
	for (; ways->name != NULL; ways++) {
		bool is_shown = n > 0 && streq(labels[n - 1], ways->label);
		if (is_shown || !challenge_is_offered(offers, ways->name))
			continue;
		names[n] = ways->name;
		labels[n++] = ways->label;
	}
	if (n == 0)
		return RESULT_CHALLENGE;
	int r = prompt_choose(&c->flow->channel, title, labels, n, &chosen);
	return r == 0 ? respond_by(c, names[chosen], true) : r;
}

/* The documentation says MFAS_CAN_SELECT, the service MFAS_CAN_CHOOSE. */
static int select_mfa_type(struct challenge *c)
{
	const struct cJSON *offers = NULL;
	struct json *json = challenge_parameter_json(c, "MFAS_CAN_CHOOSE", &offers);
	if (json == NULL)
		json = challenge_parameter_json(c, "MFAS_CAN_SELECT", &offers);
	int r = json != NULL ? select_way(c, offers, second_factors, SENTENCE_CHOOSE_FACTOR)
			     : RESULT_ANSWER;
	json_free(json);
	return r;
}

static int select_challenge(struct challenge *c)
{
	const struct cJSON *offers = json_member(json_root(c->answer), "AvailableChallenges");
	return select_way(c, json_first(offers), first_factors, SENTENCE_CHOOSE_FLOW);
}

/* ---- CUSTOM_CHALLENGE ---------------------------------------------------------------- */

/* Cognito's own parameters mean nothing to a user. */
static bool is_for_user(const struct cJSON *member)
{
	return json_string(member) != NULL && !streq(json_name(member), "USERNAME") &&
	       !streq(json_name(member), "USER_ID_FOR_SRP");
}

/* Shows the public parameters of the pool's Lambda, and sends what the user answers. The Lambda
 * decides how many tries there are, within CHALLENGE_STEPS. */
static int custom_challenge(struct challenge *c)
{
	struct buffer text = BUFFER_INIT(MESSAGE_TEXT_MAX);
	struct buffer typed = BUFFER_INIT(MESSAGE_ANSWER_MAX);
	char name[64], value[CUSTOM_VALUE_MAX];
	size_t shown = 0;
	buffer_append_text(&text, "\n");
	for (const struct cJSON *m = json_first(c->parameters);
	     m != NULL && shown < CUSTOM_PARAMETERS_MOST; m = json_next(m)) {
		if (!is_for_user(m))
			continue;
		text_printable(json_name(m), strlen(json_name(m)), name, sizeof(name));
		text_printable(json_string(m), strlen(json_string(m)), value, sizeof(value));
		buffer_append_format(&text, "%s: %s\n", name, value);
		shown++;
	}
	int r = buffer_append_text(&text, SENTENCE_ANSWER);
	if (r == 0)
		r = prompt_question(
		    &c->flow->channel, ASK_ECHO_ON, buffer_text(&text), &typed, NULL);
	struct cognito_request request = {.parameters = {{"ANSWER", buffer_text(&typed)}}};
	if (r == 0)
		r = challenge_respond(c, &request);
	buffer_wipe(&text);
	buffer_wipe(&typed);
	return r;
}

/* ---- sequence ------------------------------------------------------------------------ */

static const struct {
	const char *name;
	int (*answer)(struct challenge *);
} challenges[] = {
    {"PASSWORD_VERIFIER", password_verifier},
    {"PASSWORD", password_respond},
    {"PASSWORD_SRP", password_respond},
    {"SOFTWARE_TOKEN_MFA", code_respond},
    {"SMS_MFA", code_respond},
    {"SMS_OTP", code_respond},
    {"EMAIL_OTP", code_respond},
    {"EMAIL_MFA", code_respond},
    {"SELECT_MFA_TYPE", select_mfa_type},
    {"SELECT_CHALLENGE", select_challenge},
    {"NEW_PASSWORD_REQUIRED", new_password_required},
    {"MFA_SETUP", mfa_setup},
    {"CUSTOM_CHALLENGE", custom_challenge},
};

static int answer_challenge(struct challenge *c)
{
	struct reason *reason = &c->flow->reason;
	char name[64];
	for (size_t i = 0; i < sizeof(challenges) / sizeof(challenges[0]); i++)
		if (streq(c->name, challenges[i].name)) {
			int r = challenges[i].answer(c);
			return r == 0 ? 0 : reason_at(reason, r, challenges[i].name);
		}
	/* A passkey, a remembered device, something new: only a browser can go on from there.
	 */
	text_printable(c->name, strlen(c->name), name, sizeof(name));
	reason_tell(reason, RESULT_CHALLENGE, SENTENCE_CANNOT_DO, name);
	return reason_set(reason, RESULT_CHALLENGE, "%s", name);
}

static int run_challenges(struct challenge *c, struct json *answer)
{
	struct flow *flow = c->flow;
	int r = challenge_read(c, answer);
	for (int steps = 0; r == 0 && c->name != NULL && steps < CHALLENGE_STEPS; steps++)
		r = answer_challenge(c);
	if (r != 0)
		return r;
	if (c->name != NULL)
		return reason_set(&flow->reason, RESULT_CHALLENGE, "too many challenges");
	flow->answer = c->answer;
	c->answer = NULL;
	r = flow_take_tokens(flow, TICKET_SOURCE_API);
	return r == 0 ? 0 : reason_set(&flow->reason, r, "AuthenticationResult");
}

/* ---- flow ---------------------------------------------------------------------------- */

int password_initiate(
    struct flow *flow, const char *srp_a, const struct buffer *password, struct json **answer)
{
	static const char *const auth_flows[] = {
	    [PASSWORD_SRP] = "USER_SRP_AUTH",
	    [PASSWORD_PLAIN] = "USER_PASSWORD_AUTH",
	    [PASSWORD_CHOICE] = "USER_AUTH",
	};
	enum password_method method = flow->config->password_method;
	bool is_plain = method == PASSWORD_PLAIN;
	const struct cognito_request request = {
	    .operation = "InitiateAuth",
	    .members = {{"ClientId", flow->config->client_id},
		{"AuthFlow", auth_flows[method]}},
	    .object = "AuthParameters",
	    .parameters = {{"SRP_A", method == PASSWORD_SRP ? srp_a : NULL}},
	    .password = is_plain ? password : NULL,
	    .username = flow->login_name,
	    .repeat = is_plain ? HTTP_REPEAT_THROTTLED : HTTP_REPEAT_FAILED,
	};
	return flow_call(flow, &request, answer);
}

static int sign_in_by_api(struct challenge *c)
{
	struct flow *flow = c->flow;
	struct json *answer = NULL;
	enum password_method method = flow->config->password_method;
	int r = password_initiate(
	    flow, c->srp != NULL ? srp_public(c->srp) : NULL, c->request->password, &answer);
	if (r != 0 && c->unheard != 0)
		return c->unheard;
	if (r != 0)
		return reason_at(&flow->reason, r, "InitiateAuth");
	/* Only USER_PASSWORD_AUTH proves anything in its first step. Tokens before any proof
	 * are no login, and only the one challenge that is SRP's proof may follow SRP_A. */
	const char *name = json_member_string(json_root(answer), "ChallengeName");
	c->proven = method == PASSWORD_PLAIN ? FACTOR_PASSWORD : 0;
	if ((method == PASSWORD_SRP && !streq(name, "PASSWORD_VERIFIER")) ||
	    (method == PASSWORD_CHOICE && name == NULL)) {
		json_free(answer);
		return reason_set(&flow->reason, RESULT_ANSWER, "InitiateAuth");
	}
	return run_challenges(c, answer);
}

static int sign_in_by_grant(struct challenge *c)
{
	struct flow *flow = c->flow;
	int r = token_endpoint_password(flow->http, flow->config, flow->login_name,
	    c->request->password, &flow->answer, &flow->reason);
	if (c->unheard != 0)
		return c->unheard;
	if (r == 0)
		r = flow_take_tokens(flow, TICKET_SOURCE_TOKEN_URL);
	return r == 0 ? 0 : reason_at(&flow->reason, r, "password grant");
}

/* Looks up names, closes the sandbox, and makes the SRP key pair. */
static int prepare(struct challenge *c)
{
	int r = http_prepare(c->flow->http, &c->flow->reason);
	if (r == 0 && c->flow->config->password_method == PASSWORD_SRP)
		r = need_srp(c);
	return r;
}

/* The first request waits for this. */
static int hear(void *arg)
{
	struct challenge *c = arg;
	struct flow *flow = c->flow;
	int r = prompt_answer(&flow->channel, c->request->password, &c->typed);
	if (r == 0)
		r = tidy(c);
	return c->unheard = r == 0 ? 0 : reason_at(&flow->reason, r, "password");
}

/* What takes time is done while the user types: also the first request's connection. */
static int ask_and_prepare(struct challenge *c)
{
	const struct flow_request *q = c->request;
	struct flow *flow = c->flow;
	const struct http_hold hold = {.wait = hear, .arg = c, .fd = flow->channel.fd};
	int r = prompt_ask(&flow->channel, c->asking, q->password_prompt);
	if (r != 0)
		return reason_at(&flow->reason, r, "password");
	int prepared = prepare(c);
	if (prepared == 0) {
		http_hold(flow->http, &hold);
		return 0;
	}
	/* Even after a failure the answer is awaited: a verdict that comes while the host sends
	 * an answer would be lost. */
	r = hear(c);
	return r == 0 ? prepared : r;
}

static int run(
    struct flow *flow, const struct flow_request *request, enum prompt_kind asking, bool *typed)
{
	struct challenge c = {.flow = flow, .request = request, .asking = asking};
	const struct config *config = flow->config;
	enum password_method method = config->password_method;
	c.typed = true;
	flow->second_factor = SECOND_NONE;
	http_need(flow->http, method == PASSWORD_ROPC ? config->token_url : config->api_url);
	/* With USER_AUTH, Cognito's offer decides whether there is a password to ask for. */
	int r = method == PASSWORD_CHOICE ? prepare(&c) : ask_and_prepare(&c);
	if (r == 0)
		r = method == PASSWORD_ROPC ? sign_in_by_grant(&c) : sign_in_by_api(&c);
	http_unhold(flow->http);
	/* What was accepted is not what was wrong, and what was chosen since stays new. */
	*typed = c.typed || (c.proven & FACTOR_PASSWORD) != 0;
	challenge_free(&c);
	return r;
}

int password_run(struct flow *flow, const struct flow_request *request)
{
	bool typed = true;
	int r = run(flow, request, ASK_PASSWORD, &typed);
	/* try_first_pass: an earlier module's password was wrong, and the user was not asked.
	 */
	if (r == RESULT_PASSWORD && !typed) {
		buffer_wipe(request->password);
		reason_clear(&flow->reason);
		r = run(flow, request, ASK_PASSWORD_AGAIN, &typed);
	}
	/* Some stand-ins for Cognito report "invalid password" when it is merely wrong. */
	if (r == RESULT_NEW_PASSWORD)
		r = RESULT_PASSWORD;
	if (r == RESULT_PASSWORD_RESET)
		r = new_password_forgotten(flow);
	return r;
}
