/* SPDX-License-Identifier: MIT
 *
 * SRP as Cognito speaks it: published vectors, values that trip padding, hostile servers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <openssl/bn.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/flow/srp.h"
#include "helper/flow/srp_group.h"
#include "helper/json/json.h"
#include "helper/net/cognito_api.h"

/* Vectors know a as hex; an odd number of digits is possible. */
static struct srp *client_of(const char *hex)
{
	unsigned char secret[512];
	BIGNUM *a = NULL;
	struct srp *srp = NULL;
	assert_true(BN_hex2bn(&a, hex) > 0);
	int len = BN_bn2bin(a, secret);
	BN_free(a);
	assert_int_equal(srp_new(NULL, secret, (size_t)len, &srp), 0);
	return srp;
}

static bool same_number(const char *a, const char *b)
{
	BIGNUM *x = NULL, *y = NULL;
	BN_hex2bn(&x, a);
	BN_hex2bn(&y, b);
	bool same = BN_cmp(x, y) == 0;
	BN_free(x);
	BN_free(y);
	return same;
}

static struct json *load_vectors(void)
{
	char path[4096];
	struct json *json = NULL;
	const char *folder = getenv("VECTORS");
	struct buffer text = BUFFER_INIT(1024 * 1024);
	char chunk[4096];
	size_t n;
	snprintf(path, sizeof(path), "%s/cognito-srp.json",
	    folder != NULL ? folder : "../shared/vectors");
	FILE *f = fopen(path, "rb");
	if (f == NULL) {
		print_message("skipped: no cognito-srp.json\n");
		skip();
	}
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		assert_int_equal(buffer_append(&text, chunk, n), 0);
	fclose(f);
	assert_int_equal(json_parse(buffer_text(&text), text.len, text.max, &json, NULL), 0);
	buffer_wipe(&text);
	return json;
}

static void check_vector(const struct cJSON *v)
{
	char signature[SRP_SIGNATURE_MAX], hash[SRP_SIGNATURE_MAX];
	struct srp *srp = client_of(json_member_string(v, "a_hex"));
	const struct srp_challenge c = {
	    .pool_name = json_member_string(v, "pool_name"),
	    .user_id = json_member_string(v, "user_id_for_srp"),
	    .password = json_member_string(v, "password"),
	    .salt = json_member_string(v, "SALT_hex"),
	    .server_public = json_member_string(v, "SRP_B_hex"),
	    .secret_block = json_member_string(v, "SECRET_BLOCK_b64"),
	    .timestamp = json_member_string(v, "TIMESTAMP"),
	};
	assert_true(same_number(srp_public(srp), json_member_string(v, "SRP_A_hex")));
	assert_int_equal(srp_sign(srp, &c, signature), 0);
	assert_string_equal(signature, json_member_string(v, "PASSWORD_CLAIM_SIGNATURE"));
	srp_free(srp);
	const char *secret = json_member_string(v, "client_secret");
	if (secret == NULL)
		return;
	const char *expected = json_member_string(v, "SECRET_HASH(test)");
	if (expected == NULL)
		expected = json_member_string(v, "SECRET_HASH(sub)");
	assert_int_equal(cognito_api_secret_hash(
			     c.user_id, json_member_string(v, "client_id"), secret, hash),
	    0);
	assert_string_equal(hash, expected);
}

static void every_published_vector(void **state)
{
	(void)state;
	struct json *json = load_vectors();
	size_t count = 0;
	const struct cJSON *v = json_first(json_member(json_root(json), "vectors"));
	for (; v != NULL; v = json_next(v), count++)
		check_vector(v);
	assert_int_equal(count, 6);
	json_free(json);
}

/* ---- powers of g ----------------------------------------------------------------------- */

static struct {
	struct srp_group *group;
	BN_CTX *ctx;
	BIGNUM *exponent, *power, *expected;
} powers;

static int make_powers(void **state)
{
	(void)state;
	powers.ctx = BN_CTX_new();
	powers.exponent = BN_new();
	powers.power = BN_new();
	powers.expected = BN_new();
	return srp_group_new(&powers.group);
}

static int free_powers(void **state)
{
	(void)state;
	srp_group_free(powers.group);
	BN_CTX_free(powers.ctx);
	BN_free(powers.exponent);
	BN_free(powers.power);
	BN_free(powers.expected);
	return 0;
}

static void check_power(void)
{
	const struct srp_group *group = powers.group;
	assert_int_equal(srp_group_power(group, powers.exponent, powers.power, powers.ctx), 0);
	assert_int_equal(
	    BN_mod_exp(powers.expected, group->g, powers.exponent, group->n, powers.ctx), 1);
	assert_int_equal(BN_cmp(powers.power, powers.expected), 0);
}

/* Every bit alone is every row and column; and what begins, fills and leaves the table. */
static void powers_by_the_table_are_those_of_openssl(void **state)
{
	static const int lengths[] = {1, 64, 65, 255, 256, 257, 319, 320, 321, 1024};
	(void)state;
	for (int bit = 0; bit <= SRP_GROUP_POWER_BITS; bit++) {
		BN_zero(powers.exponent);
		BN_set_bit(powers.exponent, bit);
		check_power();
		BN_sub_word(powers.exponent, 1);
		check_power();
	}
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		for (int round = 0; round < 20; round++) {
			BN_rand(
			    powers.exponent, lengths[i], BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY);
			check_power();
		}
}

