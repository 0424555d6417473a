/* SPDX-License-Identifier: MIT
 *
 * Tokens that a provider would issue, and those that an attacker would.
 */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"
#include "helper/token/base64url.h"
#include "helper/token/claims.h"
#include "helper/token/jwks.h"
#include "helper/token/jwt.h"
#include "mint.h"

#define HEADER "{\"kid\":\"k\\/1=\",\"alg\":\"RS256\"}"
#define PAYLOAD "{\"sub\":\"alice\"}"

static EVP_PKEY *ours, *theirs;
static struct jwks *set; /* ours, kid "k/1=" */

static int make_keys(void **state)
{
	(void)state;
	ours = mint_key(2048);
	theirs = mint_key(2048);
	char *jwk = mint_jwk(ours, "\"kid\":\"k/1=\",\"use\":\"sig\",\"alg\":\"RS256\",");
	char *text = mint_set((const char *const[]){jwk, NULL});
	int r = jwks_parse(text, strlen(text), &set);
	free(jwk);
	free(text);
	return r;
}

static int free_keys(void **state)
{
	(void)state;
	jwks_free(set);
	EVP_PKEY_free(ours);
	EVP_PKEY_free(theirs);
	return 0;
}

/* Verifies an exact allocation. A refused token must leave nothing behind. */
static int verify_len(const char *token, size_t len)
{
	struct claims *claims = (struct claims *)set;
	char *copy = malloc(len > 0 ? len : 1);
	assert_non_null(copy);
	memcpy(copy, token, len);
	int r = jwt_verify(copy, len, set, &claims);
	assert_int_equal(r == 0, claims != NULL);
	claims_free(claims);
	free(copy);
	return r;
}

/* Also frees the token. */
static int verify(char *token)
{
	int r = verify_len(token, strlen(token));
	free(token);
	return r;
}

static void an_honest_token_gives_its_claims(void **state)
{
	struct claims *claims = NULL;
	char *token = mint_token(ours, HEADER, PAYLOAD);
	(void)state;
	assert_int_equal(jwt_verify(token, strlen(token), set, &claims), 0);
	assert_string_equal(claims_sub(claims), "alice");
	claims_free(claims);
	free(token);
}

static void the_payload_is_given_only_when_the_signature_verifies(void **state)
{
	struct buffer payload = BUFFER_INIT(JWT_MAX);
	char *good = mint_token(ours, HEADER, "bytes"), *bad = mint_token(theirs, HEADER, "x");
	(void)state;
	assert_int_equal(jws_verify(good, strlen(good), set, false, &payload), 0);
	assert_string_equal(buffer_text(&payload), "bytes");
	assert_int_equal(
	    jws_verify(bad, strlen(bad), set, false, &payload), RESULT_TOKEN_SIGNATURE);
	assert_int_equal(payload.len, 0);
	free(bad);
	/* Signed by us, but no base64url to its end: nothing of it may stay. */
	bad = mint_input(ours, "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsvMT0ifQ.c2VjcmV0c2Vj!", 52);
	assert_int_equal(jws_verify(bad, strlen(bad), set, false, &payload), RESULT_TOKEN_FORM);
	struct buffer small = BUFFER_INIT(4);
	assert_int_equal(jws_verify(good, strlen(good), set, false, &small), RESULT_TOKEN_FORM);
	assert_int_equal(small.len, 0);
	assert_int_equal(payload.len, 0);
	assert_null(payload.bytes);
	buffer_wipe(&payload);
	free(good);
	free(bad);
}

