/* SPDX-License-Identifier: MIT */
#include "helper/flow/custom_challenge.h"

#include <string.h>

#include "common/message.h"
#include "common/result.h"
#include "common/sentence.h"
#include "common/text.h"
#include "helper/flow/challenge.h"
#include "helper/flow/flow.h"
#include "helper/json/json.h"

#define PARAMETERS_MOST 16 /* a terminal's worth */
#define VALUE_MOST 400

/* Cognito's own members say nothing to a person. */
static bool is_for_people(const struct cJSON *member)
{
	return json_string(member) != NULL && !streq(json_name(member), "USERNAME") &&
	       !streq(json_name(member), "USER_ID_FOR_SRP");
}

static int write_parameter(struct buffer *text, const struct cJSON *member)
{
	char name[64], value[VALUE_MOST];
	const char *n = json_name(member), *v = json_string(member);
	text_printable(n, strlen(n), name, sizeof(name));
	text_printable(v, strlen(v), value, sizeof(value));
	return buffer_append_format(text, "%s: %s\n", name, value);
}

static int write_question(struct challenge *c, struct buffer *text)
{
	int r = buffer_append_text(text, "\n");
	size_t shown = 0;
	for (const struct cJSON *m = json_first(c->parameters);
	     r == 0 && m != NULL && shown < PARAMETERS_MOST; m = json_next(m)) {
		if (!is_for_people(m))
			continue;
		r = write_parameter(text, m);
		shown++;
	}
	return r == 0 ? buffer_append_text(text, SENTENCE_ANSWER) : r;
}

int custom_challenge(struct challenge *c)
{
	struct buffer text = BUFFER_INIT(MESSAGE_TEXT_MAX),
		      typed = BUFFER_INIT(MESSAGE_ANSWER_MAX);
	struct buffer body = BUFFER_INIT(CHALLENGE_BODY_MAX);
	int r = write_question(c, &text);
	if (r == 0)
		r = prompt_ask(&c->flow->channel, ASK_ECHO_ON, buffer_text(&text));
	if (r == 0)
		r = prompt_answer(&c->flow->channel, &typed, NULL);
	if (r == 0 && typed.len == 0)
		r = RESULT_CANCELLED;
	if (r == 0)
		r = challenge_open_response(c, &body);
	if (r == 0)
		r = challenge_append(&body, "ANSWER", buffer_text(&typed));
	if (r == 0)
		r = challenge_respond(c, &body);
	buffer_wipe(&text);
	buffer_wipe(&typed);
	buffer_wipe(&body);
	return r == 0 ? 0 : flow_failed(c->flow, r, "CUSTOM_CHALLENGE");
}
