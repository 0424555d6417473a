/* SPDX-License-Identifier: MIT
 *
 * The groups are sorted once: a person in hundreds of groups and a file of hundreds of
 * rules stay cheap together.
 */
#include "helper/policy/subject.h"

#include <stdlib.h>
#include <string.h>

#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"
#include "helper/policy/access_request.h"
#include "helper/policy/rules_values.h"
#include "helper/token/claims.h"

static int order_names(const void *left, const void *right)
{
	const char *const *a = left, *const *b = right;
	return strcmp(*a, *b);
}

/* A string is one group; an array holds names and nothing else. */
static int read_groups(struct subject *subject)
{
	const struct cJSON *claim = claims_get(subject->claims, "cognito:groups"), *at;
	bool is_array = json_type(claim) == JSON_ARRAY;
	size_t count = is_array ? json_count(claim) : 1;
	subject->groups = calloc(count + 1, sizeof(*subject->groups));
	if (subject->groups == NULL)
		return RESULT_MEMORY;
	at = is_array ? json_first(claim) : claim;
	for (size_t i = 0; i < count; i++, at = json_next(at)) {
		const char *name = json_string(at);
		/* Cognito's group names are neither empty nor have controls. A claim with such
		 * a name was put together by somebody else, and nothing in it is believed. */
		if (name == NULL || name[0] == '\0' || text_has_controls(name))
			return 0;
		subject->groups[i] = name;
	}
	subject->groups_known = true;
	subject->groups_len = count;
	qsort(subject->groups, count, sizeof(*subject->groups), order_names);
	return 0;
}

bool subject_has_group(const struct subject *subject, const char *name)
{
	return bsearch(&name, subject->groups, subject->groups_len, sizeof(name),
		   order_names) != NULL;
}

/* ASCII only, whatever the locale. A name that does not fit is not known. */
static void read_host(struct subject *subject)
{
	const char *name = subject->request->host;
	size_t len = name != NULL ? strlen(name) : 0;
	if (len > SUBJECT_HOST_MAX)
		return;
	for (size_t i = 0; i < len; i++) {
		bool is_capital = name[i] >= 'A' && name[i] <= 'Z';
		subject->host[i] = (char)(is_capital ? name[i] - 'A' + 'a' : name[i]);
	}
	memcpy(subject->short_host, subject->host, strcspn(subject->host, "."));
}

/* OpenID Connect's way to say it, and Cognito's: levels 3 and 4 take two factors or a
 * passkey. */
bool subject_claims_mfa(const struct claims *claims)
{
	const struct cJSON *amr = claims_get(claims, "amr");
	const char *acr = claims_text(claims, "acr");
	if (streq(acr, "urn:cognito:loa:3") || streq(acr, "urn:cognito:loa:4"))
		return true;
	return values_are_readable(amr) && values_have(amr, "mfa", true);
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
	out->auth_time_known = claims_integer(claims, "auth_time", &out->auth_time);
	out->has_mfa = request->mfa_answered || subject_claims_mfa(claims);
	return read_groups(out);
}

void subject_forget(struct subject *subject)
{
	free(subject->groups);
	subject->groups = NULL;
	subject->groups_len = 0;
	subject->groups_known = false;
}