static const struct {
	const char *header;
	int code;
} headers[] = {
    {HEADER, 0},
    {"{\"alg\":\"RS256\",\"kid\":\"k/1=\",\"typ\":\"JWT\"}", 0},
    {"{\"alg\":\"RS256\",\"kid\":\"k/1=\",\"x5t\":\"a\",\"made\":[{}]}", 0},
    {"{\"\\u0061lg\":\"RS\\u0032\\u0035\\u0036\",\"kid\":\"k/1=\"}", 0},
    /* alg */
    {"{\"alg\":\"none\",\"kid\":\"k/1=\"}", RESULT_TOKEN_ALG},
    {"{\"alg\":\"None\",\"kid\":\"k/1=\"}", RESULT_TOKEN_ALG},
    {"{\"alg\":\"nOnE\",\"kid\":\"k/1=\"}", RESULT_TOKEN_ALG},
    {"{\"alg\":\"\",\"kid\":\"k/1=\"}", RESULT_TOKEN_ALG},
    {"{\"alg\":\"HS256\",\"kid\":\"k/1=\"}", RESULT_TOKEN_ALG},
    {"{\"alg\":\"RS384\",\"kid\":\"k/1=\"}", RESULT_TOKEN_ALG},
    {"{\"alg\":\"RS512\",\"kid\":\"k/1=\"}", RESULT_TOKEN_ALG},
    {"{\"alg\":\"PS256\",\"kid\":\"k/1=\"}", RESULT_TOKEN_ALG},
    {"{\"alg\":\"ES256\",\"kid\":\"k/1=\"}", RESULT_TOKEN_ALG},
    {"{\"alg\":\"EdDSA\",\"kid\":\"k/1=\"}", RESULT_TOKEN_ALG},
    {"{\"alg\":\"rs256\",\"kid\":\"k/1=\"}", RESULT_TOKEN_ALG},
    {"{\"alg\":\"RS256 \",\"kid\":\"k/1=\"}", RESULT_TOKEN_ALG},
    {"{\"alg\":\"RS2567\",\"kid\":\"k/1=\"}", RESULT_TOKEN_ALG},
    {"{\"ALG\":\"RS256\",\"kid\":\"k/1=\"}", RESULT_TOKEN_ALG},
    {"{\"kid\":\"k/1=\"}", RESULT_TOKEN_ALG},
    {"{\"alg\":256,\"kid\":\"k/1=\"}", RESULT_TOKEN_ALG},
    {"{\"alg\":null,\"kid\":\"k/1=\"}", RESULT_TOKEN_ALG},
    {"{\"alg\":[\"RS256\"],\"kid\":\"k/1=\"}", RESULT_TOKEN_ALG},
    {"{\"alg\":{\"RS256\":1},\"kid\":\"k/1=\"}", RESULT_TOKEN_ALG},
    /* keys of the token's own, extensions, other forms */
    {"{\"alg\":\"RS256\",\"kid\":\"k/1=\",\"jwk\":{\"kty\":\"RSA\"}}", RESULT_TOKEN_HEADER},
    {"{\"alg\":\"RS256\",\"kid\":\"k/1=\",\"jwk\":null}", RESULT_TOKEN_HEADER},
    {"{\"alg\":\"RS256\",\"kid\":\"k/1=\",\"jku\":\"https://a/\"}", RESULT_TOKEN_HEADER},
    {"{\"alg\":\"RS256\",\"kid\":\"k/1=\",\"x5u\":\"https://a/\"}", RESULT_TOKEN_HEADER},
    {"{\"alg\":\"RS256\",\"kid\":\"k/1=\",\"x5c\":[\"MII\"]}", RESULT_TOKEN_HEADER},
    {"{\"alg\":\"RS256\",\"kid\":\"k/1=\",\"crit\":[\"exp\"],\"exp\":1}", RESULT_TOKEN_HEADER},
    {"{\"alg\":\"RS256\",\"kid\":\"k/1=\",\"crit\":[]}", RESULT_TOKEN_HEADER},
    {"{\"alg\":\"RS256\",\"kid\":\"k/1=\",\"crit\":[\"alg\"]}", RESULT_TOKEN_HEADER},
    {"{\"alg\":\"RS256\",\"kid\":\"k/1=\",\"crit\":null}", RESULT_TOKEN_HEADER},
    {"{\"alg\":\"RS256\",\"kid\":\"k/1=\",\"b64\":false,\"crit\":[\"b64\"]}",
	RESULT_TOKEN_HEADER},
    {"{\"alg\":\"RS256\",\"kid\":\"k/1=\",\"b64\":true}", RESULT_TOKEN_HEADER},
    {"{\"alg\":\"RS256\",\"kid\":\"k/1=\",\"zip\":\"DEF\"}", RESULT_TOKEN_HEADER},
    {"{\"alg\":\"RS256\",\"kid\":\"k/1=\",\"cty\":\"JWT\"}", RESULT_TOKEN_HEADER},
    {"{\"alg\":\"RS256\",\"kid\":\"k/1=\",\"\\u0063rit\":[]}", RESULT_TOKEN_HEADER},
    {"{\"alg\":\"RS256\",\"kid\":\"k/1=\",\"typ\":\"at+jwt\"}", RESULT_TOKEN_HEADER},
    {"{\"alg\":\"RS256\",\"kid\":\"k/1=\",\"typ\":\"jwt\"}", RESULT_TOKEN_HEADER},
    {"{\"alg\":\"RS256\",\"kid\":\"k/1=\",\"typ\":\"JWE\"}", RESULT_TOKEN_HEADER},
    {"{\"alg\":\"RS256\",\"kid\":\"k/1=\",\"typ\":\"\"}", RESULT_TOKEN_HEADER},
    {"{\"alg\":\"RS256\",\"kid\":\"k/1=\",\"typ\":null}", RESULT_TOKEN_HEADER},
    {"{\"alg\":\"RS256\",\"kid\":\"k/1=\",\"typ\":[\"JWT\"]}", RESULT_TOKEN_HEADER},
    /* kid */
    {"{\"alg\":\"RS256\"}", RESULT_TOKEN_KID},
    {"{\"alg\":\"RS256\",\"kid\":\"\"}", RESULT_TOKEN_KID},
    {"{\"alg\":\"RS256\",\"kid\":null}", RESULT_TOKEN_KID},
    {"{\"alg\":\"RS256\",\"kid\":1}", RESULT_TOKEN_KID},
    {"{\"alg\":\"RS256\",\"kid\":[\"k/1=\"]}", RESULT_TOKEN_KID},
    {"{\"alg\":\"RS256\",\"KID\":\"k/1=\"}", RESULT_TOKEN_KID},
    {"{\"alg\":\"RS256\",\"kid\":\"k/1\"}", RESULT_TOKEN_KEY},
    {"{\"alg\":\"RS256\",\"kid\":\"K/1=\"}", RESULT_TOKEN_KEY},
    {"{\"alg\":\"RS256\",\"kid\":\"k/1= \"}", RESULT_TOKEN_KEY},
    {"{\"alg\":\"RS256\",\"kid\":\"../../etc/passwd\"}", RESULT_TOKEN_KEY},
    {"{\"alg\":\"RS256\",\"kid\":\"' OR 1=1 --\"}", RESULT_TOKEN_KEY},
    /* not strict JSON, not an object */
    {"{\"alg\":\"none\",\"alg\":\"RS256\",\"kid\":\"k/1=\"}", RESULT_TOKEN_HEADER},
    {"{\"alg\":\"RS256\",\"kid\":\"k/1=\",\"a\\u006cg\":\"none\"}", RESULT_TOKEN_HEADER},
    {"{\"alg\":\"RS256\",\"kid\":\"k/1=\\u0000\"}", RESULT_TOKEN_HEADER},
    {"{\"alg\":\"RS256\",\"kid\":\"k/1=\"}}", RESULT_TOKEN_HEADER},
    {"{\"alg\":\"RS256\",\"kid\":\"k/1=\"", RESULT_TOKEN_HEADER},
    {"\xef\xbb\xbf{\"alg\":\"RS256\",\"kid\":\"k/1=\"}", RESULT_TOKEN_HEADER},
    {"[\"RS256\"]", RESULT_TOKEN_HEADER},
    {"\"RS256\"", RESULT_TOKEN_HEADER},
    {"null", RESULT_TOKEN_HEADER},
};

