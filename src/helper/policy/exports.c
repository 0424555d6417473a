/* SPDX-License-Identifier: MIT */
#include "helper/policy/exports.h"

#include <stdio.h>
#include <string.h>

#include "common/buffer.h"
#include "common/message.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"
#include "helper/json/scan.h"
#include "helper/config/config.h"
#include "helper/token/claims.h"

#define PREFIX "OIDC_CLAIM_"
#define NAME_MAX_BYTES (MESSAGE_EXPORT_NAME_MAX + 1)

static bool is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static void name_of(const char *claim, char out[NAME_MAX_BYTES])
{
	size_t i = 0;
	for (; i < NAME_MAX_BYTES - 1 && claim[i] != '\0'; i++)
		out[i] = (char)(is_alphanumeric(claim[i]) ? claim[i] : '_');
	out[i] = '\0';
}

/* A string, a number, true or false. */
static int append_scalar(
    struct buffer *value, const struct claims *claims, const struct cJSON *claim)
{
	enum json_type type = json_type(claim);
	struct scan_slice raw;
	if (type == JSON_STRING)
		return buffer_append_text(value, json_string(claim));
	if (type != JSON_NUMBER && type != JSON_BOOL)
		return RESULT_ANSWER;
	/* A number is exported as it was signed: a double would make 1.7e9 of some. */
	return claims_raw(claims, claim, &raw) ? buffer_append(value, raw.bytes, raw.len)
					       : RESULT_ANSWER;
}

static int append_value(
    struct buffer *value, const struct claims *claims, const struct cJSON *claim)
{
	int r = 0;
	if (json_type(claim) != JSON_ARRAY)
		return append_scalar(value, claims, claim);
	for (const struct cJSON *at = json_first(claim); r == 0 && at != NULL;
	     at = json_next(at)) {
		if (at != json_first(claim))
			buffer_append_byte(value, ',');
		r = append_scalar(value, claims, at);
	}
	return r;
}

/* An access token calls the user's name otherwise. */
static const char *name_in(const struct claims *claims, const char *name)
{
	bool is_access = streq(claims_text(claims, "token_use"), "access");
	return is_access && streq(name, "cognito:username") ? "username" : name;
}

static int write_claim(const struct claims *claims, const char *name, struct buffer *out)
{
	struct buffer value = BUFFER_INIT(MESSAGE_EXPORT_MAX),
		      line = BUFFER_INIT(MESSAGE_EXPORTS_MAX);
	char variable[NAME_MAX_BYTES];
	size_t before = out->len;
	const char *claim = name_in(claims, name);
	name_of(name, variable);
	int r = strlen(name) < sizeof(variable)
		    ? append_value(&value, claims, claims_get(claims, claim))
		    : RESULT_TOO_LARGE;
	if (r == 0 && text_has_controls(buffer_text(&value)))
		r = RESULT_ANSWER;
	if (r == 0)
		r = buffer_append_format(
		    &line, PREFIX "%s=%s\n", variable, buffer_text(&value));
	if (r == 0)
		r = buffer_append(out, buffer_text(&line), line.len);
	if (out->error == RESULT_TOO_LARGE)
		buffer_cut(out, before);
	buffer_wipe(&value);
	buffer_wipe(&line);
	return r == RESULT_MEMORY ? r : 0;
}

/* Is a claim in front of it exported under the same name? */
static bool is_written(const struct config_list *names, size_t index)
{
	char one[NAME_MAX_BYTES], other[NAME_MAX_BYTES];
	name_of(names->items[index], one);
	for (size_t i = 0; i < index; i++) {
		name_of(names->items[i], other);
		if (streq(one, other))
			return true;
	}
	return false;
}

int exports_write(const struct config *config, const struct claims *claims, struct buffer *out)
{
	int r = 0;
	/* What is behind the most that may be is not looked at, exported or not. */
	for (size_t i = 0; r == 0 && i < config->claims.len && i < MESSAGE_EXPORTS_MOST; i++)
		if (!is_written(&config->claims, i))
			r = write_claim(claims, config->claims.items[i], out);
	return r;
}
