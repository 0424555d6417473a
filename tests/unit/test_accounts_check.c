/* SPDX-License-Identifier: MIT
 *
 * The helper read what people of the pool wrote, and may be theirs by now: whatever rows it
 * sends, the command takes none that reaches another account. And what this host has already is
 * nobody's.
 */
#include <grp.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "cli/accounts.h"
#include "common/frame.h"
#include "common/message.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "host.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define FIRST 1879048192u
#define KEY                                                                                    \
	"ssh-ed25519 "                                                                         \
	"AAAAC3NzaC1lZDI1NTE5AAAAIJq0W3kUHUmWuPCnB7rYk6nZq5f1T0c9p8kWZ3dF1abc"
#define LONG_64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* ---- this host, as a test has it -----------------------------------------------------------
 */

static const char *host_passwd, *host_group, *host_subuid, *host_subgid, *host_defs;
static const char *known_name; /* what getpwnam() and getgrnam() find */
static uint32_t known_id;

FILE *__real_fopen(const char *, const char *);
FILE *__wrap_fopen(const char *, const char *);
FILE *__wrap_fopen(const char *path, const char *mode)
{
	const struct {
		const char *path, *text;
	} files[] = {{"/etc/passwd", host_passwd}, {"/etc/group", host_group},
	    {"/etc/subuid", host_subuid}, {"/etc/subgid", host_subgid},
	    {"/etc/login.defs", host_defs}};
	for (size_t i = 0; i < COUNT(files); i++)
		if (streq(path, files[i].path))
			return host_file(files[i].text);
	return __real_fopen(path, mode);
}

struct passwd *__wrap_getpwnam(const char *);
struct passwd *__wrap_getpwnam(const char *name)
{
	static struct passwd pw;
	return known_name != NULL && streq(name, known_name) ? &pw : NULL;
}

struct passwd *__wrap_getpwuid(uid_t);
struct passwd *__wrap_getpwuid(uid_t uid)
{
	static struct passwd pw;
	return uid == known_id ? &pw : NULL;
}

struct group *__wrap_getgrnam(const char *);
struct group *__wrap_getgrnam(const char *name)
{
	static struct group gr;
	return known_name != NULL && streq(name, known_name) ? &gr : NULL;
}

struct group *__wrap_getgrgid(gid_t);
struct group *__wrap_getgrgid(gid_t gid)
{
	static struct group gr;
	return gid == known_id ? &gr : NULL;
}

/* ---- a run of the command ------------------------------------------------------------------
 */

static const char config_text[] =
    "{\"type\": \"oidc\", \"config\": {\"client_id\": \"c\", \"certs_url\": "
    "\"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123/.well-known/"
    "jwks.json\"},"
    " \"accounts\": {\"groups\": [\"g\", \"admins\", \"crew\"], \"unix_groups\": [\"admins\", "
    "\"crew\"], \"home\": "
    "\"/nonexistent/%u\"}}";

static void begin(struct accounts *run)
{
	struct reason reason;
	*run = (struct accounts){.bytes = BUFFER_INIT(BUNDLE_MAX), .folder = -1};
	host_passwd = host_group = "";
	host_subuid = host_subgid = host_defs = known_name = NULL;
	known_id = 0;
	assert_int_equal(
	    config_parse("c", config_text, strlen(config_text), &run->config, NULL, &reason),
	    0);
	assert_int_equal(settings_of(run->config, &run->settings, &reason), 0);
	run->plan = calloc(1, sizeof(*run->plan));
	assert_non_null(run->plan);
}

static void put(struct accounts *run, const char *name, const char *text)
{
	bundle_put(&run->bytes, "records/", name, text, strlen(text));
}

static void look(struct accounts *run)
{
	assert_int_equal(bundle_read(run->bytes.bytes, run->bytes.len, &run->files), 0);
}

static void end(struct accounts *run)
{
	for (size_t i = 0; i < run->local_len; i++)
		free(run->local[i].name);
	free(run->local);
	plan_free(run->plan);
	bundle_free(&run->files);
	buffer_wipe(&run->bytes);
	config_free(run->config);
}

/* What differs from a good row of a new person: a field and its bytes. */
struct change {
	size_t field;
	const char *text;
	size_t len; /* 0: of the text */
};
#define CHANGES_MAX 3

