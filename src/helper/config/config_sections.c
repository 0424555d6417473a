/* SPDX-License-Identifier: MIT
 *
 * Every key of the configuration's sections. pam_cognito_oidc.json(5) explains them.
 */
#include "helper/config/config_read.h"

#include <stddef.h>

#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"

#define STORED(label, type, member, wrong)                                                     \
	{                                                                                      \
		.name = (label), .kind = (type), .use = KEY_STORED,                            \
		.offset = offsetof(struct config, member), .check = (wrong)                    \
	}
#define NUMBER(label, member, low, high)                                                       \
	{                                                                                      \
		.name = (label), .kind = KEY_NUMBER, .use = KEY_STORED,                        \
		.offset = offsetof(struct config, member), .least = (low), .most = (high)      \
	}
#define READ(label, type, function)                                                            \
	{                                                                                      \
		.name = (label), .kind = (type), .use = KEY_READ, .read = (function)           \
	}

/* Seconds. A day: whoever leaves is out the next day whatever is configured. */
#define RECHECK_MOST 86400
/* A week, as long as a key set is believed that cannot be fetched (jwks.h). */
#define STALE_OK_MOST 604800
/* 30 days, which is how long Cognito's refresh tokens live unless the pool says otherwise. */
#define TICKET_LIFETIME_MOST 2592000

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int read_provider(const struct reader *reader, const struct place *place, void *base)
{
	struct config *config = base;
	const struct provider *provider = provider_find(json_string(place->value));
	if (provider == NULL)
		return config_refuse(
		    reader, place, AT_VALUE, RESULT_CONFIG, "must be \"cognito\" or \"oidc\"");
	config->provider = provider;
	return 0;
}

static int read_flows(const struct reader *reader, const struct place *place, void *base)
{
	static const char *const names[FLOW_KINDS] = {
	    [FLOW_PASSWORD] = "password", [FLOW_DEVICE] = "device", [FLOW_BROWSER] = "browser"};
	struct config *config = base;
	struct place flow = {.up = place, .value = json_first(place->value)};
	config->flows_len = 0;
	if (flow.value == NULL)
		return config_refuse(reader, place, AT_VALUE, RESULT_CONFIG,
		    "must name at least one flow: \"password\", \"device\" or \"browser\"");
	for (; flow.value != NULL; flow.value = json_next(flow.value), flow.index++) {
		enum flow_kind kind = FLOW_PASSWORD;
		while (kind < FLOW_KINDS && !streq(json_string(flow.value), names[kind]))
			kind++;
		if (kind == FLOW_KINDS)
			return config_refuse(reader, &flow, AT_VALUE, RESULT_CONFIG,
			    "must be \"password\", \"device\" or \"browser\"");
		if (config_has_flow(config, kind))
			return config_refuse(
			    reader, &flow, AT_VALUE, RESULT_CONFIG, "names a flow twice");
		config->flows[config->flows_len++] = kind;
	}
	return 0;
}

static int read_device_dialect(
    const struct reader *reader, const struct place *place, void *base)
{
	struct config *config = base;
	const char *text = json_string(place->value);
	if (!streq(text, "rfc8628") && !streq(text, "aws-sample"))
		return config_refuse(reader, place, AT_VALUE, RESULT_CONFIG,
		    "must be \"rfc8628\" or \"aws-sample\"");
	config->device_dialect =
	    streq(text, "aws-sample") ? DIALECT_AWS_SAMPLE : DIALECT_RFC8628;
	return 0;
}

static int read_client_auth(const struct reader *reader, const struct place *place, void *base)
{
	struct config *config = base;
	const char *text = json_string(place->value);
	if (!streq(text, "basic") && !streq(text, "body"))
		return config_refuse(
		    reader, place, AT_VALUE, RESULT_CONFIG, "must be \"basic\" or \"body\"");
	config->client_auth = streq(text, "body") ? CLIENT_AUTH_BODY : CLIENT_AUTH_BASIC;
	return 0;
}

