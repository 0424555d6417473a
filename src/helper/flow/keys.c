/* SPDX-License-Identifier: MIT */
#include "helper/flow/keys.h"

#include <string.h>

#include "common/buffer.h"
#include "common/message.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/flow/flow.h"
#include "helper/net/http.h"
#include "helper/config/config.h"
#include "helper/token/jwks.h"
#include "helper/token/jwt.h"

#define RENEWALS_MOST 3 /* two sets of others, and one of its own */

static void replace(struct keys *keys, struct jwks *jwks, long long fetched)
{
	jwks_free(keys->jwks);
	keys->jwks = jwks;
	keys->fetched = fetched;
}

/* Only a usable key set replaces the old one. The module stores it for later logins. */
static int fetch(struct flow *flow, struct keys *keys, long long now, enum http_repeat repeat)
{
	const char *url = flow->config->certs_url;
	struct http_answer answer = {.body = BUFFER_INIT(JWKS_TEXT_MAX)};
	struct buffer cached = BUFFER_INIT(MESSAGE_STORE_MAX);
	struct jwks *jwks = NULL;
	int repeats = 0, r;
	do {
		r = http_get(flow->http, url, &answer, &flow->reason);
		if (r == 0)
			r = http_judge_key_set(&answer);
	} while (http_repeat(flow->http, repeat, r, &repeats));
	if (r == 0)
		r = jwks_parse(buffer_text(&answer.body), answer.body.len, &jwks);
	if (r == 0) {
		replace(keys, jwks, now);
		keys->fetched_now = true;
		r = jwks_cached_encode(
		    url, now, buffer_text(&answer.body), answer.body.len, &cached);
	}
	if (r == 0)
		r = prompt_store_jwks(&flow->channel, buffer_text(&cached));
	buffer_wipe(&answer.body);
	buffer_wipe(&cached);
	return r == 0 ? 0 : reason_at(&flow->reason, r, "certs_url");
}

static bool is_fresh(const struct keys *keys, long long now)
{
	return keys->jwks != NULL && now - keys->fetched < JWKS_FRESH_SECONDS;
}

void keys_need(struct flow *flow, const struct keys *keys, long long now)
{
	if (is_fresh(keys, now))
		http_may_need(flow->http, flow->config->certs_url);
	else
		http_need(flow->http, flow->config->certs_url);
}

/* What another login has fetched since this one began. */
static bool take_cached(
    struct flow *flow, struct keys *keys, long long now, const struct buffer *cached)
{
	struct jwks *jwks = NULL;
	long long fetched = 0;
	uint64_t hash = text_hash(TEXT_HASH_BEGIN, buffer_text(cached));
	if (hash == keys->hash || !jwks_cached_decode(buffer_text(cached), cached->len,
				      flow->config->certs_url, now, &jwks, &fetched))
		return false;
	replace(keys, jwks, fetched);
	keys->hash = hash;
	return true;
}

/* By the module's word: one login of this host fetches the set for all that wait. */
static int obtain(struct flow *flow, struct keys *keys, long long now, bool is_believed)
{
	struct buffer cached = BUFFER_INIT(MESSAGE_STORE_MAX);
	struct grant grant;
	int r = prompt_refetch(&flow->channel, is_believed ? "old" : "none", &grant, &cached);
	bool is_taken = r == 0 && !grant.given && take_cached(flow, keys, now, &cached);
	buffer_wipe(&cached);
	/* Another login is fetching it, and this one has a set. */
	if (r != 0 || is_taken || (!grant.given && is_believed))
		return r;
	return fetch(flow, keys, now, is_believed ? HTTP_REPEAT_NEVER : HTTP_REPEAT_FAILED);
}

int keys_load(struct flow *flow, struct keys *keys, long long now)
{
	long long age = now - keys->fetched;
	bool is_believed = keys->jwks != NULL && age < JWKS_BELIEVED_SECONDS;
	if (is_fresh(keys, now))
		return 0;
	int r = obtain(flow, keys, now, is_believed);
	if (r == 0 || !is_believed)
		return r;
	prompt_log(&flow->channel, "warning",
	    "certs_url: %s; the key set of %lld s ago is used", result_phrase(r), age);
	reason_clear(&flow->reason);
	return 0;
}

/* The pool may have new keys. */
static int renew(struct flow *flow, struct keys *keys, long long now)
{
	struct buffer cached = BUFFER_INIT(MESSAGE_STORE_MAX);
	struct grant grant;
	int r = prompt_refetch(&flow->channel, "kid", &grant, &cached);
	if (r == 0 && grant.given)
		r = fetch(flow, keys, now, HTTP_REPEAT_FAILED);
	else if (r == 0 && !take_cached(flow, keys, now, &cached))
		r = reason_set(&flow->reason, RESULT_TOKEN_KEY,
		    grant.leased ? "another login has been fetching the key set for too long"
				 : "the key set was fetched again less than 5 minutes ago");
	buffer_wipe(&cached);
	return r;
}

int keys_verify(
    struct flow *flow, struct keys *keys, const char *token, long long now, struct claims **out)
{
	*out = NULL;
	int r = keys_load(flow, keys, now);
	if (r == 0)
		r = jwt_verify(token, strlen(token), keys->jwks, out);
	/* A set of another login may have been fetched before the keys changed. */
	for (int i = 0; r == RESULT_TOKEN_KEY && !keys->fetched_now && i < RENEWALS_MOST; i++) {
		r = renew(flow, keys, now);
		if (r != 0)
			return r;
		r = jwt_verify(token, strlen(token), keys->jwks, out);
	}
	return r;
}

void keys_free(struct keys *keys)
{
	replace(keys, NULL, 0);
}
