/* SPDX-License-Identifier: MIT */
#include "helper/net/token_endpoint.h"

#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"
#include "helper/net/http.h"
#include "helper/net/percent.h"
#include "helper/config/config.h"
#include "helper/token/base64url.h"
#include "helper/token/jwt.h"

#define REFRESH_FORM_MAX (3 * JWT_MAX + 1024) /* every byte of a token as %XX, and names */

/* RFC 6749 section 5.2, RFC 8628 section 3.5, and what the AWS sample says instead. */
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
};

int token_endpoint_field(struct buffer *form, const char *name, const char *value)
{
	int r = form->len > 0 ? buffer_append_byte(form, '&') : 0;
	if (r == 0)
		r = buffer_append_text(form, name);
	if (r == 0)
		r = buffer_append_byte(form, '=');
	return r == 0 ? percent_append(form, value) : r;
}

int token_endpoint_scopes(struct buffer *form, const struct config *config)
{
	struct buffer scopes = BUFFER_INIT(TOKEN_FORM_MAX);
	int r = 0;
	for (size_t i = 0; r == 0 && i < config->scopes.len; i++) {
		r = i > 0 ? buffer_append_byte(&scopes, ' ') : 0;
		if (r == 0)
			r = buffer_append_text(&scopes, config->scopes.items[i]);
	}
	if (r == 0 && scopes.len > 0)
		r = token_endpoint_field(form, "scope", buffer_text(&scopes));
	buffer_wipe(&scopes);
	return r;
}

static int append_basic(struct buffer *header, const struct config *config)
{
	struct buffer pair = BUFFER_INIT(TOKEN_FORM_MAX);
	char encoded[BASE64_ENCODED(1024)];
	int r = percent_append(&pair, config->client_id);
	if (r == 0)
		r = buffer_append_byte(&pair, ':');
	if (r == 0)
		r = percent_append(&pair, config->client_secret);
	if (r == 0 && pair.len > 1024)
		r = RESULT_CONFIG;
	if (r == 0) {
		base64_encode((const unsigned char *)buffer_text(&pair), pair.len, encoded);
		r = buffer_append_format(header, "Authorization: Basic %s", encoded);
		explicit_bzero(encoded, sizeof(encoded));
	}
	buffer_wipe(&pair);
	return r;
}

static int judge(const struct http_answer *answer, struct json **out, struct api_error *error)
{
	struct json *body = NULL;
	/* How the sample refuses a client, and what 401 means anywhere (RFC 6749 section 5.2).
	 */
	if (answer->status == 401 && answer->body.len == 0)
		return RESULT_CLIENT;
	bool refused = answer->status == 400 || answer->status == 401;
	int r = http_judge(answer, refused ? answer->status : 200);
	if (r == 0)
		r = json_parse(
		    buffer_text(&answer->body), answer->body.len, HTTP_BODY_MAX, &body, NULL);
	if (r == 0 && json_type(json_root(body)) != JSON_OBJECT)
		r = RESULT_ANSWER;
	const char *name = r == 0 ? json_member_string(json_root(body), "error") : NULL;
	const char *why =
	    r == 0 ? json_member_string(json_root(body), "error_description") : NULL;
	if (name != NULL)
		text_printable(name, strlen(name), error->type, sizeof(error->type));
	if (why != NULL)
		text_printable(why, strlen(why), error->message, sizeof(error->message));
	/* An error beside tokens is an error. */
	if (r == 0 && (refused || json_member(json_root(body), "error") != NULL))
		r = RESULT_ANSWER;
	for (size_t i = 0; r == RESULT_ANSWER && i < sizeof(errors) / sizeof(errors[0]); i++)
		if (streq(name, errors[i].error))
			r = errors[i].result;
	if (r == 0)
		*out = body;
	else
		json_free(body);
	return r;
}

int token_endpoint_authenticate(
    const struct config *config, struct buffer *form, struct buffer *authorization)
{
	bool secret = config->client_secret != NULL;
	if (secret && config->client_auth == CLIENT_AUTH_BASIC)
		return append_basic(authorization, config);
	int r = token_endpoint_field(form, "client_id", config->client_id);
	if (r == 0 && secret)
		r = token_endpoint_field(form, "client_secret", config->client_secret);
	return r;
}

