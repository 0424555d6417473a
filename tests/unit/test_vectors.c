/* SPDX-License-Identifier: MIT
 *
 * Test data that nobody here wrote: Wycheproof, JSONTestSuite, the RFCs' examples and
 * libjwt's keys. VECTORS names their folder; without it these tests are skipped. What must
 * be accepted is listed here case by case; everything else must be refused.
 */
#include <cjson/cJSON.h>
#include <dirent.h>
#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"
#include "helper/json/scan.h"
#include "helper/token/jwks.h"
#include "helper/token/jwt.h"
#include "mint.h"

#define FILE_MAX (8u * 1024 * 1024)

/* The content of a file of the vectors, with a NUL behind it; the caller frees it. Skips
 * the test when it is not there. */
static char *load(const char *name, size_t *len)
{
	const char *folder = getenv("VECTORS");
	char *path = mint_text("%s/%s", folder != NULL ? folder : "../shared/vectors", name);
	FILE *file = fopen(path, "rb");
	free(path);
	if (file == NULL) {
		print_message("skipped: no %s\n", name);
		skip();
	}
	char *text = malloc(FILE_MAX);
	assert_non_null(text);
	*len = fread(text, 1, FILE_MAX - 1, file);
	text[*len] = '\0';
	fclose(file);
	return text;
}

static cJSON *load_json(const char *name)
{
	size_t len;
	char *text = load(name, &len);
	cJSON *json = cJSON_ParseWithLength(text, len);
	free(text);
	assert_non_null(json);
	return json;
}

/* A Wycheproof group's keys as a key set: what the verifier would be given. */
static char *group_set(const cJSON *group)
{
	const cJSON *key = cJSON_GetObjectItem(group, "public");
	if (key == NULL)
		key = cJSON_GetObjectItem(group, "private");
	char *jwk = cJSON_PrintUnformatted(key);
	char *set = cJSON_GetObjectItem(key, "keys") != NULL
			? mint_text("%s", jwk)
			: mint_text("{\"keys\":[%s]}", jwk);
	free(jwk);
	return set;
}

/* The signature alone, as --jws-only checks it. */
static int verify(const char *set_text, const char *token, struct buffer *payload)
{
	struct jwks *set = NULL;
	int r = jwks_parse(set_text, strlen(set_text), &set);
	if (r == 0)
		r = jws_verify(token, strlen(token), set, true, payload);
	jwks_free(set);
	return r;
}

static bool listed(int id, const int *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == id)
			return true;
	return false;
}

/* Every case with a member of this name; returns how many there were. */
static int check_wycheproof(const char *file, const char *member, const int *list, size_t count)
{
	struct buffer payload = BUFFER_INIT(JWT_MAX);
	cJSON *json = load_json(file), *group, *test;
	int cases = 0, accepted = 0;
	cJSON_ArrayForEach(group, cJSON_GetObjectItem(json, "testGroups"))
	{
		char *set = group_set(group);
		cJSON_ArrayForEach(test, cJSON_GetObjectItem(group, "tests"))
		{
			const cJSON *value = cJSON_GetObjectItem(test, member);
			int id = cJSON_GetObjectItem(test, "tcId")->valueint;
			if (value == NULL)
				continue;
			char *token = cJSON_IsString(value)
					  ? mint_text("%s", value->valuestring)
					  : cJSON_PrintUnformatted(value);
			int r = verify(set, token, &payload);
			free(token);
			cases++;
			accepted += r == 0;
			if ((r == 0) != listed(id, list, count))
				fail_msg("%s tcId %d: %s", file, id, result_phrase(r));
		}
		free(set);
	}
	print_message("%s: %d of %d accepted\n", file, accepted, cases);
	assert_int_equal(accepted, count);
	cJSON_Delete(json);
	buffer_wipe(&payload);
	return cases;
}

static void wycheproof_jws(void **state)
{
	static const int list[] = {33, 259, 260, 261, 262, 263, 345, 349};
	(void)state;
	assert_int_equal(
	    check_wycheproof("wycheproof/json_web_signature_test.json", "jws", list, 8), 401);
}

