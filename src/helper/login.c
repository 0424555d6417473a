/* SPDX-License-Identifier: MIT */
#include "helper/login.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/message.h"
#include "common/result.h"
#include "common/sentence.h"
#include "common/text.h"
#include "helper/flow/browser.h"
#include "helper/flow/device.h"
#include "helper/flow/flow.h"
#include "helper/flow/invitation.h"
#include "helper/flow/keys.h"
#include "helper/flow/menu.h"
#include "helper/flow/new_password.h"
#include "helper/flow/password.h"
#include "helper/json/json.h"
#include "helper/net/http.h"
#include "helper/policy/config.h"
#include "helper/policy/question.h"
#include "helper/policy/rules.h"
#include "helper/policy/users.h"
#include "helper/policy/verdict.h"
#include "helper/probe/probe.h"
#include "helper/sandbox.h"
#include "helper/token/claims.h"
#include "helper/token/jwks_kept.h"

#define NAME_MAX_BYTES 256
#define HOST_NAME_BYTES 256 /* Linux ends at 64 */
#define PATH_MAX_BYTES 4096
#define TIME_LEFT_MOST 600000ul /* milliseconds; the longest timeout= */

/* The REQUEST, with every field checked. */
struct request {
	const char *purpose, *config_path, *user, *service;
	const struct field *config_text, *jwks;
	const char *qr, *flow, *wait, *rhost;
	unsigned long time_left;
};

static bool is_purpose(const char *word)
{
	static const char *const purposes[] = {"login", "check", "change", "probe", "keys"};
	for (size_t i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++)
		if (streq(word, purposes[i]))
			return true;
	return false;
}

static int read_request(const struct frame *f, struct request *q)
{
	const char *version = message_text(f, REQUEST_VERSION, 8);
	const char *left = message_text(f, REQUEST_TIME_LEFT, 12);
	if (!streq(version, MESSAGE_VERSION))
		return RESULT_HELPER_FRAME;
	q->purpose = message_text(f, REQUEST_PURPOSE, 16);
	q->qr = message_text(f, REQUEST_QR, 8);
	q->flow = message_text(f, REQUEST_FLOW, 16);
	q->wait = message_text(f, REQUEST_WAIT, 8);
	q->rhost = message_text(f, REQUEST_RHOST, MESSAGE_ANSWER_MAX);
	q->config_path = message_text(f, REQUEST_CONFIG_PATH, PATH_MAX_BYTES);
	q->user = message_text(f, REQUEST_USER, NAME_MAX_BYTES);
	q->service = message_text(f, REQUEST_SERVICE, NAME_MAX_BYTES);
	q->config_text = &f->fields[REQUEST_CONFIG];
	q->jwks = &f->fields[REQUEST_JWKS];
	if (q->config_path == NULL || q->user == NULL || q->service == NULL || left == NULL)
		return RESULT_HELPER_FRAME;
	if (q->qr == NULL || !is_purpose(q->purpose))
		return RESULT_HELPER_FRAME;
	if (!text_number(left, TIME_LEFT_MOST, &q->time_left))
		return RESULT_HELPER_FRAME;
	if (q->flow == NULL || q->rhost == NULL || q->wait == NULL)
		return RESULT_HELPER_FRAME;
	return 0;
}

/* The token that decides, and everything that must be true of it. */
static int check_token(struct flow *flow, const struct claims *claims, long long now)
{
	const struct config *config = flow->config;
	const struct expectation expectation = {
	    .issuer = config->issuer,
	    .alternate_issuers = (const char *const *)config->alternate_issuers.items,
	    .client_id = config->client_id,
	    .token_use = flow->id_token != NULL ? TOKEN_USE_ID : TOKEN_USE_ACCESS,
	    .token_use_optional = config->provider == PROVIDER_OIDC,
	    .nonce = flow->nonce[0] != '\0' ? flow->nonce : NULL,
	    .access_token = flow->id_token != NULL ? flow->access_token : NULL,
	    .leeway = config->leeway,
	    .now = now,
	};
	int r = claims_check(claims, &expectation);
	return r == 0 ? 0 : flow_failed(flow, r, NULL);
}

static void tell_other_identity(const struct config *config, const struct claims *claims,
    const char *user, struct outcome *o)
{
	char name[USERS_NAME_MAX + 1], shown[USERS_NAME_MAX + 1], asked[NAME_MAX_BYTES + 1];
	if (users_name_of(config, claims, name, sizeof(name)) != 0)
		return;
	text_printable(name, strlen(name), shown, sizeof(shown));
	text_printable(user, strlen(user), asked, sizeof(asked));
	/* The same name and yet no match: an entry of users.map decides, and says more. */
	if (!streq(name, user))
		snprintf(o->message, sizeof(o->message), SENTENCE_OTHER_PERSON, shown, asked);
}

