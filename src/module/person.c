/* SPDX-License-Identifier: MIT */
#include "module/person.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/message.h"
#include "common/paths.h"
#include "common/result.h"
#include "common/text.h"
#include "module/binding.h"
#include "module/recheck.h"
#include "module/ticket_file.h"
#include "module/transaction.h"

/* With "recheck": 0 no line ever holds; what account has verified so recently still tells
 * the session that follows. Milliseconds. */
#define JUST_VERIFIED 60000

static bool fill(
    struct person *p, const char *user, uid_t uid, const char *groups, const char *exports)
{
	snprintf(p->user, sizeof(p->user), "%s", user);
	snprintf(p->groups, sizeof(p->groups), "%s", groups);
	p->uid = uid;
	return buffer_append_text(&p->exports, exports) == 0;
}

static bool believe(struct transaction *t, const struct ticket *k, struct ticket_line *line)
{
	if (recheck_judge(t, k) != 0 || !streq(k->print, t->print) ||
	    !ticket_lines_find(buffer_text(&k->lines), t->service, line))
		return false;
	int64_t now = clock_boot_ms();
	return ticket_line_holds(line, now) || now - k->verified < JUST_VERIFIED;
}

/* Never in a set-uid host: there PAM_USER is not who has started it. */
static bool find_by_ticket(struct transaction *t, struct person *p)
{
	struct ticket k = {.user = ""};
	struct ticket_line line;
	if (getuid() != paths.trusted_uid || transaction_examine(t) != 0)
		return false;
	int r = localuser_check(t->pamh, t->user, &t->options, &t->uid);
	if (r != 0 || localuser_is_unmanaged(r, t->uid))
		return false;
	bool found = ticket_file_read(t->uid, t->options.config, &k) && believe(t, &k, &line) &&
		     fill(p, t->user, t->uid, line.groups, buffer_text(&k.exports));
	ticket_wipe(&k);
	return found;
}

bool person_find(struct transaction *t, struct person *p)
{
	const struct binding_person *b = NULL;
	memset(p, 0, sizeof(*p));
	p->exports.max = MESSAGE_EXPORTS_MAX;
	if (binding_allowed(t->pamh, &b))
		return b != NULL && fill(p, b->user, b->uid, b->groups, b->exports);
	/* Auth has spoken in this process and account has not: nobody has been allowed. */
	if (binding_check(t->pamh, t->user, t->uid, t->service) != RESULT_NOT_SIGNED_IN)
		return false;
	return find_by_ticket(t, p);
}

void person_forget(struct person *p)
{
	buffer_wipe(&p->exports);
}
