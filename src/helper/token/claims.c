/* SPDX-License-Identifier: MIT
 *
 * The claims of a token and the checks that they must pass, one by one.
 */
#include "helper/token/claims.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"
#include "helper/token/base64url.h"
#include "helper/token/claims_make.h"
#include "helper/token/jwt.h"

#define SUB_MAX 255 /* OpenID Connect Core, section 2 */

struct claims {
	struct json *json;
};

int claims_make(const char *payload, size_t len, struct claims **out)
{
	struct json *json = NULL;
	*out = NULL;
	int r = json_parse(payload, len, JWT_MAX, &json, NULL);
	if (r == 0 && json_type(json_root(json)) != JSON_OBJECT)
		r = RESULT_TOKEN_PAYLOAD;
	struct claims *claims = r == 0 ? malloc(sizeof(*claims)) : NULL;
	if (claims == NULL) {
		json_free(json);
		return r == 0 ? RESULT_MEMORY : r == RESULT_JSON ? RESULT_TOKEN_PAYLOAD : r;
	}
	claims->json = json;
	*out = claims;
	return 0;
}

int claims_cached_encode(const struct claims *claims, struct buffer *out)
{
	size_t len = 0;
	const char *payload = json_source(claims->json, &len);
	int r = buffer_reserve(out, BASE64_ENCODED(len));
	if (r != 0)
		return r;
	base64url_encode((const unsigned char *)payload, len, out->bytes + out->len);
	out->len += strlen(out->bytes + out->len);
	return 0;
}

