/* SPDX-License-Identifier: MIT */
#include "helper/flow/new_password.h"

#include <stdio.h>
#include <string.h>

#include "common/message.h"
#include "common/result.h"
#include "common/sentence.h"
#include "common/text.h"
#include "helper/flow/challenge.h"
#include "helper/flow/code.h"
#include "helper/flow/flow.h"
#include "helper/json/json.h"

#define ATTRIBUTES_MOST 16 /* Cognito knows 17 standard ones; few are ever required */
#define ATTRIBUTE_PREFIX "userAttributes."

static int ask_hidden(struct flow *flow, const char *text, struct buffer *out, bool *typed)
{
	int r = prompt_ask(&flow->channel, ASK_NEW_PASSWORD, text);
	if (r == 0)
		r = prompt_answer(&flow->channel, out, typed);
	return r == 0 && out->len == 0 ? RESULT_CANCELLED : r;
}

/* One round: RESULT_NEW_PASSWORD, told to the person, when it will not do. */
static int ask_twice(
    struct flow *flow, const struct buffer *old, struct buffer *password, bool *typed)
{
	struct buffer again = BUFFER_INIT(MESSAGE_ANSWER_MAX);
	const char *why = NULL;
	int r = ask_hidden(flow, SENTENCE_NEW_PASSWORD, password, typed);
	if (r == 0)
		r = ask_hidden(flow, SENTENCE_NEW_PASSWORD_AGAIN, &again, NULL);
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

static int tell_refused(struct flow *flow)
{
	char text[512];
	snprintf(text, sizeof(text), SENTENCE_REFUSED,
	    flow->error.message[0] != '\0' ? flow->error.message : flow->error.type);
	return prompt_tell(&flow->channel, true, text);
}

/* The API judges the form of a text before the pool judges it as a password: what is too
 * short or ends with a space is an invalid parameter. */
static bool is_refused(const struct flow *flow, int r)
{
	return r == RESULT_NEW_PASSWORD ||
	       (r == RESULT_CLIENT && streq(flow->error.type, "InvalidParameterException"));
}

/* Asks and sends until the pool takes one: three times, or once if an earlier module's
 * password is all there is. */
static int choose(struct flow *flow, const struct buffer *old,
    int (*send)(void *, const struct buffer *), void *arg)
{
	struct buffer password = BUFFER_INIT(MESSAGE_ANSWER_MAX);
	bool typed = true;
	int r = RESULT_NEW_PASSWORD;
	for (int tries = 0; r == RESULT_NEW_PASSWORD && typed && tries < CHALLENGE_TRIES;
	     tries++) {
		r = ask_twice(flow, old, &password, &typed);
		if (r != 0)
			continue;
		r = send(arg, &password);
		if (is_refused(flow, r))
			r = tell_refused(flow) == 0 ? RESULT_NEW_PASSWORD : RESULT_HELPER_LOST;
	}
	buffer_wipe(&password);
	return r;
}

/* ---- NEW_PASSWORD_REQUIRED --------------------------------------------------------- */

/* Members of the answer for one attribute; a name of Cognito's making is printable. */
static int ask_attribute(struct challenge *c, const char *name, struct buffer *members)
{
	struct buffer typed = BUFFER_INIT(MESSAGE_ANSWER_MAX);
	char shown[64], prompt[80];
	const char *plain =
	    text_starts(name, ATTRIBUTE_PREFIX) ? name + strlen(ATTRIBUTE_PREFIX) : name;
	text_printable(plain, strlen(plain), shown, sizeof(shown));
	snprintf(prompt, sizeof(prompt), SENTENCE_ATTRIBUTE, shown);
	int r = prompt_ask(&c->flow->channel, ASK_ECHO_ON, prompt);
	if (r == 0)
		r = prompt_answer(&c->flow->channel, &typed, NULL);
	if (r == 0 && typed.len == 0)
		r = RESULT_CANCELLED;
	if (r == 0)
		r = challenge_append(members, name, buffer_text(&typed));
	buffer_wipe(&typed);
	return r;
}

/* requiredAttributes names what the pool wants and does not have yet. */
static int ask_attributes(struct challenge *c, struct buffer *members)
{
	struct json *required = challenge_parameter_json(c, "requiredAttributes");
	const struct cJSON *a = required != NULL ? json_first(json_root(required)) : NULL;
	size_t count = 0;
	int r = 0;
	for (; r == 0 && a != NULL; a = json_next(a)) {
		const char *name = json_string(a);
		if (name == NULL || strlen(name) > 128 || ++count > ATTRIBUTES_MOST)
			r = RESULT_ANSWER;
		else
			r = ask_attribute(c, name, members);
	}
	json_free(required);
	return r;
}

struct required {
	struct challenge *challenge;
	struct buffer members;
};

static int send_required(void *arg, const struct buffer *password)
{
	struct required *q = arg;
	struct buffer body = BUFFER_INIT(CHALLENGE_BODY_MAX);
	int r = challenge_open_response(q->challenge, &body);
	if (r == 0)
		r = challenge_append(&body, "NEW_PASSWORD", buffer_text(password));
	if (r == 0)
		r = buffer_append(&body, q->members.bytes, q->members.len);
	if (r == 0)
		r = challenge_respond(q->challenge, &body);
	buffer_wipe(&body);
	return r;
}

/* A question with echo on, before anything hidden. */
static int announce(struct flow *flow, const char *text)
{
	struct buffer typed = BUFFER_INIT(MESSAGE_ANSWER_MAX);
	int r = prompt_ask(&flow->channel, ASK_ECHO_ON, text);
	if (r == 0)
		r = prompt_answer(&flow->channel, &typed, NULL);
	buffer_wipe(&typed);
	return r;
}

int new_password_required(struct challenge *c)
{
	struct required q = {.challenge = c, .members = BUFFER_INIT(CHALLENGE_BODY_MAX / 2)};
	int r = announce(c->flow, SENTENCE_TEMPORARY);
	if (r == 0)
		r = ask_attributes(c, &q.members);
	if (r == 0)
		r = choose(c->flow, c->password, send_required, &q);
	buffer_wipe(&q.members);
	if (r == RESULT_NEW_PASSWORD)
		r = RESULT_NEW_PASSWORD_TRIES;
	c->flow->password_renewed = r == 0;
	return r == 0 ? 0 : flow_failed(c->flow, r, "NEW_PASSWORD_REQUIRED");
}

/* ---- ChangePassword ---------------------------------------------------------------- */

struct change {
	struct flow *flow;
	const struct buffer *old;
};

static int send_change(void *arg, const struct buffer *password)
{
	const struct change *q = arg;
	struct buffer body = BUFFER_INIT(CHALLENGE_BODY_MAX * 4); /* a token of 48 KiB */
	struct json *answer = NULL;
	int r = buffer_append_text(&body, "{");
	if (r == 0)
		r = challenge_append(&body, "AccessToken", q->flow->access_token);
	if (r == 0)
		r = challenge_append(&body, "PreviousPassword", buffer_text(q->old));
	if (r == 0)
		r = challenge_append(&body, "ProposedPassword", buffer_text(password));
	if (r == 0)
		r = buffer_append_text(&body, "}");
	if (r == 0)
		r = cognito_api_call(q->flow->http, q->flow->config, "ChangePassword", &body,
		    &answer, &q->flow->error);
	buffer_wipe(&body);
	json_free(answer);
	return r;
}

/* Whoever signed in by a code has not shown yet that the password is theirs to change. */
static int ask_current(struct flow *flow, struct buffer *old)
{
	if (old->len > 0)
		return 0;
	int r = prompt_ask(&flow->channel, ASK_PASSWORD, SENTENCE_CURRENT_PASSWORD);
	return r == 0 ? prompt_answer(&flow->channel, old, NULL) : r;
}

int new_password_change(struct flow *flow, struct buffer *old)
{
	struct change q = {.flow = flow, .old = old};
	if (flow->password_renewed)
		return 0;
	int r = ask_current(flow, old);
	if (r == 0)
		r = choose(flow, old, send_change, &q);
	return r == 0 ? 0 : flow_failed(flow, r, "ChangePassword");
}

/* ---- ForgotPassword ---------------------------------------------------------------- */

/* {"ClientId":…,"Username":…,"SecretHash":… */
static int open_forgotten(struct flow *flow, struct buffer *body)
{
	int r = challenge_open_body(flow, body);
	if (r == 0)
		r = challenge_append(body, "Username", flow->login_name);
	if (r == 0)
		r = challenge_append_secret_hash(flow, body, "SecretHash", flow->login_name);
	return r;
}

/* prompt becomes what asks for the code. */
static int send_code(struct flow *flow, char *prompt, size_t size)
{
	struct buffer body = BUFFER_INIT(CHALLENGE_BODY_MAX);
	struct json *answer = NULL;
	int r = open_forgotten(flow, &body);
	if (r == 0)
		r = buffer_append_text(&body, "}");
	if (r == 0)
		r = cognito_api_call(
		    flow->http, flow->config, "ForgotPassword", &body, &answer, &flow->error);
	/* "… as there is no registered/verified email or phone_number" */
	if (r == RESULT_CLIENT && streq(flow->error.type, "InvalidParameterException")) {
		snprintf(flow->reason.message, sizeof(flow->reason.message), "%s",
		    SENTENCE_NO_ADDRESS);
		r = RESULT_PASSWORD_RESET;
	}
	if (r == 0)
		code_sent_prompt(
		    json_member_string(
			json_member(json_root(answer), "CodeDeliveryDetails"), "Destination"),
		    prompt, size);
	buffer_wipe(&body);
	json_free(answer);
	return r;
}

struct reset {
	struct flow *flow;
	char code[CHALLENGE_CODE_MAX];
};

static int send_reset(void *arg, const struct buffer *password)
{
	const struct reset *q = arg;
	struct buffer body = BUFFER_INIT(CHALLENGE_BODY_MAX);
	struct json *answer = NULL;
	int r = open_forgotten(q->flow, &body);
	if (r == 0)
		r = challenge_append(&body, "ConfirmationCode", q->code);
	if (r == 0)
		r = challenge_append(&body, "Password", buffer_text(password));
	if (r == 0)
		r = buffer_append_text(&body, "}");
	if (r == 0)
		r = cognito_api_call(q->flow->http, q->flow->config, "ConfirmForgotPassword",
		    &body, &answer, &q->flow->error);
	buffer_wipe(&body);
	json_free(answer);
	return r;
}

static int wants_reset(struct flow *flow)
{
	struct buffer typed = BUFFER_INIT(MESSAGE_ANSWER_MAX);
	int r = prompt_ask(&flow->channel, ASK_ECHO_ON, SENTENCE_RESET);
	if (r == 0)
		r = prompt_answer(&flow->channel, &typed, NULL);
	if (r == 0 && !streq(buffer_text(&typed), "yes") && !streq(buffer_text(&typed), "y"))
		r = RESULT_PASSWORD_RESET;
	buffer_wipe(&typed);
	return r;
}

/* The code is asked again only when it was the code that was wrong. */
static int reset_with_code(struct flow *flow, const char *prompt)
{
	struct reset q = {.flow = flow};
	int r = RESULT_CODE;
	for (int tries = 0; r == RESULT_CODE && tries < CHALLENGE_TRIES; tries++) {
		r = code_ask(flow, prompt, 6, 8, q.code);
		if (r == 0)
			r = choose(flow, NULL, send_reset, &q);
		if (r == RESULT_CODE &&
		    prompt_tell(&flow->channel, true, result_sentence(RESULT_CODE)) != 0)
			r = RESULT_HELPER_LOST;
	}
	explicit_bzero(q.code, sizeof(q.code));
	return r == RESULT_CODE ? RESULT_CODE_TRIES : r;
}

int new_password_forgotten(struct flow *flow)
{
	char prompt[192] = "";
	int r = wants_reset(flow);
	if (r == 0)
		r = send_code(flow, prompt, sizeof(prompt));
	if (r == 0)
		r = reset_with_code(flow, prompt);
	if (r == RESULT_NEW_PASSWORD)
		r = RESULT_NEW_PASSWORD_TRIES;
	return flow_failed(flow, r == 0 ? RESULT_SIGN_IN_AGAIN : r, "ForgotPassword");
}
