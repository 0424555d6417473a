/* SPDX-License-Identifier: MIT
 *
 * Tokens with everything wrong that the tables below know, and random bytes besides, signed
 * with a test key: our verifier and a second one must agree, or ours must be the stricter.
 * tokens SEED FROM COUNT: judges the cases FROM to FROM + COUNT - 1, and prints how many both
 * accepted, both refused, only ours refused, only ours accepted, and the second could not tell.
 * It ends with 1 at the first one that only ours accepted, and shows it.
 */
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/result.h"
#include "differential/counts.h"
#include "differential/mutate.h"
#include "differential/second.h"
#include "helper/token/base64url.h"
#include "helper/token/claims.h"
#include "helper/token/jwks.h"
#include "helper/token/jwt.h"
#include "unit/mint.h"

#define NOW 1764000000
#define ISSUER "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Pool"
/* A signature costs as much as ten verifications: each signed token is judged by so many sets
 * and expectations, some of them after it was damaged. */
#define JUDGED 8
#define SETS_MOST 40

/* ---- what is wrong ---------------------------------------------------------------------- */

/* A member of an object: its good value, NULL for absent, and others. JSON as it is written. */
struct member {
	const char *name, *good;
	const char *odd[16];
};

static const struct member header_members[] = {
    {"alg", "\"RS256\"",
	{"\"none\"", "\"HS256\"", "\"RS384\"", "\"rs256\"", "\"RS256 \"", "\"PS256\"",
	    "\"\\u0052S256\"", "null", "256", "[\"RS256\"]", "{\"alg\":\"RS256\"}", "\"\"",
	    "\"RS256\\u0000\"", "true"}},
    {"kid", "\"a\"",
	{"\"b\"", "\"c\"", "\"A\"", "\"\\u0061\"", "\"\"", "1", "null", "[\"a\"]", "\"a \"",
	    "\"a\\u0000\"", "\"long\"", "{}"}},
    {"typ", NULL,
	{"\"JWT\"", "\"jwt\"", "\"JWE\"", "\"at+jwt\"", "null", "1", "\"\"", "\"JWT \"",
	    "[\"JWT\"]"}},
    {"crit", NULL, {"[\"exp\"]", "[]", "null", "[\"b64\"]", "\"\"", "false"}},
    {"jwk", NULL, {"{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"AQ\"}", "null", "{}"}},
    {"jku", NULL, {"\"https://evil.example/keys\"", "null", "\"\""}},
    {"x5u", NULL, {"\"https://evil.example/cert\"", "null"}},
    {"x5c", NULL, {"[\"AA==\"]", "[]", "null"}},
    {"zip", NULL, {"\"DEF\"", "null"}},
    {"b64", NULL, {"false", "true", "null"}},
    {"cty", NULL, {"\"JWT\"", "null", "\"\""}},
    {"Crit", NULL, {"[\"exp\"]"}},
    {"x5t", NULL, {"\"AA\"", "null", "12345678901234567890123", "1e400", "-0", "1.5e3"}},
};

#define TIMES(time)                                                                            \
	{                                                                                      \
		time "61", time "60", time "59", time "00", time "00.0", time "40",            \
		    "\"" time "00\"", "null", "0", "-1", "999999999999", "1000000000000",      \
		    "9223372036854775807", "[" time "00]", "1e300"                             \
	}
#define EARLIER "17639999"
#define SOON "17640000"

