/* SPDX-License-Identifier: MIT
 *
 * What a verified token says, and whether it is for us, now. Pure: time is an argument.
 * struct claims comes only from jwt_verify(), or, in a ticket, from what that once returned.
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
	const char *nonce; /* NULL: a nonce in the token is not looked at */
	const char
	    *access_token; /* for at_hash (OpenID Connect Core 3.1.3.6); NULL: not checked */
	long long leeway; /* seconds of clock skew */
	long long now; /* seconds since the epoch */
};

/* The ladder of checks in its order: iss, token_use, aud or client_id, exp, nbf, iat,
 * auth_time, nonce, at_hash, sub, username. Each has a name and a function that returns 0
 * or its own result code. `verify` prints it line by line; claims_check() stops at the
 * first that fails. */
struct claims_rung {
	const char *name;
	int (*check)(const struct claims *, const struct expectation *);
};
extern const struct claims_rung claims_ladder[];
extern const size_t claims_ladder_len;

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

/* The payload as it was signed; borrowed. */
const char *claims_source(const struct claims *, size_t *len);

/* sub: 1 to 255 bytes without control characters (checked by the ladder). */
const char *claims_sub(const struct claims *);
/* "cognito:username" of an ID token, "username" of an access token; NULL when absent. */
const char *claims_username(const struct claims *);

#endif