static void wycheproof_jwk(void **state)
{
	static const int list[] = {5};
	(void)state;
	assert_int_equal(
	    check_wycheproof("wycheproof/json_web_key_test.json", "jws", list, 1), 26);
}

static void wycheproof_crypto(void **state)
{
	static const int list[] = {33};
	(void)state;
	assert_int_equal(
	    check_wycheproof("wycheproof/json_web_crypto_test.json", "jws", list, 1), 49);
}

static void wycheproof_jwe(void **state)
{
	(void)state;
	assert_int_equal(
	    check_wycheproof("wycheproof/json_web_encryption_test.json", "jwe", NULL, 0), 139);
}

/* The same against a set whose key is usable, so that the form is what refuses. */
static void wycheproof_jwe_against_a_usable_key(void **state)
{
	struct buffer payload = BUFFER_INIT(JWT_MAX);
	cJSON *json = load_json("wycheproof/json_web_encryption_test.json"), *group, *test;
	EVP_PKEY *key = mint_key(2048);
	char *jwk = mint_jwk(key, ""), *set = mint_set((const char *const[]){jwk, NULL});
	(void)state;
	cJSON_ArrayForEach(group, cJSON_GetObjectItem(json, "testGroups"))
	    cJSON_ArrayForEach(test, cJSON_GetObjectItem(group, "tests"))
	{
		const char *token = cJSON_GetObjectItem(test, "jwe")->valuestring;
		assert_int_not_equal(verify(set, token, &payload), 0);
	}
	cJSON_Delete(json);
	EVP_PKEY_free(key);
	free(jwk);
	free(set);
	buffer_wipe(&payload);
}

/* What RFC 8259 leaves to us (i_), frozen: numbers of any size are grammar; what is not
 * well-formed Unicode, nests deeper than 8, or begins with a byte-order mark is refused. */
static const char *const free_and_accepted[] = {
    "i_number_double_huge_neg_exp.json",
    "i_number_huge_exp.json",
    "i_number_neg_int_huge_exp.json",
    "i_number_pos_double_huge_exp.json",
    "i_number_real_neg_overflow.json",
    "i_number_real_pos_overflow.json",
    "i_number_real_underflow.json",
    "i_number_too_big_neg_int.json",
    "i_number_too_big_pos_int.json",
    "i_number_very_big_negative_int.json",
};

/* Grammatical, but two readers may differ: repeated members and \u0000. */
static const char *const good_but_refused[] = {
    "y_object_duplicated_key.json",
    "y_object_duplicated_key_and_value.json",
    "y_object_escaped_null_in_key.json",
    "y_string_null_escape.json",
};

static bool named(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (streq(name, list[i]))
			return true;
	return false;
}

static bool should_scan(const char *name)
{
	if (name[0] == 'y')
		return !named(name, good_but_refused, 4);
	return name[0] == 'i' && named(name, free_and_accepted, 10);
}

static struct dirent **list_folder(const char *name, int *count)
{
	const char *folder = getenv("VECTORS");
	char *path = mint_text("%s/%s", folder != NULL ? folder : "../shared/vectors", name);
	struct dirent **names = NULL;
	*count = scandir(path, &names, NULL, alphasort);
	free(path);
	if (*count < 0) {
		print_message("skipped: no %s\n", name);
		skip();
	}
	return names;
}

static void json_test_suite_parsing(void **state)
{
	int count, seen[3] = {0, 0, 0}; /* y, n, i */
	struct dirent **names = list_folder("JSONTestSuite/test_parsing", &count);
	(void)state;
	for (int i = 0; i < count; i++) {
		const char *name = names[i]->d_name;
		if (strlen(name) < 2 || name[1] != '_')
			continue;
		size_t len;
		char *path = mint_text("JSONTestSuite/test_parsing/%s", name);
		char *text = load(path, &len);
		int r = scan_text(text, len, FILE_MAX, NULL);
		if ((r == 0) != should_scan(name))
			fail_msg("%s: %s", name, r == 0 ? "accepted" : "refused");
		seen[name[0] == 'y' ? 0 : name[0] == 'n' ? 1 : 2]++;
		free(path);
		free(text);
	}
	for (int i = 0; i < count; i++)
		free(names[i]);
	free(names);
	print_message("y %d, n %d, i %d\n", seen[0], seen[1], seen[2]);
	assert_int_equal(seen[0], 95);
	assert_int_equal(seen[1], 188);
	assert_int_equal(seen[2], 35);
}

