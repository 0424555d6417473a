/* SPDX-License-Identifier: MIT */
#include "helper/policy/rules.h"

#include <stddef.h>

#include "helper/config/config.h"
#include "helper/policy/subject.h"

bool rules_is_met(const struct config_rule *rule, enum truth truth)
{
	return truth == TRUTH_YES || (truth == TRUTH_UNREADABLE && rule->is_deny);
}

bool rules_match(const struct subject *subject, const struct config_rule *rule)
{
	for (size_t i = 0; i < conditions_len; i++)
		if (conditions[i].is_set(rule) &&
		    !rules_is_met(rule, conditions[i].judge(subject, rule)))
			return false;
	return true;
}

/* The first rule of one effect that matches, or NULL. */
static const struct config_rule *first_match(const struct subject *subject, bool is_deny)
{
	const struct config *config = subject->config;
	for (size_t i = 0; i < config->rules_len; i++)
		if (config->rules[i].is_deny == is_deny &&
		    rules_match(subject, &config->rules[i]))
			return &config->rules[i];
	return NULL;
}

int rules_decide(const struct config *config, const struct claims *claims,
    const struct access_request *request, const struct config_rule **out)
{
	struct subject subject;
	*out = NULL;
	int r = subject_make(config, claims, request, &subject);
	if (r == 0)
		*out = first_match(&subject, true);
	if (r == 0 && *out == NULL)
		*out = first_match(&subject, false);
	subject_forget(&subject);
	return r;
}

bool rules_limit_age(const struct config *config, const struct access_request *request)
{
	struct subject subject;
	bool limits = false;
	subject_make_unknown(config, request, &subject);
	for (size_t i = 0; !limits && i < config->rules_len; i++) {
		const struct config_rule *rule = &config->rules[i];
		limits = rule->max_auth_age >= 0 && condition_of_place(&subject, rule);
	}
	return limits;
}
