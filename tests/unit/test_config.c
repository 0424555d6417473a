/* SPDX-License-Identifier: MIT
 *
 * The configuration, key by key: what is taken, what is refused, and where the finger
 * points. A row's text begins on line 2, column 1 of the file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"
#include "helper/config/config.h"
#include "mint.h"

#define HOST "https://cognito-idp.eu-west-1.amazonaws.com"
#define ISSUER HOST "/eu-west-1_AbCdEf123"
#define UPDATED "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"
#define JWKS "/.well-known/jwks.json"
#define CERTS "\"certs_url\": \"" ISSUER JWKS "\""
#define CLIENT "\"client_id\": \"6o7h8i9j\""
#define CLOUD "\"config\": {" CLIENT ", " CERTS "}"

#define WRONG RESULT_CONFIG

struct row {
	const char *text;
	int code;
	const char *at, *part; /* of the fault */
};

static int parse(const char *text, struct config **config, struct reason *reason)
{
	return config_parse("c.json", text, strlen(text), config, NULL, reason);
}

static struct config *load(const char *text)
{
	struct config *config = NULL;
	struct reason reason = {.detail = ""};
	int r = parse(text, &config, &reason);
	if (r != 0)
		fail_msg("%s: %s\n%s", result_phrase(r), reason.detail, text);
	assert_string_equal(reason.detail, "");
	return config;
}

static void check_row(const char *before, const struct row *row, const char *after)
{
	char *text = mint_text("%s\n%s%s", before, row->text, after);
	char *start = mint_text("c.json:%s: ", row->at != NULL ? row->at : "");
	struct config *config = NULL;
	struct reason reason = {.detail = ""};
	int r = parse(text, &config, &reason);
	if (r != row->code)
		fail_msg("%s: %s: %s", row->text, result_phrase(r), reason.detail);
	assert_true((config != NULL) == (r == 0));
	if (row->code != 0 && !text_starts(reason.detail, start))
		fail_msg("%s: %s: not at %s", row->text, reason.detail, row->at);
	if (row->code != 0 && strstr(reason.detail, row->part) == NULL)
		fail_msg("%s: %s: no \"%s\"", row->text, reason.detail, row->part);
	config_free(config);
	free(start);
	free(text);
}

static void check_rows(
    const char *before, const struct row *rows, size_t count, const char *after)
{
	for (size_t i = 0; i < count; i++)
		check_row(before, &rows[i], after);
}

#define ROWS(before, rows, after)                                                              \
	check_rows(before, rows, sizeof(rows) / sizeof((rows)[0]), after)

/* The example of the page that everybody copies from, its placeholders filled in. */
static const char seed[] =
    "{\n"
    "  \"config\": {\n"
    "    \"client_id\": \"6o7h8i9jexampleclientid\",\n"
    "    \"client_secret\": \"s3cr3t\",\n"
    "    \"auth_url\": \"https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize\",\n"
    "    \"token_url\": \"https://acme.auth.eu-west-1.amazoncognito.com/oauth2/token\",\n"
    "    " CERTS ",\n"
    "    \"scopes\": [\"openid\", \"email\", \"profile\"],\n"
    "    \"claims\": [\"sub\", \"cognito:username\", \"name\", \"cognito:groups\"]\n"
    "  },\n"
    "  \"type\": \"oidc\",\n"
    "  \"name\": \"Generic Amazon Cognito\"\n"
    "}\n";

static void cloudflares_example_loads_unchanged(void **state)
{
	struct config *config = load(seed);
	(void)state;
	assert_string_equal(config->name, "Generic Amazon Cognito");
	assert_string_equal(config->client_id, "6o7h8i9jexampleclientid");
	assert_string_equal(config->client_secret, "s3cr3t");
	assert_string_equal(config->certs_url, ISSUER JWKS);
	assert_string_equal(config->issuer, ISSUER);
	assert_int_equal(config->alternate_issuers.len, 1);
	assert_string_equal(config->alternate_issuers.items[0], UPDATED);
	assert_null(config->alternate_issuers.items[1]);
	assert_string_equal(config->api_url, HOST "/");
	assert_string_equal(config->pool_name, "AbCdEf123");
	assert_ptr_equal(config->provider, &provider_cognito);
	assert_int_equal(config->password_method, PASSWORD_SRP);
	assert_int_equal(config->scopes.len, 3);
	assert_string_equal(config->scopes.items[2], "profile");
	assert_int_equal(config->claims.len, 4);
	assert_string_equal(config->claims.items[3], "cognito:groups");
	assert_true(config->pkce_enabled);
	assert_string_equal(config->email_claim_name, "email");
	assert_null(config->prompt);
	assert_int_equal(config->rules_len, 0);
	assert_int_equal(config->map_len, 0);
	assert_int_equal(config->ignored.len, 0);
	config_free(config);
}

static void what_is_absent_has_its_default(void **state)
{
	struct config *config = load("{" CLOUD "}");
	(void)state;
	assert_string_equal(config->name, "Amazon Cognito");
	assert_null(config->client_secret);
	assert_null(config->auth_url);
	assert_null(config->token_url);
	assert_null(config->revocation_url);
	assert_int_equal(config->leeway, 30);
	assert_int_equal(config->recheck, 300);
	assert_int_equal(config->stale_ok, 0);
	assert_int_equal(config->ticket_lifetime, 36000);
	assert_true(config->keep_refresh_token);
	assert_false(config->otp_append);
	assert_string_equal(config->users_claim, "cognito:username");
	assert_null(config->strip_suffix);
	assert_false(config->lowercase);
	assert_false(config->mutable_ok);
	assert_string_equal(config->ca_path, "/etc/ssl/certs");
	assert_null(config->ca_file);
	assert_null(config->proxy);
	assert_int_equal(config->connect_timeout, 5);
	assert_int_equal(config->request_timeout, 15);
	config_free(config);
}

static void what_cloudflares_get_adds_is_ignored_and_named(void **state)
{
	struct config *config = load(
	    "{\"id\": \"f174e90a\", \"uid\": 7, \"created_at\": null, " CLOUD
	    ", \"updated_at\": \"2014\", \"version\": 3, \"scim_config\": {\"enabled\": false, "
	    "\"secret\": \"xyz\"}, \"type\": \"oidc\", \"name\": \"n\"}");
	(void)state;
	static const char *const names[] = {
	    "id", "uid", "created_at", "updated_at", "version", "scim_config"};
	assert_int_equal(config->ignored.len, 6);
	for (size_t i = 0; i < 6; i++)
		assert_string_equal(config->ignored.items[i], names[i]);
	config_free(config);
}

static void comments_keep_lines_and_columns(void **state)
{
	static const struct row rows[] = {
	    {"// a comment\n/* and\nanother */ \"login\": {}", 0, NULL, NULL},
	    {"/* x */ \"logins\": {}", WRONG, "2:9", "\"logins\" is an unknown key"},
	    {"/* open", WRONG, "2:1", "comment is not closed"},
	    {"\"name\": \"// no comment\"", 0, NULL, NULL},
	    {"# no comment", WRONG, "2:1", "name in quotes"},
	};
	(void)state;
	ROWS("{" CLOUD ",", rows, "}");
}

static void the_text_is_strict(void **state)
{
	static const struct row rows[] = {
	    {"", WRONG, "2:1", "ends too early"},
	    {"[]", WRONG, "2:1", "the file must hold an object"},
	    {"null", WRONG, "2:1", "must hold an object"},
	    {"{}", WRONG, "2:1", "\"config.client_id\" is missing"},
	    {"{" CLOUD "} x", WRONG, "2:141", "behind the end"},
	    {"{" CLOUD ",}", WRONG, "2:140", "a member is missing"},
	    {"{\"login\": {}, " CLOUD ", \"login\": {}}", WRONG, "2:154", "twice"},
	    {"{\"login\": {}, " CLOUD ", \"l\\u006fgin\": {}}", WRONG, "2:154", "twice"},
	    {"{\"name\": \"a\\u0000\"}", WRONG, "2:12", "\\u0000"},
	    {"{\"name\": \"\xff\"}", WRONG, "2:11", "not UTF-8"},
	    {"{\"\xc3\xa9\": 1}", WRONG, "2:2", "\"\xc3\xa9\" is an unknown key"},
	    {"{\"a\\u001bb\": 1}", WRONG, "2:2", "\"a?b\" is an unknown key"},
	};
	(void)state;
	ROWS("", rows, "");
}

