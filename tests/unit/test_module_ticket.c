/* SPDX-License-Identifier: MIT
 *
 * A ticket in the module: what is written is read again and nothing else is; for whom and until
 * when it is worth something; what a RESULT does to it. The files are included, so that a
 * mutant of them is judged by this alone, and memory can fail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static int calls_left = -1; /* of malloc(), until one fails; negative: none does */

static void *fake_malloc(size_t size)
{
	return calls_left >= 0 && calls_left-- == 0 ? NULL : malloc(size);
}

#define malloc fake_malloc
#include "common/buffer.c"
#undef malloc
#include "common/message.h"
#include "common/result.h"
#include "module/ticket.c"

#define BOOT "01234567-89ab-cdef-0123-456789abcdef"
#define NOW 5000000
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct ticket_owner alice = {"alice", 1001, "/etc/c.json", BOOT, NOW};

static void put_decision(struct buffer *out, const char *service, const char *seconds,
    const char *groups, const char *rule)
{
	field_put_text(out, service);
	field_put_text(out, seconds);
	field_put_text(out, groups);
	field_put_text(out, rule);
	assert_int_equal(out->error, 0);
}

/* Signed in and verified a second ago, for 100 seconds more. */
static void make(struct ticket *t)
{
	assert_true(ticket_begin(t, &alice));
	snprintf(t->fingerprint, sizeof(t->fingerprint), "fingerprint");
	snprintf(t->sub, sizeof(t->sub), "a-sub");
	t->born = t->verified = t->decided = NOW - 1000;
	t->until = NOW + 100000;
	put_decision(&t->decisions, "sshd", "60", "video,x-1", "the rule");
	field_put_text(&t->exports, "OIDC_CLAIM_sub=a-sub");
	assert_int_equal(buffer_append(&t->body, "{\0end\n", 6), 0);
}

static struct field all_of(const struct buffer *b)
{
	return (struct field){buffer_text(b), b->len};
}

static bool are_equal(const struct buffer *a, const struct buffer *b)
{
	return a->len == b->len && memcmp(buffer_text(a), buffer_text(b), a->len) == 0;
}

/* Every byte that is written of it. */
static struct buffer bytes_of(const struct ticket *t)
{
	struct buffer bytes = BUFFER_INIT(TICKET_BYTES_MAX);
	assert_int_equal(ticket_encode(t, &bytes), 0);
	return bytes;
}

/* bytes is as bytes_of() gave it earlier. */
static bool is_still(const struct ticket *t, const struct buffer *bytes)
{
	struct buffer now = bytes_of(t);
	bool same = are_equal(&now, bytes);
	buffer_wipe(&now);
	return same;
}

static bool is_empty(const struct ticket *t)
{
	return t->user[0] == '\0' && t->uid == (uid_t)-1 && t->path[0] == '\0' &&
	       t->sub[0] == '\0' && t->born == 0 &&
	       t->decisions.len + t->exports.len + t->body.len == 0;
}

/* ---- bytes ------------------------------------------------------------------------------- */

static void what_is_written_is_read_again(void **state)
{
	(void)state;
	struct ticket t, again = {.user = ""};
	make(&t);
	t.verified = NOW - 800;
	t.decided = NOW - 600;
	for (int refused = 0; refused < 2; refused++) {
		t.refused = refused == 1;
		struct buffer bytes = bytes_of(&t);
		assert_true(ticket_decode(bytes.bytes, bytes.len, &again));
		assert_true(is_still(&again, &bytes));
		assert_string_equal(again.user, "alice");
		assert_int_equal(again.uid, 1001);
		assert_string_equal(again.path, "/etc/c.json");
		assert_string_equal(again.fingerprint, "fingerprint");
		assert_string_equal(again.boot, BOOT);
		assert_string_equal(again.sub, "a-sub");
		assert_int_equal(again.born, NOW - 1000);
		assert_int_equal(again.verified, NOW - 800);
		assert_int_equal(again.decided, NOW - 600);
		assert_int_equal(again.until, NOW + 100000);
		assert_int_equal(again.refused, refused);
		assert_int_equal(again.body.len, 6);
		assert_true(are_equal(&again.body, &t.body));
		assert_true(are_equal(&again.decisions, &t.decisions));
		assert_true(are_equal(&again.exports, &t.exports));
		buffer_wipe(&bytes);
	}
	ticket_wipe(&t);
	ticket_wipe(&again);
}

/* As ticket_decode() wants it: a NUL follows. On the heap, to the byte: a look beside it is
 * seen. */
static bool reads(const char *bytes, size_t len, struct ticket *t)
{
	char *own = malloc(len + 1);
	assert_non_null(own);
	memcpy(own, bytes, len);
	own[len] = '\0';
	bool read = ticket_decode(own, len, t);
	free(own);
	return read;
}

static void cut_anywhere_or_longer_it_is_none(void **state)
{
	(void)state;
	struct ticket t, again = {.user = ""};
	make(&t);
	struct buffer bytes = bytes_of(&t);
	size_t len = bytes.len;
	assert_int_equal(buffer_append_text(&bytes, "\n"), 0);
	for (size_t n = 0; n <= len + 1; n++) {
		assert_int_equal(reads(bytes.bytes, n, &again), n == len);
		assert_int_equal(again.born != 0, n == len);
		assert_int_equal(is_empty(&again), n != len);
	}
	ticket_wipe(&t);
	ticket_wipe(&again);
	buffer_wipe(&bytes);
}

enum place {
	AT_HEADING,
	AT_USER,
	AT_UID,
	AT_PATH,
	AT_FINGERPRINT,
	AT_BOOT,
	AT_SUB,
	AT_BORN,
	AT_VERIFIED,
	AT_DECIDED,
	AT_UNTIL,
	AT_REFUSED,
	AT_DECISIONS,
	AT_EXPORTS,
	AT_BODY,
	PLACES
};

/* The fields of make()'s ticket. */
static struct buffer split(struct field fields[PLACES])
{
	struct ticket t;
	make(&t);
	struct buffer bytes = bytes_of(&t);
	struct field rest = all_of(&bytes);
	for (size_t i = 0; i < PLACES; i++)
		assert_true(field_take(&rest, &fields[i]));
	assert_int_equal(rest.len, 0);
	ticket_wipe(&t);
	return bytes;
}

static bool read_fields(const struct field *fields, size_t count)
{
	struct ticket t = {.user = ""};
	struct buffer bytes = BUFFER_INIT(TICKET_BYTES_MAX);
	for (size_t i = 0; i < count; i++)
		field_put(&bytes, fields[i].bytes, fields[i].len);
	assert_int_equal(bytes.error, 0);
	bool read = reads(bytes.bytes, bytes.len, &t);
	assert_int_equal(is_empty(&t), !read);
	ticket_wipe(&t);
	buffer_wipe(&bytes);
	return read;
}

/* With another field at this place. */
static bool reads_with(enum place at, const char *bytes, size_t len)
{
	struct field fields[PLACES];
	struct buffer own = split(fields);
	fields[at] = (struct field){bytes, len};
	bool read = read_fields(fields, PLACES);
	buffer_wipe(&own);
	return read;
}

static bool reads_with_text(enum place at, const char *text)
{
	return reads_with(at, text, strlen(text));
}