int claims_cached_decode(const char *text, struct claims **out)
{
	struct buffer payload = BUFFER_INIT(JWT_MAX);
	*out = NULL;
	if (strlen(text) > JWT_MAX)
		return RESULT_TOKEN_FORM;
	int r = base64url_append(&payload, text, strlen(text));
	if (r == 0)
		r = claims_make(payload.bytes, payload.len, out);
	buffer_wipe(&payload);
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

const char *claims_sub(const struct claims *claims)
{
	return claims_text(claims, "sub");
}

enum token_use claims_token_use(const struct claims *claims)
{
	return streq(claims_text(claims, "token_use"), "access") ? TOKEN_USE_ACCESS
								 : TOKEN_USE_ID;
}

const char *claims_name(const struct claims *claims, const char *name)
{
	bool is_access = claims_token_use(claims) == TOKEN_USE_ACCESS;
	return is_access && streq(name, "cognito:username") ? "username" : name;
}

const char *claims_username(const struct claims *claims)
{
	return claims_text(claims, claims_name(claims, "cognito:username"));
}

/* Compares in a time that tells nothing but the length. An absent claim equals nothing. */
static bool is_same_secret(const char *claim, const char *secret)
{
	return claim != NULL && strlen(claim) == strlen(secret) &&
	       CRYPTO_memcmp(claim, secret, strlen(secret)) == 0;
}

static bool is_issuer(const struct claims *c, const struct expectation *want, const char *name)
{
	const char *iss = claims_text(c, name);
	const char *const *others = want->alternate_issuers;
	return streq(iss, want->issuer) || (others != NULL && text_among(iss, others));
}

static bool is_use(const struct claims *c, const struct expectation *want, const char *name)
{
	bool is_id = want->token_use == TOKEN_USE_ID;
	if (is_id && want->token_use_optional && claims_get(c, name) == NULL)
		return true;
	return streq(claims_text(c, name), is_id ? "id" : "access");
}

/* Cognito names the client in aud of an ID token, a string, and in client_id of an access
 * token. An array, even if it holds only our id, is not from Cognito. */
static bool is_client(const struct claims *c, const struct expectation *want, const char *name)
{
	return streq(claims_text(c, name), want->client_id);
}

static bool is_future(const struct claims *c, const struct expectation *want, const char *name)
{
	long long when = 0;
	return claims_integer(c, name, &when) && want->now < when + want->leeway;
}

static bool is_past(const struct claims *c, const struct expectation *want, const char *name)
{
	long long when = 0;
	return claims_integer(c, name, &when) && when <= want->now + want->leeway;
}

static bool is_nonce(const struct claims *c, const struct expectation *want, const char *name)
{
	return want->nonce == NULL || is_same_secret(claims_text(c, name), want->nonce);
}

/* The left half of the access token's SHA-256 (OpenID Connect Core, section 3.1.3.6). */
static bool is_at_hash(const struct claims *c, const struct expectation *want, const char *name)
{
	const char *at_hash = claims_text(c, name);
	unsigned char digest[SHA256_DIGEST_LENGTH];
	char text[BASE64_ENCODED(SHA256_DIGEST_LENGTH / 2)];
	if (at_hash == NULL || want->access_token == NULL)
		return at_hash != NULL;
	if (EVP_Digest(want->access_token, strlen(want->access_token), digest, NULL,
		EVP_sha256(), NULL) != 1)
		return false;
	base64url_encode(digest, sizeof(digest) / 2, text);
	return is_same_secret(at_hash, text);
}

static bool is_sub(const struct claims *c, const struct expectation *want, const char *name)
{
	const char *sub = claims_text(c, name);
	(void)want;
	return sub != NULL && sub[0] != '\0' && strlen(sub) <= SUB_MAX &&
	       !text_has_controls(sub);
}

/* A machine's access token (client_credentials) has no username: it never logs in. Another
 * provider's ID token has no cognito:username; a name that is present must be a name. */
static bool is_user(const struct claims *c, const struct expectation *want, const char *name)
{
	const char *text = claims_text(c, name);
	if (claims_get(c, name) == NULL)
		return want->token_use == TOKEN_USE_ID;
	return text != NULL && text[0] != '\0';
}

/* clang-format off */
#define BOTH(claim) {claim, claim}
const struct claim_check claims_checks[] = {
    {"iss", BOTH("iss"), RESULT_CLAIM_ISS, .holds = is_issuer},
    {"token_use", BOTH("token_use"), RESULT_CLAIM_TOKEN_USE, .holds = is_use},
    {"aud", {"aud", "client_id"}, RESULT_CLAIM_AUD, .holds = is_client},
    {"exp", BOTH("exp"), RESULT_CLAIM_EXP, .holds = is_future, .is_time = true},
    {"nbf", BOTH("nbf"), RESULT_CLAIM_NBF, .holds = is_past, .is_time = true, .optional = true},
    {"iat", BOTH("iat"), RESULT_CLAIM_IAT, .holds = is_past, .is_time = true},
    {"auth_time", BOTH("auth_time"), RESULT_CLAIM_AUTH_TIME, .holds = is_past, .is_time = true,
        .optional = true},
    {"nonce", BOTH("nonce"), RESULT_CLAIM_NONCE, .holds = is_nonce},
    {"at_hash", BOTH("at_hash"), RESULT_CLAIM_AT_HASH, .holds = is_at_hash, .optional = true},
    {"sub", BOTH("sub"), RESULT_CLAIM_SUB, .holds = is_sub},
    {"username", {"cognito:username", "username"}, RESULT_CLAIM_USERNAME, .holds = is_user},
};
/* clang-format on */
const size_t claims_checks_len = sizeof(claims_checks) / sizeof(claims_checks[0]);

bool claims_hold(
    const struct claims *c, const struct expectation *want, const struct claim_check *check)
{
	const char *name = check->claim[want->token_use];
	return (check->optional && claims_get(c, name) == NULL) || check->holds(c, want, name);
}

int claims_check(const struct claims *claims, const struct expectation *want)
{
	for (size_t i = 0; i < claims_checks_len; i++)
		if (!claims_hold(claims, want, &claims_checks[i]))
			return claims_checks[i].code;
	return 0;
}
