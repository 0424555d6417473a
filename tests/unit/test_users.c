/* SPDX-License-Identifier: MIT
 *
 * Who somebody is: exact bytes of verified claims, and nothing that was typed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/result.h"
#include "helper/accounts/record.h"
#include "helper/json/json.h"
#include "helper/config/config.h"
#include "helper/policy/users.h"
#include "helper/token/claims.h"
#include "mint.h"
#include "proven.h"

#define SUB "a1b2c3d4-5678-90ab-cdef-1234567890ab"
#define POOL "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"
#define ISSUER "https://" POOL
#define OTHER_ISSUER "https://issuer-" POOL
#define USERS(members) ", \"users\": {" members "}"

struct row {
	const char *users; /* members of the configuration */
	const char *payload, *local_name;
	int code;
};

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct config *config = configured(rows[i].users);
		struct claims *claims = proven(rows[i].payload);
		int r = users_match(config, claims, rows[i].local_name, NULL);
		if (r != rows[i].code)
			fail_msg("%s, %s, %s: %d", rows[i].users, rows[i].payload,
			    rows[i].local_name, r);
		claims_free(claims);
		config_free(config);
	}
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))
#define NO RESULT_IDENTITY

static void the_claim_names_the_local_user_to_the_byte(void **state)
{
	static const struct row rows[] = {
	    {"", "{\"cognito:username\":\"alice\"}", "alice", 0},
	    {"", "{\"cognito:username\":\"alice\"}", "bob", NO},
	    {"", "{\"cognito:username\":\"Alice\"}", "alice", NO},
	    {"", "{\"cognito:username\":\"alice \"}", "alice", NO},
	    {"", "{\"cognito:username\":\"alice\"}", "alic", NO},
	    {"", "{\"cognito:username\":\"\"}", "", NO},
	    {"", "{\"cognito:username\":[\"alice\"]}", "alice", NO},
	    {"", "{\"cognito:username\":1}", "1", NO},
	    {"", "{\"cognito:username\":null}", "", NO},
	    {"", "{\"Cognito:username\":\"alice\"}", "alice", NO},
	    {"", "{\"cognito\":{\"username\":\"alice\"}}", "alice", NO},
	    {"", "{\"sub\":\"alice\",\"email\":\"alice\",\"username\":\"alice\"}", "alice", NO},
	    {"", "{}", "alice", NO},
	    {USERS("\"claim\": \"sub\""), "{\"sub\":\"alice\"}", "alice", 0},
	    {USERS("\"claim\": \"sub\""), "{\"cognito:username\":\"alice\"}", "alice", NO},
	    {USERS("\"claim\": \"custom:unix\", \"mutable_ok\": true"),
		"{\"custom:unix\":\"alice\"}", "alice", 0},
	    {USERS("\"claim\": \"cognito:groups\""), "{\"cognito:groups\":[\"alice\"]}",
		"alice", NO},
	};
	(void)state;
	CHECK_ROWS(rows);
}

static void an_access_tokens_username_stands_for_cognito_username(void **state)
{
	static const struct row rows[] = {
	    {"", "{\"token_use\":\"access\",\"username\":\"alice\"}", "alice", 0},
	    {"", "{\"token_use\":\"id\",\"username\":\"alice\"}", "alice", NO},
	    {"", "{\"token_use\":\"access\",\"cognito:username\":\"alice\"}", "alice", NO},
	    {USERS("\"map\": {\"al\": {\"cognito:username\": \"alice\"}}"),
		"{\"token_use\":\"access\",\"username\":\"alice\"}", "al", 0},
	    {USERS("\"map\": {\"al\": {\"cognito:username\": \"alice\"}}"),
		"{\"token_use\":\"id\",\"username\":\"alice\"}", "al", NO},
	};
	(void)state;
	CHECK_ROWS(rows);
}

