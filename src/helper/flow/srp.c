/* SPDX-License-Identifier: MIT */
#include "helper/flow/srp.h"

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/buffer.h"
#include "common/result.h"
#include "helper/token/base64url.h"

#define HASH 32

/* RFC 5054 appendix A, 3072-bit group; g = 2. */
static const char group[] = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC7402"
			    "0BBEA63B139B22514A08798E34"
			    "04DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7E"
			    "C6F44C42E9A637ED6B0BFF5CB6"
			    "F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A1"
			    "63BF0598DA48361C55D39A6916"
			    "3FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D670C35"
			    "4E4ABC9804F1746C08CA18217C"
			    "32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE"
			    "2BCBF6955817183995497CEA95"
			    "6AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA"
			    "64ECFB850458DBEF0A8AEA7157"
			    "5D060C7DB3970F85A6E1E4C7ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261A"
			    "D2EE6BF12FFA06D98A0864D876"
			    "02733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E208E24F"
			    "A074E5AB3143DB5BFCE0FD108E"
			    "4B82D120A93AD2CAFFFFFFFFFFFFFFFF";

struct srp {
	BIGNUM *n, *g, *a, *A;
	char *public; /* A in hex, OpenSSL's to free */
};

/* What srp_sign() works with, so that one place frees and wipes it. */
struct work {
	BN_CTX *ctx;
	BIGNUM *B, *salt, *k, *u, *x, *S, *t, *v;
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

static int compute_public(struct srp *srp, const unsigned char *secret, size_t len)
{
	BN_CTX *ctx = BN_CTX_new();
	int r = RESULT_MEMORY;
	srp->g = BN_new();
	srp->A = BN_new();
	srp->a = BN_bin2bn(secret, (int)len, NULL);
	if (ctx != NULL && srp->g != NULL && srp->A != NULL && srp->a != NULL &&
	    BN_hex2bn(&srp->n, group) > 0 && BN_set_word(srp->g, 2) == 1) {
		BN_set_flags(srp->a, BN_FLG_CONSTTIME);
		if (BN_mod_exp(srp->A, srp->g, srp->a, srp->n, ctx) == 1)
			r = BN_is_zero(srp->A) ? RESULT_SRP : 0;
	}
	BN_CTX_free(ctx);
	return r;
}

int srp_new(const unsigned char *secret, size_t len, struct srp **out)
{
	*out = NULL;
	struct srp *srp = calloc(1, sizeof(*srp));
	if (srp == NULL)
		return RESULT_MEMORY;
	int r = len > SRP_SECRET_BYTES ? RESULT_SRP : compute_public(srp, secret, len);
	if (r == 0) {
		srp->public = BN_bn2hex(srp->A);
		r = srp->public != NULL ? 0 : RESULT_MEMORY;
	}
	if (r != 0) {
		srp_free(srp);
		return r;
	}
	*out = srp;
	return 0;
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
static int append_padded(struct buffer *b, const BIGNUM *n)
{
	int len = BN_num_bytes(n);
	int r = len == 0 || BN_num_bits(n) % 8 == 0 ? buffer_append_byte(b, 0) : 0;
	if (r == 0)
		r = buffer_reserve(b, (size_t)len);
	if (r == 0) {
		BN_bn2bin(n, (unsigned char *)b->bytes + b->len);
		b->len += (size_t)len;
		b->bytes[b->len] = '\0';
	}
	return r;
}

static int digest(struct buffer *text, unsigned char out[HASH])
{
	int ok = EVP_Digest(buffer_text(text), text->len, out, NULL, EVP_sha256(), NULL);
	buffer_wipe(text);
	return ok == 1 ? 0 : RESULT_MEMORY;
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
	int r = append_padded(&w->text, first);
	if (r == 0)
		r = append_padded(&w->text, second);
	return r == 0 ? digest_number(&w->text, out) : r;
}

/* x = SHA256(P(salt) || SHA256(pool_name || user_id || ":" || password)) */
static int compute_x(struct work *w, const struct srp_challenge *c)
{
	const char *parts[] = {c->pool_name, c->user_id, ":", c->password};
	int r = 0;
	for (size_t i = 0; r == 0 && i < sizeof(parts) / sizeof(parts[0]); i++)
		r = buffer_append_text(&w->text, parts[i]);
	if (r == 0)
		r = digest(&w->text, w->inner);
	if (r == 0)
		r = append_padded(&w->text, w->salt);
	if (r == 0)
		r = buffer_append(&w->text, w->inner, HASH);
	return r == 0 ? digest_number(&w->text, w->x) : r;
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
    const void *key, size_t key_len, const void *text, size_t len, unsigned char out[HASH])
{
	return HMAC(EVP_sha256(), key, (int)key_len, text, len, out, NULL) != NULL
		   ? 0
		   : RESULT_MEMORY;
}

/* HKDF (RFC 5869) of P(S) with salt P(u), of which 16 bytes are used. */
static int derive_key(struct work *w)
{
	static const char label[] = "Caldera Derived Key\x01";
	struct buffer salt = BUFFER_INIT(HASH + 1);
	int r = append_padded(&salt, w->u);
	if (r == 0)
		r = append_padded(&w->text, w->S);
	if (r == 0)
		r = hmac(
		    buffer_text(&salt), salt.len, buffer_text(&w->text), w->text.len, w->mac);
	if (r == 0)
		r = hmac(w->mac, HASH, label, sizeof(label) - 1, w->key);
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
	int r = buffer_append_text(&w->text, c->pool_name);
	if (r == 0)
		r = buffer_append_text(&w->text, c->user_id);
	if (r == 0)
		r = append_block(&w->text, c->secret_block);
	if (r == 0)
		r = buffer_append_text(&w->text, c->timestamp);
	if (r == 0)
		r = hmac(w->key, 16, buffer_text(&w->text), w->text.len, w->mac);
	if (r == 0)
		base64_encode(w->mac, HASH, signature);
	return r;
}

static int prepare(struct work *w)
{
	w->ctx = BN_CTX_new();
	w->k = BN_new();
	w->u = BN_new();
	w->x = BN_new();
	w->S = BN_new();
	w->t = BN_new();
	w->v = BN_new();
	return w->ctx == NULL || w->k == NULL || w->u == NULL || w->x == NULL || w->S == NULL ||
		       w->t == NULL || w->v == NULL
		   ? RESULT_MEMORY
		   : 0;
}

static void release(struct work *w)
{
	BN_CTX_free(w->ctx);
	BN_free(w->B);
	BN_free(w->salt);
	BN_free(w->k);
	BN_clear_free(w->u);
	BN_clear_free(w->x);
	BN_clear_free(w->S);
	BN_clear_free(w->t);
	BN_clear_free(w->v);
	buffer_wipe(&w->text);
	explicit_bzero(w, sizeof(*w));
}

/* B mod N = 0 or u = 0 would take the password out of the computation (RFC 5054 2.5.4). */
static int check_server(const struct srp *srp, struct work *w)
{
	int r = BN_mod(w->t, w->B, srp->n, w->ctx) == 1 ? 0 : RESULT_MEMORY;
	if (r == 0 && BN_is_zero(w->t))
		r = RESULT_SRP;
	if (r == 0)
		r = hash_pair(w, srp->A, w->B, w->u);
	if (r == 0 && BN_is_zero(w->u))
		r = RESULT_SRP;
	return r;
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
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t t = (time_t)now;
	struct tm tm;
	memset(&tm, 0, sizeof(tm));
	gmtime_r(&t, &tm);
	snprintf(out, SRP_TIMESTAMP_MAX, "%.3s %.3s %d %02d:%02d:%02d UTC %d",
	    days + (size_t)tm.tm_wday * 3, months + (size_t)tm.tm_mon * 3, tm.tm_mday,
	    tm.tm_hour, tm.tm_min, tm.tm_sec, (tm.tm_year + 1900) % 10000);
}

int srp_secret_hash(
    const char *username, const char *client_id, const char *client_secret, char *hash)
{
	struct buffer text = BUFFER_INIT(4096);
	unsigned char mac[HASH];
	int r = buffer_append_text(&text, username);
	if (r == 0)
		r = buffer_append_text(&text, client_id);
	if (r == 0)
		r = hmac(
		    client_secret, strlen(client_secret), buffer_text(&text), text.len, mac);
	if (r == 0)
		base64_encode(mac, HASH, hash);
	buffer_wipe(&text);
	return r == 0 ? 0 : RESULT_MEMORY;
}