static void headers_that_want_something_else_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		int r = verify(mint_token(ours, headers[i].header, PAYLOAD));
		if (r != headers[i].code)
			fail_msg("%s: %s", headers[i].header, result_phrase(r));
	}
}

static void a_kid_of_128_bytes_is_looked_up_and_129_is_not(void **state)
{
	char kid[4100];
	(void)state;
	memset(kid, 'k', sizeof(kid));
	static const int lengths[] = {128, 129, 4000};
	for (size_t i = 0; i < 3; i++) {
		char *header =
		    mint_text("{\"alg\":\"RS256\",\"kid\":\"%.*s\"}", lengths[i], kid);
		assert_int_equal(verify(mint_token(ours, header, PAYLOAD)),
		    lengths[i] <= 128 ? RESULT_TOKEN_KEY : RESULT_TOKEN_KID);
		free(header);
	}
}

static void a_header_has_at_most_4_kib(void **state)
{
	(void)state;
	for (int len = 4095; len <= 4098; len++) {
		char *header = mint_text("%-*s", len, HEADER);
		assert_int_equal(verify(mint_token(ours, header, PAYLOAD)),
		    len <= 4096 ? 0 : RESULT_TOKEN_HEADER);
		free(header);
	}
	char *header = mint_text("%-*s", 20000, HEADER);
	assert_int_equal(verify(mint_token(ours, header, PAYLOAD)), RESULT_TOKEN_HEADER);
	free(header);
}

