/* SPDX-License-Identifier: MIT
 *
 * What grows with a pool and with its configuration: prints "KIND SIZE microseconds" for each
 *size. Processor time, medians of turns that are taken in rotation.
 *
 *	groups		verify a token of so many groups, and decide by 100 rules
 *	rules		read a configuration of so many rules, and decide for 100 groups
 *	keys		read a set of so many keys, and verify by the last
 *	users.map	read a configuration with so many entries
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/buffer.h"
#include "common/reason.h"
#include "helper/config/config.h"
#include "helper/policy/access_request.h"
#include "helper/policy/decision.h"
#include "helper/token/claims.h"
#include "helper/token/jwks.h"
#include "helper/token/jwt.h"
#include "mint.h"

#define TURNS 25
#define BATCH_US 3000.0 /* what is quicker is done so often that it takes this long */
#define USUAL 100

struct work {
	const char *kind;
	int size;
	void (*run)(const struct work *);
	struct buffer config_text;
	struct config *config;
	char *keys, *token;
	struct jwks *set;
	struct claims *claims;
	int batch;
	double us; /* the least */
};

static EVP_PKEY *signer;

static void expect(bool is_good, const char *what)
{
	if (is_good)
		return;
	fprintf(stderr, "growth: %s\n", what);
	exit(1);
}

static double now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void write_config(struct buffer *text, int rules, int people)
{
	*text = (struct buffer)BUFFER_INIT(CONFIG_TEXT_MAX);
	buffer_append_text(text,
	    "{\"config\":{\"client_id\":\"c\",\"certs_url\":\"https://cognito-idp.eu-west-1."
	    "amazonaws.com/eu-west-1_A/.well-known/jwks.json\"},\"users\":{\"map\":{");
	for (int i = 0; i < people; i++)
		buffer_append_format(text,
		    "%s\"person%d\":{\"sub\":\"a1b2c3d4-5678-90ab-cdef-%012d\","
		    "\"login\":\"person%d@example.com\"}",
		    i > 0 ? "," : "", i, i, i);
	buffer_append_text(text, "}},\"rules\":[");
	for (int i = 0; i + 1 < rules; i++)
		buffer_append_format(text, "{\"groups\":[\"r%d\"]%s},", i,
		    i % 10 == 0 ? ",\"effect\":\"deny\"" : ",\"services\":[\"s*\"]");
	buffer_append_text(text, "{\"anyone\":true}]}");
}

static struct config *read_config(const struct buffer *text)
{
	struct reason reason = {.detail = ""};
	struct config *config = NULL;
	expect(
	    config_parse("growth", buffer_text(text), text->len, &config, NULL, &reason) == 0,
	    reason.detail);
	return config;
}

/* The signer's key is the last; the others have its modulus with other digits in the middle. */
static char *write_keys(int count)
{
	char *modulus = mint_modulus(signer), *set = mint_text("{\"keys\":[");
	for (int i = 1; i <= count; i++) {
		char *other = i < count
				  ? mint_text("%.100sAAAA%04d%s", modulus, i, modulus + 108)
				  : mint_text("%s", modulus);
		char *more = mint_text(
		    "%s%s{\"kty\":\"RSA\",\"kid\":\"%d\",\"alg\":\"RS256\",\"use\":\"sig\","
		    "\"e\":\"AQAB\",\"n\":\"%s\"}",
		    set, i > 1 ? "," : "", i, other);
		free(other);
		free(set);
		set = more;
	}
	char *whole = mint_text("%s]}", set);
	free(set);
	free(modulus);
	return whole;
}

static char *write_token(int groups, int kid)
{
	struct buffer text = BUFFER_INIT(JWT_MAX);
	char *header = mint_text("{\"kid\":\"%d\",\"alg\":\"RS256\"}", kid);
	buffer_append_text(&text, "{\"cognito:username\":\"alice\",\"cognito:groups\":[");
	for (int i = 0; i < groups; i++)
		buffer_append_format(
		    &text, "%s\"team-%d-of-the-house\"", i > 0 ? "," : "", i * 7919 % 10007);
	buffer_append_text(&text, "]}");
	char *token = mint_token(signer, header, buffer_text(&text));
	buffer_wipe(&text);
	free(header);
	return token;
}

