/* SPDX-License-Identifier: MIT */
#include "cli/describe.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"
#include "helper/config/config.h"
#include "helper/policy/access_request.h"
#include "helper/policy/rules.h"
#include "helper/policy/subject.h"
#include "helper/token/claims.h"
#include "helper/token/jwt.h"

/* Six bytes for a control character at most: "\u001b". */
#define WHOLE_MAX (6 * (JWT_MAX + 1024))

/* Memory that is lacking shows as a missing end. */
static void finish(struct buffer *whole, char out[DESCRIBED_MAX])
{
	bool fits = whole->len <= DESCRIBED_MAX - 4;
	snprintf(out, DESCRIBED_MAX, "%.*s%s", DESCRIBED_MAX - 4, buffer_text(whole),
	    fits ? "" : "...");
	buffer_wipe(whole);
}

static int append_quoted(struct buffer *whole, const char *text)
{
	char shown[DESCRIBED_MAX];
	int r = json_write_string(whole, text);
	if (r != RESULT_JSON)
		return r;
	text_printable(text, strlen(text), shown, sizeof(shown));
	return json_write_string(whole, shown);
}

static int append_value(struct buffer *whole, const struct cJSON *value)
{
	static const char *const kinds[] = {[JSON_NONE] = "absent",
	    [JSON_NULL] = "null",
	    [JSON_BOOL] = "",
	    [JSON_NUMBER] = "a number",
	    [JSON_STRING] = "",
	    [JSON_ARRAY] = "an array",
	    [JSON_OBJECT] = "an object"};
	if (json_string(value) != NULL)
		return append_quoted(whole, json_string(value));
	if (json_type(value) == JSON_BOOL)
		return buffer_append_text(whole, json_is_true(value) ? "true" : "false");
	return buffer_append_text(whole, kinds[json_type(value)]);
}

static int append_values(struct buffer *whole, const struct cJSON *first)
{
	int r = 0;
	for (const struct cJSON *at = first; r == 0 && at != NULL; at = json_next(at)) {
		if (at != first)
			r = buffer_append_text(whole, ", ");
		if (r == 0)
			r = append_value(whole, at);
	}
	return r;
}

void describe_text(const char *text, char out[DESCRIBED_MAX])
{
	struct buffer whole = BUFFER_INIT(WHOLE_MAX);
	append_quoted(&whole, text);
	finish(&whole, out);
}

void describe_list(const struct config_list *list, char out[DESCRIBED_MAX])
{
	struct buffer whole = BUFFER_INIT(WHOLE_MAX);
	int r = 0;
	for (size_t i = 0; r == 0 && i < list->len; i++) {
		r = buffer_append_text(&whole, i > 0 ? ", " : "");
		if (r == 0)
			r = append_quoted(&whole, list->items[i]);
	}
	finish(&whole, out);
}

void describe_accepted(const struct cJSON *first, char out[DESCRIBED_MAX])
{
	struct buffer whole = BUFFER_INIT(WHOLE_MAX);
	append_values(&whole, first);
	finish(&whole, out);
}

void describe_claim(const struct cJSON *claim, char out[DESCRIBED_MAX])
{
	struct buffer whole = BUFFER_INIT(WHOLE_MAX);
	if (json_type(claim) != JSON_ARRAY)
		append_value(&whole, claim);
	else if (json_first(claim) == NULL)
		buffer_append_text(&whole, "none");
	else
		append_values(&whole, json_first(claim));
	finish(&whole, out);
}

void describe_wanted(
    const struct condition *condition, const struct config_rule *rule, char out[DESCRIBED_MAX])
{
	snprintf(out, DESCRIBED_MAX, "true");
	if (condition->list != 0)
		describe_list((const void *)((const char *)rule + condition->list), out);
	else if (streq(condition->key, "max_auth_age"))
		snprintf(out, DESCRIBED_MAX, "at most %ld s", rule->max_auth_age);
}

static void describe_age(const struct subject *subject, char out[DESCRIBED_MAX])
{
	bool is_there = claims_get(subject->claims, "auth_time") != NULL;
	if (subject->auth_time_known)
		snprintf(out, DESCRIBED_MAX, "signed in %lld s ago",
		    subject->request->now - subject->auth_time);
	else
		snprintf(out, DESCRIBED_MAX, "auth_time %s",
		    is_there ? "is not a whole number of 1 to 12 digits" : "absent");
}

void describe_found(
    const struct condition *condition, const struct subject *subject, char out[DESCRIBED_MAX])
{
	const char *const *claims = condition->claims;
	char one[DESCRIBED_MAX], two[DESCRIBED_MAX];
	if (condition->text != NULL && condition->text(subject)[0] == '\0') {
		snprintf(out, DESCRIBED_MAX, "not known");
	} else if (condition->text != NULL) {
		describe_text(condition->text(subject), out);
	} else if (streq(condition->key, "max_auth_age")) {
		describe_age(subject, out);
	} else {
		describe_claim(claims_get(subject->claims, claims[0]), one);
		snprintf(out, DESCRIBED_MAX, "%s", one);
		if (claims[1] == NULL)
			return;
		describe_claim(claims_get(subject->claims, claims[1]), two);
		snprintf(
		    out, DESCRIBED_MAX, "%s %.400s; %s %.400s", claims[0], one, claims[1], two);
	}
}

void describe_found_claim(
    const struct subject *subject, const struct config_claim *wanted, char out[DESCRIBED_MAX])
{
	const struct cJSON *claim = NULL;
	if (!rules_find_claim(subject, wanted, &claim))
		snprintf(out, DESCRIBED_MAX, "not an object on the way");
	else
		describe_claim(claim, out);
}
