/* SPDX-License-Identifier: MIT
 *
 * A ticket as the module keeps it: what is written is read again and nothing else is; for
 * whom and until when it is worth something; what the helper may do to it. The files are
 * included, so that a mutant of them is judged by this alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/message.h"
#include "common/result.h"
#include "module/ticket.c"
#include "module/ticket_frame.c"
#include "module/ticket_line.c"

#define BOOT "01234567-89ab-cdef-0123-456789abcdef"
#define NOW 5000000

static const struct ticket_owner alice = {"alice", 1001, "/etc/c.json", BOOT, NOW};

/* Signed in and verified a second ago, for 100 seconds more. */
static void make(struct ticket *t)
{
	assert_true(ticket_begin(t, &alice));
	snprintf(t->print, sizeof(t->print), "print");
	snprintf(t->sub, sizeof(t->sub), "a-sub");
	t->born = t->verified = NOW - 1000;
	t->until = NOW + 100000;
	assert_int_equal(buffer_append_text(&t->lines, "sshd 5060000 video,x-1 the rule\n"), 0);
	assert_int_equal(buffer_append_text(&t->exports, "OIDC_CLAIM_sub=a-sub\n"), 0);
	assert_int_equal(buffer_append(&t->body, "{\0end\n", 6), 0);
}

static void what_is_written_is_read_again(void **state)
{
	(void)state;
	struct ticket t, again = {.user = ""};
	struct buffer text = BUFFER_INIT(TICKET_TEXT_MAX), twice = BUFFER_INIT(TICKET_TEXT_MAX);
	make(&t);
	for (int refused = 0; refused < 2; refused++) {
		t.refused = refused == 1;
		buffer_wipe(&text);
		buffer_wipe(&twice);
		assert_int_equal(ticket_encode(&t, &text), 0);
		assert_true(ticket_decode(text.bytes, text.len, &again));
		assert_int_equal(ticket_encode(&again, &twice), 0);
		assert_int_equal(text.len, twice.len);
		assert_memory_equal(text.bytes, twice.bytes, text.len);
		assert_string_equal(again.user, "alice");
		assert_int_equal(again.uid, 1001);
		assert_string_equal(again.path, "/etc/c.json");
		assert_string_equal(again.print, "print");
		assert_string_equal(again.boot, BOOT);
		assert_string_equal(again.sub, "a-sub");
		assert_int_equal(again.born, NOW - 1000);
		assert_int_equal(again.verified, NOW - 1000);
		assert_int_equal(again.until, NOW + 100000);
		assert_int_equal(again.refused, refused);
		assert_int_equal(again.body.len, 6);
	}
	ticket_wipe(&t);
	ticket_wipe(&again);
	buffer_wipe(&text);
	buffer_wipe(&twice);
}

static void cut_anywhere_or_longer_it_is_none(void **state)
{
	(void)state;
	struct ticket t, again = {.user = ""};
	struct buffer text = BUFFER_INIT(TICKET_TEXT_MAX);
	make(&t);
	assert_int_equal(ticket_encode(&t, &text), 0);
	size_t len = text.len;
	assert_int_equal(buffer_append_text(&text, "\n"), 0);
	for (size_t n = 0; n <= len + 1; n++) {
		assert_int_equal(ticket_decode(text.bytes, n, &again), n == len);
		assert_int_equal(again.born != 0, n == len);
	}
	ticket_wipe(&t);
	ticket_wipe(&again);
	buffer_wipe(&text);
}

/* Replaces the first occurrence. */
static bool reads_with(const char *old, const char *new)
{
	struct ticket t, again = {.user = ""};
	struct buffer text = BUFFER_INIT(TICKET_TEXT_MAX), other = BUFFER_INIT(TICKET_TEXT_MAX);
	make(&t);
	assert_int_equal(ticket_encode(&t, &text), 0);
	char *at = memmem(text.bytes, text.len, old, strlen(old));
	assert_non_null(at);
	size_t before = (size_t)(at - text.bytes);
	assert_int_equal(buffer_append(&other, text.bytes, before), 0);
	assert_int_equal(buffer_append_text(&other, new), 0);
	assert_int_equal(
	    buffer_append(&other, at + strlen(old), text.len - before - strlen(old)), 0);
	bool read = ticket_decode(other.bytes, other.len, &again);
	ticket_wipe(&t);
	ticket_wipe(&again);
	buffer_wipe(&text);
	buffer_wipe(&other);
	return read;
}

