/* SPDX-License-Identifier: MIT
 *
 * The file as a whole: what is taken, what is refused, and what its absence means.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/buffer.h"
#include "config_rows.h"
#include "helper/config/config.h"

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
	struct config *config = config_load(seed);
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
	struct config *config = config_load("{" CLOUD "}");
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
	struct config *config = config_load(
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
	static const struct config_row rows[] = {
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
	static const struct config_row rows[] = {
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
	assert_string_equal(reason.detail, "c:1:1: the file is larger than 1 MiB");
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
		assert_int_equal(
		    config_parse("c.json", texts[i], strlen(texts[i]), &config, NULL, &reason),
		    RESULT_CONFIG);
		assert_null(strstr(reason.detail, "imlich"));
	}
}

static void every_fault_is_collected_in_the_order_of_reading(void **state)
{
	static const char text[] =
	    "{\"rules\": [{}, {\"anyone\": 1}], \"login\": {\"leeway\": -1}, \"name\": 7,\n"
	    "\"config\": {\"client_id\": \"\", \"scopes\": [\"a b\", \"c d\"]}}";
	static const char *const parts[] = {"c.json:1:65: \"name\" must be a string",
	    "c.json:2:25: \"config.client_id\" must not be empty",
	    "c.json:2:40: \"config.scopes[0]\" holds", "c.json:1:52: \"login.leeway\" must",
	    "c.json:1:12: \"rules[0]\" has no condition",
	    "c.json:1:27: \"rules[1].anyone\" must be true or false"};
	struct config_faults faults;
	struct config *config = NULL;
	struct reason reason = {.detail = ""};
	(void)state;
	assert_int_equal(
	    config_parse("c.json", text, strlen(text), &config, &faults, &reason), WRONG);
	assert_null(config);
	assert_int_equal(faults.count, 6);
	for (size_t i = 0; i < 6; i++)
		assert_non_null(strstr(faults.texts[i], parts[i]));
	assert_string_equal(reason.detail, faults.texts[0]);
}

static void more_faults_than_anybody_reads_are_counted(void **state)
{
	struct buffer text = BUFFER_INIT(CONFIG_TEXT_MAX);
	struct config_faults faults;
	struct config *config = NULL;
	(void)state;
	buffer_append_text(&text, "{\"x\": 1");
	for (int i = 1; i < CONFIG_FAULTS_MAX + 9; i++)
		buffer_append_format(&text, ", \"x%d\": 1", i);
	assert_int_equal(buffer_append_text(&text, "}"), 0);
	assert_int_equal(
	    config_parse("c", buffer_text(&text), text.len, &config, &faults, NULL), WRONG);
	assert_int_equal(faults.count, CONFIG_FAULTS_MAX + 9);
	assert_string_equal(
	    faults.texts[CONFIG_FAULTS_MAX - 1], "c:1:461: \"x47\" is an unknown key");
	assert_int_equal(
	    config_parse("c", "{" CLOUD "}", sizeof("{" CLOUD "}") - 1, &config, &faults, NULL),
	    0);
	assert_int_equal(faults.count, 0);
	config_free(config);
	buffer_wipe(&text);
}

static void empty_texts_that_mean_none(void **state)
{
	struct config *config = config_load(
	    "{\"config\": {" CLIENT ", " CERTS ", \"prompt\": \"\", \"email_claim_name\": "
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
	struct config *config = config_load(
	    "{\"config\": {" CLIENT ", " CERTS ", \"prompt\": \"login\", \"pkce_enabled\": "
	    "false, \"email_claim_name\": \"mail\", \"token_url\": \"https://t.example/x\"}, "
	    "\"login\": {\"password_method\": \"ropc\", \"leeway\": 7}, "
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

/* The password grant asks for no code: a password that ends with six digits would be cut. */
static void no_code_at_the_end_of_a_password_for_the_password_grant(void **state)
{
	static const struct config_row rows[] = {
	    {"\"ropc\", \"otp_append\": true", WRONG, "2:23",
		"\"login.otp_append\" cannot go with \"password_method\": \"ropc\""},
	    {"\"ropc\", \"flows\": [\"device\"], \"otp_append\": true", WRONG, "2:44",
		"cannot go with"},
	    {"\"ropc\", \"otp_append\": false", 0, NULL, NULL},
	    {"\"ropc\"", 0, NULL, NULL},
	    {"\"srp\", \"otp_append\": true", 0, NULL, NULL},
	    {"\"password\", \"otp_append\": true", 0, NULL, NULL},
	    {"\"choice\", \"otp_append\": true", 0, NULL, NULL},
	};
	(void)state;
	ROWS("{\"config\": {" CLIENT ", " CERTS
	     ", \"token_url\": \"https://t.example/x\"}, \"login\": {\"password_method\": ",
	    rows, "}}");
}

static void what_a_ticket_may_arrives(void **state)
{
	struct config *config =
	    config_load("{" CLOUD ", \"login\": {\"recheck\": 0, \"stale_ok\": 7200, "
			"\"ticket_lifetime\": 86400, \"keep_refresh_token\": false}}");
	(void)state;
	assert_int_equal(config->recheck, 0);
	assert_int_equal(config->stale_ok, 7200);
	assert_int_equal(config->ticket_lifetime, 86400);
	assert_false(config->keep_refresh_token);
	config_free(config);
}

#define AUTH "\"auth_url\": \"https://a.example/authorize"
#define TOKEN "\", \"token_url\": \"https://a.example/token\""

static void the_browser_flow_needs_its_addresses(void **state)
{
	static const struct config_row rows[] = {
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
	struct config *config = config_load(buffer_text(&text));
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
	    cmocka_unit_test(no_fault_quotes_a_value),
	    cmocka_unit_test(every_fault_is_collected_in_the_order_of_reading),
	    cmocka_unit_test(more_faults_than_anybody_reads_are_counted),
	    cmocka_unit_test(empty_texts_that_mean_none),
	    cmocka_unit_test(values_arrive),
	    cmocka_unit_test(no_code_at_the_end_of_a_password_for_the_password_grant),
	    cmocka_unit_test(what_a_ticket_may_arrives),
	    cmocka_unit_test(the_browser_flow_needs_its_addresses),
	    cmocka_unit_test(a_full_file_of_rules_and_names_is_read),
	    cmocka_unit_test(freeing_nothing_is_allowed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
