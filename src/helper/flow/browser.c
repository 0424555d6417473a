/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "common/buffer.h"
#include "common/message.h"
#include "common/result.h"
#include "common/sentence.h"
#include "helper/flow/flow.h"
#include "helper/net/authorization.h"
#include "helper/net/http.h"
#include "helper/net/token_endpoint.h"

#define RANDOM_BYTES 16 /* nobody guesses 128 bits, and the URL stays short */

static int present(const struct flow *flow, const struct flow_request *request,
    const struct authorization_request *query)
{
	struct buffer text = BUFFER_INIT(MESSAGE_TEXT_MAX);
	struct buffer steps = BUFFER_INIT(MESSAGE_TEXT_MAX);
	struct buffer url = BUFFER_INIT(AUTHORIZATION_URL_MAX);
	int r = authorization_url(flow->config, query, &url);
	if (r == 0)
		r = buffer_append_format(&steps, SENTENCE_BROWSER_STEPS, buffer_text(&url));
	if (r == 0)
		r = flow_invite(flow, request, buffer_text(&url), buffer_text(&steps),
		    SENTENCE_BROWSER_QUESTION, &text);
	if (r == 0)
		r = prompt_ask(&flow->channel, ASK_ECHO_ON, buffer_text(&text));
	buffer_wipe(&url);
	buffer_wipe(&steps);
	buffer_wipe(&text);
	return r;
}

/* What the person pastes, and the code in it. */
struct pasted {
	struct flow *flow;
	const char *state;
	char code[AUTHORIZATION_PASTED_MAX + 1];
	int unheard; /* why there is no code */
};

/* The request waits for this. */
static int hear(void *arg)
{
	struct pasted *p = arg;
	struct buffer text = BUFFER_INIT(MESSAGE_ANSWER_MAX);
	int r = prompt_answer(&p->flow->channel, &text, NULL);
	if (r == RESULT_NOT_UTF8)
		r = RESULT_AUTHORIZATION_FORM;
	if (r == 0)
		r = authorization_response_code(
		    buffer_text(&text), p->state, p->code, &p->flow->reason);
	buffer_wipe(&text);
	return p->unheard = r;
}

/* While the person is busy, the connection is made. Even where that is not possible the answer
 * is awaited: a verdict that comes while the host sends an answer would be lost. */
static int exchange_code(struct flow *flow, struct pasted *p, const char *code_verifier)
{
	const struct http_hold hold = {.wait = hear, .arg = p, .fd = flow->channel.fd};
	int r = http_prepare(flow->http, &flow->reason);
	if (r != 0)
		return hear(p) != 0 ? p->unheard : r;
	http_hold(flow->http, &hold);
	r = token_endpoint_code(
	    flow->http, flow->config, p->code, code_verifier, &flow->answer, &flow->reason);
	http_unhold(flow->http);
	return p->unheard != 0 ? p->unheard : r;
}

int browser_run(struct flow *flow, const struct flow_request *request)
{
	char state[FLOW_NONCE_SIZE] = "";
	struct pasted pasted = {.flow = flow, .state = state, .code = ""};
	struct pkce pkce = {"", ""};
	/* A public client has nothing else that proves the code is its own. */
	bool with_pkce = flow->config->uses_pkce;
	const struct authorization_request query = {
	    .state = state,
	    .nonce = flow->nonce,
	    .challenge = with_pkce ? pkce.challenge : NULL,
	    .login_hint = flow->login_name,
	    .fresh = request->fresh,
	};
	http_need(flow->http, flow->config->token_url);
	int r = authorization_random(RANDOM_BYTES, state);
	if (r == 0)
		r = authorization_random(RANDOM_BYTES, flow->nonce);
	if (r == 0 && with_pkce)
		r = authorization_pkce(&pkce);
	if (r == 0)
		r = present(flow, request, &query);
	if (r == 0)
		r = exchange_code(flow, &pasted, with_pkce ? pkce.verifier : NULL);
	/* Without an ID token there is no nonce, and the code could belong to anybody. */
	if (r == 0)
		r = flow_take_tokens(flow, TICKET_SOURCE_TOKEN_URL);
	explicit_bzero(&pasted, sizeof(pasted));
	explicit_bzero(state, sizeof(state));
	explicit_bzero(&pkce, sizeof(pkce));
	return r == 0 ? 0 : reason_at(&flow->reason, r, "browser");
}
