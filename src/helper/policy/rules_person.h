/* SPDX-License-Identifier: MIT
 *
 * Who asks, prepared once for any number of rules: the groups sorted, the host's names in
 * lower case, how old and how strong the sign-in is. Pure.
 */
#ifndef HELPER_POLICY_RULES_PERSON_H
#define HELPER_POLICY_RULES_PERSON_H

#include <stdbool.h>
#include <stddef.h>

struct claims;
struct config;
struct question;

#define PERSON_HOST_MAX 255 /* DNS; Linux ends at 64 */

struct person {
	/* borrowed */
	const struct config *config;
	const struct claims *claims;
	const struct question *question;
	/* cognito:groups: sorted, the names are the claims' own */
	bool groups_known; /* false: absent, of another type, or such as Cognito never sends */
	const char **groups; /* owned */
	size_t groups_len;
	char host[PERSON_HOST_MAX + 1]; /* lower case; "": not known */
	char short_host[PERSON_HOST_MAX + 1]; /* up to the first dot */
	bool auth_time_known;
	long long auth_time;
	bool has_mfa;
};

/* Returns 0 or RESULT_MEMORY; person_forget() afterwards in either case. */
int person_make(
    const struct config *, const struct claims *, const struct question *, struct person *out);
void person_forget(struct person *);

/* Somebody who has not signed in: only what the question says is known. Owns nothing. */
void person_make_unknown(const struct config *, const struct question *, struct person *out);

/* Do amr or acr tell of a second factor? */
bool person_claims_mfa(const struct claims *);

bool person_has_group(const struct person *, const char *name);

#endif
