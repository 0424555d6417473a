/* SPDX-License-Identifier: MIT
 *
 * Who asks, prepared once for any number of rules: the groups sorted, the host's names in
 * lower case. Pure.
 */
#ifndef HELPER_POLICY_SUBJECT_H
#define HELPER_POLICY_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>

#include "helper/policy/evidence.h"
#include "helper/token/claims.h"

struct access_request;
struct config;

#define SUBJECT_HOST_MAX 255 /* DNS; Linux ends at 64 */

struct subject {
	/* borrowed */
	const struct config *config;
	const struct claims *claims;
	const struct access_request *request;
	/* cognito:groups: sorted, the names are the claims' own */
	bool groups_known; /* false: of another type, such as Cognito never sends, or
			    * absent from another provider's token */
	const char **groups; /* owned */
	size_t groups_len;
	char host[SUBJECT_HOST_MAX + 1]; /* lower case; "": unknown */
	char short_host[SUBJECT_HOST_MAX + 1]; /* up to the first dot */
	struct evidence evidence; /* the request's, or that of a newer sign-in */
};

/* Returns 0 or RESULT_MEMORY; subject_free() afterwards in either case. */
int subject_make(const struct config *, const struct claims *, const struct access_request *,
    struct subject *out);
void subject_free(struct subject *);

/* Somebody who has not signed in: only what the request says is known. Owns nothing. */
void subject_make_unknown(
    const struct config *, const struct access_request *, struct subject *out);

/* What must be true of a token under this configuration. The caller adds nonce and
 * access_token. Borrows the configuration. */
struct expectation subject_expect(const struct config *, enum token_use, long long now);

bool subject_has_group(const struct subject *, const char *name);

/* A claim as a set of values: a string or a boolean is one value; an array of strings alone
 * or of booleans alone is several; anything else is unreadable, and so is an absent claim. */
bool subject_is_readable(const struct cJSON *claim);
/* Is the text, or if it is NULL the boolean, one of them? The claim must be readable. */
bool subject_value_is(const struct cJSON *claim, const char *text, bool truth);

#endif
