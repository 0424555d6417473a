/* SPDX-License-Identifier: MIT */
#include "helper/flow/new_password.h"

#include <stdio.h>
#include <string.h>

#include "common/buffer.h"
#include "common/message.h"
#include "common/result.h"
#include "common/sentence.h"
#include "common/text.h"
#include "helper/flow/challenge.h"
#include "helper/flow/flow.h"
#include "helper/json/json.h"
#include "helper/net/cognito_api.h"

/* Cognito knows 17 standard ones; few are ever required. */
#define ATTRIBUTES_MOST (COGNITO_PARAMETERS_MAX - 1)
#define ATTRIBUTE_NAME_MAX 128
#define ATTRIBUTE_PREFIX "userAttributes."

/* RESULT_NEW_PASSWORD, told to the user, when the two differ or the new one is the old one. */
static int ask_twice(
    struct flow *flow, const struct buffer *old, struct buffer *password, bool *typed)
{
	struct buffer again = BUFFER_INIT(MESSAGE_ANSWER_MAX);
	const char *why = NULL;
	int r = prompt_question(
	    &flow->channel, ASK_NEW_PASSWORD, SENTENCE_NEW_PASSWORD, password, typed);
	if (r == 0)
		r = prompt_question(&flow->channel, ASK_NEW_PASSWORD,
		    SENTENCE_NEW_PASSWORD_AGAIN, &again, NULL);
	if (r == 0 && !streq(buffer_text(password), buffer_text(&again)))
		why = SENTENCE_NOT_THE_SAME;
	else if (r == 0 && old != NULL && streq(buffer_text(password), buffer_text(old)))
		why = SENTENCE_NOT_THE_OLD;
	buffer_wipe(&again);
	if (why == NULL)
		return r;
	r = prompt_tell(&flow->channel, true, why);
	return r == 0 ? RESULT_NEW_PASSWORD : r;
}

/* Tells the user why the pool refuses a password, if it does. The API judges the form of a text
 * before the pool judges it as a password: one that is too short or ends with a space is an
 * invalid parameter. */
static int tell_refused(struct flow *flow, int r)
{
	char text[REASON_MAX + sizeof(SENTENCE_REFUSED)];
	const char *why = flow->reason.detail, *colon = strstr(why, ": ");
	if (r != RESULT_NEW_PASSWORD &&
	    (r != RESULT_CLIENT ||
		!http_is_refused(&flow->reason, "InvalidParameterException")))
		return r;
	snprintf(text, sizeof(text), SENTENCE_REFUSED, colon != NULL ? colon + 2 : why);
	r = prompt_tell(&flow->channel, true, text);
	return r == 0 ? RESULT_NEW_PASSWORD : RESULT_HELPER_LOST;
}

/* A request that a new password completes. */
struct proposal {
	struct flow *flow;
	struct challenge *challenge; /* that it responds to; NULL: none */
	const struct buffer *old; /* NULL: unknown */
	struct cognito_request request;
	const char **password; /* its place in the request */
};

/* No answer but a challenge's holds anything that matters. */
static int send_proposal(struct proposal *p)
{
	struct json *answer = NULL;
	if (p->challenge != NULL)
		return challenge_respond(p->challenge, &p->request);
	int r = flow_call(p->flow, &p->request, &answer);
	json_free(answer);
	return r;
}

/* Asks and sends until the pool takes one: PROMPT_TRIES times, or once if an earlier module's
 * password is all there is. */
static int choose(struct proposal *p)
{
	struct buffer password = BUFFER_INIT(MESSAGE_ANSWER_MAX);
	bool typed = true;
	int r = RESULT_NEW_PASSWORD;
	for (int tries = 0; r == RESULT_NEW_PASSWORD && typed && tries < PROMPT_TRIES;
	     tries++) {
		r = ask_twice(p->flow, p->old, &password, &typed);
		if (r != 0)
			continue;
		*p->password = buffer_text(&password);
		r = tell_refused(p->flow, send_proposal(p));
	}
	buffer_wipe(&password);
	return r;
}

/* ---- NEW_PASSWORD_REQUIRED ----------------------------------------------------------- */

/* The attribute's value becomes a parameter, which borrows it and the name. */
static int ask_attribute(
    struct flow *flow, const char *name, struct buffer *value, struct parameter *out)
{
	char shown[64], prompt[80];
	const char *plain =
	    text_starts(name, ATTRIBUTE_PREFIX) ? name + strlen(ATTRIBUTE_PREFIX) : name;
	text_printable(plain, strlen(plain), shown, sizeof(shown));
	snprintf(prompt, sizeof(prompt), SENTENCE_ATTRIBUTE, shown);
	*value = (struct buffer)BUFFER_INIT(MESSAGE_ANSWER_MAX);
	int r = prompt_question(&flow->channel, ASK_ECHO_ON, prompt, value, NULL);
	*out = (struct parameter){name, buffer_text(value)};
	return r;
}

/* requiredAttributes names what the pool wants and does not have yet: a is the first. */
static int ask_attributes(struct flow *flow, const struct cJSON *a,
    struct buffer values[ATTRIBUTES_MOST], struct parameter *out)
{
	int r = 0;
	for (size_t i = 0; r == 0 && a != NULL; a = json_next(a), i++) {
		const char *name = json_string(a);
		if (name == NULL || strlen(name) > ATTRIBUTE_NAME_MAX || i == ATTRIBUTES_MOST)
			return RESULT_ANSWER;
		r = ask_attribute(flow, name, &values[i], &out[i]);
	}
	return r;
}