/* OpenSSL takes another time for a number with fewer words, and skips its leading zero bytes.
 */
static void every_entry_of_the_table_has_its_full_length(void **state)
{
	(void)state;
	const struct srp_group_entry *entries = powers.group->table[0];
	for (size_t i = 0; i < SRP_GROUP_BLOCKS * SRP_GROUP_ENTRIES; i++) {
		assert_non_null(BN_native2bn(
		    (const unsigned char *)&entries[i], SRP_GROUP_BYTES, powers.power));
		assert_int_equal(BN_num_bytes(powers.power), SRP_GROUP_BYTES);
	}
}

static void a_shared_group_makes_the_same_key(void **state)
{
	static const unsigned char secret[SRP_SECRET_BYTES] = {0x80, 1, 2, 3};
	struct srp *shared = NULL, *own = NULL;
	(void)state;
	assert_int_equal(srp_new(powers.group, secret, sizeof(secret), &shared), 0);
	assert_int_equal(srp_new(NULL, secret, sizeof(secret), &own), 0);
	assert_string_equal(srp_public(shared), srp_public(own));
	srp_free(shared);
	srp_free(own);
	/* It was lent. */
	check_power();
}

/* ---- the server ------------------------------------------------------------------------ */

static const char *const group =
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A0879"
    "8E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B"
    "0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA4836"
    "1C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804"
    "F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6"
    "955817183995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64"
    "ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7ABF5AE8CDB0933D71E8C94E04A25619DCEE3D226"
    "1AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E2"
    "08E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF";

static int sign_with(const char *server_public, const char *salt, const char *block)
{
	char signature[SRP_SIGNATURE_MAX];
	struct srp *srp = client_of("0123456789abcdef");
	const struct srp_challenge c = {
	    .pool_name = "TeStP00l1",
	    .user_id = "alice",
	    .password = "password",
	    .salt = salt,
	    .server_public = server_public,
	    .secret_block = block,
	    .timestamp = "Sat Jan 1 00:00:00 UTC 2022",
	};
	int r = srp_sign(srp, &c, signature);
	srp_free(srp);
	return r;
}

static void hostile_parameters(void **state)
{
	(void)state;
	char twice[800], long_hex[1200];
	BIGNUM *n = NULL;
	BN_hex2bn(&n, group);
	BN_lshift1(n, n);
	char *hex = BN_bn2hex(n);
	snprintf(twice, sizeof(twice), "%s", hex);
	OPENSSL_free(hex);
	BN_free(n);
	memset(long_hex, 'a', sizeof(long_hex) - 1);
	long_hex[sizeof(long_hex) - 1] = '\0';
	assert_int_equal(sign_with("1234", "ab", "c2VjcmV0"), 0);
	/* B that is a multiple of N takes the password out of the computation. */
	assert_int_equal(sign_with("0", "ab", "c2VjcmV0"), RESULT_SRP);
	assert_int_equal(sign_with(group, "ab", "c2VjcmV0"), RESULT_SRP);
	assert_int_equal(sign_with(twice, "ab", "c2VjcmV0"), RESULT_SRP);
	assert_int_equal(sign_with("", "ab", "c2VjcmV0"), RESULT_SRP);
	assert_int_equal(sign_with("12x4", "ab", "c2VjcmV0"), RESULT_SRP);
	assert_int_equal(sign_with("-1", "ab", "c2VjcmV0"), RESULT_SRP);
	assert_int_equal(sign_with("0x12", "ab", "c2VjcmV0"), RESULT_SRP);
	assert_int_equal(sign_with(long_hex, "ab", "c2VjcmV0"), RESULT_SRP);
	assert_int_equal(sign_with("1234", "", "c2VjcmV0"), RESULT_SRP);
	assert_int_equal(sign_with("1234", "ag", "c2VjcmV0"), RESULT_SRP);
	assert_int_equal(sign_with("1234", "ab", "c2Vj cmV0"), RESULT_SRP);
	assert_int_equal(sign_with("1234", "ab", "c2VjcmV0!"), RESULT_SRP);
}

static void odd_lengths_and_base64url_are_accepted(void **state)
{
	(void)state;
	assert_int_equal(sign_with("abc", "abc", "-_-_"), 0);
	assert_int_equal(sign_with("f", "f", "+/+/"), 0);
}

static void a_secret_of_zero_or_too_long_is_refused(void **state)
{
	(void)state;
	unsigned char secret[SRP_SECRET_MAX + 1] = {1};
	struct srp *srp = NULL;
	assert_int_equal(srp_new(NULL, secret, sizeof(secret), &srp), RESULT_SRP);
	assert_null(srp);
}

/* Made by the server's half of the tests, which hashes and raises in Python: with a top bit
 * that is set, and with one that is not. */
