/* SPDX-License-Identifier: MIT */
#include "helper/flow/srp.h"

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/buffer.h"
#include "common/result.h"
#include "helper/flow/srp_group.h"
#include "helper/token/base64url.h"

#define HASH 32 /* bytes of SHA-256 */
#define KEY_BYTES 16
#define TEXT_MAX 16384 /* what is hashed: a number, or a block between short texts */

struct srp {
	const struct srp_group *group; /* borrowed, or the next */
	struct srp_group *own;
	BN_CTX *ctx; /* owns the numbers, and wipes them */
	BIGNUM *a, *A, *B, *salt;
	BIGNUM *u, *x, *k, *S, *t, *v;
	struct buffer text; /* to be hashed; empty between two calls */
	char *public; /* A in hex; OpenSSL frees it */
};

void srp_free(struct srp *srp)
{
	if (srp == NULL)
		return;
	BN_CTX_end(srp->ctx);
	BN_CTX_free(srp->ctx);
	srp_group_free(srp->own);
	OPENSSL_free(srp->public);
	buffer_wipe(&srp->text);
	free(srp);
}

static int make_numbers(struct srp *s)
{
	BIGNUM **const numbers[] = {
	    &s->a, &s->A, &s->B, &s->salt, &s->u, &s->x, &s->k, &s->S, &s->t, &s->v};
	s->ctx = BN_CTX_new();
	if (s->ctx == NULL)
		return RESULT_MEMORY;
	BN_CTX_start(s->ctx);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		*numbers[i] = BN_CTX_get(s->ctx);
	/* Once BN_CTX_get() has failed, it fails again. */
	if (s->v == NULL)
		return RESULT_MEMORY;
	BN_set_flags(s->a, BN_FLG_CONSTTIME);
	BN_set_flags(s->x, BN_FLG_CONSTTIME);
	BN_set_flags(s->v, BN_FLG_CONSTTIME);
	return 0;
}

/* A = g^a mod N */
static int compute_public(struct srp *srp, const unsigned char *secret, size_t len)
{
	if (BN_bin2bn(secret, (int)len, srp->a) == NULL ||
	    srp_group_power(srp->group, srp->a, srp->A, srp->ctx) != 0)
		return RESULT_MEMORY;
	srp->public = BN_bn2hex(srp->A);
	if (srp->public == NULL)
		return RESULT_MEMORY;
	return BN_is_zero(srp->A) ? RESULT_SRP : 0;
}

int srp_new(
    const struct srp_group *group, const unsigned char *secret, size_t len, struct srp **out)
{
	*out = NULL;
	if (len > SRP_SECRET_MAX)
		return RESULT_SRP;
	struct srp *srp = calloc(1, sizeof(*srp));
	if (srp == NULL)
		return RESULT_MEMORY;
	srp->text.max = TEXT_MAX;
	int r = make_numbers(srp);
	if (r == 0 && group == NULL)
		r = srp_group_new(&srp->own);
	srp->group = group != NULL ? group : srp->own;
	if (r == 0)
		r = compute_public(srp, secret, len);
	if (r == 0)
		*out = srp;
	else
		srp_free(srp);
	return r;
}

int srp_new_random(const struct srp_group *group, struct srp **out)
{
	unsigned char secret[SRP_SECRET_BYTES];
	*out = NULL;
	if (RAND_priv_bytes(secret, sizeof(secret)) != 1)
		return RESULT_MEMORY;
	int r = srp_new(group, secret, sizeof(secret), out);
	explicit_bzero(secret, sizeof(secret));
	return r;
}

const char *srp_public(const struct srp *srp)
{
	return srp->public;
}

/* A hexadecimal number of 1 to SRP_HEX_MAX digits and nothing else. */
static int parse_hex(const char *hex, BIGNUM *out)
{
	size_t len = strlen(hex);
	if (len == 0 || len > SRP_HEX_MAX || strspn(hex, "0123456789abcdefABCDEF") != len)
		return RESULT_SRP;
	return (size_t)BN_hex2bn(&out, hex) == len ? 0 : RESULT_MEMORY;
}