static void decide(const struct flow *flow, const struct claims *claims, long long now,
    const struct request *q, struct outcome *o)
{
	struct verdict verdict = {.result = RESULT_POLICY, .rule = ""};
	char host[HOST_NAME_BYTES] = "";
	const char *sub = claims_sub(claims);
	/* A host that has no name is one that no rule allows and every such rule denies. */
	if (gethostname(host, sizeof(host) - 1) != 0)
		host[0] = '\0';
	const struct question question = {
	    .user = q->user,
	    .service = q->service,
	    .host = host,
	    .now = now,
	    .mfa_answered = flow->mfa_answered,
	    .access_token = streq(claims_text(claims, "token_use"), "access"),
	};
	text_printable(sub, strlen(sub), o->sub, sizeof(o->sub));
	verdict_decide(flow->config, claims, &question, &verdict);
	text_printable(verdict.rule, strlen(verdict.rule), o->rule, sizeof(o->rule));
	if (verdict.result == RESULT_IDENTITY)
		tell_other_identity(flow->config, claims, q->user, o);
	o->result = verdict.result;
}

/* A password is changed only for the person whose account this is; rules are about
 * services and are not asked. */
static int change(struct flow *flow, const struct claims *claims, const struct request *q,
    struct buffer *password, struct outcome *o)
{
	const char *sub = claims_sub(claims);
	text_printable(sub, strlen(sub), o->sub, sizeof(o->sub));
	int r = users_match(flow->config, claims, q->user);
	if (r == RESULT_IDENTITY)
		tell_other_identity(flow->config, claims, q->user, o);
	if (r == 0)
		r = new_password_change(flow, password);
	return r == 0 ? RESULT_DONE : r;
}

/* The flow's tokens, verified and checked, then what they are for. */
static int conclude(struct flow *flow, struct keys *keys, const struct request *q,
    struct buffer *password, struct outcome *o)
{
	struct claims *claims = NULL;
	long long now = (long long)time(NULL);
	const char *token = flow->id_token != NULL ? flow->id_token : flow->access_token;
	int r = keys_verify(flow, keys, token, now, &claims);
	if (r == 0)
		r = check_token(flow, claims, now);
	if (r == 0 && streq(q->purpose, "change"))
		r = change(flow, claims, q, password, o);
	else if (r == 0)
		decide(flow, claims, now, q, o);
	claims_free(claims);
	return r;
}

static const char *const flow_names[FLOW_KINDS] = {
    [FLOW_PASSWORD] = "password", [FLOW_DEVICE] = "device", [FLOW_BROWSER] = "browser"};

/* The PAM line's flow, or the configuration's only one, or the person's choice. */
static int choose_flow(struct flow *flow, const struct request *q, enum flow_kind *kind)
{
	static const char *const labels[FLOW_KINDS] = {[FLOW_PASSWORD] = SENTENCE_WAY_PASSWORD,
	    [FLOW_DEVICE] = SENTENCE_WAY_DEVICE,
	    [FLOW_BROWSER] = SENTENCE_WAY_BROWSER};
	const struct config *config = flow->config;
	const char *offered[FLOW_KINDS];
	size_t chosen = 0;
	*kind = FLOW_PASSWORD;
	if (streq(q->purpose, "change"))
		return 0;
	for (enum flow_kind k = FLOW_PASSWORD; k < FLOW_KINDS; k++) {
		if (!streq(q->flow, flow_names[k]))
			continue;
		*kind = k;
		if (config_has_flow(config, k))
			return 0;
		snprintf(flow->detail, sizeof(flow->detail),
		    "flow=%s: \"login.flows\" does not name it", q->flow);
		return RESULT_CONFIG;
	}
	for (size_t i = 0; i < config->flows_len; i++)
		offered[i] = labels[config->flows[i]];
	int r = menu_choose(flow, SENTENCE_CHOOSE_FLOW, offered, config->flows_len, &chosen);
	*kind = config->flows[chosen];
	return r;
}

static bool is_sudo(const char *service)
{
	return streq(service, "sudo") || streq(service, "sudo-i");
}

/* Does a session that the browser still has not do? sudo asks who sits there now. */
static bool wants_fresh(const struct config *config, const struct request *q)
{
	char host[HOST_NAME_BYTES] = "";
	if (gethostname(host, sizeof(host) - 1) != 0)
		host[0] = '\0';
	const struct question question = {.user = q->user, .service = q->service, .host = host};
	return is_sudo(q->service) || rules_limit_age(config, &question);
}

