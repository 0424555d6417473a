/* SPDX-License-Identifier: MIT
 *
 * Values of claims. No condition guesses what an oddly typed claim may have meant.
 */
#include "helper/policy/rules_values.h"

#include <stddef.h>

#include "common/text.h"
#include "helper/json/json.h"
#include "helper/config/config.h"
#include "helper/token/claims.h"

static bool is_value(enum json_type type)
{
	return type == JSON_STRING || type == JSON_BOOL;
}

bool values_are_readable(const struct cJSON *claim)
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

bool values_have(const struct cJSON *claim, const char *text, bool truth)
{
	if (json_type(claim) != JSON_ARRAY)
		return is_same(claim, text, truth);
	for (const struct cJSON *at = json_first(claim); at != NULL; at = json_next(at))
		if (is_same(at, text, truth))
			return true;
	return false;
}

bool values_find(
    const struct claims *claims, const struct config_claim *wanted, const struct cJSON **out)
{
	const struct cJSON *at = claims_get(claims, wanted->name);
	*out = at;
	if (at != NULL || wanted->steps.len == 0)
		return true;
	at = claims_get(claims, wanted->steps.items[0]);
	for (size_t i = 1; at != NULL && i < wanted->steps.len; i++) {
		if (json_type(at) != JSON_OBJECT)
			return false;
		at = json_member(at, wanted->steps.items[i]);
	}
	*out = at;
	return true;
}
