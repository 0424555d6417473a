/* SPDX-License-Identifier: MIT
 *
 * Every key of the file but a rule's, and what the strings in it may be.
 * pam_cognito_oidc.json(5) explains the keys. A new key is a row here and its member in
 * struct config.
 */
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "helper/config/config_read.h"
#include "helper/json/json.h"

#define LINE_MAX_BYTES 255 /* fits one line of a prompt or a log */
#define LOCAL_NAME_MAX 256 /* useradd ends at 32, directories at 256 */
#define PATH_MAX_BYTES 4095 /* PATH_MAX without its NUL */

/* Seconds. A day: a person who leaves is out the next day whatever is configured. */
#define RECHECK_MOST 86400
/* A week, as long as a key set that cannot be fetched is believed (jwks.h). */
#define STALE_OK_MOST 604800
/* 30 days, which is how long Cognito's refresh tokens live unless the pool says otherwise. */
#define TICKET_LIFETIME_MOST 2592000

#define EMPTY "must not be empty"

/* ASCII only, whatever the locale of the host. */
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define ALPHANUMERIC "abcdefghijklmnopqrstuvwxyz0123456789" CAPITALS

bool config_has_capital(const char *text)
{
	return strpbrk(text, CAPITALS) != NULL;
}

/* RFC 6749, appendix A: VSCHAR. */
static bool is_visible(const char *text)
{
	while (*text >= ' ' && *text <= '~')
		text++;
	return *text == '\0';
}

bool config_check_value(struct reader *r, const struct place *place)
{
	const char *text = json_string(place->value), *wrong = NULL;
	if (text == NULL && json_type(place->value) != JSON_BOOL)
		wrong = "must be a string, true or false";
	else if (text != NULL && text[0] == '\0')
		wrong = EMPTY;
	return wrong == NULL || config_refuse(r, place, AT_VALUE, "%s", wrong);
}

const char *config_check_filled(const char *text)
{
	return text[0] == '\0' ? EMPTY : NULL;
}

const char *config_check_line(const char *text)
{
	if (text[0] == '\0')
		return EMPTY;
	if (strlen(text) > LINE_MAX_BYTES)
		return "is longer than 255 bytes";
	return text_has_controls(text) ? "holds a control character" : NULL;
}

static const char *check_client_id(const char *text)
{
	const char *wrong = config_check_line(text);
	return wrong != NULL || is_visible(text) ? wrong : "must be printable ASCII";
}

static const char *check_secret(const char *text)
{
	if (text[0] == '\0')
		return "must not be empty; leave it out for a public client";
	if (text[strspn(text, "*")] == '\0')
		return "is masked: Cloudflare's API answers GET with asterisks instead of the "
		       "secret; take it from the app client in Cognito";
	return is_visible(text) ? NULL : "must be printable ASCII";
}

/* RFC 6749, appendix A.4. */
static const char *check_scope(const char *text)
{
	if (text[0] == '\0')
		return EMPTY;
	if (!is_visible(text) || strpbrk(text, " \"\\") != NULL)
		return "holds a character that a scope cannot hold";
	return NULL;
}

/* The end of "[" IPv6 "]" or of a host name, or NULL. Resolving an IPv6 address finds out
 * whether it is one. */
static const char *after_host(const char *at, size_t len)
{
	size_t n = 0;
	if (len > 0 && *at == '[') {
		n = 1 + strspn(at + 1, "0123456789abcdefABCDEF:.");
		return n > 1 && n < len && at[n] == ']' ? at + n + 1 : NULL;
	}
	for (; n < len && at[n] != ':'; n++) {
		bool inner = n > 0 && n + 1 < len && at[n + 1] != ':' && at[n - 1] != '.';
		if (strchr(inner ? ALPHANUMERIC "-." : ALPHANUMERIC, at[n]) == NULL)
			return NULL;
	}
	return n > 0 ? at + n : NULL;
}

static bool is_port(const char *at, size_t len)
{
	char digits[6];
	unsigned long port = 0;
	snprintf(digits, sizeof(digits), "%.*s", (int)len, at);
	return len < sizeof(digits) && text_number(digits, 65535, &port) && port > 0;
}

/* scheme host [":" port] [path] ["?" query], with RFC 3986's characters but '#': a fragment
 * is never sent. hosts, if not NULL, are the only ones. form is what is wrong when the
 * beginning is another. */
