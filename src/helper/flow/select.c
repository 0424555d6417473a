/* SPDX-License-Identifier: MIT */
#include "helper/flow/select.h"

#include "common/result.h"
#include "common/sentence.h"
#include "common/text.h"
#include "helper/flow/challenge.h"
#include "helper/flow/flow.h"
#include "helper/flow/menu.h"
#include "helper/flow/password_challenge.h"
#include "helper/flow/srp.h"
#include "helper/json/json.h"

/* A way that can be gone at a terminal, in the order in which it is shown. */
struct way {
	const char *answer, *label;
};

static const struct way second_factors[] = {
    {"SOFTWARE_TOKEN_MFA", SENTENCE_WAY_APP},
    {"SMS_MFA", SENTENCE_WAY_MESSAGE},
    {"EMAIL_OTP", SENTENCE_WAY_MAIL},
    {"EMAIL_MFA", SENTENCE_WAY_MAIL},
};

/* SRP before the plain password: they are one way for the person. */
static const struct way first_factors[] = {
    {"PASSWORD_SRP", SENTENCE_WAY_PASSWORD},
    {"PASSWORD", SENTENCE_WAY_PASSWORD},
    {"EMAIL_OTP", SENTENCE_WAY_MAIL},
    {"SMS_OTP", SENTENCE_WAY_MESSAGE},
};

static bool is_offered(const struct cJSON *offers, const char *name)
{
	for (const struct cJSON *o = json_first(offers); o != NULL; o = json_next(o))
		if (streq(json_string(o), name))
			return true;
	return false;
}

/* The offered ways, each label once. */
static size_t collect(const struct cJSON *offers, const struct way *ways, size_t count,
    const struct way **found, const char **labels)
{
	size_t n = 0;
	for (size_t i = 0; i < count; i++) {
		if (!is_offered(offers, ways[i].answer))
			continue;
		if (n > 0 && streq(labels[n - 1], ways[i].label))
			continue;
		found[n] = &ways[i];
		labels[n++] = ways[i].label;
	}
	return n;
}

static int choose(struct challenge *c, const struct cJSON *offers, const struct way *ways,
    size_t count, const char *title, const struct way **chosen)
{
	const struct way *found[MENU_MOST];
	const char *labels[MENU_MOST];
	size_t at = 0;
	size_t n = collect(offers, ways, count, found, labels);
	if (n == 0)
		return RESULT_CHALLENGE;
	int r = menu_choose(c->flow, title, labels, n, &at);
	if (r == 0)
		*chosen = found[at];
	return r;
}

static int answer(struct challenge *c, const struct way *way)
{
	struct buffer body = BUFFER_INIT(CHALLENGE_BODY_MAX);
	bool srp = streq(way->answer, "PASSWORD_SRP"), plain = streq(way->answer, "PASSWORD");
	int r = srp || plain ? password_challenge_ask(c) : 0;
	if (r == 0 && srp)
		r = password_challenge_prepare(c);
	if (r == 0)
		r = challenge_open_response(c, &body);
	if (r == 0)
		r = challenge_append(&body, "ANSWER", way->answer);
	if (r == 0 && srp)
		r = challenge_append(&body, "SRP_A", srp_public(c->srp));
	if (r == 0 && plain)
		r = challenge_append(&body, "PASSWORD", buffer_text(c->password));
	if (r == 0)
		r = challenge_respond(c, &body);
	buffer_wipe(&body);
	if (r == 0 && plain)
		c->factor_proven = true;
	return r;
}

/* The documentation says MFAS_CAN_SELECT, the service MFAS_CAN_CHOOSE. */
int select_mfa_type(struct challenge *c)
{
	const struct way *way = NULL;
	struct json *offers = challenge_parameter_json(c, "MFAS_CAN_CHOOSE");
	if (offers == NULL)
		offers = challenge_parameter_json(c, "MFAS_CAN_SELECT");
	int r = RESULT_ANSWER;
	if (offers != NULL)
		r = choose(c, json_root(offers), second_factors,
		    sizeof(second_factors) / sizeof(second_factors[0]), SENTENCE_CHOOSE_FACTOR,
		    &way);
	json_free(offers);
	if (r == 0)
		r = answer(c, way);
	return r == 0 ? 0 : flow_failed(c->flow, r, "SELECT_MFA_TYPE");
}

int select_challenge(struct challenge *c)
{
	const struct way *way = NULL;
	const struct cJSON *offers = json_member(json_root(c->answer), "AvailableChallenges");
	int r = choose(c, offers, first_factors,
	    sizeof(first_factors) / sizeof(first_factors[0]), SENTENCE_CHOOSE_FLOW, &way);
	if (r == 0)
		r = answer(c, way);
	return r == 0 ? 0 : flow_failed(c->flow, r, "SELECT_CHALLENGE");
}
