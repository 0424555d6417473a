/* SPDX-License-Identifier: MIT
 *
 * The claims of a token that was verified earlier, as a ticket keeps them. The second and
 * last constructor of struct claims in the helper: a refresh is compared with what the
 * sign-in said, and rules are judged again while that is young, and by then the token itself
 * has expired. What is decoded was verified by whoever encoded it; the ticket is root's
 * file and comes from the module alone. Only ticket/ticket_body.c may include this.
 */
#ifndef HELPER_TOKEN_CLAIMS_CACHED_H
#define HELPER_TOKEN_CLAIMS_CACHED_H

#include <stddef.h>

struct buffer;
struct claims;

/* Appends the payload, as it was signed, in base64url: at most JWT_MAX bytes. Returns 0 or a
 * result code. */
int claims_cached_encode(const struct claims *, struct buffer *out);

/* *out is NULL unless 0 is returned; the caller frees it with claims_free(). Returns 0,
 * RESULT_TOKEN_FORM, RESULT_TOKEN_PAYLOAD or RESULT_MEMORY. */
int claims_cached_decode(const char *text, struct claims **out);

#endif
