/* SPDX-License-Identifier: MIT
 *
 * The rules: whoever a deny rule matches is denied; else one allow rule must match whole;
 * else denied. Pure.
 */
#ifndef HELPER_POLICY_RULES_H
#define HELPER_POLICY_RULES_H

#include <stdbool.h>

#include "helper/policy/rules_conditions.h"

struct claims;
struct config;
struct config_rule;
struct subject;
struct access_request;

/* Does a condition of this rule that came out so count as met? What is unreadable does in a
 * deny rule alone. */
bool rules_is_met(const struct config_rule *, enum truth);

/* Are all its conditions met? */
bool rules_match(const struct subject *, const struct config_rule *);

/* Is there an allow rule for this service, host and local user that limits the age of the
 * sign-in? Known before anybody has signed in; looks at no claims. */
bool rules_limit_age(const struct config *, const struct access_request *);

/* The rule that decides, borrowed from the config: the first deny rule that matches, else
 * the first allow rule that does, in file order; NULL, and nobody is allowed, when there
 * is none. Returns 0 or RESULT_MEMORY (and NULL). */
int rules_decide(const struct config *, const struct claims *, const struct access_request *,
    const struct config_rule **out);

#endif
