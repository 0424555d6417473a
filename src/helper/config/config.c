/* SPDX-License-Identifier: MIT
 *
 * The file as a whole: strict JSON under comments, its sections one after the other, and
 * what one key demands of another.
 */
#include "helper/config/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/config/config_read.h"
#include "helper/json/json.h"

/* A parameter that a URL has twice is an error at the provider, or the wrong one of the two
 * counts (RFC 6749 section 3.1). Returns the first of the query's that the flow "browser"
 * sets, or NULL. */
static const char *find_ours(const char *url)
{
	static const char *const ours[] = {"response_type", "client_id", "redirect_uri",
	    "scope", "state", "nonce", "code_challenge", "code_challenge_method", "login_hint",
	    "prompt", "response_mode"};
	const char *at = strchr(url, '?');
	while (at != NULL) {
		size_t len = strcspn(++at, "=&");
		for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
			if (strlen(ours[i]) == len && memcmp(at, ours[i], len) == 0)
				return ours[i];
		at = strchr(at, '&');
	}
	return NULL;
}

#define NEEDED_BY(flow) "is missing; the flow \"" flow "\" needs it"

/* Is everything there that a flow needs? If not, the reader gets the first thing; it may be
 * NULL. */
static bool check_flow(struct reader *r, const struct config *config, enum flow_kind flow)
{
	enum password_method method = config->password_method;
	bool by_token_url = method == PASSWORD_ROPC;
	bool by_pool_name = method == PASSWORD_SRP || method == PASSWORD_CHOICE;
	bool is_sample = config->device_dialect == DIALECT_AWS_SAMPLE;
	bool has_device_url = config->device_authorization_url != NULL;
	const char *ours = config->auth_url != NULL ? find_ours(config->auth_url) : NULL;
	char twice[100];
	snprintf(twice, sizeof(twice),
	    "has \"%s\" in its query, which the flow \"browser\" sets itself",
	    ours != NULL ? ours : "");
	const struct {
		enum flow_kind flow;
		bool is_wrong;
		const char *section, *key, *wrong;
	} rows[] = {
	    {FLOW_PASSWORD, by_token_url && config->token_url == NULL, "config", "token_url",
		"is missing; \"login.password_method\": \"ropc\" needs it"},
	    {FLOW_PASSWORD, by_token_url && config->otp_append, "login", "otp_append",
		"cannot go with \"password_method\": \"ropc\", which asks for no code"},
	    {FLOW_PASSWORD, !by_token_url && config->api_url == NULL, "endpoints", "provider",
		"is \"oidc\", which needs \"login.password_method\": \"ropc\""},
	    {FLOW_PASSWORD, by_pool_name && config->pool_name == NULL, "login",
		"password_method",
		"is one that needs a pool id (<region>_<name>) at the end of the issuer"},
	    {FLOW_DEVICE, !has_device_url, "endpoints", "device_authorization_url",
		NEEDED_BY("device")},
	    {FLOW_DEVICE, config->token_url == NULL, "config", "token_url",
		NEEDED_BY("device")},
	    {FLOW_DEVICE, is_sample && config->client_secret == NULL, "config", "client_secret",
		"is missing; the \"aws-sample\" dialect knows no public clients"},
	    {FLOW_DEVICE, is_sample && config->client_auth != CLIENT_AUTH_BASIC, "endpoints",
		"client_auth", "must be \"basic\": the \"aws-sample\" dialect reads no body"},
	    {FLOW_BROWSER, config->auth_url == NULL, "config", "auth_url",
		NEEDED_BY("browser")},
	    {FLOW_BROWSER, config->token_url == NULL, "config", "token_url",
		NEEDED_BY("browser")},
	    {FLOW_BROWSER, ours != NULL, "config", "auth_url", twice},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].flow == flow && rows[i].is_wrong)
			return r != NULL && config_refuse_key(
						r, rows[i].section, rows[i].key, rows[i].wrong);
	return true;
}

bool config_can_flow(const struct config *config, enum flow_kind kind)
{
	return check_flow(NULL, config, kind);
}

/* What the app client may write, its users may write. */
static void check_users(struct reader *r, const struct config *config)
{
	const char *claim = config->users_claim;
	bool is_fixed = streq(claim, "sub") || streq(claim, "cognito:username") ||
			streq(claim, "cognito:groups");
	if (!is_fixed && !config->mutable_ok && !config->from_accounts)
		config_refuse_key(r, "users", "claim",
		    "names a claim that users may be able to edit themselves; if yours cannot, "
		    "say \"mutable_ok\": true, or use \"map\"");
	const struct {
		const char *key, *value;
	} affixes[] = {
	    {"strip_prefix", config->strip_prefix}, {"strip_suffix", config->strip_suffix}};
	for (size_t i = 0; i < sizeof(affixes) / sizeof(affixes[0]); i++)
		if (config->lowercase && affixes[i].value != NULL &&
		    config_has_capital(affixes[i].value))
			config_refuse_key(r, "users", affixes[i].key,
			    "has capital letters, which \"lowercase\" takes from every name");
}

