/* SPDX-License-Identifier: MIT
 *
 * What a configuration may hold, although it is rarely intended. The configuration's own
 * functions find what is not allowed.
 */
#include "cli/check.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/text.h"
#include "helper/config/config_read.h"

#define AUTH_AGE_LEAST 60 /* seconds, from the proof in Cognito to the rule */

void findings_add(struct findings *found, enum finding_kind kind, const char *format, ...)
{
	va_list args;
	found->faults += kind == FINDING_FAULT ? 1 : 0;
	if (found->len == FINDINGS_MAX)
		return;
	struct finding *finding = &found->items[found->len++];
	finding->kind = kind;
	va_start(args, format);
	vsnprintf(finding->text, sizeof(finding->text), format, args);
	va_end(args);
}

/* A warning that needs no values. */
static void warn_if(struct findings *found, bool applies, const char *text)
{
	if (applies)
		findings_add(found, FINDING_WARNING, "%s", text);
}

static void find_in_client(struct findings *found, const struct config *config)
{
	const struct config_list *scopes = &config->scopes;
	bool has_secret = config->client_secret != NULL;
	bool by_token_url = config_has_flow(config, FLOW_DEVICE) ||
			    config_has_flow(config, FLOW_BROWSER) ||
			    config->password_method == PASSWORD_ROPC;
	for (size_t i = 0; i < config->ignored.len; i++)
		findings_add(found, FINDING_WARNING,
		    "\"%s\" is for Cloudflare only and ignored", config->ignored.items[i]);
	warn_if(found, has_secret,
	    "config.client_secret is set: a public client is recommended; what every host "
	    "knows is no secret");
	warn_if(found, has_secret && !config->pkce_enabled,
	    "config.pkce_enabled is false: PKCE protects every browser login and costs "
	    "nothing");
	warn_if(found, !has_secret && !config->pkce_enabled,
	    "config.pkce_enabled is false, but without a secret PKCE is always used");
	warn_if(found, scopes->items != NULL && !config_list_has(scopes, "openid"),
	    "config.scopes lacks \"openid\": no ID token is issued without it");
	if (by_token_url && config->keep_refresh_token &&
	    !config->provider->always_gives_refresh_token &&
	    !config_list_has(scopes, "offline_access"))
		findings_add(found, FINDING_WARNING,
		    "config.scopes lacks \"offline_access\": if the provider gives no refresh "
		    "token without it, a sign-in ends after recheck (%ld s)",
		    config->recheck);
}

static void find_in_users(struct findings *found, const struct config *config)
{
	const char *claim = config->users_claim;
	bool is_email = streq(claim, "email") || streq(claim, config->email_claim_name);
	bool is_username = streq(claim, "cognito:username");
	warn_if(found, is_email,
	    "users.claim is the e-mail address: it counts only where email_verified is true, "
	    "and the pool must keep the old address until the new one is verified");
	if (!is_email && !is_username && !streq(claim, "sub") && config->mutable_ok)
		findings_add(found, FINDING_WARNING,
		    "users.claim \"%s\" decides who a user is: make sure that no app client "
		    "of the pool can write it",
		    claim);
	warn_if(found, config->lowercase,
	    "users.lowercase is true: make sure that the pool ignores case, or \"Alice\" and "
	    "\"alice\" are two people but one user here");
	warn_if(found, streq(claim, "cognito:groups"),
	    "users.claim \"cognito:groups\" is a list and matches no user");
	warn_if(found, is_username && !config->provider->has_cognito_username,
	    "endpoints.provider is \"oidc\", whose tokens rarely have the claim "
	    "\"cognito:username\"");
}

/* Does it limit anything? A rule without a condition is for everyone and everything. */
static bool has_condition(const struct config_rule *rule)
{
	for (const struct key *key = config_rule_keys; key->name != NULL; key++)
		if (key->role != KEY_NO_ROLE && key->role != KEY_GRANT &&
		    config_is_set(key, rule))
			return true;
	return false;
}

/* A claim that users may be able to edit, or NULL. */
static const char *writable_claim(const struct config_rule *rule)
{
	static const char *const fixed[] = {"sub", "cognito:username", "username",
	    "cognito:groups", "amr", "acr", "email_verified", "phone_number_verified", "iss",
	    "aud", "client_id", "token_use", "scope", "cognito:roles", "cognito:preferred_role",
	    NULL};
	for (size_t i = 0; i < rule->claims_len; i++)
		if (!text_among(rule->claims[i].claim, fixed))
			return rule->claims[i].name;
	return NULL;
}

/* Does anything in it depend on the user's groups? */
static bool reads_groups(const struct config_rule *rule)
{
	bool reads = rule->groups.len > 0 || rule->all_groups.len > 0;
	for (size_t i = 0; i < rule->claims_len; i++)
		reads = reads || streq(rule->claims[i].claim, "cognito:groups");
	return reads;
}

/* Of each kind the first rule is named: the file may have hundreds. */
static void find_in_rules(struct findings *found, const struct config *config)
{
	const struct config_rule *wide = NULL, *writable = NULL, *hasty = NULL;
	const struct config_rule *by_group = NULL, *groupless = NULL;
	size_t count = 0;
	for (size_t i = config->rules_len; i > 0; i--) {
		const struct config_rule *rule = &config->rules[i - 1];
		bool by_writable = writable_claim(rule) != NULL;
		wide = has_condition(rule) ? wide : rule;
		writable = by_writable ? rule : writable;
		count += by_writable ? 1 : 0;
		if (rule->max_auth_age >= 0 && rule->max_auth_age < AUTH_AGE_LEAST)
			hasty = rule;
		if (rule->is_deny && reads_groups(rule))
			by_group = rule;
		else if (!rule->is_deny && !reads_groups(rule))
			groupless = rule;
	}
	warn_if(found, config->rules_len == 0, "no rules: nobody may log in");
	if (wide != NULL)
		findings_add(found, FINDING_WARNING,
		    "rule \"%s\" %s everyone of the pool every service", wide->name,
		    wide->is_deny ? "denies" : "allows");
	if (writable != NULL)
		findings_add(found, FINDING_WARNING,
		    "rule \"%s\"%s on the claim \"%s\": make sure that no app client of the "
		    "pool can write it, or users choose its value themselves",
		    writable->name, count > 1 ? " (and others) depends" : " depends",
		    writable_claim(writable));
	if (hasty != NULL)
		findings_add(found, FINDING_WARNING,
		    "rule \"%s\": max_auth_age leaves hardly any time to sign in", hasty->name);
	if (by_group != NULL && groupless != NULL && config->provider->omits_empty_groups)
		findings_add(found, FINDING_WARNING,
		    "rule \"%s\" denies by group, but rule \"%s\" allows without one: make "
		    "sure that no Lambda of the pool suppresses cognito:groups",
		    by_group->name, groupless->name);
}

void findings_of_config(struct findings *found, const struct config *config)
{
	find_in_client(found, config);
	find_in_users(found, config);
	find_in_rules(found, config);
}
