/* SPDX-License-Identifier: MIT */
#include "differential/second.h"

#include <jansson.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/token/claims.h"

#define TOKEN_MAX (48 * 1024) /* the contract's limits */
#define SET_MAX (64 * 1024)
#define KEYS_MOST 64
#define KID_MOST 128
#define SUB_MOST 255

struct second_key {
	char kid[KID_MOST + 1];
	EVP_PKEY *key;
};

struct second_set {
	bool is_usable, is_unable;
	size_t count;
	struct second_key keys[KEYS_MOST];
};

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "second: %s failed\n", what);
	exit(99);
}

/* Decodes base64url by OpenSSL's base64. NULL unless it is the only encoding of its bytes. */
static unsigned char *decode(const char *text, size_t len, size_t *out_len)
{
	size_t padded = (len + 3) / 4 * 4;
	unsigned char *in = malloc(padded + 1), *out = malloc(padded + 4);
	char *again = malloc(padded + 4);
	must(in != NULL && out != NULL && again != NULL, "malloc");
	bool good = len % 4 != 1;
	for (size_t i = 0; i < padded; i++) {
		char c = i < len ? text[i] : '=';
		good = good && (i >= len || c == '-' || c == '_' || (c >= '0' && c <= '9') ||
				   (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'));
		in[i] = (unsigned char)(c == '-' ? '+' : c == '_' ? '/' : c);
	}
	int n = good && padded > 0 ? EVP_DecodeBlock(out, in, (int)padded) : 0;
	good = good && n >= 0;
	*out_len = good ? (size_t)n - (padded - len) : 0;
	if (good && padded > 0) {
		EVP_EncodeBlock((unsigned char *)again, out, (int)*out_len);
		good = memcmp(again, in, padded) == 0;
	}
	free(in);
	free(again);
	if (good)
		return out;
	free(out);
	return NULL;
}

static json_t *load(const char *text, size_t len, bool *is_unable)
{
	json_error_t error;
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	*is_unable = root == NULL && json_error_code(&error) == json_error_numeric_overflow;
	return root;
}

static const char *text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static bool is_text(const json_t *object, const char *name, const char *wanted)
{
	const char *text = text_of(object, name);
	return text != NULL && wanted != NULL && strcmp(text, wanted) == 0;
}

static bool is_absent_or(const json_t *object, const char *name, const char *wanted)
{
	return json_object_get(object, name) == NULL || is_text(object, name, wanted);
}

/* ---- keys ---------------------------------------------------------------------------------
 */

static EVP_PKEY *make_key(const unsigned char *modulus, size_t len)
{
	BIGNUM *n = BN_bin2bn(modulus, (int)len, NULL), *e = BN_new();
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
	EVP_PKEY *key = NULL;
	must(n != NULL && e != NULL && builder != NULL && ctx != NULL, "key");
	BN_set_word(e, RSA_F4);
	OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n);
	OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e);
	OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
	must(EVP_PKEY_fromdata_init(ctx) == 1 &&
		 EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, parameters) == 1,
	    "fromdata");
	OSSL_PARAM_free(parameters);
	OSSL_PARAM_BLD_free(builder);
	EVP_PKEY_CTX_free(ctx);
	BN_free(n);
	BN_free(e);
	return key;
}

static bool may_verify(const json_t *jwk)
{
	const json_t *operations = json_object_get(jwk, "key_ops"), *one = NULL;
	bool found = operations == NULL;
	size_t i = 0;
	if (operations != NULL && !json_is_array(operations))
		return false;
	json_array_foreach(operations, i, one)
	{
		if (!json_is_string(one))
			return false;
		found = found || strcmp(json_string_value(one), "verify") == 0;
	}
	return found;
}

