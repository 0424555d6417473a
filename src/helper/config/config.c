/* SPDX-License-Identifier: MIT
 *
 * The file as a whole: strict JSON under comments, the keys at its top, the defaults, and
 * what one key demands of another.
 */
#include "helper/config/config.h"

#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"
#include "helper/config/config_read.h"

static int read_type(const struct reader *reader, const struct place *place, void *base)
{
	(void)base;
	if (streq(json_string(place->value), "oidc"))
		return 0;
	return config_refuse(reader, place, AT_VALUE, RESULT_CONFIG, "must be \"oidc\"");
}

static int read_ignored(const struct reader *reader, const struct place *place, void *base)
{
	struct config *config = base;
	(void)reader;
	return config_list_add(&config->ignored, place->name);
}

#define IGNORED(label)                                                                         \
	{                                                                                      \
		.name = (label), .kind = KEY_ANY, .use = KEY_READ, .read = read_ignored        \
	}
#define SECTION(label, type)                                                                   \
	{                                                                                      \
		.name = (label), .kind = (type), .use = KEY_ELSEWHERE                          \
	}

static const struct key root_keys[] = {
    {.name = "type", .kind = KEY_TEXT, .use = KEY_READ, .read = read_type},
    {.name = "name",
	.kind = KEY_TEXT,
	.use = KEY_STORED,
	.offset = offsetof(struct config, name),
	.check = config_check_line},
    SECTION("config", KEY_OBJECT),
    SECTION("endpoints", KEY_OBJECT),
    SECTION("login", KEY_OBJECT),
    SECTION("users", KEY_OBJECT),
    SECTION("rules", KEY_ARRAY),
    SECTION("network", KEY_OBJECT),
    IGNORED("id"),
    IGNORED("uid"),
    IGNORED("created_at"),
    IGNORED("updated_at"),
    IGNORED("version"),
    IGNORED("scim_config"),
};
#define ROOT_KEYS (sizeof(root_keys) / sizeof(root_keys[0]))

static int read_sections(
    const struct reader *reader, const struct place *root, struct config *config)
{
	int sum = 0;
	for (size_t i = 0; i < config_sections_len; i++) {
		const struct key_table *table = &config_sections[i];
		struct place section = {.up = root, .name = table->name};
		section.value = json_member(root->value, table->name);
		/* Another type has been told already. */
		if (section.value == NULL || json_type(section.value) != JSON_OBJECT)
			continue;
		int r = config_read_keys(reader, &section, table, config);
		if (!config_goes_on(reader, r, &sum))
			break;
	}
	return sum;
}

/* What is absent, and "" where it says "none". */
static int set_texts(struct config *config)
{
	const struct {
		char **text;
		const char *otherwise;
	} texts[] = {
	    {&config->name, "Amazon Cognito"},
	    {&config->email_claim_name, "email"},
	    {&config->users_claim, "cognito:username"},
	    {&config->ca_path, "/etc/ssl/certs"},
	    {&config->redirect_uri, "http://localhost:8400/callback"},
	    {&config->prompt, NULL},
	    {&config->strip_suffix, NULL},
	    {&config->ca_file, NULL},
	    {&config->proxy, NULL},
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char **text = texts[i].text;
		if (*text != NULL && **text != '\0')
			continue;
		free(*text);
		*text = texts[i].otherwise != NULL ? strdup(texts[i].otherwise) : NULL;
		if (*text == NULL && texts[i].otherwise != NULL)
			return RESULT_MEMORY;
	}
	return 0;
}

static int check_device(const struct reader *reader, const struct config *config)
{
	if (!config_has_flow(config, FLOW_DEVICE))
		return 0;
	if (config->device_authorization_url == NULL)
		return config_refuse_key(reader, "endpoints", "device_authorization_url",
		    "is missing; the flow \"device\" needs it");
	if (config->token_url == NULL)
		return config_refuse_key(
		    reader, "config", "token_url", "is missing; the flow \"device\" needs it");
	if (config->device_dialect == DIALECT_AWS_SAMPLE && config->client_secret == NULL)
		return config_refuse_key(reader, "config", "client_secret",
		    "is missing; the \"aws-sample\" dialect knows no public clients");
	if (config->device_dialect == DIALECT_AWS_SAMPLE &&
	    config->client_auth != CLIENT_AUTH_BASIC)
		return config_refuse_key(reader, "endpoints", "client_auth",
		    "must be \"basic\": the \"aws-sample\" dialect reads no body");
	return 0;
}

