/* SPDX-License-Identifier: MIT */
#include <openssl/rand.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/message.h"
#include "common/result.h"
#include "common/sentence.h"
#include "helper/flow/flow.h"
#include "helper/net/token_endpoint.h"

#define SLOW_DOWN_MS 5000 /* RFC 8628 section 3.5: for this and all later requests */
#define BACK_OFF_MOST_MS 60000 /* between requests while the provider cannot be reached */
/* Nobody reads a code and presses Enter within half a second: such an answer comes from a
 * client without a terminal, or from a script that approves in some other way. It gets the time
 * of a few requests, not all of it. */
#define HURRIED_MS 500
#define HURRIED_LEAST_MS 12000
#define LAST_WORD_MS 300 /* give up before the module does, so that our reason is logged */

struct device {
	struct flow *flow;
	const struct flow_request *request;
	struct device_authorization codes;
	int64_t interval; /* milliseconds */
	/* clock.h's milliseconds: */
	int64_t limit; /* the latest time to give up, and what to report then */
	int limit_result;
	int64_t end; /* the time to give up as it looks now, likewise */
	int end_result;
	int64_t last, next; /* requests */
	int64_t shown; /* when the question was shown */
	int64_t hurried; /* when it was answered, if sooner than a user can; else 0 */
	int failures; /* requests in a row that failed */
	bool answered; /* the question, if there is one */
};

/* 0 to 10 % more, so that many hosts do not ask at the same time. */
static int64_t jitter(int64_t interval)
{
	unsigned char byte = 0;
	if (RAND_bytes(&byte, 1) != 1)
		byte = 0;
	return interval + interval * byte / 2550;
}

static int present(struct device *d)
{
	struct buffer text = BUFFER_INIT(MESSAGE_TEXT_MAX);
	char steps[DEVICE_URI_MAX + DEVICE_USER_CODE_MAX + 32];
	const struct device_authorization *a = &d->codes;
	const char *link = a->complete_uri[0] != '\0' ? a->complete_uri : a->verification_uri;
	snprintf(
	    steps, sizeof(steps), SENTENCE_DEVICE_STEPS, a->verification_uri, a->user_code);
	int r = flow_invite(d->flow, d->request, link, steps,
	    d->request->enter ? SENTENCE_DEVICE_QUESTION : "", &text);
	if (r == 0 && d->request->enter)
		r = prompt_ask(&d->flow->channel, ASK_ECHO_ON, buffer_text(&text));
	else if (r == 0)
		r = prompt_tell(&d->flow->channel, false, buffer_text(&text));
	d->shown = clock_ms();
	buffer_wipe(&text);
	return r;
}

/* A hurried answer ends the waiting sooner, but after two more requests. */
static void set_end(struct device *d)
{
	int64_t wait = 2 * d->interval + 2000;
	if (wait < HURRIED_LEAST_MS)
		wait = HURRIED_LEAST_MS;
	bool sooner = d->hurried != 0 && d->hurried + wait < d->limit;
	d->end = sooner ? d->hurried + wait : d->limit;
	d->end_result = sooner ? RESULT_DEVICE_UNSEEN : d->limit_result;
}

/* The user reports the approval: ask as soon as the pace of the provider allows it. */
static int take_answer(struct device *d)
{
	struct buffer typed = BUFFER_INIT(MESSAGE_ANSWER_MAX);
	int r = prompt_answer(&d->flow->channel, &typed, NULL);
	buffer_wipe(&typed);
	d->answered = true;
	if (clock_ms() - d->shown < HURRIED_MS)
		d->hurried = clock_ms();
	set_end(d);
	int64_t allowed = d->last + d->interval;
	if (d->next > allowed)
		d->next = allowed;
	return r == RESULT_NOT_UTF8 ? 0 : r;
}

/* Waits until the next request is due. An answer makes it due sooner; the end of the socket is
 * the end of the host. */
static int await_turn(struct device *d)
{
	while (clock_left(d->next) > 0) {
		int64_t until = d->next < d->end ? d->next : d->end;
		struct pollfd p = {.fd = d->flow->channel.fd, .events = POLLIN};
		if (clock_left(d->end) == 0)
			return d->end_result;
		if (poll(&p, 1, clock_left(until)) <= 0)
			continue;
		int r = d->request->enter && !d->answered ? take_answer(d) : RESULT_HELPER_LOST;
		if (r != 0)
			return r;
	}
	return clock_left(d->end) > 0 ? 0 : d->end_result;
}

