/* SPDX-License-Identifier: MIT
 *
 * The ladder. One rung, one claim, one code; what a claim may be is said where it is read.
 */
#include "helper/token/claims.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"
#include "helper/token/base64url.h"
#include "helper/token/claims_make.h"
#include "helper/token/jwt.h"

#define SUB_MAX 255 /* OpenID Connect Core, section 2 */
#define SHA256_BYTES 32

struct claims {
	struct json *json;
};

int claims_make(const char *payload, size_t len, struct claims **out)
{
	struct json *json = NULL;
	struct claims *claims = NULL;
	int r;
	*out = NULL;
	r = json_parse(payload, len, JWT_MAX, &json, NULL);
	if (r != 0)
		return r == RESULT_JSON ? RESULT_TOKEN_PAYLOAD : r;
	r = RESULT_TOKEN_PAYLOAD;
	if (json_type(json_root(json)) != JSON_OBJECT)
		goto out;
	r = RESULT_MEMORY;
	claims = calloc(1, sizeof(*claims));
	if (claims == NULL)
		goto out;
	claims->json = json;
	json = NULL;
	*out = claims;
	r = 0;
out:
	json_free(json);
	return r;
}

void claims_free(struct claims *claims)
{
	if (claims == NULL)
		return;
	json_free(claims->json);
	free(claims);
}

const struct cJSON *claims_get(const struct claims *claims, const char *name)
{
	return json_member(json_root(claims->json), name);
}

const char *claims_text(const struct claims *claims, const char *name)
{
	return json_string(claims_get(claims, name));
}

bool claims_integer(const struct claims *claims, const char *name, long long *out)
{
	return json_integer(claims->json, claims_get(claims, name), out);
}

bool claims_raw(const struct claims *claims, const struct cJSON *value, struct scan_slice *raw)
{
	return json_raw(claims->json, value, raw, NULL);
}

const char *claims_source(const struct claims *claims, size_t *len)
{
	return json_source(claims->json, len);
}

const char *claims_sub(const struct claims *claims)
{
	return claims_text(claims, "sub");
}

const char *claims_username(const struct claims *claims)
{
	bool is_access = streq(claims_text(claims, "token_use"), "access");
	return claims_text(claims, is_access ? "username" : "cognito:username");
}

/* Equal, in a time that tells nothing but the length. NULL equals nothing. */
static bool same_secret(const char *a, const char *b)
{
	return a != NULL && b != NULL && strlen(a) == strlen(b) &&
	       CRYPTO_memcmp(a, b, strlen(a)) == 0;
}

static int check_iss(const struct claims *claims, const struct expectation *want)
{
	const char *iss = claims_text(claims, "iss");
	if (streq(iss, want->issuer))
		return 0;
	for (const char *const *at = want->alternate_issuers; at != NULL && *at != NULL; at++)
		if (streq(iss, *at))
			return 0;
	return RESULT_CLAIM_ISS;
}

static int check_token_use(const struct claims *claims, const struct expectation *want)
{
	const struct cJSON *use = claims_get(claims, "token_use");
	bool is_id = want->token_use == TOKEN_USE_ID;
	if (use == NULL && is_id && want->token_use_optional)
		return 0;
	return streq(json_string(use), is_id ? "id" : "access") ? 0 : RESULT_CLAIM_TOKEN_USE;
}

/* Cognito's ID tokens name the client in aud, a string; its access tokens in client_id. An
 * array, even of us alone, is not from Cognito. */
static int check_aud(const struct claims *claims, const struct expectation *want)
{
	const char *name = want->token_use == TOKEN_USE_ID ? "aud" : "client_id";
	return streq(claims_text(claims, name), want->client_id) ? 0 : RESULT_CLAIM_AUD;
}

static int check_exp(const struct claims *claims, const struct expectation *want)
{
	long long exp = 0;
	if (!claims_integer(claims, "exp", &exp))
		return RESULT_CLAIM_EXP;
	return want->now < exp + want->leeway ? 0 : RESULT_CLAIM_EXP;
}

