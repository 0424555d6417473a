/* SPDX-License-Identifier: MIT */
#include "helper/flow/mfa_setup.h"

#include <stdio.h>
#include <string.h>

#include "common/message.h"
#include "common/result.h"
#include "common/sentence.h"
#include "common/text.h"
#include "helper/flow/code.h"
#include "helper/flow/flow.h"
#include "helper/flow/qr.h"
#include "helper/json/json.h"
#include "helper/net/percent.h"
#include "helper/config/config.h"

#define SECRET_MOST 128 /* base32; Cognito's has 52 characters */
#define SESSION_MOST 4096
#define DEVICE_NAME "Authenticator"

/* One set-up: the session and the secret as Cognito gave them. */
struct setup {
	char session[SESSION_MOST + 1];
	char secret[SECRET_MOST + 1];
};

static int take_session(struct setup *s, const char *session)
{
	if (session == NULL || strlen(session) > SESSION_MOST)
		return RESULT_ANSWER;
	snprintf(s->session, sizeof(s->session), "%s", session);
	return 0;
}

/* Can the person set up an authenticator here, or only what needs mail or telephone? */
static bool is_possible(struct challenge *c)
{
	struct json *offers = challenge_parameter_json(c, "MFAS_CAN_SETUP");
	bool yes = false;
	const struct cJSON *o = offers != NULL ? json_first(json_root(offers)) : NULL;
	for (; o != NULL; o = json_next(o))
		yes = yes || streq(json_string(o), "SOFTWARE_TOKEN_MFA");
	json_free(offers);
	return yes;
}

