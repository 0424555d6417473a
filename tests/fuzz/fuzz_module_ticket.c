/* SPDX-License-Identifier: MIT
 *
 * A ticket's file as any bytes: what is read is exactly what writing it again gives, or a
 * ticket of the older format, which is an expired one; its parts keep to their limits. And a
 * helper's decisions and exports: what is applied can be read again, anything else changes
 * nothing.
 */
#include <string.h>

#include "common/buffer.h"
#include "common/message.h"
#include "common/result.h"
#include "common/text.h"
#include "fuzz.h"
#include "module/ticket.h"

static void judge(const struct ticket *t)
{
	const struct ticket_owner own = {t->user, t->uid, t->path, t->boot, t->born};
	const struct ticket_owner other = {t->user, t->uid + 1, t->path, t->boot, t->born};
	const struct ticket_owner early = {t->user, t->uid, t->path, t->boot, t->born - 1};
	const struct ticket_owner later = {t->user, t->uid, t->path, "another", t->born};
	HOLDS(ticket_judge(t, &other) == TICKET_ABSENT);
	HOLDS(streq(t->boot, "another") || ticket_judge(t, &later) == TICKET_EXPIRED);
	if (t->boot[0] == '\0')
		HOLDS(ticket_judge(t, &own) == TICKET_EXPIRED);
	else
		HOLDS(ticket_judge(t, &early) == TICKET_ABSENT);
}

static void walk(const struct ticket *t)
{
	struct ticket_decision d, found;
	struct field rest = {buffer_text(&t->decisions), t->decisions.len}, one;
	size_t decisions = 0, exports = 0;
	for (; rest.len > 0; decisions++) {
		HOLDS(ticket_decision_next(&rest, &d) && d.service[0] != '\0');
		HOLDS(ticket_decision_find(t, d.service, &found));
		HOLDS(found.seconds == d.seconds && streq(found.rule, d.rule));
		HOLDS(ticket_decision_left(t, &d, t->decided) <= TICKET_DECISION_MOST * 1000);
	}
	rest = (struct field){buffer_text(&t->exports), t->exports.len};
	for (; rest.len > 0; exports++)
		HOLDS(
		    ticket_export_next(&rest, &one) && memchr(one.bytes, '=', one.len) != NULL);
	HOLDS(decisions <= TICKET_DECISIONS_MOST && exports <= MESSAGE_EXPORTS_MOST);
}

static void check_parts(const struct ticket *t)
{
	HOLDS(t->uid != (uid_t)-1 && t->user[0] != '\0' && t->path[0] != '\0');
	HOLDS(t->body.len <= MESSAGE_TICKET_MAX);
	walk(t);
	judge(t);
}

/* bytes[len] is NUL. */
static void read_file(const char *bytes, size_t len)
{
	struct ticket t = {.user = ""};
	struct buffer again = BUFFER_INIT(TICKET_BYTES_MAX);
	if (ticket_decode(bytes, len, &t)) {
		check_parts(&t);
		HOLDS(ticket_encode(&t, &again) == 0);
		if (t.boot[0] != '\0')
			HOLDS(again.len == len && memcmp(again.bytes, bytes, len) == 0);
		else
			HOLDS(text_starts(bytes, "pam_cognito_oidc ticket 1\n") &&
			      t.born == 0 && t.decisions.len + t.exports.len == 0);
	} else {
		HOLDS(t.user[0] == '\0' && t.body.len == 0);
	}
	ticket_wipe(&t);
	buffer_wipe(&again);
}

static void apply(struct field decisions, struct field exports)
{
	static const struct ticket_owner owner = {"alice", 1001, "/etc/c.json", "boot", 1000};
	const struct ticket_news news = {{"{}", 2}, decisions, exports, 60, 1000};
	struct ticket t, again = {.user = ""};
	struct buffer before = BUFFER_INIT(TICKET_BYTES_MAX),
		      after = BUFFER_INIT(TICKET_BYTES_MAX);
	bool changed = false;
	HOLDS(ticket_begin(&t, &owner));
	memcpy(t.sub, "sub", sizeof("sub"));
	HOLDS(ticket_encode(&t, &before) == 0);
	int r = ticket_apply(&t, RESULT_ALLOWED, &news, "fingerprint", &changed);
	HOLDS(ticket_encode(&t, &after) == 0 && changed == (r == 0));
	if (r == 0) {
		HOLDS(ticket_decode(buffer_text(&after), after.len, &again));
		check_parts(&again);
		HOLDS(ticket_judge(&again, &owner) == TICKET_LIVE);
	} else {
		HOLDS(r == RESULT_HELPER_FRAME && before.len == after.len &&
		      memcmp(before.bytes, after.bytes, after.len) == 0);
	}
	ticket_wipe(&t);
	ticket_wipe(&again);
	buffer_wipe(&before);
	buffer_wipe(&after);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = malloc(len + 1);
	if (text == NULL)
		return 0;
	if (len > 0)
		memcpy(text, bytes, len);
	text[len] = '\0';
	read_file(text, len);
	apply((struct field){text, len}, (struct field){"", 0});
	apply((struct field){"", 0}, (struct field){text, len});
	free(text);
	return 0;
}