static const char *check_address(
    const char *text, const char *scheme, const char *const *hosts, const char *form)
{
	if (strlen(text) > CONFIG_URL_MAX)
		return "is longer than 1024 bytes";
	if (!text_starts(text, scheme))
		return form;
	const char *bad = text + strspn(text, ALPHANUMERIC "-._~:/?[]@!$&'()*+,;=%");
	if (*bad == '<' || *bad == '>')
		return "still holds a placeholder in angle brackets";
	if (*bad != '\0')
		return *bad == '#' ? "must not have a fragment"
				   : "holds a character that a URL cannot hold";
	const char *host = text + strlen(scheme), *end = host + strcspn(host, "/?");
	while (hosts != NULL && *hosts != NULL &&
	       (!text_starts(host, *hosts) || strchr(":/?", host[strlen(*hosts)]) == NULL))
		hosts++;
	if (hosts != NULL && *hosts == NULL)
		return form;
	if (memchr(host, '@', (size_t)(end - host)) != NULL)
		return "must not hold a user name or password";
	const char *port = after_host(host, (size_t)(end - host));
	if (port == NULL)
		return "names no host";
	if (port < end && (*port != ':' || !is_port(port + 1, (size_t)(end - port) - 1)))
		return "has no valid port";
	return NULL;
}

static const char *check_url(const char *text)
{
	if (text[0] == '\0')
		return EMPTY;
	return check_address(text, "https://", NULL, "must begin with https://");
}

static const char *check_bare_url(const char *text)
{
	const char *wrong = check_url(text);
	return wrong == NULL && strchr(text, '?') != NULL ? "must not have a query" : wrong;
}

static const char *check_proxy(const char *text)
{
	static const char form[] = "must be http://host:port";
	const char *wrong = check_address(text, "http://", NULL, form);
	/* Without a port the last colon is the scheme's or one of an IPv6 address. */
	if (wrong == NULL && (strpbrk(text + strlen("http://"), "/?") != NULL ||
				 strpbrk(strrchr(text, ':'), "/]") != NULL))
		wrong = form;
	return wrong;
}

/* Cognito's rule: https, or http to the machine that the browser runs on. */
static const char *check_redirect_uri(const char *text)
{
	static const char *const hosts[] = {"localhost", "127.0.0.1", "[::1]", NULL};
	if (!text_starts(text, "http://"))
		return check_url(text);
	return check_address(text, "http://", hosts,
	    "must begin with https://, or with http://localhost, http://127.0.0.1 or "
	    "http://[::1]");
}

static const char *check_provider(const char *text)
{
	return provider_find(text) != NULL ? NULL : "must be \"cognito\" or \"oidc\"";
}

static const char *check_path(const char *text)
{
	if (text[0] != '/')
		return "must be an absolute path";
	if (strlen(text) > PATH_MAX_BYTES)
		return "is longer than 4095 bytes";
	return text_has_controls(text) ? "holds a control character" : NULL;
}

/* Wider than useradd's own rule, for names from a directory; never what could pass for an
 * option, a path or a field of passwd(5). */
const char *config_check_local_name(const char *text)
{
	size_t len = strlen(text);
	if (len == 0 || len > LOCAL_NAME_MAX)
		return "is no local user name: it must have 1 to 256 bytes";
	if (text[0] == '-')
		return "is no local user name: it begins with a dash";
	if (!is_visible(text) || strpbrk(text, " :/,\"'*?") != NULL)
		return "is no local user name: it holds a character that none has";
	return NULL;
}

static const char *const flow_words[] = {
    [FLOW_PASSWORD] = "password", [FLOW_DEVICE] = "device", [FLOW_BROWSER] = "browser", NULL};

static bool read_flows(struct reader *r, const struct place *place, void *base)
{
	struct config_list *names = &((struct config *)base)->flows;
	struct place flow = config_first(place);
	char words[60];
	config_write_words(flow_words, words, sizeof(words));
	config_list_make(r, names);
	if (flow.value == NULL)
		return config_refuse(
		    r, place, AT_VALUE, "must name at least one flow: %s", words);
	for (; flow.value != NULL; config_next(&flow)) {
		const char *name = json_string(flow.value);
		if (config_word_index(flow_words, name) == FLOW_KINDS)
			return config_refuse(r, &flow, AT_VALUE, "must be %s", words);
		if (config_list_has(names, name))
			return config_refuse(r, &flow, AT_VALUE, "names a flow twice");
		config_list_add(r, names, name);
	}
	return true;
}

