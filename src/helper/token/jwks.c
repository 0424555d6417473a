/* SPDX-License-Identifier: MIT
 *
 * A key that breaks a rule is skipped silently: providers publish keys for other uses beside
 * ours (RFC 7517, section 5).
 */
#include "helper/token/jwks.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"
#include "helper/token/base64url.h"

#define MODULUS_BITS_MIN 2048
#define MODULUS_BYTES_MAX (4096 / 8)
#define EXPONENT 65537u

struct key {
	char kid[JWKS_KID_MAX + 1]; /* "": none */
	EVP_PKEY *pkey;
};

struct jwks {
	size_t count;
	struct key keys[JWKS_KEYS_MAX];
};

/* Absent, or exactly this string. */
static bool is_absent_or(const struct cJSON *key, const char *name, const char *text)
{
	const struct cJSON *member = json_member(key, name);
	return member == NULL || streq(json_string(member), text);
}

/* key_ops: absent, or an array of strings with "verify" among them (RFC 7517, section 4.3). */
static bool may_verify(const struct cJSON *key)
{
	const struct cJSON *operations = json_member(key, "key_ops");
	bool has_verify = operations == NULL;
	if (operations != NULL && json_type(operations) != JSON_ARRAY)
		return false;
	for (const struct cJSON *at = json_first(operations); at != NULL; at = json_next(at)) {
		if (json_string(at) == NULL)
			return false;
		has_verify = has_verify || streq(json_string(at), "verify");
	}
	return has_verify;
}

/* Everyone who read such a set could sign with the key: its signatures prove nothing. */
static bool is_private(const struct cJSON *key)
{
	static const char *const names[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (json_member(key, names[i]) != NULL)
			return true;
	return false;
}

static bool read_kid(const struct cJSON *key, char *out)
{
	const struct cJSON *kid = json_member(key, "kid");
	const char *text = kid != NULL ? json_string(kid) : "";
	if (text == NULL || (kid != NULL && text[0] == '\0') || strlen(text) > JWKS_KID_MAX)
		return false;
	memcpy(out, text, strlen(text) + 1);
	return true;
}

/* Every rule but those of the modulus. */
static bool is_usable(const struct cJSON *key)
{
	return streq(json_member_string(key, "kty"), "RSA") &&
	       is_absent_or(key, "use", "sig") && is_absent_or(key, "alg", "RS256") &&
	       may_verify(key) && !is_private(key) &&
	       /* 65537 in its only canonical form */
	       streq(json_member_string(key, "e"), "AQAB");
}

/* CVE-2017-15361: Infineon's primes are k * M + 65537^a mod M with M a product of small
 * primes, so the modulus is a power of 65537 modulo each of them. These are the primes up
 * to 167 where that is not true of every number; an honest modulus is taken for one of
 * Infineon's once in 2^27. */
static bool has_roca_fingerprint(const BIGNUM *n)
{
	static const BN_ULONG primes[] = {
	    11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157};
	for (size_t i = 0; i < sizeof(primes) / sizeof(primes[0]); i++) {
		BN_ULONG rest = BN_mod_word(n, primes[i]);
		BN_ULONG step = EXPONENT % primes[i], power = step;
		while (power != 1 && power != rest)
			power = power * step % primes[i];
		if (power != rest)
			return false;
	}
	return true;
}

/* Returns 0 or RESULT_MEMORY. */
static int make_pkey(const BIGNUM *n, EVP_PKEY **out)
{
	unsigned char native[MODULUS_BYTES_MAX];
	unsigned exponent = EXPONENT;
	int len = BN_bn2nativepad(n, native, BN_num_bytes(n));
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, native, (size_t)len),
	    OSSL_PARAM_construct_uint(OSSL_PKEY_PARAM_RSA_E, &exponent),
	    OSSL_PARAM_construct_end(),
	};
	bool is_made = ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1 &&
		       EVP_PKEY_fromdata(ctx, out, EVP_PKEY_PUBLIC_KEY, params) == 1;
	EVP_PKEY_CTX_free(ctx);
	return is_made ? 0 : RESULT_MEMORY;
}

/* pkey stays NULL when the key is skipped. Returns 0 or RESULT_MEMORY. */
static int read_key(const struct cJSON *key, struct key *out)
{
	const char *text = json_member_string(key, "n");
	unsigned char bytes[MODULUS_BYTES_MAX];
	size_t len = 0;
	if (!is_usable(key) || !read_kid(key, out->kid) || text == NULL ||
	    base64url_decode(text, strlen(text), bytes, sizeof(bytes), &len) != 0)
		return 0;
	/* RFC 7518, section 6.3.1.1: the fewest bytes that hold it. */
	if (len == 0 || bytes[0] == 0)
		return 0;
	BIGNUM *n = BN_bin2bn(bytes, (int)len, NULL);
	if (n == NULL)
		return RESULT_MEMORY;
	int bits = BN_num_bits(n);
	bool is_good = bits >= MODULUS_BITS_MIN && BN_is_odd(n) && !has_roca_fingerprint(n);
	int r = is_good ? make_pkey(n, &out->pkey) : 0;
	BN_free(n);
	return r;
}

