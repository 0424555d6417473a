/* SPDX-License-Identifier: MIT */
#include "helper/net/http.h"

#include <netdb.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/net/backoff.h"
#include "helper/net/name.h"
#include "helper/net/transfer.h"
#include "helper/sandbox.h"

#define LAST_WORD_MS 300 /* before the module's own deadline, so that ours is the reason */

struct http {
	struct transfer *transfer;
	struct names names;
	int64_t deadline;
	const int64_t *last; /* the module's; borrowed */
	int64_t lost; /* milliseconds in which this process could not run, outside transfers */
	const struct config *config; /* borrowed */
	struct sandbox sandbox;
	long status; /* of the last answer; 0: none came */
	bool is_repeated; /* the last request was */
	/* What the next POST waits for (no wait(): nothing), and that POST. */
	struct http_hold hold;
	struct transfer_request *held;
	struct http_body *body;
};

bool http_load(void)
{
	return transfer_load();
}

int http_open(const struct config *config, const struct sandbox_filter *filter,
    const int64_t *deadline, struct http **out)
{
	*out = NULL;
	struct http *h = calloc(1, sizeof(*h));
	if (h == NULL)
		return RESULT_MEMORY;
	h->deadline = INT64_MAX;
	h->last = deadline;
	h->config = config;
	h->sandbox.filter = filter;
	h->sandbox.ca_file = config->ca_file;
	h->sandbox.ca_path = config->ca_file == NULL ? config->ca_path : NULL;
	int r = transfer_open(config, &h->transfer);
	if (r != 0) {
		http_close(h);
		return r;
	}
	*out = h;
	return 0;
}

void http_close(struct http *h)
{
	if (h == NULL)
		return;
	transfer_close(h->transfer);
	free(h);
}

static void allow_port(struct sandbox *s, const char *text)
{
	unsigned long port = 0;
	if (!text_number(text, UINT16_MAX, &port) || s->ports_len == SANDBOX_PORTS_MAX)
		return;
	for (size_t i = 0; i < s->ports_len; i++)
		if (s->ports[i] == port)
			return;
	s->ports[s->ports_len++] = (uint16_t)port;
}

bool http_host(const char *url, char *out, size_t size)
{
	struct name at = {.state = NAME_NEW};
	if (!transfer_split(url, &at))
		return false;
	int n = snprintf(out, size, "%s:%s", at.host, at.port);
	return n > 0 && (size_t)n < size;
}

/* The name behind a URL, the proxy's if there is one; NULL: it is an address, or there are too
 * many. *is_good: the URL can be read. */
static struct name *find_name(struct http *h, const char *url, bool *is_good)
{
	const char *proxy = h->config->proxy;
	struct name at = {.state = NAME_NEW};
	*is_good = transfer_split(proxy != NULL ? proxy : url, &at);
	if (!*is_good)
		return NULL;
	allow_port(&h->sandbox, at.port);
	return at.host[0] == '[' ? NULL : names_add(&h->names, &at);
}

static void use_name(struct http *h, struct name *n, int64_t deadline)
{
	if (n->state == NAME_NEW && !h->sandbox.is_closed)
		name_resolve(n);
	else if (n->state == NAME_ASKED)
		name_await(n, deadline, &h->lost);
}

int http_resolve(struct http *h, const char *url, struct reason *reason)
{
	bool is_good = false;
	struct name *n = find_name(h, url, &is_good);
	if (n == NULL)
		return is_good ? 0 : RESULT_RESOLVE;
	use_name(h, n, *h->last);
	if (n->state == NAME_FOUND)
		return 0;
	return reason_set(reason, RESULT_RESOLVE, "%s", gai_strerror(n->answer.error));
}

void http_may_need(struct http *h, const char *url)
{
	bool is_good = false;
	if (url != NULL)
		find_name(h, url, &is_good);
}

void http_need(struct http *h, const char *url)
{
	bool is_good = false;
	struct name *n = url != NULL ? find_name(h, url, &is_good) : NULL;
	if (n != NULL)
		n->is_needed = true;
}

int http_prepare(struct http *h, struct reason *reason)
{
	if (h->sandbox.is_closed)
		return 0;
	names_look_up(&h->names);
	for (size_t i = 0; i < h->names.len; i++)
		if (h->names.items[i].state == NAME_ASKED)
			sandbox_keep(&h->sandbox, h->names.items[i].fd);
	return sandbox_close(&h->sandbox, reason);
}

const struct sandbox *http_sandbox(const struct http *h)
{
	return &h->sandbox;
}

static int time_left(const struct http *h)
{
	int64_t last = *h->last - LAST_WORD_MS;
	return clock_left(h->deadline < last ? h->deadline : last);
}