enum flow_kind config_flow(const struct config *config, size_t i)
{
	return (enum flow_kind)config_word_index(flow_words, config->flows.items[i]);
}

bool config_has_flow(const struct config *config, enum flow_kind kind)
{
	return config_list_has(&config->flows, flow_words[kind]);
}

static bool has_secret(const struct config *config)
{
	return config->client_secret != NULL;
}

static bool has_browser(const struct config *config)
{
	return config_has_flow(config, FLOW_BROWSER);
}

static bool has_device_url(const struct config *config)
{
	return config->device_authorization_url != NULL;
}

static bool has_accounts(const struct config *config)
{
	return config->accounts.groups.len > 0;
}

static bool has_no_ca_file(const struct config *config)
{
	return config->ca_file == NULL;
}

static const char *const type_words[] = {"oidc", NULL};
static const char *const dialect_words[] = {
    [DIALECT_RFC8628] = "rfc8628", [DIALECT_AWS_SAMPLE] = "aws-sample", NULL};
static const char *const auth_words[] = {
    [CLIENT_AUTH_BASIC] = "basic", [CLIENT_AUTH_BODY] = "body", NULL};
static const char *const method_words[] = {[PASSWORD_SRP] = "srp",
    [PASSWORD_PLAIN] = "password",
    [PASSWORD_CHOICE] = "choice",
    [PASSWORD_ROPC] = "ropc",
    NULL};

#define AT(member)                                                                             \
	.offset = offsetof(struct config, member),                                             \
	.size = sizeof(((const struct config *)NULL)->member)
/* A key whose member has its name. */
#define SAME(section, member, type) section, #member, type, AT(member)

/* The same in "accounts", shown with its section: "users" has a mutable_ok as well. */
#define ACCOUNT(member, type)                                                                  \
	"accounts", #member, type, AT(accounts.member), .label = "accounts." #member,          \
							.is_shown = has_accounts