#define PATH_TO_SUB "path /etc/c.json\nprint print\nboot " BOOT "\nsub a-sub\n"
#define TIMES "born 4999000\nverified 4999000\nuntil 5100000\nrefused 0\n"

static void odd_texts_are_none(void **state)
{
	(void)state;
	static const struct {
		const char *old, *new;
	} rows[] = {
	    {"ticket 1", "ticket 2"},
	    {"user alice\n", ""},
	    {"user alice", "user "},
	    {"user alice", "User alice"},
	    {"user alice", "user al\tice"},
	    {"user alice", "user al\177ice"},
	    {"uid 1001\n" PATH_TO_SUB TIMES, ""},
	    {PATH_TO_SUB TIMES, ""},
	    {TIMES, ""},
	    {"uid 1001", "uid -1"},
	    {"uid 1001", "uid 4294967295"},
	    {"uid 1001", "uid 01001"},
	    {"uid 1001", "uid 0x3e9"},
	    {"uid 1001", "uid 1001 "},
	    {"boot 0", "boot  00"},
	    {"born 4", "born -4"},
	    {"born 4999000", "born 1000000000000000"},
	    {"refused 0", "refused 2"},
	    {"refused 0", "refused 00"},
	    {"lines 32", "lines 31"},
	    {"lines 32", "lines 33"},
	    {"lines 32", "lines 999999"},
	    {"lines 32\nsshd 5060000 video,x-1 the rule\n\n", "lines 999999\n"},
	    {"lines 32\nsshd 5060000 video,x-1 the rule\n\n", "lines 999999\n\n"},
	    {"lines 32\nsshd 5060000 video,x-1 the rule\n\n", "lines x\n\n"},
	    {"body 6", "body 5"},
	    {"body 6", "body 7"},
	    {"body 6", "body 99999999999"},
	    {"sshd 5", "sshd x"},
	    {"video", "vid:o"},
	    {"rule\n", "rule\001"},
	    {"OIDC_CLAIM_sub", "OIDC-CLAIM_sub"},
	    {"=a-sub\n", "=a-sub\001"},
	    {"\nend\n", "\nEnd\n"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (reads_with(rows[i].old, rows[i].new))
			fail_msg("%s instead of %s", rows[i].new, rows[i].old);
	char user[5 + TICKET_USER_MAX + 2] = "user ";
	memset(user + 5, 'a', TICKET_USER_MAX + 1);
	user[5 + TICKET_USER_MAX + 1] = '\0';
	assert_false(reads_with("user alice", user));
	user[5 + TICKET_USER_MAX] = '\0';
	assert_true(reads_with("user alice", user));
	/* Longer than the whole ticket. */
	char beyond[3 * sizeof(struct ticket)];
	memset(beyond, 'a', sizeof(beyond));
	memcpy(beyond, "user ", 5);
	beyond[sizeof(beyond) - 1] = '\0';
	assert_false(reads_with("user alice", beyond));
	assert_true(reads_with("user alice", "user al ice"));
	assert_true(reads_with("lines 32\nsshd 5060000 video,x-1 the rule\n\n", "lines 0\n\n"));
	assert_true(reads_with("uid 1001", "uid 0"));
	assert_true(reads_with("uid 1001", "uid 4294967294"));
	assert_true(reads_with("born 4999000", "born 999999999999999"));
}

static void names_that_would_end_a_line_begin_no_ticket(void **state)
{
	(void)state;
	struct ticket t;
	struct ticket_owner h = alice;
	h.user = "al\nuid 0";
	assert_false(ticket_begin(&t, &h));
	h.user = "";
	assert_false(ticket_begin(&t, &h));
	h = alice;
	h.path = "/etc/\n";
	assert_false(ticket_begin(&t, &h));
	h = alice;
	h.boot = "";
	assert_false(ticket_begin(&t, &h));
	char long_name[TICKET_USER_MAX + 2];
	memset(long_name, 'a', sizeof(long_name));
	long_name[TICKET_USER_MAX + 1] = '\0';
	h = alice;
	h.user = long_name;
	assert_false(ticket_begin(&t, &h));
	long_name[TICKET_USER_MAX] = '\0';
	assert_true(ticket_begin(&t, &h));
}

static enum ticket_worth judged(void (*change)(struct ticket *, struct ticket_owner *))
{
	struct ticket t;
	struct ticket_owner h = alice;
	make(&t);
	if (change != NULL)
		change(&t, &h);
	enum ticket_worth worth = ticket_judge(&t, &h);
	ticket_wipe(&t);
	return worth;
}

#define CHANGE(name, what)                                                                     \
	static void name(struct ticket *t, struct ticket_owner *h)                             \
	{                                                                                      \
		(void)t, (void)h;                                                              \
		what;                                                                          \
	}
CHANGE(another_user, h->user = "bob")
CHANGE(a_longer_user, h->user = "alice2")
CHANGE(another_uid, h->uid = 1002)
CHANGE(uid_0, h->uid = 0)
CHANGE(another_path, h->path = "/etc/d.json")
CHANGE(another_boot, h->boot = "11234567-89ab-cdef-0123-456789abcdef")
CHANGE(no_boot, h->boot = "")
CHANGE(born_ahead, t->born = NOW + 1; t->verified = NOW + 1)
CHANGE(verified_ahead, t->verified = NOW + 1)
CHANGE(never_born, t->born = 0)
CHANGE(verified_first, t->verified = t->born - 1)
CHANGE(too_long, t->until = t->born + (int64_t)TICKET_LIFETIME_MOST * 1000 + 1)
CHANGE(over_now, h->now = t->until)
CHANGE(over, h->now = t->until + 1)
CHANGE(refused_by_cognito, t->refused = true)
CHANGE(refused_and_over, t->refused = true; h->now = t->until)
CHANGE(born_now, t->born = NOW; t->verified = NOW)
CHANGE(as_long_as_any, t->until = t->born + (int64_t)TICKET_LIFETIME_MOST * 1000)
CHANGE(one_more, h->now = t->until - 1)

static void it_is_worth_something_to_one_person_for_a_time(void **state)
{
	(void)state;
	void (*const absent[])(struct ticket *, struct ticket_owner *) = {another_user,
	    a_longer_user, another_uid, uid_0, another_path, another_boot, no_boot, born_ahead,
	    verified_ahead, never_born, verified_first, too_long};
	void (*const live[])(struct ticket *, struct ticket_owner *) = {
	    NULL, born_now, as_long_as_any, one_more};
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		if (judged(absent[i]) != TICKET_ABSENT)
			fail_msg("absent row %zu", i);
	for (size_t i = 0; i < sizeof(live) / sizeof(live[0]); i++)
		if (judged(live[i]) != TICKET_LIVE)
			fail_msg("live row %zu", i);
	assert_int_equal(judged(over_now), TICKET_EXPIRED);
	assert_int_equal(judged(over), TICKET_EXPIRED);
	assert_int_equal(judged(refused_by_cognito), TICKET_REFUSED);
	assert_int_equal(judged(refused_and_over), TICKET_EXPIRED);
}

static void an_empty_ticket_is_worth_nothing_to_anybody(void **state)
{
	(void)state;
	struct ticket t;
	assert_true(ticket_begin(&t, &alice));
	assert_int_equal(ticket_judge(&t, &alice), TICKET_ABSENT);
	ticket_wipe(&t);
	ticket_wipe(NULL);
	assert_int_equal(t.uid, (uid_t)-1);
	assert_int_equal(ticket_judge(&t, &alice), TICKET_ABSENT);
}

/* ---- lines ------------------------------------------------------------------------------- */

static int adopt(const char *text, struct buffer *out)
{
	out->max = MESSAGE_LINES_MAX * 3 / 2;
	buffer_wipe(out);
	return ticket_lines_adopt(text, NOW, out);
}

static void lines_become_absolute_and_are_cut(void **state)
{
	(void)state;
	struct buffer out = BUFFER_INIT(0);
	assert_int_equal(
	    adopt("sshd 60 - a b\nsudo 86400 video,x 1\nlogin 86401 - \nsu 0 - r", &out), 0);
	assert_string_equal(buffer_text(&out), "sshd 5060000 - a b\nsudo 91400000 video,x 1\n"
					       "login 91400000 - \nsu 5000000 - r\n");
	assert_true(ticket_lines_are_well_formed(buffer_text(&out), out.len));
	assert_int_equal(adopt("", &out), 0);
	assert_int_equal(out.len, 0);
	assert_true(ticket_lines_are_well_formed("", 0));
	buffer_wipe(&out);
}

static void lines_of_another_form_are_refused(void **state)
{
	(void)state;
	static const char *const rows[] = {"\n", "sshd\n", "sshd 1\n", "sshd 1 -\n", " 1 - r\n",
	    "sshd  - r\n", "sshd 1  r\n", "sshd -1 - r\n", "sshd +1 - r\n", "sshd 1s - r\n",
	    "sshd 1000000000000 - r\n", "sshd 1 , r\n", "sshd 1 a, r\n", "sshd 1 ,a r\n",
	    "sshd 1 a,,b r\n", "sshd 1 -a r\n", "sshd 1 a/b r\n", "sshd 1 a\tb r\n",
	    "sshd 1 - r\tr\n", "ss\thd 1 - r\n", "sshd 1 - a\nsshd 1 - b\n", "sshd 1 - a\n\n"};
	struct buffer out = BUFFER_INIT(0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (adopt(rows[i], &out) != RESULT_HELPER_FRAME)
			fail_msg("%s", rows[i]);
	buffer_wipe(&out);
	assert_false(ticket_lines_are_well_formed("sshd 1 - r", 10));
	assert_false(ticket_lines_are_well_formed("sshd 1 - r\n\0\n", 13));
	/* What does not fit is not cut silently. */
	struct buffer small = BUFFER_INIT(10);
	assert_int_equal(ticket_lines_adopt("sshd 1 - r\n", NOW, &small), RESULT_HELPER_FRAME);
	buffer_wipe(&small);
}

static void what_is_longer_than_its_place_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *before, *after;
		int most;
	} rows[] = {
	    {"", " 1 - r\n", TICKET_SERVICE_MAX},
	    {"sshd 1 - ", "\n", TICKET_RULE_MAX},
	    {"sshd 1 ", " r\n", TICKET_GROUP_MAX},
	};
	char name[1024], line[2048];
	struct buffer out = BUFFER_INIT(0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (int more = 0; more < 2; more++) {
			memset(name, 'n', sizeof(name));
			name[rows[i].most + more] = '\0';
			snprintf(
			    line, sizeof(line), "%s%s%s", rows[i].before, name, rows[i].after);
			assert_int_equal(
			    adopt(line, &out), more == 0 ? 0 : RESULT_HELPER_FRAME);
		}
	}
	/* 1,024 and 1,025 bytes of groups; 15 and 16 digits in a ticket. */
	for (int more = 0; more < 2; more++) {
		size_t n = (size_t)snprintf(line, sizeof(line), "sshd 1 ");
		for (int i = 0; i < 512; i++)
			n +=
			    (size_t)snprintf(line + n, sizeof(line) - n, i < 511 ? "g," : "gg");
		snprintf(line + n, sizeof(line) - n, more == 0 ? " r\n" : "g r\n");
		assert_int_equal(adopt(line, &out), more == 0 ? 0 : RESULT_HELPER_FRAME);
	}
	assert_true(ticket_lines_are_well_formed("s 999999999999999 - \n", 21));
	assert_false(ticket_lines_are_well_formed("s 0000000000000001 - \n", 22));
	buffer_wipe(&out);
}

static void the_line_of_the_service_alone_is_found(void **state)
{
	(void)state;
	struct ticket_line l;
	const char *text = "sshd 1 - a\nsudo 2 video,x the rule\nsudo-i 3 - c\n";
	assert_true(ticket_lines_find(text, "sudo", &l));
	assert_int_equal(l.time, 2);
	assert_string_equal(l.groups, "video,x");
	assert_string_equal(l.rule, "the rule");
	assert_true(ticket_lines_find(text, "sudo-i", &l));
	assert_string_equal(l.groups, "");
	static const char *const others[] = {"sud", "sudo-", "Sudo", "", "-", "sshd 1"};
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_false(ticket_lines_find(text, others[i], &l));
		assert_int_equal(l.time, 0);
		assert_string_equal(l.groups, "");
	}
	assert_false(ticket_lines_find("", "sudo", &l));
}

