/* SPDX-License-Identifier: MIT
 *
 * Which local user a verified identity is, and which name is sent to Cognito. What comes
 * back in the verified token decides alone; the name that was typed never does.
 */
#ifndef HELPER_POLICY_USERS_H
#define HELPER_POLICY_USERS_H

#include <stdbool.h>
#include <stddef.h>

struct cJSON;
struct claims;
struct config;
struct record_identity;

/* Without NUL. Cognito: USERNAME has 1-128 characters of up to 4 bytes. */
#define USERS_NAME_MAX 512

/* The name that is sent as USERNAME: the map entry's login, else with users.from_accounts the
 * record's, else the local name with strip_prefix and strip_suffix put back. Returns 0,
 * RESULT_IDENTITY when it does not fit size, or RESULT_USER_RECORD: there is no record. */
int users_login_name(const struct config *, const char *local_name,
    const struct record_identity *account, char *out, size_t size);

/* Is this identity that local user? The map entry if there is one (all its conditions but
 * login), else with users.from_accounts the issuer and sub of the account's own record, else
 * users.claim: lowercase first, then strip; a value without prefix and suffix
 * matches nobody; "cognito:username" also reads an access token's username; the e-mail claim
 * only with email_verified true (boolean). Returns 0, RESULT_IDENTITY or RESULT_USER_RECORD. */
int users_match(const struct config *, const struct claims *, const char *local_name,
    const struct record_identity *account);

/* One condition of a map entry, a member of the document. */
bool users_condition_holds(
    const struct config *, const struct claims *, const struct cJSON *condition);

/* May the claim of this name be believed? Whoever may write an e-mail address may write
 * anybody's, until it is verified; every other claim counts. */
bool users_claim_counts(const struct config *, const struct claims *, const char *name);

/* The local name that this identity has by users.claim, for messages and explain;
 * returns 0, or RESULT_IDENTITY when there is none. Not a decision. */
int users_name_of(const struct config *, const struct claims *, char *out, size_t size);

/* The same for the text of the claim. */
int users_name_from(const struct config *, const char *text, char *out, size_t size);

/* Has this local name a map entry with a condition on sub? */
bool users_names_sub(const struct config *, const char *local_name);

#endif
