/* SPDX-License-Identifier: MIT
 *
 * What verifying an ID token costs beside the bare RSA operation: medians of interleaved
 * batches, in microseconds, on one line: verify_us bare_us ratio.
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "helper/token/base64url.h"
#include "helper/token/claims.h"
#include "helper/token/jwks.h"
#include "helper/token/jwt.h"
#include "mint.h"

#define BATCHES 61
#define BATCH 400

#define ISSUER "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_ExAmPlE"
#define CLIENT "6o7h8i9jexampleclientid"

/* A Cognito ID token of a hosted sign-in, about 1,200 bytes when signed. */
static const char payload[] =
    "{\"at_hash\":\"PsicI8WN9p9bSIcgBfSLMA\",\"sub\":\"a1b2c3d4-5678-90ab-cdef-1234567890ab\","
    "\"cognito:groups\":[\"admins\",\"beta-testers\"],\"email_verified\":true,"
    "\"iss\":\"https:\\/\\/cognito-idp.us-east-1.amazonaws.com\\/us-east-1_ExAmPlE\","
    "\"cognito:username\":\"alice\",\"nonce\":\"n-0S6_WzA2Mj\","
    "\"origin_jti\":\"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee\",\"aud\":\"" CLIENT "\","
    "\"event_id\":\"11111111-2222-3333-4444-555555555555\",\"token_use\":\"id\","
    "\"auth_time\":1759345200,\"exp\":1759348800,\"iat\":1759345200,"
    "\"jti\":\"11112222-3333-4444-5555-666677778888\",\"email\":\"alice@example.com\"}";

static const struct expectation want = {
    .issuer = ISSUER,
    .client_id = CLIENT,
    .token_use = TOKEN_USE_ID,
    .nonce = "n-0S6_WzA2Mj",
    .leeway = 60,
    .now = 1759345300,
};

static double now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void verify(const char *token, size_t len, const struct jwks *set)
{
	struct claims *claims = NULL;
	if (jwt_verify(token, len, set, &claims) != 0 || claims_check(claims, &want) != 0)
		exit(1);
	claims_free(claims);
}

static void bare(EVP_PKEY *key, const char *token, size_t len, const unsigned char *signature,
    size_t signature_len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (ctx == NULL || EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) != 1 ||
	    EVP_DigestVerify(
		ctx, signature, signature_len, (const unsigned char *)token, len) != 1)
		exit(1);
	EVP_MD_CTX_free(ctx);
}

static int order(const void *a, const void *b)
{
	const double *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

int main(void)
{
	static double verify_us[BATCHES], bare_us[BATCHES];
	unsigned char signature[512];
	size_t signature_len = 0;
	EVP_PKEY *key = mint_key(2048);
	char *jwk = mint_jwk(key, "\"kid\":\"k\\/+1=\",\"alg\":\"RS256\",\"use\":\"sig\",");
	char *text = mint_set((const char *const[]){jwk, NULL});
	char *token = mint_token(key, "{\"kid\":\"k\\/+1=\",\"alg\":\"RS256\"}", payload);
	const char *last = strrchr(token, '.');
	size_t len = strlen(token), signed_len = (size_t)(last - token);
	struct jwks *set = NULL;
	if (jwks_parse(text, strlen(text), &set) != 0 ||
	    base64url_decode(
		last + 1, strlen(last + 1), signature, sizeof(signature), &signature_len) != 0)
		return 1;
	for (int i = 0; i < BATCHES; i++) {
		double start = now_us();
		for (int j = 0; j < BATCH; j++)
			verify(token, len, set);
		double middle = now_us();
		for (int j = 0; j < BATCH; j++)
			bare(jwks_only(set), token, signed_len, signature, signature_len);
		verify_us[i] = (middle - start) / BATCH;
		bare_us[i] = (now_us() - middle) / BATCH;
	}
	qsort(verify_us, BATCHES, sizeof(double), order);
	qsort(bare_us, BATCHES, sizeof(double), order);
	double ours = verify_us[BATCHES / 2], theirs = bare_us[BATCHES / 2];
	fprintf(
	    stderr, "token of %zu bytes, RS256-2048, verify and claims against bare\n", len);
	printf("%.2f %.2f %.3f\n", ours, theirs, ours / theirs);
	jwks_free(set);
	EVP_PKEY_free(key);
	free(jwk);
	free(text);
	free(token);
	return 0;
}
