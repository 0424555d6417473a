/* SPDX-License-Identifier: MIT */
#include "helper/policy/exports.h"

#include <stdio.h>
#include <string.h>

#include "common/buffer.h"
#include "common/frame.h"
#include "common/message.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/json/json.h"
#include "helper/json/scan.h"
#include "helper/token/claims.h"

#define NAME_SIZE (MESSAGE_EXPORT_NAME_MAX + 1)

static bool is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static void name_of(const char *claim, char out[NAME_SIZE])
{
	size_t i = 0;
	for (; i < NAME_SIZE - 1 && claim[i] != '\0'; i++)
		out[i] = (char)(is_alphanumeric(claim[i]) ? claim[i] : '_');
	out[i] = '\0';
}

/* A string, a number, true or false; false for anything else. */
static bool append_scalar(
    struct buffer *value, const struct claims *claims, const struct cJSON *claim)
{
	enum json_type type = json_type(claim);
	struct scan_slice raw;
	if (type == JSON_STRING)
		return buffer_append_text(value, json_string(claim)) == 0;
	/* A number as it was signed: a double would make 1.7e9 of some. */
	return (type == JSON_NUMBER || type == JSON_BOOL) && claims_raw(claims, claim, &raw) &&
	       buffer_append(value, raw.bytes, raw.len) == 0;
}

static bool append_value(
    struct buffer *value, const struct claims *claims, const struct cJSON *claim)
{
	if (json_type(claim) != JSON_ARRAY)
		return append_scalar(value, claims, claim);
	for (const struct cJSON *at = json_first(claim); at != NULL; at = json_next(at)) {
		if (at != json_first(claim))
			buffer_append_byte(value, ',');
		if (!append_scalar(value, claims, at))
			return false;
	}
	return true;
}

static int write_claim(const struct claims *claims, const char *name, struct buffer *out)
{
	struct buffer value = BUFFER_INIT(MESSAGE_EXPORT_MAX);
	struct buffer line = BUFFER_INIT(MESSAGE_EXPORTS_MAX);
	char variable[NAME_SIZE];
	size_t before = out->len;
	name_of(name, variable);
	if (strlen(name) < sizeof(variable) &&
	    append_value(&value, claims, claims_get(claims, claims_name(claims, name))) &&
	    !text_has_controls(buffer_text(&value))) {
		buffer_append_format(&line, "OIDC_CLAIM_%s=%s", variable, buffer_text(&value));
		field_put(out, buffer_text(&line), line.len);
	}
	int r = value.error == RESULT_MEMORY || line.error != 0 ? RESULT_MEMORY : out->error;
	if (r == RESULT_TOO_LARGE) {
		buffer_cut(out, before);
		r = 0;
	}
	buffer_wipe(&value);
	buffer_wipe(&line);
	return r;
}

/* Is an earlier claim exported under the same name? */
static bool is_written(const struct config_list *names, size_t index)
{
	char one[NAME_SIZE], other[NAME_SIZE];
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
	for (size_t i = 0; r == 0 && i < config->claims.len && i < MESSAGE_EXPORTS_MOST; i++)
		if (!is_written(&config->claims, i))
			r = write_claim(claims, config->claims.items[i], out);
	return r;
}
