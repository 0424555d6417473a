/* SPDX-License-Identifier: MIT */
#include "common/request.h"

#include <stdio.h>
#include <string.h>

#include "common/message.h"
#include "common/result.h"
#include "common/text.h"

#define PATH_MAX_BYTES 4096
#define TIME_LEFT_MOST 600000 /* milliseconds; the longest timeout= */
#define SECONDS_MOST 999999999 /* 31 years; max_age= stops at ten */

static const char *const purposes[PURPOSES] = {
    "login", "account", "reuse", "check", "change", "revoke", "probe", "keys", "accounts"};

enum kind { WORD, TEXT, BYTES, NUMBER };

#define ROW(member, kind, max)                                                                 \
	{                                                                                      \
#member, kind, offsetof(struct request, member), max                           \
	}

/* The fields in their order. A number that is negative travels as "". */
static const struct row {
	const char *name;
	enum kind kind;
	size_t offset;
	long max; /* bytes, or the largest number */
} rows[] = {
    {"version", WORD, 0, 8},
    {"purpose", WORD, 0, 16},
    ROW(config_path, TEXT, PATH_MAX_BYTES),
    ROW(config, BYTES, FRAME_REQUEST_MAX),
    ROW(jwks, BYTES, MESSAGE_STORE_MAX),
    ROW(user, TEXT, REQUEST_NAME_MAX),
    ROW(service, TEXT, REQUEST_NAME_MAX),
    ROW(rhost, TEXT, MESSAGE_ANSWER_MAX),
    ROW(options.flow, TEXT, 16),
    ROW(options.prompt, TEXT, 8),
    ROW(options.qr, TEXT, 8),
    ROW(options.max_age, NUMBER, SECONDS_MOST),
    ROW(time_left, NUMBER, TIME_LEFT_MOST),
    ROW(ticket, BYTES, MESSAGE_TICKET_MAX),
    ROW(ticket_age, NUMBER, SECONDS_MOST),
    ROW(root, NUMBER, 1),
    ROW(expired, BYTES, MESSAGE_TICKET_MAX),
    ROW(host, TEXT, REQUEST_HOST_MAX),
    ROW(account, BYTES, MESSAGE_ACCOUNT_MAX),
    ROW(logged_in, NUMBER, 1),
};
_Static_assert(
    sizeof(rows) / sizeof(rows[0]) == REQUEST_FIELDS, "REQUEST_FIELDS counts the rows");
_Static_assert(REQUEST_FIELDS <= FRAME_FIELDS_MAX, "a frame holds them");

int request_send(int fd, const struct request *q, int64_t deadline)
{
	struct frame f = {.type = FRAME_REQUEST, .count = REQUEST_FIELDS};
	char numbers[REQUEST_FIELDS][24];
	for (size_t i = 0; i < REQUEST_FIELDS; i++) {
		const void *member = (const char *)q + rows[i].offset;
		const char *text = "";
		if (rows[i].kind == WORD)
			text = i == 0 ? MESSAGE_VERSION : purposes[q->purpose];
		else if (rows[i].kind == TEXT && *(const char *const *)member != NULL)
			text = *(const char *const *)member;
		else if (rows[i].kind == NUMBER && *(const long *)member >= 0) {
			snprintf(numbers[i], sizeof(numbers[i]), "%ld", *(const long *)member);
			text = numbers[i];
		}
		f.fields[i] = rows[i].kind == BYTES ? *(const struct field *)member
						    : (struct field){text, strlen(text)};
	}
	return frame_send(fd, &f, deadline);
}

static bool read_number(const char *text, long max, long *out)
{
	unsigned long number = 0;
	*out = -1;
	if (text[0] == '\0')
		return true;
	if (!text_number(text, (unsigned long)max, &number))
		return false;
	*out = (long)number;
	return true;
}

int request_read(const struct frame *f, struct request *q)
{
	const char *words[2] = {NULL, NULL};
	*q = (struct request){.purpose = PURPOSES};
	if (f->type != FRAME_REQUEST)
		return RESULT_HELPER_FRAME;
	for (size_t i = 0; i < REQUEST_FIELDS; i++) {
		void *member = (char *)q + rows[i].offset;
		size_t max = rows[i].kind == NUMBER ? 12 : (size_t)rows[i].max;
		const char *text = frame_text(f, i, max);
		if (rows[i].kind == BYTES ? f->fields[i].len > max : text == NULL)
			return RESULT_HELPER_FRAME;
		if (rows[i].kind == WORD)
			words[i] = text;
		else if (rows[i].kind == TEXT)
			*(const char **)member = text;
		else if (rows[i].kind == BYTES)
			*(struct field *)member = f->fields[i];
		else if (!read_number(text, rows[i].max, member))
			return RESULT_HELPER_FRAME;
	}
	for (enum purpose p = PURPOSE_LOGIN; p < PURPOSES; p++)
		if (streq(words[1], purposes[p]))
			q->purpose = p;
	/* These three are never left out: root decides how strictly a rule must name the
	 * subject, logged_in whether the browser's session will do. */
	if (!streq(words[0], MESSAGE_VERSION) || q->purpose == PURPOSES || q->time_left < 0 ||
	    q->root < 0 || q->logged_in < 0)
		return RESULT_HELPER_FRAME;
	/* A ticket of unknown age would be believed for ever. */
	return q->ticket.len > 0 && q->ticket_age < 0 ? RESULT_HELPER_FRAME : 0;
}