static void odd_fields_are_none(void **state)
{
	(void)state;
	static const struct {
		enum place at;
		const char *text;
	} cases[] = {
	    {AT_HEADING, "pam_cognito_oidc ticket 1"},
	    {AT_HEADING, "pam_cognito_oidc ticket 3"},
	    {AT_HEADING, "pam_cognito_oidc ticket 22"},
	    {AT_HEADING, "Pam_cognito_oidc ticket 2"},
	    {AT_HEADING, ""},
	    {AT_UID, "-1"},
	    {AT_UID, "4294967295"},
	    {AT_UID, "01001"},
	    {AT_UID, "0x3e9"},
	    {AT_UID, "1001 "},
	    {AT_UID, ""},
	    {AT_UID, "alice"},
	    {AT_BOOT, "0" BOOT},
	    {AT_BORN, "-4999000"},
	    {AT_BORN, "1000000000000000"},
	    {AT_VERIFIED, "1000000000000000"},
	    {AT_DECIDED, "1000000000000000"},
	    {AT_UNTIL, "1000000000000000"},
	    {AT_BORN, ""},
	    {AT_VERIFIED, "x"},
	    {AT_DECIDED, "-1"},
	    {AT_UNTIL, "05100000"},
	    {AT_UNTIL, "00000000000000000000"},
	    {AT_REFUSED, "2"},
	    {AT_REFUSED, "00"},
	    {AT_REFUSED, ""},
	    {AT_DECISIONS, "sshd 60 video,x-1 the rule\n"},
	    {AT_EXPORTS, "OIDC_CLAIM_sub=a-sub\n"},
	};
	for (size_t i = 0; i < COUNT(cases); i++)
		if (reads_with_text(cases[i].at, cases[i].text))
			fail_msg("%s at %d", cases[i].text, (int)cases[i].at);
	static const struct {
		enum place at;
		size_t max;
	} texts[] = {
	    {AT_USER, TICKET_USER_MAX},
	    {AT_PATH, TICKET_PATH_MAX},
	    {AT_FINGERPRINT, TICKET_FINGERPRINT_MAX},
	    {AT_BOOT, TICKET_BOOT_MAX},
	    {AT_SUB, TICKET_SUB_MAX},
	};
	/* Longer than the whole ticket, too. */
	static char name[3 * sizeof(struct ticket)];
	memset(name, 'a', sizeof(name));
	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_true(reads_with(texts[i].at, name, texts[i].max));
		assert_false(reads_with(texts[i].at, name, texts[i].max + 1));
		assert_false(reads_with(texts[i].at, name, sizeof(name)));
		assert_true(reads_with_text(texts[i].at, "al ice"));
		assert_false(reads_with_text(texts[i].at, ""));
		assert_false(reads_with_text(texts[i].at, "al\tice"));
		assert_false(reads_with_text(texts[i].at, "al\177ice"));
		assert_false(reads_with(texts[i].at, "al\0ice", 6));
	}
	assert_true(reads_with_text(AT_DECISIONS, ""));
	assert_true(reads_with_text(AT_EXPORTS, ""));
	assert_true(reads_with_text(AT_BODY, ""));
	assert_true(reads_with_text(AT_UID, "0"));
	assert_true(reads_with_text(AT_UID, "4294967294"));
	assert_true(reads_with_text(AT_BORN, "999999999999999"));
}

static void every_field_is_there_once_and_in_its_order(void **state)
{
	(void)state;
	struct field fields[PLACES], other[PLACES + 1];
	struct buffer own = split(fields);
	assert_true(read_fields(fields, PLACES));
	for (size_t i = 0; i < PLACES; i++) {
		memcpy(other, fields, i * sizeof(fields[0]));
		memcpy(other + i, fields + i + 1, (PLACES - 1 - i) * sizeof(fields[0]));
		if (read_fields(other, PLACES - 1))
			fail_msg("without field %zu", i);
		memcpy(other, fields, (i + 1) * sizeof(fields[0]));
		memcpy(other + i + 1, fields + i, (PLACES - i) * sizeof(fields[0]));
		if (read_fields(other, PLACES + 1))
			fail_msg("field %zu twice", i);
	}
	memcpy(other, fields, sizeof(fields));
	other[AT_UID] = fields[AT_PATH];
	other[AT_PATH] = fields[AT_UID];
	assert_false(read_fields(other, PLACES));
	buffer_wipe(&own);
}

static void a_length_that_is_another_is_none(void **state)
{
	(void)state;
	static const unsigned char others[] = {1, 0xff, 2, 0x80};
	struct field fields[PLACES];
	struct buffer own = split(fields);
	struct ticket t = {.user = ""};
	for (size_t i = 0; i < PLACES; i++) {
		size_t word = (size_t)(fields[i].bytes - own.bytes) - 4;
		for (size_t byte = 0; byte < 4; byte++) {
			for (size_t k = 0; k < COUNT(others); k++) {
				own.bytes[word + byte] =
				    (char)(own.bytes[word + byte] + others[k]);
				if (reads(own.bytes, own.len, &t))
					fail_msg("byte %zu of field %zu", byte, i);
				own.bytes[word + byte] =
				    (char)(own.bytes[word + byte] - others[k]);
			}
		}
	}
	assert_true(reads(own.bytes, own.len, &t));
	ticket_wipe(&t);
	buffer_wipe(&own);
}

static void odd_decisions_and_exports_on_the_disk_are_none(void **state)
{
	(void)state;
	static const char *const decisions[][4] = {
	    {"sshd", "x", "video", "rule"},
	    {"sshd", "60", "vid:o", "rule"},
	    {"sshd", "60", "video", "rule\001"},
	    {"", "60", "video", "rule"},
	};
	static const char *const exports[] = {
	    "OIDC-CLAIM_sub=a-sub", "OIDC_CLAIM_sub=a-sub\001"};
	for (size_t i = 0; i < COUNT(decisions); i++) {
		struct buffer b = BUFFER_INIT(MESSAGE_DECISIONS_MAX);
		put_decision(
		    &b, decisions[i][0], decisions[i][1], decisions[i][2], decisions[i][3]);
		assert_false(reads_with(AT_DECISIONS, b.bytes, b.len));
		buffer_wipe(&b);
	}
	for (size_t i = 0; i < COUNT(exports); i++) {
		struct buffer b = BUFFER_INIT(MESSAGE_EXPORTS_MAX);
		field_put_text(&b, exports[i]);
		assert_false(reads_with(AT_EXPORTS, b.bytes, b.len));
		buffer_wipe(&b);
	}
	/* One byte beyond what a RESULT may bring. */
	static char beyond[MESSAGE_TICKET_MAX + 1];
	assert_true(reads_with(AT_BODY, beyond, MESSAGE_TICKET_MAX));
	assert_false(reads_with(AT_BODY, beyond, MESSAGE_TICKET_MAX + 1));
}