static bool take(struct accounts *run, const struct change *changes)
{
	static const char *const good[ACCOUNT_FIELDS] = {[ACCOUNT_STATE] = "active",
	    [ACCOUNT_NAME] = "alice",
	    [ACCOUNT_NUMBER] = "1879048200",
	    [ACCOUNT_ISSUER] = "https://issuer",
	    [ACCOUNT_SUB] = "a-sub",
	    [ACCOUNT_LOGIN] = "alice@example.com",
	    [ACCOUNT_REAL_NAME] = "Alice A.",
	    [ACCOUNT_KEYS] = KEY,
	    [ACCOUNT_GROUPS] = "1",
	    [ACCOUNT_WHY] = ""};
	struct frame f = {.type = FRAME_ACCOUNT, .count = ACCOUNT_FIELDS};
	for (size_t i = 0; i < ACCOUNT_FIELDS; i++)
		f.fields[i] = (struct field){good[i], strlen(good[i])};
	for (size_t i = 0; i < CHANGES_MAX && changes[i].text != NULL; i++)
		f.fields[changes[i].field] = (struct field){changes[i].text,
		    changes[i].len > 0 ? changes[i].len : strlen(changes[i].text)};
	return accounts_take(run, &f);
}

static void rows_that_reach_others_are_refused(void **state)
{
	static const struct {
		struct change changes[CHANGES_MAX];
		bool good;
	} rows[] = {
	    {{{0, NULL, 0}}, true},
	    {{{ACCOUNT_STATE, "locked", 0}}, true},
	    {{{ACCOUNT_STATE, "left-out", 0}, {ACCOUNT_NAME, "root", 0}}, true},
	    {{{ACCOUNT_STATE, "group", 0}, {ACCOUNT_NAME, "cognito", 0}}, true},
	    {{{ACCOUNT_STATE, "group", 0}, {ACCOUNT_NAME, "crew", 0}}, true},
	    {{{ACCOUNT_STATE, "export", 0}, {ACCOUNT_NUMBER, "99999999999", 0}}, true},
	    {{{ACCOUNT_KEYS, KEY "\n" KEY, 0}}, true},
	    {{{ACCOUNT_GROUPS, "3", 0}}, true},
	    /* Not as the protocol has it. */
	    {{{ACCOUNT_STATE, "superuser", 0}}, false},
	    {{{ACCOUNT_STATE, "active\0x", 8}}, false},
	    {{{ACCOUNT_NAME, "ali\0ce", 6}}, false},
	    {{{ACCOUNT_NAME, LONG_64, 0}}, false},
	    {{{ACCOUNT_NUMBER, "18790\0", 6}}, false},
	    {{{ACCOUNT_NUMBER, "x", 0}}, false},
	    {{{ACCOUNT_NUMBER, "4294967295", 0}}, false},
	    {{{ACCOUNT_STATE, "export", 0}, {ACCOUNT_NUMBER, "999999999999999", 0}}, false},
	    {{{ACCOUNT_GROUPS, "1\0", 2}}, false},
	    {{{ACCOUNT_GROUPS, "-1", 0}}, false},
	    {{{ACCOUNT_WHY, "a\0b", 3}}, false},
	    {{{ACCOUNT_ISSUER, "a\0b", 3}}, false},
	    {{{ACCOUNT_SUB, "a\0b", 3}}, false},
	    {{{ACCOUNT_LOGIN, "a\0b", 3}}, false},
	    {{{ACCOUNT_REAL_NAME, "a\0b", 3}}, false},
	    {{{ACCOUNT_KEYS, "a\0b", 3}}, false},
	    /* Names and numbers of others. */
	    {{{ACCOUNT_NAME, "root", 0}}, false},
	    {{{ACCOUNT_NAME, "../alice", 0}}, false},
	    {{{ACCOUNT_NAME, "", 0}}, false},
	    {{{ACCOUNT_NUMBER, "0", 0}}, false},
	    {{{ACCOUNT_NUMBER, "1000", 0}}, false},
	    {{{ACCOUNT_NUMBER, "1879048191", 0}}, false},
	    {{{ACCOUNT_NUMBER, "2147352576", 0}}, false},
	    {{{ACCOUNT_STATE, "group", 0}, {ACCOUNT_NAME, "sudo", 0}}, false},
	    {{{ACCOUNT_STATE, "group", 0}, {ACCOUNT_NAME, "g", 0}}, false},
	    {{{ACCOUNT_GROUPS, "4", 0}}, false},
	    /* There already: with another number, of another maker, or by halves. */
	    {{{ACCOUNT_NAME, "bob", 0}, {ACCOUNT_NUMBER, "1000", 0}}, true},
	    {{{ACCOUNT_NAME, "alice", 0}, {ACCOUNT_NUMBER, "1000", 0}}, false},
	    {{{ACCOUNT_NAME, "bobby", 0}, {ACCOUNT_NUMBER, "1000", 0}}, false},
	    {{{ACCOUNT_NAME, "carol", 0}}, false},
	    {{{ACCOUNT_NAME, "dave", 0}}, false},
	    {{{ACCOUNT_STATE, "group", 0}, {ACCOUNT_NAME, "admins", 0}}, false},
	    /* What would be written into the record. */
	    {{{ACCOUNT_SUB, "", 0}}, false},
	    {{{ACCOUNT_SUB, "a b", 0}}, false},
	    {{{ACCOUNT_ISSUER, "a\nb", 0}}, false},
	    {{{ACCOUNT_LOGIN, "a\nb", 0}}, false},
	    {{{ACCOUNT_REAL_NAME, "a\nb", 0}}, false},
	    {{{ACCOUNT_REAL_NAME, "a:b", 0}}, false},
	    {{{ACCOUNT_KEYS, "command=\"sh\" " KEY, 0}}, false},
	    {{{ACCOUNT_KEYS, KEY "\nx", 0}}, false},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct accounts run;
		begin(&run);
		put(&run, "1000.user", "bob.user");
		put(&run, "bob.user", "{}");
		put(&run, "bob.user-privileged", "{\"pam_cognito_oidc\": {}}");
		put(&run, "carol.user-privileged", "{}");
		put(&run, "dave.user", "{}");
		put(&run, "admins.group", "{}");
		look(&run);
		if (take(&run, rows[i].changes) != rows[i].good)
			fail_msg("row %zu: %s", i, rows[i].changes[0].text);
		end(&run);
	}
}