/* Java's BigInteger.toByteArray(): as few bytes as there are, and a zero before a top bit
 * that is set. */
static void append_padded(struct buffer *b, const BIGNUM *n)
{
	int len = BN_num_bits(n) / 8 + 1;
	if (buffer_reserve(b, (size_t)len) != 0)
		return;
	BN_bn2binpad(n, (unsigned char *)b->bytes + b->len, len);
	b->len += (size_t)len;
	b->bytes[b->len] = '\0';
}

/* Empties the text. */
static int digest(struct buffer *text, unsigned char out[HASH])
{
	int r = text->error;
	if (r == 0 &&
	    EVP_Digest(buffer_text(text), text->len, out, NULL, EVP_sha256(), NULL) != 1)
		r = RESULT_MEMORY;
	buffer_wipe(text);
	return r;
}

static int digest_number(struct buffer *text, BIGNUM *out)
{
	unsigned char hash[HASH];
	int r = digest(text, hash);
	if (r == 0 && BN_bin2bn(hash, HASH, out) == NULL)
		r = RESULT_MEMORY;
	explicit_bzero(hash, sizeof(hash));
	return r;
}

/* SHA256(P(first) || P(second)) as a number: k from N and g, u from A and B. */
static int hash_pair(struct srp *srp, const BIGNUM *first, const BIGNUM *second, BIGNUM *out)
{
	append_padded(&srp->text, first);
	append_padded(&srp->text, second);
	return digest_number(&srp->text, out);
}

static void append_user(struct srp *srp, const struct srp_challenge *c)
{
	buffer_append_text(&srp->text, c->pool_name);
	buffer_append_text(&srp->text, c->user_id);
}

/* x = SHA256(P(salt) || SHA256(pool_name || user_id || ":" || password)) */
static int compute_x(struct srp *srp, const struct srp_challenge *c)
{
	unsigned char inner[HASH];
	append_user(srp, c);
	buffer_append_text(&srp->text, ":");
	buffer_append_text(&srp->text, c->password);
	int r = digest(&srp->text, inner);
	append_padded(&srp->text, srp->salt);
	buffer_append(&srp->text, inner, HASH);
	explicit_bzero(inner, sizeof(inner));
	return r == 0 ? digest_number(&srp->text, srp->x) : r;
}

/* S = (B - k * g^x)^(a + u * x) mod N, the base reduced to non-negative first. */
static int compute_s(struct srp *s)
{
	const BIGNUM *n = s->group->n;
	bool is_good =
	    srp_group_power(s->group, s->x, s->t, s->ctx) == 0 &&
	    BN_mod_mul(s->t, s->t, s->k, n, s->ctx) == 1 &&
	    BN_mod_sub(s->t, s->B, s->t, n, s->ctx) == 1 &&
	    BN_mul(s->v, s->u, s->x, s->ctx) == 1 && BN_add(s->v, s->v, s->a) == 1 &&
	    BN_mod_exp_mont_consttime(s->S, s->t, s->v, n, s->ctx, s->group->mont) == 1;
	return is_good ? 0 : RESULT_MEMORY;
}

/* Empties the text. out may be the key. */
static int hmac(const void *key, size_t len, struct buffer *text, unsigned char out[HASH])
{
	const unsigned char *bytes = (const unsigned char *)buffer_text(text);
	int r = text->error;
	if (r == 0 && HMAC(EVP_sha256(), key, (int)len, bytes, text->len, out, NULL) == NULL)
		r = RESULT_MEMORY;
	buffer_wipe(text);
	return r;
}

