/* SPDX-License-Identifier: MIT
 *
 * The rules' conditions, one row each. decision.h puts them together. Pure.
 */
#ifndef HELPER_POLICY_RULES_H
#define HELPER_POLICY_RULES_H

#include <stdbool.h>
#include <stddef.h>

struct access_request;
struct cJSON;
struct config;
struct config_claim;
struct config_rule;
struct subject;

/* What is unreadable fails in an allow rule and is met in a deny rule. */
enum truth { TRUTH_UNSET, TRUTH_NO, TRUTH_YES, TRUTH_UNREADABLE };

struct condition {
	const char *key; /* its name in the configuration */
	/* TRUTH_UNSET: the rule does not have it. */
	enum truth (*judge)(const struct subject *, const struct config_rule *);
	size_t list; /* for explain: the rule's list, 0 for none */
	const char *claims[2]; /* and the claims that it is held against */
};

/* Those from CONDITION_MAX_AUTH_AGE on depend on the sign-in. */
enum { CONDITION_SERVICES, CONDITION_HOSTS, CONDITION_USERS, CONDITION_MAX_AUTH_AGE = 6 };
#define CONDITIONS_MAX 16 /* more than there are rows, so that a row is added in one place */
extern const struct condition conditions[];
extern const size_t conditions_len;

/* For explain: the text that a condition is held against; NULL: none. */
const char *rules_text(const struct subject *, size_t condition);

/* Does a condition of this rule that came out so count as met? */
bool rules_is_met(const struct config_rule *, enum truth);

/* Does the list of patterns fit the service? TRUTH_UNSET for a rule about every service. */
enum truth rules_judge_service(const struct config_rule *, const char *service);

/* One member of a rule's claims, and the claim it looks at: *out is NULL when that is absent.
 * rules_find_claim() is false when the path leads through something that is no object. */
enum truth rules_judge_claim(
    const struct subject *, const struct config_rule *, const struct config_claim *);
bool rules_find_claim(
    const struct subject *, const struct config_claim *, const struct cJSON **out);

/* Is there an allow rule for this service, host and local user that limits the age of the
 * sign-in? Known before anybody signs in; looks at no claims. */
bool rules_limit_age(const struct config *, const struct access_request *);

/* Does any allow rule apply to this service on this host? Looks neither at the person nor at
 * claims. */
bool rules_open_service(const struct config *, const char *service, const char *host);

#endif
