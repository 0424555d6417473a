/* SPDX-License-Identifier: MIT */
#include "helper/probe/app_client.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#include "common/result.h"
#include "common/text.h"
#include "helper/flow/flow.h"
#include "helper/flow/password.h"
#include "helper/flow/srp.h"
#include "helper/json/json.h"
#include "helper/net/device_endpoint.h"
#include "helper/net/token_endpoint.h"
#include "helper/policy/config.h"
#include "helper/probe/report.h"
#include "helper/probe/route.h"

#define NAME_BYTES 12 /* 96 random bits: nobody is called that */
#define HEX_MAX (2 * SRP_SECRET_BYTES + 1)

static bool draw(char *out, size_t bytes)
{
	unsigned char raw[SRP_SECRET_BYTES];
	if (bytes > sizeof(raw) || RAND_bytes(raw, (int)bytes) != 1)
		return false;
	for (size_t i = 0; i < bytes; i++)
		snprintf(out + 2 * i, 3, "%02x", raw[i]);
	return true;
}

/* What Cognito's refusals are about; the words are no stable interface, so the type comes
 * first and the rest is told as it was said. */
static enum finding_name name_of(const struct api_error *error)
{
	static const struct {
		const char *words;
		enum finding_name name;
	} rows[] = {
	    {"secret", FOUND_CLIENT_SECRET},
	    {"SecretHash", FOUND_CLIENT_SECRET},
	    {"not enabled", FOUND_CLIENT_FLOW},
	    {"not supported", FOUND_CLIENT_FLOW},
	};
	static const struct {
		const char *type;
		enum finding_name name;
	} types[] = {
	    {"ResourceNotFoundException", FOUND_CLIENT_ID},
	    {"unauthorized_client", FOUND_CLIENT_FLOW},
	    {"unsupported_grant_type", FOUND_CLIENT_FLOW},
	    {"invalid_scope", FOUND_CLIENT_SCOPE},
	};
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (streq(error->type, types[i].type))
			return types[i].name;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strstr(error->message, rows[i].words) != NULL)
			return rows[i].name;
	return FOUND_CLIENT;
}

static void report_refusal(
    struct probe *p, const char *step, int r, const struct api_error *error)
{
	const char *colon = error->type[0] != '\0' && error->message[0] != '\0' ? ": " : "";
	bool is_client = r == RESULT_CLIENT;
	/* OAuth tells a wrong id and a wrong secret by one word. */
	bool is_either = streq(error->type, "invalid_client");
	if (is_either)
		report_fault(p,
		    p->config->client_secret != NULL ? FOUND_CLIENT_SECRET : FOUND_CLIENT_ID,
		    "%s: %s%s%s: client_id %s %s", step, error->type, colon, error->message,
		    p->config->client_id,
		    p->config->client_secret != NULL
			? "or its secret is wrong"
			: "is unknown, or has a secret that is missing here");
	else if (is_client)
		report_fault(
		    p, name_of(error), "%s: %s%s%s", step, error->type, colon, error->message);
	else
		report_warning(p, FOUND_CLIENT, "%s: %s: %s%s%s", step, result_phrase(r),
		    error->type, colon, error->message);
}

static int initiate(struct flow *flow, struct json **answer, const char **step)
{
	struct srp *srp = NULL;
	unsigned char secret[SRP_SECRET_BYTES];
	char password[HEX_MAX];
	int r;
	switch (flow->config->password_method) {
	case PASSWORD_SRP:
		*step = "USER_SRP_AUTH";
		r = RAND_priv_bytes(secret, sizeof(secret)) == 1 ? 0 : RESULT_MEMORY;
		if (r == 0)
			r = srp_new(secret, sizeof(secret), &srp);
		if (r == 0)
			r = password_initiate(flow, *step, "SRP_A", srp_public(srp), answer);
		srp_free(srp);
		return r;
	case PASSWORD_CHOICE:
		*step = "USER_AUTH";
		return password_initiate(flow, *step, NULL, NULL, answer);
	case PASSWORD_PLAIN:
		*step = "USER_PASSWORD_AUTH";
		if (!draw(password, NAME_BYTES))
			return RESULT_MEMORY;
		return password_initiate(flow, *step, "PASSWORD", password, answer);
	case PASSWORD_ROPC:
	default:
		*step = "password grant";
		if (!draw(password, NAME_BYTES))
			return RESULT_MEMORY;
		return token_endpoint_password(
		    flow->http, flow->config, flow->login_name, password, answer, &flow->error);
	}
}

static void probe_password(struct probe *p)
{
	const struct config *config = p->config;
	struct flow flow = {.config = config, .http = p->http};
	struct json *answer = NULL;
	const char *step = "";
	char name[2 * NAME_BYTES + 1];
	bool grant = config->password_method == PASSWORD_ROPC;
	if (!route_is_open(p, grant ? config->token_url : config->api_url) ||
	    !draw(name, NAME_BYTES))
		return;
	snprintf(flow.login_name, sizeof(flow.login_name), "cognito-oidc-doctor-%s", name);
	int r = initiate(&flow, &answer, &step);
	if (r == 0 || r == RESULT_PASSWORD)
		report_ok(p, FOUND_CLIENT, "%s: the pool knows client_id %s, and %s is enabled",
		    config->name, config->client_id, step);
	else
		report_refusal(p, step, r, &flow.error);
	if (streq(flow.error.type, "UserNotFoundException"))
		report_warning(
		    p, FOUND_EXISTENCE, "the pool tells whoever asks which user names exist");
	json_free(answer);
}

/* Begins a device's sign-in that nobody will approve. */
static void probe_device(struct probe *p)
{
	const struct config *config = p->config;
	struct device_authorization codes;
	struct api_error error = {.type = "", .message = ""};
	if (!route_is_open(p, config->device_authorization_url))
		return;
	int r = device_endpoint_authorize(p->http, config, &codes, &error);
	explicit_bzero(&codes, sizeof(codes));
	if (r == 0)
		report_ok(p, FOUND_CLIENT, "device flow: %s gives out codes",
		    config->device_authorization_url);
	else
		report_refusal(p, "device flow", r, &error);
}

void app_client_probe(struct probe *p)
{
	if (config_has_flow(p->config, FLOW_PASSWORD))
		probe_password(p);
	if (config_has_flow(p->config, FLOW_DEVICE))
		probe_device(p);
}