static void lowercase_comes_before_the_suffix(void **state)
{
	static const char suffix[] = USERS("\"strip_suffix\": \"@example.com\"");
	static const char both[] =
	    USERS("\"strip_suffix\": \"@example.com\", \"lowercase\": true");
	static const char lower[] = USERS("\"lowercase\": true");
	static const struct row rows[] = {
	    {suffix, "{\"cognito:username\":\"alice@example.com\"}", "alice", 0},
	    {suffix, "{\"cognito:username\":\"alice\"}", "alice", NO},
	    {suffix, "{\"cognito:username\":\"alice@example.com\"}", "alice@example.com", NO},
	    {suffix, "{\"cognito:username\":\"alice@example.com.evil\"}", "alice", NO},
	    {suffix, "{\"cognito:username\":\"alice@EXAMPLE.com\"}", "alice", NO},
	    {suffix, "{\"cognito:username\":\"@example.com\"}", "", NO},
	    {suffix, "{\"cognito:username\":\"alice@example.com@example.com\"}", "alice", NO},
	    {both, "{\"cognito:username\":\"Alice@Example.COM\"}", "alice", 0},
	    {both, "{\"cognito:username\":\"Alice\"}", "alice", NO},
	    {lower, "{\"cognito:username\":\"ALICE\"}", "alice", 0},
	    {lower, "{\"cognito:username\":\"@AZ[\"}", "@az[", 0},
	    {lower, "{\"cognito:username\":\"ALICE\"}", "ALICE", NO},
	    /* The Kelvin sign is no K. */
	    {lower, "{\"cognito:username\":\"\xe2\x84\xaaim\"}", "kim", NO},
	    {lower, "{\"cognito:username\":\"\xc3\x85\"}", "\xc3\xa5", NO},
	};
	(void)state;
	CHECK_ROWS(rows);
}

/* Federated people: their provider's name, "_", and their name there. */
static void a_prefix_is_taken_off_as_a_suffix_is(void **state)
{
	static const char prefix[] = USERS("\"strip_prefix\": \"AcmeSAML_\"");
	static const char both[] =
	    USERS("\"strip_prefix\": \"AcmeSAML_\", \"strip_suffix\": \"@example.com\"");
	static const char lower[] =
	    USERS("\"strip_prefix\": \"acmesaml_\", \"lowercase\": true");
	static const char overlap[] =
	    USERS("\"strip_prefix\": \"ab\", \"strip_suffix\": \"ba\"");
	static const struct row rows[] = {
	    {prefix, "{\"cognito:username\":\"AcmeSAML_alice\"}", "alice", 0},
	    {prefix, "{\"cognito:username\":\"AcmeSAML_alice\"}", "AcmeSAML_alice", NO},
	    {prefix, "{\"cognito:username\":\"alice\"}", "alice", NO},
	    {prefix, "{\"cognito:username\":\"acmesaml_alice\"}", "alice", NO},
	    {prefix, "{\"cognito:username\":\"OtherSAML_alice\"}", "alice", NO},
	    {prefix, "{\"cognito:username\":\"xAcmeSAML_alice\"}", "alice", NO},
	    {prefix, "{\"cognito:username\":\"AcmeSAML_\"}", "", NO},
	    {prefix, "{\"cognito:username\":\"AcmeSAML_AcmeSAML_alice\"}", "alice", NO},
	    {prefix, "{\"token_use\":\"access\",\"username\":\"AcmeSAML_alice\"}", "alice", 0},
	    {both, "{\"cognito:username\":\"AcmeSAML_alice@example.com\"}", "alice", 0},
	    {both, "{\"cognito:username\":\"AcmeSAML_alice\"}", "alice", NO},
	    {both, "{\"cognito:username\":\"alice@example.com\"}", "alice", NO},
	    {both, "{\"cognito:username\":\"AcmeSAML_@example.com\"}", "", NO},
	    {lower, "{\"cognito:username\":\"AcmeSAML_Alice\"}", "alice", 0},
	    {lower, "{\"cognito:username\":\"alice\"}", "alice", NO},
	    {overlap, "{\"cognito:username\":\"aba\"}", "a", NO},
	    {overlap, "{\"cognito:username\":\"abba\"}", "", NO},
	    {overlap, "{\"cognito:username\":\"abxba\"}", "x", 0},
	};
	(void)state;
	CHECK_ROWS(rows);
}