static void names_that_hold_controls_begin_no_ticket(void **state)
{
	(void)state;
	struct ticket t;
	struct ticket_owner h = alice;
	h.user = "al\nuid 0";
	assert_false(ticket_begin(&t, &h));
	h.user = "al\177ice";
	assert_false(ticket_begin(&t, &h));
	h.user = "";
	assert_false(ticket_begin(&t, &h));
	h.user = "al ice";
	assert_true(ticket_begin(&t, &h));
	h = alice;
	h.path = "/etc/\n";
	assert_false(ticket_begin(&t, &h));
	h.path = "";
	assert_false(ticket_begin(&t, &h));
	h = alice;
	h.boot = "";
	assert_false(ticket_begin(&t, &h));
	h.boot = "0" BOOT;
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

/* ---- the older format ---------------------------------------------------------------------
 */

#define OLD_NAMES                                                                              \
	"user alice\nuid 1001\npath /etc/c.json\nprint print\nboot " BOOT "\nsub a-sub\n"
#define OLD_BODY "{\"refresh_token\":\"x\"}"
#define OLD_REST                                                                               \
	"born 4999000\nverified 4999000\nuntil 5100000\nrefused 0\n"                           \
	"lines 32\nsshd 5060000 video,x-1 the rule\n\n"                                        \
	"exports 21\nOIDC_CLAIM_sub=a-sub\n\n"                                                 \
	"body 21\n" OLD_BODY "\nend\n"
#define OLD "pam_cognito_oidc ticket 1\n" OLD_NAMES OLD_REST

static void an_older_ticket_is_an_expired_one_with_its_body(void **state)
{
	(void)state;
	struct ticket t = {.user = ""};
	struct ticket_owner h = alice;
	struct buffer bytes;
	assert_true(reads(OLD, strlen(OLD), &t));
	assert_string_equal(t.user, "alice");
	assert_int_equal(t.uid, 1001);
	assert_string_equal(t.path, "/etc/c.json");
	assert_string_equal(t.sub, "a-sub");
	assert_string_equal(buffer_text(&t.body), OLD_BODY);
	assert_string_equal(t.fingerprint, "");
	assert_string_equal(t.boot, "");
	assert_int_equal(t.born | t.verified | t.decided | t.until, 0);
	assert_false(t.refused);
	assert_int_equal(t.decisions.len + t.exports.len, 0);
	/* Whatever the time and the boot. */
	assert_int_equal(ticket_judge(&t, &h), TICKET_EXPIRED);
	h.now = 1;
	assert_int_equal(ticket_judge(&t, &h), TICKET_EXPIRED);
	h.boot = "";
	assert_int_equal(ticket_judge(&t, &h), TICKET_EXPIRED);
	/* And its owner's alone. */
	h = alice;
	h.user = "bob";
	assert_int_equal(ticket_judge(&t, &h), TICKET_ABSENT);
	h = alice;
	h.uid = 1002;
	assert_int_equal(ticket_judge(&t, &h), TICKET_ABSENT);
	h = alice;
	h.path = "/etc/d.json";
	assert_int_equal(ticket_judge(&t, &h), TICKET_ABSENT);
	/* It is read to be revoked, not to be written: without a boot it would be none. */
	bytes = bytes_of(&t);
	assert_false(reads(bytes.bytes, bytes.len, &t));
	buffer_wipe(&bytes);
	ticket_wipe(&t);
}

static bool reads_old_with(const char *old, const char *new, struct ticket *t)
{
	char text[sizeof(OLD) + 1024];
	const char *at = strstr(OLD, old);
	assert_non_null(at);
	int len = snprintf(
	    text, sizeof(text), "%.*s%s%s", (int)(at - OLD), OLD, new, at + strlen(old));
	assert_true(len > 0 && (size_t)len < sizeof(text));
	return reads(text, (size_t)len, t);
}

static void an_older_refused_ticket_has_no_body(void **state)
{
	(void)state;
	struct ticket t = {.user = ""};
	assert_true(reads_old_with("body 21\n" OLD_BODY, "body 0\n", &t));
	assert_int_equal(t.body.len, 0);
	assert_int_equal(ticket_judge(&t, &alice), TICKET_EXPIRED);
	/* A body may hold what looks like the frame around it. */
	assert_true(
	    reads_old_with("body 21\n" OLD_BODY, "body 18\n\nend\n\nbody 3\nabc\nx", &t));
	assert_string_equal(buffer_text(&t.body), "\nend\n\nbody 3\nabc\nx");
	ticket_wipe(&t);
}

static void a_damaged_older_ticket_is_none(void **state)
{
	(void)state;
	static const struct {
		const char *old, *new;
	} cases[] = {
	    {"ticket 1", "ticket 2"},
	    {"ticket 1", "ticket 3"},
	    {"user alice\n", ""},
	    {"user alice", "user "},
	    {"user alice", "User alice"},
	    {"user alice", "user al\tice"},
	    {"user alice", "user al\177ice"},
	    {"uid 1001\n", ""},
	    {"uid 1001", "uid -1"},
	    {"uid 1001", "uid 4294967295"},
	    {"uid 1001", "uid 0x3e9"},
	    {"uid 1001", "uid 1001 "},
	    {"uid 1001", "uid 00000000000000000000001001"},
	    {"path /etc/c.json\n", ""},
	    {"path /etc/c.json", "path "},
	    {"sub a-sub\n", ""},
	    {"sub a-sub", "sub \033"},
	    {OLD_NAMES, ""},
	    {"body 21\n", ""},
	    {"body 21", "body 20"},
	    {"body 21", "body 22"},
	    {"body 21", "body 021"},
	    {"body 21", "body 0"},
	    {"body 21", "body x"},
	    {"body 21", "body "},
	    {"body 21", "body 500"},
	    {"body 21", "body 106496"},
	    {"body 21", "body 106497"},
	    {"body 21", "body 99999999999"},
	    {"\nend\n", "\nEnd\n"},
	    {"\nend\n", "\nend"},
	    {"\nend\n", "\nend\n\n"},
	};
	struct ticket t = {.user = ""};
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (reads_old_with(cases[i].old, cases[i].new, &t))
			fail_msg("%s instead of %s", cases[i].new, cases[i].old);
		assert_true(is_empty(&t));
	}
	for (size_t n = 0; n < strlen(OLD); n++) {
		char text[] = OLD;
		assert_false(reads(text, n, &t));
		text[n] = '\0';
		assert_false(reads(text, strlen(OLD), &t));
		assert_true(is_empty(&t));
	}
	assert_false(reads(OLD, sizeof(OLD), &t));
	char user[5 + TICKET_USER_MAX + 2] = "user ";
	memset(user + 5, 'a', TICKET_USER_MAX + 1);
	user[5 + TICKET_USER_MAX + 1] = '\0';
	assert_false(reads_old_with("user alice", user, &t));
	user[5 + TICKET_USER_MAX] = '\0';
	assert_true(reads_old_with("user alice", user, &t));
	ticket_wipe(&t);
}

/* The older format names no length of its own: lines that nobody knows fill it up. */
static void more_bytes_than_any_ticket_has_are_none(void **state)
{
	(void)state;
	struct ticket t = {.user = ""};
	struct buffer bytes = BUFFER_INIT(TICKET_BYTES_MAX + 1);
	static char more[TICKET_BYTES_MAX + 1 - sizeof(OLD_REST)];
	memset(more, 'x', sizeof(more));
	buffer_append_text(&bytes, "pam_cognito_oidc ticket 1\n" OLD_NAMES);
	buffer_append(&bytes, more, TICKET_BYTES_MAX - bytes.len - strlen("\n" OLD_REST));
	buffer_append_text(&bytes, "\n" OLD_REST);
	assert_int_equal(bytes.error, 0);
	assert_int_equal(bytes.len, TICKET_BYTES_MAX);
	assert_true(reads(bytes.bytes, bytes.len, &t));
	buffer_cut(&bytes, bytes.len - strlen("\n" OLD_REST));
	buffer_append_text(&bytes, "x\n" OLD_REST);
	assert_int_equal(bytes.len, TICKET_BYTES_MAX + 1);
	assert_false(reads(bytes.bytes, bytes.len, &t));
	assert_true(is_empty(&t));
	ticket_wipe(&t);
	buffer_wipe(&bytes);
}