/* HS256 with what an attacker knows of the key: HMAC is never computed here. */
static void hmac_with_the_public_key_is_refused(void **state)
{
	unsigned char *der = NULL, mac[32];
	int der_len = i2d_PUBKEY(ours, &der);
	char *first = mint_base64url("{\"alg\":\"HS256\",\"kid\":\"k/1=\"}", 28);
	char *second = mint_base64url(PAYLOAD, strlen(PAYLOAD));
	char *n = mint_modulus(ours), *input = mint_text("%s.%s", first, second);
	const void *keys[] = {der, n, ""};
	const int lens[] = {der_len, (int)strlen(n), 0};
	(void)state;
	assert_true(der_len > 0);
	for (size_t i = 0; i < 3; i++) {
		HMAC(EVP_sha256(), keys[i], lens[i], (const unsigned char *)input,
		    strlen(input), mac, NULL);
		char *tail = mint_base64url(mac, sizeof(mac));
		int r = verify(mint_text("%s.%s", input, tail));
		assert_true(r == RESULT_TOKEN_ALG || r == RESULT_TOKEN_HEADER);
		free(tail);
	}
	OPENSSL_free(der);
	free(first);
	free(second);
	free(n);
	free(input);
}

static void a_token_has_exactly_three_parts(void **state)
{
	char *token = mint_token(ours, HEADER, PAYLOAD);
	const char *first = strchr(token, '.'), *last = strrchr(token, '.');
	(void)state;
	assert_int_equal(
	    verify(mint_text("%.*s", (int)(first - token), token)), RESULT_TOKEN_FORM);
	assert_int_equal(
	    verify(mint_text("%.*s", (int)(last - token), token)), RESULT_TOKEN_FORM);
	assert_int_equal(
	    verify(mint_text("%.*s.", (int)(last - token), token)), RESULT_TOKEN_FORM);
	assert_int_equal(verify(mint_text("%s.", token)), RESULT_TOKEN_FORM);
	assert_int_equal(verify(mint_text(".%s", token)), RESULT_TOKEN_FORM);
	assert_int_equal(verify(mint_text("%s.AA", token)), RESULT_TOKEN_FORM);
	assert_int_equal(verify(mint_text("%s.AA.AA", token)), RESULT_TOKEN_FORM);
	assert_int_equal(verify(mint_text("%s", first)), RESULT_TOKEN_FORM);
	assert_int_equal(verify(mint_text("%.*s..%s", (int)(first - token), token, first + 1)),
	    RESULT_TOKEN_FORM);
	static const char *const rows[] = {"", ".", "..", "...", "....", "a", "a.b.c", "\n"};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(verify_len(rows[i], strlen(rows[i])), RESULT_TOKEN_FORM);
	assert_int_equal(verify(mint_text("{\"payload\":\"%s\"}", token)), RESULT_TOKEN_FORM);
	free(token);
}

