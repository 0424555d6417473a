/* SPDX-License-Identifier: MIT
 *
 * Wycheproof's 776 RSA signatures (PKCS#1 v1.5, SHA-256) through the path that a token's
 * signature takes: the key as a member of a key set, the signature in base64url. VECTORS names
 * the folder; without it the test is skipped. jwt.c is included, because a message of these
 * vectors is no token, and no header decides here.
 */
#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "helper/token/jwt.c"
#include "mint.h"

#define FILE_MAX (4u * 1024 * 1024)
#define MESSAGE_MAX 1024 /* the longest message and signature have 520 bytes */

static cJSON *load(const char *bits)
{
	const char *folder = getenv("VECTORS");
	char *path = mint_text("%s/wycheproof/rsa_signature_%s_sha256_test.json",
	    folder != NULL ? folder : "../shared/vectors", bits);
	FILE *file = fopen(path, "rb");
	free(path);
	if (file == NULL)
		skip();
	char *text = malloc(FILE_MAX);
	assert_non_null(text);
	size_t len = fread(text, 1, FILE_MAX, file);
	fclose(file);
	cJSON *json = cJSON_ParseWithLength(text, len);
	free(text);
	assert_non_null(json);
	return json;
}

static size_t from_hex(const char *hex, unsigned char *out)
{
	size_t len = strlen(hex) / 2;
	assert_true(len <= MESSAGE_MAX);
	for (size_t i = 0; i < len; i++)
		out[i] = (unsigned char)strtoul(
		    (char[]){hex[2 * i], hex[2 * i + 1], '\0'}, NULL, 16);
	return len;
}

/* The caller frees it. A modulus may begin with the zero byte of a signed number. */
static char *base64url_of(const char *hex)
{
	unsigned char bytes[MESSAGE_MAX];
	char encoded[4 * MESSAGE_MAX / 3 + 8];
	size_t len = from_hex(hex, bytes), skipped = len > 0 && bytes[0] == 0 ? 1 : 0;
	int n =
	    EVP_EncodeBlock((unsigned char *)encoded, bytes + skipped, (int)(len - skipped));
	while (n > 0 && encoded[n - 1] == '=')
		n--;
	encoded[n] = '\0';
	for (int i = 0; i < n; i++)
		encoded[i] = encoded[i] == '+' ? '-' : encoded[i] == '/' ? '_' : encoded[i];
	return mint_text("%s", encoded);
}

/* A signature may begin with a zero byte that counts. */
static char *signature_of(const char *hex)
{
	char *longer = mint_text("00%s", hex), *encoded = base64url_of(longer);
	free(longer);
	return encoded;
}

static int verdict(struct evp_pkey_st *key, const cJSON *test)
{
	unsigned char message[MESSAGE_MAX];
	size_t len = from_hex(cJSON_GetObjectItem(test, "msg")->valuestring, message);
	char *signature = signature_of(cJSON_GetObjectItem(test, "sig")->valuestring);
	const struct parts parts = {
	    .signature = {signature, strlen(signature)},
	    .signed_text = {(const char *)message, len},
	};
	int r = check_signature(&parts, key);
	free(signature);
	return r;
}

/* Of a key with the exponent 3 there is no verdict: the set refuses it. */
static void check_file(const char *bits, int cases, int valid)
{
	cJSON *json = load(bits), *group, *test;
	int seen = 0, accepted = 0;
	cJSON_ArrayForEach(group, cJSON_GetObjectItem(json, "testGroups"))
	{
		const cJSON *public = cJSON_GetObjectItem(group, "publicKey");
		char *n = base64url_of(cJSON_GetObjectItem(public, "modulus")->valuestring);
		char *e =
		    base64url_of(cJSON_GetObjectItem(public, "publicExponent")->valuestring);
		char *set_text =
		    mint_text("{\"keys\":[{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"}]}", n, e);
		bool is_usable = streq(e, "AQAB");
		struct jwks *set = NULL;
		assert_int_equal(
		    jwks_parse(set_text, strlen(set_text), &set), is_usable ? 0 : RESULT_JWKS);
		cJSON_ArrayForEach(test, cJSON_GetObjectItem(group, "tests"))
		{
			bool is_valid =
			    streq(cJSON_GetObjectItem(test, "result")->valuestring, "valid");
			seen++;
			if (!is_usable)
				continue;
			int r = verdict(jwks_only(set), test);
			accepted += r == 0;
			if ((r == 0) != is_valid)
				fail_msg("%s bits, tcId %d: %s", bits,
				    cJSON_GetObjectItem(test, "tcId")->valueint,
				    result_phrase(r));
		}
		jwks_free(set);
		free(set_text);
		free(n);
		free(e);
	}
	cJSON_Delete(json);
	print_message("%s bits: %d of %d accepted\n", bits, accepted, seen);
	assert_int_equal(seen, cases);
	assert_int_equal(accepted, valid);
}

static void signatures_2048(void **state)
{
	(void)state;
	check_file("2048", 259, 7);
}

static void signatures_3072(void **state)
{
	(void)state;
	check_file("3072", 259, 7);
}

static void signatures_4096(void **state)
{
	(void)state;
	check_file("4096", 258, 7);
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
	    cmocka_unit_test(signatures_2048),
	    cmocka_unit_test(signatures_3072),
	    cmocka_unit_test(signatures_4096),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