/* ---- what it is worth ---------------------------------------------------------------------
 */

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
#define OTHER_BOOT "11234567-89ab-cdef-0123-456789abcdef"
CHANGE(another_user, h->user = "bob")
CHANGE(a_longer_user, h->user = "alice2")
CHANGE(another_uid, h->uid = 1002)
CHANGE(uid_0, h->uid = 0)
CHANGE(another_path, h->path = "/etc/d.json")
CHANGE(another_user_and_boot, h->user = "bob"; h->boot = OTHER_BOOT)
CHANGE(another_boot, h->boot = OTHER_BOOT)
CHANGE(no_boot, h->boot = "")
CHANGE(over_without_boot, h->boot = ""; h->now = t->until)
CHANGE(no_boot_in_either, h->boot = ""; t->boot[0] = '\0')
CHANGE(refused_in_another_boot, t->refused = true; h->boot = OTHER_BOOT)
CHANGE(ahead_in_another_boot, t->born = t->verified = NOW + 1; h->boot = OTHER_BOOT)
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
	    a_longer_user, another_uid, uid_0, another_path, another_user_and_boot, born_ahead,
	    verified_ahead, never_born, verified_first, too_long, no_boot, over_without_boot};
	void (*const expired[])(struct ticket *, struct ticket_owner *) = {over_now, over,
	    refused_and_over, another_boot, no_boot_in_either, refused_in_another_boot,
	    ahead_in_another_boot};
	void (*const live[])(struct ticket *, struct ticket_owner *) = {
	    NULL, born_now, as_long_as_any, one_more};
	for (size_t i = 0; i < COUNT(absent); i++)
		if (judged(absent[i]) != TICKET_ABSENT)
			fail_msg("absent row %zu", i);
	for (size_t i = 0; i < COUNT(expired); i++)
		if (judged(expired[i]) != TICKET_EXPIRED)
			fail_msg("expired row %zu", i);
	for (size_t i = 0; i < COUNT(live); i++)
		if (judged(live[i]) != TICKET_LIVE)
			fail_msg("live row %zu", i);
	assert_int_equal(judged(refused_by_cognito), TICKET_REFUSED);
}

static void an_empty_ticket_is_worth_nothing_to_anybody(void **state)
{
	(void)state;
	struct ticket t;
	assert_true(ticket_begin(&t, &alice));
	assert_int_equal(ticket_judge(&t, &alice), TICKET_ABSENT);
	ticket_wipe(&t);
	ticket_wipe(NULL);
	assert_true(is_empty(&t));
	assert_int_equal(ticket_judge(&t, &alice), TICKET_ABSENT);
}

/* ---- decisions and exports ----------------------------------------------------------------
 */

/* On the heap, to the byte, and not terminated. */
static bool is_well_formed(bool (*judge)(struct field), const char *bytes, size_t len)
{
	char *own = malloc(len > 0 ? len : 1);
	assert_non_null(own);
	memcpy(own, bytes, len);
	bool good = judge((struct field){own, len});
	free(own);
	return good;
}

static bool is_decision(
    const char *service, const char *seconds, const char *groups, const char *rule)
{
	struct buffer b = BUFFER_INIT(MESSAGE_DECISIONS_MAX);
	put_decision(&b, service, seconds, groups, rule);
	bool good = is_well_formed(are_decisions, b.bytes, b.len);
	buffer_wipe(&b);
	return good;
}

static void decisions_of_another_form_are_refused(void **state)
{
	(void)state;
	static const char *const cases[][4] = {
	    {"", "1", "", "r"},
	    {"ss\thd", "1", "", "r"},
	    {"sshd\n", "1", "", "r"},
	    {"sshd", "", "", "r"},
	    {"sshd", "-1", "", "r"},
	    {"sshd", "+1", "", "r"},
	    {"sshd", "1s", "", "r"},
	    {"sshd", " 1", "", "r"},
	    {"sshd", "01", "", "r"},
	    {"sshd", "1000000000000", "", "r"},
	    {"sshd", "0000000000000000000000001", "", "r"},
	    {"sshd", "1", ",", "r"},
	    {"sshd", "1", "a,", "r"},
	    {"sshd", "1", ",a", "r"},
	    {"sshd", "1", "a,,b", "r"},
	    {"sshd", "1", "-", "r"},
	    {"sshd", "1", "-a", "r"},
	    {"sshd", "1", "b,-a", "r"},
	    {"sshd", "1", "a/b", "r"},
	    {"sshd", "1", "a b", "r"},
	    {"sshd", "1", "a\tb", "r"},
	    {"sshd", "1", "", "r\tr"},
	    {"sshd", "1", "", "r\177"},
	};
	for (size_t i = 0; i < COUNT(cases); i++)
		if (is_decision(cases[i][0], cases[i][1], cases[i][2], cases[i][3]))
			fail_msg("row %zu", i);
	assert_true(is_decision("sshd", "60", "", "a b"));
	assert_true(is_decision("sshd", "999999999999", "video,x", ""));
	assert_true(is_decision("s", "0", "a~,b_c.9", "\xc3\xa4"));
}

static void a_decision_has_four_fields_and_a_service_one_decision(void **state)
{
	(void)state;
	struct buffer b = BUFFER_INIT(MESSAGE_DECISIONS_MAX);
	put_decision(&b, "sshd", "1", "", "a");
	put_decision(&b, "sudo", "1", "x", "b");
	size_t both = b.len, whole = 0;
	struct ticket_decision d;
	struct field rest = all_of(&b);
	assert_true(ticket_decision_next(&rest, &d));
	whole = both - rest.len;
	/* Cut anywhere: between the two it is whole. */
	for (size_t n = 0; n <= both; n++)
		if (is_well_formed(are_decisions, b.bytes, n) !=
		    (n == 0 || n == whole || n == both))
			fail_msg("%zu of %zu bytes", n, both);
	field_put_text(&b, "more");
	assert_false(is_well_formed(are_decisions, b.bytes, b.len));
	buffer_cut(&b, both);
	b.bytes[4] = '\0';
	assert_false(is_well_formed(are_decisions, b.bytes, b.len));
	b.bytes[4] = 's';
	put_decision(&b, "sshd", "1", "", "b");
	assert_false(is_well_formed(are_decisions, b.bytes, b.len));
	buffer_wipe(&b);
}

static void what_is_longer_than_its_place_is_refused(void **state)
{
	(void)state;
	char name[1024];
	for (int more = 0; more < 2; more++) {
		memset(name, 'n', sizeof(name));
		name[MESSAGE_SERVICE_MAX + more] = '\0';
		assert_int_equal(is_decision(name, "1", "", "r"), more == 0);
		memset(name, 'n', sizeof(name));
		name[TICKET_RULE_MAX + more] = '\0';
		assert_int_equal(is_decision("sshd", "1", "", name), more == 0);
		memset(name, 'n', sizeof(name));
		name[TICKET_GROUP_MAX + more] = '\0';
		assert_int_equal(is_decision("sshd", "1", name, "r"), more == 0);
	}
	/* 1,024 and 1,025 bytes of groups. */
	char groups[MESSAGE_GROUPS_MAX + 2] = "gg";
	for (size_t n = 2; n < MESSAGE_GROUPS_MAX; n += 2)
		memcpy(groups + n, ",g", 3);
	assert_int_equal(strlen(groups), MESSAGE_GROUPS_MAX);
	assert_true(is_decision("sshd", "1", groups, "r"));
	memcpy(groups + MESSAGE_GROUPS_MAX, "g", 2);
	assert_false(is_decision("sshd", "1", groups, "r"));
}

