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
#include "helper/net/cognito_api.h"

#define CODE_LEAST 6 /* digits */

/* What people and letters put between the digits of a code, or around them: spaces, hyphens,
 * and what looks like either or like nothing. */
static bool is_between_digits(unsigned long c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '-' || c == 0xa0 ||
	       (c >= 0x2000 && c <= 0x2015) || c == 0x202f || c == 0x2060 || c == 0xfeff;
}

int code_ask(struct flow *flow, const char *prompt, size_t most, char code[CHALLENGE_CODE_MAX])
{
	struct buffer typed = BUFFER_INIT(MESSAGE_ANSWER_MAX);
	size_t n = 0, width = 0;
	int r = prompt_question(&flow->channel, ASK_ECHO_ON, prompt, &typed, NULL);
	for (size_t i = 0; r == 0 && i < typed.len; i += width) {
		unsigned long c = 0;
		width = text_utf8(typed.bytes + i, typed.len - i, &c);
		if (is_between_digits(c))
			continue;
		if (c < '0' || c > '9' || n == most)
			r = RESULT_CODE;
		else
			code[n++] = typed.bytes[i];
	}
	code[n] = '\0';
	buffer_wipe(&typed);
	if (r == RESULT_NOT_UTF8)
		return RESULT_CODE;
	return r == 0 && n < CODE_LEAST ? RESULT_CODE : r;
}

int code_attempts(
    struct flow *flow, const char *used, int (*attempt)(void *, bool first), void *arg)
{
	int r = attempt(arg, true), wrong = 0;
	bool is_forgiven = false;
	while (r == RESULT_CODE || r == RESULT_CODE_USED) {
		/* An app shows the code of the sign-in before for half a minute. */
		if (r == RESULT_CODE || is_forgiven)
			wrong++;
		if (wrong == PROMPT_TRIES)
			return RESULT_CODE_TRIES;
		is_forgiven = is_forgiven || r == RESULT_CODE_USED;
		reason_clear(&flow->reason);
		r = prompt_tell(
		    &flow->channel, true, r == RESULT_CODE_USED ? used : result_sentence(r));
		if (r == 0)
			r = attempt(arg, false);
	}
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

/* One of the challenges that a code answers. */
struct code {
	struct challenge *challenge;
	char prompt[192];
	char field[32]; /* the response: the challenge's name with _CODE */
	size_t most; /* digits */
};

static int attempt(void *arg, bool first)
{
	const struct code *q = arg;
	struct challenge *c = q->challenge;
	char code[CHALLENGE_CODE_MAX] = "";
	int r = 0;
	(void)first;
	/* A code typed after the password is tried once, and at no other challenge. */
	if (c->appended[0] != '\0')
		memcpy(code, c->appended, sizeof(code));
	else
		r = code_ask(c->flow, q->prompt, q->most, code);
	explicit_bzero(c->appended, sizeof(c->appended));
	struct cognito_request request = {.parameters = {{q->field, code}}};
	if (r == 0)
		r = challenge_respond(c, &request);
	explicit_bzero(code, sizeof(code));
	return r;
}

int code_respond(struct challenge *c)
{
	struct code q = {.challenge = c, .prompt = SENTENCE_CODE_OF_APP, .most = 6};
	enum factor factor = FACTOR_APP;
	snprintf(q.field, sizeof(q.field), "%s_CODE", c->name);
	if (!streq(c->name, "SOFTWARE_TOKEN_MFA")) {
		factor = text_starts(c->name, "EMAIL") ? FACTOR_MAIL : FACTOR_MESSAGE;
		q.most = CHALLENGE_CODE_MAX - 1;
		code_sent_prompt(challenge_parameter(c, "CODE_DELIVERY_DESTINATION"), q.prompt,
		    sizeof(q.prompt));
	}
	const char *used = factor == FACTOR_APP ? SENTENCE_CODE_USED : SENTENCE_SENT_CODE_USED;
	int r = code_attempts(c->flow, used, attempt, &q);
	if (r == 0)
		challenge_prove(c, factor);
	return r;
}
