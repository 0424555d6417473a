/* SPDX-License-Identifier: MIT */
#include "helper/net/token_endpoint.h"

#include <stdio.h>
#include <string.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/json/json.h"
#include "helper/net/percent.h"
#include "helper/token/base64url.h"
#include "helper/token/jwt.h"

/* A refresh token or a password with every byte as %XX, and short parameters. */
#define FORM_MAX (3 * JWT_MAX + 8 * 1024)
#define SCOPE_MAX (8u * 1024)
#define BASIC_MAX 1024 /* client_id and client_secret; Cognito's have 26 and 52 characters */
#define SAMPLE_URL_MAX (DEVICE_URI_MAX + DEVICE_CODE_MAX + 1024)

#define LETTERS_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* RFC 6749 section 5.2, RFC 8628 section 3.5, and the sample's own words. */
static const struct {
	const char *error;
	int result;
} errors[] = {
    {"invalid_grant", RESULT_PASSWORD},
    {"invalid_request", RESULT_CLIENT},
    {"invalid_client", RESULT_CLIENT},
    {"unauthorized_client", RESULT_CLIENT},
    {"unsupported_grant_type", RESULT_CLIENT},
    {"invalid_scope", RESULT_CLIENT},
    {"authorization_pending", RESULT_DEVICE_PENDING},
    {"slow_down", RESULT_DEVICE_SLOW_DOWN},
    {"access_denied", RESULT_DEVICE_DENIED},
    {"denied", RESULT_DEVICE_DENIED},
    {"expired_token", RESULT_DEVICE_EXPIRED},
    {"expired", RESULT_DEVICE_EXPIRED},
    {"server_error", RESULT_ANSWER},
    {"temporarily_unavailable", RESULT_ANSWER},
};

int token_endpoint_form(struct buffer *form, const struct parameter *p)
{
	for (; p->name != NULL; p++) {
		if (p->value == NULL)
			continue;
		buffer_append_format(form, "%s%s=", form->len > 0 ? "&" : "", p->name);
		percent_append(form, p->value);
	}
	return form->error;
}

int token_endpoint_scope(struct buffer *scope, const struct config *config)
{
	for (size_t i = 0; i < config->scopes.len; i++)
		buffer_append_format(scope, "%s%s", i > 0 ? " " : "", config->scopes.items[i]);
	return scope->error;
}

/* A secret with '+' or '/' is another one if it is encoded for somebody who does not decode it:
 * Cognito, and its sample, whoever is configured behind that. */
static int append_basic(struct buffer *header, const struct config *config)
{
	struct buffer pair = BUFFER_INIT(BASIC_MAX);
	char encoded[BASE64_ENCODED(BASIC_MAX)];
	bool is_plain =
	    config->provider->takes_plain_basic || config->device_dialect == DIALECT_AWS_SAMPLE;
	int (*append)(struct buffer *, const char *) =
	    is_plain ? buffer_append_text : percent_append;
	append(&pair, config->client_id);
	buffer_append_byte(&pair, ':');
	append(&pair, config->client_secret);
	int r = pair.error == RESULT_TOO_LARGE ? RESULT_CONFIG : pair.error;
	if (r == 0) {
		base64_encode((const unsigned char *)buffer_text(&pair), pair.len, encoded);
		r = buffer_append_format(header, "Authorization: Basic %s", encoded);
		explicit_bzero(encoded, sizeof(encoded));
	}
	buffer_wipe(&pair);
	return r;
}

/* A request's parameters, its password, which is read when the form is written, and, as the
 * configuration says, the client's own. */
struct form {
	const struct config *config;
	const struct parameter *parameters;
	const struct buffer *password; /* NULL: none */
	bool is_basic;
};

static int write_form(const void *arg, struct buffer *out)
{
	const struct form *form = arg;
	const char *password = form->password != NULL ? buffer_text(form->password) : NULL;
	const struct parameter late[] = {{"password", password}, {NULL, NULL}};
	const struct parameter client[] = {{"client_id", form->config->client_id},
	    {"client_secret", form->config->client_secret}, {NULL, NULL}};
	token_endpoint_form(out, form->parameters);
	token_endpoint_form(out, late);
	return form->is_basic ? out->error : token_endpoint_form(out, client);
}

/* Posts the form; again where http_repeat() says so. */
static int post(struct http *http, const char *url, const struct form *form,
    enum http_repeat repeat, struct http_answer *answer, struct reason *reason)
{
	int repeats = 0;
	struct buffer basic = BUFFER_INIT(2 * BASIC_MAX);
	struct http_body body = {write_form, form, BUFFER_INIT(FORM_MAX)};
	const char *headers[3] = {
	    "Content-Type: application/x-www-form-urlencoded", NULL, NULL};
	reason_clear(reason);
	int r = form->is_basic ? append_basic(&basic, form->config) : 0;
	if (form->is_basic)
		headers[1] = buffer_text(&basic);
	bool is_sent = r == 0;
	while (is_sent) {
		r = http_post(http, url, headers, &body, answer, reason);
		is_sent =
		    http_repeat(http, repeat, r == 0 ? http_judge(answer, 200) : r, &repeats);
	}
	buffer_wipe(&body.text);
	buffer_wipe(&basic);
	return r;
}