static bool is_public(const json_t *jwk)
{
	static const char *const secrets[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		if (json_object_get(jwk, secrets[i]) != NULL)
			return false;
	return true;
}

/* NULL: a key for something else. */
static EVP_PKEY *read_key(const json_t *jwk)
{
	const char *n = text_of(jwk, "n"), *kid = text_of(jwk, "kid");
	bool has_kid = json_object_get(jwk, "kid") != NULL;
	size_t len = 0;
	if (!is_text(jwk, "kty", "RSA") || !is_absent_or(jwk, "use", "sig") ||
	    !is_absent_or(jwk, "alg", "RS256") || !is_text(jwk, "e", "AQAB") ||
	    !may_verify(jwk) || !is_public(jwk) || n == NULL ||
	    (has_kid && (kid == NULL || kid[0] == '\0' || strlen(kid) > KID_MOST)))
		return NULL;
	unsigned char *modulus = decode(n, strlen(n), &len);
	EVP_PKEY *key = NULL;
	bool is_good = modulus != NULL && len >= 256 && len <= 512 && modulus[0] != 0 &&
		       (len > 256 || modulus[0] >= 0x80) && modulus[len - 1] % 2 == 1;
	if (is_good)
		key = make_key(modulus, len);
	free(modulus);
	return key;
}

static bool is_twice(const struct second_set *set, const char *kid)
{
	for (size_t i = 0; i < set->count; i++)
		if (kid[0] != '\0' && strcmp(set->keys[i].kid, kid) == 0)
			return true;
	return false;
}

struct second_set *second_set_read(const char *text, size_t len)
{
	struct second_set *set = calloc(1, sizeof(*set));
	must(set != NULL, "calloc");
	json_t *root = len <= SET_MAX ? load(text, len, &set->is_unable) : NULL;
	const json_t *keys = json_object_get(root, "keys"), *jwk = NULL;
	size_t i = 0;
	set->is_usable = json_array_size(keys) <= KEYS_MOST;
	json_array_foreach(keys, i, jwk)
	{
		EVP_PKEY *key = set->is_usable ? read_key(jwk) : NULL;
		const char *kid = text_of(jwk, "kid");
		if (key == NULL)
			continue;
		set->is_usable = !is_twice(set, kid != NULL ? kid : "");
		snprintf(set->keys[set->count].kid, KID_MOST + 1, "%s", kid != NULL ? kid : "");
		set->keys[set->count++].key = key;
	}
	set->is_usable = set->is_usable && set->count > 0;
	json_decref(root);
	return set;
}

void second_set_free(struct second_set *set)
{
	for (size_t i = 0; set != NULL && i < set->count; i++)
		EVP_PKEY_free(set->keys[i].key);
	free(set);
}

/* ---- the token ------------------------------------------------------------------------------
 */

static EVP_PKEY *find_key(const struct second_set *set, const char *kid)
{
	for (size_t i = 0; kid != NULL && kid[0] != '\0' && i < set->count; i++)
		if (strcmp(set->keys[i].kid, kid) == 0)
			return set->keys[i].key;
	return NULL;
}

/* RFC 7515, section 4.1; 7519, section 5. */
static const char *judge_header(
    const json_t *header, const struct second_set *set, EVP_PKEY **key)
{
	static const char *const refused[] = {
	    "crit", "jwk", "jku", "x5u", "x5c", "zip", "b64", "cty"};
	if (!json_is_object(header))
		return "header";
	if (!is_text(header, "alg", "RS256"))
		return "alg";
	if (!is_absent_or(header, "typ", "JWT"))
		return "typ";
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (json_object_get(header, refused[i]) != NULL)
			return refused[i];
	*key = find_key(set, text_of(header, "kid"));
	return *key == NULL ? "kid" : "";
}

/* By the digest, not by EVP_DigestVerify(). */
static bool is_signed(EVP_PKEY *key, const char *text, size_t len,
    const unsigned char *signature, size_t signature_len)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	must(ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 &&
		 EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
		 EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1,
	    "verify");
	SHA256((const unsigned char *)text, len, digest);
	bool is = EVP_PKEY_verify(ctx, signature, signature_len, digest, sizeof(digest)) == 1 &&
		  signature_len == (size_t)EVP_PKEY_get_size(key);
	EVP_PKEY_CTX_free(ctx);
	return is;
}

/* ---- the claims ---------------------------------------------------------------------------
 */

static bool is_known_issuer(const char *iss, const struct expectation *want)
{
	const char *const *other = want->alternate_issuers;
	bool is = iss != NULL && strcmp(iss, want->issuer) == 0;
	for (; iss != NULL && other != NULL && *other != NULL; other++)
		is = is || strcmp(iss, *other) == 0;
	return is;
}

/* False when the claim is there and is no time. */
static bool take_time(const json_t *claims, const char *name, long long *out)
{
	const json_t *value = json_object_get(claims, name);
	*out = json_integer_value(value);
	return json_is_integer(value);
}

static const char *judge_times(const json_t *claims, const struct expectation *want)
{
	static const char *const past[] = {"iat", "nbf", "auth_time"};
	long long when = 0;
	if (!take_time(claims, "exp", &when) || when + want->leeway <= want->now)
		return "exp";
	for (size_t i = 0; i < sizeof(past) / sizeof(past[0]); i++) {
		bool may_lack = i > 0 && json_object_get(claims, past[i]) == NULL;
		if (!may_lack &&
		    (!take_time(claims, past[i], &when) || when > want->now + want->leeway))
			return past[i];
	}
	return "";
}