static int associate(struct challenge *c, struct setup *s)
{
	struct buffer body = BUFFER_INIT(CHALLENGE_BODY_MAX);
	struct json *answer = NULL;
	int r = buffer_append_text(&body, "{");
	if (r == 0)
		r = challenge_append(&body, "Session", s->session);
	if (r == 0)
		r = buffer_append_text(&body, "}");
	if (r == 0)
		r = cognito_api_call(c->flow->http, c->flow->config, "AssociateSoftwareToken",
		    &body, &answer, &c->flow->error);
	const char *secret =
	    r == 0 ? json_member_string(json_root(answer), "SecretCode") : NULL;
	if (r == 0 &&
	    (secret == NULL || secret[0] == '\0' || strlen(secret) > SECRET_MOST ||
		strspn(secret, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567=") != strlen(secret)))
		r = RESULT_ANSWER;
	if (r == 0) {
		snprintf(s->secret, sizeof(s->secret), "%s", secret);
		r = take_session(s, json_member_string(json_root(answer), "Session"));
	}
	buffer_wipe(&body);
	json_free(answer);
	return r;
}

/* otpauth://totp/NAME:USER?secret=…&issuer=NAME */
static int write_uri(const struct challenge *c, const struct setup *s, struct buffer *uri)
{
	const char *name = c->flow->config->name;
	int r = buffer_append_text(uri, "otpauth://totp/");
	if (r == 0)
		r = percent_append(uri, name);
	if (r == 0)
		r = buffer_append_text(uri, ":");
	if (r == 0)
		r = percent_append(uri, c->flow->login_name);
	if (r == 0)
		r = buffer_append_format(uri, "?secret=%s&issuer=", s->secret);
	return r == 0 ? percent_append(uri, name) : r;
}

/* "ABCD EFGH …": people copy four letters at a time. */
static int append_grouped(struct buffer *text, const char *secret)
{
	int r = 0;
	for (size_t i = 0; r == 0 && secret[i] != '\0'; i++) {
		if (i > 0 && i % 4 == 0)
			r = buffer_append_byte(text, ' ');
		if (r == 0)
			r = buffer_append_byte(text, (unsigned char)secret[i]);
	}
	return r;
}

static int write_question(const struct challenge *c, const struct setup *s, struct buffer *text)
{
	struct buffer uri = BUFFER_INIT(1024);
	int r = write_uri(c, s, &uri);
	if (r == 0)
		r = buffer_append_text(text, "\n");
	if (r == 0)
		r = qr_draw(buffer_text(&uri), c->flow->qr, text);
	if (r == 0)
		r = buffer_append_text(text, SENTENCE_SET_UP_APP);
	if (r == 0)
		r = append_grouped(text, s->secret);
	if (r == 0)
		r = buffer_append_text(text, "\n" SENTENCE_FIRST_CODE);
	buffer_wipe(&uri);
	return r;
}

/* RESULT_CODE: wrong, the session still stands. */
static int verify(struct challenge *c, struct setup *s, const char *code)
{
	struct buffer body = BUFFER_INIT(CHALLENGE_BODY_MAX);
	struct json *answer = NULL;
	int r = buffer_append_text(&body, "{");
	if (r == 0)
		r = challenge_append(&body, "Session", s->session);
	if (r == 0)
		r = challenge_append(&body, "UserCode", code);
	if (r == 0)
		r = challenge_append(&body, "FriendlyDeviceName", DEVICE_NAME);
	if (r == 0)
		r = buffer_append_text(&body, "}");
	if (r == 0)
		r = cognito_api_call(c->flow->http, c->flow->config, "VerifySoftwareToken",
		    &body, &answer, &c->flow->error);
	if (r == 0) {
		const struct cJSON *root = json_root(answer);
		const char *status = json_member_string(root, "Status");
		r = streq(status, "SUCCESS") ? 0
		    : streq(status, "ERROR") ? RESULT_CODE
					     : RESULT_ANSWER;
		const char *session = json_member_string(root, "Session");
		if (session != NULL || r == 0)
			r = take_session(s, session) != 0 ? RESULT_ANSWER : r;
	}
	buffer_wipe(&body);
	json_free(answer);
	return r;
}

/* The code is shown once; after a wrong code only the question is asked again. */
static int ask_and_verify(struct challenge *c, struct setup *s)
{
	struct buffer text = BUFFER_INIT(MESSAGE_TEXT_MAX);
	char code[CHALLENGE_CODE_MAX] = "";
	int r = write_question(c, s, &text);
	if (r == 0)
		r = RESULT_CODE;
	for (int tries = 0; r == RESULT_CODE && tries < CHALLENGE_TRIES; tries++) {
		if (tries > 0 &&
		    prompt_tell(&c->flow->channel, true, result_sentence(RESULT_CODE)) != 0)
			break;
		r = code_ask(
		    c->flow, tries == 0 ? buffer_text(&text) : SENTENCE_FIRST_CODE, 6, 6, code);
		if (r == 0)
			r = verify(c, s, code);
	}
	explicit_bzero(code, sizeof(code));
	buffer_wipe(&text);
	return r == RESULT_CODE ? RESULT_CODE_TRIES : r;
}

static int respond(struct challenge *c, const struct setup *s)
{
	struct buffer body = BUFFER_INIT(CHALLENGE_BODY_MAX);
	c->session = s->session;
	int r = challenge_open_response(c, &body);
	if (r == 0)
		r = challenge_respond(c, &body);
	buffer_wipe(&body);
	/* A failed answer leaves the old one, and with it no session of ours. */
	if (r != 0)
		c->session = NULL;
	return r;
}

int mfa_setup(struct challenge *c)
{
	struct setup s = {"", ""};
	int r = is_possible(c) ? take_session(&s, c->session) : RESULT_CHALLENGE;
	if (r == 0)
		r = associate(c, &s);
	if (r == 0)
		r = ask_and_verify(c, &s);
	/* A factor that was chosen in this login proves nothing in it. */
	c->factor_proven = false;
	if (r == 0)
		r = respond(c, &s);
	explicit_bzero(&s, sizeof(s));
	return r == 0 ? 0 : flow_failed(c->flow, r, "MFA_SETUP");
}