static int read_set(const struct cJSON *keys, struct jwks *set)
{
	size_t count = json_count(keys);
	if (json_type(keys) != JSON_ARRAY || count == 0 || count > JWKS_KEYS_MAX)
		return RESULT_JWKS;
	for (const struct cJSON *at = json_first(keys); at != NULL; at = json_next(at)) {
		struct key *key = &set->keys[set->count];
		int r = read_key(at, key);
		if (r != 0)
			return r;
		if (key->pkey == NULL)
			continue;
		/* Which of two keys with one kid is meant? */
		if (jwks_find(set, key->kid) != NULL) {
			EVP_PKEY_free(key->pkey);
			return RESULT_JWKS;
		}
		set->count++;
	}
	return set->count > 0 ? 0 : RESULT_JWKS;
}

int jwks_parse(const char *text, size_t len, struct jwks **out)
{
	struct json *json = NULL;
	*out = NULL;
	int r = json_parse(text, len, JWKS_TEXT_MAX, &json, NULL);
	if (r != 0)
		return r == RESULT_JSON ? RESULT_JWKS : r;
	struct jwks *set = calloc(1, sizeof(*set));
	r = set != NULL ? read_set(json_member(json_root(json), "keys"), set) : RESULT_MEMORY;
	json_free(json);
	if (r != 0)
		jwks_free(set);
	else
		*out = set;
	return r;
}

void jwks_free(struct jwks *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->count; i++)
		EVP_PKEY_free(set->keys[i].pkey);
	free(set);
}

size_t jwks_count(const struct jwks *set)
{
	return set->count;
}

struct evp_pkey_st *jwks_find(const struct jwks *set, const char *kid)
{
	for (size_t i = 0; i < set->count && kid[0] != '\0'; i++)
		if (streq(set->keys[i].kid, kid))
			return set->keys[i].pkey;
	return NULL;
}

struct evp_pkey_st *jwks_only(const struct jwks *set)
{
	return set->count == 1 ? set->keys[0].pkey : NULL;
}

const char *jwks_kid(const struct jwks *set, size_t i)
{
	return i < set->count ? set->keys[i].kid : "";
}

int jwks_bits(const struct jwks *set, size_t i)
{
	return i < set->count ? EVP_PKEY_get_bits(set->keys[i].pkey) : 0;
}

#define HEADING "pam_cognito_oidc jwks 1"
#define EPOCH_MAX 999999999999ul

int jwks_cached_encode(
    const char *certs_url, long long now, const char *text, size_t len, struct buffer *out)
{
	unsigned char sum[SHA256_DIGEST_LENGTH];
	if (EVP_Digest(text, len, sum, NULL, EVP_sha256(), NULL) != 1)
		return RESULT_MEMORY;
	buffer_append_format(out, "%s\n%s\n%lld\n", HEADING, certs_url, now);
	for (size_t i = 0; i < SHA256_DIGEST_LENGTH; i++)
		buffer_append_format(out, "%02x", sum[i]);
	buffer_append_byte(out, '\n');
	return buffer_append(out, text, len);
}

bool jwks_cached_decode(const char *cached, size_t len, const char *certs_url, long long now,
    struct jwks **out, long long *fetched)
{
	struct buffer again = BUFFER_INIT(len);
	size_t at = strlen(HEADING "\n") + strlen(certs_url) + 1; /* of the time */
	char moment[16] = "";
	unsigned long seconds = 0;
	*out = NULL;
	*fetched = 0;
	if (at < len)
		snprintf(moment, sizeof(moment), "%.*s", (int)(len - at), cached + at);
	moment[strspn(moment, "0123456789")] = '\0';
	at += strlen(moment) + 1 + 2 * SHA256_DIGEST_LENGTH + 1; /* of the key set */
	/* Encoded again it must come out the same, or it is not what we cached. */
	bool is_same = text_number(moment, EPOCH_MAX, &seconds) && (long long)seconds <= now &&
		       at <= len &&
		       jwks_cached_encode(
			   certs_url, (long long)seconds, cached + at, len - at, &again) == 0 &&
		       again.len == len && memcmp(again.bytes, cached, len) == 0;
	buffer_wipe(&again);
	if (!is_same || jwks_parse(cached + at, len - at, out) != 0)
		return false;
	*fetched = (long long)seconds;
	return true;
}
