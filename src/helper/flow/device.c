/* SPDX-License-Identifier: MIT */
#include "helper/flow/device.h"

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
#include "helper/flow/invitation.h"
#include "helper/flow/keys.h"
#include "helper/json/json.h"
#include "helper/net/device_endpoint.h"
#include "helper/net/http.h"
#include "helper/config/config.h"

#define SLOW_DOWN_MS 5000 /* RFC 8628 section 3.5: for this and all later requests */
#define BACK_OFF_MOST_MS 60000 /* between requests while the provider cannot be reached */
/* Nobody reads a code and presses Enter in half a second: it is a client without a terminal,
 * which answers every question with nothing, or a script that approves in some other way. It
 * gets a few requests' time, not all of it. */
#define HURRIED_MS 500
#define HURRIED_LEAST_MS 12000
#define LAST_WORD_MS 300 /* before the module's own deadline, so that ours is the reason */

struct device {
	struct flow *flow;
	const struct flow_request *request;
	struct device_authorization codes;
	int64_t interval; /* milliseconds */
	int64_t limit, end; /* when to give up at the latest, and as it looks now: clock.h's
			     * milliseconds */
	int limit_result, end_result; /* and what to say then */
	int64_t last, next; /* requests */
	int failures; /* in a row */
	bool asked, answered; /* the question that ends the text */
	int64_t shown; /* when it was */
	int64_t hurried; /* when it was answered, sooner than a person can; 0: it was not */
};

/* 0 to 10 % more, so that a fleet does not ask in step. */
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
	const char *question = d->request->enter ? SENTENCE_DEVICE_QUESTION : "";
	snprintf(
	    steps, sizeof(steps), SENTENCE_DEVICE_STEPS, a->verification_uri, a->user_code);
	int r = invitation_write(d->flow, d->request, link, steps, question, &text);
	if (r == 0 && d->request->enter)
		r = prompt_ask(&d->flow->channel, ASK_ECHO_ON, buffer_text(&text));
	else if (r == 0)
		r = prompt_tell(&d->flow->channel, false, buffer_text(&text));
	d->asked = d->request->enter;
	d->shown = clock_ms();
	buffer_wipe(&text);
	return r;
}

/* When to give up. A hurried answer brings it nearer, but two more requests fit in. */
static void set_end(struct device *d)
{
	int64_t wait = 2 * d->interval + 2000;
	if (wait < HURRIED_LEAST_MS)
		wait = HURRIED_LEAST_MS;
	bool sooner = d->hurried != 0 && d->hurried + wait < d->limit;
	d->end = sooner ? d->hurried + wait : d->limit;
	d->end_result = sooner ? RESULT_DEVICE_UNSEEN : d->limit_result;
}

/* The person says it is done: ask as soon as the provider's pace allows. */
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

/* Until the next request is due. The socket is watched: an answer hurries, its end is the
 * end of the host. */
static int await_turn(struct device *d)
{
	while (clock_left(d->next) > 0) {
		int64_t until = d->next < d->end ? d->next : d->end;
		struct pollfd p = {.fd = d->flow->channel.fd, .events = POLLIN};
		if (clock_left(d->end) == 0)
			return d->end_result;
		if (poll(&p, 1, clock_left(until)) <= 0)
			continue;
		int r = d->asked && !d->answered ? take_answer(d) : RESULT_HELPER_LOST;
		if (r != 0)
			return r;
	}
	return clock_left(d->end) > 0 ? 0 : d->end_result;
}

/* Is it worth asking again? The sample fails for a moment between approval and code. */
static bool is_passing(int r)
{
	return r == RESULT_CONNECT || r == RESULT_HTTP || r == RESULT_RESOLVE ||
	       r == RESULT_DEADLINE || r == RESULT_POOL || r == RESULT_THROTTLED;
}

static int64_t pause_after_failure(struct device *d)
{
	int64_t pause = d->interval;
	for (int i = 0; i < d->failures && pause < BACK_OFF_MOST_MS; i++)
		pause *= 2;
	d->failures++;
	if (pause > BACK_OFF_MOST_MS)
		pause = BACK_OFF_MOST_MS;
	return pause > d->interval ? pause : d->interval;
}

/* One request. RESULT_DEVICE_PENDING: go on waiting. */
static int ask_once(struct device *d)
{
	struct flow *flow = d->flow;
	int64_t pause = d->interval;
	int r = device_endpoint_poll(
	    flow->http, flow->config, &d->codes, &flow->answer, &flow->error);
	d->last = clock_ms();
	if (r == RESULT_DEVICE_SLOW_DOWN) {
		/* The sample means "not yet": its interval stays. */
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
	int r = RESULT_DEVICE_PENDING;
	while (r == RESULT_DEVICE_PENDING) {
		r = await_turn(d);
		if (r == 0)
			r = ask_once(d);
	}
	/* Nobody reads an answer that is still being typed: wait for it, then go on. */
	if (r == 0 && d->asked && !d->answered)
		r = take_answer(d);
	return r;
}

static int take_tokens(struct flow *flow)
{
	flow_take_tokens(flow, TICKET_SOURCE_TOKEN_URL);
	/* The sample passes on what Cognito's token_url gave it, and refreshes nothing. */
	/* The sample keeps the ID token to itself unless told otherwise. */
	if (flow->id_token == NULL && flow->config->device_dialect == DIALECT_RFC8628)
		return RESULT_ANSWER;
	return 0;
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
	/* The person may ask at once by pressing Enter; the sample counts from its own answer.
	 */
	bool sample = d->flow->config->device_dialect == DIALECT_AWS_SAMPLE;
	d->last = sample ? now : now - d->interval;
	d->next = now + jitter(d->interval);
}

int device_run(struct flow *flow, struct keys *keys, const struct flow_request *request)
{
	struct device d = {.flow = flow, .request = request};
	int r = device_endpoint_authorize(flow->http, flow->config, &d.codes, &flow->error);
	if (r != 0)
		return flow_failed(flow, r, "device authorization");
	set_times(&d);
	r = present(&d);
	/* Success is to cost nothing more; failing now is told when keys are needed. */
	if (r == 0 && keys_load(flow, keys, request->now) != 0)
		flow_forget(flow);
	if (r == 0)
		r = await_approval(&d);
	if (r == 0)
		r = take_tokens(flow);
	explicit_bzero(&d.codes, sizeof(d.codes));
	return r == 0 ? 0 : flow_failed(flow, r, "device");
}
