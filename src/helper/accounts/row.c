/* SPDX-License-Identifier: MIT */
#include "helper/accounts/row.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/result.h"
#include "common/text.h"
#include "helper/accounts/export.h"

static char *own(const char *text)
{
	return strdup(text != NULL ? text : "");
}

struct plan_row *row_add(
    struct plan *plan, enum plan_state state, const char *name, uint32_t id)
{
	if (plan->len == plan->size) {
		size_t size = plan->size > 0 ? plan->size * 2 : 64;
		struct plan_row *rows = reallocarray(plan->rows, size, sizeof(*rows));
		if (rows == NULL)
			return NULL;
		plan->rows = rows;
		plan->size = size;
	}
	struct plan_row *row = &plan->rows[plan->len++];
	*row = (struct plan_row){.state = state, .id = id};
	text_printable(name, strlen(name), row->name, sizeof(row->name));
	return row;
}

int row_fill(struct plan_row *row, const char *issuer, const char *sub, const char *login,
    const char *real_name)
{
	row->issuer = own(issuer);
	row->sub = own(sub);
	row->login = own(login);
	row->real_name = own(real_name);
	row->keys = row->keys != NULL ? row->keys : own("");
	bool is_whole = row->issuer != NULL && row->sub != NULL && row->login != NULL &&
			row->real_name != NULL && row->keys != NULL;
	return is_whole ? 0 : RESULT_MEMORY;
}

void row_tell(struct plan_row *row, const char *format, ...)
{
	char text[PLAN_WHY_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	text_printable(text, strlen(text), row->why, sizeof(row->why));
}

int row_leave_out(struct plan *plan, const char *issuer, const struct export_person *p,
    const char *name, const char *format, ...)
{
	char text[PLAN_WHY_MAX];
	struct plan_row *row = row_add(plan, PLAN_LEFT_OUT, name != NULL ? name : "", 0);
	va_list args;
	if (row == NULL)
		return RESULT_MEMORY;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	text_printable(text, strlen(text), row->why, sizeof(row->why));
	return row_fill(row, issuer, p->sub, p->login, "");
}

int row_order(const void *left, const void *right)
{
	const struct plan_row *a = left, *b = right;
	bool is_group = a->state == PLAN_GROUP, is_other_group = b->state == PLAN_GROUP;
	if (is_group != is_other_group)
		return is_group ? -1 : 1;
	int order = strcmp(a->name, b->name);
	if (order != 0)
		return order;
	return strcmp(a->sub, b->sub);
}

void plan_free(struct plan *plan)
{
	if (plan == NULL)
		return;
	for (size_t i = 0; i < plan->len; i++) {
		struct plan_row *row = &plan->rows[i];
		free(row->issuer);
		free(row->sub);
		free(row->login);
		free(row->real_name);
		free(row->keys);
	}
	free(plan->rows);
	free(plan);
}
