/* SPDX-License-Identifier: MIT
 *
 * Claims and configuration in, yes or no out. The only place where the helper writes
 * RESULT_ALLOWED.
 */
#ifndef HELPER_POLICY_VERDICT_H
#define HELPER_POLICY_VERDICT_H

struct claims;
struct config;
struct config_rule;
struct access_request;

struct verdict {
	int result; /* RESULT_ALLOWED or why not; RESULT_POLICY until decided */
	const char *rule; /* the name of the rule that allowed or denied, borrowed from the
			     config; "" when none did */
	const struct config_rule *decided; /* that rule, borrowed, with its grants; NULL when
					      none did */
};

/* Mapping first, then the rules. */
void verdict_decide(const struct config *, const struct claims *, const struct access_request *,
    struct verdict *out);

#endif
