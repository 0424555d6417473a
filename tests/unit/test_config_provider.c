/* SPDX-License-Identifier: MIT
 *
 * The provider's profile, and the addresses that follow from others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "common/text.h"
#include "config_rows.h"
#include "helper/config/config.h"
#include "mint.h"

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
	struct config *config = config_load(text);
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
	    {"https://elsewhere.example/keys", "\"issuer\": \"" ISSUER "\"", ISSUER, UPDATED,
		HOST "/", "AbCdEf123"},
	    {ISSUER JWKS, "\"api_url\": \"https://api.example/idp\"", ISSUER, UPDATED,
		"https://api.example/idp/", "AbCdEf123"},
	    {ISSUER JWKS, "\"api_url\": \"https://api.example/\"", ISSUER, UPDATED,
		"https://api.example/", "AbCdEf123"},
	    {"https://op.example" JWKS, "\"provider\": \"oidc\"", "https://op.example", NULL,
		NULL, NULL},
	    /* Another provider's tokens may bear capital letters. */
	    {"https://OP.example" JWKS, "\"provider\": \"oidc\"", "https://OP.example", NULL,
		NULL, NULL},
	    {ISSUER JWKS, "\"provider\": \"oidc\"", ISSUER, NULL, NULL, NULL},
	    {"https://a.example/keys", "\"issuer\": \"https://cognito-idp.x/a_b\"",
		"https://cognito-idp.x/a_b", NULL, "https://cognito-idp.x/", "b"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_derived(&rows[i]);
}

