/* SPDX-License-Identifier: MIT
 *
 * A claim as a set of values: a string or a boolean is one value, an array of strings
 * alone or of booleans alone is several. Everything else is unreadable. Pure.
 */
#ifndef HELPER_POLICY_RULES_VALUES_H
#define HELPER_POLICY_RULES_VALUES_H

#include <stdbool.h>

struct cJSON;
struct claims;
struct config_claim;

/* False for an absent claim, too. */
bool values_are_readable(const struct cJSON *claim);

/* Is the text, or if it is NULL the boolean, one of them? The claim must be readable. */
bool values_have(const struct cJSON *claim, const char *text, bool truth);

/* The claim of the literal name, else the one at the end of the way; *out is NULL when it
 * is absent. False when the way leads through something that is no object. */
bool values_find(
    const struct claims *, const struct config_claim *wanted, const struct cJSON **out);

#endif
