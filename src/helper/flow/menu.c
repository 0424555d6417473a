/* SPDX-License-Identifier: MIT */
#include "helper/flow/menu.h"

#include "common/buffer.h"
#include "common/message.h"
#include "common/result.h"
#include "common/sentence.h"
#include "common/text.h"
#include "helper/flow/challenge.h"
#include "helper/flow/flow.h"

/* The list and the question are one prompt: sshd holds other messages back. */
static int write_menu(
    struct buffer *text, const char *title, const char *const *labels, size_t count)
{
	int r = buffer_append_format(text, "\n%s\n", title);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = buffer_append_format(text, "  %zu) %s\n", i + 1, labels[i]);
	return r == 0 ? buffer_append_text(text, SENTENCE_NUMBER) : r;
}

static int ask_once(struct flow *flow, const struct buffer *text, size_t count, size_t *chosen)
{
	struct buffer typed = BUFFER_INIT(MESSAGE_ANSWER_MAX);
	unsigned long number = 0;
	int r = prompt_ask(&flow->channel, ASK_ECHO_ON, buffer_text(text));
	if (r == 0)
		r = prompt_answer(&flow->channel, &typed, NULL);
	if (r == 0 && typed.len == 0)
		r = RESULT_CANCELLED;
	else if (r == 0 && (!text_number(buffer_text(&typed), count, &number) || number == 0))
		r = RESULT_CODE;
	buffer_wipe(&typed);
	if (r == 0)
		*chosen = number - 1;
	return r;
}

int menu_choose(struct flow *flow, const char *title, const char *const *labels, size_t count,
    size_t *chosen)
{
	struct buffer text = BUFFER_INIT(MESSAGE_TEXT_MAX);
	*chosen = 0;
	if (count == 1)
		return 0;
	int r = write_menu(&text, title, labels, count);
	if (r == 0)
		r = RESULT_CODE;
	for (int tries = 0; r == RESULT_CODE && tries < CHALLENGE_TRIES; tries++)
		r = ask_once(flow, &text, count, chosen);
	buffer_wipe(&text);
	return r == RESULT_CODE ? RESULT_CODE_TRIES : r;
}
