/* SPDX-License-Identifier: MIT */
#include "helper/flow/srp.h"

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/buffer.h"
#include "common/result.h"
#include "helper/token/base64url.h"

#define HASH 32 /* bytes of SHA-256 */
#define KEY_BYTES 16

/* RFC 5054 appendix A, 3072-bit group; g = 2. */
static const char group[] =
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22"
    "514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6"
    "F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3D"
    "C2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB"
    "9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3BE39E772C180E8603"
    "9B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7D"
    "B3970F85A6E1E4C7ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864"
    "D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E208E24FA074E5AB31"
    "43DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF";

struct srp {
	BIGNUM *n, *g, *a, *A;
	char *public; /* A in hex; OpenSSL frees it */
};

/* What srp_sign() works with: one place frees and wipes it. */
struct work {
	BN_CTX *ctx; /* owns k to v, and wipes them */
	BIGNUM *k, *u, *x, *S, *t, *v;
	BIGNUM *B, *salt;
	struct buffer text;
	unsigned char inner[HASH], key[HASH], mac[HASH];
};

void srp_free(struct srp *srp)
{
	if (srp == NULL)
		return;
	BN_free(srp->n);
	BN_free(srp->g);
	BN_clear_free(srp->a);
	BN_free(srp->A);
	OPENSSL_free(srp->public);
	free(srp);
}

/* A = g^a mod N */
static int compute_public(struct srp *srp, const unsigned char *secret, size_t len)
{
	BN_CTX *ctx = BN_CTX_new();
	srp->g = BN_new();
	srp->A = BN_new();
	srp->a = BN_bin2bn(secret, (int)len, NULL);
	bool good = ctx != NULL && srp->g != NULL && srp->A != NULL && srp->a != NULL &&
		    BN_hex2bn(&srp->n, group) > 0 && BN_set_word(srp->g, 2) == 1;
	if (good)
		BN_set_flags(srp->a, BN_FLG_CONSTTIME);
	good = good && BN_mod_exp(srp->A, srp->g, srp->a, srp->n, ctx) == 1;
	if (good)
		srp->public = BN_bn2hex(srp->A);
	BN_CTX_free(ctx);
	if (srp->public == NULL)
		return RESULT_MEMORY;
	return BN_is_zero(srp->A) ? RESULT_SRP : 0;
}

int srp_new(const unsigned char *secret, size_t len, struct srp **out)
{
	*out = NULL;
	if (len > SRP_SECRET_BYTES)
		return RESULT_SRP;
	struct srp *srp = calloc(1, sizeof(*srp));
	if (srp == NULL)
		return RESULT_MEMORY;
	int r = compute_public(srp, secret, len);
	if (r == 0)
		*out = srp;
	else
		srp_free(srp);
	return r;
}

const char *srp_public(const struct srp *srp)
{
	return srp->public;
}

/* A hexadecimal number of 1 to SRP_HEX_MAX digits and nothing else. */
static int parse_hex(const char *hex, BIGNUM **out)
{
	size_t len = strlen(hex);
	if (len == 0 || len > SRP_HEX_MAX || strspn(hex, "0123456789abcdefABCDEF") != len)
		return RESULT_SRP;
	return (size_t)BN_hex2bn(out, hex) == len ? 0 : RESULT_MEMORY;
}

/* Java's BigInteger.toByteArray(): as few bytes as there are, and a zero before a top bit
 * that is set. */
