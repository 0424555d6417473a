/* SPDX-License-Identifier: MIT */
#include "helper/flow/challenge.h"

#include <stdio.h>
#include <string.h>

#include "common/message.h"
#include "common/result.h"
#include "common/sentence.h"
#include "common/text.h"
#include "helper/flow/code.h"
#include "helper/flow/custom_challenge.h"
#include "helper/flow/flow.h"
#include "helper/flow/mfa_setup.h"
#include "helper/flow/new_password.h"
#include "helper/flow/password_challenge.h"
#include "helper/flow/select.h"
#include "helper/flow/srp.h"
#include "helper/json/json.h"
#include "helper/config/config.h"

#define SESSION_MAX 4096 /* Cognito's own limit is 2048 */

static const struct {
	const char *name;
	int (*answer)(struct challenge *);
} kinds[] = {
    {"PASSWORD_VERIFIER", password_challenge_verifier},
    {"PASSWORD", password_challenge_plain},
    {"PASSWORD_SRP", password_challenge_srp},
    {"SOFTWARE_TOKEN_MFA", code_software_token},
    {"SMS_MFA", code_sms_mfa},
    {"SMS_OTP", code_sms_otp},
    {"EMAIL_OTP", code_email_otp},
    {"SELECT_MFA_TYPE", select_mfa_type},
    {"SELECT_CHALLENGE", select_challenge},
    {"NEW_PASSWORD_REQUIRED", new_password_required},
    {"MFA_SETUP", mfa_setup},
    {"CUSTOM_CHALLENGE", custom_challenge},
};

int challenge_open_body(const struct flow *flow, struct buffer *body)
{
	int r = buffer_append_text(body, "{\"ClientId\":");
	return r == 0 ? json_write_string(body, flow->config->client_id) : r;
}

int challenge_append(struct buffer *body, const char *name, const char *value)
{
	bool first = body->len > 0 && body->bytes[body->len - 1] == '{';
	int r = first ? 0 : buffer_append_byte(body, ',');
	if (r == 0)
		r = json_write_string(body, name);
	if (r == 0)
		r = buffer_append_byte(body, ':');
	return r == 0 ? json_write_string(body, value) : r;
}

int challenge_append_secret_hash(
    const struct flow *flow, struct buffer *body, const char *name, const char *username)
{
	char hash[SRP_SIGNATURE_MAX];
	const struct config *config = flow->config;
	if (config->client_secret == NULL)
		return 0;
	int r = srp_secret_hash(username, config->client_id, config->client_secret, hash);
	return r == 0 ? challenge_append(body, name, hash) : r;
}

int challenge_open_response(const struct challenge *c, struct buffer *body)
{
	int r = challenge_open_body(c->flow, body);
	if (r == 0)
		r = challenge_append(body, "ChallengeName", c->name);
	if (r == 0 && c->session != NULL)
		r = challenge_append(body, "Session", c->session);
	if (r == 0)
		r = buffer_append_text(body, ",\"ChallengeResponses\":{");
	if (r == 0)
		r = challenge_append(body, "USERNAME", c->username);
	if (r == 0)
		r = challenge_append_secret_hash(c->flow, body, "SECRET_HASH", c->username);
	return r;
}

/* Reads what the newest answer asks. Takes it over, also when it is refused. */
static int read_answer(struct challenge *c, struct json *answer)
{
	json_free(c->answer);
	c->answer = answer;
	const struct cJSON *root = json_root(answer);
	c->parameters = json_member(root, "ChallengeParameters");
	c->name = json_member_string(root, "ChallengeName");
	if (c->name == NULL && json_member(root, "ChallengeName") != NULL)
		return flow_failed(c->flow, RESULT_ANSWER, "ChallengeName");
	c->session = json_member_string(root, "Session");
	if (c->session != NULL && strlen(c->session) > SESSION_MAX)
		return flow_failed(c->flow, RESULT_ANSWER, "Session");
	const char *username = json_member_string(c->parameters, "USER_ID_FOR_SRP");
	if (username == NULL)
		username = json_member_string(c->parameters, "USERNAME");
	if (username == NULL || c->have_username)
		return 0;
	if (strlen(username) > USERS_NAME_MAX)
		return flow_failed(c->flow, RESULT_ANSWER, "USER_ID_FOR_SRP");
	snprintf(c->username, sizeof(c->username), "%s", username);
	c->have_username = true;
	return 0;
}

int challenge_respond(struct challenge *c, struct buffer *body)
{
	struct json *answer = NULL;
	int r = buffer_append_text(body, "}}");
	if (r == 0)
		r = cognito_api_call(c->flow->http, c->flow->config, "RespondToAuthChallenge",
		    body, &answer, &c->flow->error);
	buffer_wipe(body);
	return r == 0 ? read_answer(c, answer) : r;
}

const char *challenge_parameter(const struct challenge *c, const char *name)
{
	return json_member_string(c->parameters, name);
}

struct json *challenge_parameter_json(const struct challenge *c, const char *name)
{
	struct json *json = NULL;
	const char *text = challenge_parameter(c, name);
	if (text != NULL)
		json_parse(text, strlen(text), CHALLENGE_BODY_MAX, &json, NULL);
	return json;
}

/* A passkey, a remembered device, something new: only a browser can go on from there. */
static int refuse(struct challenge *c)
{
	char name[64];
	text_printable(c->name, strlen(c->name), name, sizeof(name));
	snprintf(
	    c->flow->reason.message, sizeof(c->flow->reason.message), SENTENCE_CANNOT_DO, name);
	return flow_failed(c->flow, RESULT_CHALLENGE, c->name);
}

static int answer_challenge(struct challenge *c)
{
	if (!c->have_username)
		snprintf(c->username, sizeof(c->username), "%s", c->flow->login_name);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (streq(c->name, kinds[i].name))
			return kinds[i].answer(c);
	return refuse(c);
}

/* AuthenticationResult with an ID token; beside a challenge it counts for nothing. */
static int take_tokens(struct challenge *c)
{
	c->flow->answer = c->answer;
	c->answer = NULL;
	flow_take_tokens(c->flow, TICKET_SOURCE_API);
	if (c->flow->id_token == NULL || c->flow->access_token == NULL)
		return flow_failed(c->flow, RESULT_ANSWER, "AuthenticationResult");
	return 0;
}

int challenge_run(struct challenge *c, struct json *answer)
{
	int steps = 0;
	int r = read_answer(c, answer);
	while (r == 0 && c->name != NULL && steps < CHALLENGE_STEPS) {
		r = answer_challenge(c);
		steps++;
	}
	if (r == 0 && c->name != NULL)
		r = flow_failed(c->flow, RESULT_CHALLENGE, "too many challenges");
	return r == 0 ? take_tokens(c) : r;
}

void challenge_free(struct challenge *c)
{
	json_free(c->answer);
	c->answer = NULL;
	srp_free(c->srp);
	c->srp = NULL;
	explicit_bzero(c->appended, sizeof(c->appended));
}
