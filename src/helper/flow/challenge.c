/* SPDX-License-Identifier: MIT */
#include "helper/flow/challenge.h"

#include <stdio.h>
#include <string.h>

#include "common/buffer.h"
#include "common/message.h"
#include "common/result.h"
#include "common/sentence.h"
#include "common/text.h"
#include "helper/flow/flow.h"
#include "helper/flow/new_password.h"
#include "helper/flow/srp.h"
#include "helper/json/json.h"
#include "helper/net/cognito_api.h"

#define CUSTOM_PARAMETERS_MOST 16 /* they must fit a terminal */
#define CUSTOM_VALUE_MAX 400

/* ---- shared -------------------------------------------------------------------------- */

const char *challenge_parameter(const struct challenge *c, const char *name)
{
	return json_member_string(c->parameters, name);
}

struct json *challenge_parameter_json(
    const struct challenge *c, const char *name, const struct cJSON **first)
{
	struct json *json = NULL;
	const char *text = challenge_parameter(c, name);
	if (text != NULL)
		json_parse(text, strlen(text), HTTP_BODY_MAX, &json, NULL);
	*first = json != NULL ? json_first(json_root(json)) : NULL;
	return json;
}

bool challenge_is_offered(const struct cJSON *offer, const char *name)
{
	for (; offer != NULL; offer = json_next(offer))
		if (streq(json_string(offer), name))
			return true;
	return false;
}

/* Takes the answer over, also when it is refused. */
static int read_answer(struct challenge *c, struct json *answer)
{
	struct reason *reason = &c->flow->reason;
	json_free(c->answer);
	c->answer = answer;
	const struct cJSON *root = json_root(answer);
	c->parameters = json_member(root, "ChallengeParameters");
	c->name = json_member_string(root, "ChallengeName");
	if (c->name == NULL && json_member(root, "ChallengeName") != NULL)
		return reason_set(reason, RESULT_ANSWER, "ChallengeName");
	c->session = json_member_string(root, "Session");
	if (c->session != NULL && strlen(c->session) > CHALLENGE_SESSION_MAX)
		return reason_set(reason, RESULT_ANSWER, "Session");
	const char *username = challenge_parameter(c, "USER_ID_FOR_SRP");
	if (username == NULL)
		username = challenge_parameter(c, "USERNAME");
	if (username == NULL || c->username[0] != '\0')
		return 0;
	if (strlen(username) > USERS_NAME_MAX)
		return reason_set(reason, RESULT_ANSWER, "USER_ID_FOR_SRP");
	snprintf(c->username, sizeof(c->username), "%s", username);
	return 0;
}

int challenge_respond(struct challenge *c, struct cognito_request *request)
{
	struct json *answer = NULL;
	request->operation = "RespondToAuthChallenge";
	request->members[0] = (struct parameter){"ClientId", c->flow->config->client_id};
	request->members[1] = (struct parameter){"ChallengeName", c->name};
	request->members[2] = (struct parameter){"Session", c->session};
	request->object = "ChallengeResponses";
	request->username = c->username[0] != '\0' ? c->username : c->flow->login_name;
	int r = flow_call(c->flow, request, &answer);
	return r == 0 ? read_answer(c, answer) : r;
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
		if (!challenge_is_offered(offers, ways->name))
			continue;
		if (n > 0 && streq(labels[n - 1], ways->label))
			continue;
		names[n] = ways->name;
		labels[n++] = ways->label;
	}
	if (n == 0)
		return RESULT_CHALLENGE;
	int r = prompt_choose(&c->flow->channel, title, labels, n, &chosen);
	return r == 0 ? password_respond_by(c, names[chosen], true) : r;
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

int challenge_run(struct challenge *c, struct json *answer)
{
	struct flow *flow = c->flow;
	int r = read_answer(c, answer);
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

void challenge_free(struct challenge *c)
{
	json_free(c->answer);
	c->answer = NULL;
	srp_free(c->srp);
	c->srp = NULL;
	explicit_bzero(c->appended, sizeof(c->appended));
}
