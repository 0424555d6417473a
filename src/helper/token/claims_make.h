/* SPDX-License-Identifier: MIT
 *
 * The constructor of struct claims. In the helper only jwt.c may include this, after the
 * signature has verified, and claims_cached.c, for what did so earlier; claims.c defines it.
 * The command's dry run of rules over claims from a file (cli/unverified_claims.c, which the
 * helper does not link), tests and fuzz harnesses include it too.
 */
#ifndef HELPER_TOKEN_CLAIMS_MAKE_H
#define HELPER_TOKEN_CLAIMS_MAKE_H

#include <stddef.h>

struct claims;

/* The payload must be a strict JSON object. *out is NULL unless 0 is returned; the caller
 * frees it with claims_free(). Returns 0, RESULT_TOKEN_PAYLOAD or RESULT_MEMORY. */
int claims_make(const char *payload, size_t len, struct claims **out);

#endif