/* Is it worth asking again? The sample fails briefly between approval and tokens. */
static bool is_passing(int r)
{
	return r == RESULT_CONNECT || r == RESULT_SOCKET || r == RESULT_HTTP ||
	       r == RESULT_RESOLVE || r == RESULT_DEADLINE || r == RESULT_POOL ||
	       r == RESULT_THROTTLED;
}

static int64_t pause_after_failure(struct device *d)
{
	int64_t pause = d->interval;
	for (int i = 0; i < d->failures && pause < BACK_OFF_MOST_MS; i++)
		pause = pause < BACK_OFF_MOST_MS / 2 ? pause * 2 : BACK_OFF_MOST_MS;
	d->failures++;
	return pause;
}

/* One request. RESULT_DEVICE_PENDING: wait on. */
static int ask_once(struct device *d)
{
	struct flow *flow = d->flow;
	int64_t pause = d->interval;
	int r = token_endpoint_device(
	    flow->http, flow->config, &d->codes, &flow->answer, &flow->reason);
	d->last = clock_ms();
	if (r == RESULT_DEVICE_SLOW_DOWN) {
		/* The sample means "not yet" by it: its interval stays. */
		if (flow->config->device_dialect == DIALECT_RFC8628)
			d->interval += SLOW_DOWN_MS;
		set_end(d);
		pause = d->interval;
		r = RESULT_DEVICE_PENDING;
	} else if (is_passing(r)) {
		pause = pause_after_failure(d);
		r = RESULT_DEVICE_PENDING;
	} else {
		d->failures = 0;
	}
	d->next = d->last + jitter(pause);
	return r;
}

static int await_approval(struct device *d)
{
	int r = RESULT_DEVICE_PENDING, heard = 0;
	while (r == RESULT_DEVICE_PENDING) {
		r = await_turn(d);
		if (r == 0)
			r = ask_once(d);
	}
	/* The host still waits for the answer to the question, and reads nothing before it: a
	 * verdict that comes while it sends the answer would be lost. */
	if (d->request->enter && !d->answered)
		heard = take_answer(d);
	return r != 0 ? r : heard;
}

static void set_times(struct device *d)
{
	int64_t now = clock_ms();
	d->interval = d->codes.interval * 1000;
	d->limit = now + d->codes.expires_in * 1000;
	d->limit_result = RESULT_DEVICE_EXPIRED;
	if (d->limit > d->flow->channel.deadline - LAST_WORD_MS) {
		d->limit = d->flow->channel.deadline - LAST_WORD_MS;
		d->limit_result = RESULT_PERSON_SLOW;
	}
	set_end(d);
	/* Enter makes the first request due at once; but the sample counts its interval from
	 * the codes. */
	bool sample = d->flow->config->device_dialect == DIALECT_AWS_SAMPLE;
	d->last = sample ? now : now - d->interval;
	d->next = now + jitter(d->interval);
}

int device_run(struct flow *flow, const struct flow_request *request)
{
	struct device d = {.flow = flow, .request = request};
	http_need(flow->http, flow->config->device_authorization_url);
	if (flow->config->device_dialect == DIALECT_RFC8628)
		http_need(flow->http, flow->config->token_url);
	int r =
	    token_endpoint_authorize_device(flow->http, flow->config, &d.codes, &flow->reason);
	if (r != 0)
		return reason_at(&flow->reason, r, "device authorization");
	set_times(&d);
	r = present(&d);
	if (r == 0)
		r = await_approval(&d);
	/* The sample keeps the ID token to itself unless it is told otherwise. */
	if (r == 0 && flow_take_tokens(flow, TICKET_SOURCE_TOKEN_URL) != 0 &&
	    flow->config->device_dialect == DIALECT_RFC8628)
		r = RESULT_ANSWER;
	explicit_bzero(&d.codes, sizeof(d.codes));
	return r == 0 ? 0 : reason_at(&flow->reason, r, "device");
}
