/* SPDX-License-Identifier: MIT */
#include "helper/flow/refresh.h"

#include <string.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/request.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/flow/flow.h"
#include "helper/flow/tracked_device.h"
#include "helper/json/json.h"
#include "helper/net/cognito_api.h"
#include "helper/net/token_endpoint.h"
#include "helper/policy/ticket_body.h"
#include "helper/token/claims.h"

#define REVOKE_MS 10000 /* a command ends many tickets, one after the other */
#define EXPIRED_MS 2000 /* the verdict waits for this */

static int refresh_by_api(
    struct flow *flow, const struct ticket_body *ticket, struct json **answer)
{
	const char *client_id = flow->config->client_id;
	/* It takes the client's secret itself, no hash, as RevokeToken does. */
	const struct cognito_request get_tokens = {
	    .operation = "GetTokensFromRefreshToken",
	    .members = {{"ClientId", client_id}, {"RefreshToken", ticket->refresh_token},
		{"DeviceKey", ticket->device_key},
		{"ClientSecret", flow->config->client_secret}},
	    .repeat = HTTP_REPEAT_FAILED,
	};
	/* The only way before April 2025, and the only one of some stand-ins for Cognito. The
	 * hash is of the user's real name, whatever was typed at the sign-in. */
	const struct cognito_request initiate = {
	    .operation = "InitiateAuth",
	    .members = {{"ClientId", client_id}, {"AuthFlow", "REFRESH_TOKEN_AUTH"}},
	    .object = "AuthParameters",
	    .parameters = {{"REFRESH_TOKEN", ticket->refresh_token},
		{"DEVICE_KEY", ticket->device_key}},
	    .hashed = claims_username(ticket->claims),
	    .repeat = HTTP_REPEAT_FAILED,
	};
	/* Amazon's words for an operation that it does not know, and npm's cognito-local's. */
	static const char *const unknown[] = {
	    "UnknownOperationException", "UnsupportedOperationException", "Unsupported"};
	int r = flow_call(flow, &get_tokens, answer);
	for (size_t i = 0; r != 0 && i < sizeof(unknown) / sizeof(unknown[0]); i++)
		if (http_is_refused(&flow->reason, unknown[i]))
			return flow_call(flow, &initiate, answer);
	return r;
}

/* Nobody typed anything: what would be a wrong password is a dead refresh token. */
static int result_of(int r)
{
	switch (r) {
	case RESULT_PASSWORD:
	case RESULT_DEVICE_DENIED:
	case RESULT_DEVICE_EXPIRED:
	case RESULT_SESSION:
		return RESULT_REFRESH_REFUSED;
	case RESULT_DEVICE_SLOW_DOWN:
	case RESULT_DEVICE_PENDING:
		return RESULT_THROTTLED;
	default:
		return r;
	}
}

int refresh_run(struct flow *flow, const struct ticket_body *ticket)
{
	bool is_api = ticket->source == TICKET_SOURCE_API;
	http_need(flow->http, is_api ? flow->config->api_url : flow->config->token_url);
	/* Looking names up may take long, and nobody can tell whether the name server or the
	 * user who started the host took the time. */
	int r = http_prepare(flow->http, &flow->reason);
	if (r == 0 && clock_left(flow->channel.deadline) < REQUEST_REFRESH_LEAST_MS)
		r = reason_set(&flow->reason, RESULT_STALLED, "no time was left to ask");
	if (r == 0)
		r = is_api ? refresh_by_api(flow, ticket, &flow->answer)
			   : token_endpoint_refresh(flow->http, flow->config,
				 ticket->refresh_token, &flow->answer, &flow->reason);
	if (r == 0)
		flow_take_tokens(flow, ticket->source);
	/* An access token alone may be enough; without either, there is nothing to verify. */
	if (r == 0 && flow->id_token == NULL && flow->access_token == NULL)
		r = RESULT_ANSWER;
	r = result_of(r);
	/* The first request may have been acted on, and this token be dead by that. */
	if (r == RESULT_REFRESH_REFUSED && http_was_repeated(flow->http))
		r = RESULT_TICKET_NONE;
	return r == 0 ? 0 : reason_at(&flow->reason, r, "refresh");
}

