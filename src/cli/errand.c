/* SPDX-License-Identifier: MIT */
#include "cli/errand.h"

#include <stdio.h>
#include <string.h>

#include "cli/diagnosis.h"
#include "common/buffer.h"
#include "common/clock.h"
#include "common/message.h"
#include "common/reason.h"
#include "common/result.h"
#include "common/text.h"
#include "module/spawn.h"
#include "module/store.h"

/* Six hosts that do not answer take half a minute, and then a dozen requests follow. */
#define ERRAND_MS 90000
#define FRAMES_MOST 128

static int send_request(const struct errand *e, const struct helper *h, int64_t deadline)
{
	char left[16];
	struct buffer jwks = BUFFER_INIT(MESSAGE_STORE_MAX);
	struct frame f = {.type = FRAME_REQUEST, .count = REQUEST_FIELDS};
	const char *texts[REQUEST_FIELDS] = {
	    [REQUEST_VERSION] = MESSAGE_VERSION,
	    [REQUEST_PURPOSE] = e->purpose,
	    [REQUEST_CONFIG_PATH] = e->config_path,
	    [REQUEST_WAIT] = "none",
	    [REQUEST_QR] = "off",
	    [REQUEST_TIME_LEFT] = left,
	    [REQUEST_ROOT] = "0",
	    [REQUEST_TICKET_AGE] = "0", /* what ends needs no age */
	};
	snprintf(left, sizeof(left), "%d", clock_left(deadline));
	for (size_t i = 0; i < REQUEST_FIELDS; i++) {
		f.fields[i].bytes = texts[i] != NULL ? texts[i] : "";
		f.fields[i].len = strlen(f.fields[i].bytes);
	}
	f.fields[REQUEST_CONFIG] = (struct field){buffer_text(e->config), e->config->len};
	/* "keys" is for fetching them: what was kept would only spare that. */
	if (streq(e->purpose, "probe"))
		store_read_jwks(e->config_path, &jwks);
	f.fields[REQUEST_JWKS] = (struct field){buffer_text(&jwks), jwks.len};
	if (e->ticket != NULL)
		f.fields[REQUEST_TICKET] =
		    (struct field){buffer_text(e->ticket), e->ticket->len};
	int r = frame_send(h->fd, &f, deadline);
	buffer_wipe(&jwks);
	return r;
}

static int take_store(const struct errand *e, const struct frame *f)
{
	const struct field *jwks = &f->fields[STORE_JWKS];
	if (jwks->len > MESSAGE_STORE_MAX)
		return RESULT_HELPER_FRAME;
	return store_write_jwks(e->config_path, jwks->bytes, jwks->len) ? 0 : RESULT_STORE;
}

static int take_verdict(struct errand *e, const struct frame *f)
{
	unsigned long code = 0;
	const char *number = message_text(f, VERDICT_CODE, 4);
	const char *detail = message_text(f, VERDICT_DETAIL, MESSAGE_TEXT_MAX);
	if (number == NULL || detail == NULL || !text_number(number, RESULT_COUNT, &code) ||
	    !result_known((long)code))
		return RESULT_HELPER_FRAME;
	text_printable(detail, strlen(detail), e->why, sizeof(e->why));
	return (int)code;
}

/* One frame. Not 0: the end. */
static int take(struct errand *e, const struct frame *f)
{
	switch (f->type) {
	case FRAME_FINDING:
		return e->diagnosis != NULL &&
			       diagnosis_relay(e->diagnosis, message_text(f, FINDING_STATUS, 8),
				   message_text(f, FINDING_NAME, 64),
				   message_text(f, FINDING_SEEN, MESSAGE_TEXT_MAX))
			   ? 0
			   : RESULT_HELPER_FRAME;
	case FRAME_STORE:
		return take_store(e, f);
	case FRAME_LOG:
		return 0;
	case FRAME_RESULT:
		return take_verdict(e, f);
	default:
		return RESULT_HELPER_FRAME;
	}
}

int errand_run(struct errand *e)
{
	struct helper helper = HELPER_NONE;
	struct buffer in = BUFFER_INIT(FRAME_MAX);
	struct frame f;
	struct reason reason = {.detail = ""};
	int64_t deadline = clock_ms() + ERRAND_MS;
	e->why[0] = '\0';
	int r = spawn_start(&helper, &reason);
	if (r != 0) {
		snprintf(e->why, sizeof(e->why), "%s", reason.detail);
		return r;
	}
	r = send_request(e, &helper, deadline);
	for (int frames = 0; r == 0; frames++) {
		r = frames < FRAMES_MOST ? frame_receive(helper.fd, &in, &f, deadline)
					 : RESULT_HELPER_FRAME;
		if (r == 0)
			r = take(e, &f);
	}
	spawn_end(&helper, r == RESULT_DONE);
	buffer_wipe(&in);
	return r;
}
