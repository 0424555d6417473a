/* SPDX-License-Identifier: MIT
 *
 * steps STEP: does one step of a login, for a tool that counts its instructions (budget.py). It
 * is done once before, so that what the libraries do at first use is not counted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/reason.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/flow/srp.h"
#include "helper/flow/srp_group.h"
#include "helper/policy/access_request.h"
#include "helper/policy/decision.h"
#include "helper/token/claims.h"
#include "helper/token/claims_make.h"

#define GROUPS 100
#define RULES 100

static struct buffer config_text = BUFFER_INIT(CONFIG_TEXT_MAX);
static struct config *config;
static struct claims *claims;
static struct srp_group *group;

static void expect(bool is_good)
{
	if (!is_good)
		exit(1);
}

static void write_config(void)
{
	buffer_append_text(&config_text,
	    "{\"config\":{\"client_id\":\"c\",\"certs_url\":\"https://cognito-idp.eu-west-1."
	    "amazonaws.com/eu-west-1_A/.well-known/jwks.json\"},\"rules\":[");
	for (int i = 0; i + 1 < RULES; i++)
		buffer_append_format(&config_text, "{\"groups\":[\"r%d\"]%s},", i,
		    i % 10 == 0 ? ",\"effect\":\"deny\"" : ",\"services\":[\"s*\"]");
	buffer_append_text(&config_text, "{\"anyone\":true}]}");
}

static void write_claims(void)
{
	struct buffer text = BUFFER_INIT(48u * 1024);
	buffer_append_text(&text, "{\"cognito:username\":\"alice\",\"cognito:groups\":[");
	for (int i = 0; i < GROUPS; i++)
		buffer_append_format(&text, "%s\"team-%d\"", i > 0 ? "," : "", i);
	buffer_append_text(&text, "]}");
	expect(claims_make(buffer_text(&text), text.len, &claims) == 0);
	buffer_wipe(&text);
}

static void load_config(void)
{
	struct reason reason = {.detail = ""};
	config_free(config);
	expect(config_parse("steps", buffer_text(&config_text), config_text.len, &config, NULL,
		   &reason) == 0);
}

static void judge(void)
{
	static const struct access_request request = {
	    .user = "alice", .service = "sshd", .host = "web-1", .now = 1764000000};
	struct decision d;
	expect(decide(config, claims, &request, &d) == 0);
	decision_free(&d);
}

static void prove(void)
{
	static const struct srp_challenge challenge = {.pool_name = "ExAmPlE",
	    .user_id = "alice",
	    .password = "Battery-Staple-8!",
	    .salt = "5b00112233445566778899aabbccddee",
	    .server_public = "1234567890abcdef",
	    .secret_block = "c2VjcmV0",
	    .timestamp = "Thu Jan 1 00:00:00 UTC 1970"};
	unsigned char secret[SRP_SECRET_BYTES];
	char signature[SRP_SIGNATURE_MAX];
	struct srp *srp = NULL;
	memset(secret, 0xa5, sizeof(secret));
	expect(srp_new(group, secret, sizeof(secret), &srp) == 0 &&
	       srp_sign(srp, &challenge, signature) == 0);
	srp_free(srp);
}

static void prove_alone(void)
{
	struct srp_group *made = group;
	group = NULL;
	prove();
	group = made;
}

static const struct {
	const char *name;
	void (*run)(void);
} steps[] = {
    {"config", load_config}, {"decide", judge}, {"srp", prove}, {"srp-alone", prove_alone}};

/* The instructions of this function are counted. */
static __attribute__((noinline)) void counted(void (*run)(void))
{
	run();
}

int main(int argc, char **argv)
{
	write_config();
	write_claims();
	load_config();
	expect(srp_group_new(&group) == 0);
	for (size_t i = 0; argc == 2 && i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (!streq(steps[i].name, argv[1]))
			continue;
		steps[i].run();
		counted(steps[i].run);
		srp_group_free(group);
		claims_free(claims);
		config_free(config);
		buffer_wipe(&config_text);
		return 0;
	}
	fputs("steps config | decide | srp | srp-alone\n", stderr);
	return 2;
}
