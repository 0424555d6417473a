/* SPDX-License-Identifier: MIT
 *
 * Claims and configuration in, one decision out: everything that anybody wants to know of
 * what these claims may do. The only place that asks the rules, and the only one where the
 * helper says yes. Called once by a sign-in, a recheck, explain and the login verb. Pure.
 */
#ifndef HELPER_POLICY_DECISION_H
#define HELPER_POLICY_DECISION_H

#include <stdbool.h>
#include <stddef.h>

#include "helper/policy/rules.h"
#include "helper/policy/subject.h"

struct buffer;

/* RESULT has room for so many; a host's rules name a handful. */
#define DECISION_SERVICES_MOST 100

struct decision {
	/* 0 (allowed), RESULT_IDENTITY (the claims are another user's), RESULT_USER_RECORD (as
	 * users_match()), RESULT_POLICY (no rule allows it), RESULT_POLICY_DENY, RESULT_MEMORY
	 */
	int result;
	const struct config_rule *rule; /* that allowed or denied; NULL when none did */
	/* The rules refuse, but would allow a sign-in of now with a second factor. */
	bool wants_fresh;
	/* The service of the request, then every service that a rule names without a pattern:
	 * the rule that decides about it (NULL: none), and the seconds from now for which that
	 * may be believed. */
	struct decided_service {
		const char *name; /* borrowed */
		const struct config_rule *rule;
		long seconds;
	} services[DECISION_SERVICES_MOST];
	size_t services_len;
	/* For explain: how each condition of each rule came out, and for whom. */
	struct subject subject;
	enum truth (*truths)[CONDITIONS_MAX]; /* owned; a row for each rule of the config */
};

/* Borrows the arguments. Returns out->result. decision_free() in any case. */
int decide(const struct config *, const struct claims *, const struct access_request *,
    struct decision *out);
void decision_free(struct decision *);

/* Appends the services that are allowed, as RESULT carries them (message.h). Left out, so that
 * they are asked about again: what has no room, names that are empty, longer than
 * MESSAGE_SERVICE_MAX or hold a control character, and rules whose grants are longer than
 * MESSAGE_GROUPS_MAX. The buffer remembers its error. */
void decision_encode(const struct decision *, struct buffer *out);

#endif
