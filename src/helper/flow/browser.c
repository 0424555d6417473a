/* SPDX-License-Identifier: MIT
 *
 * What a person pastes decides nothing but yes or no: whatever error it tells, the login is
 * denied, and never "unavailable". A PAM stack may go on after that.
 */
#include "helper/flow/browser.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#include "common/buffer.h"
#include "common/message.h"
#include "common/result.h"
#include "common/sentence.h"
#include "common/text.h"
#include "helper/flow/flow.h"
#include "helper/flow/invitation.h"
#include "helper/flow/keys.h"
#include "helper/flow/pkce.h"
#include "helper/json/json.h"
#include "helper/net/authorization.h"
#include "helper/net/authorization_response.h"
#include "helper/net/http.h"
#include "helper/net/token_endpoint.h"
#include "helper/config/config.h"
#include "helper/token/base64url.h"

#define RANDOM_BYTES 16 /* nobody guesses 128 bits, and the address stays short */

_Static_assert(FLOW_NONCE_SIZE >= BASE64_ENCODED(RANDOM_BYTES), "state and nonce fit");

/* The secrets of one sign-in. */
struct browser {
	char state[FLOW_NONCE_SIZE];
	struct pkce pkce;
	bool with_pkce;
};

/* What the errors that an address may tell mean (RFC 6749 section 4.1.2.1, OpenID Connect
 * Core 3.1.2.6, and the error page of Cognito). */
static const struct {
	const char *error, *meaning;
} errors[] = {
    {"access_denied", SENTENCE_BROWSER_DENIED},
    {"login_required", SENTENCE_BROWSER_SILENT},
    {"redirect_mismatch", SENTENCE_BROWSER_REDIRECT},
    {"invalid_scope", SENTENCE_BROWSER_SCOPE},
    {"unauthorized_client", SENTENCE_BROWSER_CLIENT},
    {"invalid_request", SENTENCE_BROWSER_REQUEST},
    {"server_error", SENTENCE_BROWSER_SERVER},
    {"temporarily_unavailable", SENTENCE_BROWSER_BUSY},
};

static void explain(struct flow *flow)
{
	const struct api_error *e = &flow->error;
	const char *meaning = SENTENCE_BROWSER_OTHER;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (streq(e->type, errors[i].error))
			meaning = errors[i].meaning;
	snprintf(flow->reason.message, sizeof(flow->reason.message), "%s (%s%s%s)", meaning,
	    e->type, e->message[0] != '\0' ? ": " : "", e->message);
}

static int make_text(char out[FLOW_NONCE_SIZE])
{
	unsigned char bytes[RANDOM_BYTES];
	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return RESULT_MEMORY;
	base64url_encode(bytes, sizeof(bytes), out);
	return 0;
}

/* A public client has nothing else that proves the code is its own. */
static int make_secrets(struct browser *b, struct flow *flow)
{
	b->with_pkce = flow->config->pkce_enabled || flow->config->client_secret == NULL;
	int r = make_text(b->state);
	if (r == 0)
		r = make_text(flow->nonce);
	return r == 0 && b->with_pkce ? pkce_make(&b->pkce) : r;
}

static int present(
    const struct browser *b, const struct flow *flow, const struct flow_request *request)
{
	struct buffer text = BUFFER_INIT(MESSAGE_TEXT_MAX),
		      steps = BUFFER_INIT(MESSAGE_TEXT_MAX);
	struct buffer url = BUFFER_INIT(AUTHORIZATION_URL_MAX);
	const struct authorization_request query = {
	    .state = b->state,
	    .nonce = flow->nonce,
	    .challenge = b->with_pkce ? b->pkce.challenge : NULL,
	    .login_hint = flow->login_name,
	    .fresh = request->fresh,
	};
	int r = authorization_url(flow->config, &query, &url);
	/* On lines of its own, so that a terminal sees an address and nothing is copied with
	 * it. */
	if (r == 0)
		r = buffer_append_format(&steps, SENTENCE_BROWSER_STEPS, buffer_text(&url));
	if (r == 0)
		r = invitation_write(flow, request, buffer_text(&url), buffer_text(&steps),
		    SENTENCE_BROWSER_QUESTION, &text);
	if (r == 0)
		r = prompt_ask(&flow->channel, ASK_ECHO_ON, buffer_text(&text));
	buffer_wipe(&url);
	buffer_wipe(&steps);
	buffer_wipe(&text);
	return r;
}

static int take_code(
    const struct browser *b, struct flow *flow, char code[AUTHORIZATION_PASTED_MAX + 1])
{
	struct buffer pasted = BUFFER_INIT(MESSAGE_ANSWER_MAX);
	int r = prompt_answer(&flow->channel, &pasted, NULL);
	if (r == RESULT_NOT_UTF8)
		r = RESULT_AUTHORIZATION_FORM;
	if (r == 0)
		r = authorization_response_code(
		    buffer_text(&pasted), b->state, code, &flow->error);
	if (r == RESULT_AUTHORIZATION_ERROR)
		explain(flow);
	buffer_wipe(&pasted);
	return r;
}

/* Without an ID token there is no nonce, and the code could be anybody's. */
static int take_tokens(struct flow *flow)
{
	flow_take_tokens(flow, TICKET_SOURCE_TOKEN_URL);
	return flow->id_token != NULL && flow->access_token != NULL ? 0 : RESULT_ANSWER;
}

int browser_run(struct flow *flow, struct keys *keys, const struct flow_request *request)
{
	struct browser b = {.with_pkce = true};
	char code[AUTHORIZATION_PASTED_MAX + 1] = "";
	int r = make_secrets(&b, flow);
	if (r == 0)
		r = present(&b, flow, request);
	/* The person is away; failing now is told when keys are needed. */
	if (r == 0 && keys_load(flow, keys, request->now) != 0)
		flow_forget(flow);
	if (r == 0)
		r = take_code(&b, flow, code);
	if (r == 0)
		r = token_endpoint_code(flow->http, flow->config, code,
		    b.with_pkce ? b.pkce.verifier : NULL, &flow->answer, &flow->error);
	if (r == 0)
		r = take_tokens(flow);
	explicit_bzero(code, sizeof(code));
	explicit_bzero(&b, sizeof(b));
	return r == 0 ? 0 : flow_failed(flow, r, "browser");
}