/* ---- what this host has already ------------------------------------------------------------
 */

static const struct change primary[CHANGES_MAX] = {{ACCOUNT_STATE, "group", 0},
    {ACCOUNT_NAME, "cognito", 0}, {ACCOUNT_NUMBER, "1879048192", 0}};

/* alice and the primary group, on a host with these files; alice's state, or -1. */
static int alice_on(const char *passwd, const char *group, const char *name, uint32_t id)
{
	struct accounts run;
	begin(&run);
	look(&run);
	assert_true(take(&run, primary));
	assert_true(take(&run, (const struct change[CHANGES_MAX]){{0, NULL, 0}}));
	host_passwd = passwd;
	host_group = group;
	known_name = name;
	known_id = id;
	int is = accounts_check_host(&run) ? (int)run.plan->rows[1].state : -1;
	end(&run);
	return is;
}

static void a_newcomer_takes_nothing_of_others(void **state)
{
	(void)state;
	assert_int_equal(alice_on("", "", NULL, 0), PLAN_ACTIVE);
	assert_int_equal(
	    alice_on("root:x:0:0::/root:/bin/sh\nzoe:x:1000:1000::/:/bin/sh\n", "", NULL, 0),
	    PLAN_ACTIVE);
	assert_int_equal(
	    alice_on("alice:x:1000:1000::/:/bin/sh\n", "", NULL, 0), PLAN_LEFT_OUT);
	assert_int_equal(
	    alice_on("zoe:x:1879048200:1000::/:/bin/sh\n", "", NULL, 0), PLAN_LEFT_OUT);
	assert_int_equal(alice_on("", "", "alice", 0), PLAN_LEFT_OUT);
	assert_int_equal(alice_on("", "", NULL, 1879048200), PLAN_LEFT_OUT);
	assert_int_equal(alice_on(NULL, "", NULL, 0), -1);
}

static void the_primary_group_is_nobody_else_s(void **state)
{
	(void)state;
	assert_int_equal(alice_on("", "cognito:x:5:\n", NULL, 0), -1);
	assert_int_equal(alice_on("", "other:x:1879048192:\n", NULL, 0), -1);
	assert_int_equal(alice_on("", "", "cognito", 0), -1);
	assert_int_equal(alice_on("", "", NULL, FIRST), -1);
	assert_int_equal(alice_on("", "other:x:5:\n", NULL, 0), PLAN_ACTIVE);
	/* Without the file NSS answers alone. */
	assert_int_equal(alice_on("", NULL, NULL, 0), PLAN_ACTIVE);
}