static struct form form_of(const struct config *config, const struct parameter *parameters)
{
	return (struct form){
	    .config = config,
	    .parameters = parameters,
	    .is_basic =
		config->client_secret != NULL && config->client_auth == CLIENT_AUTH_BASIC,
	};
}

static int judge(const struct http_answer *answer, struct json **out, struct reason *reason)
{
	bool is_refused = answer->status == 400 || answer->status == 401;
	/* The sample refuses a client without a word. 401 means the same anywhere (RFC 6749
	 * section 5.2). */
	if (answer->status == 401 && answer->body.len == 0)
		return RESULT_CLIENT;
	int r = http_parse(answer, is_refused ? answer->status : 200, out);
	if (r != 0)
		return r;
	const struct cJSON *root = json_root(*out), *error = json_member(root, "error");
	/* An error beside tokens is an error. */
	if (!is_refused && error == NULL)
		return 0;
	const char *description = json_member_string(root, "error_description");
	r = json_string(error) != NULL ? RESULT_POOL_ERROR : RESULT_ANSWER;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (streq(json_string(error), errors[i].error))
			r = errors[i].result;
	/* An outage is one, whatever its words are. */
	if (r != RESULT_ANSWER && http_lambda_words(description) != NULL)
		r = RESULT_LAMBDA;
	http_refused(reason, r, json_string(error), description);
	json_free(*out);
	*out = NULL;
	return r;
}

static int exchange_form(struct http *http, const char *url, const struct form *form,
    enum http_repeat repeat, struct json **out, struct reason *reason)
{
	struct http_answer answer = {.body = BUFFER_INIT(HTTP_BODY_MAX)};
	*out = NULL;
	int r = post(http, url, form, repeat, &answer, reason);
	if (r == 0)
		r = judge(&answer, out, reason);
	buffer_wipe(&answer.body);
	return r;
}

static int exchange(struct http *http, const struct config *config, const char *url,
    const struct parameter *parameters, enum http_repeat repeat, struct json **out,
    struct reason *reason)
{
	const struct form form = form_of(config, parameters);
	return exchange_form(http, url, &form, repeat, out, reason);
}

int token_endpoint_password(struct http *http, const struct config *config,
    const char *username, const struct buffer *password, struct json **out,
    struct reason *reason)
{
	struct buffer scope = BUFFER_INIT(SCOPE_MAX);
	*out = NULL;
	int r = token_endpoint_scope(&scope, config);
	const struct parameter parameters[] = {
	    {"grant_type", "password"},
	    {"username", username},
	    {"scope", scope.len > 0 ? buffer_text(&scope) : NULL},
	    {NULL, NULL},
	};
	struct form form = form_of(config, parameters);
	form.password = password;
	if (r == 0)
		r = exchange_form(
		    http, config->token_url, &form, HTTP_REPEAT_THROTTLED, out, reason);
	buffer_wipe(&scope);
	return r;
}

int token_endpoint_code(struct http *http, const struct config *config, const char *code,
    const char *code_verifier, struct json **out, struct reason *reason)
{
	const struct parameter parameters[] = {
	    {"grant_type", "authorization_code"},
	    {"code", code},
	    {"redirect_uri", config->redirect_uri},
	    {"code_verifier", code_verifier},
	    {NULL, NULL},
	};
	int r = exchange(
	    http, config, config->token_url, parameters, HTTP_REPEAT_THROTTLED, out, reason);
	return r == RESULT_PASSWORD ? RESULT_AUTHORIZATION_CODE : r;
}

int token_endpoint_refresh(struct http *http, const struct config *config,
    const char *refresh_token, struct json **out, struct reason *reason)
{
	const struct parameter parameters[] = {
	    {"grant_type", "refresh_token"},
	    {"refresh_token", refresh_token},
	    {NULL, NULL},
	};
	return exchange(
	    http, config, config->token_url, parameters, HTTP_REPEAT_FAILED, out, reason);
}

int token_endpoint_revoke(struct http *http, const struct config *config,
    const char *refresh_token, struct reason *reason)
{
	struct http_answer answer = {.body = BUFFER_INIT(HTTP_BODY_MAX)};
	struct json *body = NULL;
	const struct parameter parameters[] = {
	    {"token", refresh_token},
	    {"token_type_hint", "refresh_token"},
	    {NULL, NULL},
	};
	const struct form form = form_of(config, parameters);
	int r = post(http, config->revocation_url, &form, HTTP_REPEAT_FAILED, &answer, reason);
	if (r == 0 && answer.status != 200)
		r = judge(&answer, &body, reason);
	json_free(body);
	buffer_wipe(&answer.body);
	return r;
}

/* ---- device grant -------------------------------------------------------------------- */