static int post(struct http *http, const char *url, const struct buffer *form,
    const struct buffer *authorization, struct http_answer *answer, struct api_error *error)
{
	const char *headers[3] = {
	    "Content-Type: application/x-www-form-urlencoded", NULL, NULL};
	error->type[0] = error->message[0] = '\0';
	if (authorization->len > 0)
		headers[1] = buffer_text(authorization);
	int r = http_post(http, url, headers, form, answer);
	if (r != 0)
		text_printable(http_why(http), strlen(http_why(http)), error->message,
		    sizeof(error->message));
	return r;
}

int token_endpoint_post(struct http *http, const char *url, const struct buffer *form,
    const struct buffer *authorization, struct json **out, struct api_error *error)
{
	struct http_answer answer = HTTP_ANSWER_INIT(HTTP_BODY_MAX);
	*out = NULL;
	int r = post(http, url, form, authorization, &answer, error);
	if (r == 0)
		r = judge(&answer, out, error);
	buffer_wipe(&answer.body);
	return r;
}

struct parameter {
	const char *name, *value;
};

/* Up to the one without a name; one without a value is left out. */
static int append_all(struct buffer *form, const struct parameter *p)
{
	int r = 0;
	for (; r == 0 && p->name != NULL; p++)
		if (p->value != NULL)
			r = token_endpoint_field(form, p->name, p->value);
	return r;
}

/* The end of every grant: r is how the form came about. Wipes it. */
static int exchange(struct http *http, const struct config *config, struct buffer *form, int r,
    struct json **out, struct api_error *error)
{
	struct buffer basic = BUFFER_INIT(2048);
	*out = NULL;
	if (r == 0)
		r = token_endpoint_authenticate(config, form, &basic);
	if (r == 0)
		r = token_endpoint_post(http, config->token_url, form, &basic, out, error);
	buffer_wipe(form);
	buffer_wipe(&basic);
	return r;
}

int token_endpoint_password(struct http *http, const struct config *config,
    const char *username, const char *password, struct json **out, struct api_error *error)
{
	const struct parameter parameters[] = {
	    {"grant_type", "password"},
	    {"username", username},
	    {"password", password},
	    {NULL, NULL},
	};
	struct buffer form = BUFFER_INIT(TOKEN_FORM_MAX);
	int r = append_all(&form, parameters);
	if (r == 0)
		r = token_endpoint_scopes(&form, config);
	return exchange(http, config, &form, r, out, error);
}

int token_endpoint_code(struct http *http, const struct config *config, const char *code,
    const char *verifier, struct json **out, struct api_error *error)
{
	const struct parameter parameters[] = {
	    {"grant_type", "authorization_code"},
	    {"code", code},
	    {"redirect_uri", config->redirect_uri},
	    {"code_verifier", verifier},
	    {NULL, NULL},
	};
	struct buffer form = BUFFER_INIT(TOKEN_FORM_MAX);
	int r = append_all(&form, parameters);
	r = exchange(http, config, &form, r, out, error);
	return r == RESULT_PASSWORD ? RESULT_AUTHORIZATION_CODE : r;
}

int token_endpoint_refresh(struct http *http, const struct config *config,
    const char *refresh_token, struct json **out, struct api_error *error)
{
	const struct parameter parameters[] = {
	    {"grant_type", "refresh_token"},
	    {"refresh_token", refresh_token},
	    {NULL, NULL},
	};
	struct buffer form = BUFFER_INIT(REFRESH_FORM_MAX);
	int r = append_all(&form, parameters);
	return exchange(http, config, &form, r, out, error);
}

int token_endpoint_revoke(struct http *http, const struct config *config,
    const char *refresh_token, struct api_error *error)
{
	struct buffer form = BUFFER_INIT(REFRESH_FORM_MAX), basic = BUFFER_INIT(2048);
	struct http_answer answer = HTTP_ANSWER_INIT(HTTP_BODY_MAX);
	struct json *body = NULL;
	const struct parameter parameters[] = {
	    {"token", refresh_token},
	    {"token_type_hint", "refresh_token"},
	    {NULL, NULL},
	};
	int r = append_all(&form, parameters);
	if (r == 0)
		r = token_endpoint_authenticate(config, &form, &basic);
	if (r == 0)
		r = post(http, config->revocation_url, &form, &basic, &answer, error);
	if (r == 0 && answer.status != 200)
		r = judge(&answer, &body, error);
	json_free(body);
	buffer_wipe(&answer.body);
	buffer_wipe(&form);
	buffer_wipe(&basic);
	return r;
}