static void a_line_holds_before_its_time_and_not_from_far_ahead(void **state)
{
	(void)state;
	const int64_t most = (int64_t)TICKET_LINE_MOST * 1000;
	struct ticket_line l = {.time = NOW + 1};
	assert_true(ticket_line_holds(&l, NOW));
	assert_false(ticket_line_holds(&l, NOW + 1));
	assert_false(ticket_line_holds(&l, NOW + 2));
	l.time = NOW + most;
	assert_true(ticket_line_holds(&l, NOW));
	assert_false(ticket_line_holds(&l, NOW - 1));
}

static void groups_and_exports_have_their_forms(void **state)
{
	(void)state;
	struct buffer out = BUFFER_INIT(MESSAGE_EXPORTS_MAX);
	char name[TICKET_GROUP_MAX + 2];
	memset(name, 'g', sizeof(name));
	assert_true(ticket_is_group(name, TICKET_GROUP_MAX));
	assert_false(ticket_is_group(name, TICKET_GROUP_MAX + 1));
	assert_false(ticket_is_group("", 0));
	assert_true(ticket_is_group("a-b_c.9", 7));
	assert_true(ticket_is_group("a~", 2));
	assert_false(ticket_is_group("-a", 2));
	assert_false(ticket_is_group("a b", 3));
	assert_false(ticket_is_group("a\0b", 3));
	static const char *const rows[] = {"OIDC_CLAIM_\n", "OIDC_CLAIM_a\n", "OIDC_CLAIM_=b\n",
	    "OIDC_CLAIM_a-b=c\n", "OIDC_CLAIMa=b\n", "PATH=x\n", "\n", "OIDC_CLAIM_a=\001\n",
	    "OIDC_CLAIM_a=\177\n", "OIDC_CLAIM_a=b\nPATH=x\n", "=OIDC_CLAIM_a\n"};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (ticket_exports_adopt(rows[i], &out) != RESULT_HELPER_FRAME)
			fail_msg("%s", rows[i]);
	buffer_wipe(&out);
	assert_int_equal(
	    ticket_exports_adopt("OIDC_CLAIM_a_9=\xc3\xa4 =\nOIDC_CLAIM_b=", &out), 0);
	assert_string_equal(buffer_text(&out), "OIDC_CLAIM_a_9=\xc3\xa4 =\nOIDC_CLAIM_b=\n");
	assert_true(ticket_exports_are_well_formed(buffer_text(&out), out.len));
	assert_false(ticket_exports_are_well_formed(buffer_text(&out), out.len - 1));
	buffer_wipe(&out);
}