/* A parameter that stands twice is an error at the provider, or the wrong one of the two
 * counts (RFC 6749 section 3.1). Returns the first of the query's that is set here, or NULL. */
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

static int check_browser(const struct reader *reader, const struct config *config)
{
	if (!config_has_flow(config, FLOW_BROWSER))
		return 0;
	if (config->auth_url == NULL)
		return config_refuse_key(
		    reader, "config", "auth_url", "is missing; the flow \"browser\" needs it");
	if (config->token_url == NULL)
		return config_refuse_key(
		    reader, "config", "token_url", "is missing; the flow \"browser\" needs it");
	const char *ours = find_ours(config->auth_url);
	if (ours != NULL)
		return config_refuse_key(reader, "config", "auth_url",
		    "has \"%s\" in its query, which the flow \"browser\" sets itself", ours);
	return 0;
}

static int check_required(const struct reader *reader, const struct config *config)
{
	int sum = 0, r = 0;
	if (config->client_id == NULL)
		r = config_refuse_key(reader, "config", "client_id", "is missing");
	if (config_goes_on(reader, r, &sum) && config->certs_url == NULL)
		r = config_refuse_key(reader, "config", "certs_url", "is missing");
	if (!config_goes_on(reader, r, &sum))
		return sum;
	if (config->password_method == PASSWORD_ROPC && config->token_url == NULL)
		return config_refuse_key(reader, "config", "token_url",
		    "is missing; \"login.password_method\": \"ropc\" needs it");
	if (config_goes_on(reader, check_device(reader, config), &sum))
		config_goes_on(reader, check_browser(reader, config), &sum);
	return sum;
}

bool config_has_flow(const struct config *config, enum flow_kind kind)
{
	for (size_t i = 0; i < config->flows_len; i++)
		if (config->flows[i] == kind)
			return true;
	return false;
}

static bool can_device(const struct config *config)
{
	bool sample = config->device_dialect == DIALECT_AWS_SAMPLE;
	if (config->device_authorization_url == NULL || config->token_url == NULL)
		return false;
	return !sample ||
	       (config->client_secret != NULL && config->client_auth == CLIENT_AUTH_BASIC);
}

static bool can_password(const struct config *config)
{
	if (config->password_method == PASSWORD_ROPC)
		return config->token_url != NULL;
	return config->api_url != NULL &&
	       (config->password_method == PASSWORD_PLAIN || config->pool_name != NULL);
}

bool config_can_flow(const struct config *config, enum flow_kind kind)
{
	switch (kind) {
	case FLOW_PASSWORD:
		return can_password(config);
	case FLOW_DEVICE:
		return can_device(config);
	case FLOW_BROWSER:
		return config->auth_url != NULL && config->token_url != NULL &&
		       find_ours(config->auth_url) == NULL;
	case FLOW_KINDS:
	default:
		return false;
	}
}

static bool has_capitals(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text >= 'A' && *text <= 'Z')
			return true;
	return false;
}

/* What the app client may write, its users may write. */
static int check_users(const struct reader *reader, const struct config *config)
{
	static const char *const fixed[] = {"sub", "cognito:username", "cognito:groups"};
	bool is_fixed = false;
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		is_fixed = is_fixed || streq(config->users_claim, fixed[i]);
	if (!is_fixed && !config->mutable_ok)
		return config_refuse_key(reader, "users", "claim",
		    "names a claim that users may be able to edit themselves; if yours cannot, "
		    "say \"mutable_ok\": true, or use \"map\"");
	if (config->lowercase && config->strip_suffix != NULL &&
	    has_capitals(config->strip_suffix))
		return config_refuse_key(reader, "users", "strip_suffix",
		    "has capital letters, which \"lowercase\" takes from every name");
	return 0;
}

/* What one key demands of another. */
static int check_document(const struct reader *reader, struct config *config)
{
	int sum = 0, r = set_texts(config);
	if (r == 0)
		r = check_required(reader, config);
	if (config_goes_on(reader, r, &sum))
		r = check_users(reader, config);
	config_goes_on(reader, r, &sum);
	return sum == 0 ? config_derive_endpoints(reader, config) : sum;
}

