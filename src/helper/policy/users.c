/* SPDX-License-Identifier: MIT
 *
 * Names. A claim that is absent or of another type than the condition matches nobody.
 */
#include "helper/policy/users.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"
#include "helper/accounts/record.h"
#include "helper/config/config.h"
#include "helper/token/claims.h"

static const char *or_nothing(const char *text)
{
	return text != NULL ? text : "";
}

int users_login_name(const struct config *config, const char *local_name,
    const struct record_identity *account, char *out, size_t size)
{
	const struct config_map_entry *entry = config_map_find(config, local_name);
	bool is_recorded = entry == NULL && config->from_accounts;
	const char *login = entry != NULL                    ? entry->login
			    : is_recorded && account != NULL ? account->login
							     : NULL;
	if (is_recorded && account == NULL)
		return RESULT_USER_RECORD;
	int n = login != NULL ? snprintf(out, size, "%s", login)
			      : snprintf(out, size, "%s%s%s", or_nothing(config->strip_prefix),
				    local_name, or_nothing(config->strip_suffix));
	if (n > 0 && (size_t)n < size)
		return 0;
	if (size > 0)
		out[0] = '\0';
	return RESULT_IDENTITY;
}

bool users_claim_counts(
    const struct config *config, const struct claims *claims, const char *name)
{
	bool is_email = streq(name, config->email_claim_name) || streq(name, "email");
	return !is_email || json_is_true(claims_get(claims, "email_verified"));
}

/* A string claim that may be believed, or NULL. */
static const char *readable_text(
    const struct config *config, const struct claims *claims, const char *name)
{
	if (!users_claim_counts(config, claims, name))
		return NULL;
	return claims_text(claims, claims_name(claims, name));
}

bool users_condition_holds(
    const struct config *config, const struct claims *claims, const struct cJSON *condition)
{
	const char *name = json_name(condition), *text = json_string(condition);
	const struct cJSON *claim = claims_get(claims, name);
	if (text != NULL)
		return streq(readable_text(config, claims, name), text);
	if (!users_claim_counts(config, claims, name))
		return false;
	return json_is_true(condition) ? json_is_true(claim) : json_is_false(claim);
}

static int match_entry(const struct config *config, const struct claims *claims,
    const struct config_map_entry *entry)
{
	size_t held = 0;
	const struct cJSON *at = json_first(entry->conditions);
	for (; at != NULL; at = json_next(at)) {
		if (streq(json_name(at), "login"))
			continue;
		if (!users_condition_holds(config, claims, at))
			return RESULT_IDENTITY;
		held++;
	}
	return held > 0 ? 0 : RESULT_IDENTITY;
}

bool users_names_sub(const struct config *config, const char *local_name)
{
	const struct config_map_entry *entry = config_map_find(config, local_name);
	return entry != NULL && json_member_string(entry->conditions, "sub") != NULL;
}

int users_name_from(const struct config *config, const char *text, char *out, size_t size)
{
	const char *prefix = or_nothing(config->strip_prefix);
	const char *suffix = or_nothing(config->strip_suffix);
	size_t len = text != NULL ? strlen(text) : 0;
	size_t head = strlen(prefix), tail = strlen(suffix);
	if (size > 0)
		out[0] = '\0';
	if (len == 0 || len >= size)
		return RESULT_IDENTITY;
	memcpy(out, text, len + 1);
	if (config->lowercase)
		text_lower(out);
	bool has_both = len > head + tail && text_starts(out, prefix) && text_ends(out, suffix);
	out[has_both ? len - tail : 0] = '\0';
	if (has_both)
		memmove(out, out + head, len - tail - head + 1);
	return has_both ? 0 : RESULT_IDENTITY;
}

int users_name_of(
    const struct config *config, const struct claims *claims, char *out, size_t size)
{
	return users_name_from(
	    config, readable_text(config, claims, config->users_claim), out, size);
}

/* The issuer of verified claims is one of the pool's own forms; the record may have another of
 * them. */
static int match_record(const struct config *config, const struct claims *claims,
    const struct record_identity *account)
{
	if (account == NULL)
		return RESULT_USER_RECORD;
	bool is_pool = streq(account->issuer, config->issuer) ||
		       config_list_has(&config->alternate_issuers, account->issuer);
	return is_pool && streq(account->sub, claims_sub(claims)) ? 0 : RESULT_IDENTITY;
}

int users_match(const struct config *config, const struct claims *claims,
    const char *local_name, const struct record_identity *account)
{
	const struct config_map_entry *entry = config_map_find(config, local_name);
	char name[USERS_NAME_MAX + 1];
	if (entry != NULL)
		return match_entry(config, claims, entry);
	if (config->from_accounts)
		return match_record(config, claims, account);
	int r = users_name_of(config, claims, name, sizeof(name));
	return r == 0 && streq(name, local_name) ? 0 : RESULT_IDENTITY;
}