static void the_decision_of_the_service_alone_is_found(void **state)
{
	(void)state;
	struct ticket t;
	struct ticket_decision d;
	assert_true(ticket_begin(&t, &alice));
	assert_false(ticket_decision_find(&t, "sudo", &d));
	put_decision(&t.decisions, "sshd", "1", "", "a");
	put_decision(&t.decisions, "sudo", "2", "video,x", "the rule");
	put_decision(&t.decisions, "sudo-i", "3", "", "c");
	assert_true(ticket_decision_find(&t, "sudo", &d));
	assert_string_equal(d.service, "sudo");
	assert_int_equal(d.seconds, 2);
	assert_string_equal(d.groups, "video,x");
	assert_string_equal(d.rule, "the rule");
	assert_true(ticket_decision_find(&t, "sudo-i", &d));
	assert_int_equal(d.seconds, 3);
	assert_string_equal(d.groups, "");
	static const char *const others[] = {"sud", "sudo-", "Sudo", "", "-", "1", "a"};
	for (size_t i = 0; i < COUNT(others); i++) {
		assert_false(ticket_decision_find(&t, others[i], &d));
		assert_int_equal(d.seconds, 0);
		assert_string_equal(d.service, "");
		assert_string_equal(d.groups, "");
		assert_string_equal(d.rule, "");
	}
	ticket_wipe(&t);
}

static void a_decision_holds_for_its_seconds_and_no_longer_than_a_day(void **state)
{
	(void)state;
	const int64_t most = (int64_t)TICKET_DECISION_MOST * 1000;
	const struct ticket t = {.decided = NOW};
	struct ticket_decision d = {.seconds = 1};
	assert_int_equal(ticket_decision_left(&t, &d, NOW), 1000);
	assert_int_equal(ticket_decision_left(&t, &d, NOW + 999), 1);
	assert_int_equal(ticket_decision_left(&t, &d, NOW + 1000), 0);
	assert_int_equal(ticket_decision_left(&t, &d, NOW + 1001), 0);
	/* Ahead of the clock. */
	assert_int_equal(ticket_decision_left(&t, &d, NOW - 1), 0);
	d.seconds = 0;
	assert_int_equal(ticket_decision_left(&t, &d, NOW), 0);
	d.seconds = TICKET_DECISION_MOST;
	assert_int_equal(ticket_decision_left(&t, &d, NOW), most);
	d.seconds = TICKET_DECISION_MOST + 1;
	assert_int_equal(ticket_decision_left(&t, &d, NOW), most);
	assert_int_equal(ticket_decision_left(&t, &d, NOW + most), 0);
	d.seconds = 999999999999;
	assert_int_equal(ticket_decision_left(&t, &d, NOW), most);
	assert_int_equal(ticket_decision_left(&t, &d, NOW - 1), 0);
}

static bool is_export(const char *text)
{
	struct buffer b = BUFFER_INIT(MESSAGE_EXPORTS_MAX);
	field_put_text(&b, "OIDC_CLAIM_first=1");
	field_put_text(&b, text);
	assert_int_equal(b.error, 0);
	bool good = is_well_formed(are_exports, b.bytes, b.len);
	buffer_wipe(&b);
	return good;
}

static void groups_and_exports_have_their_forms(void **state)
{
	(void)state;
	char name[TICKET_GROUP_MAX + 2] = "";
	memset(name, 'g', TICKET_GROUP_MAX);
	assert_true(are_groups(name));
	name[TICKET_GROUP_MAX] = 'g';
	assert_false(are_groups(name));
	/* Every character alone behind a letter, but those with a meaning elsewhere. */
	for (int c = 1; c < 256; c++) {
		const char group[] = {'a', (char)c, '\0'};
		assert_int_equal(
		    are_groups(group), c > ' ' && c <= '~' && strchr(":/,\"'*?", c) == NULL);
	}
	static const char *const good[] = {"", "a", "a-b_c.9", "a,b", "a,b,c~"};
	static const char *const bad[] = {
	    "-a", "a,-b", ",", "a,", ",a", "a,,b", "a b", "a,b/c"};
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(are_groups(good[i]));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(are_groups(bad[i]));
	static const char *const cases[] = {"OIDC_CLAIM_", "OIDC_CLAIM_a", "OIDC_CLAIM_=b",
	    "OIDC_CLAIM_a-b=c", "OIDC_CLAIMa=b", "PATH=x", "", "OIDC_CLAIM_a=\001",
	    "OIDC_CLAIM_a=\177", "OIDC_CLAIM_a=b\nPATH=x", "=OIDC_CLAIM_a", "oidc_claim_a=b"};
	for (size_t i = 0; i < COUNT(cases); i++)
		if (is_export(cases[i]))
			fail_msg("%s", cases[i]);
	struct buffer b = BUFFER_INIT(MESSAGE_EXPORTS_MAX);
	field_put_text(&b, "OIDC_CLAIM_a_9=\xc3\xa4 =");
	field_put_text(&b, "OIDC_CLAIM_b=");
	assert_true(is_well_formed(are_exports, b.bytes, b.len));
	assert_false(is_well_formed(are_exports, b.bytes, b.len - 1));
	struct field rest = all_of(&b), one;
	assert_true(ticket_export_next(&rest, &one));
	assert_int_equal(one.len, strlen("OIDC_CLAIM_a_9=\xc3\xa4 ="));
	assert_memory_equal(one.bytes, "OIDC_CLAIM_a_9=\xc3\xa4 =", one.len);
	assert_true(ticket_export_next(&rest, &one));
	assert_int_equal(one.len, strlen("OIDC_CLAIM_b="));
	assert_memory_equal(one.bytes, "OIDC_CLAIM_b=", one.len);
	assert_false(ticket_export_next(&rest, &one));
	buffer_wipe(&b);
}

static void decisions_and_exports_are_whole_and_not_too_many(void **state)
{
	(void)state;
	struct buffer decisions = BUFFER_INIT(64u * 1024), exports = BUFFER_INIT(64u * 1024);
	const struct {
		bool (*judge)(struct field);
		struct buffer *all;
		int most;
	} cases[] = {
	    {are_decisions, &decisions, TICKET_DECISIONS_MOST},
	    {are_exports, &exports, MESSAGE_EXPORTS_MOST},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buffer *all = cases[i].all;
		size_t whole = 0;
		char name[32];
		assert_true(is_well_formed(cases[i].judge, "", 0));
		for (int n = 0; n <= cases[i].most; n++) {
			whole = all->len;
			snprintf(name, sizeof(name), "OIDC_CLAIM_a%d=b", n);
			if (cases[i].judge == are_exports)
				field_put_text(all, name);
			else
				put_decision(all, name, "60", "", "rule");
		}
		assert_false(is_well_formed(cases[i].judge, all->bytes, all->len));
		assert_true(is_well_formed(cases[i].judge, all->bytes, whole));
		assert_false(is_well_formed(cases[i].judge, all->bytes, whole - 1));
		all->bytes[whole - 1] = '\0';
		assert_false(is_well_formed(cases[i].judge, all->bytes, whole));
		buffer_wipe(all);
	}
}

