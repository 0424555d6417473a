/* SPDX-License-Identifier: MIT
 *
 * The configuration as any text. What is refused is refused with a printable line that
 * begins with a place in the text; what is accepted keeps the promises of config.h, and a
 * person without claims gets nowhere but by a rule for anyone.
 */
#include <string.h>

#include "common/result.h"
#include "common/text.h"
#include "fuzz.h"
#include "helper/config/config.h"
#include "helper/policy/access_request.h"
#include "helper/policy/decision.h"
#include "helper/policy/users.h"
#include "helper/token/claims.h"
#include "helper/token/claims_make.h"

#define PATH "/etc/c.json"
#define DIGITS "0123456789"

static void check_fault(const char *text)
{
	char shown[REASON_MAX];
	size_t digits;
	text_printable(text, strlen(text), shown, sizeof(shown));
	HOLDS(streq(text, shown));
	HOLDS(text_starts(text, PATH ":"));
	text += sizeof(PATH);
	for (int i = 0; i < 2; i++) {
		digits = strspn(text, DIGITS);
		HOLDS(digits > 0 && text[0] != '0' && text[digits] == ':');
		text += digits + 1;
	}
	HOLDS(text[0] == ' ' && text[1] != '\0');
}

static void check_rule(const struct config_rule *rule)
{
	const struct config_list *const lists[] = {
	    &rule->services, &rule->hosts, &rule->users, &rule->groups, &rule->all_groups};
	bool chooses = rule->users.len + rule->groups.len + rule->all_groups.len > 0 ||
		       rule->claims_len > 0;
	HOLDS(rule->name[0] != '\0');
	HOLDS(rule->is_deny ? !rule->anyone || !chooses : rule->anyone != chooses);
	HOLDS(!rule->is_deny || (rule->max_auth_age < 0 && !rule->require_mfa));
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		HOLDS(lists[i]->items == NULL || lists[i]->len > 0);
	for (size_t i = 0; i < rule->claims_len; i++) {
		HOLDS(rule->claims[i].name[0] != '\0' && rule->claims[i].accepted != NULL);
		HOLDS(rule->claims[i].steps.len != 1);
	}
}

/* Claims without a name are no user's. And no allow rule that asks for something they lack is
 * met by them. */
static void check_rules(const struct config *config, const struct claims *nobody)
{
	const struct access_request request = {
	    .user = "nobody", .service = "sshd", .host = "h", .now = 1764000000};
	struct decision d;
	HOLDS(decide(config, nobody, &request, &d) == RESULT_IDENTITY && d.rule == NULL);
	for (size_t i = 0; i < d.services_len; i++)
		HOLDS(d.services[i].rule == NULL);
	for (size_t i = 0; i < config->rules_len; i++) {
		const struct config_rule *rule = &config->rules[i];
		bool is_met = true;
		for (size_t c = 0; c < conditions_len; c++)
			is_met = is_met && rules_is_met(rule, d.truths[i][c]);
		if (is_met && !rule->is_deny)
			HOLDS((rule->anyone || rule->users.len > 0) && rule->groups.len == 0 &&
			      rule->all_groups.len == 0 && rule->claims_len == 0 &&
			      rule->max_auth_age < 0 && !rule->require_mfa);
	}
	decision_free(&d);
	for (size_t i = 0; i < config->rules_len; i++)
		check_rule(&config->rules[i]);
}

static void check_config(const struct config *config)
{
	char name[USERS_NAME_MAX + 1];
	struct claims *nobody = NULL;
	HOLDS(config->client_id[0] != '\0' && config->name[0] != '\0');
	HOLDS(text_starts(config->certs_url, "https://"));
	HOLDS(text_starts(config->issuer, "https://"));
	HOLDS(strlen(config->certs_url) <= CONFIG_URL_MAX);
	HOLDS(config->api_url != NULL || !config->provider->has_api);
	HOLDS(config->api_url == NULL || text_ends(config->api_url, "/"));
	HOLDS(config->password_method != PASSWORD_ROPC || config->token_url != NULL);
	HOLDS(config->password_method == PASSWORD_ROPC || config->api_url != NULL);
	HOLDS(config->password_method == PASSWORD_PLAIN ||
	      config->password_method == PASSWORD_ROPC || config->pool_name != NULL);
	HOLDS(config->alternate_issuers.items[config->alternate_issuers.len] == NULL);
	HOLDS(config->leeway >= 0 && config->leeway <= 300);
	HOLDS(config->connect_timeout >= 1 && config->request_timeout <= 60);
	if (claims_make("{}", 2, &nobody) != 0)
		return;
	for (size_t i = 0; i < config->map_len; i++) {
		const char *local_name = config->map[i].local_name;
		HOLDS(config_map_find(config, local_name) == &config->map[i]);
		HOLDS(users_match(config, nobody, local_name, NULL) != 0);
		users_login_name(config, local_name, NULL, name, sizeof(name));
	}
	HOLDS(users_name_of(config, nobody, name, sizeof(name)) == RESULT_IDENTITY);
	check_rules(config, nobody);
	claims_free(nobody);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct config *config = NULL;
	struct config_faults faults;
	struct reason reason = {.detail = ""};
	int r = config_parse(PATH, (const char *)bytes, len, &config, &faults, &reason);
	HOLDS(r == 0 || r == RESULT_CONFIG || r == RESULT_MEMORY);
	HOLDS((config != NULL) == (r == 0));
	HOLDS(r == RESULT_MEMORY || (faults.count > 0) == (r == RESULT_CONFIG));
	for (size_t i = 0; i < faults.count && i < CONFIG_FAULTS_MAX; i++)
		check_fault(faults.texts[i]);
	HOLDS(streq(reason.detail, faults.count > 0 ? faults.texts[0] : ""));
	if (r == 0)
		check_config(config);
	config_free(config);
	return 0;
}