/* What one key demands of another. */
static void check_members(struct reader *r, const struct config *config)
{
	if (config->client_id == NULL)
		config_refuse_key(r, "config", "client_id", "is missing");
	if (config->certs_url == NULL)
		config_refuse_key(r, "config", "certs_url", "is missing");
	/* The other methods need what is derived later. */
	if (config->password_method != PASSWORD_ROPC || check_flow(r, config, FLOW_PASSWORD)) {
		if (config_has_flow(config, FLOW_DEVICE))
			check_flow(r, config, FLOW_DEVICE);
		if (config_has_flow(config, FLOW_BROWSER))
			check_flow(r, config, FLOW_BROWSER);
	}
	check_users(r, config);
	config_check_accounts(r, config);
}

static void read_document(struct reader *r, struct config *config)
{
	struct place root = {.value = json_root(r->document)};
	if (json_type(root.value) != JSON_OBJECT) {
		config_refuse(r, &root, AT_VALUE, "must hold an object");
		return;
	}
	config_set_defaults(r, config_keys, config);
	config_read_members(r, &root, config_keys, "", config);
	for (const struct key *key = config_keys; key->name != NULL; key++) {
		struct place section = config_place(&root, key->name);
		if (key->type == KEY_SECTION)
			config_read_members(r, &section, config_keys, key->name, config);
	}
	struct place users = config_place(&root, "users"), map = config_place(&users, "map");
	struct place rules = config_place(&root, "rules");
	config_read_map(r, &map, config);
	config_read_rules(r, &rules, config);
	if (!config_is_good(r))
		return;
	config->provider = provider_find(config->provider_name);
	config->uses_pkce = config->pkce_enabled || config->client_secret == NULL;
	check_members(r, config);
	if (config_is_good(r))
		config_derive_endpoints(r, config);
	if (config_is_good(r) && config_has_flow(config, FLOW_PASSWORD))
		check_flow(r, config, FLOW_PASSWORD);
}

static bool parse_text(
    struct reader *reader, const char *text, size_t len, struct json **document)
{
	struct scan_fault fault = {.line = 1, .column = 1, .what = ""};
	struct buffer copy = BUFFER_INIT(CONFIG_TEXT_MAX);
	int r = buffer_append(&copy, text, len);
	if (r == 0)
		r = scan_blank_comments(copy.bytes, copy.len, &fault);
	if (r == 0)
		r = json_parse(copy.bytes, copy.len, CONFIG_TEXT_MAX, document, &fault);
	if (r == RESULT_TOO_LARGE)
		config_refuse_text(reader, 1, 1, "the file is larger than 1 MiB");
	else if (r == RESULT_JSON)
		config_refuse_text(reader, fault.line, fault.column, fault.what);
	else
		reader->no_memory = r != 0;
	buffer_wipe(&copy);
	return r == 0;
}

int config_parse(const char *path, const char *text, size_t len, struct config **out,
    struct config_faults *faults, struct reason *reason)
{
	struct config_faults own = {.count = 0};
	struct reader reader = {.path = path, .faults = faults != NULL ? faults : &own};
	struct config *config = config_allocate(&reader, 1, sizeof(*config));
	*out = NULL;
	reader.faults->count = 0;
	if (config != NULL && parse_text(&reader, text, len, &config->document)) {
		reader.document = config->document;
		read_document(&reader, config);
	}
	if (config_is_good(&reader)) {
		*out = config;
		return 0;
	}
	config_free(config);
	if (reader.faults->count == 0)
		return RESULT_MEMORY;
	return reason_set(reason, RESULT_CONFIG, "%s", reader.faults->texts[0]);
}

void config_free(struct config *config)
{
	if (config == NULL)
		return;
	config_free_members(config_keys, config);
	for (size_t i = 0; i < config->map_len; i++) {
		free(config->map[i].local_name);
		free(config->map[i].login);
	}
	free(config->map);
	for (size_t i = 0; i < config->rules_len; i++)
		config_free_rule(&config->rules[i]);
	free(config->rules);
	json_free(config->document);
	free(config);
}
