/* SPDX-License-Identifier: MIT */
#include "cli/findings.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/text.h"
#include "helper/config/config.h"

#define AUTH_AGE_LEAST 60 /* seconds, from the proof in Cognito to the rule */

__attribute__((format(printf, 3, 0))) static void add(
    struct findings *found, bool is_fault, const char *format, va_list args)
{
	found->faults += is_fault ? 1 : 0;
	if (found->len == FINDINGS_MAX)
		return;
	struct finding *finding = &found->items[found->len++];
	finding->is_fault = is_fault;
	vsnprintf(finding->text, sizeof(finding->text), format, args);
}

void findings_fault(struct findings *found, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	add(found, true, format, args);
	va_end(args);
}

void findings_warning(struct findings *found, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	add(found, false, format, args);
	va_end(args);
}

static bool has(const struct config_list *list, const char *text)
{
	for (size_t i = 0; i < list->len; i++)
		if (streq(list->items[i], text))
			return true;
	return false;
}

static void find_in_users(struct findings *found, const struct config *config)
{
	bool is_email = streq(config->users_claim, "email") ||
			streq(config->users_claim, config->email_claim_name);
	if (is_email)
		findings_warning(found,
		    "users.claim is the e-mail address: it counts only where email_verified is "
		    "true, and the pool must keep the old address until the new one is "
		    "verified");
	else if (config->mutable_ok && !streq(config->users_claim, "sub") &&
		 !streq(config->users_claim, "cognito:username"))
		findings_warning(found,
		    "users.claim \"%s\" decides who somebody is: make sure that no app client "
		    "of the pool can write it",
		    config->users_claim);
	if (config->lowercase)
		findings_warning(found,
		    "users.lowercase is true: make sure that the pool does not tell capital "
		    "letters apart, or \"Alice\" and \"alice\" are two persons and one user "
		    "here");
	if (streq(config->users_claim, "cognito:groups"))
		findings_warning(
		    found, "users.claim \"cognito:groups\" is a list and names nobody");
	if (!config->provider->has_cognito_username &&
	    streq(config->users_claim, "cognito:username"))
		findings_warning(found,
		    "endpoints.provider is \"oidc\", whose tokens seldom have the claim "
		    "\"cognito:username\"");
}

static bool is_for_everything(const struct config_rule *rule)
{
	return rule->services.len == 0 && rule->hosts.len == 0 && rule->users.len == 0 &&
	       rule->groups.len == 0 && rule->all_groups.len == 0 && rule->claims_len == 0;
}

static void find_wide_rule(struct findings *found, const struct config *config)
{
	for (size_t i = 0; i < config->rules_len; i++) {
		const struct config_rule *rule = &config->rules[i];
		bool has_proof = rule->max_auth_age >= 0 || rule->require_mfa;
		if (!is_for_everything(rule) || has_proof)
			continue;
		findings_warning(found, "rule \"%s\" %s everyone of the pool every service",
		    rule->name, rule->is_deny ? "denies" : "allows");
		return;
	}
}

/* The claims that people cannot edit in whatever pool. */
static bool is_fixed(const char *name)
{
	static const char *const fixed[] = {"sub", "cognito:username", "username",
	    "cognito:groups", "amr", "acr", "email_verified", "phone_number_verified", "iss",
	    "aud", "client_id", "token_use", "scope", "cognito:roles",
	    "cognito:preferred_role"};
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (streq(name, fixed[i]))
			return true;
	return false;
}

static const char *writable_claim(const struct config_rule *rule)
{
	for (size_t i = 0; i < rule->claims_len; i++)
		if (!is_fixed(rule->claims[i].name))
			return rule->claims[i].name;
	return NULL;
}

/* The first is named: the file may have hundreds. */
static void find_writable_claims(struct findings *found, const struct config *config)
{
	const struct config_rule *first = NULL;
	size_t count = 0;
	for (size_t i = 0; i < config->rules_len; i++) {
		if (writable_claim(&config->rules[i]) == NULL)
			continue;
		first = first != NULL ? first : &config->rules[i];
		count++;
	}
	if (first == NULL)
		return;
	findings_warning(found,
	    "rule \"%s\"%s on the claim \"%s\": make sure that no app client of the pool "
	    "can write it, or people choose its value themselves",
	    first->name, count > 1 ? " (and others) depends" : " depends",
	    writable_claim(first));
}

static void find_in_rules(struct findings *found, const struct config *config)
{
	if (config->rules_len == 0)
		findings_warning(found, "no rules: nobody may log in");
	find_wide_rule(found, config);
	find_writable_claims(found, config);
	for (size_t i = 0; i < config->rules_len; i++) {
		const struct config_rule *rule = &config->rules[i];
		if (rule->max_auth_age < 0 || rule->max_auth_age >= AUTH_AGE_LEAST)
			continue;
		findings_warning(found,
		    "rule \"%s\": max_auth_age leaves hardly time to sign in", rule->name);
		return;
	}
}

/* Cognito gives a refresh token without being asked for it, others may not. */
static void find_missing_refresh(struct findings *found, const struct config *config)
{
	bool by_token_url = config_has_flow(config, FLOW_DEVICE) ||
			    config_has_flow(config, FLOW_BROWSER) ||
			    config->password_method == PASSWORD_ROPC;
	if (!config->provider->always_gives_refresh_token && by_token_url &&
	    config->keep_refresh_token && !has(&config->scopes, "offline_access"))
		findings_warning(found,
		    "config.scopes lacks \"offline_access\": where the provider gives no "
		    "refresh token without it, a sign-in is over after recheck (%ld s)",
		    config->recheck);
}

void findings_of_config(struct findings *found, const struct config *config)
{
	for (size_t i = 0; i < config->ignored.len; i++)
		findings_warning(
		    found, "\"%s\" is Cloudflare's own and ignored", config->ignored.items[i]);
	if (config->client_secret != NULL)
		findings_warning(found,
		    "config.client_secret is set: a public client is recommended, a secret on "
		    "every host is none");
	if (!config->pkce_enabled)
		findings_warning(
		    found, config->client_secret != NULL
			       ? "config.pkce_enabled is false: PKCE protects every "
				 "browser login and costs nothing"
			       : "config.pkce_enabled is false, but without a secret "
				 "PKCE is used all the same");
	if (config->scopes.items != NULL && !has(&config->scopes, "openid"))
		findings_warning(
		    found, "config.scopes lacks \"openid\": no ID token is issued without it");
	find_missing_refresh(found, config);
	find_in_users(found, config);
	find_in_rules(found, config);
}
