/* SPDX-License-Identifier: MIT
 *
 * The conditions that a rule may have, one by one. Pure.
 */
#ifndef HELPER_POLICY_RULES_CONDITIONS_H
#define HELPER_POLICY_RULES_CONDITIONS_H

#include <stdbool.h>
#include <stddef.h>

struct cJSON;
struct config_claim;
struct config_rule;
struct subject;

/* What cannot be read allows nobody, and denies. */
enum truth { TRUTH_NO, TRUTH_YES, TRUTH_UNREADABLE };

struct condition {
	const char *key; /* its name in the configuration */
	bool (*is_set)(const struct config_rule *);
	enum truth (*judge)(const struct subject *, const struct config_rule *);
};
extern const struct condition conditions[];
extern const size_t conditions_len;

/* Do its services, hosts and users, where it has them, match? */
bool condition_of_place(const struct subject *, const struct config_rule *);

/* One member of a rule's claims. */
enum truth condition_of_claim(
    const struct subject *, const struct config_rule *, const struct config_claim *);

/* The claim it looks at; *out is NULL when it is absent. False when the way to it leads
 * through something that is no object. */
bool condition_find_claim(
    const struct subject *, const struct config_claim *, const struct cJSON **out);

#endif
