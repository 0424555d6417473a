/* SPDX-License-Identifier: MIT
 *
 * Every key of the sections: what its value may be, and where the fault is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "config_rows.h"
#include "helper/config/config.h"
#include "mint.h"

static void keys_at_the_top(void **state)
{
	static const struct config_row rows[] = {
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
	static const struct config_row config[] = {
	    {"\"config\": []", WRONG, "2:11", "must be an object"},
	    {"\"config\": {" CLIENT "}", WRONG, "2:11", "\"config.certs_url\" is missing"},
	    {"\"config\": {" CERTS "}", WRONG, "2:11", "\"config.client_id\" is missing"},
	};
	ROWS("{", config, "}");
}

static void cloudflares_keys(void **state)
{
	static const struct config_row rows[] = {
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
	    {"\"scopes\": [\"\xc3\xa9\"]", WRONG, "2:12", "a scope cannot hold"},
	    {"\"auth_url\": \"https://a.example/>\"", WRONG, "2:13", "placeholder"},
	    {"\"auth_url\": \"https://[::1/\"", WRONG, "2:13", "names no host"},
	    {"\"auth_url\": \"https://a.example:123456/\"", WRONG, "2:13", "no valid port"},
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
	static const struct config_row clients[] = {
	    {"\"client_id\": \"\"", WRONG, "2:14", "must not be empty"},
	    {"\"client_id\": \"a\\nb\"", WRONG, "2:14", "control character"},
	    {"\"client_id\": \"\xc3\xa9\"", WRONG, "2:14", "printable ASCII"},
	    {"\"client_id\": 5", WRONG, "2:14", "must be a string"},
	};
	(void)state;
	ROWS("{\"config\": {" CLIENT ", " CERTS ",", rows, "}}");
	ROWS("{\"config\": {" CERTS ",", clients, "}}");
}

static void addresses(void **state)
{
	char *longest = mint_text("\"https://a.example/%*s\"", CONFIG_URL_MAX - 18, "x");
	static const struct config_row rows[] = {
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
	const struct config_row longer = {longest, WRONG, "2:1", "a URL cannot hold"};
	(void)state;
	ROWS("{" CLOUD ", \"endpoints\": {\"api_url\":", rows, "}}");
	config_check_row("{" CLOUD ", \"endpoints\": {\"api_url\":", &longer, "}}");
	char *too_long = mint_text("\"https://a.example/%*s\"", CONFIG_URL_MAX, "x");
	const struct config_row over = {too_long, WRONG, "2:1", "longer than 1024 bytes"};
	config_check_row("{" CLOUD ", \"endpoints\": {\"api_url\":", &over, "}}");
	free(too_long);
	free(longest);
}

static void endpoints_keys(void **state)
{
	static const struct config_row rows[] = {
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
	static const struct config_row rows[] = {
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
	static const struct config_row rows[] = {
	    {"\"claim\": \"sub\"", 0, NULL, NULL},
	    {"\"claim\": \"cognito:groups\"", 0, NULL, NULL},
	    {"\"claim\": \"email\"", WRONG, "2:10", "users may be able to edit"},
	    {"\"claim\": \"custom:uid\"", WRONG, "2:10", "\"mutable_ok\": true"},
	    {"\"claim\": \"email\", \"mutable_ok\": false", WRONG, "2:10", "mutable_ok"},
	    {"\"claim\": \"email\", \"mutable_ok\": true", 0, NULL, NULL},
	    {"\"claim\": \"email\", \"from_accounts\": true", 0, NULL, NULL},
	    {"\"claim\": \"email\", \"from_accounts\": false", WRONG, "2:10", "mutable_ok"},
	    {"\"claim\": \"\"", WRONG, "2:10", "must not be empty"},
	    {"\"claim\": [\"sub\"]", WRONG, "2:10", "must be a string"},
	    {"\"strip_suffix\": \"@example.com\"", 0, NULL, NULL},
	    {"\"strip_suffix\": \"@Example.com\"", 0, NULL, NULL},
	    {"\"lowercase\": true, \"strip_suffix\": \"@Example.com\"", WRONG, "2:36",
		"capital letters"},
	    {"\"strip_prefix\": \"AcmeSAML_\"", 0, NULL, NULL},
	    {"\"lowercase\": true, \"strip_prefix\": \"AcmeSAML_\"", WRONG, "2:36",
		"\"users.strip_prefix\" has capital letters"},
	    {"\"strip_suffix\": 1", WRONG, "2:17", "must be a string"},
	    {"\"lowercase\": \"yes\"", WRONG, "2:14", "true or false"},
	    {"\"mutable_ok\": 1", WRONG, "2:15", "true or false"},
	    {"\"map\": []", WRONG, "2:8", "must be an object"},
	    {"\"maps\": {}", WRONG, "2:1", "is \"map\" meant?"},
	};
	(void)state;
	ROWS("{" CLOUD ", \"users\": {", rows, "}}");
}

#define HUNDRED                                                                                \
	"01234567890123456789012345678901234567890123456789"                                   \
	"01234567890123456789012345678901234567890123456789"

static void accounts_keys(void **state)
{
#define GROUPS "\"groups\": [\"a\", \"b\"], "
	static const struct config_row rows[] = {
	    {"\"groups\": [\"linux-users\"]", 0, NULL, NULL},
	    {"\"groups\": []", WRONG, "2:11", "at least one group"},
	    {"\"home\": \"/home/%u\"", WRONG, "1:153", "at least one group"},
	    {"\"groups\": [\"a/b\"]", WRONG, "2:12", "slash"},
	    {"\"groups\": [\"..\"]", WRONG, "2:12", "begins with a dot"},
	    {"\"groups\": [\"a\\nb\"]", WRONG, "2:12", "control character"},
	    {"\"groups\": [\"\"]", WRONG, "2:12", "1 to 128"},
	    {"\"groups\": [\"a\", \"a\"]", WRONG, "2:11", "twice"},
	    {GROUPS "\"unix_groups\": [\"b\"]", 0, NULL, NULL},
	    {GROUPS "\"unix_groups\": [\"c\"]", WRONG, "2:38", "nobody would be in it"},
	    {GROUPS "\"unix_groups\": [\"sudo\"]", WRONG, "2:39", "reserved"},
	    {GROUPS "\"unix_groups\": [\"docker\"]", WRONG, "2:39", "reserved"},
	    {GROUPS "\"unix_groups\": [\"_x\"]", WRONG, "2:39", "reserved"},
	    {GROUPS "\"unix_groups\": [\"systemd-x\"]", WRONG, "2:39", "reserved"},
	    {GROUPS "\"unix_groups\": [\"B\"]", WRONG, "2:39", "a-z"},
	    {GROUPS "\"unix_groups\": [\"b.\"]", WRONG, "2:39", "a-z"},
	    {GROUPS "\"primary_group\": \"b\", \"unix_groups\": [\"b\"]", WRONG, "2:60",
		"everybody"},
	    {GROUPS "\"primary_group\": \"wheel\"", WRONG, "2:40", "reserved"},
	    {GROUPS "\"primary_group\": \"123456789012345678901234567890123\"", WRONG, "2:40",
		"32"},
	    {GROUPS "\"uid_attribute\": \"\"", 0, NULL, NULL},
	    {GROUPS "\"uid_attribute\": \"custom:uid\"", 0, NULL, NULL},
	    {GROUPS "\"uid_range\": [100000, 200000]", 0, NULL, NULL},
	    {GROUPS "\"uid_range\": [1879048192, 2147352575]", 0, NULL, NULL},
	    {GROUPS "\"uid_range\": [1879048192, 2147352576]", WRONG, "2:36", "foreign"},
	    {GROUPS "\"uid_range\": [2147418111, 2147483646]", WRONG, "2:36", "foreign"},
	    {GROUPS "\"uid_range\": [2147418112, 2147483646]", 0, NULL, NULL},
	    {GROUPS "\"uid_range\": [1879048191, 1879058191]", WRONG, "2:36", "containers"},
	    {GROUPS "\"uid_range\": [2147418112, 2147483647]", WRONG, "2:36", "signed"},
	    {GROUPS "\"uid_range\": [1879048192, 4294967294]", WRONG, "2:49", "2147483647"},
	    {GROUPS "\"uid_range\": [999, 9999]", WRONG, "2:37", "1000"},
	    {GROUPS "\"uid_range\": [9999, 1000]", WRONG, "2:36", "first and the last"},
	    {GROUPS "\"uid_range\": [5000, 5998]", WRONG, "2:36", "at least 1000"},
	    {GROUPS "\"uid_range\": [5000, 5999]", 0, NULL, NULL},
	    {GROUPS "\"uid_range\": [5000, 65000]", WRONG, "2:36", "systemd"},
	    {GROUPS "\"uid_range\": [60578, 61183]", WRONG, "2:36", "at least 1000"},
	    {GROUPS "\"uid_range\": [65520, 70000]", WRONG, "2:36", "nobody"},
	    {GROUPS "\"uid_range\": [500000, 524288]", WRONG, "2:36", "containers"},
	    {GROUPS "\"uid_range\": [500000, 524287]", 0, NULL, NULL},
	    {GROUPS "\"uid_range\": [1879048191, 1979048192]", WRONG, "2:36", "containers"},
	    {GROUPS "\"uid_range\": [100000]", WRONG, "2:36", "first and the last"},
	    {GROUPS "\"uid_range\": [100000, 200000, 1]", WRONG, "2:36", "first and the last"},
	    {GROUPS "\"uid_range\": [100000, 2e5]", WRONG, "2:45", "whole number"},
	    {GROUPS "\"uid_range\": \"100000-200000\"", WRONG, "2:36", "two numbers"},
	    {GROUPS "\"home\": \"/srv/%u\"", 0, NULL, NULL},
	    {GROUPS "\"home\": \"/srv/people\"", WRONG, "2:31", "%u"},
	    {GROUPS "\"home\": \"/srv/%u/%u\"", WRONG, "2:31", "once"},
	    {GROUPS "\"home\": \"/srv/x%u\"", WRONG, "2:31", "beginning of a name"},
	    {GROUPS "\"home\": \"/srv/%u/%h\"", WRONG, "2:31", "%u"},
	    {GROUPS "\"home\": \"home/%u\"", WRONG, "2:31", "absolute"},
	    {GROUPS "\"home\": \"/srv/../%u\"", WRONG, "2:31", ".."},
	    {GROUPS "\"home\": \"/srv/a:b/%u\"", WRONG, "2:31", "passwd(5)"},
	    {GROUPS "\"home\": \"/srv/%u/\"", WRONG, "2:31", "absolute"},
	    {GROUPS "\"home\": \"/srv/\\u0007/%u\"", WRONG, "2:31", "passwd(5)"},
	    {GROUPS "\"home\": \"/srv/%x/%u\"", WRONG, "2:31", "%u"},
	    {GROUPS "\"home\": \"/" HUNDRED HUNDRED "/%u\"", WRONG, "2:31", "200 bytes"},
	    {GROUPS "\"unix_groups\": [\"\"]", WRONG, "2:39", "1 to 32"},
	    {GROUPS "\"unix_groups\": [\"a$\"]", WRONG, "2:39", "a-z"},
	    {GROUPS "\"unix_groups\": [\"a..b\"]", WRONG, "2:39", "a-z"},
	    {GROUPS "\"shell\": \"/bin/zsh\"", 0, NULL, NULL},
	    {GROUPS "\"shell\": \"zsh\"", WRONG, "2:32", "absolute"},
	    {GROUPS "\"shell\": \"/bin/sh -c\"", WRONG, "2:32", "passwd(5)"},
	    {GROUPS "\"max_removals\": 0", 0, NULL, NULL},
	    {GROUPS "\"max_removals\": 100", 0, NULL, NULL},
	    {GROUPS "\"max_removals\": 101", WRONG, "2:39", "0 to 100"},
	    {GROUPS "\"mutable_ok\": 1", WRONG, "2:37", "true or false"},
	    {GROUPS "\"group\": []", WRONG, "2:23", "is \"groups\" meant?"},
	};
	(void)state;
	ROWS("{" CLOUD ", \"accounts\": {", rows, "}}");
}

static void network_keys(void **state)
{
	static const struct config_row rows[] = {
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
	    {"\"proxy\": \"http://proxy.example:3128?a\"", WRONG, "2:10", "http://host:port"},
	    {"\"proxy\": \"http://proxy.example/a:3128\"", WRONG, "2:10", "http://host:port"},
	    {"\"proxy\": \"http://[::1]\"", WRONG, "2:10", "http://host:port"},
	    {"\"proxy\": \"http://[::1]:3128\"", 0, NULL, NULL},
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keys_at_the_top),
	    cmocka_unit_test(cloudflares_keys),
	    cmocka_unit_test(addresses),
	    cmocka_unit_test(endpoints_keys),
	    cmocka_unit_test(login_keys),
	    cmocka_unit_test(users_keys),
	    cmocka_unit_test(accounts_keys),
	    cmocka_unit_test(network_keys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