static void an_export_s_name_and_value_have_their_length(void **state)
{
	(void)state;
	static char text[64 + MESSAGE_EXPORT_NAME_MAX + MESSAGE_EXPORT_MAX];
	for (int more = 0; more < 2; more++) {
		snprintf(
		    text, sizeof(text), "OIDC_CLAIM_%0*d=b", MESSAGE_EXPORT_NAME_MAX + more, 0);
		assert_int_equal(is_export(text), more == 0);
		snprintf(
		    text, sizeof(text), "OIDC_CLAIM_a=%0*d", (int)MESSAGE_EXPORT_MAX + more, 0);
		assert_int_equal(is_export(text), more == 0);
		snprintf(text, sizeof(text), "OIDC_CLAIM_%0*d=%0*d", MESSAGE_EXPORT_NAME_MAX, 0,
		    (int)MESSAGE_EXPORT_MAX + more, 0);
		assert_int_equal(is_export(text), more == 0);
	}
}

/* ---- what a RESULT does --------------------------------------------------------------------
 */

/* Texts are borrowed; decisions and exports are one of each, or none. */
struct result_news {
	const char *body, *service, *seconds, *export;
	int64_t lifetime, asked;
};

static int apply(struct ticket *t, int result, struct result_news n, bool *changed)
{
	struct buffer decisions = BUFFER_INIT(4096), exports = BUFFER_INIT(4096);
	if (n.service != NULL)
		put_decision(&decisions, n.service, n.seconds, "", "r");
	if (n.export != NULL)
		field_put_text(&exports, n.export);
	const struct ticket_news news = {
	    .body = {n.body != NULL ? n.body : "", n.body != NULL ? strlen(n.body) : 0},
	    .decisions = all_of(&decisions),
	    .exports = all_of(&exports),
	    .lifetime = n.lifetime,
	    .asked = n.asked,
	};
	*changed = true;
	int r = ticket_apply(t, result, &news, "new fingerprint", changed);
	buffer_wipe(&decisions);
	buffer_wipe(&exports);
	return r;
}

static void assert_decision(const struct ticket *t, const char *service, int64_t seconds)
{
	struct ticket_decision d;
	struct field rest = all_of(&t->decisions);
	assert_true(ticket_decision_next(&rest, &d));
	assert_string_equal(d.service, service);
	assert_int_equal(d.seconds, seconds);
	assert_int_equal(rest.len, 0);
}

static void a_sign_in_makes_it_and_a_refresh_renews_all_but_its_birth(void **state)
{
	(void)state;
	struct ticket t;
	bool changed = false;
	assert_true(ticket_begin(&t, &alice));
	assert_int_equal(
	    apply(&t, 0, (struct result_news){"b1", "sshd", "5", NULL, 100, NOW}, &changed), 0);
	assert_true(changed);
	assert_int_equal(t.born, NOW);
	assert_int_equal(t.verified, NOW);
	assert_int_equal(t.decided, NOW);
	assert_int_equal(t.until, NOW + 100000);
	assert_string_equal(t.fingerprint, "new fingerprint");
	assert_decision(&t, "sshd", 5);
	t.refused = true;
	t.fingerprint[0] = '\0';
	assert_int_equal(
	    apply(&t, RESULT_ALLOWED,
		(struct result_news){"b2", "su", "6", "OIDC_CLAIM_a=b", 50, NOW + 7000},
		&changed),
	    0);
	assert_true(changed);
	assert_int_equal(t.born, NOW);
	assert_int_equal(t.verified, NOW + 7000);
	assert_int_equal(t.decided, NOW + 7000);
	assert_int_equal(t.until, NOW + 50000);
	assert_false(t.refused);
	assert_string_equal(t.fingerprint, "new fingerprint");
	assert_string_equal(buffer_text(&t.body), "b2");
	assert_decision(&t, "su", 6);
	assert_int_equal(t.exports.len, 4 + strlen("OIDC_CLAIM_a=b"));
	/* Without any of them nothing of the old ones stays. */
	assert_int_equal(
	    apply(&t, RESULT_POLICY,
		(struct result_news){.body = "b", .lifetime = 999999999, .asked = NOW + 7000},
		&changed),
	    0);
	assert_int_equal(t.decisions.len + t.exports.len, 0);
	assert_int_equal(t.until, NOW + (int64_t)TICKET_LIFETIME_MOST * 1000);
	assert_int_equal(
	    apply(&t, 0,
		(struct result_news){
		    .body = "b", .lifetime = TICKET_LIFETIME_MOST, .asked = NOW + 7000},
		&changed),
	    0);
	assert_int_equal(t.until, NOW + (int64_t)TICKET_LIFETIME_MOST * 1000);
	/* 0: over at once. */
	assert_int_equal(
	    apply(&t, 0, (struct result_news){.body = "b", .asked = NOW + 7000}, &changed), 0);
	assert_int_equal(t.until, NOW);
	ticket_wipe(&t);
}

static void decisions_are_taken_as_they_come_and_cut_when_they_are_asked(void **state)
{
	(void)state;
	static const struct {
		const char *seconds;
		int64_t left;
	} cases[] = {{"60", 60000}, {"86400", 86400000}, {"86401", 86400000}, {"0", 0}};
	struct ticket t;
	struct ticket_decision d;
	bool changed = false;
	make(&t);
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(
		    apply(&t, 0,
			(struct result_news){
			    .service = "login", .seconds = cases[i].seconds, .asked = NOW},
			&changed),
		    0);
		assert_true(ticket_decision_find(&t, "login", &d));
		assert_int_equal(ticket_decision_left(&t, &d, NOW), cases[i].left);
	}
	ticket_wipe(&t);
}

static void a_rotated_token_changes_the_body_alone(void **state)
{
	(void)state;
	static const char too_long[MESSAGE_TICKET_MAX + 1];
	struct ticket t, blank;
	make(&t);
	struct buffer before = bytes_of(&t);
	assert_int_equal(ticket_rotate(&t, &(struct field){"b2", 2}), 0);
	assert_string_equal(buffer_text(&t.body), "b2");
	assert_false(is_still(&t, &before));
	assert_int_equal(ticket_rotate(&t, &(struct field){"{\0end\n", 6}), 0);
	assert_true(is_still(&t, &before));
	assert_int_equal(ticket_rotate(&t, &(struct field){"", 0}), RESULT_HELPER_FRAME);
	assert_int_equal(ticket_rotate(&t, &(struct field){too_long, sizeof(too_long)}),
	    RESULT_HELPER_FRAME);
	calls_left = 0;
	assert_int_equal(ticket_rotate(&t, &(struct field){"b3", 2}), RESULT_MEMORY);
	calls_left = -1;
	assert_true(is_still(&t, &before));
	assert_int_equal(ticket_rotate(&t, &(struct field){too_long, MESSAGE_TICKET_MAX}), 0);
	assert_int_equal(t.body.len, MESSAGE_TICKET_MAX);
	/* Nobody signed in yet: there is no token to rotate. */
	assert_true(ticket_begin(&blank, &alice));
	assert_int_equal(ticket_rotate(&blank, &(struct field){"b", 1}), RESULT_HELPER_FRAME);
	assert_int_equal(blank.body.len, 0);
	ticket_wipe(&t);
	ticket_wipe(&blank);
	buffer_wipe(&before);
}