static int64_t request_end(const struct http *h)
{
	int left = time_left(h), most = (int)(h->config->request_timeout * 1000);
	return clock_ms() + (left < most ? left : most);
}

/* The person has answered: now the request's time begins. */
static int release(void *arg)
{
	struct http *h = arg;
	int r = h->hold.wait(h->hold.arg);
	if (r == 0)
		r = h->body->write(h->body->arg, &h->body->text);
	h->held->until = request_end(h);
	return r == 0 && time_left(h) == 0 ? RESULT_DEADLINE : r;
}

static int perform(struct http *h, struct transfer_request *q, struct reason *reason)
{
	bool is_good = false;
	struct name *n = find_name(h, q->url, &is_good);
	const char *proxy = h->config->proxy;
	if (n != NULL)
		use_name(h, n, clock_ms() + time_left(h));
	if (q->ready == NULL && time_left(h) == 0)
		return RESULT_DEADLINE;
	q->entry = n != NULL && n->state == NAME_FOUND ? n->answer.entry : NULL;
	q->host = n != NULL ? n->host : proxy != NULL ? proxy : q->url;
	q->is_unknown = n != NULL && n->state != NAME_FOUND;
	q->until = request_end(h);
	buffer_wipe(&q->answer->body);
	q->answer->status = h->status = 0;
	http_forget_headers(q->answer);
	int r = transfer_run(h->transfer, q, reason);
	h->status = q->answer->status;
	/* A no is a no in whatever letters its words are; only a yes must be strict JSON. */
	if (h->status != 200)
		text_mend_utf8(q->answer->body.bytes, q->answer->body.len);
	return r;
}

int http_get(struct http *h, const char *url, struct http_answer *answer, struct reason *reason)
{
	struct transfer_request q = {.url = url, .answer = answer};
	reason_clear(reason);
	int r = http_prepare(h, reason);
	return r == 0 ? perform(h, &q, reason) : r;
}

int http_post(struct http *h, const char *url, const char *const *headers,
    struct http_body *body, struct http_answer *answer, struct reason *reason)
{
	struct transfer_request q = {
	    .url = url, .headers = headers, .answer = answer, .body = &body->text};
	reason_clear(reason);
	int r = http_prepare(h, reason);
	h->held = &q;
	h->body = body;
	if (h->hold.wait != NULL) {
		q.ready = release;
		q.arg = h;
		q.fd = h->hold.fd;
		/* The person is heard before anybody is told of a fault. */
		if (r != 0)
			h->hold.wait(h->hold.arg);
	} else if (r == 0 && body->text.len == 0) {
		r = body->write(body->arg, &body->text);
	}
	if (r == 0)
		r = perform(h, &q, reason);
	h->hold.wait = NULL;
	h->held = NULL;
	h->body = NULL;
	return r;
}

void http_hold(struct http *h, const struct http_hold *hold)
{
	h->hold = *hold;
}

void http_unhold(struct http *h)
{
	if (h->hold.wait != NULL)
		h->hold.wait(h->hold.arg);
	h->hold.wait = NULL;
}

bool http_repeat(struct http *h, enum http_repeat how, int result, int *count)
{
	bool is_passing =
	    result == RESULT_THROTTLED ||
	    (how == HTTP_REPEAT_FAILED && result == RESULT_POOL && h->status >= 500);
	unsigned random = 0;
	h->is_repeated = *count > 0;
	if (how == HTTP_REPEAT_NEVER || !is_passing || *count == BACKOFF_REPEATS_MOST ||
	    time_left(h) == 0)
		return false;
	/* Without randomness the least wait would bring all hosts back together. */
	if (RAND_bytes((unsigned char *)&random, sizeof(random)) != 1)
		return false;
	enum backoff_cause cause = how == HTTP_REPEAT_THROTTLED ? BACKOFF_PROOF
				   : result == RESULT_THROTTLED ? BACKOFF_THROTTLE
								: BACKOFF_FAILURE;
	int64_t end = clock_ms() + backoff_ms(cause, *count, time_left(h), random);
	for (int left = clock_left(end); left > 0; left = clock_left(end)) {
		struct clock_moment before = clock_moment();
		int nap = clock_nap(left);
		if (transfer_is_unwanted(nap))
			return false;
		h->lost += clock_lost(&before, nap);
	}
	++*count;
	return true;
}

bool http_was_repeated(const struct http *h)
{
	return h->is_repeated;
}

int64_t http_lost(const struct http *h)
{
	return h->lost + transfer_lost(h->transfer);
}

int64_t http_deadline(struct http *h, int64_t deadline)
{
	int64_t before = h->deadline;
	h->deadline = deadline;
	return before;
}

enum http_tls http_tls_fault(const struct http *h)
{
	return transfer_tls_fault(h->transfer);
}
