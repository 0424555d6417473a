/* SPDX-License-Identifier: MIT */
#include "proven.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/config/config.h"
#include "helper/token/claims.h"
#include "helper/token/jwks.h"
#include "helper/token/jwt.h"
#include "mint.h"

static EVP_PKEY *signer;
static struct jwks *keys;

static void forget(void)
{
	jwks_free(keys);
	EVP_PKEY_free(signer);
}

/* One key for the whole program: making it is what takes long. */
static void prepare(void)
{
	if (signer != NULL)
		return;
	signer = mint_key(2048);
	char *jwk = mint_jwk(signer, "\"kid\":\"a\",\"use\":\"sig\",");
	const char *const list[] = {jwk, NULL};
	char *set = mint_set(list);
	if (jwks_parse(set, strlen(set), &keys) != 0)
		exit(99);
	free(set);
	free(jwk);
	atexit(forget);
}

struct claims *proven(const char *payload)
{
	struct claims *claims = NULL;
	prepare();
	char *token = mint_token(signer, "{\"alg\":\"RS256\",\"kid\":\"a\"}", payload);
	if (jwt_verify(token, strlen(token), keys, &claims) != 0) {
		fprintf(stderr, "not verified: %s\n", payload);
		exit(99);
	}
	free(token);
	return claims;
}

struct config *configured(const char *members)
{
	struct config *config = NULL;
	struct reason reason = {.detail = ""};
	char *text =
	    mint_text("{\"config\": {\"client_id\": \"c\", \"certs_url\": "
		      "\"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123/"
		      ".well-known/jwks.json\"}%s}",
		members);
	if (config_parse("c.json", text, strlen(text), &config, NULL, &reason) != 0) {
		fprintf(stderr, "%s\n%s\n", reason.detail, text);
		exit(99);
	}
	free(text);
	return config;
}