/* Every result, with and without a body, to a ticket that was born. */
static void what_a_result_changes_is_its_class_s(void **state)
{
	(void)state;
	for (int code = -1; code <= RESULT_COUNT; code++) {
		enum result_class class = code == 0 ? CLASS_YES : result_class(code);
		for (int with_body = 0; with_body < 2; with_body++) {
			struct ticket t;
			bool changed = false;
			make(&t);
			struct buffer before = bytes_of(&t);
			const struct result_news n = {
			    with_body == 1 ? "b2" : NULL, "su", "5", "OIDC_CLAIM_a=b", 50, NOW};
			assert_int_equal(apply(&t, code, n, &changed), 0);
			bool refused = class == CLASS_REFUSAL;
			bool verified =
			    with_body == 1 && !refused && code != RESULT_HELPER_FRAME;
			bool decided = verified || class == CLASS_YES || class == CLASS_RULES;
			if (changed != (refused || decided) || is_still(&t, &before) == changed)
				fail_msg("%s, body %d", result_phrase(code), with_body);
			assert_int_equal(t.born, NOW - 1000);
			assert_int_equal(t.refused, refused);
			if (refused)
				assert_int_equal(
				    t.body.len + t.decisions.len + t.exports.len, 0);
			if (decided) {
				assert_decision(&t, "su", 5);
				assert_int_equal(t.exports.len, 4 + strlen("OIDC_CLAIM_a=b"));
				assert_string_equal(t.fingerprint, "new fingerprint");
				assert_int_equal(t.decided, NOW);
			}
			/* Rules that were asked about known claims make them no younger. */
			if (decided && !verified) {
				assert_int_equal(t.body.len, 6);
				assert_int_equal(t.verified, NOW - 1000);
				assert_int_equal(t.until, NOW + 100000);
			}
			if (verified) {
				assert_string_equal(buffer_text(&t.body), "b2");
				assert_int_equal(t.verified, NOW);
				assert_int_equal(t.until, NOW - 1000 + 50000);
			}
			ticket_wipe(&t);
			buffer_wipe(&before);
		}
	}
}

static void rules_alone_may_empty_decisions_or_exports(void **state)
{
	(void)state;
	struct ticket t;
	bool changed = false;
	make(&t);
	t.refused = true;
	assert_int_equal(
	    apply(&t, RESULT_POLICY_DENY,
		(struct result_news){.service = "su", .seconds = "5", .asked = NOW}, &changed),
	    0);
	assert_decision(&t, "su", 5);
	assert_int_equal(t.exports.len, 0);
	assert_int_equal(
	    apply(&t, RESULT_FRESH_NEEDED,
		(struct result_news){.export = "OIDC_CLAIM_a=b", .asked = NOW}, &changed),
	    0);
	assert_int_equal(t.decisions.len, 0);
	assert_int_equal(t.exports.len, 4 + strlen("OIDC_CLAIM_a=b"));
	/* What Cognito refused only a new token makes good. */
	assert_true(t.refused);
	ticket_wipe(&t);
}

static void before_a_sign_in_only_a_body_counts(void **state)
{
	(void)state;
	struct ticket t;
	bool changed = true;
	assert_true(ticket_begin(&t, &alice));
	struct buffer before = bytes_of(&t);
	const struct result_news n = {
	    .service = "sshd", .seconds = "5", .lifetime = 50, .asked = NOW};
	assert_int_equal(apply(&t, 0, n, &changed), RESULT_HELPER_FRAME);
	assert_false(changed);
	assert_int_equal(apply(&t, RESULT_POLICY, n, &changed), RESULT_HELPER_FRAME);
	assert_false(changed);
	assert_int_equal(
	    apply(&t, 0, (struct result_news){.asked = NOW}, &changed), RESULT_HELPER_FRAME);
	assert_false(changed);
	assert_int_equal(apply(&t, RESULT_PASSWORD, n, &changed), 0);
	assert_false(changed);
	assert_int_equal(apply(&t, RESULT_CONNECT, n, &changed), 0);
	assert_false(changed);
	assert_true(is_still(&t, &before));
	assert_int_equal(apply(&t, RESULT_USER_DISABLED, n, &changed), 0);
	assert_true(changed);
	assert_true(t.refused);
	assert_int_equal(t.born, 0);
	ticket_wipe(&t);
	buffer_wipe(&before);
}

static void a_refusal_leaves_nothing_usable(void **state)
{
	(void)state;
	struct ticket t;
	make(&t);
	ticket_refuse(&t);
	assert_int_equal(t.body.len + t.decisions.len + t.exports.len, 0);
	assert_null(t.body.bytes);
	assert_string_equal(t.sub, "a-sub");
	assert_int_equal(ticket_judge(&t, &alice), TICKET_REFUSED);
	ticket_wipe(&t);
}

static const struct field nothing = {"", 0};

/* With a body and without, and not a byte of the ticket is another. */
static void assert_refused(
    const struct field *body, struct field decisions, struct field exports)
{
	const struct field bodies[] = {body != NULL ? *body : (struct field){"b2", 2}, nothing};
	struct ticket t;
	make(&t);
	struct buffer before = bytes_of(&t);
	for (size_t i = 0; i < (body != NULL ? 1 : 2); i++) {
		for (int code = 0; code < 3; code++) {
			static const int codes[] = {0, RESULT_ALLOWED, RESULT_POLICY};
			const struct ticket_news n = {bodies[i], decisions, exports, 50, NOW};
			bool changed = true;
			assert_int_equal(
			    ticket_apply(&t, codes[code], &n, "new fingerprint", &changed),
			    RESULT_HELPER_FRAME);
			assert_false(changed);
			assert_true(is_still(&t, &before));
		}
	}
	ticket_wipe(&t);
	buffer_wipe(&before);
}

static void what_breaks_the_form_is_refused_and_changes_nothing(void **state)
{
	(void)state;
	struct buffer b = BUFFER_INIT(64u * 1024);
	assert_refused(NULL, (struct field){"x", 1}, nothing);
	assert_refused(NULL, nothing, (struct field){"x", 1});
	put_decision(&b, "sshd", "-1", "", "r");
	assert_refused(NULL, all_of(&b), nothing);
	buffer_cut(&b, 0);
	put_decision(&b, "sshd", "1", "", "r");
	field_put_text(&b, "left over");
	assert_refused(NULL, all_of(&b), nothing);
	buffer_cut(&b, 0);
	put_decision(&b, "sshd", "1", "", "r");
	put_decision(&b, "sshd", "2", "", "r");
	assert_refused(NULL, all_of(&b), nothing);
	buffer_cut(&b, 0);
	field_put_text(&b, "PATH=x");
	assert_refused(NULL, nothing, all_of(&b));
	buffer_cut(&b, 0);
	for (int i = 0; i <= TICKET_DECISIONS_MOST; i++) {
		char service[16];
		snprintf(service, sizeof(service), "s%d", i);
		put_decision(&b, service, "1", "", "r");
	}
	assert_refused(NULL, all_of(&b), nothing);
	buffer_cut(&b, 0);
	for (int i = 0; i <= MESSAGE_EXPORTS_MOST; i++)
		field_put_text(&b, "OIDC_CLAIM_a=b");
	assert_refused(NULL, nothing, all_of(&b));
	buffer_wipe(&b);
}