static const struct member id_members[] = {
    {"iss", "\"" ISSUER "\"",
	{"\"" ISSUER "/\"", "\"https://other.example\"", "\"https://evil.example\"", "null",
	    "[\"" ISSUER "\"]", "\"\"", "\"" ISSUER "\\u0000\"",
	    "\"https:\\/\\/other.example\"", "1"}},
    {"token_use", "\"id\"",
	{"\"access\"", "\"ID\"", "null", "\"\"", "[\"id\"]", "1", "\"\\u0069d\"", "\"id \""}},
    {"aud", "\"client-1\"",
	{"\"client-2\"", "[\"client-1\"]", "\"CLIENT-1\"", "null", "\"\"", "\"client-1 \"", "1",
	    "{\"client-1\":1}", "\"client\\u002d1\""}},
    {"exp", SOON "99", TIMES(EARLIER)},
    {"iat", EARLIER "00", TIMES(SOON)},
    {"auth_time", EARLIER "00", TIMES(SOON)},
    {"nbf", NULL, TIMES(SOON)},
    {"nonce", "\"nonce-1\"",
	{"\"nonce-2\"", "\"nonce-1 \"", "null", "\"\"", "1", "\"nonce-\\u0031\"",
	    "[\"nonce-1\"]"}},
    /* of "access-token" */
    {"at_hash", "\"Pxa-1wifRlPl7yG_0oJNfw\"",
	{"\"Pxa-1wifRlPl7yG_0oJNfx\"", "\"pxa-1wifRlPl7yG_0oJNfw\"", "\"\"", "null", "1",
	    "\"Pxa-1wifRlPl7yG_0oJNfw==\"", "\"Pxa+1wifRlPl7yG/0oJNfw\"", "\"Pxa-\""}},
    {"sub", "\"0f6e1a2b-3c4d\"",
	{"\"\"", "null", "1", "\"a\\u0000b\"", "\"a\\nb\"", "\"a\\u007fb\"", "\"a\\u0085b\"",
	    "\"long\"", "\"\\u00e4\"", "[\"a\"]", "\"\\ud800\"", "\"\\ud83d\\ude00\"",
	    "\"\xc2\x9b\""}},
    {"cognito:username", "\"alice\"",
	{"\"\"", "null", "1", "[\"alice\"]", "\"root\"", "\"\\u0061lice\"", "{}"}},
    {"cognito:groups", "[\"ssh\"]",
	{"[]", "\"ssh\"", "null", "[[[[[[[[[]]]]]]]]]", "[\"ssh\",\"ssh\"]",
	    "{\"a\":{\"a\":1}}", "[1e400]", "[123456789012345678901]", "[\"\\ud800\"]",
	    "{\"a\":1,\"\\u0061\":2}"}},
};

static const struct member access_members[] = {
    {"iss", "\"" ISSUER "\"", {"\"https://evil.example\"", "null", "\"\"", "[]"}},
    {"token_use", "\"access\"", {"\"id\"", "null", "\"Access\"", "[\"access\"]", "\"\""}},
    {"client_id", "\"client-1\"", {"\"client-2\"", "[\"client-1\"]", "null", "1", "\"\""}},
    {"aud", NULL, {"\"client-1\"", "\"client-2\"", "null"}},
    {"exp", SOON "99", TIMES(EARLIER)},
    {"iat", EARLIER "00", TIMES(SOON)},
    {"auth_time", EARLIER "00", TIMES(SOON)},
    {"nbf", NULL, TIMES(SOON)},
    {"sub", "\"0f6e1a2b-3c4d\"", {"\"\"", "null", "1", "\"a\\tb\"", "\"long\"", "[]"}},
    {"username", "\"alice\"", {"\"\"", "null", "1", "[\"alice\"]", "{}"}},
    {"at_hash", NULL, {"\"Pxa-1wifRlPl7yG_0oJNfw\"", "\"\"", "null"}},
};

static const char *const json_pieces[] = {"\"", "\\", "{", "}", "[", "]", ",", ":", "null",
    "\xef\xbb\xbf", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80", "\t", "\n", "\f",
    "\\u0000", "\\ud800", "\\u0061", "\\x61", "\x7f", "\x01", "//", "/**/", "'", "0", "-", ".",
    "e9", "0x1", "NaN", "Infinity", "\"alg\":\"RS256\",", "\"exp\":1764000099,", " ", "{}",
    "#"};
static const char *const token_pieces[] = {".", "=", "==", "-", "_", "+", "/", "A", " ", "\n",
    "\t", "%2E", ",", "..", "eyJhbGciOiJub25lIn0.", "\"", "\xc2\xa0", "e30"};
