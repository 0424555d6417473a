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

/* How a new password is sent: as cognito_api_call(). */
typedef int send_password(void *arg, const struct buffer *password);

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

/* The API judges the form of a text before the pool judges it as a password: one that is too
 * short or ends with a space is an invalid parameter. */
static bool is_refused(const struct flow *flow, int r)
{
	return r == RESULT_NEW_PASSWORD ||
	       (r == RESULT_CLIENT &&
		   http_is_refused(&flow->reason, "InvalidParameterException"));
}

static int tell_refused(struct flow *flow)
{
	char text[REASON_MAX + sizeof(SENTENCE_REFUSED)];
	const char *colon = strstr(flow->reason.detail, ": ");
	snprintf(text, sizeof(text), SENTENCE_REFUSED,
	    colon != NULL ? colon + 2 : flow->reason.detail);
	return prompt_tell(&flow->channel, true, text) == 0 ? RESULT_NEW_PASSWORD
							    : RESULT_HELPER_LOST;
}

/* Asks and sends until the pool takes one: PROMPT_TRIES times, or once if an earlier module's
 * password is all there is. */
static int choose(struct flow *flow, const struct buffer *old, send_password *send, void *arg)
{
	struct buffer password = BUFFER_INIT(MESSAGE_ANSWER_MAX);
	bool typed = true;
	int r = RESULT_NEW_PASSWORD;
	for (int tries = 0; r == RESULT_NEW_PASSWORD && typed && tries < PROMPT_TRIES;
	     tries++) {
		r = ask_twice(flow, old, &password, &typed);
		if (r != 0)
			continue;
		r = send(arg, &password);
		if (is_refused(flow, r))
			r = tell_refused(flow);
	}
	buffer_wipe(&password);
	return r;
}

/* ---- NEW_PASSWORD_REQUIRED ----------------------------------------------------------- */

struct required {
	struct challenge *challenge;
	struct json *names; /* requiredAttributes; the request borrows from it */
	struct buffer values[ATTRIBUTES_MOST];
	struct cognito_request request; /* its parameters: the password, the attributes */
};

static int ask_attribute(struct required *q, size_t i, const char *name)
{
	char shown[64], prompt[80];
	const char *plain =
	    text_starts(name, ATTRIBUTE_PREFIX) ? name + strlen(ATTRIBUTE_PREFIX) : name;
	text_printable(plain, strlen(plain), shown, sizeof(shown));
	snprintf(prompt, sizeof(prompt), SENTENCE_ATTRIBUTE, shown);
	q->values[i] = (struct buffer)BUFFER_INIT(MESSAGE_ANSWER_MAX);
	int r = prompt_question(
	    &q->challenge->flow->channel, ASK_ECHO_ON, prompt, &q->values[i], NULL);
	q->request.parameters[i + 1] = (struct parameter){name, buffer_text(&q->values[i])};
	return r;
}

/* requiredAttributes names what the pool wants and does not have yet. */
static int ask_attributes(struct required *q)
{
	const struct cJSON *a = NULL;
	int r = 0;
	q->names = challenge_parameter_json(q->challenge, "requiredAttributes", &a);
	for (size_t i = 0; r == 0 && a != NULL; a = json_next(a), i++) {
		const char *name = json_string(a);
		if (name == NULL || strlen(name) > ATTRIBUTE_NAME_MAX || i == ATTRIBUTES_MOST)
			return RESULT_ANSWER;
		r = ask_attribute(q, i, name);
	}
	return r;
}

static int send_required(void *arg, const struct buffer *password)
{
	struct required *q = arg;
	q->request.parameters[0] = (struct parameter){"NEW_PASSWORD", buffer_text(password)};
	return challenge_respond(q->challenge, &q->request);
}

int new_password_required(struct challenge *c)
{
	struct flow *flow = c->flow;
	struct required q = {.challenge = c};
	struct buffer enter = BUFFER_INIT(MESSAGE_ANSWER_MAX);
	int r = prompt_question(&flow->channel, ASK_ECHO_ON, SENTENCE_TEMPORARY, &enter, NULL);
	if (r == RESULT_CANCELLED)
		r = 0;
	if (r == 0)
		r = ask_attributes(&q);
	if (r == 0)
		r = choose(flow, c->request->password, send_required, &q);
	for (size_t i = 0; i < ATTRIBUTES_MOST; i++)
		buffer_wipe(&q.values[i]);
	buffer_wipe(&enter);
	json_free(q.names);
	flow->password_renewed = r == 0;
	return r == RESULT_NEW_PASSWORD ? RESULT_NEW_PASSWORD_TRIES : r;
}

/* ---- ChangePassword ------------------------------------------------------------------ */

struct change {
	struct flow *flow;
	const struct buffer *old;
};

/* A call whose answer holds nothing that matters. */
static int call(struct flow *flow, const struct cognito_request *request)
{
	struct json *answer = NULL;
	int r = flow_call(flow, request, &answer);
	json_free(answer);
	return r;
}

static int send_change(void *arg, const struct buffer *password)
{
	const struct change *q = arg;
	const struct cognito_request request = {
	    .operation = "ChangePassword",
	    .members = {{"AccessToken", q->flow->access_token},
		{"PreviousPassword", buffer_text(q->old)},
		{"ProposedPassword", buffer_text(password)}},
	};
	return call(q->flow, &request);
}

int new_password_change(struct flow *flow, struct buffer *old)
{
	struct change q = {.flow = flow, .old = old};
	int r = 0;
	if (flow->password_renewed)
		return 0;
	/* A user who signed in by a code has not proven the password yet. An empty answer is
	 * sent like any other. */
	if (old->len == 0)
		r = prompt_question(
		    &flow->channel, ASK_PASSWORD, SENTENCE_CURRENT_PASSWORD, old, NULL);
	if (r == 0 || r == RESULT_CANCELLED)
		r = choose(flow, old, send_change, &q);
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

static int send_reset(void *arg, const struct buffer *password)
{
	const struct reset *q = arg;
	const struct cognito_request request = {
	    .operation = "ConfirmForgotPassword",
	    .members = {{"ClientId", q->flow->config->client_id}, {"ConfirmationCode", q->code},
		{"Password", buffer_text(password)}},
	    .username = q->flow->login_name,
	};
	return call(q->flow, &request);
}

/* The code is asked for again only if the code was wrong. */
static int reset(struct reset *q)
{
	struct flow *flow = q->flow;
	int r = RESULT_CODE;
	for (int tries = 0; r == RESULT_CODE && tries < PROMPT_TRIES; tries++) {
		r = code_ask(flow, q->prompt, CHALLENGE_CODE_MAX - 1, q->code);
		if (r == 0)
			r = choose(flow, NULL, send_reset, q);
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
