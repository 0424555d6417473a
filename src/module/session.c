/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "module/pam_data.h"
#include "module/phases.h"
#include "module/transaction.h"

void session_open(struct transaction *t)
{
	const struct allowed *a = account_allowed(t);
	struct field one;
	if (a == NULL)
		return;
	struct field rest = field_of(&a->exports);
	while (ticket_export_next(&rest, &one)) {
		char *variable = strndup(one.bytes, one.len);
		if (variable != NULL)
			pam_putenv(t->pamh, variable);
		secret_free(variable);
	}
}