static void an_email_address_counts_only_when_verified(void **state)
{
	static const char email[] = USERS("\"claim\": \"email\", \"mutable_ok\": true");
	static const char map[] = USERS("\"map\": {\"alice\": {\"email\": \"a@b\"}}");
	static const struct row rows[] = {
	    {email, "{\"email\":\"alice\",\"email_verified\":true}", "alice", 0},
	    {email, "{\"email\":\"alice\",\"email_verified\":\"true\"}", "alice", NO},
	    {email, "{\"email\":\"alice\",\"email_verified\":1}", "alice", NO},
	    {email, "{\"email\":\"alice\",\"email_verified\":false}", "alice", NO},
	    {email, "{\"email\":\"alice\"}", "alice", NO},
	    {map, "{\"email\":\"a@b\",\"email_verified\":true}", "alice", 0},
	    {map, "{\"email\":\"a@b\",\"email_verified\":\"true\"}", "alice", NO},
	    {map, "{\"email\":\"a@b\"}", "alice", NO},
	    {USERS("\"map\": {\"alice\": {\"email\": true}}"), "{\"email\":true}", "alice", NO},
	    {USERS("\"map\": {\"alice\": {\"email\": true}}"),
		"{\"email\":true,\"email_verified\":true}", "alice", 0},
	};
	(void)state;
	CHECK_ROWS(rows);
}

static void the_named_email_claim_counts_only_when_verified(void **state)
{
	struct config *config = NULL;
	struct reason reason = {.detail = ""};
	static const char text[] = "{\"config\": {\"client_id\": \"c\", \"email_claim_name\": "
				   "\"mail\", \"certs_url\": "
				   "\"https://a.example/eu_x/.well-known/jwks.json\"}, "
				   "\"users\": {\"claim\": \"mail\", "
				   "\"mutable_ok\": true, \"map\": {\"bob\": {\"email\": "
				   "\"b@c\"}}}}";
	struct claims *plain = proven("{\"email\":\"b@c\"}");
	struct claims *unverified = proven("{\"mail\":\"alice\"}");
	struct claims *verified = proven("{\"mail\":\"alice\",\"email_verified\":true}");
	(void)state;
	assert_int_equal(config_parse("c", text, sizeof(text) - 1, &config, NULL, &reason), 0);
	assert_int_equal(users_match(config, unverified, "alice", NULL), NO);
	assert_int_equal(users_match(config, verified, "alice", NULL), 0);
	/* The one that is called email is no better for it. */
	assert_int_equal(users_match(config, plain, "bob", NULL), NO);
	claims_free(plain);
	claims_free(unverified);
	claims_free(verified);
	config_free(config);
}

static void a_map_entry_decides_alone_and_whole(void **state)
{
	static const char map[] = USERS(
	    "\"map\": {\"alice\": {\"sub\": \"s1\", \"custom:on\": true, \"login\": \"a@b\"}, "
	    "\"bob\": {\"sub\": \"s2\", \"custom:off\": false}}");
	static const struct row rows[] = {
	    {map, "{\"sub\":\"s1\",\"custom:on\":true}", "alice", 0},
	    {map, "{\"sub\":\"s1\",\"custom:on\":true,\"cognito:username\":\"x\"}", "alice", 0},
	    {map, "{\"sub\":\"s1\",\"custom:on\":\"true\"}", "alice", NO},
	    {map, "{\"sub\":\"s1\",\"custom:on\":1}", "alice", NO},
	    {map, "{\"sub\":\"s1\",\"custom:on\":false}", "alice", NO},
	    {map, "{\"sub\":\"s1\",\"custom:on\":null}", "alice", NO},
	    {map, "{\"sub\":\"s1\"}", "alice", NO},
	    {map, "{\"custom:on\":true}", "alice", NO},
	    {map, "{\"sub\":[\"s1\"],\"custom:on\":true}", "alice", NO},
	    {map, "{\"sub\":\"S1\",\"custom:on\":true}", "alice", NO},
	    /* login is what is sent, never what is believed. */
	    {map, "{\"sub\":\"s9\",\"custom:on\":true,\"login\":\"a@b\"}", "alice", NO},
	    /* The claim that would have named alice does not help past her entry. */
	    {map, "{\"sub\":\"s9\",\"cognito:username\":\"alice\"}", "alice", NO},
	    {map, "{\"sub\":\"s2\",\"custom:off\":false}", "bob", 0},
	    {map, "{\"sub\":\"s2\",\"custom:off\":true}", "bob", NO},
	    {map, "{\"sub\":\"s2\"}", "bob", NO},
	    /* Whoever has no entry is found by the claim. */
	    {map, "{\"sub\":\"s3\",\"cognito:username\":\"carol\"}", "carol", 0},
	    {map, "{\"sub\":\"s1\",\"custom:on\":true}", "carol", NO},
	};
	(void)state;
	CHECK_ROWS(rows);
}