/* Signed as they stand, so that only the form can be what is refused. */
static void parts_in_lax_base64url_are_refused(void **state)
{
	char *first = mint_base64url(HEADER, strlen(HEADER));
	char *second = mint_base64url(PAYLOAD, strlen(PAYLOAD));
	static const char *const marks[] = {
	    "=", " ", "\r\n", "\n", "+", "/", "\t", "%", "\xc3\xa9"};
	(void)state;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		for (int place = 0; place < 4; place++) {
			char *input = mint_text("%s%s%s.%s%s%s", place == 0 ? marks[i] : "",
			    first, place == 1 ? marks[i] : "", place == 2 ? marks[i] : "",
			    second, place == 3 ? marks[i] : "");
			int r = verify(mint_input(ours, input, strlen(input)));
			free(input);
			if (r != RESULT_TOKEN_FORM)
				fail_msg("mark %zu at %d: %s", i, place, result_phrase(r));
		}
	free(first);
	free(second);
}

static void marks_around_and_in_the_signature_are_refused(void **state)
{
	char *token = mint_token(ours, HEADER, PAYLOAD);
	static const char *const marks[] = {"=", "==", " ", "\n", "\r\n", "A"};
	(void)state;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		assert_int_not_equal(verify(mint_text("%s%s", token, marks[i])), 0);
		assert_int_not_equal(verify(mint_text("%s%s", marks[i], token)), 0);
	}
	size_t last = strlen(token) - 1;
	static const char bad[] = "=+/ .";
	for (size_t i = 0; i < sizeof(bad); i++) {
		char *copy = mint_text("%s", token);
		copy[last - 7] = bad[i];
		assert_int_equal(verify_len(copy, last + 1), RESULT_TOKEN_FORM);
		free(copy);
	}
	free(token);
}

/* 256 bytes take 342 characters: 4 bits stand behind the last byte. */
static void bits_behind_the_last_byte_are_refused(void **state)
{
	char *token = mint_token(ours, HEADER, PAYLOAD);
	size_t last = strlen(token) - 1;
	const char *alphabet =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	int accepted = 0;
	(void)state;
	for (const char *c = alphabet; *c != '\0'; c++) {
		char *copy = mint_text("%s", token);
		copy[last] = *c;
		accepted += verify(copy) == 0;
	}
	assert_int_equal(accepted, 1);
	free(token);
}

static void a_signature_of_another_length_is_refused(void **state)
{
	static const size_t lengths[] = {
	    0, 1, 2, 128, 254, 255, 257, 258, 384, 512, 513, 20000, 37000};
	static const unsigned char zeros[37000];
	char *first = mint_base64url(HEADER, strlen(HEADER));
	char *second = mint_base64url(PAYLOAD, strlen(PAYLOAD));
	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		char *tail = mint_base64url(zeros, lengths[i]);
		int r = verify(mint_text("%s.%s.%s", first, second, tail));
		assert_int_equal(r, lengths[i] == 0 || lengths[i] == 37000
					? RESULT_TOKEN_FORM
					: RESULT_TOKEN_SIGNATURE);
		free(tail);
	}
	free(first);
	free(second);
}