#define COUNT(row) (sizeof(row) / sizeof((row)[0]))

/* ---- sets and expectations -------------------------------------------------------------- */

struct set {
	char *text;
	struct jwks *ours; /* NULL: refused */
	struct second_set *theirs;
};

static struct {
	struct evp_pkey_st *a, *b, *small;
	struct set sets[SETS_MOST];
	size_t sets_len;
} world;

static void add_set(char *text)
{
	struct set *set = &world.sets[world.sets_len++];
	if (world.sets_len > SETS_MOST)
		abort();
	set->text = text;
	set->ours = NULL;
	jwks_parse(text, strlen(text), &set->ours);
	set->theirs = second_set_read(text, strlen(text));
}

static void forget_sets(void)
{
	for (size_t i = 0; i < world.sets_len; i++) {
		free(world.sets[i].text);
		jwks_free(world.sets[i].ours);
		second_set_free(world.sets[i].theirs);
	}
	EVP_PKEY_free(world.a);
	EVP_PKEY_free(world.b);
	EVP_PKEY_free(world.small);
}

/* The set of one key that has these members, and of another if that has members. */
static void add_key(struct evp_pkey_st *key, const char *members, const char *others)
{
	char *one = mint_jwk(key, members),
	     *other = mint_jwk(world.b, others != NULL ? others : "");
	add_set(mint_set((const char *const[]){one, others != NULL ? other : NULL, NULL}));
	free(one);
	free(other);
}

/* The modulus of a text is changed as its length stays: n begins the last member. */
static void add_modulus(const char *with)
{
	char *jwk = mint_jwk(world.a, "\"kid\":\"a\",");
	char *n = strstr(jwk, "\"n\":\"");
	char *text = mint_text("{\"keys\":[%.*s%s%s]}", (int)(n - jwk) + 5, jwk, with, n + 5);
	add_set(text);
	free(jwk);
}

static void make_sets(void)
{
	static const char *const members[] = {"\"kid\":\"a\",",
	    "\"kid\":\"a\",\"use\":\"sig\",", "\"kid\":\"a\",\"alg\":\"RS256\",",
	    "\"kid\":\"a\",\"use\":\"enc\",", "\"kid\":\"a\",\"use\":null,",
	    "\"kid\":\"a\",\"alg\":\"RS384\",", "\"kid\":\"a\",\"alg\":\"HS256\",",
	    "\"kid\":\"a\",\"key_ops\":[\"verify\"],", "\"kid\":\"a\",\"key_ops\":[\"sign\"],",
	    "\"kid\":\"a\",\"key_ops\":\"verify\",",
	    "\"kid\":\"a\",\"key_ops\":[\"verify\",1],", "\"kid\":\"a\",\"d\":\"AQ\",",
	    "\"kid\":\"a\",\"p\":null,", "\"kid\":\"a\",\"k\":\"AQ\",", "", "\"kid\":1,",
	    "\"kid\":\"\",", "\"kid\":\"A\",", "\"kid\":\"a\",\"kid\":\"a\",",
	    "\"kid\":\"\\u0061\",", "\"kid\":\"a\",\"x5t\":1e400,",
	    "\"kty\":\"oct\",\"kid\":\"a\","};
	world.a = mint_key(2048);
	world.b = mint_key(2048);
	world.small = mint_key(1024);
	for (size_t i = 0; i < COUNT(members); i++)
		add_key(world.a, members[i], i % 3 == 1 ? "\"kid\":\"b\"," : NULL);
	add_key(world.a, "\"kid\":\"a\",", "\"kid\":\"a\",");
	add_key(world.a, "\"kid\":\"b\",", "\"kid\":\"b\",");
	add_key(world.b, "\"kid\":\"a\",", NULL);
	add_key(world.small, "\"kid\":\"a\",", NULL);
	add_modulus("AA");
	add_modulus("AAAA");
	add_modulus("=");
	add_key(world.small, "", NULL);
	add_set(mint_text("{\"keys\":[]}"));
	add_set(mint_text("{}"));
	add_set(mint_text("[]"));
}