static int run_flow(struct flow *flow, struct keys *keys, enum flow_kind kind,
    const struct request *q, struct buffer *password)
{
	const struct invitation invitation = {q->user, q->service, q->rhost};
	const struct device_request device = {
	    .invitation = &invitation,
	    .enter = streq(q->wait, "enter"),
	    .now = (long long)time(NULL),
	};
	const struct browser_request browser = {
	    .invitation = &invitation,
	    .fresh = wants_fresh(flow->config, q),
	    .now = device.now,
	};
	bool change = streq(q->purpose, "change");
	if (kind == FLOW_DEVICE)
		return device_run(flow, keys, &device);
	if (kind == FLOW_BROWSER)
		return browser_run(flow, keys, &browser);
	return password_run(
	    flow, change ? SENTENCE_CURRENT_PASSWORD : SENTENCE_PASSWORD, password);
}

/* Less than there could be is worth a line in every login. */
static void tell_sandbox(const struct flow *flow)
{
	char text[128];
	if (flow->http == NULL || !http_sandbox(flow->http)->is_closed)
		return;
	const struct sandbox *s = http_sandbox(flow->http);
	prompt_log(&flow->channel, sandbox_is_whole(s) ? "debug" : "warning", "%s",
	    sandbox_describe(s, text, sizeof(text)));
}

static int sign_in(
    int fd, const struct config *config, const struct request *q, struct outcome *o)
{
	struct buffer password = BUFFER_INIT(MESSAGE_ANSWER_MAX);
	struct flow flow = {.config = config, .qr = qr_style(q->qr)};
	struct keys keys = {NULL, 0, false};
	enum flow_kind kind = FLOW_PASSWORD;
	flow.channel.fd = fd;
	flow.channel.deadline = clock_ms() + (int64_t)q->time_left;
	jwks_kept_decode(q->jwks->bytes, q->jwks->len, config->certs_url, (long long)time(NULL),
	    &keys.jwks, &keys.fetched);
	int r = users_login_name(config, q->user, flow.login_name, sizeof(flow.login_name));
	if (r == 0)
		r = http_open(config, flow.channel.deadline, &flow.http);
	if (r == 0)
		r = choose_flow(&flow, q, &kind);
	snprintf(o->flow, sizeof(o->flow), "%s", flow_names[kind]);
	if (r == 0)
		r = run_flow(&flow, &keys, kind, q, &password);
	if (r == 0)
		r = conclude(&flow, &keys, q, &password, o);
	/* In the password phase a reset by code is what was wanted. */
	if (r == RESULT_SIGN_IN_AGAIN && streq(q->purpose, "change"))
		r = RESULT_DONE;
	text_printable(flow.detail, strlen(flow.detail), o->detail, sizeof(o->detail));
	if (flow.message[0] != '\0')
		text_printable(
		    flow.message, strlen(flow.message), o->message, sizeof(o->message));
	buffer_wipe(&password);
	tell_sandbox(&flow);
	keys_free(&keys);
	json_free(flow.answer);
	http_close(flow.http);
	return r;
}

/* PAM asks beforehand: nothing is sent and nobody is asked anything. */
static int check_change(const struct config *config)
{
	enum password_method method = config->password_method;
	/* Where another flow is configured, there may be no API of Cognito's at all. */
	bool api = method != PASSWORD_ROPC && config->api_url != NULL &&
		   (method == PASSWORD_PLAIN || config->pool_name != NULL);
	return api ? RESULT_DONE : RESULT_CHANGE_METHOD;
}

static int serve_purpose(
    int fd, const struct config *config, const struct request *q, struct outcome *o)
{
	const struct probe_request probe = {
	    .config = config,
	    .jwks = q->jwks,
	    .fd = fd,
	    .deadline = clock_ms() + (int64_t)q->time_left,
	};
	if (streq(q->purpose, "login"))
		return sign_in(fd, config, q, o);
	if (streq(q->purpose, "probe"))
		return probe_run(&probe);
	if (streq(q->purpose, "keys"))
		return probe_fetch_keys(&probe, o->detail, sizeof(o->detail));
	int r = check_change(config);
	return r == RESULT_DONE && streq(q->purpose, "change") ? sign_in(fd, config, q, o) : r;
}

void login_run(int fd, const struct frame *frame, struct outcome *o)
{
	struct request q;
	struct config *config = NULL;
	struct config_fault fault = {""};
	memset(o, 0, sizeof(*o));
	o->result = RESULT_HELPER_FRAME;
	int r = read_request(frame, &q);
	if (r == 0)
		r = config_parse(
		    q.config_path, q.config_text->bytes, q.config_text->len, &config, &fault);
	if (r == 0)
		r = serve_purpose(fd, config, &q, o);
	else
		snprintf(o->detail, sizeof(o->detail), "%.500s", fault.text);
	if (r != 0)
		o->result = r;
	config_free(config);
}
