/* SPDX-License-Identifier: MIT */
#include "helper/flow/prompt.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/message.h"
#include "common/result.h"
#include "common/sentence.h"
#include "common/text.h"

/* Waiting for the user has no deadline here: the module ends it, by its own deadline. */
#define NO_DEADLINE INT64_MAX

int prompt_ask(const struct channel *c, enum prompt_kind kind, const char *text)
{
	static const char *const kinds[] = {
	    [ASK_PASSWORD] = "password",
	    [ASK_PASSWORD_AGAIN] = "again",
	    [ASK_NEW_PASSWORD] = "new",
	    [ASK_ECHO_ON] = "echo_on",
	};
	const char *fields[] = {kinds[kind], text};
	return frame_send_texts(c->fd, FRAME_PROMPT, fields, PROMPT_FIELDS, c->deadline);
}

/* One frame, which must be of this type. */
static int receive(const struct channel *c, enum frame_type type, struct buffer *in,
    struct frame *f, int64_t deadline)
{
	int r = frame_receive(c->fd, in, f, deadline);
	return r == 0 && f->type != type ? RESULT_HELPER_FRAME : r;
}

int prompt_answer(struct channel *c, struct buffer *answer, bool *typed)
{
	struct buffer in = BUFFER_INIT(FRAME_MAX);
	struct frame f;
	bool bad = false;
	buffer_wipe(answer);
	int r = receive(c, FRAME_ANSWER, &in, &f, NO_DEADLINE);
	c->deadline = clock_later(c->deadline, clock_ms() + MESSAGE_ANSWERED_MS);
	if (r == 0) {
		const char *text = frame_text(&f, ANSWER_TEXT, MESSAGE_ANSWER_MAX);
		bool is_typed = frame_flag(&f, ANSWER_TYPED, &bad);
		if (typed != NULL)
			*typed = is_typed;
		r = text == NULL || bad ? RESULT_HELPER_FRAME : 0;
		if (r == 0)
			r = text_is_utf8(text) ? buffer_append_text(answer, text)
					       : RESULT_NOT_UTF8;
	}
	buffer_wipe(&in);
	return r;
}

int prompt_question(struct channel *c, enum prompt_kind kind, const char *text,
    struct buffer *answer, bool *typed)
{
	int r = prompt_ask(c, kind, text);
	if (r == 0)
		r = prompt_answer(c, answer, typed);
	return r == 0 && answer->len == 0 ? RESULT_CANCELLED : r;
}

int prompt_choose(struct channel *c, const char *title, const char *const *labels, size_t count,
    size_t *chosen)
{
	/* The list and the question are one prompt: sshd holds other messages back. */
	struct buffer text = BUFFER_INIT(MESSAGE_TEXT_MAX);
	struct buffer typed = BUFFER_INIT(MESSAGE_ANSWER_MAX);
	unsigned long number = 0;
	*chosen = 0;
	if (count == 1)
		return 0;
	buffer_append_format(&text, "\n%s\n", title);
	for (size_t i = 0; i < count; i++)
		buffer_append_format(&text, "  %zu) %s\n", i + 1, labels[i]);
	int r = buffer_append_text(&text, SENTENCE_NUMBER);
	for (int tries = 0; r == 0 && number == 0 && tries < PROMPT_TRIES; tries++) {
		r = prompt_question(c, ASK_ECHO_ON, buffer_text(&text), &typed, NULL);
		buffer_trim(&typed);
		if (r == 0)
			text_number(buffer_text(&typed), count, &number);
	}
	buffer_wipe(&text);
	buffer_wipe(&typed);
	if (r != 0)
		return r;
	if (number == 0)
		return RESULT_CODE_TRIES;
	*chosen = number - 1;
	return 0;
}

int prompt_tell(const struct channel *c, bool error, const char *text)
{
	const char *fields[] = {error ? "1" : "0", text};
	return frame_send_texts(c->fd, FRAME_INFO, fields, INFO_FIELDS, c->deadline);
}

int prompt_log(const struct channel *c, const char *level, const char *format, ...)
{
	char text[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	const char *fields[] = {level, text};
	return frame_send_texts(c->fd, FRAME_LOG, fields, LOG_FIELDS, c->deadline);
}

/* The module stores JSON: text without a NUL. */
int prompt_store_jwks(const struct channel *c, const char *text)
{
	return frame_send_texts(c->fd, FRAME_STORE, &text, STORE_FIELDS, c->deadline);
}

int prompt_rotated(const struct channel *c, const char *body)
{
	return frame_send_texts(c->fd, FRAME_TICKET, &body, TICKET_FIELDS, c->deadline);
}

int prompt_refetch(
    const struct channel *c, const char *why, struct grant *grant, struct buffer *cached)
{
	struct buffer in = BUFFER_INIT(FRAME_MAX);
	struct frame f;
	bool bad = false;
	const char *fields[] = {why};
	*grant = (struct grant){false, false};
	int r = frame_send_texts(c->fd, FRAME_REFETCH, fields, REFETCH_FIELDS, c->deadline);
	if (r == 0)
		r = receive(c, FRAME_GRANT, &in, &f, c->deadline);
	/* A host that does not answer cannot run. */
	if (r == RESULT_DEADLINE)
		r = RESULT_STALLED;
	if (r == 0) {
		grant->given = frame_flag(&f, GRANT_YES, &bad);
		grant->leased = frame_flag(&f, GRANT_LEASED, &bad);
		r = bad ? RESULT_HELPER_FRAME
			: buffer_append(
			      cached, f.fields[GRANT_JWKS].bytes, f.fields[GRANT_JWKS].len);
	}
	buffer_wipe(&in);
	return r;
}