/* Mostly a good one. */
static const struct set *some_set(struct random *r)
{
	return &world.sets[random_below(r, 3) ? random_below(r, 3)
					      : random_below(r, world.sets_len)];
}

static struct expectation some_expectation(struct random *r, bool is_access)
{
	static const char *const others[] = {"https://other.example", NULL};
	bool is_other = random_below(r, 16) == 0;
	return (struct expectation){
	    .issuer = ISSUER,
	    .alternate_issuers = random_below(r, 2) ? others : NULL,
	    .client_id = "client-1",
	    .token_use = is_access != is_other ? TOKEN_USE_ACCESS : TOKEN_USE_ID,
	    .token_use_optional = random_below(r, 4) == 0,
	    .nonce = !is_access && random_below(r, 2) ? "nonce-1" : NULL,
	    .access_token = random_below(r, 2) ? "access-token" : NULL,
	    .leeway = random_below(r, 4) == 0 ? 0 : 60,
	    .now = NOW,
	};
}

/* ---- tokens ----------------------------------------------------------------------------- */

static void put_value(struct random *r, struct text *t, const char *value)
{
	static const unsigned lengths[] = {127, 128, 129, 255, 256, 4000, 4096, 47000};
	unsigned len = lengths[random_below(r, COUNT(lengths))];
	if (strcmp(value, "\"long\"") != 0) {
		text_put(t, value);
		return;
	}
	text_put(t, "\"");
	for (unsigned i = 0; i < len; i++)
		text_put(t, "x");
	text_put(t, "\"");
}

static void put_member(struct random *r, struct text *t, const char *name, const char *value)
{
	if (t->len > 1)
		text_put(t, ",");
	text_put(t, "\"");
	/* The same name, written otherwise. */
	if (random_below(r, 64) == 0) {
		char escape[8];
		snprintf(escape, sizeof(escape), "\\u%04x", (unsigned char)name[0]);
		text_put(t, escape);
		name++;
	}
	text_put(t, name);
	text_put(t, "\":");
	put_value(r, t, value);
}

static size_t odd_count(const struct member *m)
{
	size_t count = 0;
	while (count < COUNT(m->odd) && m->odd[count] != NULL)
		count++;
	return count;
}

/* An object with so many members that are odd, absent or there twice. */
static void make_object(struct random *r, struct text *t, const struct member *members,
    size_t count, unsigned faults)
{
	unsigned odd[4];
	for (unsigned i = 0; i < faults; i++)
		odd[i] = random_below(r, count);
	text_empty(t);
	text_put(t, "{");
	for (unsigned i = 0; i < count; i++) {
		const struct member *m = &members[i];
		const char *other = m->odd[random_below(r, odd_count(m))];
		bool is_odd = false;
		for (unsigned k = 0; k < faults; k++)
			is_odd = is_odd || odd[k] == i;
		/* 0: absent; 1 to 6: the odd value alone; 7: both; 8: the other way round */
		unsigned how = is_odd ? random_below(r, 9) : 9;
		if (m->good != NULL && (how == 7 || how == 9))
			put_member(r, t, m->name, m->good);
		if (how >= 1 && how <= 8)
			put_member(r, t, m->name, other);
		if (m->good != NULL && how == 8)
			put_member(r, t, m->name, m->good);
	}
	text_put(t, "}");
	while (random_below(r, 24) == 0)
		mutate(r, t, json_pieces, COUNT(json_pieces));
}

static unsigned some_faults(struct random *r)
{
	static const unsigned char row[] = {0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 3};
	return row[random_below(r, COUNT(row))];
}

/* In base64url, sometimes with an end that is not its only encoding. */
static void put_part(struct random *r, struct text *input, const struct text *part)
{
	static const char *const ends[] = {"=", "==", "A", "\n", "+", "/", ""};
	char *text = mint_base64url(part->bytes, part->len);
	size_t len = strlen(text);
	if (random_below(r, 48) == 0 && len > 0)
		text[len - 1] = (char)(text[len - 1] + 1);
	text_put(input, text);
	if (random_below(r, 24) == 0)
		text_put(input, ends[random_below(r, COUNT(ends))]);
	free(text);
}