/* Well formed, at its limit and one byte beyond; the helper's own limit is no promise. */
static void what_is_too_long_is_not_cut_silently(void **state)
{
	(void)state;
	struct buffer decisions = BUFFER_INIT(64u * 1024), exports = BUFFER_INIT(64u * 1024);
	static const char body[MESSAGE_TICKET_MAX + 1];
	char service[8], rule[256], export[600];
	for (int more = 0; more < 2; more++) {
		buffer_wipe(&decisions);
		buffer_wipe(&exports);
		/* 128 of 128 bytes, 64 of 512. */
		for (int i = 0; i < TICKET_DECISIONS_MOST; i++) {
			snprintf(service, sizeof(service), "s%03d", i);
			snprintf(rule, sizeof(rule), "%0*d", 107 + (i == 0 ? more : 0), 0);
			put_decision(&decisions, service, "1", "", rule);
		}
		for (int i = 0; i < MESSAGE_EXPORTS_MOST; i++) {
			snprintf(export, sizeof(export), "OIDC_CLAIM_a=%0*d",
			    495 + (i == 0 ? more : 0), 0);
			field_put_text(&exports, export);
		}
		assert_int_equal(decisions.len, MESSAGE_DECISIONS_MAX + (size_t)more);
		assert_int_equal(exports.len, MESSAGE_EXPORTS_MAX + (size_t)more);
		if (more == 1) {
			assert_refused(NULL, all_of(&decisions), nothing);
			assert_refused(NULL, nothing, all_of(&exports));
			assert_refused(&(struct field){body, sizeof(body)}, nothing, nothing);
			continue;
		}
		struct ticket t, again = {.user = ""};
		bool changed = false;
		const struct ticket_news n = {
		    {body, MESSAGE_TICKET_MAX}, all_of(&decisions), all_of(&exports), 50, NOW};
		make(&t);
		assert_int_equal(ticket_apply(&t, 0, &n, "f", &changed), 0);
		/* The largest of all is written and read again, whatever its names. */
		memset(t.user, 'u', TICKET_USER_MAX);
		memset(t.path, 'p', TICKET_PATH_MAX);
		memset(t.fingerprint, 'f', TICKET_FINGERPRINT_MAX);
		memset(t.sub, 's', TICKET_SUB_MAX);
		struct buffer bytes = bytes_of(&t);
		assert_true(reads(bytes.bytes, bytes.len, &again));
		assert_true(is_still(&again, &bytes));
		ticket_wipe(&t);
		ticket_wipe(&again);
		buffer_wipe(&bytes);
	}
	buffer_wipe(&decisions);
	buffer_wipe(&exports);
}

static void without_memory_a_result_changes_nothing(void **state)
{
	(void)state;
	struct ticket t;
	struct buffer decisions = BUFFER_INIT(4096), exports = BUFFER_INIT(4096);
	put_decision(&decisions, "su", "5", "", "r");
	field_put_text(&exports, "OIDC_CLAIM_a=b");
	make(&t);
	struct buffer before = bytes_of(&t);
	for (int with_body = 0; with_body < 2; with_body++) {
		const struct ticket_news n = {{"b2", with_body == 1 ? 2 : 0},
		    all_of(&decisions), all_of(&exports), 50, NOW};
		for (int calls = 0; calls < 3; calls++) {
			bool changed = true;
			calls_left = calls;
			assert_int_equal(ticket_apply(&t, 0, &n, "new fingerprint", &changed),
			    RESULT_MEMORY);
			calls_left = -1;
			assert_false(changed);
			assert_true(is_still(&t, &before));
		}
	}
	bool changed = false;
	const struct ticket_news n = {{"b2", 2}, all_of(&decisions), all_of(&exports), 50, NOW};
	calls_left = 3;
	assert_int_equal(ticket_apply(&t, 0, &n, "new fingerprint", &changed), 0);
	calls_left = -1;
	assert_true(changed);
	/* Cognito's refusal needs none. */
	calls_left = 0;
	assert_int_equal(ticket_apply(&t, RESULT_REFRESH_REFUSED, &n, "f", &changed), 0);
	calls_left = -1;
	assert_true(t.refused);
	ticket_wipe(&t);
	buffer_wipe(&before);
	buffer_wipe(&decisions);
	buffer_wipe(&exports);
}

static void without_memory_nothing_is_written_or_read(void **state)
{
	(void)state;
	struct ticket t, again = {.user = ""};
	make(&t);
	struct buffer bytes = bytes_of(&t), out = BUFFER_INIT(TICKET_BYTES_MAX),
		      small = BUFFER_INIT(200);
	calls_left = 0;
	assert_int_equal(ticket_encode(&t, &out), RESULT_MEMORY);
	calls_left = -1;
	buffer_wipe(&out);
	assert_int_equal(ticket_encode(&t, &small), RESULT_TOO_LARGE);
	buffer_wipe(&small);
	for (int calls = 0; calls < 3; calls++) {
		calls_left = calls;
		assert_false(ticket_decode(bytes.bytes, bytes.len, &again));
		calls_left = -1;
		assert_true(is_empty(&again));
	}
	calls_left = 0;
	assert_false(ticket_decode(OLD, strlen(OLD), &again));
	calls_left = -1;
	assert_true(is_empty(&again));
	ticket_wipe(&t);
	buffer_wipe(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_written_is_read_again),
	    cmocka_unit_test(cut_anywhere_or_longer_it_is_none),
	    cmocka_unit_test(odd_fields_are_none),
	    cmocka_unit_test(every_field_is_there_once_and_in_its_order),
	    cmocka_unit_test(a_length_that_is_another_is_none),
	    cmocka_unit_test(odd_decisions_and_exports_on_the_disk_are_none),
	    cmocka_unit_test(names_that_hold_controls_begin_no_ticket),
	    cmocka_unit_test(an_older_ticket_is_an_expired_one_with_its_body),
	    cmocka_unit_test(an_older_refused_ticket_has_no_body),
	    cmocka_unit_test(a_damaged_older_ticket_is_none),
	    cmocka_unit_test(more_bytes_than_any_ticket_has_are_none),
	    cmocka_unit_test(it_is_worth_something_to_one_person_for_a_time),
	    cmocka_unit_test(an_empty_ticket_is_worth_nothing_to_anybody),
	    cmocka_unit_test(decisions_of_another_form_are_refused),
	    cmocka_unit_test(a_decision_has_four_fields_and_a_service_one_decision),
	    cmocka_unit_test(what_is_longer_than_its_place_is_refused),
	    cmocka_unit_test(the_decision_of_the_service_alone_is_found),
	    cmocka_unit_test(a_decision_holds_for_its_seconds_and_no_longer_than_a_day),
	    cmocka_unit_test(groups_and_exports_have_their_forms),
	    cmocka_unit_test(decisions_and_exports_are_whole_and_not_too_many),
	    cmocka_unit_test(an_export_s_name_and_value_have_their_length),
	    cmocka_unit_test(a_sign_in_makes_it_and_a_refresh_renews_all_but_its_birth),
	    cmocka_unit_test(decisions_are_taken_as_they_come_and_cut_when_they_are_asked),
	    cmocka_unit_test(a_rotated_token_changes_the_body_alone),
	    cmocka_unit_test(what_a_result_changes_is_its_class_s),
	    cmocka_unit_test(rules_alone_may_empty_decisions_or_exports),
	    cmocka_unit_test(before_a_sign_in_only_a_body_counts),
	    cmocka_unit_test(a_refusal_leaves_nothing_usable),
	    cmocka_unit_test(what_breaks_the_form_is_refused_and_changes_nothing),
	    cmocka_unit_test(what_is_too_long_is_not_cut_silently),
	    cmocka_unit_test(without_memory_a_result_changes_nothing),
	    cmocka_unit_test(without_memory_nothing_is_written_or_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
