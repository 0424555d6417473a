/* SPDX-License-Identifier: MIT */
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
#include "helper/net/percent.h"

#define SECRET_MAX 128 /* base32; Cognito's has 52 characters */
/* A name of 255 bytes twice and one of 512, of which each may become three. */
#define URI_MAX 4096
#define BASE32 "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567="

/* The newest session and the secret, as Cognito gave them. */
struct setup {
	struct challenge *challenge;
	char session[CHALLENGE_SESSION_MAX + 1];
	char secret[SECRET_MAX + 1];
};

static int take_session(struct setup *s, const char *session)
{
	if (session == NULL || strlen(session) >= sizeof(s->session))
		return RESULT_ANSWER;
	snprintf(s->session, sizeof(s->session), "%s", session);
	return 0;
}

static int associate(struct setup *s)
{
	struct json *answer = NULL;
	const struct cognito_request request = {
	    .operation = "AssociateSoftwareToken",
	    .members = {{"Session", s->session}},
	    .repeat = HTTP_REPEAT_FAILED,
	};
	int r = flow_call(s->challenge->flow, &request, &answer);
	if (r != 0)
		return r;
	const char *secret = json_member_string(json_root(answer), "SecretCode");
	if (secret == NULL || secret[0] == '\0' || strlen(secret) > SECRET_MAX ||
	    strspn(secret, BASE32) != strlen(secret)) {
		r = RESULT_ANSWER;
	} else {
		snprintf(s->secret, sizeof(s->secret), "%s", secret);
		r = take_session(s, json_member_string(json_root(answer), "Session"));
	}
	json_free(answer);
	return r;
}

/* The QR code is of otpauth://totp/NAME:USER?secret=...&issuer=NAME. */
static int write_question(const struct setup *s, struct buffer *text)
{
	const struct flow *flow = s->challenge->flow;
	struct buffer uri = BUFFER_INIT(URI_MAX), words = BUFFER_INIT(text->max);
	buffer_append_text(&uri, "otpauth://totp/");
	percent_append(&uri, flow->config->name);
	buffer_append_text(&uri, ":");
	percent_append(&uri, flow->login_name);
	buffer_append_format(&uri, "?secret=%s&issuer=", s->secret);
	percent_append(&uri, flow->config->name);
	buffer_append_text(&words, SENTENCE_SET_UP_APP);
	/* People copy four letters at a time. */
	for (size_t i = 0; s->secret[i] != '\0'; i++)
		buffer_append_format(
		    &words, "%s%c", i > 0 && i % 4 == 0 ? " " : "", s->secret[i]);
	buffer_append_text(&words, "\n" SENTENCE_FIRST_CODE);
	buffer_append_text(text, "\n");
	int r = qr_draw(buffer_text(&uri), uri.error == 0 ? flow->qr : QR_OFF, &words, text);
	buffer_wipe(&uri);
	buffer_wipe(&words);
	return r;
}

/* RESULT_CODE: the code is wrong, and the session still valid. */
static int verify(struct setup *s, const char *code)
{
	struct json *answer = NULL;
	const struct cognito_request request = {
	    .operation = "VerifySoftwareToken",
	    .members = {{"Session", s->session}, {"UserCode", code},
		{"FriendlyDeviceName", "Authenticator"}},
	};
	int r = flow_call(s->challenge->flow, &request, &answer);
	if (r != 0)
		return r;
	const char *status = json_member_string(json_root(answer), "Status");
	const char *session = json_member_string(json_root(answer), "Session");
	if (streq(status, "ERROR"))
		r = RESULT_CODE;
	else if (!streq(status, "SUCCESS"))
		r = RESULT_ANSWER;
	if ((session != NULL || r == 0) && take_session(s, session) != 0)
		r = RESULT_ANSWER;
	json_free(answer);
	return r;
}

/* The secret is shown once; after a wrong code only the question is asked again. */
static int attempt(void *arg, bool first)
{
	struct setup *s = arg;
	struct buffer text = BUFFER_INIT(MESSAGE_TEXT_MAX);
	char code[CHALLENGE_CODE_MAX] = "";
	int r =
	    first ? write_question(s, &text) : buffer_append_text(&text, SENTENCE_FIRST_CODE);
	if (r == 0)
		r = code_ask(s->challenge->flow, buffer_text(&text), 6, code);
	if (r == 0)
		r = verify(s, code);
	explicit_bzero(code, sizeof(code));
	buffer_wipe(&text);
	return r;
}

int mfa_setup(struct challenge *c)
{
	struct cognito_request no_response = {.repeat = HTTP_REPEAT_FAILED};
	struct setup s = {.challenge = c};
	const struct cJSON *offer = NULL;
	struct json *offers = challenge_parameter_json(c, "MFAS_CAN_SETUP", &offer);
	/* Cognito may offer mail and phone alone, which cannot be set up here. */
	int r = challenge_is_offered(offer, "SOFTWARE_TOKEN_MFA") ? take_session(&s, c->session)
								  : RESULT_CHALLENGE;
	json_free(offers);
	if (r == 0)
		r = associate(&s);
	if (r == 0)
		r = code_attempts(c->flow, SENTENCE_CODE_USED, attempt, &s);
	if (r == 0) {
		c->chosen |= FACTOR_APP;
		challenge_prove(c, FACTOR_APP);
		c->session = s.session;
		r = challenge_respond(c, &no_response);
	}
	/* challenge_respond() replaces the session, but not when it fails. */
	if (r != 0)
		c->session = NULL;
	explicit_bzero(&s, sizeof(s));
	return r;
}
