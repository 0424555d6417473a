/* SPDX-License-Identifier: MIT
 *
 * Who it is, then what that person may do.
 */
#include "helper/policy/verdict.h"

#include <stddef.h>

#include "common/result.h"
#include "helper/config/config.h"
#include "helper/policy/access_request.h"
#include "helper/policy/rules.h"
#include "helper/policy/users.h"

void verdict_decide(const struct config *config, const struct claims *claims,
    const struct access_request *request, struct verdict *out)
{
	const struct config_rule *rule = NULL;
	*out = (struct verdict){.result = RESULT_POLICY, .rule = ""};
	int r = users_match(config, claims, request->user);
	if (request->root && !users_names_sub(config, request->user))
		r = RESULT_IDENTITY;
	if (r == 0)
		r = rules_decide(config, claims, request, &rule);
	if (r != 0)
		out->result = r;
	if (r != 0 || rule == NULL)
		return;
	out->rule = rule->name;
	out->decided = rule;
	out->result = rule->is_deny ? RESULT_POLICY_DENY : RESULT_ALLOWED;
}
