/* SPDX-License-Identifier: MIT */
#include "helper/flow/refresh.h"

#include <string.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/flow/challenge.h"
#include "helper/flow/flow.h"
#include "helper/json/json.h"
#include "helper/net/http.h"
#include "helper/net/token_endpoint.h"
#include "helper/config/config.h"
#include "helper/policy/ticket_body.h"
#include "helper/token/claims.h"
#include "helper/token/jwt.h"

#define BODY_MAX (2 * JWT_MAX) /* a token in JSON, and names */
#define EXPIRED_MS 2000 /* the verdict waits for this */

/* ,"ClientSecret":"…" - these operations take the secret itself. */
static int append_secret(const struct flow *flow, struct buffer *body)
{
	if (flow->config->client_secret == NULL)
		return 0;
	return challenge_append(body, "ClientSecret", flow->config->client_secret);
}

/* Closes the body and sends it, unless building it failed; *out as cognito_api_call(). */
static int call(
    struct flow *flow, const char *operation, struct buffer *body, int r, struct json **out)
{
	*out = NULL;
	if (r == 0)
		r = buffer_append_byte(body, '}');
	if (r == 0)
		r = cognito_api_call(
		    flow->http, flow->config, operation, body, out, &flow->error);
	buffer_wipe(body);
	return r;
}

static int get_tokens(struct flow *flow, const struct ticket_body *ticket)
{
	struct buffer body = BUFFER_INIT(BODY_MAX);
	int r = challenge_open_body(flow, &body);
	if (r == 0)
		r = challenge_append(&body, "RefreshToken", ticket->refresh_token);
	if (r == 0 && ticket->device_key != NULL)
		r = challenge_append(&body, "DeviceKey", ticket->device_key);
	if (r == 0)
		r = append_secret(flow, &body);
	return call(flow, "GetTokensFromRefreshToken", &body, r, &flow->answer);
}

/* The way of before April 2025, which some stand-ins for Cognito know alone. The hash is of
 * the user's real name, whatever was typed at the sign-in. */
static int refresh_token_auth(struct flow *flow, const struct ticket_body *ticket)
{
	struct buffer body = BUFFER_INIT(BODY_MAX);
	const char *username = claims_username(ticket->claims);
	int r = challenge_open_body(flow, &body);
	if (r == 0)
		r = challenge_append(&body, "AuthFlow", "REFRESH_TOKEN_AUTH");
	if (r == 0)
		r = buffer_append_text(&body, ",\"AuthParameters\":{");
	if (r == 0)
		r = challenge_append(&body, "REFRESH_TOKEN", ticket->refresh_token);
	if (r == 0 && ticket->device_key != NULL)
		r = challenge_append(&body, "DEVICE_KEY", ticket->device_key);
	if (r == 0 && username != NULL)
		r = challenge_append_secret_hash(flow, &body, "SECRET_HASH", username);
	if (r == 0)
		r = buffer_append_byte(&body, '}');
	return call(flow, "InitiateAuth", &body, r, &flow->answer);
}

static bool is_unknown_operation(const struct flow *flow)
{
	return streq(flow->error.type, "UnknownOperationException") ||
	       streq(flow->error.type, "UnsupportedOperationException");
}

static int refresh_by_api(struct flow *flow, const struct ticket_body *ticket)
{
	int r = get_tokens(flow, ticket);
	if (r != 0 && is_unknown_operation(flow))
		r = refresh_token_auth(flow, ticket);
	return r;
}

/* Nobody typed anything: what would be a wrong password is a dead refresh token, and too
 * many attempts are somebody else's. */
static int result_of(int r)
{
	switch (r) {
	case RESULT_PASSWORD:
	case RESULT_DEVICE_DENIED:
	case RESULT_DEVICE_EXPIRED:
	case RESULT_SESSION:
		return RESULT_REFRESH_REFUSED;
	case RESULT_ATTEMPTS:
	case RESULT_DEVICE_SLOW_DOWN:
	case RESULT_DEVICE_PENDING:
		return RESULT_THROTTLED;
	default:
		return r;
	}
}

int refresh_run(struct flow *flow, const struct ticket_body *ticket)
{
	bool by_api = ticket->source == TICKET_SOURCE_API;
	int r = by_api ? refresh_by_api(flow, ticket)
		       : token_endpoint_refresh(flow->http, flow->config, ticket->refresh_token,
			     &flow->answer, &flow->error);
	if (r != 0)
		return flow_failed(flow, result_of(r), "refresh");
	flow_take_tokens(flow, ticket->source);
	/* An access token alone may do; without any the answer says nothing. */
	if (flow->id_token == NULL && flow->access_token == NULL)
		return flow_failed(flow, RESULT_ANSWER, "refresh");
	return 0;
}

bool refresh_is_refusal(int result)
{
	return result == RESULT_REFRESH_REFUSED || result == RESULT_USER_DISABLED ||
	       result == RESULT_USER_NOT_CONFIRMED || result == RESULT_PASSWORD_RESET ||
	       result == RESULT_PASSWORD_EXPIRED;
}

static int revoke_by_api(struct flow *flow, const struct ticket_body *ticket)
{
	struct buffer body = BUFFER_INIT(BODY_MAX);
	struct json *answer = NULL; /* the flow's own holds the tokens of a sign-in */
	int r = challenge_open_body(flow, &body);
	if (r == 0)
		r = challenge_append(&body, "Token", ticket->refresh_token);
	if (r == 0)
		r = append_secret(flow, &body);
	r = call(flow, "RevokeToken", &body, r, &answer);
	json_free(answer);
	return r;
}

int refresh_revoke(struct flow *flow, const struct ticket_body *ticket)
{
	int r = RESULT_TICKET_NONE;
	if (ticket->source == TICKET_SOURCE_API)
		r = revoke_by_api(flow, ticket);
	else if (ticket->source == TICKET_SOURCE_TOKEN_URL &&
		 flow->config->revocation_url != NULL)
		r = token_endpoint_revoke(
		    flow->http, flow->config, ticket->refresh_token, &flow->error);
	return r == 0 ? 0 : flow_failed(flow, result_of(r), "revocation");
}

bool refresh_revoke_expired(struct flow *flow, const struct ticket_body *expired)
{
	if (expired->source == TICKET_SOURCE_NONE)
		return true;
	flow_forget(flow);
	int64_t before = http_deadline(flow->http, clock_ms() + EXPIRED_MS);
	int r = refresh_revoke(flow, expired);
	http_deadline(flow->http, before);
	if (r != 0)
		prompt_log(&flow->channel, "notice",
		    "an expired ticket's refresh token was not revoked: %s",
		    flow->reason.detail);
	flow_forget(flow);
	return r == 0;
}