static void json_test_suite_transform(void **state)
{
	static const char *const refused[] = {
	    "object_same_key_different_values.json",
	    "object_same_key_same_value.json",
	    "object_same_key_unclear_values.json",
	    "string_1_escaped_invalid_codepoint.json",
	    "string_1_invalid_codepoint.json",
	    "string_2_escaped_invalid_codepoints.json",
	    "string_2_invalid_codepoints.json",
	    "string_3_escaped_invalid_codepoints.json",
	    "string_3_invalid_codepoints.json",
	    "string_with_escaped_NULL.json",
	};
	int count, seen = 0;
	struct dirent **names = list_folder("JSONTestSuite/test_transform", &count);
	(void)state;
	for (int i = 0; i < count; i++) {
		const char *name = names[i]->d_name;
		if (name[0] != '.') {
			size_t len;
			char *path = mint_text("JSONTestSuite/test_transform/%s", name);
			char *text = load(path, &len);
			int r = scan_text(text, len, FILE_MAX, NULL);
			if ((r != 0) != named(name, refused, 10))
				fail_msg("%s: %d", name, r);
			free(path);
			free(text);
			seen++;
		}
		free(names[i]);
	}
	free(names);
	assert_int_equal(seen, 22);
}

/* The public half of a JWK in the file, as a set. A key published with its private half is
 * not used at all, and the RFC's examples hold both. */
static char *public_set(const char *file)
{
	static const char *const secrets[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};
	cJSON *jwk = load_json(file);
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		cJSON_DeleteItemFromObjectCaseSensitive(jwk, secrets[i]);
	char *text = cJSON_PrintUnformatted(jwk);
	char *set = mint_text("{\"keys\":[%s]}", text);
	cJSON_Delete(jwk);
	free(text);
	return set;
}

static void rfc_examples(void **state)
{
	static const struct {
		const char *jwk, *token;
		bool good;
	} rows[] = {
	    {"rfc7515_A.2.jwk", "rfc7515_A.2.jwsc", true},
	    {"rfc7520_3.3.jwk", "rfc7520_4.1.jwsc", true},
	    {"rfc7520_3.4.jwk", "rfc7520_4.1.jwsc", true},
	    {"rfc7515_A.2.jwk", "rfc7520_4.1.jwsc", false},
	    {"rfc7520_3.3.jwk", "rfc7515_A.2.jwsc", false},
	    {"rfc7515_A.1.jwk", "rfc7515_A.1.jwsc", false},
	    {"rfc7515_A.3.jwk", "rfc7515_A.3.jwsc", false},
	    {"rfc7515_A.4.jwk", "rfc7515_A.4.jwsc", false},
	    {"rfc7515_A.2.jwk", "rfc7515_A.5.jwsc", false},
	    {"rfc7515_A.2.jwk", "rfc7515_A.6.jwsg", false},
	    {"rfc7515_A.2.jwk", "rfc7515_A.7.jwsf", false},
	    {"rfc7520_3.3.jwk", "rfc7520_4.1.jwsf", false},
	    {"rfc7520_3.3.jwk", "rfc7520_4.1.jwsg", false},
	    {"rfc7520_3.3.jwk", "rfc7520_4.2.jwsc", false},
	    {"rfc7520_3.1.jwk", "rfc7520_4.3.jwsc", false},
	    {"rfc7520_3.5.jwk", "rfc7520_4.4.jwsc", false},
	    {"rfc7520_3.5.jwk", "rfc7520_4.5.jwsc", false},
	    {"rfc7520_3.5.jwk", "rfc7520_4.6.jwsf", false},
	    {"rfc7520_3.5.jwk", "rfc7520_4.7.jwsf", false},
	    {"rfc7520_3.3.jwk", "rfc7520_4.8.jwsg", false},
	    {"rfc7520_5.1.jwk", "rfc7520_5.1.jwec", false},
	    {"rfc7520_3.3.jwk", "rfc7520_5.2.jwec", false},
	};
	struct buffer payload = BUFFER_INIT(JWT_MAX);
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len;
		char *key = mint_text("rfc-vectors/%s", rows[i].jwk);
		char *name = mint_text("rfc-vectors/%s", rows[i].token);
		char *set = public_set(key), *token = load(name, &len);
		token[strcspn(token, "\n")] = '\0';
		int r = verify(set, token, &payload);
		if ((r == 0) != rows[i].good)
			fail_msg("%s with %s: %s", name, key, result_phrase(r));
		free(key);
		free(name);
		free(set);
		free(token);
	}
	buffer_wipe(&payload);
}

