/* SPDX-License-Identifier: MIT */
#include "helper/flow/challenge.h"

#include <stdio.h>
#include <string.h>

#include "common/result.h"
#include "common/text.h"
#include "helper/flow/flow.h"
#include "helper/flow/srp.h"
#include "helper/json/json.h"
#include "helper/net/cognito_api.h"

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

int challenge_read(struct challenge *c, struct json *answer)
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
	return r == 0 ? challenge_read(c, answer) : r;
}

void challenge_prove(struct challenge *c, enum factor factor)
{
	enum second_factor *second = &c->flow->second_factor;
	if ((c->chosen & factor) != 0) {
		*second = *second == SECOND_NONE ? SECOND_NEW : *second;
		return;
	}
	if ((c->proven & ~(unsigned)factor) != 0)
		*second = SECOND_PROVEN;
	c->proven |= factor;
}

void challenge_free(struct challenge *c)
{
	json_free(c->answer);
	c->answer = NULL;
	srp_free(c->srp);
	c->srp = NULL;
	explicit_bzero(c->appended, sizeof(c->appended));
}