static void a_device_s_verifier_is_what_the_server_would_compute(void **state)
{
	static const struct {
		struct srp_challenge device;
		const char *verifier;
	} rows[] = {
	    {{.pool_name = "-9a8b7c6d",
		 .user_id = "eu-west-1_0f3a1c52-7d9e-4b6a-8c1d-2e3f4a5b6c7d",
		 .password = "sJ3k+/Z0device+password==",
		 .salt = "5b00112233445566778899aabbccddee"},
		"ANi7kTZglD2G2IuN9BP3ESD+uXo88Z2jcbBrDnzJaETGMRNBlkdsyJv/LJBb/rtJ18XCh46D0/TD"
		"CFVle+lMBEAasnVh9JD8d8GfYQk0b7b/HtsryRkKOZNwp9qjDEasQXd9XSf4c3eznPjcYRWR9lYy"
		"YdTxEdkhhPx2uLfKspDQ2IAxj/zRk4/+soMp+T1fNRbRW5BD1X+jI2yhTeWqSEDultKHSgNC/NMH"
		"YDNAlFrH5WESBYwBjmHjFicBCLuFhMsBH+RV3LXO+VfT3yldU3KuNwoY6J5X2GT4hET9hY6OCvks"
		"kCfmXllkOIwZ9NVMYJWArO9rM6kOQzZogqBEa7Rmj7J37msv4qpWEFQBsT49upZ6bUp4B3fb1w9g"
		"Vf9MHOA1ZuAxfOjxixihBdIOj9itQj2CUl56uFRLfBxA0m7TgIRsPoY9u6TUs1DW3UuiOOMVRHf+"
		"jLFO3dROAFzt6TDoVLxktbdUuhOS0Me2Z5xkajmbiJCS1g8ZR+gJjxaeXw=="},
	    {{.pool_name = "-g",
		 .user_id = "k",
		 .password = "p1",
		 .salt = "40404040404040404040404040404040"},
		"diMS0KmXkkWGU+DZmm0+HOyMs1DoesoSYO2A/jJQ81YVR6efi2xYngMvXvSe+TsBN5WB5uYtLo+H"
		"jMMxJ1pKzsQODTWGHa/HzmaNBWQrewNjdLMRVdZp4X6AUXs59o2JYJU0zm6ECZd0rgXMU0ocySYm"
		"EaQplNEj/Aoo8Nq2bmb5Hsrv/OrIKPFyO0I3ryZMJoKH+cmpO9RJktmKyqmi1/HCAwUjVZE2/75e"
		"xkVSosJodLY28/kzaof4o2HkiXMuEc5o/YrGCLRiA1D656d7B71ws44BhmfAfpGTfJt7a59jsx9l"
		"xGj98KAYwbKPxcu29+kUPU40NglTSF0WR5wOnc++A//BvxAv85MtLbY5I1WdY3dKtRFs4YMJw5lS"
		"lP9JsgTeOOAyuceF/BS7N0X7EVgVil0Wz45F2WACODPu8m7sKTbPkHzlHTrAEyB4M5W8pLrm3ODE"
		"NBSCQi9g2CRn8Ihb1yzlywD7ja2cKduj/wFOq1dhYeTb/P+Z15pVW31N"},
	};
	char verifier[SRP_VERIFIER_MAX];
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct srp *srp = NULL;
		assert_int_equal(srp_new_random(NULL, &srp), 0);
		assert_int_equal(srp_verifier(srp, &rows[i].device, verifier), 0);
		assert_string_equal(verifier, rows[i].verifier);
		srp_free(srp);
	}
}

static void timestamps_are_english_and_unpadded(void **state)
{
	(void)state;
	static const struct {
		long long now;
		const char *text;
	} rows[] = {
	    {0, "Thu Jan 1 00:00:00 UTC 1970"},
	    {1640995200, "Sat Jan 1 00:00:00 UTC 2022"},
	    {1632897648, "Wed Sep 29 06:40:48 UTC 2021"},
	    {1793491209, "Sun Nov 1 00:00:09 UTC 2026"},
	    {1798761599, "Thu Dec 31 23:59:59 UTC 2026"},
	    {2147483648, "Tue Jan 19 03:14:08 UTC 2038"},
	};
	char text[SRP_TIMESTAMP_MAX];
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		srp_timestamp(rows[i].now, text);
		assert_string_equal(text, rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_published_vector),
	    cmocka_unit_test(powers_by_the_table_are_those_of_openssl),
	    cmocka_unit_test(every_entry_of_the_table_has_its_full_length),
	    cmocka_unit_test(a_shared_group_makes_the_same_key),
	    cmocka_unit_test(hostile_parameters),
	    cmocka_unit_test(odd_lengths_and_base64url_are_accepted),
	    cmocka_unit_test(a_secret_of_zero_or_too_long_is_refused),
	    cmocka_unit_test(a_device_s_verifier_is_what_the_server_would_compute),
	    cmocka_unit_test(timestamps_are_english_and_unpadded),
	};
	return cmocka_run_group_tests(tests, make_powers, free_powers);
}
