/* SPDX-License-Identifier: MIT */
#include "helper/net/device_endpoint.h"

#include <stdio.h>
#include <string.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"
#include "helper/net/http.h"
#include "helper/net/token_endpoint.h"
#include "helper/config/config.h"

#define GRANT "urn:ietf:params:oauth:grant-type:device_code"
#define URL_MAX (DEVICE_URI_MAX + DEVICE_CODE_MAX + 1024)

static bool is_sample(const struct config *config)
{
	return config->device_dialect == DIALECT_AWS_SAMPLE;
}

/* The sample compares the query as it arrives, and reads no body. What is put there is made
 * of characters that need no encoding; anything else is no code of the sample's. */
static int append_query(struct buffer *url, const char *name, const char *value)
{
	static const char plain[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:";
	if (strspn(value, plain) != strlen(value))
		return RESULT_ANSWER;
	bool first = strchr(buffer_text(url), '?') == NULL;
	return buffer_append_format(url, "%c%s=%s", first ? '?' : '&', name, value);
}

static int post_sample(struct http *http, const struct config *config, const char *base,
    const char *device_code, struct json **out, struct api_error *error)
{
	struct buffer url = BUFFER_INIT(URL_MAX), none = BUFFER_INIT(TOKEN_FORM_MAX);
	struct buffer basic = BUFFER_INIT(2048);
	*out = NULL;
	int r = buffer_append_text(&url, base);
	if (r == 0)
		r = append_query(&url, "client_id", config->client_id);
	if (r == 0 && device_code != NULL)
		r = append_query(&url, "device_code", device_code);
	if (r == 0 && device_code != NULL)
		r = append_query(&url, "grant_type", GRANT);
	if (r == 0)
		r = token_endpoint_authenticate(config, &none, &basic);
	if (r == 0)
		r = token_endpoint_post(http, buffer_text(&url), &none, &basic, out, error);
	buffer_wipe(&url);
	buffer_wipe(&none);
	buffer_wipe(&basic);
	return r;
}

static int post_form(struct http *http, const struct config *config, const char *url,
    const char *device_code, struct json **out, struct api_error *error)
{
	struct buffer form = BUFFER_INIT(URL_MAX + TOKEN_FORM_MAX), basic = BUFFER_INIT(2048);
	int r = 0;
	*out = NULL;
	if (device_code != NULL) {
		r = token_endpoint_field(&form, "grant_type", GRANT);
		if (r == 0)
			r = token_endpoint_field(&form, "device_code", device_code);
	} else {
		r = token_endpoint_scopes(&form, config);
	}
	if (r == 0)
		r = token_endpoint_authenticate(config, &form, &basic);
	if (r == 0)
		r = token_endpoint_post(http, url, &form, &basic, out, error);
	buffer_wipe(&form);
	buffer_wipe(&basic);
	return r;
}

/* A string member of limited length, of printable ASCII without spaces. */
static bool take(const struct json *json, const char *name, char *out, size_t size)
{
	const char *text = json_member_string(json_root(json), name);
	if (text == NULL || text[0] == '\0' || strlen(text) >= size)
		return false;
	for (const char *c = text; *c != '\0'; c++)
		if (*c <= ' ' || *c >= 0x7f)
			return false;
	snprintf(out, size, "%s", text);
	return true;
}

static bool is_user_code(const char *code)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
	return strspn(code, letters) == strlen(code);
}

static int read_authorization(
    const struct json *json, bool sample, struct device_authorization *a)
{
	if (!take(json, "device_code", a->device_code, sizeof(a->device_code)))
		return RESULT_ANSWER;
	if (!take(json, "user_code", a->user_code, sizeof(a->user_code)) ||
	    !is_user_code(a->user_code))
		return RESULT_ANSWER;
	if (!take(json, "verification_uri", a->verification_uri, sizeof(a->verification_uri)) ||
	    !text_starts(a->verification_uri, "https://"))
		return RESULT_ANSWER;
	/* The sample's approves without asking: one click, and a stranger is signed in. */
	if (!sample && json_member(json_root(json), "verification_uri_complete") != NULL &&
	    (!take(
		 json, "verification_uri_complete", a->complete_uri, sizeof(a->complete_uri)) ||
		!text_starts(a->complete_uri, "https://")))
		return RESULT_ANSWER;
	const struct cJSON *interval = json_member(json_root(json), "interval");
	if (!json_integer(json, json_member(json_root(json), "expires_in"), &a->expires_in) ||
	    a->expires_in < 1)
		return RESULT_ANSWER;
	a->interval = DEVICE_INTERVAL;
	if (interval != NULL && !json_integer(json, interval, &a->interval))
		return RESULT_ANSWER;
	if (a->interval < 1)
		a->interval = 1;
	return 0;
}

int device_endpoint_authorize(struct http *http, const struct config *config,
    struct device_authorization *a, struct api_error *error)
{
	struct json *json = NULL;
	const char *url = config->device_authorization_url;
	memset(a, 0, sizeof(*a));
	int r = is_sample(config) ? post_sample(http, config, url, NULL, &json, error)
				  : post_form(http, config, url, NULL, &json, error);
	if (r == 0)
		r = read_authorization(json, is_sample(config), a);
	json_free(json);
	return r;
}

int device_endpoint_poll(struct http *http, const struct config *config,
    const struct device_authorization *a, struct json **out, struct api_error *error)
{
	const char *url = config->token_url;
	int r = is_sample(config) ? post_sample(http, config, url, a->device_code, out, error)
				  : post_form(http, config, url, a->device_code, out, error);
	/* "invalid_grant" here is a code that was used up, or never was. */
	if (r == RESULT_PASSWORD)
		return RESULT_DEVICE_EXPIRED;
	if (r == 0 && json_member_string(json_root(*out), "access_token") == NULL) {
		json_free(*out);
		*out = NULL;
		return RESULT_ANSWER;
	}
	return r;
}
