/* SPDX-License-Identifier: MIT
 *
 * A server that says anything: the answers to one login are cut from the input, one line of
 * status and kind and then a body, and the whole password flow runs over them. Whatever it
 * says, the flow ends, after at most so many requests and questions, and holds tokens only
 * when it says so. The network and the person are replaced at link time (--wrap).
 */
#include <string.h>

#include "common/buffer.h"
#include "common/message.h"
#include "common/result.h"
#include "common/sentence.h"
#include "fuzz.h"
#include "helper/flow/challenge.h"
#include "helper/flow/flow.h"
#include "helper/json/json.h"
#include "helper/net/http.h"
#include "helper/config/config.h"

/* InitiateAuth, and every challenge with every try. */
#define REPEATS_MOST 2
#define REQUESTS_MOST ((4 + CHALLENGE_STEPS * (PROMPT_TRIES + 1)) * (1 + REPEATS_MOST))
/* A new password may ask 16 attributes, and each of its tries two passwords three times. */
#define PROMPTS_MOST (4 + CHALLENGE_STEPS * (18 + 2 * PROMPT_TRIES * PROMPT_TRIES))

static const uint8_t *left;
static size_t left_len;
static int requests, prompts;
static struct http_hold hold;

void __wrap_http_need(struct http *h, const char *url);
int __wrap_http_prepare(struct http *h, struct reason *reason);
bool __wrap_http_repeat(struct http *h, enum http_repeat repeat, int result, int *count);
int __wrap_http_post(struct http *h, const char *url, const char *const *headers,
    struct http_body *body, struct http_answer *answer, struct reason *reason);
int __wrap_frame_send_texts(
    int fd, enum frame_type type, const char *const *texts, size_t count, int64_t deadline);
int __wrap_frame_receive(int fd, struct buffer *in, struct frame *f, int64_t deadline);

void __wrap_http_hold(struct http *h, const struct http_hold *wanted);

void __wrap_http_hold(struct http *h, const struct http_hold *wanted)
{
	(void)h;
	hold = *wanted;
}

void __wrap_http_unhold(struct http *h);

void __wrap_http_unhold(struct http *h)
{
	(void)h;
	if (hold.wait != NULL)
		hold.wait(hold.arg);
	hold.wait = NULL;
}

void __wrap_http_need(struct http *h, const char *url)
{
	(void)h;
	(void)url;
}

/* At once: the waiting is http.c's. */
bool __wrap_http_repeat(struct http *h, enum http_repeat repeat, int result, int *count)
{
	(void)h;
	bool is_passing = result == RESULT_THROTTLED ||
			  (repeat == HTTP_REPEAT_FAILED && result == RESULT_POOL);
	return repeat != HTTP_REPEAT_NEVER && is_passing && (*count)++ < REPEATS_MOST;
}

int __wrap_http_prepare(struct http *h, struct reason *reason)
{
	(void)h;
	(void)reason;
	return 0;
}

/* "2" 200, "4" 400, "5" 500, "x" no answer; "h" in front of the body's line: no JSON type. */
int __wrap_http_post(struct http *h, const char *url, const char *const *headers,
    struct http_body *body, struct http_answer *answer, struct reason *reason)
{
	(void)h;
	(void)url;
	(void)headers;
	requests++;
	HOLDS(requests <= REQUESTS_MOST);
	int r = hold.wait != NULL ? hold.wait(hold.arg) : 0;
	hold.wait = NULL;
	if (r == 0 && body->text.len == 0)
		r = body->write(body->arg, &body->text);
	if (r != 0)
		return r;
	const char *text = buffer_text(&body->text);
	HOLDS(scan_text(text, body->text.len, body->text.len, NULL) == 0 ||
	      strncmp(text, "grant_type=", 11) == 0);
	buffer_wipe(&answer->body);
	answer->error_type[0] = '\0';
	if (left_len < 2 || left[0] == 'x')
		return reason_set(reason, RESULT_CONNECT, "refused");
	answer->status = left[0] == '4' ? 400 : left[0] == '5' ? 500 : 200;
	answer->json = left[1] != 'h';
	const uint8_t *start = left + 2, *end = memchr(start, '\n', left_len - 2);
	size_t len = end != NULL ? (size_t)(end - start) : left_len - 2;
	left_len -= 2 + len + (end != NULL);
	left = start + len + (end != NULL);
	return buffer_append(&answer->body, start, len);
}

int __wrap_frame_send_texts(
    int fd, enum frame_type type, const char *const *texts, size_t count, int64_t deadline)
{
	(void)fd;
	(void)deadline;
	HOLDS(type == FRAME_PROMPT || type == FRAME_INFO);
	prompts += type == FRAME_PROMPT;
	HOLDS(prompts <= PROMPTS_MOST);
	HOLDS(is_shown(texts[count - 1]));
	return 0;
}

/* The person types "123456", whatever is asked. */
int __wrap_frame_receive(int fd, struct buffer *in, struct frame *f, int64_t deadline)
{
	(void)fd;
	(void)in;
	(void)deadline;
	*f = (struct frame){
	    .type = FRAME_ANSWER,
	    .count = ANSWER_FIELDS,
	    .fields = {[ANSWER_TYPED] = {"1", 1}, [ANSWER_TEXT] = {"123456", 6}},
	};
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static char client_id[] = "client", secret[] = "secret", url[] = "https://localhost/";
	static char pool_name[] = "Pool1";
	static const enum password_method methods[] = {
	    PASSWORD_SRP, PASSWORD_PLAIN, PASSWORD_ROPC, PASSWORD_CHOICE};
	if (len < 1)
		return 0;
	const struct config config = {
	    .client_id = client_id,
	    .client_secret = bytes[0] & 1 ? secret : NULL,
	    .api_url = url,
	    .token_url = url,
	    .certs_url = url,
	    .pool_name = pool_name,
	    .name = client_id,
	    .provider = &provider_cognito,
	    .otp_append = bytes[0] & 8,
	    .password_method = methods[bytes[0] >> 1 & 3],
	};
	struct flow flow = {
	    .config = &config, .host = "web-1", .login_name = "alice", .qr = QR_AUTO};
	left = bytes + 1;
	left_len = len - 1;
	requests = prompts = 0;
	struct buffer password = BUFFER_INIT(1024);
	const struct flow_request request = {
	    .password_prompt = SENTENCE_PASSWORD, .password = &password};
	int r = password_run(&flow, &request);
	buffer_wipe(&password);
	HOLDS(r == 0 || result_known(r));
	HOLDS(r != RESULT_ALLOWED);
	HOLDS(r != 0 ||
	      (flow.answer != NULL && flow.id_token != NULL && flow.access_token != NULL));
	for (const char *d = flow.reason.detail; *d != '\0'; d++)
		HOLDS((unsigned char)*d >= 0x20 && *d != 0x7f);
	json_free(flow.answer);
	return 0;
}