static void another_group_that_is_taken_is_left_out(void **state)
{
	static const struct change crew[CHANGES_MAX] = {
	    {ACCOUNT_STATE, "group", 0}, {ACCOUNT_NAME, "crew", 0}};
	struct accounts run;
	(void)state;
	begin(&run);
	look(&run);
	assert_true(take(&run, primary));
	assert_true(take(&run, crew));
	host_group = "crew:x:50:\n";
	assert_true(accounts_check_host(&run));
	assert_int_equal(run.plan->rows[0].state, PLAN_GROUP);
	assert_int_equal(run.plan->rows[1].state, PLAN_LEFT_OUT);
	end(&run);
}

static void without_a_primary_group_nobody_gets_an_account(void **state)
{
	struct accounts run;
	(void)state;
	begin(&run);
	look(&run);
	assert_true(take(&run, (const struct change[CHANGES_MAX]){{0, NULL, 0}}));
	assert_false(accounts_check_host(&run));
	end(&run);
}

static void an_account_that_passwd_has_by_now_is_locked(void **state)
{
	struct accounts run;
	(void)state;
	begin(&run);
	put(&run, "1879048200.user", "alice.user");
	put(&run, "alice.user", "{}");
	put(&run, "alice.user-privileged", "{\"pam_cognito_oidc\": {}}");
	look(&run);
	assert_true(take(&run, primary));
	assert_true(take(&run, (const struct change[CHANGES_MAX]){{0, NULL, 0}}));
	host_passwd = "alice:x:1000:1000::/:/bin/sh\n";
	assert_true(accounts_check_host(&run));
	assert_int_equal(run.plan->rows[1].state, PLAN_LOCKED);
	assert_int_equal(run.plan->rows[1].groups, 0);
	end(&run);
}

static void ranges_that_are_others(void **state)
{
	static const struct {
		uint32_t first, last;
		const char *subuid, *subgid, *defs, *wrong; /* a part of the sentence */
	} rows[] = {
	    {FIRST, 2147352575, NULL, NULL, NULL, NULL},
	    {FIRST, 2147352575, "bob:100000:65536\n", "bob:100000:65536\n", "# nothing\n",
		NULL},
	    {1000, 60000, NULL, NULL, NULL, NULL},
	    {FIRST, 2147352575, "bob:2000000000:65536\n", NULL, NULL,
		"/etc/subuid's line of bob"},
	    {FIRST, 2147352575, "no line\nbob:x\n", "bob:2000000000:1\n", NULL,
		"/etc/subgid's line of bob"},
	    {FIRST, 2147352575, "bob:2000000000:0\n", NULL, NULL, NULL},
	    {FIRST, 2147352575, NULL, NULL, "SUB_UID_MAX 2000000000\n",
		"SUB_UID_MIN to SUB_UID_MAX"},
	    {FIRST, 2147352575, NULL, NULL, " SUB_GID_MAX\t2000000000\n",
		"SUB_GID_MIN to SUB_GID_MAX"},
	    {70000, 90000, NULL, NULL, "SUB_UID_MIN 80000\n", "SUB_UID_MIN"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char out[256];
		host_subuid = rows[i].subuid;
		host_subgid = rows[i].subgid;
		host_defs = rows[i].defs;
		const char *wrong =
		    accounts_range_fault(rows[i].first, rows[i].last, out, sizeof(out));
		if ((wrong == NULL) != (rows[i].wrong == NULL) ||
		    (wrong != NULL && strstr(wrong, rows[i].wrong) == NULL))
			fail_msg("row %zu: %s", i, wrong != NULL ? wrong : "none");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_that_reach_others_are_refused),
	    cmocka_unit_test(a_newcomer_takes_nothing_of_others),
	    cmocka_unit_test(the_primary_group_is_nobody_else_s),
	    cmocka_unit_test(another_group_that_is_taken_is_left_out),
	    cmocka_unit_test(without_a_primary_group_nobody_gets_an_account),
	    cmocka_unit_test(an_account_that_passwd_has_by_now_is_locked),
	    cmocka_unit_test(ranges_that_are_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
