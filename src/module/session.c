/* SPDX-License-Identifier: MIT */
#include "module/session.h"

#include <string.h>

#include "common/buffer.h"
#include "module/person.h"
#include "module/transaction.h"

void session_export(struct transaction *t)
{
	struct person p;
	const char *line = NULL;
	size_t len = 0;
	if (person_find(t, &p)) {
		const char *at = buffer_text(&p.exports);
		while (ticket_exports_next(&at, &line, &len)) {
			char *variable = strndup(line, len);
			if (variable != NULL)
				pam_putenv(t->pamh, variable);
			secret_free(variable);
		}
	}
	person_forget(&p);
}
