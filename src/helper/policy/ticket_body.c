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

#define VERSION 1

static const char *const sources[] = {
    [TICKET_SOURCE_API] = "api", [TICKET_SOURCE_TOKEN_URL] = "token_url"};
static const char *const flows[] = {"password", "device", "browser"};

/* Where a refresh token of this source is exchanged; NULL: nowhere. */
static const char *endpoint_of(const struct config *config, enum ticket_source source)
{
	switch (source) {
	case TICKET_SOURCE_API:
		return config->api_url;
	case TICKET_SOURCE_TOKEN_URL:
		return config->token_url;
	case TICKET_SOURCE_NONE:
	default:
		return NULL;
	}
}

/* ,"name":"value" */
static int append(struct buffer *out, const char *name, const char *value)
{
	int r = buffer_append_format(out, ",\"%s\":", name);
	return r == 0 ? json_write_string(out, value) : r;
}

static int append_claims(struct buffer *out, const struct claims *claims)
{
	int r = buffer_append_text(out, ",\"claims\":\"");
	if (r == 0)
		r = claims_cached_encode(claims, out);
	return r == 0 ? buffer_append_byte(out, '"') : r;
}

static int append_refresh_token(
    struct buffer *out, const struct config *config, const struct ticket_body *body)
{
	int r = append(out, "from", sources[body->source]);
	if (r == 0)
		r = append(out, "endpoint", endpoint_of(config, body->source));
	if (r == 0)
		r = append(out, "refresh_token", body->refresh_token);
	return r == 0 && body->device_key != NULL ? append(out, "device_key", body->device_key)
						  : r;
}

int ticket_body_encode(
    const struct config *config, const struct ticket_body *body, struct buffer *out)
{
	bool keeps = config->keep_refresh_token && body->refresh_token != NULL &&
		     strlen(body->refresh_token) <= JWT_MAX &&
		     endpoint_of(config, body->source) != NULL;
	int r = buffer_append_format(out, "{\"version\":%d", VERSION);
	if (r == 0)
		r = append(out, "issuer", config->issuer);
	if (r == 0)
		r = append(out, "client_id", config->client_id);
	if (r == 0)
		r = append(out, "sub", claims_sub(body->claims));
	if (r == 0)
		r = append(out, "flow", body->flow);
	if (r == 0)
		r = buffer_append_format(
		    out, ",\"mfa_answered\":%s", body->mfa_answered ? "true" : "false");
	if (r == 0)
		r = append_claims(out, body->claims);
	if (r == 0 && keeps)
		r = append_refresh_token(out, config, body);
	return r == 0 ? buffer_append_byte(out, '}') : r;
}

/* The claims were checked when their token was new. Now they are looked at as of the moment
 * they were issued: whose they are must still be right. */
static int check_claims(const struct config *config, const struct claims *claims)
{
	struct expectation expectation = subject_expect(config, claims_token_use(claims), 0);
	if (!claims_integer(claims, "iat", &expectation.now))
		return RESULT_TICKET_NONE;
	return claims_check(claims, &expectation) == 0 ? 0 : RESULT_TICKET_NONE;
}

static int read_claims(
    const struct config *config, const struct cJSON *root, struct ticket_body *out)
{
	const char *text = json_member_string(root, "claims");
	if (text == NULL)
		return RESULT_TICKET_NONE;
	int r = claims_cached_decode(text, &out->kept);
	if (r != 0)
		return r == RESULT_MEMORY ? r : RESULT_TICKET_NONE;
	out->claims = out->kept;
	if (!streq(json_member_string(root, "sub"), claims_sub(out->claims)))
		return RESULT_TICKET_NONE;
	return check_claims(config, out->claims);
}

/* Members that go together: none of them, or all; and the endpoint is today's. */
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

/* Every member is one of ours and of its type: nothing odd passes for absent. */
static bool has_only_ours(const struct cJSON *root)
{
	static const struct {
		const char *name;
		enum json_type type;
	} members[] = {{"version", JSON_NUMBER}, {"issuer", JSON_STRING},
	    {"client_id", JSON_STRING}, {"sub", JSON_STRING}, {"flow", JSON_STRING},
	    {"mfa_answered", JSON_BOOL}, {"claims", JSON_STRING}, {"from", JSON_STRING},
	    {"endpoint", JSON_STRING}, {"refresh_token", JSON_STRING},
	    {"device_key", JSON_STRING}};
	for (const struct cJSON *at = json_first(root); at != NULL; at = json_next(at)) {
		bool ours = false;
		for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
			ours = ours || (streq(json_name(at), members[i].name) &&
					   json_type(at) == members[i].type);
		if (!ours)
			return false;
	}
	return true;
}

static int read_heading(
    const struct config *config, const struct cJSON *root, struct ticket_body *out)
{
	const struct cJSON *mfa = json_member(root, "mfa_answered");
	const char *flow = json_member_string(root, "flow");
	long long version = 0;
	if (!json_integer(out->document, json_member(root, "version"), &version) ||
	    version != VERSION)
		return RESULT_TICKET_NONE;
	if (!has_only_ours(root))
		return RESULT_TICKET_NONE;
	if (!streq(json_member_string(root, "issuer"), config->issuer))
		return RESULT_TICKET_NONE;
	if (!streq(json_member_string(root, "client_id"), config->client_id))
		return RESULT_TICKET_NONE;
	if (json_type(mfa) != JSON_BOOL)
		return RESULT_TICKET_NONE;
	out->mfa_answered = json_is_true(mfa);
	for (size_t i = 0; i < sizeof(flows) / sizeof(flows[0]); i++)
		if (streq(flow, flows[i]))
			out->flow = flow;
	return out->flow != NULL ? 0 : RESULT_TICKET_NONE;
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