const struct key config_keys[] = {
    {"", "type", KEY_WORD, .words = type_words},
    {SAME("", name, KEY_TEXT), config_check_line, .default_text = CONFIG_NAME},
    {"", "config", KEY_SECTION, .size = 0},
    {"", "endpoints", KEY_SECTION, .size = 0},
    {"", "login", KEY_SECTION, .size = 0},
    {"", "users", KEY_SECTION, .size = 0},
    {"", "accounts", KEY_SECTION, .size = 0},
    {"", "network", KEY_SECTION, .size = 0},
    {"", "id", KEY_IGNORED, AT(ignored)},
    {"", "uid", KEY_IGNORED, AT(ignored)},
    {"", "created_at", KEY_IGNORED, AT(ignored)},
    {"", "updated_at", KEY_IGNORED, AT(ignored)},
    {"", "version", KEY_IGNORED, AT(ignored)},
    {"", "scim_config", KEY_IGNORED, AT(ignored)},
    {SAME("config", client_id, KEY_TEXT), check_client_id},
    {SAME("config", client_secret, KEY_SECRET), check_secret, .label = "client"},
    {SAME("config", auth_url, KEY_TEXT), check_url},
    {SAME("config", token_url, KEY_TEXT), check_url},
    {SAME("config", certs_url, KEY_TEXT), check_url},
    {SAME("endpoints", issuer, KEY_TEXT), check_bare_url},
    {SAME("endpoints", alternate_issuers, KEY_LIST), check_bare_url},
    {SAME("endpoints", api_url, KEY_TEXT), check_bare_url},
    {NULL, "pool_name", KEY_TEXT, AT(pool_name)},
    {"endpoints", "provider", KEY_TEXT, AT(provider_name), check_provider,
	.default_text = "cognito"},
    {SAME("config", scopes, KEY_LIST), check_scope},
    {SAME("config", claims, KEY_LIST), config_check_line},
    {SAME("config", email_claim_name, KEY_TEXT), .default_text = "email"},
    {SAME("config", prompt, KEY_TEXT), config_check_line, .may_be_empty = true},
    {SAME("login", flows, KEY_LIST), .read = read_flows, .default_text = "password"},
    {SAME("endpoints", client_auth, KEY_WORD), .words = auth_words, .is_shown = has_secret},
    {SAME("endpoints", redirect_uri, KEY_TEXT), check_redirect_uri,
	.default_text = "http://localhost:8400/callback", .is_shown = has_browser},
    {SAME("config", pkce_enabled, KEY_BOOL), .default_value = true, .label = ""},
    {NULL, "pkce", KEY_BOOL, AT(uses_pkce), .is_shown = has_browser},
    {SAME("endpoints", device_authorization_url, KEY_TEXT), check_url},
    {SAME("endpoints", device_dialect, KEY_WORD), .words = dialect_words,
	.is_shown = has_device_url},
    {SAME("endpoints", revocation_url, KEY_TEXT), check_url},
    {SAME("login", password_method, KEY_WORD), .words = method_words},
    {SAME("login", otp_append, KEY_BOOL)},
    {SAME("login", mfa_acr, KEY_LIST), config_check_line,
	.default_text = "urn:cognito:loa:3 urn:cognito:loa:4"},
    {SAME("login", leeway, KEY_NUMBER), .default_value = 30, .most = 300},
    {SAME("login", recheck, KEY_NUMBER), .default_value = 300, .most = RECHECK_MOST},
    {SAME("login", stale_ok, KEY_NUMBER), .most = STALE_OK_MOST},
    {SAME("login", ticket_lifetime, KEY_NUMBER), .default_value = 36000, .least = 1,
	.most = TICKET_LIFETIME_MOST},
    {SAME("login", keep_refresh_token, KEY_BOOL), .default_value = true},
    {"users", "claim", KEY_TEXT, AT(users_claim), config_check_line,
	.default_text = "cognito:username", .label = "users_claim"},
    {SAME("users", strip_prefix, KEY_TEXT)},
    {SAME("users", strip_suffix, KEY_TEXT)},
    {SAME("users", lowercase, KEY_BOOL)},
    {SAME("users", mutable_ok, KEY_BOOL)},
    {"users", "map", KEY_MAP, .size = 0},
    {SAME("users", from_accounts, KEY_BOOL)},
    {ACCOUNT(groups, KEY_LIST), .check = config_check_pool_group},
    {ACCOUNT(primary_group, KEY_TEXT), .check = config_check_unix_group,
	.default_text = "cognito"},
    {ACCOUNT(unix_groups, KEY_LIST), .check = config_check_unix_group},
    {ACCOUNT(uid_attribute, KEY_TEXT), .check = config_check_line, .may_be_empty = true},
    {"accounts", "uid_range", KEY_UIDS, .read = config_read_uid_range, .size = 0},
    {NULL, "uid_first", KEY_NUMBER, AT(accounts.uid_first), .default_value = 1879048192,
	.label = "accounts.uid_range", .unit = "", .is_shown = has_accounts},
    {NULL, "uid_last", KEY_NUMBER, AT(accounts.uid_last), .default_value = 2147352575,
	.label = "accounts.uid_range to", .unit = "", .is_shown = has_accounts},
    {ACCOUNT(home, KEY_TEXT), .check = config_check_home, .default_text = "/home/%u"},
    {ACCOUNT(shell, KEY_TEXT), .check = config_check_shell, .default_text = "/bin/bash"},
    {ACCOUNT(ssh_keys_attribute, KEY_TEXT), .check = config_check_line, .may_be_empty = true},
    {ACCOUNT(max_removals, KEY_NUMBER), .default_value = 10, .most = 100, .unit = " %"},
    {ACCOUNT(mutable_ok, KEY_BOOL)},
    {"", "rules", KEY_RULES, .size = 0},
    {SAME("network", ca_file, KEY_TEXT), check_path, .may_be_empty = true},
    {SAME("network", ca_path, KEY_TEXT), check_path, .default_text = "/etc/ssl/certs",
	.is_shown = has_no_ca_file},
    {SAME("network", proxy, KEY_TEXT), check_proxy, .may_be_empty = true},
    {SAME("network", connect_timeout, KEY_NUMBER), .default_value = 5, .least = 1, .most = 60},
    {SAME("network", request_timeout, KEY_NUMBER), .default_value = 15, .least = 1, .most = 60},
    {.name = NULL},
};