static struct jwks *read_keys(const char *text)
{
	struct jwks *set = NULL;
	expect(jwks_parse(text, strlen(text), &set) == 0, "the keys are not read");
	return set;
}

static struct claims *verify(const char *token, const struct jwks *set)
{
	struct claims *claims = NULL;
	expect(jwt_verify(token, strlen(token), set, &claims) == 0, "the token is refused");
	return claims;
}

static void judge(const struct config *config, const struct claims *claims)
{
	static const struct access_request request = {
	    .user = "alice", .service = "sshd", .host = "web-1", .now = 1764000000};
	struct decision d;
	expect(decide(config, claims, &request, &d) == 0, "the decision failed");
	decision_free(&d);
}

static void by_groups(const struct work *w)
{
	struct claims *claims = verify(w->token, w->set);
	judge(w->config, claims);
	claims_free(claims);
}

static void by_rules(const struct work *w)
{
	struct config *config = read_config(&w->config_text);
	judge(config, w->claims);
	config_free(config);
}

static void by_keys(const struct work *w)
{
	struct jwks *set = read_keys(w->keys);
	claims_free(verify(w->token, set));
	jwks_free(set);
}

static void by_people(const struct work *w)
{
	config_free(read_config(&w->config_text));
}

static struct work works[] = {
    {.kind = "groups", .size = 1, .run = by_groups},
    {.kind = "groups", .size = 10, .run = by_groups},
    {.kind = "groups", .size = 100, .run = by_groups},
    {.kind = "groups", .size = 200, .run = by_groups},
    {.kind = "groups", .size = 400, .run = by_groups},
    {.kind = "rules", .size = 10, .run = by_rules},
    {.kind = "rules", .size = 100, .run = by_rules},
    {.kind = "rules", .size = 500, .run = by_rules},
    {.kind = "rules", .size = 1000, .run = by_rules},
    {.kind = "rules", .size = 2000, .run = by_rules},
    {.kind = "keys", .size = 2, .run = by_keys},
    {.kind = "keys", .size = 8, .run = by_keys},
    {.kind = "keys", .size = 16, .run = by_keys},
    {.kind = "keys", .size = 32, .run = by_keys},
    {.kind = "keys", .size = JWKS_KEYS_MAX, .run = by_keys},
    {.kind = "users.map", .size = 10, .run = by_people},
    {.kind = "users.map", .size = 100, .run = by_people},
    {.kind = "users.map", .size = 1000, .run = by_people},
    {.kind = "users.map", .size = 2000, .run = by_people},
    {.kind = "users.map", .size = 4000, .run = by_people},
};
#define WORKS (sizeof(works) / sizeof(works[0]))

static double turn(const struct work *w, int batch)
{
	double start = now_us();
	for (int i = 0; i < batch; i++)
		w->run(w);
	return (now_us() - start) / batch;
}

static void prepare(struct work *w)
{
	int rules = w->run == by_rules ? w->size : w->run == by_groups ? USUAL : 1;
	int groups = w->run == by_groups ? w->size : USUAL;
	int keys = w->run == by_keys ? w->size : 2;
	write_config(&w->config_text, rules, w->run == by_people ? w->size : 0);
	w->config = read_config(&w->config_text);
	w->keys = write_keys(keys);
	w->set = read_keys(w->keys);
	w->token = write_token(groups, keys);
	w->claims = verify(w->token, w->set);
	w->run(w);
	double us = turn(w, 1);
	w->batch = us < BATCH_US ? (int)(BATCH_US / us) : 1;
}

int main(void)
{
	signer = mint_key(2048);
	for (size_t i = 0; i < WORKS; i++)
		prepare(&works[i]);
	for (size_t i = 0; i < TURNS * WORKS; i++) {
		struct work *w = &works[i % WORKS];
		double us = turn(w, w->batch);
		if (i < WORKS || us < w->us)
			w->us = us;
	}
	for (size_t i = 0; i < WORKS; i++) {
		struct work *w = &works[i];
		printf("%s %d %.2f\n", w->kind, w->size, w->us);
		claims_free(w->claims);
		jwks_free(w->set);
		config_free(w->config);
		buffer_wipe(&w->config_text);
		free(w->keys);
		free(w->token);
	}
	EVP_PKEY_free(signer);
	return 0;
}
