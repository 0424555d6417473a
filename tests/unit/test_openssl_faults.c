/* SPDX-License-Identifier: MIT
 *
 * Whatever OpenSSL or the allocator cannot do, a token is not verified by it, and nothing is
 * left. Linked with --wrap for each function here.
 */
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/token/claims.h"
#include "helper/token/jwks.h"
#include "helper/token/jwt.h"
#include "mint.h"

enum broken {
	NOTHING,
	DIGEST,
	CONTEXT,
	CONTEXT_INIT,
	FROM_NUMBERS,
	NUMBER,
	MD_CONTEXT,
	VERIFY_INIT,
	CALLOC,
	MALLOC,
	BROKEN_LEN
};
static enum broken broken;
static unsigned met, good; /* how many calls there were; how many of them do not fail */

static bool fails(enum broken what)
{
	return broken == what && met++ == good;
}

/* The function as it is, unless it is the broken one. */
#define WRAP(type, f, what, nothing, params, args)                                             \
	type __real_##f params;                                                                \
	type __wrap_##f params;                                                                \
	type __wrap_##f params                                                                 \
	{                                                                                      \
		return fails(what) ? (nothing) : __real_##f args;                              \
	}

WRAP(int, EVP_Digest, DIGEST, 0,
    (const void *bytes, size_t len, unsigned char *out, unsigned *size, const EVP_MD *md,
	ENGINE *engine),
    (bytes, len, out, size, md, engine))
WRAP(EVP_PKEY_CTX *, EVP_PKEY_CTX_new_from_name, CONTEXT, NULL,
    (OSSL_LIB_CTX * library, const char *name, const char *properties),
    (library, name, properties))
WRAP(int, EVP_PKEY_fromdata_init, CONTEXT_INIT, 0, (EVP_PKEY_CTX * ctx), (ctx))
WRAP(int, EVP_PKEY_fromdata, FROM_NUMBERS, 0,
    (EVP_PKEY_CTX * ctx, EVP_PKEY **out, int selection, OSSL_PARAM *params),
    (ctx, out, selection, params))
WRAP(BIGNUM *, BN_bin2bn, NUMBER, NULL, (const unsigned char *bytes, int len, BIGNUM *out),
    (bytes, len, out))
WRAP(EVP_MD_CTX *, EVP_MD_CTX_new, MD_CONTEXT, NULL, (void), ())
WRAP(int, EVP_DigestVerifyInit, VERIFY_INIT, 0,
    (EVP_MD_CTX * ctx, EVP_PKEY_CTX **key_ctx, const EVP_MD *md, ENGINE *engine, EVP_PKEY *key),
    (ctx, key_ctx, md, engine, key))
WRAP(void *, calloc, CALLOC, NULL, (size_t count, size_t size), (count, size))
WRAP(void *, malloc, MALLOC, NULL, (size_t size), (size))

static EVP_PKEY *pair;
static char *keys, *token, *bound;

static int mint(void **state)
{
	(void)state;
	pair = mint_key(2048);
	char *jwk = mint_jwk(pair, "\"kid\":\"k\",");
	keys = mint_set((const char *const[]){jwk, NULL});
	token = mint_token(pair, "{\"alg\":\"RS256\",\"kid\":\"k\"}",
	    "{\"iss\":\"https://i.example\",\"sub\":\"a\"}");
	unsigned char digest[32];
	EVP_Digest("an-access-token", 15, digest, NULL, EVP_sha256(), NULL);
	char *half = mint_base64url(digest, sizeof(digest) / 2);
	char *payload = mint_text("{\"sub\":\"a\",\"at_hash\":\"%s\"}", half);
	bound = mint_token(pair, "{\"alg\":\"RS256\",\"kid\":\"k\"}", payload);
	free(half);
	free(payload);
	free(jwk);
	return 0;
}

static int forget(void **state)
{
	(void)state;
	EVP_PKEY_free(pair);
	free(keys);
	free(token);
	free(bound);
	return 0;
}

/* Nothing is left of what is refused, whichever call fails. */
static void a_key_set_is_none(void **state)
{
	(void)state;
	for (enum broken which = NOTHING + 1; which < BROKEN_LEN; which++)
		for (good = 0, met = 1; met >= good; good++) {
			struct jwks *set = (struct jwks *)keys;
			met = 0;
			broken = which;
			int r = jwks_parse(keys, strlen(keys), &set);
			broken = NOTHING;
			assert_int_equal(r, met > good ? RESULT_MEMORY : 0);
			assert_int_equal(set != NULL, r == 0);
			jwks_free(set);
		}
}

static void a_signature_proves_nothing(void **state)
{
	struct jwks *set = NULL;
	(void)state;
	assert_int_equal(jwks_parse(keys, strlen(keys), &set), 0);
	for (enum broken which = NOTHING + 1; which < BROKEN_LEN; which++)
		for (good = 0, met = 1; met >= good; good++) {
			struct claims *claims = (struct claims *)keys;
			met = 0;
			broken = which;
			int r = jwt_verify(token, strlen(token), set, &claims);
			broken = NOTHING;
			int expected =
			    which == VERIFY_INIT ? RESULT_TOKEN_SIGNATURE : RESULT_MEMORY;
			assert_int_equal(r, met > good ? expected : 0);
			assert_int_equal(claims != NULL, r == 0);
			claims_free(claims);
		}
	jwks_free(set);
}

/* at_hash is compared with a digest: without one there is nothing to compare. */
static void nor_does_a_hash_that_cannot_be_computed(void **state)
{
	const struct expectation want = {
	    .token_use = TOKEN_USE_ID, .access_token = "an-access-token"};
	const struct claim_check *check = claims_checks;
	struct jwks *set = NULL;
	struct claims *claims = NULL;
	(void)state;
	while (!streq(check->name, "at_hash"))
		check++;
	assert_int_equal(jwks_parse(keys, strlen(keys), &set), 0);
	assert_int_equal(jwt_verify(bound, strlen(bound), set, &claims), 0);
	assert_true(claims_hold(claims, &want, check));
	met = good = 0;
	broken = DIGEST;
	assert_false(claims_hold(claims, &want, check));
	broken = NOTHING;
	assert_int_equal(met, 1);
	claims_free(claims);
	jwks_free(set);
}

static void a_cache_is_not_written_and_not_believed(void **state)
{
	struct buffer cached = BUFFER_INIT(4096);
	struct jwks *set = NULL;
	long long fetched = 0;
	(void)state;
	met = good = 0;
	broken = DIGEST;
	assert_int_equal(
	    jwks_cached_encode("https://i.example", 1, keys, strlen(keys), &cached),
	    RESULT_MEMORY);
	broken = NOTHING;
	buffer_wipe(&cached);
	assert_int_equal(
	    jwks_cached_encode("https://i.example", 1, keys, strlen(keys), &cached), 0);
	met = 0;
	broken = DIGEST;
	assert_false(jwks_cached_decode(
	    buffer_text(&cached), cached.len, "https://i.example", 2, &set, &fetched));
	broken = NOTHING;
	assert_null(set);
	assert_int_equal(fetched, 0);
	assert_true(jwks_cached_decode(
	    buffer_text(&cached), cached.len, "https://i.example", 2, &set, &fetched));
	jwks_free(set);
	buffer_wipe(&cached);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_key_set_is_none),
	    cmocka_unit_test(a_signature_proves_nothing),
	    cmocka_unit_test(nor_does_a_hash_that_cannot_be_computed),
	    cmocka_unit_test(a_cache_is_not_written_and_not_believed),
	};
	return cmocka_run_group_tests(tests, mint, forget);
}
