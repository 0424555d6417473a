/* SPDX-License-Identifier: MIT */
#include "helper/flow/new_password.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

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
	/* What an earlier module set is set there, too, and not ours to change. */
	if (r == 0 && *typed) {
		buffer_trim(password);
		buffer_trim(&again);
	}
	if (r == 0 && password->len == 0)
		r = RESULT_CANCELLED;
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

/* The API judges the form of a text before the pool judges what it means: a password that is
 * too short, a phone number without a country. */
static bool is_invalid(const struct flow *flow, int r)
{
	return r == RESULT_CLIENT &&
	       http_is_refused(&flow->reason, "InvalidParameterException");
}

/* sentence ends with the pool's own words. Returns 0 or RESULT_HELPER_LOST. */
static int tell(struct flow *flow, const char *sentence)
{
	char text[REASON_MAX + 64];
	const char *why = flow->reason.detail, *colon = strstr(why, ": ");
	snprintf(text, sizeof(text), "%s%s", sentence, colon != NULL ? colon + 2 : why);
	return prompt_tell(&flow->channel, true, text) == 0 ? 0 : RESULT_HELPER_LOST;
}

/* A request that a new password completes. */
struct proposal {
	struct flow *flow;
	struct challenge *challenge; /* that it responds to; NULL: none */
	const struct buffer *old; /* NULL: unknown */
	struct cognito_request request;
	const char **password; /* its place in the request */
	/* The attributes that the pool requires; the request's parameters behind the password
	 * borrow their values. */
	struct buffer values[ATTRIBUTES_MOST];
	size_t attributes;
	int refused; /* times that the pool refused one */
};

/* ---- required attributes ------------------------------------------------------------- */

/* requiredAttributes names what the pool wants and does not have yet: a is the first. */
static int read_attributes(struct proposal *p, const struct cJSON *a)
{
	for (; a != NULL; a = json_next(a)) {
		const char *name = json_string(a);
		if (name == NULL || strlen(name) > ATTRIBUTE_NAME_MAX ||
		    p->attributes == ATTRIBUTES_MOST)
			return RESULT_ANSWER;
		p->values[p->attributes++] = (struct buffer)BUFFER_INIT(MESSAGE_ANSWER_MAX);
		p->request.parameters[p->attributes].name = name;
	}
	return 0;
}

static const char *plain_name(const struct proposal *p, size_t i)
{
	const char *name = p->request.parameters[i + 1].name;
	return text_starts(name, ATTRIBUTE_PREFIX) ? name + strlen(ATTRIBUTE_PREFIX) : name;
}

/* Is it this attribute that the pool's reason names? To it, phone_number is "phone number",
 * too. */
static bool is_named(const struct proposal *p, size_t i)
{
	const char *why = p->flow->reason.detail, *name = plain_name(p, i);
	char words[ATTRIBUTE_NAME_MAX + 1];
	snprintf(words, sizeof(words), "%s", name);
	for (char *at = words; (at = strchr(at, '_')) != NULL;)
		*at = ' ';
	return name[0] != '\0' &&
	       (strcasestr(why, name) != NULL || strcasestr(why, words) != NULL);
}

/* A code to an address that is typed now proves nothing in this login. */
static void note_chosen(struct challenge *c, const char *name)
{
	if (streq(name, "phone_number"))
		c->chosen |= FACTOR_MESSAGE;
	else if (streq(name, "email"))
		c->chosen |= FACTOR_MAIL;
}

/* Asks for the attributes that the pool's reason names; for all of them if it names none. */
static int ask_attributes(struct proposal *p)
{
	char shown[64], prompt[80];
	bool is_told = false;
	int r = 0;
	for (size_t i = 0; i < p->attributes; i++)
		is_told = is_told || is_named(p, i);
	for (size_t i = 0; r == 0 && i < p->attributes; i++) {
		const char *name = plain_name(p, i);
		if (is_told && !is_named(p, i))
			continue;
		text_printable(name, strlen(name), shown, sizeof(shown));
		snprintf(prompt, sizeof(prompt), SENTENCE_ATTRIBUTE, shown);
		r = prompt_question(
		    &p->flow->channel, ASK_ECHO_ON, prompt, &p->values[i], NULL);
		p->request.parameters[i + 1].value = buffer_text(&p->values[i]);
		note_chosen(p->challenge, name);
	}
	reason_clear(&p->flow->reason);
	return r;
}

/* The pool judges attributes and password in one step: what it says of no password, it says of
 * an attribute. */
static bool is_attribute_refused(const struct proposal *p, int r)
{
	const struct reason *reason = &p->flow->reason;
	bool is_taken =
	    r == RESULT_POOL_ERROR && http_is_refused(reason, "AliasExistsException");
	bool is_wrong =
	    is_invalid(p->flow, r) && strcasestr(reason->detail, "password") == NULL;
	return p->attributes > 0 && (is_taken || is_wrong);
}

