/* SPDX-License-Identifier: MIT */
#include "helper/policy/ticket_body.h"

#include <string.h>

#include "common/buffer.h"
#include "common/message.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"
#include "helper/policy/subject.h"
#include "helper/config/config.h"
#include "helper/token/claims.h"
#include "helper/token/claims_make.h"
#include "helper/token/jwt.h"

#define BODY_VERSION 1

static const char *const sources[] = {
    [TICKET_SOURCE_API] = "api", [TICKET_SOURCE_TOKEN_URL] = "token_url"};
static const char *const flows[] = {"password", "device", "browser", NULL};

/* Where a refresh token of this source is exchanged; NULL: nowhere. */
static const char *endpoint_of(const struct config *config, enum ticket_source source)
{
	const char *const endpoints[] = {NULL, config->api_url, config->token_url};
	return endpoints[source];
}

int ticket_body_encode(
    const struct config *config, const struct ticket_body *body, struct buffer *out)
{
	const char *endpoint = endpoint_of(config, body->source);
	bool keeps = config->keep_refresh_token && body->refresh_token != NULL &&
		     strlen(body->refresh_token) <= JWT_MAX && endpoint != NULL;
	const struct {
		const char *name, *value; /* NULL: left out */
	} members[] = {
	    {"issuer", config->issuer},
	    {"client_id", config->client_id},
	    {"sub", claims_sub(body->claims)},
	    {"flow", body->flow},
	    {"from", keeps ? sources[body->source] : NULL},
	    {"endpoint", keeps ? endpoint : NULL},
	    {"refresh_token", keeps ? body->refresh_token : NULL},
	    {"device_key", keeps ? body->device_key : NULL},
	};
	buffer_append_format(out, "{\"version\":%d,\"mfa_answered\":%s", BODY_VERSION,
	    body->evidence.mfa ? "true" : "false");
	if (body->evidence.auth_time >= 0)
		buffer_append_format(out, ",\"auth_time\":%lld", body->evidence.auth_time);
	buffer_append_text(out, ",\"claims\":\"");
	int r = claims_cached_encode(body->claims, out);
	buffer_append_byte(out, '"');
	for (size_t i = 0; r == 0 && i < sizeof(members) / sizeof(members[0]); i++) {
		if (members[i].value == NULL)
			continue;
		buffer_append_format(out, ",\"%s\":", members[i].name);
		r = json_write_string(out, members[i].value);
	}
	return r == 0 ? buffer_append_byte(out, '}') : r;
}

/* The claims were checked when their token was new. Now they are looked at as of the moment
 * they were issued: whose they are must still be right. */
static int read_claims(
    const struct config *config, const struct cJSON *root, struct ticket_body *out)
{
	const char *text = json_member_string(root, "claims");
	int r = text != NULL ? claims_cached_decode(text, &out->kept) : RESULT_TICKET_NONE;
	if (r != 0)
		return r == RESULT_MEMORY ? r : RESULT_TICKET_NONE;
	out->claims = out->kept;
	struct expectation want = subject_expect(config, claims_token_use(out->claims), 0);
	bool is_good = streq(json_member_string(root, "sub"), claims_sub(out->claims)) &&
		       claims_integer(out->claims, "iat", &want.now) &&
		       claims_check(out->claims, &want) == 0;
	return is_good ? 0 : RESULT_TICKET_NONE;
}

/* These members go together: none of them, or all. The endpoint must be today's. */
static int read_refresh_token(
    const struct config *config, const struct cJSON *root, struct ticket_body *out)
{
	const char *from = json_member_string(root, "from");
	const char *endpoint = json_member_string(root, "endpoint");
	out->refresh_token = json_member_string(root, "refresh_token");
	out->device_key = json_member_string(root, "device_key");
	for (enum ticket_source s = TICKET_SOURCE_API; s <= TICKET_SOURCE_TOKEN_URL; s++)
		if (streq(from, sources[s]) && streq(endpoint, endpoint_of(config, s)))
			out->source = s;
	if (out->source != TICKET_SOURCE_NONE)
		return out->refresh_token != NULL ? 0 : RESULT_TICKET_NONE;
	bool is_bare = from == NULL && endpoint == NULL && out->refresh_token == NULL &&
		       out->device_key == NULL;
	return is_bare ? 0 : RESULT_TICKET_NONE;
}

/* Every member is one of ours and has its type: no odd member is treated as absent. The others
 * than texts are read by their type. */
static bool has_only_ours(const struct cJSON *root)
{
	static const char *const others[] = {"version", "auth_time", "mfa_answered", NULL};
	static const char *const texts[] = {"issuer", "client_id", "sub", "flow", "claims",
	    "from", "endpoint", "refresh_token", "device_key", NULL};
	for (const struct cJSON *at = json_first(root); at != NULL; at = json_next(at))
		if (!text_among(json_name(at), json_string(at) != NULL ? texts : others))
			return false;
	return true;
}

static int read_heading(
    const struct config *config, const struct cJSON *root, struct ticket_body *out)
{
	const struct cJSON *mfa = json_member(root, "mfa_answered");
	const struct cJSON *auth_time = json_member(root, "auth_time");
	const char *flow = json_member_string(root, "flow");
	long long version = 0;
	if (!json_integer(out->document, json_member(root, "version"), &version) ||
	    version != BODY_VERSION || !has_only_ours(root) || json_type(mfa) != JSON_BOOL ||
	    !streq(json_member_string(root, "issuer"), config->issuer) ||
	    !streq(json_member_string(root, "client_id"), config->client_id))
		return RESULT_TICKET_NONE;
	out->evidence = (struct evidence){-1, json_is_true(mfa)};
	if (auth_time != NULL &&
	    !json_integer(out->document, auth_time, &out->evidence.auth_time))
		return RESULT_TICKET_NONE;
	out->flow = flow;
	return text_among(flow, flows) ? 0 : RESULT_TICKET_NONE;
}

int ticket_body_decode(
    const struct config *config, const char *text, size_t len, struct ticket_body *out)
{
	*out = (struct ticket_body){.source = TICKET_SOURCE_NONE};
	int r = json_parse(text, len, MESSAGE_TICKET_MAX, &out->document, NULL);
	if (r == RESULT_JSON)
		r = RESULT_TICKET_NONE;
	const struct cJSON *root = r == 0 ? json_root(out->document) : NULL;
	if (r == 0)
		r = read_heading(config, root, out);
	if (r == 0)
		r = read_claims(config, root, out);
	if (r == 0)
		r = read_refresh_token(config, root, out);
	if (r != 0)
		ticket_body_forget(out);
	return r;
}

void ticket_body_forget(struct ticket_body *body)
{
	claims_free(body->kept);
	json_free(body->document);
	*body = (struct ticket_body){.source = TICKET_SOURCE_NONE};
}