/* HKDF (RFC 5869) of P(S) with the salt P(u). compute_signature() uses 16 bytes of the key. */
static int derive_key(struct srp *srp, unsigned char key[HASH])
{
	struct buffer salt = BUFFER_INIT(HASH + 1);
	append_padded(&salt, srp->u);
	append_padded(&srp->text, srp->S);
	int r = salt.error;
	if (r == 0)
		r = hmac(buffer_text(&salt), salt.len, &srp->text, key);
	buffer_append_text(&srp->text, "Caldera Derived Key\x01");
	if (r == 0)
		r = hmac(key, HASH, &srp->text, key);
	buffer_wipe(&salt);
	return r;
}

static int append_block(struct buffer *b, const char *block)
{
	size_t len = strlen(block), got = 0;
	if (len > SRP_BLOCK_MAX / 3 * 4)
		return RESULT_SRP;
	int r = buffer_reserve(b, BASE64_DECODED(len));
	if (r != 0)
		return r;
	unsigned char *at = (unsigned char *)b->bytes + b->len;
	if (base64_decode(block, len, at, BASE64_DECODED(len), &got) != 0 &&
	    base64url_decode(block, len, at, BASE64_DECODED(len), &got) != 0)
		return RESULT_SRP;
	b->len += got;
	return 0;
}

static int compute_signature(
    struct srp *srp, const struct srp_challenge *c, unsigned char key[HASH], char *signature)
{
	append_user(srp, c);
	int r = append_block(&srp->text, c->secret_block);
	buffer_append_text(&srp->text, c->timestamp);
	if (r == 0)
		r = hmac(key, KEY_BYTES, &srp->text, key);
	if (r == 0)
		base64_encode(key, HASH, signature);
	return r;
}

/* B mod N = 0 or u = 0 would make the result independent of the password (RFC 5054 section
 * 2.5.4). */
static int check_server(struct srp *srp)
{
	if (BN_mod(srp->t, srp->B, srp->group->n, srp->ctx) != 1)
		return RESULT_MEMORY;
	int r = BN_is_zero(srp->t) ? RESULT_SRP : hash_pair(srp, srp->A, srp->B, srp->u);
	return r == 0 && BN_is_zero(srp->u) ? RESULT_SRP : r;
}

int srp_sign(struct srp *srp, const struct srp_challenge *c, char *signature)
{
	unsigned char key[HASH];
	int r = parse_hex(c->server_public, srp->B);
	if (r == 0)
		r = parse_hex(c->salt, srp->salt);
	if (r == 0)
		r = check_server(srp);
	if (r == 0)
		r = hash_pair(srp, srp->group->n, srp->group->g, srp->k);
	if (r == 0)
		r = compute_x(srp, c);
	if (r == 0)
		r = compute_s(srp);
	if (r == 0)
		r = derive_key(srp, key);
	if (r == 0)
		r = compute_signature(srp, c, key, signature);
	explicit_bzero(key, sizeof(key));
	buffer_wipe(&srp->text);
	return r == RESULT_TOO_LARGE ? RESULT_SRP : r;
}

int srp_verifier(struct srp *srp, const struct srp_challenge *c, char *verifier)
{
	int r = parse_hex(c->salt, srp->salt);
	if (r == 0)
		r = compute_x(srp, c);
	if (r == 0)
		r = srp_group_power(srp->group, srp->x, srp->v, srp->ctx);
	if (r == 0)
		append_padded(&srp->text, srp->v);
	if (r == 0)
		r = srp->text.error;
	if (r == 0)
		base64_encode(
		    (const unsigned char *)buffer_text(&srp->text), srp->text.len, verifier);
	buffer_wipe(&srp->text);
	return r == RESULT_TOO_LARGE ? RESULT_SRP : r;
}

void srp_timestamp(long long now, char out[SRP_TIMESTAMP_MAX])
{
	time_t t = (time_t)now;
	struct tm tm = {.tm_year = 0};
	gmtime_r(&t, &tm);
	/* The helper never leaves the C locale, whose names are English. */
	if (strftime(out, SRP_TIMESTAMP_MAX, "%a %b %-d %H:%M:%S UTC %Y", &tm) == 0)
		out[0] = '\0';
}
