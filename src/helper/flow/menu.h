/* SPDX-License-Identifier: MIT
 *
 * A short numbered list, answered by the number.
 */
#ifndef HELPER_FLOW_MENU_H
#define HELPER_FLOW_MENU_H

#include <stddef.h>

struct flow;

#define MENU_MOST 9 /* one digit; Cognito offers at most six ways */

/* Asks until a number of the list is typed, three times at most; a single choice is taken
 * without asking. labels are printable. Returns 0 with *chosen (from 0), RESULT_CANCELLED
 * (nothing typed), RESULT_CODE_TRIES, or as prompt_answer(). */
int menu_choose(
    struct flow *, const char *title, const char *const *labels, size_t count, size_t *chosen);

#endif
