/* SPDX-License-Identifier: MIT */
#include "helper/probe/probe.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/flow/flow.h"
#include "helper/flow/keys.h"
#include "helper/flow/srp.h"
#include "helper/json/json.h"
#include "helper/net/authorization.h"
#include "helper/net/http.h"
#include "helper/net/token_endpoint.h"
#include "helper/probe/report.h"
#include "helper/sandbox.h"
#include "helper/token/base64url.h"

#define NAME_BYTES 12 /* 96 random bits: no user has that name */
#define NAME_SIZE BASE64_ENCODED(NAME_BYTES)

#define PROBE_MS 10000 /* a pool that throttles or fails is a finding, too */

/* ---- refusals ------------------------------------------------------------------------ */

/* What a refusal is about. Cognito's words are no stable interface: the type comes first, and
 * the finding quotes the words as they are. */
static enum finding_name name_of(const struct reason *reason)
{
	static const struct {
		const char *type, *words; /* one of them */
		enum finding_name name;
	} rows[] = {
	    {"ResourceNotFoundException", NULL, FOUND_CLIENT_ID},
	    {"unauthorized_client", NULL, FOUND_CLIENT_FLOW},
	    {"unsupported_grant_type", NULL, FOUND_CLIENT_FLOW},
	    {"invalid_scope", NULL, FOUND_CLIENT_SCOPE},
	    {NULL, "secret", FOUND_CLIENT_SECRET},
	    {NULL, "SecretHash", FOUND_CLIENT_SECRET},
	    {NULL, "not enabled", FOUND_CLIENT_FLOW},
	    {NULL, "not supported", FOUND_CLIENT_FLOW},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].type != NULL ? http_is_refused(reason, rows[i].type)
					 : strstr(reason->detail, rows[i].words) != NULL)
			return rows[i].name;
	return FOUND_CLIENT;
}

static void report_refusal(
    struct probe *p, const char *step, int r, const struct reason *reason)
{
	const char *why = reason->detail;
	bool has_secret = p->config->client_secret != NULL;
	/* OAuth has one word for a wrong id and a wrong secret. */
	if (http_is_refused(reason, "invalid_client"))
		report(p, REPORT_FAULT, has_secret ? FOUND_CLIENT_SECRET : FOUND_CLIENT_ID,
		    "%s: %s: client_id %s %s", step, why, p->config->client_id,
		    has_secret ? "or its secret is wrong"
			       : "is unknown, or has a secret that is missing here");
	else if (r == RESULT_CLIENT)
		report(p, REPORT_FAULT, name_of(reason), "%s: %s", step, why);
	else
		report(
		    p, REPORT_WARNING, FOUND_CLIENT, "%s: %s: %s", step, result_phrase(r), why);
}

/* ---- password flow ------------------------------------------------------------------- */

static void probe_password(struct probe *p)
{
	static const char *const steps[] = {[PASSWORD_SRP] = "USER_SRP_AUTH",
	    [PASSWORD_CHOICE] = "USER_AUTH",
	    [PASSWORD_PLAIN] = "USER_PASSWORD_AUTH",
	    [PASSWORD_ROPC] = "password grant"};
	const struct config *config = p->config;
	enum password_method method = config->password_method;
	const char *step = steps[method];
	struct flow flow = {.config = config, .http = p->http};
	struct json *answer = NULL;
	char name[NAME_SIZE], text[NAME_SIZE];
	struct buffer password = BUFFER_INIT(NAME_SIZE);
	struct srp *srp = NULL;
	if (authorization_random(NAME_BYTES, name) != 0 ||
	    authorization_random(NAME_BYTES, text) != 0 ||
	    buffer_append_text(&password, text) != 0)
		return;
	snprintf(flow.login_name, sizeof(flow.login_name), "cognito-oidc-doctor-%s", name);
	int r = method == PASSWORD_SRP ? srp_new_random(NULL, &srp) : 0;
	if (r == 0 && method == PASSWORD_ROPC)
		r = token_endpoint_password(
		    p->http, config, flow.login_name, &password, &answer, &flow.reason);
	else if (r == 0)
		r = password_initiate(
		    &flow, srp != NULL ? srp_public(srp) : NULL, &password, &answer);
	srp_free(srp);
	buffer_wipe(&password);
	if (r == 0 || r == RESULT_PASSWORD)
		report(p, REPORT_OK, FOUND_CLIENT,
		    "%s: the pool knows client_id %s, and %s is enabled", config->name,
		    config->client_id, step);
	else
		report_refusal(p, step, r, &flow.reason);
	if (http_is_refused(&flow.reason, "UserNotFoundException"))
		report(p, REPORT_WARNING, FOUND_EXISTENCE,
		    "the pool tells anyone which user names exist");
	json_free(answer);
}

/* ---- device flow --------------------------------------------------------------------- */

/* Begins a sign-in that nobody will approve. */
static void probe_device(struct probe *p)
{
	const char *url = p->config->device_authorization_url;
	struct device_authorization codes;
	int r = token_endpoint_authorize_device(p->http, p->config, &codes, &p->reason);
	explicit_bzero(&codes, sizeof(codes));
	if (r == 0)
		report(p, REPORT_OK, FOUND_CLIENT, "device flow: %s gives out codes", url);
	else
		report_refusal(p, "device flow", r, &p->reason);
}

/* ---- browser flow -------------------------------------------------------------------- */

