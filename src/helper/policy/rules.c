/* SPDX-License-Identifier: MIT */
#include "helper/policy/rules.h"

#include <stddef.h>

#include "helper/policy/config.h"
#include "helper/policy/rules_person.h"

bool rules_is_met(const struct config_rule *rule, enum truth truth)
{
	return truth == TRUTH_YES || (truth == TRUTH_UNREADABLE && rule->is_deny);
}

bool rules_match(const struct person *person, const struct config_rule *rule)
{
	for (size_t i = 0; i < conditions_len; i++)
		if (conditions[i].is_set(rule) &&
		    !rules_is_met(rule, conditions[i].judge(person, rule)))
			return false;
	return true;
}

/* The first rule of one effect that matches, or NULL. */
static const struct config_rule *first_match(const struct person *person, bool is_deny)
{
	const struct config *config = person->config;
	for (size_t i = 0; i < config->rules_len; i++)
		if (config->rules[i].is_deny == is_deny &&
		    rules_match(person, &config->rules[i]))
			return &config->rules[i];
	return NULL;
}

int rules_decide(const struct config *config, const struct claims *claims,
    const struct question *question, const struct config_rule **out)
{
	struct person person;
	*out = NULL;
	int r = person_make(config, claims, question, &person);
	if (r == 0)
		*out = first_match(&person, true);
	if (r == 0 && *out == NULL)
		*out = first_match(&person, false);
	person_forget(&person);
	return r;
}

bool rules_limit_age(const struct config *config, const struct question *question)
{
	struct person person;
	bool limits = false;
	person_make_unknown(config, question, &person);
	for (size_t i = 0; !limits && i < config->rules_len; i++) {
		const struct config_rule *rule = &config->rules[i];
		limits = rule->max_auth_age >= 0 && condition_of_place(&person, rule);
	}
	return limits;
}