/* ---- what the helper may do ----------------------------------------------------------------
 */

static int apply(struct ticket *t, const char *state, const char *body, const char *lines,
    const char *exports, const char *lifetime, int64_t now)
{
	const char *texts[TICKET_FIELDS] = {state, body, lines, exports, lifetime};
	struct frame f = {.type = FRAME_TICKET, .count = TICKET_FIELDS};
	for (size_t i = 0; i < TICKET_FIELDS; i++)
		f.fields[i] = (struct field){texts[i], strlen(texts[i])};
	return ticket_frame_apply(&f, "new print", now, t);
}

/* On the heap, to the byte: a look beside it is seen. */
static bool is_well_formed(bool (*judge)(const char *, size_t), const char *text, size_t len)
{
	char *own = malloc(len + 1);
	assert_non_null(own);
	memcpy(own, text, len);
	own[len] = '\0';
	bool good = judge(own, len);
	free(own);
	return good;
}

static void kept_lines_and_exports_are_whole_and_not_too_many(void **state)
{
	static const struct {
		bool (*judge)(const char *, size_t);
		const char *begin, *end;
		int most;
	} rows[] = {
	    {ticket_lines_are_well_formed, "s", " 5060000 - rule", TICKET_LINES_MOST},
	    {ticket_exports_are_well_formed, "OIDC_CLAIM_a", "=b", TICKET_EXPORTS_MOST},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buffer text = BUFFER_INIT(64u * 1024);
		size_t whole = 0;
		assert_true(is_well_formed(rows[i].judge, "", 0));
		for (int n = 0; n <= rows[i].most; n++) {
			whole = text.len;
			assert_int_equal(buffer_append_format(
					     &text, "%s%d%s\n", rows[i].begin, n, rows[i].end),
			    0);
		}
		assert_false(is_well_formed(rows[i].judge, text.bytes, text.len));
		assert_true(is_well_formed(rows[i].judge, text.bytes, whole));
		assert_false(is_well_formed(rows[i].judge, text.bytes, whole - 1));
		text.bytes[whole - 2] = '\0';
		assert_false(is_well_formed(rows[i].judge, text.bytes, whole));
		buffer_wipe(&text);
	}
}

