/* SPDX-License-Identifier: MIT
 *
 * Who it is, then what that person may do.
 */
#include "helper/policy/verdict.h"

#include <stddef.h>

#include "common/result.h"
#include "helper/policy/config.h"
#include "helper/policy/question.h"
#include "helper/policy/rules.h"
#include "helper/policy/users.h"

void verdict_decide(const struct config *config, const struct claims *claims,
    const struct question *question, struct verdict *out)
{
	const struct config_rule *rule = NULL;
	*out = (struct verdict){.result = RESULT_POLICY, .rule = ""};
	int r = users_match(config, claims, question->user);
	if (question->root && !users_names_sub(config, question->user))
		r = RESULT_IDENTITY;
	if (r == 0)
		r = rules_decide(config, claims, question, &rule);
	if (r != 0)
		out->result = r;
	if (r != 0 || rule == NULL)
		return;
	out->rule = rule->name;
	out->decided = rule;
	out->result = rule->is_deny ? RESULT_POLICY_DENY : RESULT_ALLOWED;
}