/* The pool's keys are at other hosts of Amazon's, too; its tokens name one of two. */
static void tokens_bear_the_ordinary_issuer_whatever_host_has_the_keys(void **state)
{
#define US "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_X"
#define US_UPDATED "https://issuer-cognito-idp.us-east-1.amazonaws.com/us-east-1_X"
	static const struct {
		const char *host, *pool, *issuer, *alternate;
	} rows[] = {
	    {"cognito-idp-fips.us-east-1.amazonaws.com", "us-east-1_X", US, US_UPDATED},
	    {"cognito-idp.us-east-1.api.aws", "us-east-1_X", US, US_UPDATED},
	    {"cognito-idp-fips.us-east-1.api.aws", "us-east-1_X", US, US_UPDATED},
	    {"vpce-0a1b-2c3d.cognito-idp.us-east-1.vpce.amazonaws.com", "us-east-1_X", US,
		US_UPDATED},
	    {"vpce-0a1b-2c3d-us-east-1a.cognito-idp.us-east-1.vpce.amazonaws.com",
		"us-east-1_X", US, US_UPDATED},
	    {"vpce-0a1b-2c3d.cognito-idp-fips.us-east-1.vpce.amazonaws.com", "us-east-1_X", US,
		US_UPDATED},
	    {"cognito-idp.us-east-1.amazonaws.com:443", "us-east-1_X", US, US_UPDATED},
	    {"cognito-idp-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1_X",
		"https://cognito-idp.us-gov-west-1.amazonaws.com/us-gov-west-1_X",
		"https://issuer-cognito-idp.us-gov-west-1.amazonaws.com/us-gov-west-1_X"},
	    {"cognito-idp.cn-north-1.api.amazonwebservices.com.cn", "cn-north-1_X",
		"https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_X",
		"https://issuer-cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_X"},
	    {"cognito-idp.eusc-de-east-1.api.amazonwebservices.eu", "eusc-de-east-1_X",
		"https://cognito-idp.eusc-de-east-1.amazonaws.eu/eusc-de-east-1_X",
		"https://issuer-cognito-idp.eusc-de-east-1.amazonaws.eu/eusc-de-east-1_X"},
	    {"Cognito-IDP.US-East-1.AmazonAWS.com", "us-east-1_X", US, US_UPDATED},
	    {"COGNITO-IDP-FIPS.us-east-1.amazonaws.com", "us-east-1_X", US, US_UPDATED},
	    {"VPCE-0A1B-2c3d.cognito-idp.us-east-1.vpce.amazonaws.com", "us-east-1_X", US,
		US_UPDATED},
	    /* Nobody else's, and what only looks like them. */
	    {"Keys.Example", "Tenant/us-east-1_X", "https://keys.example/Tenant/us-east-1_X",
		""},
	    {"cognito-idp-fips.us-east-1.test", "us-east-1_X",
		"https://cognito-idp-fips.us-east-1.test/us-east-1_X",
		"https://issuer-cognito-idp-fips.us-east-1.test/us-east-1_X"},
	    {"vpce-1.us-east-1.vpce.amazonaws.com", "us-east-1_X",
		"https://vpce-1.us-east-1.vpce.amazonaws.com/us-east-1_X", ""},
	    {"vpce-1", "x.cognito-idp.us-east-1.amazonaws.com/us-east-1_X",
		"https://vpce-1/x.cognito-idp.us-east-1.amazonaws.com/us-east-1_X", ""},
	    {"vpce-1", "us-east-1_X", "https://vpce-1/us-east-1_X", ""},
	    {"cognito-idp-fipsy.us-east-1.amazonaws.com", "us-east-1_X",
		"https://cognito-idp-fipsy.us-east-1.amazonaws.com/us-east-1_X", ""},
	    {"cognito-idp.us-east-1.api.aws.evil.example", "us-east-1_X",
		"https://cognito-idp.us-east-1.api.aws.evil.example/us-east-1_X",
		"https://issuer-cognito-idp.us-east-1.api.aws.evil.example/us-east-1_X"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *certs = mint_text("https://%s/%s" JWKS, rows[i].host, rows[i].pool);
		char *api = mint_text("https://%s/", rows[i].host);
		text_lower(api);
		bool has_two = rows[i].alternate[0] != '\0';
		const struct derived row = {
		    certs, "", rows[i].issuer, has_two ? rows[i].alternate : NULL, api, "X"};
		check_derived(&row);
		free(api);
		free(certs);
	}
}

static void an_issuer_that_no_token_bears_is_refused_with_the_right_one(void **state)
{
	static const struct config_row rows[] = {
	    {"\"" US "\"", 0, NULL, NULL},
	    {"\"" US_UPDATED "\"", 0, NULL, NULL},
	    {"\"https://cognito-idp-fips.us-east-1.amazonaws.com/us-east-1_X\"", WRONG, "2:1",
		"is not what tokens bear: name \"" US "\""},
	    {"\"https://cognito-idp.us-east-1.api.aws/us-east-1_X\"", WRONG, "2:1", US},
	    {"\"https://vpce-1.cognito-idp.us-east-1.vpce.amazonaws.com/us-east-1_X\"", WRONG,
		"2:1", US},
	    {"\"https://cognito-idp.us-east-1.amazonaws.com:443/us-east-1_X\"", WRONG, "2:1",
		US},
	    {"\"https://keycloak.example/realms/x_y\"", 0, NULL, NULL},
	};
	(void)state;
	ROWS("{\"config\": {" CLIENT ", " CERTS "}, \"endpoints\": {\"issuer\":", rows, "}}");
}

static void underivable_endpoints_are_told(void **state)
{
	static const struct config_row rows[] = {
	    {"\"https://a.example/keys\"", WRONG, "2:1", "name \"endpoints.issuer\""},
	    {"\"" ISSUER "/.well-known/jwks.json/\"", WRONG, "2:1", "endpoints.issuer"},
	    {"\"" HOST "/eu-west-2_X" JWKS "\"", WRONG, "2:1", "another region"},
	    {"\"" HOST "/pool" JWKS "\"", WRONG, "2:1", "another region"},
	    {"\"" HOST JWKS "\"", WRONG, "2:1", "another region"},
	    {"\"https://cognito-idp-fips.us-east-1.amazonaws.com/us-east-2_X" JWKS "\"", WRONG,
		"2:1", "another region"},
	    {"\"https://vpce-1.cognito-idp.us-east-1.vpce.amazonaws.com/us-east-2_X" JWKS "\"",
		WRONG, "2:1", "another region"},
	    {"\"https://a.example/pool" JWKS "\"", WRONG, "1:1", "needs a pool id"},
	    {"\"https://a.example/pool_" JWKS "\"", WRONG, "1:1", "needs a pool id"},
	};
	(void)state;
	ROWS("{\"config\": {" CLIENT ", \"certs_url\":", rows, "}}");
}

static void a_named_issuer_may_be_of_another_region(void **state)
{
	struct config *config =
	    config_load("{\"config\": {" CLIENT ", \"certs_url\": \"" HOST "/us-east-1_X" JWKS
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
	static const struct config_row rows[] = {
	    {"\"password_method\": \"ropc\"", 0, NULL, NULL},
	    {"\"password_method\": \"srp\"", WRONG, "1:163", "is \"oidc\""},
	    {"\"password_method\": \"password\"", WRONG, "1:163", "\"ropc\""},
	};
	(void)state;
	ROWS(op, rows, "}}");
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
		struct config *config = config_load(text);
		if (rows[i].expected == NULL)
			assert_null(config->revocation_url);
		else
			assert_string_equal(config->revocation_url, rows[i].expected);
		config_free(config);
		free(text);
	}
}

static void a_provider_is_chosen_once(void **state)
{
	struct config *cognito = config_load("{" CLOUD "}");
	struct config *other =
	    config_load("{" CLOUD ", \"endpoints\": {\"provider\": \"oidc\", \"api_url\": "
			"\"https://a.example\"}}");
	(void)state;
	assert_ptr_equal(cognito->provider, &provider_cognito);
	assert_ptr_equal(other->provider, &provider_oidc);
	assert_ptr_equal(provider_find("oidc"), &provider_oidc);
	assert_null(provider_find("Cognito"));
	assert_null(provider_find(NULL));
	config_free(cognito);
	config_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_provider_is_chosen_once),
	    cmocka_unit_test(endpoints_are_derived),
	    cmocka_unit_test(tokens_bear_the_ordinary_issuer_whatever_host_has_the_keys),
	    cmocka_unit_test(an_issuer_that_no_token_bears_is_refused_with_the_right_one),
	    cmocka_unit_test(underivable_endpoints_are_told),
	    cmocka_unit_test(a_named_issuer_may_be_of_another_region),
	    cmocka_unit_test(other_providers_use_the_token_endpoint),
	    cmocka_unit_test(where_a_token_is_revoked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