static int read_document(const struct reader *reader, struct config *config)
{
	static const struct key_table table = {"", root_keys, ROOT_KEYS};
	struct place root = {.value = json_root(reader->document)};
	int sum = 0, r;
	if (json_type(root.value) != JSON_OBJECT)
		return config_refuse(
		    reader, &root, AT_VALUE, RESULT_CONFIG, "must hold an object");
	r = config_list_make(&config->ignored, ROOT_KEYS);
	if (r == 0)
		r = config_read_keys(reader, &root, &table, config);
	if (config_goes_on(reader, r, &sum))
		r = read_sections(reader, &root, config);
	if (config_goes_on(reader, r, &sum))
		r = config_read_map(reader, &root, config);
	if (config_goes_on(reader, r, &sum))
		r = config_read_rules(reader, &root, config);
	config_goes_on(reader, r, &sum);
	return sum == 0 ? check_document(reader, config) : sum;
}

static int parse_text(const struct reader *reader, char *text, size_t len, struct json **out)
{
	struct scan_fault fault = {.line = 1, .column = 1, .what = ""};
	int r = scan_blank_comments(text, len, &fault);
	if (r == 0)
		r = json_parse(text, len, CONFIG_TEXT_MAX, out, &fault);
	if (r == RESULT_JSON)
		r = config_refuse_text(reader, fault.line, fault.column, fault.what);
	return r;
}

static int read_text(struct reader reader, const char *text, size_t len, struct config **out)
{
	struct buffer copy = BUFFER_INIT(CONFIG_TEXT_MAX);
	struct config *config = NULL;
	int r;
	*out = NULL;
	if (reader.faults != NULL)
		reader.faults->count = 0;
	if (len > CONFIG_TEXT_MAX)
		return config_refuse_text(&reader, 1, 1, "the file is larger than 64 KiB");
	config = calloc(1, sizeof(*config));
	r = config != NULL ? buffer_append(&copy, text, len) : RESULT_MEMORY;
	if (r == 0)
		r = parse_text(&reader, copy.bytes, copy.len, &config->document);
	if (r != 0)
		goto out;
	reader.document = config->document;
	config->provider = &provider_cognito;
	config->pkce_enabled = true;
	config->leeway = 30;
	config->recheck = 300;
	config->ticket_lifetime = 36000;
	config->keep_refresh_token = true;
	config->flows[0] = FLOW_PASSWORD;
	config->flows_len = 1;
	config->connect_timeout = 5;
	config->request_timeout = 15;
	r = read_document(&reader, config);
	if (r != 0)
		goto out;
	*out = config;
	config = NULL;
out:
	config_free(config);
	buffer_wipe(&copy);
	return r;
}

int config_parse(const char *path, const char *text, size_t len, struct config **out,
    struct config_faults *faults, struct reason *reason)
{
	size_t count = 0;
	struct reader reader = {
	    .path = path, .faults = faults, .reason = reason, .count = &count};
	return read_text(reader, text, len, out);
}

static void free_map(struct config *config)
{
	for (size_t i = 0; i < config->map_len; i++) {
		free(config->map[i].local_name);
		free(config->map[i].login);
	}
	free(config->map);
}

void config_free(struct config *config)
{
	if (config == NULL)
		return;
	char *const texts[] = {config->name, config->client_id, config->auth_url,
	    config->token_url, config->certs_url, config->device_authorization_url,
	    config->revocation_url, config->email_claim_name, config->prompt, config->issuer,
	    config->api_url, config->pool_name, config->users_claim, config->strip_suffix,
	    config->ca_path, config->ca_file, config->proxy, config->redirect_uri};
	secret_free(config->client_secret);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		free(texts[i]);
	config_list_free(&config->scopes);
	config_list_free(&config->claims);
	config_list_free(&config->alternate_issuers);
	config_list_free(&config->ignored);
	free_map(config);
	for (size_t i = 0; i < config->rules_len; i++)
		config_free_rule(&config->rules[i]);
	free(config->rules);
	json_free(config->document);
	free(config);
}

const struct config_map_entry *config_map_find(
    const struct config *config, const char *local_name)
{
	for (size_t i = 0; i < config->map_len; i++)
		if (streq(config->map[i].local_name, local_name))
			return &config->map[i];
	return NULL;
}