static void the_name_that_is_sent(void **state)
{
	static const struct {
		const char *users, *local_name, *sent;
	} rows[] = {
	    {"", "alice", "alice"},
	    {USERS("\"strip_suffix\": \"@example.com\""), "alice", "alice@example.com"},
	    {USERS("\"strip_prefix\": \"AcmeSAML_\""), "alice", "AcmeSAML_alice"},
	    {USERS("\"strip_prefix\": \"p_\", \"strip_suffix\": \"@x\""), "alice", "p_alice@x"},
	    {USERS("\"map\": {\"alice\": {\"sub\": \"1\", \"login\": \"n\"}}, "
		   "\"strip_prefix\": \"p_\""),
		"alice", "n"},
	    {USERS("\"map\": {\"alice\": {\"sub\": \"1\", \"login\": \"A@b\"}}"), "alice",
		"A@b"},
	    {USERS("\"map\": {\"alice\": {\"sub\": \"1\"}}, \"strip_suffix\": \"@x\""), "alice",
		"alice@x"},
	    {USERS(
		 "\"map\": {\"alice\": {\"sub\": \"1\", \"login\": \"n\"}}, \"strip_suffix\": "
		 "\"@x\""),
		"alice", "n"},
	    {USERS("\"map\": {\"alice\": {\"sub\": \"1\", \"login\": \"n\"}}"), "bob", "bob"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config *config = configured(rows[i].users);
		char name[USERS_NAME_MAX + 1];
		assert_int_equal(
		    users_login_name(config, rows[i].local_name, NULL, name, sizeof(name)), 0);
		assert_string_equal(name, rows[i].sent);
		config_free(config);
	}
}

static void the_account_s_own_record_decides(void **state)
{
	static const struct record_identity rows[] = {
	    {.issuer = ISSUER, .sub = SUB, .login = "alice@example.com"},
	    {.issuer = OTHER_ISSUER, .sub = SUB, .login = "x"},
	    {.issuer = ISSUER, .sub = "another-sub", .login = "x"},
	    {.issuer = "https://elsewhere.example", .sub = SUB, .login = "x"},
	    {.issuer = "", .sub = "", .login = ""},
	};
	static const int matches[] = {0, 0, NO, NO, NO};
	struct config *config = configured(USERS("\"from_accounts\": true"));
	struct claims *claims = proven("{\"sub\":\"" SUB "\",\"cognito:username\":\"a-uuid\"}");
	char name[USERS_NAME_MAX + 1];
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (users_match(config, claims, "alice", &rows[i]) != matches[i])
			fail_msg("row %zu", i);
	assert_int_equal(users_match(config, claims, "alice", NULL), RESULT_USER_RECORD);
	/* Not even the claim's own name. */
	assert_int_equal(users_match(config, claims, "a-uuid", NULL), RESULT_USER_RECORD);
	assert_int_equal(users_login_name(config, "alice", &rows[0], name, sizeof(name)), 0);
	assert_string_equal(name, "alice@example.com");
	assert_int_equal(
	    users_login_name(config, "alice", NULL, name, sizeof(name)), RESULT_USER_RECORD);
	config_free(config);

	/* An entry of the map comes first. */
	config =
	    configured(USERS("\"from_accounts\": true, \"map\": {\"alice\": {\"sub\": \"m\", "
			     "\"login\": \"mapped\"}}"));
	assert_int_equal(users_match(config, claims, "alice", &rows[0]), NO);
	assert_int_equal(users_login_name(config, "alice", &rows[0], name, sizeof(name)), 0);
	assert_string_equal(name, "mapped");
	config_free(config);

	/* Without the key no record says anything. */
	config = configured("");
	assert_int_equal(users_match(config, claims, "a-uuid", &rows[2]), 0);
	assert_int_equal(users_login_name(config, "bob", &rows[0], name, sizeof(name)), 0);
	assert_string_equal(name, "bob");
	config_free(config);
	claims_free(claims);
}

static void a_name_that_does_not_fit_is_not_cut(void **state)
{
	struct config *config = configured(USERS("\"strip_suffix\": \"@x\""));
	char name[8];
	(void)state;
	assert_int_equal(users_login_name(config, "alice", NULL, name, sizeof(name)), 0);
	assert_string_equal(name, "alice@x");
	assert_int_equal(users_login_name(config, "alicia", NULL, name, sizeof(name)), NO);
	assert_string_equal(name, "");
	config_free(config);
	config = configured("");
	assert_int_equal(users_login_name(config, "", NULL, name, sizeof(name)), NO);
	config_free(config);
}

static void the_name_of_an_identity(void **state)
{
	struct config *config = configured(USERS("\"strip_suffix\": \"@x\""));
	struct claims *claims = proven("{\"cognito:username\":\"alice@x\"}");
	char name[8];
	(void)state;
	assert_int_equal(users_name_of(config, claims, name, sizeof(name)), 0);
	assert_string_equal(name, "alice");
	assert_int_equal(users_name_of(config, claims, name, 7), NO);
	assert_string_equal(name, "");
	claims_free(claims);
	claims = proven("{\"cognito:username\":\"alice\"}");
	assert_int_equal(users_name_of(config, claims, name, sizeof(name)), NO);
	claims_free(claims);
	config_free(config);
}

static void a_name_as_long_as_cognito_allows_matches(void **state)
{
	char long_name[USERS_NAME_MAX + 2];
	struct config *config = configured("");
	(void)state;
	memset(long_name, 'a', sizeof(long_name) - 1);
	long_name[USERS_NAME_MAX] = '\0';
	char *payload = mint_text("{\"cognito:username\":\"%s\"}", long_name);
	struct claims *claims = proven(payload);
	assert_int_equal(users_match(config, claims, long_name, NULL), 0);
	claims_free(claims);
	free(payload);
	long_name[USERS_NAME_MAX] = 'a';
	long_name[USERS_NAME_MAX + 1] = '\0';
	payload = mint_text("{\"cognito:username\":\"%s\"}", long_name);
	claims = proven(payload);
	assert_int_equal(users_match(config, claims, long_name, NULL), NO);
	claims_free(claims);
	free(payload);
	config_free(config);
}

/* The configuration refuses such an entry; here it would still be nobody's. */
static void an_entry_without_a_condition_is_nobodys(void **state)
{
	struct config *config = configured(USERS("\"map\": {\"alice\": {\"sub\": \"s1\"}}"));
	struct claims *claims = proven("{\"sub\":\"s1\",\"cognito:username\":\"alice\"}");
	static const char *const entries[] = {"{}", "{\"login\": \"a@b\"}"};
	(void)state;
	assert_int_equal(users_match(config, claims, "alice", NULL), 0);
	for (size_t i = 0; i < 2; i++) {
		struct json *entry = NULL;
		assert_int_equal(
		    json_parse(entries[i], strlen(entries[i]), 64, &entry, NULL), 0);
		config->map[0].conditions = json_root(entry);
		assert_int_equal(users_match(config, claims, "alice", NULL), NO);
		json_free(entry);
	}
	claims_free(claims);
	config_free(config);
}

static void no_room_is_no_name(void **state)
{
	struct config *config = configured("");
	struct claims *claims = proven("{\"cognito:username\":\"alice\"}");
	char name[1] = {'x'};
	(void)state;
	assert_int_equal(users_login_name(config, "alice", NULL, name, 0), NO);
	assert_int_equal(users_name_of(config, claims, name, 0), NO);
	assert_int_equal(name[0], 'x');
	claims_free(claims);
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_claim_names_the_local_user_to_the_byte),
	    cmocka_unit_test(an_access_tokens_username_stands_for_cognito_username),
	    cmocka_unit_test(lowercase_comes_before_the_suffix),
	    cmocka_unit_test(a_prefix_is_taken_off_as_a_suffix_is),
	    cmocka_unit_test(an_email_address_counts_only_when_verified),
	    cmocka_unit_test(the_named_email_claim_counts_only_when_verified),
	    cmocka_unit_test(a_map_entry_decides_alone_and_whole),
	    cmocka_unit_test(the_name_that_is_sent),
	    cmocka_unit_test(the_account_s_own_record_decides),
	    cmocka_unit_test(a_name_that_does_not_fit_is_not_cut),
	    cmocka_unit_test(the_name_of_an_identity),
	    cmocka_unit_test(a_name_as_long_as_cognito_allows_matches),
	    cmocka_unit_test(an_entry_without_a_condition_is_nobodys),
	    cmocka_unit_test(no_room_is_no_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
