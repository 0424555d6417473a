/* SPDX-License-Identifier: MIT */
#include "helper/flow/code.h"

#include <stdio.h>
#include <string.h>

#include "common/message.h"
#include "common/result.h"
#include "common/sentence.h"
#include "common/text.h"
#include "helper/flow/flow.h"

/* A kind of code: which member answers it, and how long it may be. */
struct code {
	const char *field;
	size_t least, most;
};

static bool read_digits(const struct buffer *typed, const size_t least, size_t most, char *code)
{
	size_t n = 0;
	for (size_t i = 0; i < typed->len; i++) {
		char c = typed->bytes[i];
		if (c == ' ')
			continue;
		if (c < '0' || c > '9' || n == most)
			return false;
		code[n++] = c;
	}
	code[n] = '\0';
	return n >= least;
}

int code_ask(struct flow *flow, const char *prompt, size_t least, size_t most,
    char code[CHALLENGE_CODE_MAX])
{
	struct buffer typed = BUFFER_INIT(MESSAGE_ANSWER_MAX);
	int r = prompt_ask(&flow->channel, ASK_ECHO_ON, prompt);
	if (r == 0)
		r = prompt_answer(&flow->channel, &typed, NULL);
	if (r == 0 && typed.len == 0)
		r = RESULT_CANCELLED;
	else if (r == 0 && !read_digits(&typed, least, most, code))
		r = RESULT_CODE;
	buffer_wipe(&typed);
	return r;
}

void code_sent_prompt(const char *destination, char *out, size_t size)
{
	char shown[128];
	if (destination == NULL)
		destination = "you";
	text_printable(destination, strlen(destination), shown, sizeof(shown));
	snprintf(out, size, SENTENCE_CODE_SENT, shown);
}

/* RESULT_CODE: wrong, the session still stands. */
static int try_code(struct challenge *c, const char *prompt, const struct code *kind)
{
	struct buffer body = BUFFER_INIT(CHALLENGE_BODY_MAX);
	char code[CHALLENGE_CODE_MAX] = "";
	int r = 0;
	/* A code typed behind the password is tried once, and never at another challenge. */
	if (c->appended[0] != '\0')
		memcpy(code, c->appended, sizeof(code));
	else
		r = code_ask(c->flow, prompt, kind->least, kind->most, code);
	explicit_bzero(c->appended, sizeof(c->appended));
	if (r == 0)
		r = challenge_open_response(c, &body);
	if (r == 0)
		r = challenge_append(&body, kind->field, code);
	if (r == 0)
		r = challenge_respond(c, &body);
	explicit_bzero(code, sizeof(code));
	buffer_wipe(&body);
	return r;
}

static int answer(struct challenge *c, const char *prompt, const struct code *kind)
{
	bool second = c->factor_proven;
	int r = RESULT_CODE;
	for (int tries = 0; r == RESULT_CODE && tries < CHALLENGE_TRIES; tries++) {
		if (tries > 0)
			r = prompt_tell(&c->flow->channel, true, result_sentence(RESULT_CODE));
		if (tries == 0 || r == 0)
			r = try_code(c, prompt, kind);
	}
	if (r == RESULT_CODE)
		r = RESULT_CODE_TRIES;
	if (r != 0)
		return flow_failed(c->flow, r, kind->field);
	c->factor_proven = true;
	c->flow->mfa_answered = c->flow->mfa_answered || second;
	return 0;
}

static int answer_sent(struct challenge *c, const struct code *kind)
{
	char prompt[192];
	code_sent_prompt(
	    challenge_parameter(c, "CODE_DELIVERY_DESTINATION"), prompt, sizeof(prompt));
	return answer(c, prompt, kind);
}

int code_software_token(struct challenge *c)
{
	static const struct code kind = {"SOFTWARE_TOKEN_MFA_CODE", 6, 6};
	return answer(c, SENTENCE_CODE_OF_APP, &kind);
}

int code_sms_mfa(struct challenge *c)
{
	static const struct code kind = {"SMS_MFA_CODE", 6, 8};
	return answer_sent(c, &kind);
}

int code_sms_otp(struct challenge *c)
{
	static const struct code kind = {"SMS_OTP_CODE", 6, 8};
	return answer_sent(c, &kind);
}

int code_email_otp(struct challenge *c)
{
	static const struct code kind = {"EMAIL_OTP_CODE", 6, 8};
	return answer_sent(c, &kind);
}