/* The sample reads no body and compares the query as it arrives, so nothing in it may need
 * encoding. A code of other characters is none of the sample's. */
static void append_query(struct buffer *url, const struct parameter *p)
{
	for (; p->name != NULL; p++) {
		if (p->value == NULL)
			continue;
		if (strspn(p->value, LETTERS_AND_DIGITS "-._~:") != strlen(p->value))
			url->error = RESULT_ANSWER;
		char joint = strchr(buffer_text(url), '?') == NULL ? '?' : '&';
		buffer_append_format(url, "%c%s=%s", joint, p->name, p->value);
	}
}

/* Both steps of the sample have one URL. A poll is repeated at the pace of the flow alone. */
static int exchange_device(struct http *http, const struct config *config, bool is_poll,
    const struct parameter *parameters, struct json **out, struct reason *reason)
{
	static const struct parameter none = {NULL, NULL};
	const struct parameter client[] = {{"client_id", config->client_id}, {NULL, NULL}};
	struct buffer sample = BUFFER_INIT(SAMPLE_URL_MAX);
	enum http_repeat repeat = is_poll ? HTTP_REPEAT_NEVER : HTTP_REPEAT_FAILED;
	const char *url = config->device_authorization_url;
	*out = NULL;
	if (config->device_dialect == DIALECT_RFC8628)
		return exchange(http, config, is_poll ? config->token_url : url, parameters,
		    repeat, out, reason);
	buffer_append_text(&sample, url);
	append_query(&sample, client);
	append_query(&sample, parameters);
	int r = sample.error;
	if (r == 0)
		r = exchange(http, config, buffer_text(&sample), &none, repeat, out, reason);
	buffer_wipe(&sample);
	return r;
}

/* A string member of limited length, of printable ASCII without spaces. */
static bool take(const struct cJSON *root, const char *name, char *out, size_t size)
{
	const char *text = json_member_string(root, name);
	if (text == NULL || strlen(text) >= size || !text_is_visible(text))
		return false;
	snprintf(out, size, "%s", text);
	return true;
}

static bool take_uri(const struct cJSON *root, const char *name, char out[DEVICE_URI_MAX + 1])
{
	return take(root, name, out, DEVICE_URI_MAX + 1) && text_starts(out, "https://");
}

static int read_authorization(
    const struct json *json, bool is_sample, struct device_authorization *a)
{
	const struct cJSON *root = json_root(json);
	const struct cJSON *interval = json_member(root, "interval");
	if (!take(root, "device_code", a->device_code, sizeof(a->device_code)) ||
	    !take(root, "user_code", a->user_code, sizeof(a->user_code)) ||
	    strspn(a->user_code, LETTERS_AND_DIGITS "-") != strlen(a->user_code) ||
	    !take_uri(root, "verification_uri", a->verification_uri))
		return RESULT_ANSWER;
	/* The sample's approves at one click, without asking: a stranger would be signed in. */
	if (!is_sample && json_member(root, "verification_uri_complete") != NULL &&
	    !take_uri(root, "verification_uri_complete", a->complete_uri))
		return RESULT_ANSWER;
	if (!json_integer(json, json_member(root, "expires_in"), &a->expires_in) ||
	    a->expires_in < 1)
		return RESULT_ANSWER;
	a->interval = DEVICE_INTERVAL;
	if (interval != NULL && !json_integer(json, interval, &a->interval))
		return RESULT_ANSWER;
	if (a->interval < 1)
		a->interval = 1;
	return 0;
}

int token_endpoint_authorize_device(struct http *http, const struct config *config,
    struct device_authorization *a, struct reason *reason)
{
	struct json *json = NULL;
	struct buffer scope = BUFFER_INIT(SCOPE_MAX);
	bool is_sample = config->device_dialect == DIALECT_AWS_SAMPLE;
	memset(a, 0, sizeof(*a));
	int r = token_endpoint_scope(&scope, config);
	const struct parameter parameters[] = {
	    {"scope", scope.len > 0 && !is_sample ? buffer_text(&scope) : NULL},
	    {NULL, NULL},
	};
	if (r == 0)
		r = exchange_device(http, config, false, parameters, &json, reason);
	if (r == 0)
		r = read_authorization(json, is_sample, a);
	json_free(json);
	buffer_wipe(&scope);
	return r;
}

int token_endpoint_device(struct http *http, const struct config *config,
    const struct device_authorization *a, struct json **out, struct reason *reason)
{
	const struct parameter parameters[] = {
	    {"device_code", a->device_code},
	    {"grant_type", "urn:ietf:params:oauth:grant-type:device_code"},
	    {NULL, NULL},
	};
	int r = exchange_device(http, config, true, parameters, out, reason);
	/* invalid_grant: the code is used already, or never existed. */
	if (r == RESULT_PASSWORD)
		return RESULT_DEVICE_EXPIRED;
	if (r == 0 && json_member_string(json_root(*out), "access_token") == NULL) {
		json_free(*out);
		*out = NULL;
		return RESULT_ANSWER;
	}
	return r;
}