static void an_export_s_name_has_its_length_and_the_whole_its_room(void **state)
{
	char line[sizeof("OIDC_CLAIM_=b\n") + MESSAGE_EXPORT_NAME_MAX + 1];
	struct buffer small = BUFFER_INIT(10);
	(void)state;
	for (int more = 0; more < 2; more++) {
		snprintf(line, sizeof(line), "OIDC_CLAIM_%0*d=b\n",
		    MESSAGE_EXPORT_NAME_MAX + more, 0);
		assert_int_equal(ticket_exports_are_well_formed(line, strlen(line)), more == 0);
	}
	for (int more = 0; more < 2; more++) {
		struct buffer text = BUFFER_INIT(TICKET_EXPORT_MAX + 100);
		assert_int_equal(buffer_append_format(&text, "OIDC_CLAIM_a=%0*d\n",
				     (int)TICKET_EXPORT_MAX + more, 0),
		    0);
		assert_int_equal(
		    ticket_exports_are_well_formed(text.bytes, text.len), more == 0);
		buffer_wipe(&text);
	}
	assert_int_equal(ticket_exports_adopt("OIDC_CLAIM_a=b\n", &small), RESULT_HELPER_FRAME);
	assert_int_equal(ticket_exports_adopt("", &small), 0);
	buffer_wipe(&small);
}