int new_password_required(struct challenge *c)
{
	struct flow *flow = c->flow;
	struct proposal p = {.flow = flow, .challenge = c, .old = c->request->password};
	struct parameter *parameters = p.request.parameters;
	struct buffer values[ATTRIBUTES_MOST] = {{0}}, enter = BUFFER_INIT(MESSAGE_ANSWER_MAX);
	const struct cJSON *first = NULL;
	struct json *names = challenge_parameter_json(c, "requiredAttributes", &first);
	parameters[0].name = "NEW_PASSWORD";
	p.password = &parameters[0].value;
	int r = prompt_question(&flow->channel, ASK_ECHO_ON, SENTENCE_TEMPORARY, &enter, NULL);
	if (r == 0 || r == RESULT_CANCELLED)
		r = ask_attributes(flow, first, values, parameters + 1);
	if (r == 0)
		r = choose(&p);
	for (size_t i = 0; i < ATTRIBUTES_MOST; i++)
		buffer_wipe(&values[i]);
	buffer_wipe(&enter);
	json_free(names);
	flow->password_renewed = r == 0;
	return r == RESULT_NEW_PASSWORD ? RESULT_NEW_PASSWORD_TRIES : r;
}

/* ---- ChangePassword ------------------------------------------------------------------ */

int new_password_change(struct flow *flow, struct buffer *old)
{
	struct proposal p = {.flow = flow, .old = old};
	int r = 0;
	if (flow->password_renewed)
		return 0;
	/* A user who signed in by a code has not proven the password yet. An empty answer is
	 * sent like any other. */
	if (old->len == 0)
		r = prompt_question(
		    &flow->channel, ASK_PASSWORD, SENTENCE_CURRENT_PASSWORD, old, NULL);
	p.request = (struct cognito_request){
	    .operation = "ChangePassword",
	    .members = {{"AccessToken", flow->access_token},
		{"PreviousPassword", buffer_text(old)}, {"ProposedPassword", NULL}},
	};
	p.password = &p.request.members[2].value;
	if (r == 0 || r == RESULT_CANCELLED)
		r = choose(&p);
	return r == 0 ? 0 : reason_at(&flow->reason, r, "ChangePassword");
}

/* ---- ForgotPassword ------------------------------------------------------------------ */

struct reset {
	struct flow *flow;
	char prompt[192]; /* what asks for the code */
	char code[CHALLENGE_CODE_MAX];
};

static int send_code(struct reset *q)
{
	struct flow *flow = q->flow;
	struct json *answer = NULL;
	const struct cognito_request request = {
	    .operation = "ForgotPassword",
	    .members = {{"ClientId", flow->config->client_id}},
	    .username = flow->login_name,
	};
	int r = flow_call(flow, &request, &answer);
	/* "... as there is no registered/verified email or phone_number" */
	if (r == RESULT_CLIENT && http_is_refused(&flow->reason, "InvalidParameterException"))
		return reason_tell(
		    &flow->reason, RESULT_PASSWORD_RESET, "%s", SENTENCE_NO_ADDRESS);
	if (r != 0)
		return r;
	const struct cJSON *details = json_member(json_root(answer), "CodeDeliveryDetails");
	code_sent_prompt(
	    json_member_string(details, "Destination"), q->prompt, sizeof(q->prompt));
	json_free(answer);
	return 0;
}

/* The code is asked for again only if the code was wrong. */
static int reset(struct reset *q)
{
	struct flow *flow = q->flow;
	struct proposal p = {
	    .flow = flow,
	    .request = {.operation = "ConfirmForgotPassword",
		.members = {{"ClientId", flow->config->client_id},
		    {"ConfirmationCode", q->code}, {"Password", NULL}},
		.username = flow->login_name},
	    .password = &p.request.members[2].value,
	};
	int r = RESULT_CODE;
	for (int tries = 0; r == RESULT_CODE && tries < PROMPT_TRIES; tries++) {
		r = code_ask(flow, q->prompt, CHALLENGE_CODE_MAX - 1, q->code);
		if (r == 0)
			r = choose(&p);
		if (r == RESULT_CODE &&
		    prompt_tell(&flow->channel, true, result_sentence(RESULT_CODE)) != 0)
			r = RESULT_HELPER_LOST;
	}
	return r == RESULT_CODE ? RESULT_CODE_TRIES : r;
}

int new_password_forgotten(struct flow *flow)
{
	struct reset q = {.flow = flow};
	struct buffer typed = BUFFER_INIT(MESSAGE_ANSWER_MAX);
	int r = prompt_question(&flow->channel, ASK_ECHO_ON, SENTENCE_RESET, &typed, NULL);
	bool is_yes = streq(buffer_text(&typed), "yes") || streq(buffer_text(&typed), "y");
	buffer_wipe(&typed);
	/* The reason stays the one for which Cognito wants the password reset. */
	if (r == RESULT_CANCELLED || (r == 0 && !is_yes))
		return RESULT_PASSWORD_RESET;
	if (r == 0)
		r = send_code(&q);
	if (r == 0)
		r = reset(&q);
	explicit_bzero(&q, sizeof(q));
	if (r == RESULT_NEW_PASSWORD)
		r = RESULT_NEW_PASSWORD_TRIES;
	return reason_at(&flow->reason, r == 0 ? RESULT_SIGN_IN_AGAIN : r, "ForgotPassword");
}