/* RFC 7515, appendix A.2, to the end: the header lacks a kid, so that only the signature
 * can be asked for; the payload is the RFC's. */
static void rfc7515_a2_payload(void **state)
{
	struct buffer payload = BUFFER_INIT(JWT_MAX);
	size_t len;
	char *set = public_set("rfc-vectors/rfc7515_A.2.jwk");
	char *token = load("rfc-vectors/rfc7515_A.2.jwsc", &len);
	(void)state;
	token[strcspn(token, "\n")] = '\0';
	assert_int_equal(verify(set, token, &payload), 0);
	assert_string_equal(buffer_text(&payload),
	    "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n "
	    "\"http://example.com/is_root\":true}");
	buffer_wipe(&payload);
	free(set);
	free(token);
}

static void rfc_key_sets(void **state)
{
	static const struct {
		const char *file;
		size_t usable;
	} rows[] = {
	    {"rfc-vectors/rfc7517_A.1.jwkset", 1}, /* beside an EC key */
	    {"rfc-vectors/rfc7517_A.2.jwkset", 0}, /* private */
	    {"rfc-vectors/rfc7517_A.3.jwkset", 0}, /* symmetric */
	    {"rfc-vectors/rfc7515_A.6.jwkset", 0}, /* private */
	    {"rfc-vectors/rfc7520_4.8.jwkset", 0}, /* private */
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct jwks *set = NULL;
		size_t len;
		char *text = load(rows[i].file, &len);
		int r = jwks_parse(text, len, &set);
		if ((r == 0 ? jwks_count(set) : 0) != rows[i].usable)
			fail_msg("%s: %s", rows[i].file, result_phrase(r));
		jwks_free(set);
		free(text);
	}
}

/* None may crash, leak or be used by accident. */
static void libjwt_keys(void **state)
{
	static const char *const files[] = {
	    "bad_keys.json", "jwks_keyring.json", "jwks_test-1.json", "jwks_test-2.json"};
	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct jwks *set = NULL;
		size_t len;
		char *name = mint_text("libjwt-keys/%s", files[i]);
		char *text = load(name, &len);
		int r = jwks_parse(text, len, &set);
		print_message("%s: %zu usable\n", files[i], r == 0 ? jwks_count(set) : 0);
		assert_true(r == 0 || (r == RESULT_JWKS && set == NULL));
		jwks_free(set);
		free(name);
		free(text);
	}
}

int main(void)
{
	/* cmocka's skip() leaves what a test has allocated. */
	const char *folder =
	    getenv("VECTORS") != NULL ? getenv("VECTORS") : "../shared/vectors";
	if (access(folder, R_OK) != 0) {
		printf("1..1\nok 1 - public test data # SKIP\nskipped: no %s\n", folder);
		return 0;
	}
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(wycheproof_jws),
	    cmocka_unit_test(wycheproof_jwk),
	    cmocka_unit_test(wycheproof_crypto),
	    cmocka_unit_test(wycheproof_jwe),
	    cmocka_unit_test(wycheproof_jwe_against_a_usable_key),
	    cmocka_unit_test(json_test_suite_parsing),
	    cmocka_unit_test(json_test_suite_transform),
	    cmocka_unit_test(rfc_examples),
	    cmocka_unit_test(rfc7515_a2_payload),
	    cmocka_unit_test(rfc_key_sets),
	    cmocka_unit_test(libjwt_keys),
	};
	return cmocka_run_group_tests_name("vectors", tests, NULL, NULL);
}
