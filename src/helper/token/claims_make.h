/* SPDX-License-Identifier: MIT
 *
 * The constructors of struct claims. Each of them may be called in one place only, and only
 * for what has verified (tests/rules/includes.sh checks it):
 *
 *	claims_make()		jwt.c, after the signature has verified. The command's dry run
 *				of rules over claims from a file (cli/explain.c, which
 *				the helper does not link), tests and fuzz targets call it too
 *	claims_cached_decode()	policy/ticket_body.c. The claims were verified by the helper
 *				that encoded them; the ticket is root's file and comes from the
 *				module alone
 */
#ifndef HELPER_TOKEN_CLAIMS_MAKE_H
#define HELPER_TOKEN_CLAIMS_MAKE_H

#include <stddef.h>

struct buffer;
struct claims;

/* The payload must be a strict JSON object. *out is NULL unless 0 is returned; the caller
 * frees it with claims_free(). Returns 0, RESULT_TOKEN_PAYLOAD or RESULT_MEMORY. */
int claims_make(const char *payload, size_t len, struct claims **out);

/* Appends the payload, as it was signed, in base64url: at most JWT_MAX bytes. Returns 0 or a
 * result code. A ticket keeps it because the token itself expires: a refresh is compared with
 * what the sign-in said, and rules are judged again. */
int claims_cached_encode(const struct claims *, struct buffer *out);

/* *out is NULL unless 0 is returned; the caller frees it with claims_free(). Returns 0,
 * RESULT_TOKEN_FORM, RESULT_TOKEN_PAYLOAD or RESULT_MEMORY. */
int claims_cached_decode(const char *text, struct claims **out);

#endif