static void a_sign_in_makes_it_and_a_refresh_renews_all_but_its_birth(void **state)
{
	(void)state;
	struct ticket t;
	assert_true(ticket_begin(&t, &alice));
	assert_int_equal(apply(&t, "verified", "b1", "sshd 5 - r\n", "", "100", NOW), 0);
	assert_int_equal(t.born, NOW);
	assert_int_equal(t.verified, NOW);
	assert_int_equal(t.until, NOW + 100000);
	assert_string_equal(t.print, "new print");
	t.refused = true;
	assert_int_equal(
	    apply(&t, "verified", "b2", "su 5 - r\n", "OIDC_CLAIM_a=b\n", "50", NOW + 7000), 0);
	assert_int_equal(t.born, NOW);
	assert_int_equal(t.verified, NOW + 7000);
	assert_int_equal(t.until, NOW + 50000);
	assert_false(t.refused);
	assert_string_equal(buffer_text(&t.body), "b2");
	assert_string_equal(buffer_text(&t.lines), "su 5012000 - r\n");
	assert_int_equal(apply(&t, "verified", "b", "", "", "999999999", NOW + 7000), 0);
	assert_int_equal(t.until, NOW + (int64_t)TICKET_LIFETIME_MOST * 1000);
	ticket_wipe(&t);
}

static void each_state_changes_its_own_part(void **state)
{
	(void)state;
	struct ticket t;
	make(&t);
	assert_int_equal(apply(&t, "rotated", "b2", "su 5 - r\n", "", "", NOW), 0);
	assert_string_equal(buffer_text(&t.body), "b2");
	assert_string_equal(buffer_text(&t.lines), "sshd 5060000 video,x-1 the rule\n");
	assert_string_equal(t.print, "print");
	assert_int_equal(t.verified, NOW - 1000);
	assert_int_equal(apply(&t, "judged", "", "su 5 - r\n", "", "", NOW), 0);
	assert_string_equal(buffer_text(&t.lines), "su 5005000 - r\n");
	assert_string_equal(buffer_text(&t.exports), "");
	assert_string_equal(t.print, "new print");
	assert_int_equal(t.verified, NOW - 1000);
	assert_int_equal(apply(&t, "judged", "", "", "OIDC_CLAIM_a=b\n", "", NOW), 0);
	assert_string_equal(buffer_text(&t.exports), "OIDC_CLAIM_a=b\n");
	assert_int_equal(apply(&t, "refused", "", "", "", "", NOW), 0);
	assert_true(t.refused);
	assert_int_equal(t.body.len + t.lines.len + t.exports.len, 0);
	ticket_wipe(&t);
}