/* A true signature with zeros before it is the same number, but another token. */
static void a_padded_signature_is_refused(void **state)
{
	char *token = mint_token(ours, HEADER, PAYLOAD);
	char *last = strrchr(token, '.');
	unsigned char bytes[300] = {0};
	size_t len = 0;
	(void)state;
	assert_int_equal(base64url_decode(last + 1, strlen(last + 1), bytes + 1, 299, &len), 0);
	char *longer = mint_base64url(bytes, len + 1),
	     *shorter = mint_base64url(bytes + 2, len - 1);
	*last = '\0';
	assert_int_equal(verify(mint_text("%s.%s", token, longer)), RESULT_TOKEN_SIGNATURE);
	assert_int_equal(verify(mint_text("%s.%s", token, shorter)), RESULT_TOKEN_SIGNATURE);
	free(longer);
	free(shorter);
	free(token);
}

static void another_tokens_signature_is_refused(void **state)
{
	char *a = mint_token(ours, HEADER, PAYLOAD);
	char *b = mint_token(ours, HEADER, "{\"sub\":\"mallory\"}");
	(void)state;
	assert_int_equal(
	    verify(mint_text("%.*s%s", (int)(strrchr(b, '.') - b), b, strrchr(a, '.'))),
	    RESULT_TOKEN_SIGNATURE);
	free(a);
	free(b);
	assert_int_equal(verify(mint_token(theirs, HEADER, PAYLOAD)), RESULT_TOKEN_SIGNATURE);
}

/* Every bit of the signature, and every bit of header and payload as they travel. */
static void every_flipped_bit_is_refused(void **state)
{
	char *token = mint_token(ours, HEADER, PAYLOAD);
	size_t len = strlen(token);
	(void)state;
	for (size_t i = 0; i < len; i++)
		for (int bit = 0; bit < 8; bit++) {
			token[i] = (char)(token[i] ^ (1 << bit));
			if (verify_len(token, len) == 0)
				fail_msg("bit %d of character %zu", bit, i);
			token[i] = (char)(token[i] ^ (1 << bit));
		}
	assert_int_equal(verify_len(token, len), 0);
	for (size_t cut = 0; cut < len; cut++)
		assert_int_not_equal(verify_len(token, cut), 0);
	free(token);
}

static void payloads_that_are_no_strict_object_are_refused(void **state)
{
	static const char *const rows[] = {
	    "",
	    "[]",
	    "[{\"sub\":\"alice\"}]",
	    "\"sub\"",
	    "null",
	    "1",
	    "true",
	    "{",
	    "{}{}",
	    "{},",
	    "{\"sub\":\"alice\",\"sub\":\"root\"}",
	    "{\"sub\":\"alice\",\"s\\u0075b\":\"root\"}",
	    "{\"sub\":\"alice\\u0000evil\"}",
	    "{\"a\\u0000\":1}",
	    "\xef\xbb\xbf{}",
	    "{\"sub\":\"\xff\"}",
	    "{\"sub\":\"\xc0\xaf\"}",
	    "{\"sub\":\"a\nb\"}",
	    "{\"exp\":NaN}",
	    "{\"exp\":Infinity}",
	    "{\"exp\":01}",
	    "{'sub':'alice'}",
	    "{\"sub\":\"alice\"} x",
	    "{\"a\":[[[[[[[[]]]]]]]]}",
	    "{\"a\":{\"b\":1,\"b\":2}}",
	    "/**/{}",
	    "<x/>",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int r = verify(mint_token(ours, HEADER, rows[i]));
		if (r != RESULT_TOKEN_PAYLOAD)
			fail_msg("%s: %s", rows[i], result_phrase(r));
	}
	assert_int_equal(verify(mint_bytes(ours, HEADER, "{}\0", 3)), RESULT_TOKEN_PAYLOAD);
	assert_int_equal(
	    verify(mint_bytes(ours, HEADER, "{\0}\0", 4)), RESULT_TOKEN_PAYLOAD); /* UTF-16 */
	assert_int_equal(verify(mint_token(ours, HEADER, "{\"a\":[[[[[[[]]]]]]]}")), 0);
}

