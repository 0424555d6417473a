/* SPDX-License-Identifier: MIT
 *
 * A second verifier of tokens, of OpenSSL and jansson. It shares no line with the helper's:
 * what the RFCs, OpenID Connect and Cognito's documentation require is written down once more.
 */
#ifndef TESTS_DIFFERENTIAL_SECOND_H
#define TESTS_DIFFERENTIAL_SECOND_H

#include <stddef.h>

#include "differential/counts.h"

struct expectation;
struct second_set;

/* A key set; never NULL. second_set_free() */
struct second_set *second_set_read(const char *text, size_t len);
void second_set_free(struct second_set *);

/* Is it a token that this set has signed, and is it what is expected? *why, if not NULL: a word
 * for the first rule that it breaks, or "". */
enum second_answer second_judge(const char *token, size_t len, const struct second_set *,
    const struct expectation *, const char **why);

#endif
