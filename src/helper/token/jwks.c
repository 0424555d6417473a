/* SPDX-License-Identifier: MIT
 *
 * A key gets in by passing every rule, and stays out without a word otherwise: providers
 * publish keys for other uses beside ours (RFC 7517, section 5).
 */
#include "helper/token/jwks.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"
#include "helper/token/base64url.h"

#define MODULUS_BITS_MIN 2048
#define MODULUS_BITS_MAX 4096
#define MODULUS_BYTES_MAX (MODULUS_BITS_MAX / 8)
#define EXPONENT 65537u

/* A skipped key; no result of anything. */
#define SKIP (-1)

struct key {
	char kid[JWKS_KID_MAX + 1]; /* "": none */
	EVP_PKEY *pkey;
	int bits;
};

struct jwks {
	size_t count;
	struct key *keys;
};

struct modulus {
	unsigned char bytes[MODULUS_BYTES_MAX]; /* big-endian, first byte not 0 */
	size_t len;
	int bits;
};

/* Absent, or exactly this string. */
static bool absent_or(const struct cJSON *key, const char *name, const char *text)
{
	const struct cJSON *member = json_member(key, name);
	return member == NULL || streq(json_string(member), text);
}

/* Absent, or an array of strings with "verify" among them (RFC 7517, section 4.3). */
static bool may_verify(const struct cJSON *key)
{
	const struct cJSON *operations = json_member(key, "key_ops");
	bool found = false;
	if (operations == NULL)
		return true;
	if (json_type(operations) != JSON_ARRAY)
		return false;
	for (const struct cJSON *at = json_first(operations); at != NULL; at = json_next(at)) {
		if (json_string(at) == NULL)
			return false;
		found = found || streq(json_string(at), "verify");
	}
	return found;
}

/* Whoever read the set could sign with such a key: its signature proves nothing. */
static bool is_private(const struct cJSON *key)
{
	static const char *const names[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (json_member(key, names[i]) != NULL)
			return true;
	return false;
}

static unsigned modulo(const struct modulus *n, unsigned prime)
{
	unsigned rest = 0;
	for (size_t i = 0; i < n->len; i++)
		rest = (rest << 8 | n->bytes[i]) % prime;
	return rest;
}

/* Is rest a power of 65537 modulo prime? */
static bool is_power(unsigned rest, unsigned prime)
{
	unsigned step = EXPONENT % prime, power = step;
	while (power != 1 && power != rest)
		power = power * step % prime;
	return power == rest;
}

/* CVE-2017-15361: Infineon's primes are k * M + 65537^a mod M with M a product of small
 * primes, so the modulus is a power of 65537 modulo each of them. These are the primes up
 * to 167 where that is not true of every number; an honest modulus passes for one of
 * Infineon's once in 2^27. */
static bool has_roca_fingerprint(const struct modulus *n)
{
	static const unsigned primes[] = {
	    11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157};
	for (size_t i = 0; i < sizeof(primes) / sizeof(primes[0]); i++)
		if (!is_power(modulo(n, primes[i]), primes[i]))
			return false;
	return true;
}

static int read_modulus(const struct cJSON *key, struct modulus *n)
{
	const char *text = json_member_string(key, "n");
	if (text == NULL)
		return SKIP;
	if (base64url_decode(text, strlen(text), n->bytes, sizeof(n->bytes), &n->len) != 0)
		return SKIP;
	/* RFC 7518, section 6.3.1.1: the fewest bytes that hold it. */
	if (n->len == 0 || n->bytes[0] == 0)
		return SKIP;
	n->bits = (int)n->len * 8;
	for (unsigned top = n->bytes[0]; (top & 0x80u) == 0; top <<= 1)
		n->bits--;
	if (n->bits < MODULUS_BITS_MIN || n->bits > MODULUS_BITS_MAX)
		return SKIP;
	if ((n->bytes[n->len - 1] & 1u) == 0)
		return SKIP;
	return has_roca_fingerprint(n) ? SKIP : 0;
}

static int read_kid(const struct cJSON *key, char *out)
{
	const struct cJSON *kid = json_member(key, "kid");
	const char *text = json_string(kid);
	out[0] = '\0';
	if (kid == NULL)
		return 0;
	if (text == NULL || text[0] == '\0' || strlen(text) > JWKS_KID_MAX)
		return SKIP;
	memcpy(out, text, strlen(text) + 1);
	return 0;
}

/* OSSL_PARAM holds numbers in the machine's byte order. */
static void to_native(const struct modulus *n, unsigned char *out)
{
	const uint16_t one = 1;
	unsigned char is_little = 0;
	memcpy(&is_little, &one, 1);
	for (size_t i = 0; i < n->len; i++)
		out[i] = n->bytes[is_little ? n->len - 1 - i : i];
}

static int make_pkey(const struct modulus *n, EVP_PKEY **out)
{
	unsigned char native[MODULUS_BYTES_MAX];
	unsigned exponent = EXPONENT;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	int made = 0;
	to_native(n, native);
	OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, native, n->len),
	    OSSL_PARAM_construct_uint(OSSL_PKEY_PARAM_RSA_E, &exponent),
	    OSSL_PARAM_construct_end(),
	};
	*out = NULL;
	if (ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1)
		made = EVP_PKEY_fromdata(ctx, out, EVP_PKEY_PUBLIC_KEY, params);
	EVP_PKEY_CTX_free(ctx);
	return made == 1 ? 0 : RESULT_MEMORY;
}

