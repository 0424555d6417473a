/* SPDX-License-Identifier: MIT */
#include "module/ticket_frame.h"

#include <stdio.h>

#include "common/message.h"
#include "common/result.h"
#include "common/text.h"
#include "module/ticket_line.h"

#define LIFETIME_MOST 999999999ul /* what can be written; what is believed is far less */

static int take_body(const struct frame *f, struct ticket *t)
{
	const struct field *body = &f->fields[TICKET_BODY];
	if (body->len == 0 || body->len > MESSAGE_TICKET_MAX)
		return RESULT_HELPER_FRAME;
	buffer_wipe(&t->body);
	int r = buffer_append(&t->body, body->bytes, body->len);
	return r == RESULT_TOO_LARGE ? RESULT_HELPER_FRAME : r;
}

static int take_lines(const struct frame *f, int64_t now, struct ticket *t)
{
	const char *text = message_text(f, TICKET_LINES, MESSAGE_LINES_MAX);
	if (text == NULL)
		return RESULT_HELPER_FRAME;
	buffer_wipe(&t->lines);
	return ticket_lines_adopt(text, now, &t->lines);
}

static int take_exports(const struct frame *f, struct ticket *t)
{
	const char *text = message_text(f, TICKET_EXPORTS, MESSAGE_EXPORTS_MAX);
	if (text == NULL)
		return RESULT_HELPER_FRAME;
	buffer_wipe(&t->exports);
	return ticket_exports_adopt(text, &t->exports);
}

/* The times of a token that was verified now. */
static int take_times(const struct frame *f, int64_t now, struct ticket *t)
{
	unsigned long lifetime = 0;
	const char *number = message_text(f, TICKET_LIFETIME, 9);
	if (number == NULL || !text_number(number, LIFETIME_MOST, &lifetime))
		return RESULT_HELPER_FRAME;
	if (lifetime > TICKET_LIFETIME_MOST)
		lifetime = TICKET_LIFETIME_MOST;
	if (t->born == 0)
		t->born = now;
	t->verified = now;
	t->until = t->born + (int64_t)lifetime * 1000;
	return 0;
}

static int apply_verified(const struct frame *f, int64_t now, struct ticket *t)
{
	int r = take_body(f, t);
	if (r == 0)
		r = take_lines(f, now, t);
	if (r == 0)
		r = take_exports(f, t);
	if (r == 0)
		r = take_times(f, now, t);
	t->refused = false;
	return r;
}

static int apply_judged(const struct frame *f, int64_t now, struct ticket *t)
{
	if (t->born == 0 || f->fields[TICKET_BODY].len != 0)
		return RESULT_HELPER_FRAME;
	int r = take_lines(f, now, t);
	return r == 0 ? take_exports(f, t) : r;
}

static int apply_refused(const struct frame *f, struct ticket *t)
{
	if (f->fields[TICKET_BODY].len != 0)
		return RESULT_HELPER_FRAME;
	ticket_refuse(t);
	return 0;
}

int ticket_frame_apply(const struct frame *f, const char *print, int64_t now, struct ticket *t)
{
	const char *state = message_text(f, TICKET_STATE, 16);
	if (streq(state, "rotated"))
		return t->born != 0 ? take_body(f, t) : RESULT_HELPER_FRAME;
	if (streq(state, "refused"))
		return apply_refused(f, t);
	if (!streq(state, "verified") && !streq(state, "judged"))
		return RESULT_HELPER_FRAME;
	snprintf(t->print, sizeof(t->print), "%s", print);
	return streq(state, "verified") ? apply_verified(f, now, t) : apply_judged(f, now, t);
}
