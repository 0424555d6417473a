/* SPDX-License-Identifier: MIT */
#include "helper/request.h"

#include <stddef.h>

#include "common/message.h"
#include "common/result.h"
#include "common/text.h"

#define PATH_MAX_BYTES 4096
#define TIME_LEFT_MOST 600000ul /* milliseconds; the longest timeout= */
#define SECONDS_MOST 999999999999ul /* as many digits as any moment has here */

static bool is_purpose(const char *word)
{
	static const char *const purposes[] = {
	    "login", "check", "change", "account", "reuse", "revoke", "probe", "keys"};
	for (size_t i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++)
		if (streq(word, purposes[i]))
			return true;
	return false;
}

/* A number of seconds, or otherwise for an empty field. */
static bool read_seconds(const struct frame *f, size_t field, long otherwise, long *out)
{
	unsigned long seconds = 0;
	const char *text = message_text(f, field, 12);
	*out = otherwise;
	if (text == NULL)
		return false;
	if (text[0] == '\0')
		return true;
	if (!text_number(text, SECONDS_MOST, &seconds))
		return false;
	*out = (long)seconds;
	return true;
}

static int read_texts(const struct frame *f, struct request *q)
{
	q->purpose = message_text(f, REQUEST_PURPOSE, 16);
	q->qr = message_text(f, REQUEST_QR, 8);
	q->flow = message_text(f, REQUEST_FLOW, 16);
	q->wait = message_text(f, REQUEST_WAIT, 8);
	q->rhost = message_text(f, REQUEST_RHOST, MESSAGE_ANSWER_MAX);
	q->config_path = message_text(f, REQUEST_CONFIG_PATH, PATH_MAX_BYTES);
	q->user = message_text(f, REQUEST_USER, REQUEST_NAME_MAX);
	q->service = message_text(f, REQUEST_SERVICE, REQUEST_NAME_MAX);
	if (q->config_path == NULL || q->user == NULL || q->service == NULL)
		return RESULT_HELPER_FRAME;
	if (q->qr == NULL || q->flow == NULL || q->rhost == NULL || q->wait == NULL)
		return RESULT_HELPER_FRAME;
	return is_purpose(q->purpose) ? 0 : RESULT_HELPER_FRAME;
}

static int read_ticket(const struct frame *f, struct request *q)
{
	bool bad = false;
	q->ticket = &f->fields[REQUEST_TICKET];
	q->expired = &f->fields[REQUEST_EXPIRED];
	q->root = message_flag(f, REQUEST_ROOT, &bad);
	if (q->ticket->len > MESSAGE_TICKET_MAX || q->expired->len > MESSAGE_TICKET_MAX)
		return RESULT_HELPER_FRAME;
	if (!read_seconds(f, REQUEST_MAX_AGE, -1, &q->max_age) || bad)
		return RESULT_HELPER_FRAME;
	if (!read_seconds(f, REQUEST_TICKET_AGE, -1, &q->ticket_age))
		return RESULT_HELPER_FRAME;
	/* A ticket of no known age would be believed for ever. */
	if (q->ticket->len > 0 && q->ticket_age < 0)
		return RESULT_HELPER_FRAME;
	return 0;
}

int request_read(const struct frame *f, struct request *q)
{
	const char *version = message_text(f, REQUEST_VERSION, 8);
	const char *left = message_text(f, REQUEST_TIME_LEFT, 12);
	*q = (struct request){.max_age = -1};
	if (!streq(version, MESSAGE_VERSION))
		return RESULT_HELPER_FRAME;
	if (left == NULL || !text_number(left, TIME_LEFT_MOST, &q->time_left))
		return RESULT_HELPER_FRAME;
	q->config_text = &f->fields[REQUEST_CONFIG];
	q->jwks = &f->fields[REQUEST_JWKS];
	int r = read_texts(f, q);
	return r == 0 ? read_ticket(f, q) : r;
}