/* A token of exactly len characters. Blanks behind the header and in the payload make up
 * the rest; base64url has no text of 4n + 1 characters, so both are needed. */
static char *token_of_length(size_t len)
{
	for (int wider = 0; wider < 3; wider++)
		for (size_t blanks = len / 4 * 3 - 330; blanks < len / 4 * 3; blanks++) {
			char *header = mint_text("%s%*s", HEADER, wider, "");
			char *payload = mint_text("{\"sub\":\"%*s\"}", (int)blanks, "a");
			size_t have = (strlen(header) * 4 + 2) / 3 +
				      (strlen(payload) * 4 + 2) / 3 + 2 + 342;
			char *token = have == len ? mint_token(ours, header, payload) : NULL;
			free(header);
			free(payload);
			if (token != NULL)
				return token;
		}
	fail();
	return NULL;
}

static void a_token_has_at_most_48_kib(void **state)
{
	(void)state;
	for (size_t len = JWT_MAX - 2; len <= JWT_MAX + 2; len++) {
		char *token = token_of_length(len);
		assert_int_equal(strlen(token), len);
		assert_int_equal(verify(token), len <= JWT_MAX ? 0 : RESULT_TOKEN_FORM);
	}
	char *dots = malloc(JWT_MAX + 2);
	assert_non_null(dots);
	memset(dots, '.', JWT_MAX + 2);
	assert_int_equal(verify_len(dots, JWT_MAX + 1), RESULT_TOKEN_FORM);
	memset(dots, 'A', JWT_MAX);
	dots[60] = dots[100] = '.';
	assert_int_not_equal(verify_len(dots, JWT_MAX), 0);
	free(dots);
}

static void a_token_without_kid_needs_leave_and_a_single_key(void **state)
{
	struct buffer payload = BUFFER_INIT(JWT_MAX);
	char *token = mint_token(ours, "{\"alg\":\"RS256\"}", PAYLOAD);
	char *mine = mint_jwk(ours, ""), *other = mint_jwk(theirs, "\"kid\":\"o\",");
	char *one = mint_set((const char *const[]){mine, NULL});
	char *two = mint_set((const char *const[]){mine, other, NULL});
	struct jwks *single = NULL, *pair = NULL;
	(void)state;
	assert_int_equal(jwks_parse(one, strlen(one), &single), 0);
	assert_int_equal(jwks_parse(two, strlen(two), &pair), 0);
	size_t len = strlen(token);
	assert_int_equal(jws_verify(token, len, single, true, &payload), 0);
	assert_int_equal(jws_verify(token, len, single, false, &payload), RESULT_TOKEN_KID);
	assert_int_equal(jws_verify(token, len, pair, true, &payload), RESULT_TOKEN_KEY);
	assert_int_equal(payload.len, 0);
	free(token);
	/* A kid that is there counts, even where it may be absent. */
	token = mint_token(ours, "{\"alg\":\"RS256\",\"kid\":\"x\"}", PAYLOAD);
	assert_int_equal(
	    jws_verify(token, strlen(token), single, true, &payload), RESULT_TOKEN_KEY);
	free(token);
	token = mint_token(ours, "{\"alg\":\"RS256\",\"kid\":\"\"}", PAYLOAD);
	assert_int_equal(
	    jws_verify(token, strlen(token), single, true, &payload), RESULT_TOKEN_KID);
	free(token);
	buffer_wipe(&payload);
	jwks_free(single);
	jwks_free(pair);
	free(mine);
	free(other);
	free(one);
	free(two);
}

