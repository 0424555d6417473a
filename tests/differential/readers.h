/* SPDX-License-Identifier: MIT
 *
 * What different readers of JSON see in a text, told in one form: values in their order, names
 * and strings by their bytes, and numbers by their value if they are integers of at most twelve
 * digits without a sign, and not 0. Names of jansson, json-c and ours collide: one file each.
 */
#ifndef TESTS_DIFFERENTIAL_READERS_H
#define TESTS_DIFFERENTIAL_READERS_H

#include <stdbool.h>

#include "differential/counts.h"
#include "differential/mutate.h"

#define READERS_INTEGER_MAX 999999999999

/* Each tells what it sees: "" unless SECOND_YES. Twice the same name is no. */
enum second_answer read_jansson(const struct text *, struct text *out);
/* Twice the same name: json-c takes the last one, and tells that. */
enum second_answer read_json_c(const struct text *, struct text *out);

void tell_string(struct text *out, const char *bytes, size_t len);
void tell_number(struct text *out, bool is_integer, long long value);

#endif