static char *make_token(struct random *r, bool is_access)
{
	static struct text header, payload, input;
	unsigned header_faults = random_below(r, 2) ? 0 : some_faults(r);
	make_object(r, &header, header_members, COUNT(header_members), header_faults);
	if (is_access)
		make_object(r, &payload, access_members, COUNT(access_members), some_faults(r));
	else
		make_object(r, &payload, id_members, COUNT(id_members), some_faults(r));
	text_empty(&input);
	put_part(r, &input, &header);
	text_put(&input, ".");
	put_part(r, &input, &payload);
	struct evp_pkey_st *const keys[] = {world.b, world.small};
	unsigned signer = random_below(r, 16);
	return mint_input(
	    signer < COUNT(keys) ? keys[signer] : world.a, input.bytes, input.len);
}

/* ---- judging ------------------------------------------------------------------------------
 */

static bool is_ours(
    const struct text *token, const struct set *set, const struct expectation *want)
{
	struct claims *claims = NULL;
	if (set->ours == NULL)
		return false;
	int r = jwt_verify(token->bytes, token->len, set->ours, &claims);
	if (r == 0)
		r = claims_check(claims, want);
	claims_free(claims);
	return r == 0;
}

static void show(unsigned long which, const struct text *token, const struct set *set,
    const struct expectation *want, const char *why)
{
	printf("# case %lu: ours accepts what the second refuses: %s\n", which, why);
	printf("#   token: %.*s\n#   keys: %s\n", (int)token->len, token->bytes, set->text);
	printf("#   expected: %s%s%s, nonce %s, access token %s, leeway %lld\n",
	    want->token_use == TOKEN_USE_ID ? "ID" : "access",
	    want->token_use_optional ? ", token_use optional" : "",
	    want->alternate_issuers != NULL ? ", other issuers" : "",
	    want->nonce != NULL ? want->nonce : "none",
	    want->access_token != NULL ? want->access_token : "none", want->leeway);
}

static void judge(struct random *r, unsigned long which, const struct text *token,
    bool is_access, struct counts *counts)
{
	const struct set *set = some_set(r);
	const struct expectation want = some_expectation(r, is_access);
	const char *why = "";
	bool ours = is_ours(token, set, &want);
	if (counts_add(
		counts, ours, second_judge(token->bytes, token->len, set->theirs, &want, &why)))
		show(which, token, set, &want, why);
}

/* Cases go by blocks: those of one block have one signed token in common. */
static void judge_block(uint64_t seed, unsigned long block, unsigned long from,
    unsigned long end, struct counts *counts)
{
	static struct text token;
	struct random r = random_of(seed, block);
	bool is_access = random_below(&r, 4) == 0;
	char *signed_token = make_token(&r, is_access);
	for (unsigned long i = block * JUDGED; i < (block + 1) * JUDGED; i++) {
		text_empty(&token);
		text_put(&token, signed_token);
		while (random_below(&r, 4) == 0)
			mutate(&r, &token, token_pieces, COUNT(token_pieces));
		struct random own = random_of(seed + 1, i);
		if (i >= from && i < end)
			judge(&own, i, &token, is_access, counts);
	}
	free(signed_token);
}

int main(int argc, char **argv)
{
	struct counts c = {0, 0, 0, 0, 0};
	if (argc != 4)
		return 2;
	uint64_t seed = strtoull(argv[1], NULL, 0);
	unsigned long from = strtoul(argv[2], NULL, 10),
		      end = from + strtoul(argv[3], NULL, 10);
	make_sets();
	for (unsigned long block = from / JUDGED; block * JUDGED < end && c.laxer == 0; block++)
		judge_block(seed, block, from, end, &c);
	forget_sets();
	return counts_print(&c);
}