static int read_password_method(
    const struct reader *reader, const struct place *place, void *base)
{
	static const struct {
		const char *name;
		enum password_method method;
	} methods[] = {
	    {"srp", PASSWORD_SRP},
	    {"password", PASSWORD_PLAIN},
	    {"choice", PASSWORD_CHOICE},
	    {"ropc", PASSWORD_ROPC},
	};
	struct config *config = base;
	const char *text = json_string(place->value);
	for (size_t i = 0; i < COUNT(methods); i++) {
		if (streq(text, methods[i].name)) {
			config->password_method = methods[i].method;
			return 0;
		}
	}
	return config_refuse(reader, place, AT_VALUE, RESULT_CONFIG,
	    "must be \"srp\", \"password\", \"choice\" or \"ropc\"");
}

/* Cloudflare's object, as its API takes it. */
static const struct key provider_keys[] = {
    STORED("client_id", KEY_TEXT, client_id, config_check_client_id),
    STORED("client_secret", KEY_TEXT, client_secret, config_check_client_secret),
    STORED("auth_url", KEY_TEXT, auth_url, config_check_url),
    STORED("token_url", KEY_TEXT, token_url, config_check_url),
    STORED("certs_url", KEY_TEXT, certs_url, config_check_url),
    STORED("scopes", KEY_LIST, scopes, config_check_scope),
    STORED("claims", KEY_LIST, claims, config_check_line),
    STORED("pkce_enabled", KEY_BOOL, pkce_enabled, NULL),
    STORED("email_claim_name", KEY_TEXT, email_claim_name, NULL),
    STORED("prompt", KEY_TEXT, prompt, config_check_line_or_none),
};

static const struct key endpoints_keys[] = {
    STORED("issuer", KEY_TEXT, issuer, config_check_address),
    STORED("alternate_issuers", KEY_LIST, alternate_issuers, config_check_address),
    STORED("api_url", KEY_TEXT, api_url, config_check_address),
    READ("provider", KEY_TEXT, read_provider),
    STORED("device_authorization_url", KEY_TEXT, device_authorization_url, config_check_url),
    READ("device_dialect", KEY_TEXT, read_device_dialect),
    READ("client_auth", KEY_TEXT, read_client_auth),
    STORED("revocation_url", KEY_TEXT, revocation_url, config_check_url),
    STORED("redirect_uri", KEY_TEXT, redirect_uri, config_check_redirect_uri),
};

static const struct key login_keys[] = {
    READ("flows", KEY_LIST, read_flows),
    READ("password_method", KEY_TEXT, read_password_method),
    NUMBER("leeway", leeway, 0, 300),
    STORED("otp_append", KEY_BOOL, otp_append, NULL),
    NUMBER("recheck", recheck, 0, RECHECK_MOST),
    NUMBER("stale_ok", stale_ok, 0, STALE_OK_MOST),
    NUMBER("ticket_lifetime", ticket_lifetime, 1, TICKET_LIFETIME_MOST),
    STORED("keep_refresh_token", KEY_BOOL, keep_refresh_token, NULL),
};

static const struct key users_keys[] = {
    STORED("claim", KEY_TEXT, users_claim, config_check_line),
    STORED("strip_suffix", KEY_TEXT, strip_suffix, NULL),
    STORED("lowercase", KEY_BOOL, lowercase, NULL),
    STORED("mutable_ok", KEY_BOOL, mutable_ok, NULL),
    {.name = "map", .kind = KEY_OBJECT, .use = KEY_ELSEWHERE},
};

static const struct key network_keys[] = {
    STORED("ca_path", KEY_TEXT, ca_path, config_check_path),
    STORED("ca_file", KEY_TEXT, ca_file, config_check_path_or_none),
    STORED("proxy", KEY_TEXT, proxy, config_check_proxy),
    NUMBER("connect_timeout", connect_timeout, 1, 60),
    NUMBER("request_timeout", request_timeout, 1, 60),
};

const struct key_table config_sections[] = {
    {"config", provider_keys, COUNT(provider_keys)},
    {"endpoints", endpoints_keys, COUNT(endpoints_keys)},
    {"login", login_keys, COUNT(login_keys)},
    {"users", users_keys, COUNT(users_keys)},
    {"network", network_keys, COUNT(network_keys)},
};
const size_t config_sections_len = COUNT(config_sections);