/* Returns 0, SKIP or RESULT_MEMORY. */
static int read_key(const struct cJSON *key, struct key *out)
{
	struct modulus n;
	if (!streq(json_member_string(key, "kty"), "RSA"))
		return SKIP;
	if (!absent_or(key, "use", "sig"))
		return SKIP;
	if (!absent_or(key, "alg", "RS256"))
		return SKIP;
	if (!may_verify(key))
		return SKIP;
	if (is_private(key))
		return SKIP;
	/* 65537 in its only canonical form. */
	if (!streq(json_member_string(key, "e"), "AQAB"))
		return SKIP;
	if (read_kid(key, out->kid) != 0)
		return SKIP;
	if (read_modulus(key, &n) != 0)
		return SKIP;
	out->bits = n.bits;
	return make_pkey(&n, &out->pkey);
}

static bool has_kid_twice(const struct jwks *set)
{
	for (size_t i = 0; i < set->count; i++)
		for (size_t j = 0; j < i; j++)
			if (set->keys[i].kid[0] != '\0' &&
			    streq(set->keys[i].kid, set->keys[j].kid))
				return true;
	return false;
}

static int read_set(const struct cJSON *keys, struct jwks *set)
{
	size_t count = json_count(keys);
	if (json_type(keys) != JSON_ARRAY || count == 0 || count > JWKS_KEYS_MAX)
		return RESULT_JWKS;
	set->keys = calloc(count, sizeof(*set->keys));
	if (set->keys == NULL)
		return RESULT_MEMORY;
	for (const struct cJSON *at = json_first(keys); at != NULL; at = json_next(at)) {
		int r = read_key(at, &set->keys[set->count]);
		if (r == RESULT_MEMORY)
			return r;
		if (r == 0)
			set->count++;
	}
	return set->count == 0 || has_kid_twice(set) ? RESULT_JWKS : 0;
}

int jwks_parse(const char *text, size_t len, struct jwks **out)
{
	struct json *json = NULL;
	struct jwks *set = NULL;
	int r;
	*out = NULL;
	r = json_parse(text, len, JWKS_TEXT_MAX, &json, NULL);
	if (r != 0)
		return r == RESULT_JSON ? RESULT_JWKS : r;
	set = calloc(1, sizeof(*set));
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
	free(set->keys);
	free(set);
}

size_t jwks_count(const struct jwks *set)
{
	return set->count;
}

struct evp_pkey_st *jwks_find(const struct jwks *set, const char *kid)
{
	if (kid[0] == '\0')
		return NULL;
	for (size_t i = 0; i < set->count; i++)
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
	return i < set->count ? set->keys[i].bits : 0;
}
