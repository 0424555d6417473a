/* SPDX-License-Identifier: MIT
 *
 * Which keys get in. Moduli here are numbers of the right shape; only test_jwt.c signs.
 */
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/buffer.h"
#include "common/result.h"
#include "helper/token/jwks.h"
#include "mint.h"

/* An odd number of this many bits, in base64url. */
static char *number(unsigned bits)
{
	unsigned char bytes[1024];
	size_t len = (bits + 7) / 8;
	memset(bytes, 0xa5, len);
	bytes[0] = (unsigned char)(1u << ((bits - 1) % 8));
	return mint_base64url(bytes, len);
}

/* {"keys":[{kty, e, n, members}]}; n: of 2048 bits. */
static char *set_of_one(const char *members)
{
	char *n = number(2048);
	char *set = mint_text(
	    "{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"%s\"%s}]}", n, members);
	free(n);
	return set;
}

static char *set_of_modulus(const char *n)
{
	return mint_text(
	    "{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\",\"kid\":\"k\",\"n\":\"%s\"}]}", n);
}

/* How many keys of the set are usable; 0 for a refused set. Frees the text. */
static size_t usable(char *text)
{
	struct jwks *set = NULL;
	int r = jwks_parse(text, strlen(text), &set);
	size_t count = r == 0 ? jwks_count(set) : 0;
	assert_true(r == 0 ? count > 0 : r == RESULT_JWKS && set == NULL);
	jwks_free(set);
	free(text);
	return count;
}

static void members_decide_who_gets_in(void **state)
{
	static const struct {
		const char *members;
		size_t usable;
	} rows[] = {
	    {"", 1},
	    {",\"kid\":\"k\",\"use\":\"sig\",\"alg\":\"RS256\"", 1},
	    {",\"x5t\":1,\"x5c\":[],\"made_up\":{\"a\":[null]}", 1}, /* RFC 7517, section 4 */
	    {",\"use\":\"enc\"", 0},
	    {",\"use\":\"SIG\"", 0},
	    {",\"use\":\"\"", 0},
	    {",\"use\":null", 0},
	    {",\"use\":[\"sig\"]", 0},
	    {",\"alg\":\"RS384\"", 0},
	    {",\"alg\":\"PS256\"", 0},
	    {",\"alg\":\"RSA-OAEP\"", 0},
	    {",\"alg\":\"rs256\"", 0},
	    {",\"alg\":null", 0},
	    {",\"alg\":256", 0},
	    {",\"key_ops\":[\"verify\"]", 1},
	    {",\"key_ops\":[\"sign\",\"verify\"]", 1},
	    {",\"key_ops\":[\"verify\",\"sign\",\"verify\"]", 1},
	    {",\"key_ops\":[]", 0},
	    {",\"key_ops\":[\"encrypt\"]", 0},
	    {",\"key_ops\":[\"Verify\"]", 0},
	    {",\"key_ops\":\"verify\"", 0},
	    {",\"key_ops\":[\"verify\",1]", 0},
	    {",\"key_ops\":{\"verify\":true}", 0},
	    {",\"key_ops\":{\"a\":\"verify\"}", 0},
	    {",\"key_ops\":null", 0},
	    {",\"kid\":\"\"", 0},
	    {",\"kid\":7", 0},
	    {",\"kid\":null", 0},
	    {",\"kid\":[\"k\"]", 0},
	    {",\"d\":\"AQAB\"", 0},
	    {",\"p\":\"AQAB\"", 0},
	    {",\"q\":\"AQAB\"", 0},
	    {",\"dp\":\"AQAB\"", 0},
	    {",\"dq\":\"AQAB\"", 0},
	    {",\"qi\":\"AQAB\"", 0},
	    {",\"oth\":[]", 0},
	    {",\"k\":\"AQAB\"", 0},
	    {",\"D\":\"AQAB\"", 1},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (usable(set_of_one(rows[i].members)) != rows[i].usable)
			fail_msg("%s", rows[i].members);
}

static void a_kid_has_at_most_128_bytes(void **state)
{
	char kid[130];
	(void)state;
	memset(kid, 'k', sizeof(kid));
	for (int len = 1; len <= 129; len++) {
		char *members = mint_text(",\"kid\":\"%.*s\"", len, kid);
		assert_int_equal(usable(set_of_one(members)), len <= 128);
		free(members);
	}
}

static void sizes_from_2048_to_4096_bits_get_in(void **state)
{
	static const struct {
		unsigned bits;
		size_t usable;
	} rows[] = {{512, 0}, {1024, 0}, {2040, 0}, {2047, 0}, {2048, 1}, {2049, 1}, {3072, 1},
	    {4095, 1}, {4096, 1}, {4097, 0}, {4104, 0}, {8192, 0}};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *n = number(rows[i].bits);
		if (usable(set_of_modulus(n)) != rows[i].usable)
			fail_msg("%u bits", rows[i].bits);
		free(n);
	}
}

