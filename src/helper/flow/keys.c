/* SPDX-License-Identifier: MIT */
#include "helper/flow/keys.h"

#include <string.h>

#include "common/buffer.h"
#include "common/message.h"
#include "common/result.h"
#include "helper/flow/flow.h"
#include "helper/net/http.h"
#include "helper/config/config.h"
#include "helper/token/jwks.h"
#include "helper/token/jwt.h"

static int keep(struct flow *flow, const struct http_answer *answer, long long now)
{
	struct buffer kept = BUFFER_INIT(MESSAGE_STORE_MAX);
	int r = jwks_cached_encode(
	    flow->config->certs_url, now, buffer_text(&answer->body), answer->body.len, &kept);
	if (r == 0)
		r = prompt_store_jwks(&flow->channel, buffer_text(&kept), kept.len);
	buffer_wipe(&kept);
	return r;
}

/* Fetches, and replaces what there was only by something usable. */
static int fetch(struct flow *flow, struct keys *keys, long long now)
{
	struct http_answer answer = HTTP_ANSWER_INIT(JWKS_TEXT_MAX);
	struct jwks *jwks = NULL;
	int r = http_get(flow->http, flow->config->certs_url, &answer);
	if (r == 0)
		r = http_judge_key_set(&answer);
	if (r == 0)
		r = jwks_parse(buffer_text(&answer.body), answer.body.len, &jwks);
	if (r == 0) {
		jwks_free(keys->jwks);
		keys->jwks = jwks;
		keys->fetched = now;
		keys->fetched_now = true;
		r = keep(flow, &answer, now);
	}
	buffer_wipe(&answer.body);
	return r == 0 ? 0 : flow_failed(flow, r, "certs_url");
}

/* Young enough, or fetched now, or at least not too old to be believed meanwhile. */
int keys_load(struct flow *flow, struct keys *keys, long long now)
{
	long long age = now - keys->fetched;
	if (keys->jwks != NULL && age < JWKS_FRESH_SECONDS)
		return 0;
	int r = fetch(flow, keys, now);
	if (r == 0 || keys->jwks == NULL || age >= JWKS_BELIEVED_SECONDS)
		return r;
	prompt_log(&flow->channel, "warning",
	    "certs_url: %s; the key set of %lld s ago is used", result_phrase(r), age);
	flow_forget(flow);
	return 0;
}

/* What another login has fetched since this one began. */
static int take_kept(
    struct flow *flow, struct keys *keys, long long now, const struct buffer *kept)
{
	struct jwks *jwks = NULL;
	long long fetched = 0;
	if (!jwks_cached_decode(
		buffer_text(kept), kept->len, flow->config->certs_url, now, &jwks, &fetched) ||
	    fetched <= keys->fetched) {
		jwks_free(jwks);
		return flow_failed(flow, RESULT_TOKEN_KEY,
		    "the key set was fetched again less than 5 minutes ago");
	}
	jwks_free(keys->jwks);
	keys->jwks = jwks;
	keys->fetched = fetched;
	return 0;
}

/* The pool may have new keys. */
static int renew(struct flow *flow, struct keys *keys, long long now)
{
	struct buffer kept = BUFFER_INIT(MESSAGE_STORE_MAX);
	bool granted = false;
	int r = prompt_refetch(&flow->channel, "unknown kid", &granted, &kept);
	if (r == 0)
		r = granted ? fetch(flow, keys, now) : take_kept(flow, keys, now, &kept);
	buffer_wipe(&kept);
	return r;
}

int keys_verify(
    struct flow *flow, struct keys *keys, const char *token, long long now, struct claims **out)
{
	*out = NULL;
	int r = keys_load(flow, keys, now);
	if (r == 0)
		r = jwt_verify(token, strlen(token), keys->jwks, out);
	if (r != RESULT_TOKEN_KEY || keys->fetched_now)
		return r == 0 ? 0 : flow_failed(flow, r, NULL);
	r = renew(flow, keys, now);
	if (r != 0)
		return r;
	r = jwt_verify(token, strlen(token), keys->jwks, out);
	return r == 0 ? 0 : flow_failed(flow, r, NULL);
}

void keys_free(struct keys *keys)
{
	jwks_free(keys->jwks);
	keys->jwks = NULL;
}
