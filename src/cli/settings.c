/* SPDX-License-Identifier: MIT */
#include "cli/settings.h"

#include "cli/output.h"
#include "common/result.h"
#include "helper/json/json.h"
#include "helper/config/config.h"

static void text(struct output *out, const char *name, const char *value)
{
	if (value == NULL)
		return;
	output_line(out, "  %-19s %s", name, value);
	output_string(out, name, value);
}

static void number(struct output *out, const char *name, long value)
{
	output_line(out, "  %-19s %ld s", name, value);
	output_number(out, name, value);
}

static void yes(struct output *out, const char *name, bool value)
{
	output_line(out, "  %-19s %s", name, value ? "yes" : "no");
	output_bool(out, name, value);
}

static void list(struct output *out, const char *name, const struct config_list *values)
{
	output_array(out, name);
	for (size_t i = 0; i < values->len; i++) {
		output_line(out, "  %-19s %s", i == 0 ? name : "", values->items[i]);
		output_string(out, NULL, values->items[i]);
	}
	output_end_array(out);
	if (values->len == 0)
		output_line(out, "  %-19s (none)", name);
}

static void report_flows(struct output *out, const struct config *config)
{
	static const char *const names[FLOW_KINDS] = {
	    [FLOW_PASSWORD] = "password", [FLOW_DEVICE] = "device", [FLOW_BROWSER] = "browser"};
	output_array(out, "flows");
	for (size_t i = 0; i < config->flows_len; i++) {
		const char *name = names[config->flows[i]];
		output_line(out, "  %-19s %s", i == 0 ? "flows" : "", name);
		output_string(out, NULL, name);
	}
	output_end_array(out);
	if (config->client_secret != NULL)
		text(out, "client_auth",
		    config->client_auth == CLIENT_AUTH_BODY ? "body" : "basic");
	if (config_has_flow(config, FLOW_BROWSER)) {
		text(out, "redirect_uri", config->redirect_uri);
		yes(out, "pkce", config->pkce_enabled || config->client_secret == NULL);
	}
	if (config->device_authorization_url == NULL)
		return;
	text(out, "device_authorization_url", config->device_authorization_url);
	text(out, "device_dialect",
	    config->device_dialect == DIALECT_AWS_SAMPLE ? "aws-sample" : "rfc8628");
}

static void report_client(struct output *out, const struct config *config)
{
	static const char *const methods[] = {[PASSWORD_SRP] = "srp",
	    [PASSWORD_PLAIN] = "password",
	    [PASSWORD_CHOICE] = "choice",
	    [PASSWORD_ROPC] = "ropc"};
	text(out, "name", config->name);
	text(out, "client_id", config->client_id);
	text(out, "client", config->client_secret != NULL ? "confidential" : "public");
	text(out, "auth_url", config->auth_url);
	text(out, "token_url", config->token_url);
	text(out, "certs_url", config->certs_url);
	text(out, "issuer", config->issuer);
	list(out, "alternate_issuers", &config->alternate_issuers);
	text(out, "api_url", config->api_url);
	text(out, "pool_name", config->pool_name);
	text(out, "provider", config->provider_name);
	list(out, "scopes", &config->scopes);
	list(out, "claims", &config->claims);
	text(out, "email_claim_name", config->email_claim_name);
	text(out, "prompt", config->prompt);
	report_flows(out, config);
	text(out, "revocation_url", config->revocation_url);
	text(out, "password_method", methods[config->password_method]);
	yes(out, "otp_append", config->otp_append);
	number(out, "leeway", config->leeway);
	number(out, "recheck", config->recheck);
	number(out, "stale_ok", config->stale_ok);
	number(out, "ticket_lifetime", config->ticket_lifetime);
	yes(out, "keep_refresh_token", config->keep_refresh_token);
}

static void report_network(struct output *out, const struct config *config)
{
	if (config->ca_file != NULL)
		text(out, "ca_file", config->ca_file);
	else
		text(out, "ca_path", config->ca_path);
	text(out, "proxy", config->proxy);
	number(out, "connect_timeout", config->connect_timeout);
	number(out, "request_timeout", config->request_timeout);
}

/* alice: sub = a1b2, email_verified = true; login alice@example.com */
static void report_entry(struct output *out, const struct config_map_entry *entry)
{
	struct buffer line = BUFFER_INIT(OUTPUT_MAX);
	int r = 0;
	output_object(out, entry->local_name);
	const struct cJSON *at = json_first(entry->conditions);
	for (; at != NULL; at = json_next(at)) {
		const char *value = json_string(at);
		if (value != NULL)
			output_string(out, json_name(at), value);
		else
			output_bool(out, json_name(at), json_is_true(at));
		if (value == NULL)
			value = json_is_true(at) ? "true" : "false";
		if (r == 0)
			r = buffer_append_format(
			    &line, "%s%s = %s", line.len > 0 ? ", " : "", json_name(at), value);
	}
	output_end_object(out);
	output_line(out, "  map %-15s %s", entry->local_name, buffer_text(&line));
	buffer_wipe(&line);
}