/* The answer is a sign-in page, a redirect to the client with an error, or an error page. */
static void judge_authorization(struct probe *p, const struct http_answer *answer)
{
	const struct config *config = p->config;
	const struct {
		const char *error;
		enum finding_name name;
		const char *what, *value;
	} rows[] = {
	    {"redirect_mismatch", FOUND_CLIENT_REDIRECT, "the app client has no callback URL ",
		config->redirect_uri},
	    {"invalid_scope", FOUND_CLIENT_SCOPE,
		"the app client may not have every scope of config.scopes", ""},
	    {"unauthorized_client", FOUND_CLIENT_FLOW,
		"the app client is not allowed the authorization code grant", ""},
	};
	char error[96] = "";
	/* RFC 6749, section 4.1.2.1. No browser follows this redirect. */
	const char *at = strstr(answer->location, "error=");
	if (at != NULL && at > answer->location && (at[-1] == '?' || at[-1] == '&'))
		snprintf(error, sizeof(error), "%.*s", (int)strcspn(at + 6, "&#"), at + 6);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!streq(error, rows[i].error))
			continue;
		report(p, REPORT_FAULT, rows[i].name, "%s%s", rows[i].what, rows[i].value);
		return;
	}
	if (error[0] != '\0')
		report(p, REPORT_FAULT, FOUND_CLIENT, "%s: %s (client_id %s)", config->auth_url,
		    error, config->client_id);
	else if (answer->status == 200 || answer->status == 302 || answer->status == 303)
		report(p, REPORT_OK, FOUND_CLIENT,
		    "%s: a browser may sign in and come back to %s", config->name,
		    config->redirect_uri);
	else
		report(p, REPORT_FAULT, FOUND_CLIENT, "%s: status %ld", config->auth_url,
		    answer->status);
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
	struct http_answer answer = {.body = BUFFER_INIT(HTTP_BODY_MAX)};
	int r = authorization_url(p->config, &request, &url);
	if (r == 0)
		r = http_get(p->http, buffer_text(&url), &answer, &p->reason);
	if (r == 0 || (r == RESULT_TOO_LARGE && answer.status != 0))
		judge_authorization(p, &answer);
	else
		report(p, REPORT_WARNING, FOUND_CLIENT, "%s: %s: %s", p->config->auth_url,
		    result_phrase(r), p->reason.detail);
	buffer_wipe(&answer.body);
	buffer_wipe(&url);
}

/* Exchanges a code that was never issued: the client's own proof is checked before it. */
static void probe_code(struct probe *p)
{
	struct json *answer = NULL;
	char code[NAME_SIZE];
	struct pkce pkce;
	if (authorization_random(NAME_BYTES, code) != 0 || authorization_pkce(&pkce) != 0)
		return;
	int r =
	    token_endpoint_code(p->http, p->config, code, pkce.verifier, &answer, &p->reason);
	json_free(answer);
	if (http_is_refused(&p->reason, "invalid_grant"))
		report(p, REPORT_OK, FOUND_CLIENT, "%s: the app client may exchange codes",
		    p->config->token_url);
	else
		report_refusal(p, "token_url", r, &p->reason);
}

/* Begins every configured flow once, for a user that cannot exist: the refusal tells whether
 * the client, its secret and the flow are right. No failed attempt of a real user is counted,
 * because each run invents another name; but a user migration Lambda is asked for it. */
static void examine_client(struct probe *p)
{
	const struct config *config = p->config;
	bool is_grant = config->password_method == PASSWORD_ROPC;
	const struct {
		enum flow_kind flow;
		const char *url;
		void (*probe)(struct probe *);
	} rows[] = {
	    {FLOW_PASSWORD, is_grant ? config->token_url : config->api_url, probe_password},
	    {FLOW_DEVICE, config->device_authorization_url, probe_device},
	    {FLOW_BROWSER, config->auth_url, probe_authorization},
	    {FLOW_BROWSER, config->token_url, probe_code},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (config_has_flow(config, rows[i].flow) && report_is_open(p, rows[i].url)) {
			http_deadline(p->http, clock_ms() + PROBE_MS);
			rows[i].probe(p);
		}
}

/* ---- the two purposes ------------------------------------------------------------------ */

/* From here on the helper is confined as it is in a login when it reads network bytes. */
static bool close_sandbox(struct probe *p)
{
	char text[160];
	if (http_prepare(p->http, &p->reason) != 0) {
		report(p, REPORT_FAULT, FOUND_SANDBOX, "the helper cannot confine itself: %s",
		    p->reason.detail);
		return false;
	}
	const struct sandbox *sandbox = http_sandbox(p->http);
	report(p, sandbox_is_whole(sandbox) ? REPORT_OK : REPORT_WARNING, FOUND_SANDBOX, "%s",
	    sandbox_describe(sandbox, text, sizeof(text)));
	return true;
}

int probe_run(struct flow *flow, struct keys *keys, const struct request *q, struct outcome *o)
{
	struct probe p = {.channel = flow->channel,
	    .config = flow->config,
	    .http = flow->http,
	    .cached = keys};
	(void)q;
	(void)o;
	report_resolve(&p);
	if (close_sandbox(&p)) {
		report_connect(&p);
		provider_discovery(&p);
		provider_keys(&p);
		examine_client(&p);
	}
	return p.lost;
}

int probe_keys(struct flow *flow, struct keys *keys, const struct request *q, struct outcome *o)
{
	(void)q;
	(void)o;
	http_need(flow->http, flow->config->certs_url);
	http_deadline(flow->http, clock_ms() + PROBE_MS);
	return keys_load(flow, keys, (long long)time(NULL));
}