static void bits_and_kids_can_be_read(void **state)
{
	char *n = number(3071);
	char *text = set_of_modulus(n);
	struct jwks *set = NULL;
	(void)state;
	assert_int_equal(jwks_parse(text, strlen(text), &set), 0);
	assert_int_equal(jwks_bits(set, 0), 3071);
	assert_string_equal(jwks_kid(set, 0), "k");
	assert_int_equal(jwks_bits(set, 1), 0);
	assert_string_equal(jwks_kid(set, 1), "");
	assert_ptr_equal(jwks_find(set, "k"), jwks_only(set));
	assert_int_equal(EVP_PKEY_get_bits(jwks_only(set)), 3071);
	assert_null(jwks_find(set, "K"));
	assert_null(jwks_find(set, ""));
	assert_null(jwks_find(set, "kk"));
	jwks_free(set);
	jwks_free(NULL);
	free(text);
	free(n);
}

static void moduli_that_are_not_canonical_or_even_stay_out(void **state)
{
	unsigned char bytes[258];
	char *n;
	(void)state;
	memset(bytes, 0xa5, sizeof(bytes));
	n = mint_base64url(bytes, 256);
	assert_int_equal(usable(set_of_modulus(n)), 1);
	char *padded = mint_text("%s==", n), *dotted = mint_text("%s.", n);
	assert_int_equal(usable(set_of_modulus(padded)), 0);
	assert_int_equal(usable(set_of_modulus(dotted)), 0);
	n[strlen(n) - 1] = 'R'; /* a bit behind the last byte */
	assert_int_equal(usable(set_of_modulus(n)), 0);
	free(padded);
	free(dotted);
	free(n);
	bytes[0] = 0; /* leading zero; also the two's complement form of a positive number */
	n = mint_base64url(bytes, 257);
	assert_int_equal(usable(set_of_modulus(n)), 0);
	free(n);
	bytes[0] = 0xa5;
	bytes[255] = 0xa4; /* even */
	n = mint_base64url(bytes, 256);
	assert_int_equal(usable(set_of_modulus(n)), 0);
	free(n);
	assert_int_equal(usable(set_of_modulus("")), 0);
	assert_int_equal(usable(set_of_modulus("-1")), 0);
}

static void only_the_exponent_65537_gets_in(void **state)
{
	static const char *const rows[] = {
	    "\"AQ\"",
	    "\"Aw\"",
	    "\"AAEAAQ\"",
	    "\"AQAB=\"",
	    "\"AQAC\"",
	    "\"AQABAA\"",
	    "\"\"",
	    "\"aqab\"",
	    "65537",
	    "null",
	    "[\"AQAB\"]",
	    "\"AQAAAAE\"",
	    "\"EQ\"",
	};
	char *n = number(2048);
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (usable(mint_text("{\"keys\":[{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":%s}]}", n,
			rows[i])) != 0)
			fail_msg("%s", rows[i]);
	assert_int_equal(
	    usable(mint_text("{\"keys\":[{\"kty\":\"RSA\",\"n\":\"%s\"}]}", n)), 0);
	assert_int_equal(usable(mint_text("{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\"}]}")), 0);
	assert_int_equal(
	    usable(mint_text("{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":7}]}")), 0);
	free(n);
}