static void what_breaks_the_form_is_refused(void **state)
{
	(void)state;
	struct ticket t;
	struct ticket blank;
	make(&t);
	assert_true(ticket_begin(&blank, &alice));
	assert_int_equal(apply(&t, "Verified", "b", "", "", "1", NOW), RESULT_HELPER_FRAME);
	assert_int_equal(apply(&t, "", "b", "", "", "1", NOW), RESULT_HELPER_FRAME);
	assert_int_equal(apply(&t, "verified", "", "", "", "1", NOW), RESULT_HELPER_FRAME);
	assert_int_equal(apply(&t, "verified", "b", "", "", "", NOW), RESULT_HELPER_FRAME);
	assert_int_equal(apply(&t, "verified", "b", "", "", "-1", NOW), RESULT_HELPER_FRAME);
	assert_int_equal(apply(&t, "verified", "b", "x", "", "1", NOW), RESULT_HELPER_FRAME);
	assert_int_equal(apply(&t, "verified", "b", "", "x", "1", NOW), RESULT_HELPER_FRAME);
	assert_int_equal(apply(&t, "rotated", "", "", "", "", NOW), RESULT_HELPER_FRAME);
	assert_int_equal(apply(&t, "judged", "b", "", "", "", NOW), RESULT_HELPER_FRAME);
	assert_int_equal(apply(&t, "judged", "", "x", "", "", NOW), RESULT_HELPER_FRAME);
	assert_int_equal(apply(&t, "judged", "", "", "x", "", NOW), RESULT_HELPER_FRAME);
	assert_int_equal(apply(&t, "refused", "b", "", "", "", NOW), RESULT_HELPER_FRAME);
	/* Too long for its field; the helper's own limit is no promise. */
	char *lines = malloc(MESSAGE_LINES_MAX + 2), *exports = malloc(MESSAGE_EXPORTS_MAX + 2);
	memset(lines, 'x', MESSAGE_LINES_MAX + 1);
	memset(exports, 'x', MESSAGE_EXPORTS_MAX + 1);
	lines[MESSAGE_LINES_MAX + 1] = exports[MESSAGE_EXPORTS_MAX + 1] = '\0';
	assert_int_equal(apply(&t, "verified", "b", lines, "", "1", NOW), RESULT_HELPER_FRAME);
	assert_int_equal(
	    apply(&t, "verified", "b", "", exports, "1", NOW), RESULT_HELPER_FRAME);
	free(lines);
	free(exports);
	assert_int_equal(apply(&blank, "rotated", "b", "", "", "", NOW), RESULT_HELPER_FRAME);
	assert_int_equal(apply(&blank, "judged", "", "", "", "", NOW), RESULT_HELPER_FRAME);
	assert_int_equal(apply(&blank, "refused", "", "", "", "", NOW), 0);
	ticket_wipe(&t);
	ticket_wipe(&blank);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_written_is_read_again),
	    cmocka_unit_test(cut_anywhere_or_longer_it_is_none),
	    cmocka_unit_test(odd_texts_are_none),
	    cmocka_unit_test(names_that_would_end_a_line_begin_no_ticket),
	    cmocka_unit_test(it_is_worth_something_to_one_person_for_a_time),
	    cmocka_unit_test(an_empty_ticket_is_worth_nothing_to_anybody),
	    cmocka_unit_test(lines_become_absolute_and_are_cut),
	    cmocka_unit_test(lines_of_another_form_are_refused),
	    cmocka_unit_test(what_is_longer_than_its_place_is_refused),
	    cmocka_unit_test(the_line_of_the_service_alone_is_found),
	    cmocka_unit_test(a_line_holds_before_its_time_and_not_from_far_ahead),
	    cmocka_unit_test(groups_and_exports_have_their_forms),
	    cmocka_unit_test(kept_lines_and_exports_are_whole_and_not_too_many),
	    cmocka_unit_test(an_export_s_name_has_its_length_and_the_whole_its_room),
	    cmocka_unit_test(a_sign_in_makes_it_and_a_refresh_renews_all_but_its_birth),
	    cmocka_unit_test(each_state_changes_its_own_part),
	    cmocka_unit_test(what_breaks_the_form_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