/* Sends, and asks for the attributes, until the pool takes them: PROMPT_TRIES times in all. */
static int respond(struct proposal *p)
{
	int r = challenge_respond(p->challenge, &p->request);
	while (is_attribute_refused(p, r) && ++p->refused < PROMPT_TRIES) {
		r = tell(p->flow, SENTENCE_ATTRIBUTE_REFUSED);
		if (r == 0)
			r = ask_attributes(p);
		if (r == 0)
			r = challenge_respond(p->challenge, &p->request);
	}
	return is_attribute_refused(p, r) ? RESULT_CODE_TRIES : r;
}

/* ---- a new password ------------------------------------------------------------------ */

/* No answer but a challenge's holds anything that matters. */
static int send_proposal(struct proposal *p)
{
	struct json *answer = NULL;
	if (p->challenge != NULL)
		return respond(p);
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
		r = send_proposal(p);
		if (r == RESULT_NEW_PASSWORD || is_invalid(p->flow, r)) {
			r = tell(p->flow, SENTENCE_REFUSED);
			r = r == 0 ? RESULT_NEW_PASSWORD : r;
		}
	}
	buffer_wipe(&password);
	return r;
}

/* ---- NEW_PASSWORD_REQUIRED ----------------------------------------------------------- */

int new_password_required(struct challenge *c)
{
	struct flow *flow = c->flow;
	struct proposal p = {.flow = flow, .challenge = c, .old = c->request->password};
	struct buffer enter = BUFFER_INIT(MESSAGE_ANSWER_MAX);
	const struct cJSON *first = NULL;
	struct json *names = challenge_parameter_json(c, "requiredAttributes", &first);
	p.request.parameters[0].name = "NEW_PASSWORD";
	p.password = &p.request.parameters[0].value;
	int r = prompt_question(&flow->channel, ASK_ECHO_ON, SENTENCE_TEMPORARY, &enter, NULL);
	if (r == 0 || r == RESULT_CANCELLED)
		r = read_attributes(&p, first);
	if (r == 0)
		r = ask_attributes(&p);
	if (r == 0)
		r = choose(&p);
	for (size_t i = 0; i < ATTRIBUTES_MOST; i++)
		buffer_wipe(&p.values[i]);
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
	/* A user who signed in by a code has not proven the password yet. */
	if (old->len == 0)
		r = prompt_question(
		    &flow->channel, ASK_PASSWORD, SENTENCE_CURRENT_PASSWORD, old, NULL);
	buffer_trim(old);
	if (r == 0 && old->len == 0)
		r = RESULT_PASSWORD_EMPTY;
	p.request = (struct cognito_request){
	    .operation = "ChangePassword",
	    .members = {{"AccessToken", flow->access_token},
		{"PreviousPassword", buffer_text(old)}, {"ProposedPassword", NULL}},
	    .may_be_empty = true,
	};
	p.password = &p.request.members[2].value;
	if (r == 0)
		r = choose(&p);
	return r == 0 ? 0 : reason_at(&flow->reason, r, "ChangePassword");
}

/* ---- ForgotPassword ------------------------------------------------------------------ */

struct reset {
	struct flow *flow;
	char prompt[192]; /* what asks for the code */
	char code[CHALLENGE_CODE_MAX];
	struct proposal proposal;
};

static int send_code(struct reset *q)
{
	struct flow *flow = q->flow;
	struct json *answer = NULL;
	const struct cognito_request request = {
	    .operation = "ForgotPassword",
	    .members = {{"ClientId", flow->config->client_id}},
	    .username = flow->login_name,
	    .repeat = HTTP_REPEAT_FAILED,
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

static int confirm(void *arg, bool first)
{
	struct reset *q = arg;
	(void)first;
	int r = code_ask(q->flow, q->prompt, CHALLENGE_CODE_MAX - 1, q->code);
	return r == 0 ? choose(&q->proposal) : r;
}

static int reset(struct reset *q)
{
	q->proposal = (struct proposal){
	    .flow = q->flow,
	    .request = {.operation = "ConfirmForgotPassword",
		.members = {{"ClientId", q->flow->config->client_id},
		    {"ConfirmationCode", q->code}, {"Password", NULL}},
		.username = q->flow->login_name},
	    .password = &q->proposal.request.members[2].value,
	};
	int r = code_attempts(q->flow, SENTENCE_SENT_CODE_USED, confirm, q);
	/* There is no session here that could expire. */
	return r == RESULT_SESSION ? RESULT_CODE_EXPIRED : r;
}

int new_password_forgotten(struct flow *flow)
{
	struct reset q = {.flow = flow};
	struct buffer typed = BUFFER_INIT(MESSAGE_ANSWER_MAX);
	int r = prompt_question(&flow->channel, ASK_ECHO_ON, SENTENCE_RESET, &typed, NULL);
	buffer_trim(&typed);
	bool is_yes = strcasecmp(buffer_text(&typed), "yes") == 0 ||
		      strcasecmp(buffer_text(&typed), "y") == 0;
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