static void other_kinds_of_keys_are_skipped(void **state)
{
	static const char *const rows[] = {
	    "{\"kty\":\"oct\",\"k\":\"-ebuDNsVZ2iJtoZ-akfXTSCt4UO2cruLCsbWlBinggE\"}",
	    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQAB\",\"y\":\"AQAB\"}",
	    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AQAB\"}",
	    "{\"kty\":\"rsa\"}",
	    "{\"kty\":1}",
	    "{}",
	    "[]",
	    "null",
	    "1",
	    "\"RSA\"",
	    "true",
	};
	char *n = number(2048);
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* A bad one among good ones: the good one still works. */
		assert_int_equal(usable(mint_text("{\"keys\":[%s]}", rows[i])), 0);
		assert_int_equal(
		    usable(mint_text(
			"{\"keys\":[%s,{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"%s\"},%s]}",
			rows[i], n, rows[i])),
		    1);
	}
	/* A modulus and an exponent do not make it RSA. */
	static const char *const kinds[] = {
	    "", "\"kty\":\"EC\",", "\"kty\":\"oct\",", "\"kty\":\"rsa\",", "\"kty\":null,"};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		assert_int_equal(
		    usable(
			mint_text("{\"keys\":[{%s\"e\":\"AQAB\",\"n\":\"%s\"}]}", kinds[i], n)),
		    0);
	free(n);
}

/* 65537^128 is a power of 65537 modulo everything: 2049 bits with the fingerprint. */
static void a_key_with_the_roca_fingerprint_stays_out(void **state)
{
	unsigned char bytes[260];
	BIGNUM *n = BN_new(), *base = BN_new(), *power = BN_new();
	BN_CTX *ctx = BN_CTX_new();
	(void)state;
	assert_true(BN_set_word(base, 65537) == 1 && BN_set_word(power, 128) == 1);
	assert_true(BN_exp(n, base, power, ctx) == 1);
	assert_int_equal(BN_num_bits(n), 2049);
	char *text = mint_base64url(bytes, (size_t)BN_bn2bin(n, bytes));
	assert_int_equal(usable(set_of_modulus(text)), 0);
	free(text);
	assert_true(BN_add_word(n, 2) == 1);
	text = mint_base64url(bytes, (size_t)BN_bn2bin(n, bytes));
	assert_int_equal(usable(set_of_modulus(text)), 1);
	free(text);
	BN_free(n);
	BN_free(base);
	BN_free(power);
	BN_CTX_free(ctx);
}

static void two_usable_keys_of_one_kid_refuse_the_set(void **state)
{
	char *a = number(2048), *b = number(2056);
	const char *form =
	    "{\"keys\":[{\"kid\":\"%s\",\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"%s\"},"
	    "{\"kid\":\"%s\",\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"%s\"%s}]}";
	(void)state;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	assert_int_equal(usable(mint_text(form, "k", a, "k", b, "")), 0);
	assert_int_equal(usable(mint_text(form, "k", a, "k", a, "")), 0);
	assert_int_equal(usable(mint_text(form, "k", a, "\\u006b", b, "")), 0);
	assert_int_equal(usable(mint_text(form, "k", a, "K", b, "")), 2);
	assert_int_equal(usable(mint_text(form, "k", a, "k", b, ",\"use\":\"enc\"")), 1);
#pragma GCC diagnostic pop
	free(a);
	free(b);
}