static void the_file_has_a_limit(void **state)
{
	struct config *config = NULL;
	struct reason reason = {.detail = ""};
	char *text = malloc(CONFIG_TEXT_MAX + 1);
	size_t used = strlen("{" CLOUD "}");
	(void)state;
	assert_non_null(text);
	memset(text, ' ', CONFIG_TEXT_MAX + 1);
	memcpy(text, "{" CLOUD "}", used);
	assert_int_equal(config_parse("c", text, CONFIG_TEXT_MAX, &config, NULL, &reason), 0);
	config_free(config);
	assert_int_equal(config_parse("c", text, CONFIG_TEXT_MAX + 1, &config, NULL, &reason),
	    RESULT_CONFIG);
	assert_null(config);
	assert_string_equal(reason.detail, "c:1:1: the file is larger than 64 KiB");
	free(text);
}

static void a_long_path_leaves_room_for_the_place(void **state)
{
	struct config *config = NULL;
	struct reason reason = {.detail = ""};
	char path[3000];
	(void)state;
	memset(path, 'p', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(
	    config_parse(path, "{\n \"x\": 1}", 10, &config, NULL, &reason), WRONG);
	assert_non_null(strstr(reason.detail, "p:2:2: \"x\" is an unknown key"));
	config_free(config);
}

static void keys_at_the_top(void **state)
{
	static const struct row rows[] = {
	    {"\"type\": \"oidc\"", 0, NULL, NULL},
	    {"\"type\": \"okta\"", WRONG, "2:9", "\"type\" must be \"oidc\""},
	    {"\"type\": 1", WRONG, "2:9", "must be a string"},
	    {"\"name\": \"\"", WRONG, "2:9", "must not be empty"},
	    {"\"name\": \"a\\u0007\"", WRONG, "2:9", "control character"},
	    {"\"name\": null", WRONG, "2:9", "must be a string"},
	    {"\"Name\": \"x\"", WRONG, "2:1", "is \"name\" meant?"},
	    {"\"rulez\": []", WRONG, "2:1", "is \"rules\" meant?"},
	    {"\"result\": {}", WRONG, "2:1", "\"result\" is an unknown key"},
	    {"\"endpoints\": []", WRONG, "2:14", "must be an object"},
	    {"\"login\": \"x\"", WRONG, "2:10", "must be an object"},
	    {"\"users\": 1", WRONG, "2:10", "must be an object"},
	    {"\"rules\": {}", WRONG, "2:10", "must be an array"},
	    {"\"network\": true", WRONG, "2:12", "must be an object"},
	};
	(void)state;
	ROWS("{" CLOUD ",", rows, "}");
	static const struct row config[] = {
	    {"\"config\": []", WRONG, "2:11", "must be an object"},
	    {"\"config\": {" CLIENT "}", WRONG, "2:11", "\"config.certs_url\" is missing"},
	    {"\"config\": {" CERTS "}", WRONG, "2:11", "\"config.client_id\" is missing"},
	};
	ROWS("{", config, "}");
}

static void cloudflares_keys(void **state)
{
	static const struct row rows[] = {
	    {"\"client_secret\": \"abc\"", 0, NULL, NULL},
	    {"\"client_secret\": \"\"", WRONG, "2:18", "leave it out for a public client"},
	    {"\"client_secret\": \"*\"", WRONG, "2:18", "is masked"},
	    {"\"client_secret\": \"****************\"", WRONG, "2:18", "asterisks"},
	    {"\"client_secret\": \"a*\"", 0, NULL, NULL},
	    {"\"client_secret\": \"\xc3\xa9\"", WRONG, "2:18", "printable ASCII"},
	    {"\"client_secret\": null", WRONG, "2:18", "must be a string"},
	    {"\"auth_url\": \"https://a.example/x?identity_provider=Google\"", 0, NULL, NULL},
	    {"\"auth_url\": \"http://a.example/x\"", WRONG, "2:13", "begin with https://"},
	    {"\"auth_url\": []", WRONG, "2:13", "must be a string"},
	    {"\"token_url\": \"ftp://a.example/x\"", WRONG, "2:14", "begin with https://"},
	    {"\"token_url\": {}", WRONG, "2:14", "must be a string"},
	    {"\"scopes\": [\"openid\"]", 0, NULL, NULL},
	    {"\"scopes\": []", 0, NULL, NULL},
	    {"\"scopes\": \"openid\"", WRONG, "2:11", "must be an array of strings"},
	    {"\"scopes\": [\"openid\", 1]", WRONG, "2:22",
		"\"config.scopes[1]\" must be a string"},
	    {"\"scopes\": [\"\"]", WRONG, "2:12", "must not be empty"},
	    {"\"scopes\": [\"a b\"]", WRONG, "2:12", "a scope cannot hold"},
	    {"\"claims\": [\"sub\"]", 0, NULL, NULL},
	    {"\"claims\": [\"\"]", WRONG, "2:12", "\"config.claims[0]\" must not be empty"},
	    {"\"claims\": {}", WRONG, "2:11", "must be an array"},
	    {"\"pkce_enabled\": false", 0, NULL, NULL},
	    {"\"pkce_enabled\": \"true\"", WRONG, "2:17", "must be true or false"},
	    {"\"email_claim_name\": \"mail\"", 0, NULL, NULL},
	    {"\"email_claim_name\": false", WRONG, "2:21", "must be a string"},
	    {"\"prompt\": \"login\"", 0, NULL, NULL},
	    {"\"prompt\": \"\"", 0, NULL, NULL},
	    {"\"prompt\": \"a\\nb\"", WRONG, "2:11", "control character"},
	    {"\"prompt\": [\"login\"]", WRONG, "2:11", "must be a string"},
	    {"\"redirect_url\": \"https://a.example\"", WRONG, "2:1", "is an unknown key"},
	    {"\"okta_account\": \"x\"", WRONG, "2:1", "\"config.okta_account\" is an unknown"},
	    {"\"client_secert\": \"x\"", WRONG, "2:1", "is \"client_secret\" meant?"},
	};
	static const struct row clients[] = {
	    {"\"client_id\": \"\"", WRONG, "2:14", "must not be empty"},
	    {"\"client_id\": \"a\\nb\"", WRONG, "2:14", "control character"},
	    {"\"client_id\": \"\xc3\xa9\"", WRONG, "2:14", "printable ASCII"},
	    {"\"client_id\": 5", WRONG, "2:14", "must be a string"},
	};
	(void)state;
	ROWS("{\"config\": {" CLIENT ", " CERTS ",", rows, "}}");
	ROWS("{\"config\": {" CERTS ",", clients, "}}");
}

static void no_fault_quotes_a_value(void **state)
{
	static const char *const texts[] = {
	    "{\"config\": {\"client_secret\": \"h\xc3\xa9imlich\"}}",
	    "{\"config\": {\"client_id\": \"heimlich\", \"certs_url\": \"heimlich\"}}",
	    "{\"config\": {\"client_secret\": \"heimlich\", \"client_secret\": \"heimlich\"}}",
	    "{\"config\": {\"client_secret\": \"heimlich}}",
	    "{\"type\": \"heimlich\", " CLOUD "}",
	    "{" CLOUD ", \"login\": {\"flows\": [\"heimlich\"]}}",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct config *config = NULL;
		struct reason reason = {.detail = ""};
		assert_int_equal(parse(texts[i], &config, &reason), RESULT_CONFIG);
		assert_null(strstr(reason.detail, "imlich"));
	}
}

static void addresses(void **state)
{
	char *longest = mint_text("\"https://a.example/%*s\"", CONFIG_URL_MAX - 18, "x");
	static const struct row rows[] = {
	    {"\"https://a.example\"", 0, NULL, NULL},
	    {"\"https://a.example:8443/x/y\"", 0, NULL, NULL},
	    {"\"https://127.0.0.1:1/\"", 0, NULL, NULL},
	    {"\"https://[::1]:443/\"", 0, NULL, NULL},
	    {"\"https://localhost\"", 0, NULL, NULL},
	    {"\"HTTPS://a.example\"", WRONG, "2:1", "begin with https://"},
	    {"\"//a.example\"", WRONG, "2:1", "begin with https://"},
	    {"\"https:/a.example\"", WRONG, "2:1", "begin with https://"},
	    {"\"http://a.example\"", WRONG, "2:1", "begin with https://"},
	    {"\"file:///etc/passwd\"", WRONG, "2:1", "begin with https://"},
	    {"\"\"", WRONG, "2:1", "must not be empty"},
	    {"\"https://\"", WRONG, "2:1", "names no host"},
	    {"\"https:///x\"", WRONG, "2:1", "names no host"},
	    {"\"https://.example\"", WRONG, "2:1", "names no host"},
	    {"\"https://a..example\"", WRONG, "2:1", "names no host"},
	    {"\"https://a.example.\"", WRONG, "2:1", "names no host"},
	    {"\"https://-a.example\"", WRONG, "2:1", "names no host"},
	    {"\"https://a_b.example\"", WRONG, "2:1", "names no host"},
	    {"\"https://[]\"", WRONG, "2:1", "names no host"},
	    {"\"https://[::1\"", WRONG, "2:1", "names no host"},
	    {"\"https://[x]/\"", WRONG, "2:1", "names no host"},
	    {"\"https://[::1]x/\"", WRONG, "2:1", "no valid port"},
	    {"\"https://a.example:\"", WRONG, "2:1", "no valid port"},
	    {"\"https://a.example:0\"", WRONG, "2:1", "no valid port"},
	    {"\"https://a.example:65536\"", WRONG, "2:1", "no valid port"},
	    {"\"https://a.example:+1\"", WRONG, "2:1", "no valid port"},
	    {"\"https://a.example:1:2\"", WRONG, "2:1", "no valid port"},
	    {"\"https://user@a.example\"", WRONG, "2:1", "user name or password"},
	    {"\"https://u:p@a.example/\"", WRONG, "2:1", "user name or password"},
	    {"\"https://a.example/x#y\"", WRONG, "2:1", "fragment"},
	    {"\"https://a.example?x=1\"", WRONG, "2:1", "must not have a query"},
	    {"\"https://a.example/ x\"", WRONG, "2:1", "a URL cannot hold"},
	    {"\"https://a.example/\\tx\"", WRONG, "2:1", "a URL cannot hold"},
	    {"\"https://a.example/\\u007f\"", WRONG, "2:1", "a URL cannot hold"},
	    {"\"https://a.example\\\\x\"", WRONG, "2:1", "a URL cannot hold"},
	    {"\"https://\xc3\xa9.example\"", WRONG, "2:1", "a URL cannot hold"},
	    {"\"https://<your domain>/\"", WRONG, "2:1", "placeholder"},
	};
	const struct row longer = {longest, WRONG, "2:1", "a URL cannot hold"};
	(void)state;
	ROWS("{" CLOUD ", \"endpoints\": {\"api_url\":", rows, "}}");
	check_row("{" CLOUD ", \"endpoints\": {\"api_url\":", &longer, "}}");
	char *too_long = mint_text("\"https://a.example/%*s\"", CONFIG_URL_MAX, "x");
	const struct row over = {too_long, WRONG, "2:1", "longer than 1024 bytes"};
	check_row("{" CLOUD ", \"endpoints\": {\"api_url\":", &over, "}}");
	free(too_long);
	free(longest);
}

static void endpoints_keys(void **state)
{
	static const struct row rows[] = {
	    {"\"issuer\": \"https://a.example/eu_x\"", 0, NULL, NULL},
	    {"\"issuer\": \"https://a.example/eu_x?y\"", WRONG, "2:11", "query"},
	    {"\"issuer\": 1", WRONG, "2:11", "must be a string"},
	    {"\"alternate_issuers\": []", 0, NULL, NULL},
	    {"\"alternate_issuers\": [\"https://a.example\"]", 0, NULL, NULL},
	    {"\"alternate_issuers\": [\"a.example\"]", WRONG, "2:23", "https://"},
	    {"\"alternate_issuers\": \"https://a\"", WRONG, "2:22", "array of strings"},
	    {"\"api_url\": \"http://a.example\"", WRONG, "2:12", "https://"},
	    {"\"provider\": \"cognito\"", 0, NULL, NULL},
	    {"\"provider\": \"google\"", WRONG, "2:13", "\"cognito\" or \"oidc\""},
	    {"\"provider\": null", WRONG, "2:13", "must be a string"},
	    {"\"provider\": \"oidc\"", WRONG, "2:13", "needs \"login.password_method\""},
	    {"\"device_authorization_url\": \"https://a.example\"", 0, NULL, NULL},
	    {"\"device_authorization_url\": \"http://a.example\"", WRONG, "2:29", "https://"},
	    {"\"device_authorization_url\": 1", WRONG, "2:29", "must be a string"},
	    {"\"device_dialect\": \"rfc8628\"", 0, NULL, NULL},
	    {"\"device_dialect\": \"aws-sample\"", 0, NULL, NULL},
	    {"\"device_dialect\": \"google\"", WRONG, "2:19", "\"rfc8628\" or \"aws-sample\""},
	    {"\"device_dialect\": true", WRONG, "2:19", "must be a string"},
	    {"\"redirect_uri\": \"http://localhost:8400/callback\"", 0, NULL, NULL},
	    {"\"redirect_uri\": \"http://127.0.0.1/\"", 0, NULL, NULL},
	    {"\"redirect_uri\": \"http://[::1]:1?x=y\"", 0, NULL, NULL},
	    {"\"redirect_uri\": \"http://localhost\"", 0, NULL, NULL},
	    {"\"redirect_uri\": \"https://a.example/callback.html\"", 0, NULL, NULL},
	    {"\"redirect_uri\": \"http://a.example/\"", WRONG, "2:17", "http://localhost"},
	    {"\"redirect_uri\": \"http://localhost.a.example/\"", WRONG, "2:17",
		"http://localhost"},
	    {"\"redirect_uri\": \"http://localhost@a.example/\"", WRONG, "2:17",
		"http://localhost"},
	    {"\"redirect_uri\": \"http://localhost:a/\"", WRONG, "2:17", "port"},
	    {"\"redirect_uri\": \"http://localhost/#x\"", WRONG, "2:17", "fragment"},
	    {"\"redirect_uri\": \"app://x\"", WRONG, "2:17", "https://"},
	    {"\"redirect_uri\": \"\"", WRONG, "2:17", "empty"},
	    {"\"client_auth\": \"basic\"", 0, NULL, NULL},
	    {"\"client_auth\": \"body\"", 0, NULL, NULL},
	    {"\"client_auth\": \"none\"", WRONG, "2:16", "\"basic\" or \"body\""},
	    {"\"client_auth\": null", WRONG, "2:16", "must be a string"},
	    {"\"redirect_uri\": []", WRONG, "2:17", "must be a string"},
	    {"\"revocation_url\": \"https://a.example\"", 0, NULL, NULL},
	    {"\"revocation_url\": \"http://a.example\"", WRONG, "2:19", "https://"},
	    {"\"revocation_url\": null", WRONG, "2:19", "must be a string"},
	    {"\"jwks_uri\": \"https://a.example\"", WRONG, "2:1", "is an unknown key"},
	};
	(void)state;
	ROWS("{" CLOUD ", \"endpoints\": {", rows, "}}");
}

static void login_keys(void **state)
{
	static const struct row rows[] = {
	    {"\"flows\": [\"password\"]", 0, NULL, NULL},
	    {"\"flows\": []", WRONG, "2:10", "at least one flow"},
	    {"\"flows\": [\"device\"]", WRONG, "1:1", "needs it"},
	    {"\"flows\": [\"password\", \"browser\"]", WRONG, "1:12",
		"\"config.auth_url\" is missing"},
	    {"\"flows\": [\"passwd\"]", WRONG, "2:11", "must be \"password\""},
	    {"\"flows\": [\"password\", \"password\"]", WRONG, "2:23", "twice"},
	    {"\"flows\": \"password\"", WRONG, "2:10", "array of strings"},
	    {"\"flows\": [null]", WRONG, "2:11", "must be a string"},
	    {"\"password_method\": \"srp\"", 0, NULL, NULL},
	    {"\"password_method\": \"password\"", 0, NULL, NULL},
	    {"\"password_method\": \"ropc\"", WRONG, "1:12", "\"config.token_url\" is missing"},
	    {"\"password_method\": \"choice\"", 0, NULL, NULL},
	    {"\"password_method\": \"\"", WRONG, "2:20", "must be \"srp\""},
	    {"\"password_method\": 1", WRONG, "2:20", "must be a string"},
	    {"\"leeway\": 0", 0, NULL, NULL},
	    {"\"leeway\": 300", 0, NULL, NULL},
	    {"\"leeway\": 301", WRONG, "2:11", "whole number from 0 to 300"},
	    {"\"leeway\": -1", WRONG, "2:11", "from 0 to 300"},
	    {"\"leeway\": 1.5", WRONG, "2:11", "whole number"},
	    {"\"leeway\": 1e1", WRONG, "2:11", "whole number"},
	    {"\"leeway\": 18446744073709551646", WRONG, "2:11", "from 0 to 300"},
	    {"\"leeway\": \"30\"", WRONG, "2:11", "must be a number"},
	    {"\"otp_append\": false", 0, NULL, NULL},
	    {"\"otp_append\": true", 0, NULL, NULL},
	    {"\"otp_append\": 0", WRONG, "2:15", "true or false"},
	    {"\"recheck\": 0", 0, NULL, NULL},
	    {"\"recheck\": 86400", 0, NULL, NULL},
	    {"\"recheck\": 86401", WRONG, "2:12", "whole number from 0 to 86400"},
	    {"\"recheck\": -1", WRONG, "2:12", "from 0 to 86400"},
	    {"\"recheck\": \"5\"", WRONG, "2:12", "must be a number"},
	    {"\"stale_ok\": 0", 0, NULL, NULL},
	    {"\"stale_ok\": 604800", 0, NULL, NULL},
	    {"\"stale_ok\": 604801", WRONG, "2:13", "from 0 to 604800"},
	    {"\"stale_ok\": false", WRONG, "2:13", "must be a number"},
	    {"\"ticket_lifetime\": 1", 0, NULL, NULL},
	    {"\"ticket_lifetime\": 2592000", 0, NULL, NULL},
	    {"\"ticket_lifetime\": 0", WRONG, "2:20", "from 1 to 2592000"},
	    {"\"ticket_lifetime\": 2592001", WRONG, "2:20", "from 1 to 2592000"},
	    {"\"ticket_lifetime\": null", WRONG, "2:20", "must be a number"},
	    {"\"keep_refresh_token\": true", 0, NULL, NULL},
	    {"\"keep_refresh_token\": false", 0, NULL, NULL},
	    {"\"keep_refresh_token\": \"no\"", WRONG, "2:23", "true or false"},
	    {"\"leewai\": 3", WRONG, "2:1", "is \"leeway\" meant?"},
	};
	(void)state;
	ROWS("{" CLOUD ", \"login\": {", rows, "}}");
}

static void users_keys(void **state)
{
	static const struct row rows[] = {
	    {"\"claim\": \"sub\"", 0, NULL, NULL},
	    {"\"claim\": \"cognito:groups\"", 0, NULL, NULL},
	    {"\"claim\": \"email\"", WRONG, "2:10", "users may be able to edit"},
	    {"\"claim\": \"custom:uid\"", WRONG, "2:10", "\"mutable_ok\": true"},
	    {"\"claim\": \"email\", \"mutable_ok\": false", WRONG, "2:10", "mutable_ok"},
	    {"\"claim\": \"email\", \"mutable_ok\": true", 0, NULL, NULL},
	    {"\"claim\": \"\"", WRONG, "2:10", "must not be empty"},
	    {"\"claim\": [\"sub\"]", WRONG, "2:10", "must be a string"},
	    {"\"strip_suffix\": \"@example.com\"", 0, NULL, NULL},
	    {"\"strip_suffix\": \"@Example.com\"", 0, NULL, NULL},
	    {"\"lowercase\": true, \"strip_suffix\": \"@Example.com\"", WRONG, "2:36",
		"capital letters"},
	    {"\"strip_suffix\": 1", WRONG, "2:17", "must be a string"},
	    {"\"lowercase\": \"yes\"", WRONG, "2:14", "true or false"},
	    {"\"mutable_ok\": 1", WRONG, "2:15", "true or false"},
	    {"\"map\": []", WRONG, "2:8", "must be an object"},
	    {"\"maps\": {}", WRONG, "2:1", "is \"map\" meant?"},
	};
	(void)state;
	ROWS("{" CLOUD ", \"users\": {", rows, "}}");
}

static void map_entries(void **state)
{
	char *login128 = mint_text("\"a\": {\"sub\": \"1\", \"login\": \"%0128d\"}", 0);
	char *login129 = mint_text("\"a\": {\"sub\": \"1\", \"login\": \"%0129d\"}", 0);
	static const struct row rows[] = {
	    {"", 0, NULL, NULL},
	    {"\"a\": {\"sub\": \"1\"}", 0, NULL, NULL},
	    {"\"a\": {\"sub\": \"1\", \"email_verified\": true, \"login\": \"a@b\"}", 0, NULL,
		NULL},
	    {"\"a\": {\"email\": \"a@b\"}", 0, NULL, NULL},
	    {"\"a\": {}", WRONG, "2:6", "\"users.map.a\" needs a condition"},
	    {"\"a\": {\"login\": \"x\"}", WRONG, "2:6", "needs a condition"},
	    {"\"a\": \"x\"", WRONG, "2:6", "must be an object"},
	    {"\"a\": {\"sub\": 1}", WRONG, "2:14",
		"\"users.map.a.sub\" must be a string, true"},
	    {"\"a\": {\"sub\": null}", WRONG, "2:14", "must be a string"},
	    {"\"a\": {\"sub\": [\"1\"]}", WRONG, "2:14", "must be a string"},
	    {"\"a\": {\"sub\": \"\"}", WRONG, "2:14", "must not be empty"},
	    {"\"a\": {\"\": \"1\"}", WRONG, "2:7", "a claim without a name"},
	    {"\"a\": {\"sub\": \"1\", \"login\": \"\"}", WRONG, "2:28", "must not be empty"},
	    {"\"a\": {\"sub\": \"1\", \"login\": true}", WRONG, "2:28", "must be a string"},
	    {"\"a\": {\"sub\": \"1\", \"login\": \"a\\u0001\"}", WRONG, "2:28", "control"},
	    {"\"\": {\"sub\": \"1\"}", WRONG, "2:1", "no local user name"},
	    {"\"-a\": {\"sub\": \"1\"}", WRONG, "2:1", "no local user name"},
	    {"\"a:b\": {\"sub\": \"1\"}", WRONG, "2:1", "no local user name"},
	    {"\"a b\": {\"sub\": \"1\"}", WRONG, "2:1", "no local user name"},
	    {"\"a/b\": {\"sub\": \"1\"}", WRONG, "2:1", "no local user name"},
	    {"\"A.b-c_d$\": {\"sub\": \"1\"}", 0, NULL, NULL},
	    {"\"a\": {\"sub\": \"1\"}, \"b\": {\"sub\": \"2\"}", 0, NULL, NULL},
	    {"\"a\": {\"sub\": \"1\"}, \"b\": {\"sub\": \"1\"}", WRONG, "2:20",
		"\"users.map.b\" has the same conditions as \"a\""},
	    {"\"a\": {\"sub\": \"1\", \"login\": \"x\"}, \"b\": {\"login\": \"y\", \"sub\": "
	     "\"1\"}",
		WRONG, "2:34", "same conditions"},
	    {"\"a\": {\"sub\": \"1\", \"x\": true}, \"b\": {\"x\": true, \"sub\": \"1\"}",
		WRONG, "2:31", "same conditions"},
	    {"\"a\": {\"sub\": \"1\", \"x\": true}, \"b\": {\"x\": false, \"sub\": \"1\"}", 0,
		NULL, NULL},
	    {"\"a\": {\"sub\": \"1\"}, \"b\": {\"x\": true, \"sub\": \"1\"}", WRONG, "2:20",
		"\"users.map.b\" can be the same person as \"a\""},
	    {"\"a\": {\"sub\": \"1\", \"x\": \"u\"}, \"b\": {\"y\": \"v\", \"sub\": \"1\", "
	     "\"login\": \"w\"}",
		WRONG, "2:30", "the same person as \"a\""},
	    {"\"a\": {\"sub\": \"1\", \"login\": \"v\"}, \"b\": {\"sub\": \"1\", \"x\": "
	     "true, \"login\": \"w\"}",
		WRONG, "2:34", "the same person as \"a\""},
	    {"\"c\": {\"sub\": \"2\"}, \"a\": {\"sub\": \"1\", \"x\": \"true\"}, \"b\": "
	     "{\"sub\": \"1\", \"x\": true}, \"d\": {\"x\": true}",
		0, NULL, NULL},
	    {"\"a\": {\"sub\": \"1\", \"x\": true}, \"b\": {\"sub\": \"1\", \"x\": false}, "
	     "\"c\": {\"sub\": \"1\", \"y\": true}",
		WRONG, "2:62", "\"users.map.c\" can be the same person as \"a\""},
	};
	char *name256 = mint_text("\"%0256d\": {\"sub\": \"1\"}", 0);
	char *name257 = mint_text("\"%0257d\": {\"sub\": \"1\"}", 0);
	const struct row longest = {name256, 0, NULL, NULL};
	const struct row longer = {name257, WRONG, "2:1", "1 to 256 bytes"};
	const struct row most = {login128, 0, NULL, NULL};
	const struct row more = {login129, WRONG, "2:28", "longer than 128 characters"};
	(void)state;
	ROWS("{" CLOUD ", \"users\": {\"map\": {", rows, "}}}");
	check_row("{" CLOUD ", \"users\": {\"map\": {", &most, "}}}");
	check_row("{" CLOUD ", \"users\": {\"map\": {", &more, "}}}");
	check_row("{" CLOUD ", \"users\": {\"map\": {", &longest, "}}}");
	check_row("{" CLOUD ", \"users\": {\"map\": {", &longer, "}}}");
	free(name256);
	free(name257);
	free(login128);
	free(login129);
}

static void map_entries_are_found_by_exact_bytes(void **state)
{
	struct config *config =
	    load("{" CLOUD
		 ", \"users\": {\"map\": {\"alice\": {\"sub\": \"1\", \"login\": \"a@b\"}, "
		 "\"bob\": {\"sub\": \"2\"}}}}");
	const struct config_map_entry *alice = config_map_find(config, "alice");
	(void)state;
	assert_non_null(alice);
	assert_string_equal(alice->local_name, "alice");
	assert_string_equal(alice->login, "a@b");
	assert_string_equal(json_member_string(alice->conditions, "sub"), "1");
	assert_null(config_map_find(config, "bob")->login);
	assert_null(config_map_find(config, "Alice"));
	assert_null(config_map_find(config, "alic"));
	assert_null(config_map_find(config, ""));
	config_free(config);
}

static void rule_keys(void **state)
{
	static const struct row rows[] = {
	    {"{\"groups\": [\"g\"]}", 0, NULL, NULL},
	    {"{\"anyone\": true}", 0, NULL, NULL},
	    {"{\"name\": \"n\", \"effect\": \"allow\", \"services\": [\"s*\"], "
	     "\"groups\": [\"g\", \"h\"]}",
		0, NULL, NULL},
	    {"1", WRONG, "2:1", "\"rules[0]\" must be an object"},
	    {"{}", WRONG, "2:1", "\"rules[0]\" has no condition on the person"},
	    {"{\"services\": [\"sshd\"]}", WRONG, "2:1", "say \"anyone\": true"},
	    {"{\"anyone\": false}", WRONG, "2:12", "can only be true"},
	    {"{\"anyone\": false, \"groups\": [\"g\"]}", WRONG, "2:12", "can only be true"},
	    {"{\"anyone\": 1}", WRONG, "2:12", "true or false"},
	    {"{\"groups\": [\"g\"], \"anyone\": true}", WRONG, "2:19", "contradicts"},
	    {"{\"groups\": []}", WRONG, "2:12", "\"rules[0].groups\" must not be empty"},
	    {"{\"groups\": [\"\"]}", WRONG, "2:13", "must not be empty"},
	    {"{\"groups\": \"g\"}", WRONG, "2:12", "array of strings"},
	    {"{\"groups\": [1]}", WRONG, "2:13", "\"rules[0].groups[0]\" must be a string"},
	    {"{\"anyone\": true, \"services\": []}", WRONG, "2:30", "must not be empty"},
	    {"{\"anyone\": true, \"services\": [\"\"]}", WRONG, "2:31", "must not be empty"},
	    {"{\"anyone\": true, \"services\": \"sshd\"}", WRONG, "2:30", "array of strings"},
	    {"{\"anyone\": true, \"name\": \"\"}", WRONG, "2:26", "must not be empty"},
	    {"{\"anyone\": true, \"name\": 1}", WRONG, "2:26", "must be a string"},
	    {"{\"effect\": \"deny\"}", 0, NULL, NULL},
	    {"{\"anyone\": true, \"effect\": \"deny\"}", 0, NULL, NULL},
	    {"{\"groups\": [\"g\"], \"effect\": \"deny\"}", 0, NULL, NULL},
	    {"{\"effect\": \"deny\", \"anyone\": true, \"users\": [\"u\"]}", WRONG, "2:20",
		"\"rules[0].anyone\" contradicts \"users\""},
	    {"{\"anyone\": true, \"effect\": \"Allow\"}", WRONG, "2:28", "must be \"allow\""},
	    {"{\"anyone\": true, \"effect\": \"\"}", WRONG, "2:28", "must be \"allow\""},
	    {"{\"anyone\": true, \"effect\": true}", WRONG, "2:28", "must be a string"},
	    {"{\"hosts\": [\"h\"]}", WRONG, "2:1", "has no condition on the person"},
	    {"{\"anyone\": true, \"hosts\": [\"web-*\", \"db?.example\"]}", 0, NULL, NULL},
	    {"{\"hosts\": \"h\"}", WRONG, "2:11", "array of strings"},
	    {"{\"hosts\": [\"\"]}", WRONG, "2:12", "must not be empty"},
	    {"{\"hosts\": [\"h\", \"Prod-*\"]}", WRONG, "2:17",
		"\"rules[0].hosts[1]\" has a capital letter"},
	    {"{\"hosts\": []}", WRONG, "2:11", "\"rules[0].hosts\" must not be empty"},
	    {"{\"users\": [\"u*\"]}", 0, NULL, NULL},
	    {"{\"users\": [1]}", WRONG, "2:12", "must be a string"},
	    {"{\"users\": [\"\"]}", WRONG, "2:12", "must not be empty"},
	    {"{\"users\": []}", WRONG, "2:11", "must not be empty"},
	    {"{\"users\": [\"u\"], \"anyone\": true}", WRONG, "2:18", "contradicts \"users\""},
	    {"{\"all_groups\": [\"g\", \"h\"]}", 0, NULL, NULL},
	    {"{\"all_groups\": 1}", WRONG, "2:16", "array of strings"},
	    {"{\"all_groups\": []}", WRONG, "2:16", "must not be empty"},
	    {"{\"all_groups\": [\"\"]}", WRONG, "2:17", "must not be empty"},
	    {"{\"all_groups\": [\"g\"], \"anyone\": true}", WRONG, "2:23", "\"all_groups\""},
	    {"{\"claims\": {\"a\": [\"b\"]}}", 0, NULL, NULL},
	    {"{\"claims\": {\"a/b\": [\"c\", true, false]}, \"groups\": [\"g\"]}", 0, NULL,
		NULL},
	    {"{\"claims\": {\"a\": [\"b\"]}, \"anyone\": true}", WRONG, "2:26", "\"claims\""},
	    {"{\"claims\": []}", WRONG, "2:12", "must be an object"},
	    {"{\"claims\": {}}", WRONG, "2:12", "\"rules[0].claims\" must not be empty"},
	    {"{\"claims\": {\"a\": \"b\"}}", WRONG, "2:18",
		"\"rules[0].claims.a\" must be an array of strings, true or false"},
	    {"{\"claims\": {\"a\": true}}", WRONG, "2:18", "must be an array"},
	    {"{\"claims\": {\"a\": []}}", WRONG, "2:18", "must not be empty"},
	    {"{\"claims\": {\"a\": [\"b\", 1]}}", WRONG, "2:24",
		"\"rules[0].claims.a[1]\" must be a string, true or false"},
	    {"{\"claims\": {\"a\": [null]}}", WRONG, "2:19", "must be a string, true or"},
	    {"{\"claims\": {\"a\": [[\"b\"]]}}", WRONG, "2:19", "must be a string, true or"},
	    {"{\"claims\": {\"a\": [\"\"]}}", WRONG, "2:19", "must not be empty"},
	    {"{\"claims\": {\"\": [\"b\"]}}", WRONG, "2:13", "must not be empty"},
	    {"{\"claims\": {\"a\\n\": [\"b\"]}}", WRONG, "2:13", "control character"},
	    {"{\"max_auth_age\": 5}", WRONG, "2:1", "has no condition on the person"},
	    {"{\"anyone\": true, \"max_auth_age\": 0}", 0, NULL, NULL},
	    {"{\"anyone\": true, \"max_auth_age\": 999999999}", 0, NULL, NULL},
	    {"{\"max_auth_age\": 1000000000}", WRONG, "2:18", "from 0 to 999999999"},
	    {"{\"max_auth_age\": -1}", WRONG, "2:18", "from 0 to 999999999"},
	    {"{\"max_auth_age\": 5.0}", WRONG, "2:18", "whole number"},
	    {"{\"max_auth_age\": \"5\"}", WRONG, "2:18", "must be a number"},
	    {"{\"max_auth_age\": 5, \"effect\": \"deny\"}", WRONG, "2:2",
		"\"rules[0].max_auth_age\" cannot stand in a rule that denies"},
	    {"{\"require_mfa\": true}", WRONG, "2:1", "has no condition on the person"},
	    {"{\"groups\": [\"g\"], \"require_mfa\": false}", 0, NULL, NULL},
	    {"{\"require_mfa\": 1}", WRONG, "2:17", "true or false"},
	    {"{\"effect\": \"deny\", \"require_mfa\": true}", WRONG, "2:20", "that denies"},
	    {"{\"effect\": \"deny\", \"require_mfa\": false}", WRONG, "2:20", "that denies"},
	    {"{\"effect\": \"deny\", \"grant\": [\"video\"]}", WRONG, "2:20",
		"\"rules[0].grant\" cannot stand in a rule that denies"},
	    {"{\"grant\": [\"video\"]}", WRONG, "2:1", "has no condition on the person"},
	    {"{\"anyone\": true, \"grant\": [\"video\", \"dom users\"]}", WRONG, "2:37",
		"\"rules[0].grant[1]\" is no name of a local group"},
	    {"{\"anyone\": true, \"grant\": [\"a,b\"]}", WRONG, "2:28", "no name of a local"},
	    {"{\"anyone\": true, \"grant\": [\"-a\"]}", WRONG, "2:28", "no name of a local"},
	    {"{\"anyone\": true, \"grant\": [\"*\"]}", WRONG, "2:28", "no name of a local"},
	    {"{\"anyone\": true, \"grant\": [\"\"]}", WRONG, "2:28", "no name of a local"},
	    {"{\"anyone\": true, \"grant\": [1]}", WRONG, "2:28", "must be a string"},
	    {"{\"anyone\": true, \"grant\": []}", WRONG, "2:27",
		"\"rules[0].grant\" must not be empty"},
	    {"{\"grant\": {}}", WRONG, "2:11", "array of strings"},
	    {"{\"group\": [\"g\"]}", WRONG, "2:2", "is \"groups\" meant?"},
	    {"{\"anyone\": true}, {\"groups\": [\"g\"], \"host\": 1}", WRONG, "2:37",
		"\"rules[1].host\" is an unknown key; is \"hosts\" meant?"},
	    {"{\"anyone\": true, \"name\": \"a\"}, {\"anyone\": true, \"name\": \"a\"}", WRONG,
		"2:57", "\"rules[1].name\" is the name of an earlier rule"},
	    {"{\"anyone\": true, \"name\": \"rule 2\"}, {\"anyone\": true}", WRONG, "2:37",
		"name of an earlier rule"},
	};
	(void)state;
	ROWS("{" CLOUD ", \"rules\": [", rows, "]}");
}

static void rules_keep_their_order_and_get_names(void **state)
{
	struct config *config =
	    load("{" CLOUD ", \"rules\": [{\"groups\": [\"g\"], \"services\": [\"sshd\"]}, "
		 "{\"name\": \"all\", \"anyone\": true}, {\"groups\": [\"h\"]}]}");
	(void)state;
	assert_int_equal(config->rules_len, 3);
	assert_string_equal(config->rules[0].name, "rule 1");
	assert_int_equal(config->rules[0].services.len, 1);
	assert_int_equal(config->rules[0].groups.len, 1);
	assert_string_equal(config->rules[0].services.items[0], "sshd");
	assert_string_equal(config->rules[1].name, "all");
	assert_true(config->rules[1].anyone && config->rules[1].groups.len == 0);
	assert_string_equal(config->rules[2].name, "rule 3");
	config_free(config);
}

static void what_a_rule_says_arrives(void **state)
{
	struct config *config = load(
	    "{" CLOUD ", \"rules\": [{\"anyone\": true}, {\"effect\": \"deny\", \"hosts\": "
	    "[\"h1\", \"h2\"], \"users\": [\"u\"], \"all_groups\": [\"g\"], \"claims\": "
	    "{\"a/b\": [true, \"x\"], \"c\": [\"y\"]}}, {\"users\": [\"v\"], "
	    "\"max_auth_age\": 7, \"require_mfa\": true, \"effect\": \"allow\", "
	    "\"grant\": [\"video\", \"domain-users@EX.org\"]}]}");
	const struct config_rule *rule = config->rules;
	(void)state;
	assert_false(rule->is_deny || rule->require_mfa);
	assert_int_equal(rule->max_auth_age, -1);
	assert_int_equal(rule->claims_len, 0);
	rule++;
	assert_true(rule->is_deny);
	assert_string_equal(rule->hosts.items[1], "h2");
	assert_string_equal(rule->users.items[0], "u");
	assert_string_equal(rule->all_groups.items[0], "g");
	assert_int_equal(rule->claims_len, 2);
	assert_string_equal(rule->claims[0].name, "a/b");
	assert_int_equal(rule->claims[0].steps.len, 2);
	assert_string_equal(rule->claims[0].steps.items[1], "b");
	assert_true(json_is_true(rule->claims[0].accepted));
	assert_int_equal(rule->claims[1].steps.len, 0);
	assert_string_equal(json_string(rule->claims[1].accepted), "y");
	rule++;
	assert_true(!rule->is_deny && rule->require_mfa);
	assert_int_equal(rule->max_auth_age, 7);
	assert_int_equal(rule->grant.len, 2);
	assert_string_equal(rule->grant.items[1], "domain-users@EX.org");
	config_free(config);
}

static void network_keys(void **state)
{
	static const struct row rows[] = {
	    {"\"ca_path\": \"/etc/pki\"", 0, NULL, NULL},
	    {"\"ca_path\": \"certs\"", WRONG, "2:12", "absolute path"},
	    {"\"ca_path\": \"\"", WRONG, "2:12", "absolute path"},
	    {"\"ca_path\": null", WRONG, "2:12", "must be a string"},
	    {"\"ca_file\": \"/etc/ca.pem\"", 0, NULL, NULL},
	    {"\"ca_file\": \"\"", 0, NULL, NULL},
	    {"\"ca_file\": \"ca.pem\"", WRONG, "2:12", "absolute path"},
	    {"\"ca_file\": 1", WRONG, "2:12", "must be a string"},
	    {"\"proxy\": \"\"", 0, NULL, NULL},
	    {"\"proxy\": \"http://proxy.example:3128\"", 0, NULL, NULL},
	    {"\"proxy\": \"http://proxy.example\"", WRONG, "2:10", "http://host:port"},
	    {"\"proxy\": \"http://proxy.example:3128/\"", WRONG, "2:10", "http://host:port"},
	    {"\"proxy\": \"https://proxy.example:3128\"", WRONG, "2:10", "http://host:port"},
	    {"\"proxy\": \"socks5://proxy.example:1080\"", WRONG, "2:10", "http://host:port"},
	    {"\"proxy\": \"http://u:p@proxy.example:3128\"", WRONG, "2:10", "user name"},
	    {"\"proxy\": false", WRONG, "2:10", "must be a string"},
	    {"\"connect_timeout\": 1", 0, NULL, NULL},
	    {"\"connect_timeout\": 60", 0, NULL, NULL},
	    {"\"connect_timeout\": 0", WRONG, "2:20", "from 1 to 60"},
	    {"\"connect_timeout\": 61", WRONG, "2:20", "from 1 to 60"},
	    {"\"connect_timeout\": \"5\"", WRONG, "2:20", "must be a number"},
	    {"\"request_timeout\": 60", 0, NULL, NULL},
	    {"\"request_timeout\": 00", WRONG, "2:20", "leading zero"},
	    {"\"request_timeout\": 0.5", WRONG, "2:20", "whole number from 1 to 60"},
	    {"\"request_timeout\": null", WRONG, "2:20", "must be a number"},
	};
	(void)state;
	ROWS("{" CLOUD ", \"network\": {", rows, "}}");
}

struct derived {
	const char *certs, *endpoints; /* endpoints: members, with a comma before */
	const char *issuer, *alternate, *api, *pool;
};

static void check_derived(const struct derived *row)
{
	char *text =
	    mint_text("{\"config\": {" CLIENT ", \"token_url\": \"https://t.example\", "
		      "\"certs_url\": \"%s\"}, \"endpoints\": {%s}, "
		      "\"login\": {\"password_method\": \"%s\"}}",
		row->certs, row->endpoints, row->pool != NULL ? "srp" : "ropc");
	struct config *config = load(text);
	const char *alternate = config->alternate_issuers.items[0];
	assert_string_equal(config->issuer, row->issuer);
	assert_true(
	    row->alternate == NULL ? alternate == NULL : streq(alternate, row->alternate));
	assert_true(
	    row->api == NULL ? config->api_url == NULL : streq(config->api_url, row->api));
	assert_true(row->pool == NULL || streq(config->pool_name, row->pool));
	config_free(config);
	free(text);
}

static void endpoints_are_derived(void **state)
{
	static const struct derived rows[] = {
	    {ISSUER JWKS, "", ISSUER, UPDATED, HOST "/", "AbCdEf123"},
	    {UPDATED JWKS, "", UPDATED, ISSUER, HOST "/", "AbCdEf123"},
	    {ISSUER JWKS, "\"alternate_issuers\": []", ISSUER, NULL, HOST "/", "AbCdEf123"},
	    {ISSUER JWKS, "\"alternate_issuers\": [\"https://x.example\"]", ISSUER,
		"https://x.example", HOST "/", "AbCdEf123"},
	    {"https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_X" JWKS, "",
		"https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_X",
		"https://issuer-cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_X",
		"https://cognito-idp.cn-north-1.amazonaws.com.cn/", "X"},
	    {"https://cognito-idp.eu-west-1.test:8443/eu-west-9_X" JWKS, "",
		"https://cognito-idp.eu-west-1.test:8443/eu-west-9_X",
		"https://issuer-cognito-idp.eu-west-1.test:8443/eu-west-9_X",
		"https://cognito-idp.eu-west-1.test:8443/", "X"},
	    {"https://127.0.0.1:8443/eu-west-1_X_Y" JWKS, "",
		"https://127.0.0.1:8443/eu-west-1_X_Y", NULL, "https://127.0.0.1:8443/", "X_Y"},
	    {"https://cognito-idp-fips.us-east-1.amazonaws.com/us-east-1_X" JWKS, "",
		"https://cognito-idp-fips.us-east-1.amazonaws.com/us-east-1_X", NULL,
		"https://cognito-idp-fips.us-east-1.amazonaws.com/", "X"},
	    {"https://elsewhere.example/keys", "\"issuer\": \"" ISSUER "\"", ISSUER, UPDATED,
		HOST "/", "AbCdEf123"},
	    {ISSUER JWKS, "\"api_url\": \"https://api.example/idp\"", ISSUER, UPDATED,
		"https://api.example/idp/", "AbCdEf123"},
	    {ISSUER JWKS, "\"api_url\": \"https://api.example/\"", ISSUER, UPDATED,
		"https://api.example/", "AbCdEf123"},
	    {"https://op.example" JWKS, "\"provider\": \"oidc\"", "https://op.example", NULL,
		NULL, NULL},
	    {ISSUER JWKS, "\"provider\": \"oidc\"", ISSUER, NULL, NULL, NULL},
	    {"https://cognito-idp./x_y" JWKS, "\"issuer\": \"https://cognito-idp.x/a_b\"",
		"https://cognito-idp.x/a_b", NULL, "https://cognito-idp.x/", "b"},
	};
	(void)state;
	for (size_t i = 0; i + 1 < sizeof(rows) / sizeof(rows[0]); i++)
		check_derived(&rows[i]);
}

#define AUTH "\"auth_url\": \"https://a.example/authorize"
#define TOKEN "\", \"token_url\": \"https://a.example/token\""

static void the_browser_flow_needs_its_addresses(void **state)
{
	static const struct row rows[] = {
	    {AUTH TOKEN, 0, NULL, NULL},
	    {AUTH "?identity_provider=Google&lang=de&x" TOKEN, 0, NULL, NULL},
	    {AUTH "?states=1&xscope=2" TOKEN, 0, NULL, NULL},
	    {AUTH "\"", WRONG, "1:43", "\"config.token_url\" is missing"},
	    {"\"token_url\": \"https://a.example/token\"", WRONG, "1:43",
		"\"config.auth_url\" is missing"},
	    {AUTH "?state=1" TOKEN, WRONG, "2:13", "has \"state\" in its query"},
	    {AUTH "?lang=de&prompt=none" TOKEN, WRONG, "2:13", "has \"prompt\" in its query"},
	    {AUTH "?scope" TOKEN, WRONG, "2:13", "has \"scope\" in its query"},
	    {AUTH "?a&redirect_uri=x&b" TOKEN, WRONG, "2:13",
		"which the flow \"browser\" sets"},
	};
	(void)state;
	ROWS("{\"login\":{\"flows\":[\"browser\"]}, \"config\": {" CLIENT ", " CERTS ",", rows,
	    "}}");
}

static void underivable_endpoints_are_told(void **state)
{
	static const struct row rows[] = {
	    {"\"https://a.example/keys\"", WRONG, "2:1", "name \"endpoints.issuer\""},
	    {"\"" ISSUER "/.well-known/jwks.json/\"", WRONG, "2:1", "endpoints.issuer"},
	    {"\"" HOST "/eu-west-2_X" JWKS "\"", WRONG, "2:1", "another region"},
	    {"\"" HOST "/pool" JWKS "\"", WRONG, "2:1", "another region"},
	    {"\"" HOST JWKS "\"", WRONG, "2:1", "another region"},
	    {"\"https://a.example/pool" JWKS "\"", WRONG, "1:1", "needs a pool id"},
	    {"\"https://a.example/pool_" JWKS "\"", WRONG, "1:1", "needs a pool id"},
	};
	(void)state;
	ROWS("{\"config\": {" CLIENT ", \"certs_url\":", rows, "}}");
}

static void a_named_issuer_may_be_of_another_region(void **state)
{
	struct config *config =
	    load("{\"config\": {" CLIENT ", \"certs_url\": \"" HOST "/us-east-1_X" JWKS
		 "\"}, \"endpoints\": {\"issuer\": \"" HOST "/us-east-1_X\"}}");
	(void)state;
	assert_string_equal(config->pool_name, "X");
	config_free(config);
}

static void other_providers_use_the_token_endpoint(void **state)
{
	static const char op[] =
	    "{\"config\": {" CLIENT ", \"certs_url\": \"https://op.example" JWKS
	    "\", \"token_url\": \"https://op.example/token\"}, "
	    "\"endpoints\": {\"provider\": \"oidc\"}, \"login\": {";
	static const struct row rows[] = {
	    {"\"password_method\": \"ropc\"", 0, NULL, NULL},
	    {"\"password_method\": \"srp\"", WRONG, "1:163", "is \"oidc\""},
	    {"\"password_method\": \"password\"", WRONG, "1:163", "\"ropc\""},
	};
	(void)state;
	ROWS(op, rows, "}}");
}

static void empty_texts_that_mean_none(void **state)
{
	struct config *config =
	    load("{\"config\": {" CLIENT ", " CERTS ", \"prompt\": \"\", \"email_claim_name\": "
		 "\"\"}, \"users\": {\"strip_suffix\": \"\"}, \"network\": {\"ca_file\": \"\", "
		 "\"proxy\": \"\"}}");
	(void)state;
	assert_null(config->prompt);
	assert_string_equal(config->email_claim_name, "email");
	assert_null(config->strip_suffix);
	assert_null(config->ca_file);
	assert_null(config->proxy);
	config_free(config);
}

static void values_arrive(void **state)
{
	struct config *config = load(
	    "{\"config\": {" CLIENT ", " CERTS ", \"prompt\": \"login\", \"pkce_enabled\": "
	    "false, \"email_claim_name\": \"mail\", \"token_url\": \"https://t.example/x\"}, "
	    "\"login\": {\"password_method\": \"ropc\", \"leeway\": 7, \"otp_append\": true}, "
	    "\"users\": {\"claim\": "
	    "\"mail\", \"mutable_ok\": true, \"lowercase\": true, \"strip_suffix\": \"@x\"}, "
	    "\"network\": {\"ca_path\": \"/p\", \"ca_file\": \"/f\", \"proxy\": "
	    "\"http://h:1\", \"connect_timeout\": 2, \"request_timeout\": 3}}");
	(void)state;
	assert_string_equal(config->prompt, "login");
	assert_false(config->pkce_enabled);
	assert_string_equal(config->email_claim_name, "mail");
	assert_int_equal(config->password_method, PASSWORD_ROPC);
	assert_int_equal(config->leeway, 7);
	assert_true(config->otp_append);
	assert_string_equal(config->users_claim, "mail");
	assert_true(config->mutable_ok && config->lowercase);
	assert_string_equal(config->strip_suffix, "@x");
	assert_string_equal(config->ca_path, "/p");
	assert_string_equal(config->ca_file, "/f");
	assert_string_equal(config->proxy, "http://h:1");
	assert_int_equal(config->connect_timeout, 2);
	assert_int_equal(config->request_timeout, 3);
	config_free(config);
}

static void what_a_ticket_may_arrives(void **state)
{
	struct config *config =
	    load("{" CLOUD ", \"login\": {\"recheck\": 0, \"stale_ok\": 7200, "
		 "\"ticket_lifetime\": 86400, \"keep_refresh_token\": false}}");
	(void)state;
	assert_int_equal(config->recheck, 0);
	assert_int_equal(config->stale_ok, 7200);
	assert_int_equal(config->ticket_lifetime, 86400);
	assert_false(config->keep_refresh_token);
	config_free(config);
}

static void where_a_token_is_revoked(void **state)
{
	static const struct {
		const char *token_url, *endpoints, *expected;
	} rows[] = {
	    {"https://a.example/oauth2/token", "", "https://a.example/oauth2/revoke"},
	    {"https://a.example/x/oauth2/token", "", "https://a.example/x/oauth2/revoke"},
	    {"https://a.example/oauth2/token/", "", NULL},
	    {"https://a.example/oauth2/token?x=y", "", NULL},
	    {"https://a.example/token", "", NULL},
	    {"https://a.example/token", "\"revocation_url\": \"https://b.example/end\"",
		"https://b.example/end"},
	    {"https://a.example/oauth2/token", "\"revocation_url\": \"https://b.example/end\"",
		"https://b.example/end"},
	    {"https://a.example/oauth2/token",
		"\"provider\": \"oidc\", \"api_url\": \"https://a.example\"", NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text =
		    mint_text("{\"config\": {" CLIENT ", " CERTS ", \"token_url\": \"%s\"}, "
			      "\"endpoints\": {%s}}",
			rows[i].token_url, rows[i].endpoints);
		struct config *config = load(text);
		if (rows[i].expected == NULL)
			assert_null(config->revocation_url);
		else
			assert_string_equal(config->revocation_url, rows[i].expected);
		config_free(config);
		free(text);
	}
}

static void a_full_file_of_rules_and_names_is_read(void **state)
{
	struct buffer text = BUFFER_INIT(CONFIG_TEXT_MAX);
	(void)state;
	buffer_append_text(&text, "{" CLOUD ", \"rules\": [");
	for (int i = 0; i < 1000; i++)
		assert_int_equal(
		    buffer_append_format(
			&text, "%s{\"name\":\"r%d\",\"groups\":[\"g\"]}", i > 0 ? "," : "", i),
		    0);
	buffer_append_text(&text, "], \"users\": {\"map\": {");
	for (int i = 0; i < 1000; i++)
		assert_int_equal(buffer_append_format(&text, "%s\"u%d\":{\"sub\":\"%d\"}",
				     i > 0 ? "," : "", i, i),
		    0);
	buffer_append_text(&text, "}}}");
	struct config *config = load(buffer_text(&text));
	assert_int_equal(config->rules_len, 1000);
	assert_int_equal(config->map_len, 1000);
	assert_string_equal(config_map_find(config, "u999")->local_name, "u999");
	config_free(config);
	buffer_wipe(&text);
}

static void freeing_nothing_is_allowed(void **state)
{
	(void)state;
	config_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cloudflares_example_loads_unchanged),
	    cmocka_unit_test(what_is_absent_has_its_default),
	    cmocka_unit_test(what_cloudflares_get_adds_is_ignored_and_named),
	    cmocka_unit_test(comments_keep_lines_and_columns),
	    cmocka_unit_test(the_text_is_strict),
	    cmocka_unit_test(the_file_has_a_limit),
	    cmocka_unit_test(a_long_path_leaves_room_for_the_place),
	    cmocka_unit_test(keys_at_the_top),
	    cmocka_unit_test(cloudflares_keys),
	    cmocka_unit_test(no_fault_quotes_a_value),
	    cmocka_unit_test(addresses),
	    cmocka_unit_test(endpoints_keys),
	    cmocka_unit_test(login_keys),
	    cmocka_unit_test(users_keys),
	    cmocka_unit_test(map_entries),
	    cmocka_unit_test(map_entries_are_found_by_exact_bytes),
	    cmocka_unit_test(rule_keys),
	    cmocka_unit_test(rules_keep_their_order_and_get_names),
	    cmocka_unit_test(what_a_rule_says_arrives),
	    cmocka_unit_test(network_keys),
	    cmocka_unit_test(endpoints_are_derived),
	    cmocka_unit_test(underivable_endpoints_are_told),
	    cmocka_unit_test(the_browser_flow_needs_its_addresses),
	    cmocka_unit_test(a_named_issuer_may_be_of_another_region),
	    cmocka_unit_test(other_providers_use_the_token_endpoint),
	    cmocka_unit_test(empty_texts_that_mean_none),
	    cmocka_unit_test(values_arrive),
	    cmocka_unit_test(what_a_ticket_may_arrives),
	    cmocka_unit_test(where_a_token_is_revoked),
	    cmocka_unit_test(a_full_file_of_rules_and_names_is_read),
	    cmocka_unit_test(freeing_nothing_is_allowed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
