/* SPDX-License-Identifier: MIT */
#include "helper/policy/subject.h"

#include <stdlib.h>
#include <string.h>

#include "common/result.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/json/json.h"
#include "helper/policy/access_request.h"

static int order_names(const void *left, const void *right)
{
	const char *const *a = left, *const *b = right;
	return strcmp(*a, *b);
}

/* A string is one group; an array holds names and nothing else. Silence is the provider's word
 * for no group, or says nothing. */
static int read_groups(struct subject *subject)
{
	const struct cJSON *claim = claims_get(subject->claims, "cognito:groups"), *at;
	bool is_array = json_type(claim) == JSON_ARRAY;
	size_t count = is_array ? json_count(claim) : 1;
	subject->groups = calloc(count + 1, sizeof(*subject->groups));
	if (subject->groups == NULL)
		return RESULT_MEMORY;
	if (claim == NULL) {
		subject->groups_known = subject->config->provider->omits_empty_groups;
		return 0;
	}
	at = is_array ? json_first(claim) : claim;
	for (size_t i = 0; i < count; i++, at = json_next(at)) {
		const char *name = json_string(at);
		/* Cognito's group names are not empty and have no control characters. A claim
		 * with another name in it is not Cognito's, and no part of it is believed. */
		if (name == NULL || name[0] == '\0' || text_has_controls(name))
			return 0;
		subject->groups[i] = name;
	}
	subject->groups_known = true;
	subject->groups_len = count;
	qsort(subject->groups, count, sizeof(*subject->groups), order_names);
	return 0;
}

struct expectation subject_expect(
    const struct config *config, enum token_use use, long long now)
{
	return (struct expectation){
	    .issuer = config->issuer,
	    .alternate_issuers = (const char *const *)config->alternate_issuers.items,
	    .client_id = config->client_id,
	    .token_use = use,
	    .token_use_optional = use == TOKEN_USE_ID && config->provider->token_use_optional,
	    .leeway = config->leeway,
	    .now = now,
	};
}

bool subject_has_group(const struct subject *subject, const char *name)
{
	return bsearch(&name, subject->groups, subject->groups_len, sizeof(name),
		   order_names) != NULL;
}

/* A name that does not fit is treated as unknown. */
static void read_host(struct subject *subject)
{
	const char *name = subject->request->host;
	if (name == NULL || strlen(name) > SUBJECT_HOST_MAX)
		return;
	memcpy(subject->host, name, strlen(name));
	text_lower(subject->host);
	memcpy(subject->short_host, subject->host, strcspn(subject->host, "."));
}

static bool is_value(enum json_type type)
{
	return type == JSON_STRING || type == JSON_BOOL;
}

bool subject_is_readable(const struct cJSON *claim)
{
	enum json_type type = json_type(claim);
	if (type != JSON_ARRAY)
		return is_value(type);
	type = json_type(json_first(claim));
	for (const struct cJSON *at = json_first(claim); at != NULL; at = json_next(at))
		if (json_type(at) != type || !is_value(type))
			return false;
	return true;
}

static bool is_same(const struct cJSON *value, const char *text, bool truth)
{
	if (text != NULL)
		return streq(json_string(value), text);
	return truth ? json_is_true(value) : json_is_false(value);
}

bool subject_value_is(const struct cJSON *claim, const char *text, bool truth)
{
	if (json_type(claim) != JSON_ARRAY)
		return is_same(claim, text, truth);
	for (const struct cJSON *at = json_first(claim); at != NULL; at = json_next(at))
		if (is_same(at, text, truth))
			return true;
	return false;
}

void subject_make_unknown(
    const struct config *config, const struct access_request *request, struct subject *out)
{
	memset(out, 0, sizeof(*out));
	out->config = config;
	out->request = request;
	read_host(out);
}

int subject_make(const struct config *config, const struct claims *claims,
    const struct access_request *request, struct subject *out)
{
	subject_make_unknown(config, request, out);
	out->claims = claims;
	out->evidence = request->evidence;
	return read_groups(out);
}

void subject_free(struct subject *subject)
{
	free(subject->groups);
	subject->groups = NULL;
}