static void keys_without_kid_serve_only_alone(void **state)
{
	char *n = number(2048);
	char *text = mint_text("{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"%s\"},"
			       "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"%s\"}]}",
	    n, n);
	struct jwks *set = NULL;
	(void)state;
	assert_int_equal(jwks_parse(text, strlen(text), &set), 0);
	assert_int_equal(jwks_count(set), 2);
	assert_null(jwks_only(set));
	assert_null(jwks_find(set, ""));
	jwks_free(set);
	free(text);
	text = set_of_one("");
	assert_int_equal(jwks_parse(text, strlen(text), &set), 0);
	assert_non_null(jwks_only(set));
	jwks_free(set);
	free(text);
	free(n);
}

static void texts_that_are_no_key_set_are_refused(void **state)
{
	static const char *const rows[] = {
	    "",
	    "null",
	    "[]",
	    "{}",
	    "{\"keys\":null}",
	    "{\"keys\":{}}",
	    "{\"keys\":[]}",
	    "{\"keys\":\"x\"}",
	    "{\"KEYS\":[]}",
	    "{\"keys\":[]",
	    "<html>",
	    "{\"keys\":[]}{}",
	    "\xef\xbb\xbf{\"keys\":[]}",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(usable(mint_text("%s", rows[i])), 0);
	char *n = number(2048);
	assert_int_equal(usable(mint_text("{\"keys\":{\"a\":{\"kty\":\"RSA\",\"e\":\"AQAB\","
					  "\"n\":\"%s\"}}}",
			     n)),
	    0);
	assert_int_equal(
	    usable(mint_text("[{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"%s\"}]", n)), 0);
	/* A repeated member anywhere refuses, though one reading would be fine. */
	assert_int_equal(usable(mint_text("{\"keys\":[{\"kty\":\"RSA\",\"kty\":\"RSA\","
					  "\"e\":\"AQAB\",\"n\":\"%s\"}]}",
			     n)),
	    0);
	assert_int_equal(usable(mint_text("{\"keys\":[],\"keys\":[{\"kty\":\"RSA\","
					  "\"e\":\"AQAB\",\"n\":\"%s\"}]}",
			     n)),
	    0);
	free(n);
}

/* A set of one good key and so many that are skipped. */
static char *set_with_fillers(size_t fillers, const char *filler)
{
	char *n = number(2048), *text = mint_text("{\"keys\":[");
	for (size_t i = 0; i < fillers; i++) {
		char *more = mint_text("%s%s,", text, filler);
		free(text);
		text = more;
	}
	char *whole = mint_text("%s{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"%s\"}]}", text, n);
	free(text);
	free(n);
	return whole;
}

static void at_most_64_keys_and_64_kib(void **state)
{
	(void)state;
	assert_int_equal(usable(set_with_fillers(JWKS_KEYS_MAX - 1, "{}")), 1);
	assert_int_equal(usable(set_with_fillers(JWKS_KEYS_MAX, "{}")), 0);
	assert_int_equal(usable(set_with_fillers(10000, "{}")), 0);
	char *text = set_of_one("");
	size_t len = strlen(text);
	for (size_t size = JWKS_TEXT_MAX; size <= JWKS_TEXT_MAX + 1; size++) {
		char *padded = malloc(size + 1);
		assert_non_null(padded);
		memset(padded, ' ', size);
		memcpy(padded, text, len);
		padded[size] = '\0';
		assert_int_equal(usable(padded), size <= JWKS_TEXT_MAX);
	}
	free(text);
}

static void behind_the_last_of_the_most_is_none(void **state)
{
	EVP_PKEY *key = mint_key(2048);
	const char *jwks[JWKS_KEYS_MAX + 1] = {NULL};
	struct jwks *set = NULL;
	(void)state;
	for (unsigned i = 0; i < JWKS_KEYS_MAX; i++) {
		char *members = mint_text("\"kid\":\"k%u\",", i);
		jwks[i] = mint_jwk(key, members);
		free(members);
	}
	char *text = mint_set(jwks);
	assert_int_equal(jwks_parse(text, strlen(text), &set), 0);
	assert_int_equal(jwks_count(set), JWKS_KEYS_MAX);
	assert_string_equal(jwks_kid(set, JWKS_KEYS_MAX - 1), "k63");
	assert_string_equal(jwks_kid(set, JWKS_KEYS_MAX), "");
	assert_int_equal(jwks_bits(set, JWKS_KEYS_MAX), 0);
	jwks_free(set);
	for (unsigned i = 0; i < JWKS_KEYS_MAX; i++)
		free((char *)(uintptr_t)jwks[i]);
	free(text);
	EVP_PKEY_free(key);
}

/* The cache is ours alone: whatever is not what we would write is not read. */
static void a_cached_set_is_read_only_as_it_was_written(void **state)
{
	static const char url[] = "https://i.example/jwks.json";
	struct buffer good = BUFFER_INIT(8192), none = BUFFER_INIT(8192);
	char *text = set_of_one(",\"kid\":\"k\"");
	struct jwks *set = NULL;
	long long fetched = 0;
	(void)state;
	assert_int_equal(jwks_cached_encode(url, 1000, text, strlen(text), &good), 0);
	assert_int_equal(jwks_cached_encode(url, 1000, "no set", 6, &none), 0);
	assert_true(
	    jwks_cached_decode(buffer_text(&good), good.len, url, 1000, &set, &fetched));
	assert_int_equal(fetched, 1000);
	jwks_free(set);
	const struct {
		const char *bytes;
		size_t len;
		const char *url;
		long long now;
	} rows[] = {
	    {"", 0, url, 2000},
	    {buffer_text(&good), strlen("pam_cognito_oidc jwks 1\n"), url, 2000},
	    {buffer_text(&good), strlen("pam_cognito_oidc jwks 1\n") + sizeof(url) + 4, url,
		2000},
	    {buffer_text(&good), strlen("pam_cognito_oidc jwks 1\n") + sizeof(url) + 40, url,
		2000},
	    {buffer_text(&good), good.len - 1, url, 2000},
	    {buffer_text(&good), good.len, url, 999}, /* from the future */
	    {buffer_text(&good), good.len, "https://i.example/jwks.jsom", 2000},
	    {buffer_text(&good), good.len, "https://i.example/jwks", 2000},
	    {buffer_text(&none), none.len, url, 2000},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_false(jwks_cached_decode(
		    rows[i].bytes, rows[i].len, rows[i].url, rows[i].now, &set, &fetched));
		assert_null(set);
		assert_int_equal(fetched, 0);
	}
	/* The time with a zero before it, or a sign, is not how it was written. */
	char *zero =
	    mint_text("%.*s01000%s", (int)(strlen("pam_cognito_oidc jwks 1\n") + sizeof(url)),
		buffer_text(&good), strchr(strstr(buffer_text(&good), "1000"), '\n'));
	assert_false(jwks_cached_decode(zero, strlen(zero), url, 2000, &set, &fetched));
	free(zero);
	free(text);
	buffer_wipe(&good);
	buffer_wipe(&none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(members_decide_who_gets_in),
	    cmocka_unit_test(a_kid_has_at_most_128_bytes),
	    cmocka_unit_test(sizes_from_2048_to_4096_bits_get_in),
	    cmocka_unit_test(bits_and_kids_can_be_read),
	    cmocka_unit_test(moduli_that_are_not_canonical_or_even_stay_out),
	    cmocka_unit_test(only_the_exponent_65537_gets_in),
	    cmocka_unit_test(other_kinds_of_keys_are_skipped),
	    cmocka_unit_test(a_key_with_the_roca_fingerprint_stays_out),
	    cmocka_unit_test(two_usable_keys_of_one_kid_refuse_the_set),
	    cmocka_unit_test(keys_without_kid_serve_only_alone),
	    cmocka_unit_test(texts_that_are_no_key_set_are_refused),
	    cmocka_unit_test(at_most_64_keys_and_64_kib),
	    cmocka_unit_test(behind_the_last_of_the_most_is_none),
	    cmocka_unit_test(a_cached_set_is_read_only_as_it_was_written),
	};
	return cmocka_run_group_tests_name("jwks", tests, NULL, NULL);
}
