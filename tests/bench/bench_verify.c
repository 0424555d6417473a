/* SPDX-License-Identifier: MIT
 *
 * What verifying an ID token costs beside the bare RSA operation: medians of interleaved
 * batches, in microseconds, on one line: verify_us cold_us bare_us ratio cold_ratio. Cold: from
 * the text of the key set, as each login does it.
 *
 *	bench_verify			measures
 *	bench_verify KIND COUNT		does one of verify, cold and bare so often, for a tool
 *					that counts instructions
 *	bench_verify write FOLDER	leaves token and key set there, for peers/
 *	bench_verify read FOLDER	measures with those
 */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/text.h"
#include "helper/token/base64url.h"
#include "helper/token/claims.h"
#include "helper/token/jwks.h"
#include "helper/token/jwt.h"
#include "mint.h"

#define BATCHES 61
#define BATCHES_OF_PEERS 11
#define BATCH 100

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
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); /* others run meanwhile */
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static __attribute__((noinline)) void verify(
    const char *token, size_t len, const struct jwks *set)
{
	struct claims *claims = NULL;
	if (jwt_verify(token, len, set, &claims) != 0 || claims_check(claims, &want) != 0)
		exit(1);
	claims_free(claims);
}

static __attribute__((noinline)) void cold(const char *token, size_t len, const char *keys)
{
	struct jwks *set = NULL;
	if (jwks_parse(keys, strlen(keys), &set) != 0)
		exit(1);
	verify(token, len, set);
	jwks_free(set);
}

static __attribute__((noinline)) void bare(EVP_PKEY *key, const char *token, size_t len,
    const unsigned char *signature, size_t signature_len)
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

struct subject {
	char *keys, *token;
	struct jwks *set;
	size_t len, signed_len;
	unsigned char signature[512];
	size_t signature_len;
};

static const char *const kinds[] = {"verify", "cold", "bare"};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void run(const struct subject *s, size_t kind)
{
	if (kind == 0)
		verify(s->token, s->len, s->set);
	else if (kind == 1)
		cold(s->token, s->len, s->keys);
	else
		bare(
		    jwks_only(s->set), s->token, s->signed_len, s->signature, s->signature_len);
}

static void measure(const struct subject *s, int batches)
{
	static double times[KINDS][BATCHES];
	double us[KINDS];
	for (int i = 0; i < batches; i++)
		for (size_t kind = 0; kind < KINDS; kind++) {
			double start = now_us();
			for (int j = 0; j < BATCH; j++)
				run(s, kind);
			times[kind][i] = (now_us() - start) / BATCH;
		}
	for (size_t kind = 0; kind < KINDS; kind++) {
		qsort(times[kind], (size_t)batches, sizeof(double), order);
		us[kind] = times[kind][batches / 2];
	}
	printf("%.2f %.2f %.2f %.3f %.3f\n", us[0], us[1], us[2], us[0] / us[2], us[1] / us[2]);
}

static FILE *file_of(const char *folder, const char *name, const char *mode)
{
	char *path = mint_text("%s/%s", folder, name);
	FILE *f = fopen(path, mode);
	if (f == NULL) {
		perror(path);
		exit(1);
	}
	free(path);
	return f;
}

static void write_text(const char *folder, const char *name, const char *text)
{
	FILE *f = file_of(folder, name, "we");
	fputs(text, f);
	fclose(f);
}

static char *read_text(const char *folder, const char *name)
{
	FILE *f = file_of(folder, name, "re");
	char *text = calloc(1, JWT_MAX);
	if (text == NULL || fread(text, 1, JWT_MAX - 1, f) == 0)
		exit(1);
	fclose(f);
	return text;
}

static void mint(struct subject *s, const char *folder)
{
	EVP_PKEY *key = mint_key(2048);
	char *jwk = mint_jwk(key, "\"kid\":\"k\\/+1=\",\"alg\":\"RS256\",\"use\":\"sig\",");
	s->keys = mint_set((const char *const[]){jwk, NULL});
	s->token = mint_token(key, "{\"kid\":\"k\\/+1=\",\"alg\":\"RS256\"}", payload);
	if (folder != NULL) {
		write_text(folder, "token", s->token);
		write_text(folder, "jwks", s->keys);
		write_text(folder, "issuer", ISSUER);
		write_text(folder, "client", CLIENT);
		FILE *f = file_of(folder, "pem", "we");
		PEM_write_PUBKEY(f, key);
		fclose(f);
	}
	EVP_PKEY_free(key);
	free(jwk);
}

static void prepare(struct subject *s)
{
	const char *last = strrchr(s->token, '.');
	s->len = strlen(s->token);
	s->signed_len = (size_t)(last - s->token);
	if (jwks_parse(s->keys, strlen(s->keys), &s->set) != 0 ||
	    base64url_decode(last + 1, strlen(last + 1), s->signature, sizeof(s->signature),
		&s->signature_len) != 0)
		exit(1);
}

int main(int argc, char **argv)
{
	struct subject s = {.keys = NULL};
	bool is_read = argc == 3 && streq(argv[1], "read");
	bool is_written = argc == 3 && streq(argv[1], "write");
	if (is_read) {
		s.token = read_text(argv[2], "token");
		s.keys = read_text(argv[2], "jwks");
	} else {
		mint(&s, is_written ? argv[2] : NULL);
	}
	prepare(&s);
	if (argc == 1 || is_read)
		measure(&s, is_read ? BATCHES_OF_PEERS : BATCHES);
	for (size_t kind = 0; argc == 3 && kind < KINDS; kind++)
		for (long i = 0; streq(argv[1], kinds[kind]) && i < strtol(argv[2], NULL, 10);
		     i++)
			run(&s, kind);
	jwks_free(s.set);
	free(s.keys);
	free(s.token);
	return 0;
}
