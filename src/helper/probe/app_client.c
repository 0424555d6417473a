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
#include "helper/net/authorization.h"
#include "helper/net/device_endpoint.h"
#include "helper/net/http.h"
#include "helper/net/token_endpoint.h"
#include "helper/config/config.h"
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

/* ---- browser flow -------------------------------------------------------------------- */

/* Where a request for authorization leads that no browser follows: to a sign-in page, back
 * to the client with an error, or to an error page. */
static const char *error_of(const char *location, char *out, size_t size)
{
	const char *at = strstr(location, "error=");
	out[0] = '\0';
	if (at != NULL && at > location && (at[-1] == '?' || at[-1] == '&'))
		snprintf(out, size, "%.*s", (int)strcspn(at + 6, "&#"), at + 6);
	return out;
}

static void judge_authorization(struct probe *p, const struct http_answer *answer)
{
	const struct config *config = p->config;
	char error[96];
	error_of(answer->location, error, sizeof(error));
	if (streq(error, "redirect_mismatch"))
		report_fault(p, FOUND_CLIENT_REDIRECT, "the app client has no callback URL %s",
		    config->redirect_uri);
	else if (streq(error, "invalid_scope"))
		report_fault(p, FOUND_CLIENT_SCOPE,
		    "the app client may not have every scope of config.scopes");
	else if (streq(error, "unauthorized_client"))
		report_fault(p, FOUND_CLIENT_FLOW,
		    "the app client is not allowed the authorization code grant");
	else if (error[0] != '\0')
		report_fault(p, FOUND_CLIENT, "%s: %s (client_id %s)", config->auth_url, error,
		    config->client_id);
	else if (answer->status == 200 || (answer->status >= 302 && answer->status <= 303))
		report_ok(p, FOUND_CLIENT, "%s: a browser may sign in and come back to %s",
		    config->name, config->redirect_uri);
	else
		report_fault(
		    p, FOUND_CLIENT, "%s: status %ld", config->auth_url, answer->status);
}

static void probe_authorization(struct probe *p)
{
	const struct authorization_request request = {
	    .state = "doctor",
	    .nonce = "doctor",
	    .challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", /* RFC 7636 */
	    .login_hint = "",
	};
	struct buffer url = BUFFER_INIT(AUTHORIZATION_URL_MAX);
	struct http_answer answer = HTTP_ANSWER_INIT(HTTP_BODY_MAX);
	int r = authorization_url(p->config, &request, &url);
	if (r == 0)
		r = http_get(p->http, buffer_text(&url), &answer);
	if (r == 0 || (r == RESULT_TOO_LARGE && answer.status != 0))
		judge_authorization(p, &answer);
	else
		report_warning(p, FOUND_CLIENT, "%s: %s: %s", p->config->auth_url,
		    result_phrase(r), http_why(p->http));
	buffer_wipe(&answer.body);
	buffer_wipe(&url);
}

/* A code that nobody was given: the client is asked for its secret first. */
static void probe_code(struct probe *p)
{
	struct api_error error = {.type = "", .message = ""};
	struct json *answer = NULL;
	char code[2 * NAME_BYTES + 1], verifier[2 * SRP_SECRET_BYTES + 1];
	if (!draw(code, NAME_BYTES) || !draw(verifier, 32))
		return;
	int r = token_endpoint_code(p->http, p->config, code, verifier, &answer, &error);
	json_free(answer);
	if (streq(error.type, "invalid_grant"))
		report_ok(p, FOUND_CLIENT, "%s: the app client may exchange codes",
		    p->config->token_url);
	else
		report_refusal(p, "token_url", r, &error);
}

static void probe_browser(struct probe *p)
{
	if (route_is_open(p, p->config->auth_url))
		probe_authorization(p);
	if (route_is_open(p, p->config->token_url))
		probe_code(p);
}

void app_client_probe(struct probe *p)
{
	if (config_has_flow(p->config, FLOW_PASSWORD))
		probe_password(p);
	if (config_has_flow(p->config, FLOW_DEVICE))
		probe_device(p);
	if (config_has_flow(p->config, FLOW_BROWSER))
		probe_browser(p);
}