/* A ticket keeps no access token: the device is forgotten with one more refresh. Returns the
 * refresh token that is good now: borrowed from the answer, or the ticket's. */
static const char *forget_device(
    struct flow *flow, const struct ticket_body *ticket, struct json **answer)
{
	if (ticket->device_key == NULL || refresh_by_api(flow, ticket, answer) != 0)
		return ticket->refresh_token;
	const struct cJSON *tokens = json_member(json_root(*answer), "AuthenticationResult");
	const char *access_token = json_member_string(tokens, "AccessToken");
	const char *refresh_token = json_member_string(tokens, "RefreshToken");
	if (access_token != NULL)
		tracked_device_forget(flow, access_token, ticket->device_key);
	return refresh_token != NULL ? refresh_token : ticket->refresh_token;
}

/* flow->answer holds the tokens of a sign-in. */
static int revoke_by_api(struct flow *flow, const struct ticket_body *ticket)
{
	struct json *answer = NULL, *tokens = NULL;
	const char *refresh_token = forget_device(flow, ticket, &tokens);
	const struct cognito_request request = {
	    .operation = "RevokeToken",
	    .members = {{"ClientId", flow->config->client_id}, {"Token", refresh_token},
		{"ClientSecret", flow->config->client_secret}},
	    .may_be_empty = true,
	    .repeat = HTTP_REPEAT_FAILED,
	};
	int r = flow_call(flow, &request, &answer);
	json_free(answer);
	json_free(tokens);
	return r;
}

/* Where this ticket's refresh token is revoked; NULL: nowhere. */
static const char *revocation_url(const struct config *config, const struct ticket_body *ticket)
{
	const char *const urls[] = {[TICKET_SOURCE_NONE] = NULL,
	    [TICKET_SOURCE_API] = config->api_url,
	    [TICKET_SOURCE_TOKEN_URL] = config->revocation_url};
	return urls[ticket->source];
}

static int revoke_within(struct flow *flow, const struct ticket_body *ticket, int ms)
{
	int64_t before = http_deadline(flow->http, clock_ms() + ms);
	int r = RESULT_TICKET_NONE;
	const char *url = revocation_url(flow->config, ticket);
	http_need(flow->http, url);
	if (ticket->source == TICKET_SOURCE_API)
		r = revoke_by_api(flow, ticket);
	else if (url != NULL)
		r = token_endpoint_revoke(
		    flow->http, flow->config, ticket->refresh_token, &flow->reason);
	http_deadline(flow->http, before);
	return r == 0 ? 0 : reason_at(&flow->reason, result_of(r), "revocation");
}

int refresh_revoke(struct flow *flow, const struct ticket_body *ticket)
{
	return revoke_within(flow, ticket, REVOKE_MS);
}

void refresh_need_revocation(struct flow *flow, const char *body, size_t len)
{
	struct ticket_body expired;
	if (ticket_body_decode(flow->config, body, len, &expired) != 0)
		return;
	http_may_need(flow->http, revocation_url(flow->config, &expired));
	ticket_body_forget(&expired);
}

bool refresh_revoke_expired(struct flow *flow, const char *body, size_t len)
{
	struct ticket_body expired;
	int r = 0;
	if (ticket_body_decode(flow->config, body, len, &expired) != 0)
		return false;
	reason_clear(&flow->reason);
	if (expired.source != TICKET_SOURCE_NONE)
		r = revoke_within(flow, &expired, EXPIRED_MS);
	if (r != 0)
		prompt_log(&flow->channel, "notice",
		    "an expired ticket's refresh token was not revoked: %s",
		    flow->reason.detail);
	reason_clear(&flow->reason);
	ticket_body_forget(&expired);
	return r == 0;
}
