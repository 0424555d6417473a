/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "common/buffer.h"
#include "common/message.h"
#include "common/result.h"
#include "common/sentence.h"
#include "helper/flow/flow.h"
#include "helper/net/authorization.h"
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

static int take_code(
    struct flow *flow, const char *state, char code[AUTHORIZATION_PASTED_MAX + 1])
{
	struct buffer pasted = BUFFER_INIT(MESSAGE_ANSWER_MAX);
	int r = prompt_answer(&flow->channel, &pasted, NULL);
	if (r == RESULT_NOT_UTF8)
		r = RESULT_AUTHORIZATION_FORM;
	if (r == 0)
		r = authorization_response_code(
		    buffer_text(&pasted), state, code, &flow->reason);
	buffer_wipe(&pasted);
	return r;
}

int browser_run(struct flow *flow, const struct flow_request *request)
{
	char state[FLOW_NONCE_SIZE] = "", code[AUTHORIZATION_PASTED_MAX + 1] = "";
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
	/* While the user is busy. The first request reports what failed. */
	if (r == 0)
		http_prepare(flow->http, NULL);
	if (r == 0)
		r = take_code(flow, state, code);
	if (r == 0)
		r = token_endpoint_code(flow->http, flow->config, code,
		    with_pkce ? pkce.verifier : NULL, &flow->answer, &flow->reason);
	/* Without an ID token there is no nonce, and the code could belong to anybody. */
	if (r == 0)
		r = flow_take_tokens(flow, TICKET_SOURCE_TOKEN_URL);
	explicit_bzero(code, sizeof(code));
	explicit_bzero(state, sizeof(state));
	explicit_bzero(&pkce, sizeof(pkce));
	return r == 0 ? 0 : reason_at(&flow->reason, r, "browser");
}