static void report_users(struct output *out, const struct config *config)
{
	text(out, "users_claim", config->users_claim);
	text(out, "strip_suffix", config->strip_suffix);
	yes(out, "lowercase", config->lowercase);
	yes(out, "mutable_ok", config->mutable_ok);
	output_object(out, "map");
	for (size_t i = 0; i < config->map_len; i++)
		report_entry(out, &config->map[i]);
	output_end_object(out);
}

static int append_list(struct buffer *line, const char *name, const struct config_list *values)
{
	if (values->len == 0)
		return 0;
	int r = buffer_append_format(line, "%s%s", line->len > 0 ? "; " : "", name);
	for (size_t i = 0; r == 0 && i < values->len; i++)
		r = buffer_append_format(line, "%s %s", i > 0 ? "," : "", values->items[i]);
	return r;
}

static const char *accepted_text(const struct cJSON *value)
{
	const char *text = json_string(value);
	if (text != NULL)
		return text;
	return json_is_true(value) ? "true" : "false";
}

static int append_claim(struct buffer *line, const struct config_claim *claim)
{
	int r = buffer_append_format(line, "%s%s =", line->len > 0 ? "; " : "", claim->name);
	const struct cJSON *first = claim->accepted;
	for (const struct cJSON *at = first; r == 0 && at != NULL; at = json_next(at))
		r = buffer_append_format(
		    line, "%s %s", at != first ? " or" : "", accepted_text(at));
	return r;
}

/* services sshd, login; groups linux-users */
static int append_rule(struct buffer *line, const struct config_rule *rule)
{
	int r = rule->services.len > 0 ? append_list(line, "services", &rule->services)
				       : buffer_append_text(line, "every service");
	if (r == 0)
		r = append_list(line, "hosts", &rule->hosts);
	if (r == 0)
		r = append_list(line, "users", &rule->users);
	if (r == 0)
		r = append_list(line, "groups", &rule->groups);
	if (r == 0)
		r = append_list(line, "all groups of", &rule->all_groups);
	for (size_t i = 0; r == 0 && i < rule->claims_len; i++)
		r = append_claim(line, &rule->claims[i]);
	if (r == 0 && rule->max_auth_age >= 0)
		r = buffer_append_format(line, "; max_auth_age %ld s", rule->max_auth_age);
	if (r == 0 && rule->require_mfa)
		r = buffer_append_text(line, "; require_mfa");
	if (r == 0 && rule->anyone)
		r = buffer_append_text(line, "; anyone");
	return r == 0 ? append_list(line, "grant", &rule->grant) : r;
}

static void members_of_rule(struct output *out, const struct config_rule *rule)
{
	const struct {
		const char *name;
		const struct config_list *list;
	} lists[] = {
	    {"services", &rule->services},
	    {"hosts", &rule->hosts},
	    {"users", &rule->users},
	    {"groups", &rule->groups},
	    {"all_groups", &rule->all_groups},
	};
	output_string(out, "name", rule->name);
	output_string(out, "effect", rule->is_deny ? "deny" : "allow");
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (lists[i].list->len > 0)
			list(out, lists[i].name, lists[i].list);
	if (rule->claims_len > 0)
		output_object(out, "claims");
	for (size_t i = 0; i < rule->claims_len; i++) {
		output_array(out, rule->claims[i].name);
		output_accepted(out, rule->claims[i].accepted);
		output_end_array(out);
	}
	if (rule->claims_len > 0)
		output_end_object(out);
	if (rule->max_auth_age >= 0)
		output_number(out, "max_auth_age", rule->max_auth_age);
	if (rule->require_mfa)
		output_bool(out, "require_mfa", true);
	if (rule->anyone)
		output_bool(out, "anyone", true);
	if (rule->grant.len > 0)
		list(out, "grant", &rule->grant);
}

static void report_rule(struct output *out, const struct config_rule *rule)
{
	struct buffer line = BUFFER_INIT(OUTPUT_MAX);
	int r = append_rule(&line, rule);
	output_line(out, "  %s %-14s %s", rule->is_deny ? "deny" : "rule", rule->name,
	    buffer_text(&line));
	buffer_wipe(&line);
	if (r != 0)
		out->failed = r;
	if (!out->is_json)
		return;
	output_object(out, NULL);
	members_of_rule(out, rule);
	output_end_object(out);
}

void settings_report(struct output *out, const struct config *config)
{
	output_line(out, "settings:");
	output_object(out, "settings");
	report_client(out, config);
	report_users(out, config);
	output_array(out, "rules");
	for (size_t i = 0; i < config->rules_len; i++)
		report_rule(out, &config->rules[i]);
	output_end_array(out);
	report_network(out, config);
	output_end_object(out);
}
