/* SPDX-License-Identifier: MIT
 *
 * The rows of a plan: how they are added, and what they tell.
 */
#ifndef HELPER_ACCOUNTS_ROW_H
#define HELPER_ACCOUNTS_ROW_H

#include "helper/accounts/plan.h"

struct export_person;

/* A new row at the end of the plan, or NULL; the next one may move it. name is made printable.
 */
struct plan_row *row_add(struct plan *, enum plan_state, const char *name, uint32_t id);

/* Copies the texts; NULL is "". Returns 0 or RESULT_MEMORY. */
int row_fill(struct plan_row *, const char *issuer, const char *sub, const char *login,
    const char *real_name);

/* What the row tells whoever reads the plan. Text from the pool may be formatted. */
void row_tell(struct plan_row *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds a row of somebody who gets no account, and why. Returns 0 or RESULT_MEMORY. */
int row_leave_out(struct plan *, const char *issuer, const struct export_person *,
    const char *name, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* For qsort(): groups first, then by name and sub. */
int row_order(const void *, const void *);

#endif