static void keys_of_3072_and_4096_bits_verify_and_1024_is_never_used(void **state)
{
	static const unsigned sizes[] = {1024, 3072, 4096};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		EVP_PKEY *key = mint_key(sizes[i]);
		char *jwk = mint_jwk(key, "\"kid\":\"k/1=\",");
		char *text = mint_set((const char *const[]){jwk, NULL});
		char *token = mint_token(key, HEADER, PAYLOAD);
		struct jwks *keys = NULL;
		struct claims *claims = NULL;
		int r = jwks_parse(text, strlen(text), &keys);
		assert_int_equal(r, sizes[i] == 1024 ? RESULT_JWKS : 0);
		if (r == 0)
			assert_int_equal(jwt_verify(token, strlen(token), keys, &claims), 0);
		claims_free(claims);
		jwks_free(keys);
		EVP_PKEY_free(key);
		free(jwk);
		free(text);
		free(token);
	}
}

/* RSASSA-PSS and SHA-512 by the right key are still not RS256. */
static void the_right_key_with_another_scheme_is_refused(void **state)
{
	unsigned char signature[256];
	char *first = mint_base64url(HEADER, strlen(HEADER));
	char *second = mint_base64url(PAYLOAD, strlen(PAYLOAD));
	char *input = mint_text("%s.%s", first, second);
	(void)state;
	for (int pss = 0; pss < 2; pss++) {
		size_t size = sizeof(signature);
		EVP_PKEY_CTX *ctx = NULL;
		EVP_MD_CTX *md = EVP_MD_CTX_new();
		assert_int_equal(
		    EVP_DigestSignInit(md, &ctx, pss ? EVP_sha256() : EVP_sha512(), NULL, ours),
		    1);
		if (pss)
			assert_int_equal(
			    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING), 1);
		assert_int_equal(EVP_DigestSign(md, signature, &size,
				     (const unsigned char *)input, strlen(input)),
		    1);
		EVP_MD_CTX_free(md);
		char *tail = mint_base64url(signature, size);
		assert_int_equal(
		    verify(mint_text("%s.%s", input, tail)), RESULT_TOKEN_SIGNATURE);
		free(tail);
	}
	free(first);
	free(second);
	free(input);
}

/* TLS reads the same queue: a refused token must leave no error there. */
static void a_refused_token_leaves_no_openssl_error(void **state)
{
	(void)state;
	ERR_clear_error();
	assert_int_equal(verify(mint_token(theirs, HEADER, PAYLOAD)), RESULT_TOKEN_SIGNATURE);
	assert_int_equal(ERR_peek_error(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_honest_token_gives_its_claims),
	    cmocka_unit_test(the_payload_is_given_only_when_the_signature_verifies),
	    cmocka_unit_test(headers_that_want_something_else_are_refused),
	    cmocka_unit_test(a_kid_of_128_bytes_is_looked_up_and_129_is_not),
	    cmocka_unit_test(a_header_has_at_most_4_kib),
	    cmocka_unit_test(hmac_with_the_public_key_is_refused),
	    cmocka_unit_test(a_token_has_exactly_three_parts),
	    cmocka_unit_test(parts_in_lax_base64url_are_refused),
	    cmocka_unit_test(marks_around_and_in_the_signature_are_refused),
	    cmocka_unit_test(bits_behind_the_last_byte_are_refused),
	    cmocka_unit_test(a_signature_of_another_length_is_refused),
	    cmocka_unit_test(a_padded_signature_is_refused),
	    cmocka_unit_test(another_tokens_signature_is_refused),
	    cmocka_unit_test(every_flipped_bit_is_refused),
	    cmocka_unit_test(payloads_that_are_no_strict_object_are_refused),
	    cmocka_unit_test(a_token_has_at_most_48_kib),
	    cmocka_unit_test(a_token_without_kid_needs_leave_and_a_single_key),
	    cmocka_unit_test(keys_of_3072_and_4096_bits_verify_and_1024_is_never_used),
	    cmocka_unit_test(the_right_key_with_another_scheme_is_refused),
	    cmocka_unit_test(a_refused_token_leaves_no_openssl_error),
	};
	return cmocka_run_group_tests_name("jwt", tests, make_keys, free_keys);
}