/* A moment that must not be ahead of us; may be absent. */
static int check_past(
    const struct claims *claims, const struct expectation *want, const char *name, int code)
{
	long long when = 0;
	if (claims_get(claims, name) == NULL)
		return 0;
	if (!claims_integer(claims, name, &when))
		return code;
	return when <= want->now + want->leeway ? 0 : code;
}

static int check_nbf(const struct claims *claims, const struct expectation *want)
{
	return check_past(claims, want, "nbf", RESULT_CLAIM_NBF);
}

static int check_iat(const struct claims *claims, const struct expectation *want)
{
	if (claims_get(claims, "iat") == NULL)
		return RESULT_CLAIM_IAT;
	return check_past(claims, want, "iat", RESULT_CLAIM_IAT);
}

static int check_auth_time(const struct claims *claims, const struct expectation *want)
{
	return check_past(claims, want, "auth_time", RESULT_CLAIM_AUTH_TIME);
}

static int check_nonce(const struct claims *claims, const struct expectation *want)
{
	if (want->nonce == NULL)
		return 0;
	return same_secret(claims_text(claims, "nonce"), want->nonce) ? 0 : RESULT_CLAIM_NONCE;
}

/* The left half of the access token's SHA-256 (OpenID Connect Core, section 3.1.3.6). */
static int check_at_hash(const struct claims *claims, const struct expectation *want)
{
	const struct cJSON *at_hash = claims_get(claims, "at_hash");
	unsigned char digest[SHA256_BYTES];
	char text[BASE64_ENCODED(SHA256_BYTES / 2)];
	if (at_hash == NULL)
		return 0;
	if (json_string(at_hash) == NULL)
		return RESULT_CLAIM_AT_HASH;
	if (want->access_token == NULL)
		return 0;
	if (EVP_Digest(want->access_token, strlen(want->access_token), digest, NULL,
		EVP_sha256(), NULL) != 1)
		return RESULT_MEMORY;
	base64url_encode(digest, sizeof(digest) / 2, text);
	return same_secret(json_string(at_hash), text) ? 0 : RESULT_CLAIM_AT_HASH;
}

static int check_sub(const struct claims *claims, const struct expectation *want)
{
	const char *sub = claims_sub(claims);
	(void)want;
	if (sub == NULL || sub[0] == '\0' || strlen(sub) > SUB_MAX)
		return RESULT_CLAIM_SUB;
	return text_has_controls(sub) ? RESULT_CLAIM_SUB : 0;
}

/* A machine's access token (client_credentials) has no username: it never logs in. Another
 * provider's ID token has no cognito:username; what is there must be a name. */
static int check_username(const struct claims *claims, const struct expectation *want)
{
	bool is_id = want->token_use == TOKEN_USE_ID;
	const struct cJSON *name = claims_get(claims, is_id ? "cognito:username" : "username");
	const char *text = json_string(name);
	if (name == NULL && is_id)
		return 0;
	return text != NULL && text[0] != '\0' ? 0 : RESULT_CLAIM_USERNAME;
}

const struct claims_rung claims_ladder[] = {
    {"iss", check_iss},
    {"token_use", check_token_use},
    {"aud", check_aud},
    {"exp", check_exp},
    {"nbf", check_nbf},
    {"iat", check_iat},
    {"auth_time", check_auth_time},
    {"nonce", check_nonce},
    {"at_hash", check_at_hash},
    {"sub", check_sub},
    {"username", check_username},
};
const size_t claims_ladder_len = sizeof(claims_ladder) / sizeof(claims_ladder[0]);

int claims_check(const struct claims *claims, const struct expectation *want)
{
	for (size_t i = 0; i < claims_ladder_len; i++) {
		int r = claims_ladder[i].check(claims, want);
		if (r != 0)
			return r;
	}
	return 0;
}