static void append_padded(struct buffer *b, const BIGNUM *n)
{
	int len = BN_num_bytes(n);
	if (len == 0 || BN_num_bits(n) % 8 == 0)
		buffer_append_byte(b, 0);
	if (buffer_reserve(b, (size_t)len) != 0)
		return;
	BN_bn2bin(n, (unsigned char *)b->bytes + b->len);
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
static int hash_pair(struct work *w, const BIGNUM *first, const BIGNUM *second, BIGNUM *out)
{
	append_padded(&w->text, first);
	append_padded(&w->text, second);
	return digest_number(&w->text, out);
}

/* x = SHA256(P(salt) || SHA256(pool_name || user_id || ":" || password)) */
static int compute_x(struct work *w, const struct srp_challenge *c)
{
	buffer_append_text(&w->text, c->pool_name);
	buffer_append_text(&w->text, c->user_id);
	buffer_append_text(&w->text, ":");
	buffer_append_text(&w->text, c->password);
	int r = digest(&w->text, w->inner);
	if (r != 0)
		return r;
	append_padded(&w->text, w->salt);
	buffer_append(&w->text, w->inner, HASH);
	return digest_number(&w->text, w->x);
}

/* S = (B - k * g^x)^(a + u * x) mod N, the base reduced to non-negative first. */
static int compute_s(const struct srp *srp, struct work *w)
{
	BN_set_flags(w->x, BN_FLG_CONSTTIME);
	BN_set_flags(w->v, BN_FLG_CONSTTIME);
	if (BN_mod_exp(w->t, srp->g, w->x, srp->n, w->ctx) != 1 ||
	    BN_mod_mul(w->t, w->t, w->k, srp->n, w->ctx) != 1 ||
	    BN_mod_sub(w->t, w->B, w->t, srp->n, w->ctx) != 1 ||
	    BN_mul(w->v, w->u, w->x, w->ctx) != 1 || BN_add(w->v, w->v, srp->a) != 1 ||
	    BN_mod_exp(w->S, w->t, w->v, srp->n, w->ctx) != 1)
		return RESULT_MEMORY;
	return 0;
}

static int hmac(
    const void *key, size_t key_len, const struct buffer *text, unsigned char out[HASH])
{
	if (text->error != 0)
		return text->error;
	const unsigned char *bytes = (const unsigned char *)buffer_text(text);
	return HMAC(EVP_sha256(), key, (int)key_len, bytes, text->len, out, NULL) != NULL
		   ? 0
		   : RESULT_MEMORY;
}

/* HKDF (RFC 5869) of P(S) with the salt P(u). compute_signature() uses 16 bytes of the key. */
static int derive_key(struct work *w)
{
	struct buffer salt = BUFFER_INIT(HASH + 1);
	append_padded(&salt, w->u);
	append_padded(&w->text, w->S);
	int r =
	    salt.error != 0 ? salt.error : hmac(buffer_text(&salt), salt.len, &w->text, w->mac);
	buffer_wipe(&w->text);
	buffer_append_text(&w->text, "Caldera Derived Key\x01");
	if (r == 0)
		r = hmac(w->mac, HASH, &w->text, w->key);
	buffer_wipe(&w->text);
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

static int compute_signature(struct work *w, const struct srp_challenge *c, char *signature)
{
	buffer_append_text(&w->text, c->pool_name);
	buffer_append_text(&w->text, c->user_id);
	int r = append_block(&w->text, c->secret_block);
	buffer_append_text(&w->text, c->timestamp);
	if (r == 0)
		r = hmac(w->key, KEY_BYTES, &w->text, w->mac);
	if (r == 0)
		base64_encode(w->mac, HASH, signature);
	return r;
}

static int prepare(struct work *w)
{
	w->ctx = BN_CTX_new();
	if (w->ctx == NULL)
		return RESULT_MEMORY;
	BN_CTX_start(w->ctx);
	w->k = BN_CTX_get(w->ctx);
	w->u = BN_CTX_get(w->ctx);
	w->x = BN_CTX_get(w->ctx);
	w->S = BN_CTX_get(w->ctx);
	w->t = BN_CTX_get(w->ctx);
	w->v = BN_CTX_get(w->ctx);
	/* Once BN_CTX_get() has failed, it fails again. */
	return w->v != NULL ? 0 : RESULT_MEMORY;
}

static void release(struct work *w)
{
	if (w->ctx != NULL)
		BN_CTX_end(w->ctx);
	BN_CTX_free(w->ctx);
	BN_free(w->B);
	BN_free(w->salt);
	buffer_wipe(&w->text);
	explicit_bzero(w, sizeof(*w));
}

/* B mod N = 0 or u = 0 would make the result independent of the password (RFC 5054 section
 * 2.5.4). */
static int check_server(const struct srp *srp, struct work *w)
{
	if (BN_mod(w->t, w->B, srp->n, w->ctx) != 1)
		return RESULT_MEMORY;
	int r = BN_is_zero(w->t) ? RESULT_SRP : hash_pair(w, srp->A, w->B, w->u);
	return r == 0 && BN_is_zero(w->u) ? RESULT_SRP : r;
}

int srp_sign(const struct srp *srp, const struct srp_challenge *c, char *signature)
{
	struct work w = {.text = BUFFER_INIT(16384)};
	int r = prepare(&w);
	if (r == 0)
		r = parse_hex(c->server_public, &w.B);
	if (r == 0)
		r = parse_hex(c->salt, &w.salt);
	if (r == 0)
		r = check_server(srp, &w);
	if (r == 0)
		r = hash_pair(&w, srp->n, srp->g, w.k);
	if (r == 0)
		r = compute_x(&w, c);
	if (r == 0)
		r = compute_s(srp, &w);
	if (r == 0)
		r = derive_key(&w);
	if (r == 0)
		r = compute_signature(&w, c, signature);
	release(&w);
	return r == RESULT_TOO_LARGE ? RESULT_SRP : r;
}

void srp_timestamp(long long now, char out[SRP_TIMESTAMP_MAX])
{
	time_t t = (time_t)now;
	struct tm tm;
	memset(&tm, 0, sizeof(tm));
	gmtime_r(&t, &tm);
	/* The helper never leaves the C locale, whose names are English. */
	if (strftime(out, SRP_TIMESTAMP_MAX, "%a %b %-d %H:%M:%S UTC %Y", &tm) == 0)
		out[0] = '\0';
}
