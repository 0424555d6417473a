/* SPDX-License-Identifier: MIT
 *
 * What a verified token says, and whether it is for us, now. Pure: time is an argument.
 * struct claims comes only from jwt_verify(), or from a ticket that keeps what jwt_verify()
 * once returned (claims_make.h).
 */
#ifndef HELPER_TOKEN_CLAIMS_H
#define HELPER_TOKEN_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>

struct cJSON;
struct claims;
struct scan_slice;

enum token_use { TOKEN_USE_ID, TOKEN_USE_ACCESS };

/* What a token must be. Pointers are borrowed. */
struct expectation {
	const char *issuer;
	const char *const *alternate_issuers; /* NULL-terminated; NULL: none */
	const char *client_id;
	enum token_use token_use;
	bool token_use_optional; /* an ID token of another provider may lack token_use */
	const char *nonce; /* NULL: the token's nonce is not looked at */
	const char *access_token; /* for at_hash; NULL: at_hash is not compared */
	long long leeway; /* seconds of clock skew */
	long long now; /* seconds since the epoch */
};

/* One check: one claim, one condition, one result code. */
struct claim_check {
	const char *name; /* for people */
	const char *claim[2]; /* the claim's name, by enum token_use */
	int code; /* RESULT_CLAIM_*, whose phrase says what is wrong */
	bool (*holds)(const struct claims *, const struct expectation *, const char *claim);
	bool is_time; /* the claim is in seconds since the epoch */
	bool optional; /* the claim may be absent */
};

/* All checks in their order: iss, token_use, aud or client_id, exp, nbf, iat, auth_time,
 * nonce, at_hash, sub, username. The command's verify reports every one of them. */
extern const struct claim_check claims_checks[];
extern const size_t claims_checks_len;

/* Is this check passed? */
bool claims_hold(const struct claims *, const struct expectation *, const struct claim_check *);

/* Returns 0, or the code of the first check that fails. */
int claims_check(const struct claims *, const struct expectation *);

void claims_free(struct claims *); /* wipes; NULL is accepted */

/* A claim by its literal name, or NULL; borrowed. Read it with json.h's getters. */
const struct cJSON *claims_get(const struct claims *, const char *name);
/* A string claim, or NULL when absent or of another type. */
const char *claims_text(const struct claims *, const char *name);
/* An integer claim of the form json_integer() takes. */
bool claims_integer(const struct claims *, const char *name, long long *out);
/* The raw text of a claim, or of an element or member of one; borrowed. False for a value of
 * other claims. */
bool claims_raw(const struct claims *, const struct cJSON *value, struct scan_slice *raw);

/* sub: 1 to 255 bytes without control characters, once claims_check() has passed. */
const char *claims_sub(const struct claims *);
/* The kind of the token, by its own word: an ID token unless it says access. */
enum token_use claims_token_use(const struct claims *);
/* What this token calls a claim of that name: an access token has "username" for
 * "cognito:username". */
const char *claims_name(const struct claims *, const char *name);
/* "cognito:username" of an ID token, "username" of an access token; NULL when absent. */
const char *claims_username(const struct claims *);

#endif