/* OpenID Connect Core, section 3.1.3.6. */
static bool is_at_hash(const char *at_hash, const char *access_token)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	size_t len = 0;
	SHA256((const unsigned char *)access_token, strlen(access_token), digest);
	unsigned char *half = decode(at_hash, strlen(at_hash), &len);
	bool is = half != NULL && len == sizeof(digest) / 2 && memcmp(half, digest, len) == 0;
	free(half);
	return is;
}

static const char *judge_hashes(const json_t *claims, const struct expectation *want)
{
	const char *at_hash = text_of(claims, "at_hash");
	if (want->nonce != NULL && !is_text(claims, "nonce", want->nonce))
		return "nonce";
	if (json_object_get(claims, "at_hash") == NULL)
		return "";
	if (at_hash == NULL ||
	    (want->access_token != NULL && !is_at_hash(at_hash, want->access_token)))
		return "at_hash";
	return "";
}

/* C0, DEL, and C1 in UTF-8. */
static bool has_controls(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	for (; *at != '\0'; at++)
		if (*at < 0x20 || *at == 0x7f || (*at == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0))
			return true;
	return false;
}

static const char *judge_person(const json_t *claims, bool is_id)
{
	const char *sub = text_of(claims, "sub"),
		   *name = is_id ? "cognito:username" : "username";
	const char *username = text_of(claims, name);
	bool may_lack = is_id && json_object_get(claims, name) == NULL;
	if (sub == NULL || sub[0] == '\0' || strlen(sub) > SUB_MOST || has_controls(sub))
		return "sub";
	return may_lack || (username != NULL && username[0] != '\0') ? "" : "username";
}

static const char *judge_claims(const json_t *claims, const struct expectation *want)
{
	bool is_id = want->token_use == TOKEN_USE_ID;
	bool may_lack_use =
	    is_id && want->token_use_optional && json_object_get(claims, "token_use") == NULL;
	if (!json_is_object(claims))
		return "payload";
	if (!is_known_issuer(text_of(claims, "iss"), want))
		return "iss";
	if (!may_lack_use && !is_text(claims, "token_use", is_id ? "id" : "access"))
		return "token_use";
	if (!is_text(claims, is_id ? "aud" : "client_id", want->client_id))
		return "aud";
	const char *why = judge_times(claims, want);
	if (why[0] == '\0')
		why = judge_hashes(claims, want);
	return why[0] != '\0' ? why : judge_person(claims, is_id);
}

/* ---- all of it ------------------------------------------------------------------------------
 */

/* A part of a token that is JSON. */
static json_t *load_part(const char *text, size_t len, bool *is_unable)
{
	size_t size = 0;
	unsigned char *bytes = decode(text, len, &size);
	json_t *root = bytes != NULL ? load((const char *)bytes, size, is_unable) : NULL;
	free(bytes);
	return root;
}

enum second_answer second_judge(const char *token, size_t len, const struct second_set *set,
    const struct expectation *want, const char **why)
{
	const char *first = memchr(token, '.', len), *last = memrchr(token, '.', len);
	const char *reason = "form";
	EVP_PKEY *key = NULL;
	size_t signature_len = 0;
	bool unable[2] = {false, false};
	if (why != NULL)
		*why = reason;
	if (len > TOKEN_MAX || first == NULL || first == last ||
	    memchr(first + 1, '.', (size_t)(last - first - 1)) != NULL)
		return SECOND_NO;
	json_t *header = load_part(token, (size_t)(first - token), &unable[0]);
	json_t *claims = load_part(first + 1, (size_t)(last - first - 1), &unable[1]);
	unsigned char *signature =
	    decode(last + 1, (size_t)(token + len - last - 1), &signature_len);
	if (header != NULL && signature != NULL)
		reason = set->is_usable ? judge_header(header, set, &key) : "set";
	if (key != NULL &&
	    !is_signed(key, token, (size_t)(last - token), signature, signature_len))
		reason = "signature";
	if (reason[0] == '\0')
		reason = judge_claims(claims, want);
	json_decref(header);
	json_decref(claims);
	free(signature);
	if (why != NULL)
		*why = reason;
	bool is_unable = set->is_unable || unable[0] || unable[1];
	return reason[0] == '\0' ? SECOND_YES : is_unable ? SECOND_UNABLE : SECOND_NO;
}
