/* SPDX-License-Identifier: MIT
 *
 * The groups are sorted once: a person in hundreds of groups and a file of hundreds of
 * rules stay cheap together.
 */
#include "helper/policy/rules_person.h"

#include <stdlib.h>
#include <string.h>

#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"
#include "helper/policy/question.h"
#include "helper/policy/rules_values.h"
#include "helper/token/claims.h"

static int order_names(const void *left, const void *right)
{
	const char *const *a = left, *const *b = right;
	return strcmp(*a, *b);
}

/* Cognito's group names have neither controls nor no bytes at all. A claim with such a name
 * was put together by somebody else, and nothing in it is believed. */
static bool is_name(const char *text)
{
	size_t len = text != NULL ? strlen(text) : 0, width;
	bool good = len > 0;
	for (; good && len > 0; text += width, len -= width) {
		unsigned long code = 0;
		width = text_utf8(text, len, &code);
		good = code >= 0x20 && (code < 0x7f || code >= 0xa0);
	}
	return good;
}

/* A string is one group; an array holds names and nothing else. */
static int read_groups(struct person *person)
{
	const struct cJSON *claim = claims_get(person->claims, "cognito:groups"), *at;
	bool is_array = json_type(claim) == JSON_ARRAY;
	size_t count = is_array ? json_count(claim) : 1;
	person->groups = calloc(count + 1, sizeof(*person->groups));
	if (person->groups == NULL)
		return RESULT_MEMORY;
	at = is_array ? json_first(claim) : claim;
	for (size_t i = 0; i < count; i++, at = json_next(at)) {
		if (!is_name(json_string(at)))
			return 0;
		person->groups[i] = json_string(at);
	}
	person->groups_known = true;
	person->groups_len = count;
	qsort(person->groups, count, sizeof(*person->groups), order_names);
	return 0;
}

bool person_has_group(const struct person *person, const char *name)
{
	return bsearch(&name, person->groups, person->groups_len, sizeof(name), order_names) !=
	       NULL;
}

/* ASCII only, whatever the locale. A name that does not fit is not known. */
static void read_host(struct person *person)
{
	const char *name = person->question->host;
	size_t len = name != NULL ? strlen(name) : 0;
	if (len > PERSON_HOST_MAX)
		return;
	for (size_t i = 0; i < len; i++) {
		bool is_capital = name[i] >= 'A' && name[i] <= 'Z';
		person->host[i] = (char)(is_capital ? name[i] - 'A' + 'a' : name[i]);
	}
	memcpy(person->short_host, person->host, strcspn(person->host, "."));
}

/* OpenID Connect's way to say it, and Cognito's: levels 3 and 4 take two factors or a
 * passkey. */
bool person_claims_mfa(const struct claims *claims)
{
	const struct cJSON *amr = claims_get(claims, "amr");
	const char *acr = claims_text(claims, "acr");
	if (streq(acr, "urn:cognito:loa:3") || streq(acr, "urn:cognito:loa:4"))
		return true;
	return values_are_readable(amr) && values_have(amr, "mfa", true);
}

void person_make_unknown(
    const struct config *config, const struct question *question, struct person *out)
{
	memset(out, 0, sizeof(*out));
	out->config = config;
	out->question = question;
	read_host(out);
}

int person_make(const struct config *config, const struct claims *claims,
    const struct question *question, struct person *out)
{
	person_make_unknown(config, question, out);
	out->claims = claims;
	out->auth_time_known = claims_integer(claims, "auth_time", &out->auth_time);
	out->has_mfa = question->mfa_answered || person_claims_mfa(claims);
	return read_groups(out);
}

void person_forget(struct person *person)
{
	free(person->groups);
	person->groups = NULL;
	person->groups_len = 0;
	person->groups_known = false;
}
