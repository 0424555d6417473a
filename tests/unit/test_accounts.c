/* SPDX-License-Identifier: MIT
 *
 * From the files of an export to the rows of a plan, without a command around it:
 * tests/cli/test_accounts.py has that.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/buffer.h"
#include "common/reason.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/accounts/bundle.h"
#include "helper/accounts/date.h"
#include "helper/accounts/export.h"
#include "helper/accounts/plan.h"
#include "helper/accounts/record.h"
#include "helper/accounts/settings.h"
#include "helper/accounts/ssh_key.h"
#include "helper/config/config.h"
#include "helper/json/scan.h"

#define ISSUER "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"
#define NOW 1764270000
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char config_text[] =
    "{\"type\": \"oidc\", \"config\": {\"client_id\": \"c\", \"certs_url\": \"" ISSUER
    "/.well-known/jwks.json\"}, \"accounts\": {\"groups\": [\"g\"], \"uid_attribute\": "
    "\"custom:uid\"}}";
static const char summary_text[] =
    "{\"issuer\": \"" ISSUER "\", \"pool_id\": \"eu-west-1_AbCdEf123\", \"time\": 1764270000, "
    "\"groups\": {\"g\": %d}}";
static const char client_text[] =
    "{\"UserPoolClient\": {\"UserPoolId\": \"eu-west-1_AbCdEf123\", \"ClientId\": \"c\", "
    "\"WriteAttributes\": []}}";
static const char one[] =
    "{\"Users\": [{\"Username\": \"alice\", \"Attributes\": [{\"Name\": "
    "\"sub\", \"Value\": \"s-1\"}, {\"Name\": \"name\", \"Value\": \"A \\\"B\\\" "
    "\\u00e9 [{\"}], \"UserCreateDate\": 1.5, \"Enabled\": true}]}";

struct fixture {
	struct config *config;
	struct accounts_settings settings;
	struct buffer bytes;
	struct bundle bundle;
	struct export *export;
	struct plan *plan;
	struct reason reason;
};

static void add(struct fixture *f, const char *folder, const char *name, const char *text)
{
	bundle_put(&f->bytes, folder, name, text, strlen(text));
}

static void begin_with(
    struct fixture *f, const char *config, const char *users, size_t len, int count)
{
	char summary[512];
	*f = (struct fixture){.bytes = BUFFER_INIT(BUNDLE_MAX)};
	assert_int_equal(
	    config_parse("c", config, strlen(config), &f->config, NULL, &f->reason), 0);
	assert_int_equal(settings_of(f->config, &f->settings, &f->reason), 0);
	snprintf(summary, sizeof(summary), summary_text, count);
	add(f, "export/", "export.json", summary);
	add(f, "export/", "client.json", client_text);
	bundle_put(&f->bytes, "export/", "groups/g.json", users, len);
}

static void begin(struct fixture *f, const char *users, size_t len, int count)
{
	begin_with(f, config_text, users, len, count);
}

static int run(struct fixture *f, bool force)
{
	assert_int_equal(bundle_read(f->bytes.bytes, f->bytes.len, &f->bundle), 0);
	int r =
	    export_read(&f->bundle, f->config, &f->settings, 0, NOW, &f->export, &f->reason);
	if (r == 0)
		r = plan_make(&f->bundle, f->config, &f->settings, f->export, force, &f->plan,
		    &f->reason);
	return r;
}

static void end(struct fixture *f)
{
	plan_free(f->plan);
	export_free(f->export);
	bundle_free(&f->bundle);
	buffer_wipe(&f->bytes);
	config_free(f->config);
}

static void a_group_s_file_cut_off_at_any_byte_is_refused(void **state)
{
	(void)state;
	for (size_t len = 0; len <= strlen(one); len++) {
		struct fixture f;
		begin(&f, one, len, 1);
		int r = run(&f, false);
		assert_int_equal(r, len == strlen(one) ? 0 : RESULT_EXPORT);
		assert_true(r == 0 || f.reason.detail[0] != '\0');
		if (r == 0)
			assert_string_equal(f.export->people[0].real_name, "A \"B\" \u00e9 [{");
		end(&f);
	}
}

static void cut_off_small_files_are_refused(void **state)
{
	static const char *const names[] = {"export.json", "client.json"};
	(void)state;
	for (size_t which = 0; which < COUNT(names); which++)
		for (size_t len = 0; len < strlen(client_text); len++) {
			struct fixture f;
			char summary[512];
			begin(&f, one, strlen(one), 1);
			snprintf(summary, sizeof(summary), summary_text, 1);
			buffer_cut(&f.bytes, 0);
			size_t whole = which == 0 ? strlen(summary) : strlen(client_text);
			bundle_put(&f.bytes, "export/", "export.json", summary,
			    which == 0 && len < whole ? len : strlen(summary));
			bundle_put(&f.bytes, "export/", "client.json", client_text,
			    which == 1 ? len : strlen(client_text));
			bundle_put(&f.bytes, "export/", "groups/g.json", one, strlen(one));
			if (which == 1 || len < whole)
				assert_int_equal(run(&f, false), RESULT_EXPORT);
			end(&f);
		}
}

/* name, sub, created, uid attribute or "" */
struct who {
	const char *name, *sub, *created, *uid;
};

static void put_people(struct buffer *out, const struct who *people, size_t len)
{
	buffer_append_text(out, "{\"Users\": [");
	for (size_t i = 0; i < len; i++) {
		buffer_append_format(out,
		    "%s{\"Username\": \"%s\", \"Attributes\": [{\"Name\": \"sub\", \"Value\": "
		    "\"%s\"}",
		    i > 0 ? "," : "", people[i].name, people[i].sub);
		if (people[i].uid[0] != '\0')
			buffer_append_format(out,
			    ", {\"Name\": \"custom:uid\", \"Value\": \"%s\"}", people[i].uid);
		buffer_append_format(
		    out, "], \"UserCreateDate\": %s, \"Enabled\": true}", people[i].created);
	}
	buffer_append_text(out, "]}");
}

/* "+alice=1879048200 -bob" */
static void tell(const struct plan *plan, char *out, size_t size)
{
	size_t len = 0;
	out[0] = '\0';
	for (size_t i = 0; i < plan->len; i++) {
		const struct plan_row *row = &plan->rows[i];
		static const char *const marks[] = {"#", "+", "!", "-"};
		if (row->state == PLAN_GROUP)
			continue;
		len += (size_t)snprintf(out + len, size - len, "%s%s%s", len > 0 ? " " : "",
		    marks[row->state], row->name);
		if (row->state == PLAN_ACTIVE)
			len += (size_t)snprintf(out + len, size - len, "=%u", row->id);
	}
}

static void who_gets_which_number(void **state)
{
	static const struct {
		struct who people[3];
		const char *told;
	} rows[] = {
	    {{{"a", "s1", "2", "1879048200"}, {"b", "s2", "1", "1879048201"}},
		"+a=1879048200 +b=1879048201"},
	    /* The elder keeps a number that both would have. */
	    {{{"a", "s1", "2", "1879048200"}, {"b", "s2", "1", "1879048200"}},
		"-a +b=1879048200"},
	    {{{"a", "s1", "1", "1879048200"}, {"b", "s2", "1", "1879048200"}},
		"+a=1879048200 -b"},
	    {{{"a", "s1", "\"2024-01-01T00:00:00Z\"", "1879048200"},
		 {"b", "s2", "\"2023-12-31T23:59:59.999+00:00\"", "1879048200"}},
		"-a +b=1879048200"},
	    {{{"a", "s1", "3", "1879048200"}, {"b", "s2", "1", "1879048200"},
		 {"c", "s3", "2", "1879048200"}},
		"-a +b=1879048200 -c"},
	    {{{"a", "s1", "1", "1000"}, {"b", "s2", "1", "01879048200"},
		 {"c", "s3", "1", "1879048200 "}},
		"-a -b -c"},
	    {{{"root", "s1", "1", "1879048200"}, {"b", "s2", "2", "1879048200"}},
		"+b=1879048200 -root"},
	    {{{"a", "s1", "1", "1879048200"}, {"a", "s2", "2", "1879048201"}}, "-a -a"},
	    /* hashlib.sha256(issuer + b"\0" + b"s1"), modulo the range's length */
	    {{{"a", "s1", "1", ""}}, "+a=1953520462"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buffer users = BUFFER_INIT(1 << 20);
		struct fixture f;
		char told[256];
		size_t len = 0;
		while (len < 3 && rows[i].people[len].name != NULL)
			len++;
		put_people(&users, rows[i].people, len);
		begin(&f, users.bytes, users.len, (int)len);
		assert_int_equal(run(&f, false), 0);
		tell(f.plan, told, sizeof(told));
		assert_string_equal(told, rows[i].told);
		end(&f);
		buffer_wipe(&users);
	}
}

static void more_than_the_limits_needs_force(void **state)
{
	struct buffer users = BUFFER_INIT(64 << 20);
	char(*names)[24] = calloc(PLAN_RECORDS_MOST + 1, sizeof(*names));
	struct who *people = calloc(PLAN_RECORDS_MOST + 1, sizeof(*people));
	(void)state;
	assert_non_null(names);
	assert_non_null(people);
	for (int i = 0; i <= PLAN_RECORDS_MOST; i++) {
		snprintf(names[i], sizeof(names[i]), "u%d", i);
		people[i] = (struct who){names[i], names[i], "1", ""};
	}
	for (int more = 0; more <= 1; more++) {
		struct fixture f;
		int count = PLAN_RECORDS_MOST + more;
		buffer_cut(&users, 0);
		put_people(&users, people, (size_t)count);
		for (int force = 0; force <= 1; force++) {
			begin(&f, users.bytes, users.len, count);
			assert_int_equal(
			    run(&f, force != 0), more && !force ? RESULT_LIMITS : 0);
			end(&f);
		}
	}
	free(names);
	free(people);
	buffer_wipe(&users);
}

static void dates_of_both_versions(void **state)
{
	static const struct {
		const char *text;
		int64_t ms; /* -1: none */
	} rows[] = {
	    {"1714564800", 1714564800000},
	    {"1714564800.123", 1714564800123},
	    {"1714564800.1", 1714564800100},
	    {"1714564800.123456", 1714564800123},
	    {"0", 0},
	    {"2024-05-01T12:00:00Z", 1714564800000},
	    {"2024-05-01T12:00:00.123000+00:00", 1714564800123},
	    {"2024-05-01T14:00:00+02:00", 1714564800000},
	    {"2024-05-01T06:30:00-05:30", 1714564800000},
	    {"", -1},
	    {"-1", -1},
	    {"1e9", -1},
	    {"1714564800.", -1},
	    {"2024-05-01", -1},
	    {"2024-05-01T12:00:00", -1},
	    {"2024-05-01 12:00:00Z", -1},
	    {"2024-13-01T12:00:00Z", -1},
	    {"2024-05-01T24:00:00Z", -1},
	    {"2024-05-01T12:00:00Zx", -1},
	    {"2024-05-01T12:00:00+0200", -1},
	    {"1234567890123", -1},
	    {"12:4", -1},
	    {"2024-05-01T12:00:60Z", 1714564860000},
	    {"2024-05-01T12:00:00-14:59", 1714564800000 + 53940000},
	    {"2024-", -1},
	    {"2024-0:-01T12:00:00Z", -1},
	    {"2024-0/-01T12:00:00Z", -1},
	    {"2024-05-01T12:00:0", -1},
	    {"2024-05-01T12:00:00.Z", -1},
	    {"2024-05-01T12:00:00.1:", -1},
	    {"2024-05-01T12:00:00.1", -1},
	    {"2024-05-01T12:00:00+", -1},
	    {"2024-05-01T12:00:00+02", -1},
	    {"2024-05-01T12:00:00+02:0", -1},
	    {"2024-05-01T12:00:00+15:00", -1},
	    {"2024-05-01T12:00:00+02:60", -1},
	    {"2024-05-01T12:00:00z", -1},
	    {"1969-05-01T12:00:00Z", -1},
	    {"2024-00-01T12:00:00Z", -1},
	    {"2024-05-00T12:00:00Z", -1},
	    {"2024-05-32T12:00:00Z", -1},
	    {"2024-05-01T12:60:00Z", -1},
	    {"2024-05-01T12:00:61Z", -1},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t ms = -1;
		bool good = date_read(rows[i].text, strlen(rows[i].text), &ms);
		if (good != (rows[i].ms >= 0) || (good && ms != rows[i].ms))
			fail_msg("%s: %lld", rows[i].text, (long long)ms);
	}
}

static void keys_without_options(void **state)
{
#define BODY "AAAAC3NzaC1lZDI1NTE5AAAAIJq0W3kUHUmWuPCnB7rYk6nZq5f1T0c9p8kWZ3dF1abc"
	static const struct {
		const char *text;
		bool good;
	} rows[] = {
	    {"ssh-ed25519 " BODY, true},
	    {"ssh-ed25519 " BODY " a comment, with = \"signs\"", true},
	    {"sk-ssh-ed25519@openssh.com " BODY, true},
	    {"ssh-ed25519  " BODY, false},
	    {" ssh-ed25519 " BODY, false},
	    {"command=\"/bin/sh\" ssh-ed25519 " BODY, false},
	    {"from=\"*\",ssh-ed25519 " BODY, false},
	    {"cert-authority ssh-ed25519 " BODY, false},
	    {"ssh-dss " BODY, false},
	    {"ssh-ed25519", false},
	    {"ssh-ed25519 AAAA", false},
	    {"ssh-ed25519 " BODY "\tx", false},
	    {"ssh-ed25519 " BODY " \x1b[31m", false},
	    {"# ssh-ed25519 " BODY, false},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (ssh_key_is_plain(rows[i].text, strlen(rows[i].text)) != rows[i].good)
			fail_msg("%s", rows[i].text);
}

/* ---- records --------------------------------------------------------------------------- */

#define IDENTITY(format, name, sub, login, uid)                                                \
	"{\"privileged\": {}, \"pam_cognito_oidc\": {\"format\": " format                      \
	", \"issuer\": \"" ISSUER "\", \"sub\": " sub ", \"login\": " login                    \
	", \"userName\": " name ", \"uid\": " uid "}}"
#define PUBLIC(name, uid) "{\"userName\": " name ", \"uid\": " uid ", \"gid\": 5}"

static void a_record_of_ours_is_whole(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} rows[] = {
	    {IDENTITY("1", "\"bob\"", "\"s\"", "\"b\"", "7"), true},
	    {IDENTITY("1", "\"eve\"", "\"s\"", "\"b\"", "7"), false},
	    {IDENTITY("2", "\"bob\"", "\"s\"", "\"b\"", "7"), false},
	    {IDENTITY("\"1\"", "\"bob\"", "\"s\"", "\"b\"", "7"), false},
	    {IDENTITY("1", "7", "\"s\"", "\"b\"", "7"), false},
	    {IDENTITY("1", "\"bob\"", "7", "\"b\"", "7"), false},
	    {IDENTITY("1", "\"bob\"", "\"\"", "\"b\"", "7"), false},
	    {IDENTITY("1", "\"bob\"", "\"s\"", "null", "7"), false},
	    {IDENTITY("1", "\"bob\"", "\"s\"", "\"b\"", "0"), false},
	    {IDENTITY("1", "\"bob\"", "\"s\"", "\"b\"", "4294967295"), false},
	    {IDENTITY("1", "\"bob\"", "\"s\"", "\"b\"", "7.5"), false},
	    {IDENTITY("1", "\"bob\"", "\"s\"", "\"b\"", "\"7\""), false},
	    {"{\"pam_cognito_oidc\": {\"format\": 1, \"userName\": \"bob\"}}", false},
	    {"{\"pam_cognito_oidc\": []}", false},
	    {"{", false},
	};
	struct record_identity identity;
	struct record_public public;
	char name[256];
	uint32_t gid = 0;
	bool ours = false;
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (record_read_identity(
			rows[i].text, strlen(rows[i].text), "bob", &identity) != rows[i].good)
			fail_msg("%s", rows[i].text);
	static const char *const users[] = {"{", "{}", PUBLIC("7", "7"),
	    PUBLIC("\"bob\"", "-1"), PUBLIC("\"bob\"", "4294967295")};
	for (size_t i = 0; i < COUNT(users); i++)
		assert_false(record_read_user(users[i], strlen(users[i]), &public));
	static const char *const groups[] = {
	    "{", "{}", "{\"groupName\": 7, \"gid\": 7}", "{\"groupName\": \"g\", \"gid\": -7}"};
	for (size_t i = 0; i < COUNT(groups); i++)
		assert_false(
		    record_read_group(groups[i], strlen(groups[i]), name, &gid, &ours));
	static const char group[] = "{\"groupName\": \"g\", \"gid\": 7}";
	assert_true(record_read_group(group, strlen(group), name, &gid, &ours));
	assert_false(ours);
}

static void only_the_very_mark_is_a_membership(void **state)
{
	struct buffer out = BUFFER_INIT(256);
	(void)state;
	assert_int_equal(record_write_membership(&out), 0);
	assert_true(record_is_membership(out.bytes, out.len));
	assert_false(record_is_membership(out.bytes, out.len - 1));
	out.bytes[0] = '[';
	assert_false(record_is_membership(out.bytes, out.len));
	buffer_wipe(&out);
}

/* What lies on the host: up to three files. */
struct lying {
	const char *folder, *name, *text;
};

/* With these files beside an export of alice alone: the result, and a part of the reason, or of
 * what is told. */
static void what_lies_there_already(void **state)
{
	static const struct {
		struct lying files[4];
		int result;
		const char *word;
	} rows[] = {
	    {{{"records/", "zoe.user-privileged",
		 IDENTITY("1", "\"zoe\"", "\"z\"", "\"z\"", "1879048300")}},
		0, "!zoe"},
	    /* Marked as ours, and not as we write it. */
	    {{{"records/", "zoe.user-privileged", "{\"pam_cognito_oidc\": {}}"}},
		RESULT_RECORDS, "zoe.user-privileged"},
	    /* Its two parts say different things. */
	    {{{"records/", "zoe.user-privileged",
		  IDENTITY("1", "\"zoe\"", "\"z\"", "\"z\"", "1879048300")},
		 {"records/", "zoe.user", "rubbish"}},
		RESULT_RECORDS, "does not belong to"},
	    {{{"records/", "zoe.user-privileged",
		  IDENTITY("1", "\"zoe\"", "\"z\"", "\"z\"", "1879048300")},
		 {"records/", "zoe.user", PUBLIC("\"eve\"", "1879048300")}},
		RESULT_RECORDS, "does not belong to"},
	    {{{"records/", "zoe.user-privileged",
		  IDENTITY("1", "\"zoe\"", "\"z\"", "\"z\"", "1879048300")},
		 {"records/", "zoe.user", PUBLIC("\"zoe\"", "1879048301")}},
		RESULT_RECORDS, "does not belong to"},
	    /* Two of one number, two of one person. */
	    {{{"records/", "zoe.user-privileged",
		  IDENTITY("1", "\"zoe\"", "\"z\"", "\"z\"", "1879048300")},
		 {"records/", "yan.user-privileged",
		     IDENTITY("1", "\"yan\"", "\"y\"", "\"y\"", "1879048300")}},
		RESULT_RECORDS, "one uid"},
	    {{{"records/", "zoe.user-privileged",
		  IDENTITY("1", "\"zoe\"", "\"z\"", "\"z\"", "1879048300")},
		 {"records/", "yan.user", PUBLIC("\"yan\"", "1879048300")}},
		RESULT_RECORDS, "one uid"},
	    {{{"records/", "zoe.user-privileged",
		  IDENTITY("1", "\"zoe\"", "\"z\"", "\"z\"", "1879048300")},
		 {"records/", "yan.user-privileged",
		     IDENTITY("1", "\"yan\"", "\"z\"", "\"y\"", "1879048301")}},
		RESULT_RECORDS, "one sub"},
	    /* Two of others are their own matter. */
	    {{{"records/", "zoe.user", PUBLIC("\"zoe\"", "1000")},
		 {"records/", "yan.user", PUBLIC("\"yan\"", "1000")}},
		0, "+alice"},
	    /* A name that is taken, whole, by half, or by what cannot be read. */
	    {{{"records/", "alice.user", PUBLIC("\"alice\"", "1000")}}, 0, "-alice"},
	    {{{"records/", "alice.user", "rubbish"}}, 0, "-alice"},
	    {{{"records/", "alice.user-privileged", "{}"}}, 0, "-alice"},
	    {{{"records/", "alice.user-privileged", "{}"},
		 {"records/", "alice.user", PUBLIC("\"alice\"", "1000")}},
		0, "-alice"},
	    /* Of another pool: its person is not ours, and leaves. */
	    {{{"records/", "old.user-privileged",
		 "{\"pam_cognito_oidc\": {\"format\": 1, \"issuer\": \"https://other\", "
		 "\"sub\": \"s-1\", \"login\": \"o\", \"userName\": \"old\", \"uid\": "
		 "1879048300}}"}},
		0, "!old"},
	    /* No names of users. */
	    {{{"records/", ".user", "x"}, {"records/", "1000.user", "alice.user"},
		 {"records/", "a.group", "x"}},
		0, "+alice"},
	    /* A tombstone keeps the number for the person, and for nobody else. */
	    {{{"tombstones/", "ann.tombstone",
		 IDENTITY("1", "\"ann\"", "\"s-1\"", "\"a\"", "1879048300")}},
		0, "+ann=1879048300"},
	    {{{"tombstones/", "ann.tombstone", "{}"}}, RESULT_RECORDS, "cannot be read"},
	    /* Groups. */
	    {{{"records/", "cognito.group", "{\"groupName\": \"cognito\", \"gid\": 7}"}},
		RESULT_RECORDS, "primary_group"},
	    {{{"records/", "cognito.group", "rubbish"}}, RESULT_RECORDS, "primary_group"},
	    {{{"records/", "cognito.group",
		 "{\"groupName\": \"other\", \"gid\": 7, \"pam_cognito_oidc\": {\"format\": "
		 "1}}"}},
		RESULT_RECORDS, "primary_group"},
	    {{{"records/", "cognito.group",
		 "{\"groupName\": \"cognito\", \"gid\": 7, \"pam_cognito_oidc\": {\"format\": "
		 "1}}"}},
		0, "+alice"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f;
		char told[256] = "";
		begin(&f, one, strlen(one), 1);
		for (const struct lying *at = rows[i].files; at->folder != NULL; at++)
			add(&f, at->folder, at->name, at->text);
		int r = run(&f, false);
		if (r == 0)
			tell(f.plan, told, sizeof(told));
		if (r != rows[i].result ||
		    strstr(r == 0 ? told : f.reason.detail, rows[i].word) == NULL)
			fail_msg("row %zu: %d %s %s", i, r, told, f.reason.detail);
		end(&f);
	}
}

/* ---- exports ----------------------------------------------------------------------------- */

#define USER(members) "{\"Users\": [{" members "}]}"
#define NAME "\"Username\": \"alice\""
#define SUB "{\"Name\": \"sub\", \"Value\": \"s-1\"}"
#define REST ", \"UserCreateDate\": 1, \"Enabled\": true"
#define TEXT_64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define TEXT_256 TEXT_64 TEXT_64 TEXT_64 TEXT_64

static void exports_that_are_none(void **state)
{
	static const struct {
		const char *users, *word;
	} rows[] = {
	    {" \n\r\t" USER(NAME ", \"Attributes\": [" SUB "]" REST) " \n", NULL},
	    {"{\"NextToken\": null, \"Other\": [], \"Userz\": 1, \"Users\": [{" NAME
	     ", \"Attributes\": [" SUB "]" REST "}]}",
		NULL},
	    {"[]", "not an object"},
	    {"7", "not an object"},
	    {"{\"Users\": {}}", "Users"},
	    {"{\"Users\": 7}", "Users"},
	    {"{\"User\": []}", "Users"},
	    {"{\"NextToken\": \"x\", \"Users\": []}", "one page of several"},
	    {"{\"PaginationToken\": true, \"Users\": []}", "one page of several"},
	    {"{\"Users\": [7]}", "Username"},
	    {USER("\"Username\": \"\", \"Attributes\": [" SUB "]" REST), "Username"},
	    {USER("\"Username\": \"a\\nb\", \"Attributes\": [" SUB "]" REST), "Username"},
	    {USER("\"Username\": \"" TEXT_256 TEXT_256 TEXT_256 "\", \"Attributes\": [" SUB
		  "]" REST),
		"Username"},
	    {USER(NAME REST), "Attributes"},
	    {USER(NAME ", \"Attributes\": {}" REST), "Attributes"},
	    {USER(NAME ", \"Attributes\": [7]" REST), "an attribute lacks"},
	    {USER(NAME ", \"Attributes\": [{\"Name\": \"x\"}]" REST), "an attribute lacks"},
	    {USER(NAME ", \"Attributes\": [" SUB ", " SUB "]" REST), "twice"},
	    {USER(NAME ", \"Attributes\": []" REST), "sub"},
	    {USER(NAME ", \"Attributes\": [{\"Name\": \"sub\", \"Value\": \"a b\"}]" REST),
		"sub"},
	    {USER(NAME ", \"Attributes\": [{\"Name\": \"sub\", \"Value\": \"" TEXT_256
		       "\"}]" REST),
		"sub"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f;
		begin(&f, rows[i].users, strlen(rows[i].users), 1);
		int r = run(&f, false);
		bool as_told =
		    rows[i].word == NULL || strstr(f.reason.detail, rows[i].word) != NULL;
		if (r != (rows[i].word == NULL ? 0 : RESULT_EXPORT) || !as_told)
			fail_msg("row %zu: %d %s", i, r, f.reason.detail);
		end(&f);
	}
}

/* ---- who is whom --------------------------------------------------------------------------
 */

#define CONFIG(users)                                                                          \
	"{\"type\": \"oidc\", \"config\": {\"client_id\": \"c\", \"certs_url\": \"" ISSUER     \
	"/.well-known/jwks.json\"}, \"users\": {" users                                        \
	"}, \"accounts\": {\"groups\": [\"g\"], "                                              \
	"\"mutable_ok\": true, \"ssh_keys_attribute\": \"custom:keys\"}}"
#define PERSON(username, status, attributes)                                                   \
	USER("\"Username\": \"" username "\", \"UserStatus\": \"" status                       \
	     "\", \"Attributes\": [" SUB attributes "]" REST)
#define ATTRIBUTE(name, value) ", {\"Name\": \"" name "\", \"Value\": \"" value "\"}"
#define EMAIL(address) ATTRIBUTE("email", address) ATTRIBUTE("email_verified", "true")

static void names_by_claims_and_by_the_map(void **state)
{
	static const struct {
		const char *config, *users, *told; /* a part; "": nobody */
		const char *login; /* NULL: whatever */
	} rows[] = {
	    {CONFIG(""), PERSON("bob", "CONFIRMED", ""), "+bob=", "bob"},
	    {CONFIG(""), PERSON("bob", "ARCHIVED", ""), "", "bob"},
	    /* A made-up user name gives way to an address that is verified. */
	    {CONFIG(""), PERSON("s-1", "CONFIRMED", EMAIL("b@x.example")), "s-1",
		"b@x.example"},
	    {CONFIG(""), PERSON("s-1", "CONFIRMED", EMAIL("")), "s-1", "s-1"},
	    {CONFIG(""), PERSON("s-1", "CONFIRMED", EMAIL("a\\nb")), "s-1", "s-1"},
	    {CONFIG(""), PERSON("s-1", "CONFIRMED", EMAIL(TEXT_256 TEXT_256 TEXT_256)), "s-1",
		"s-1"},
	    {CONFIG(""), PERSON("s-1", "CONFIRMED", ATTRIBUTE("email", "b@x.example")), "s-1",
		"s-1"},
	    {CONFIG("\"claim\": \"email\", \"mutable_ok\": true, \"strip_suffix\": "
		    "\"@x.example\""),
		PERSON("s-1", "CONFIRMED", EMAIL("bob@x.example")), "+bob=", NULL},
	    {CONFIG("\"claim\": \"email\", \"mutable_ok\": true, \"strip_suffix\": "
		    "\"@x.example\""),
		PERSON("s-1", "CONFIRMED", EMAIL("bob@y.example")), "-bob@y.example", NULL},
	    {CONFIG("\"claim\": \"email\", \"mutable_ok\": true"),
		PERSON("s-1", "CONFIRMED", ATTRIBUTE("email", "bob@x.example")), "-s-1", NULL},
	    {CONFIG("\"map\": {\"zed\": {\"sub\": \"s-1\"}}"), PERSON("bob", "CONFIRMED", ""),
		"+zed=", NULL},
	    {CONFIG("\"map\": {\"zed\": {\"sub\": \"s-2\"}}"), PERSON("bob", "CONFIRMED", ""),
		"+bob=", NULL},
	    {CONFIG("\"map\": {\"bob\": {\"sub\": \"s-2\"}}"), PERSON("bob", "CONFIRMED", ""),
		"-bob", NULL},
	    /* "login" is for people. */
	    {CONFIG("\"map\": {\"zed\": {\"sub\": \"s-1\", \"login\": \"b@x.example\"}}"),
		PERSON("bob", "CONFIRMED", ""), "+zed=", NULL},
	    {CONFIG("\"map\": {\"zed\": {\"sub\": \"s-1\", \"custom:admin\": true}}"),
		PERSON("bob", "CONFIRMED", ATTRIBUTE("custom:admin", "true")), "+zed=", NULL},
	    {CONFIG("\"map\": {\"zed\": {\"sub\": \"s-1\", \"custom:admin\": false}}"),
		PERSON("bob", "CONFIRMED", ATTRIBUTE("custom:admin", "true")), "+bob=", NULL},
	    {CONFIG("\"map\": {\"zed\": {\"sub\": \"s-1\", \"custom:admin\": false}}"),
		PERSON("bob", "CONFIRMED", ATTRIBUTE("custom:admin", "false")), "+zed=", NULL},
	    {CONFIG("\"map\": {\"zed\": {\"sub\": \"s-1\", \"email\": \"b@x.example\"}}"),
		PERSON("bob", "CONFIRMED", EMAIL("b@x.example")), "+zed=", NULL},
	    {CONFIG("\"map\": {\"zed\": {\"sub\": \"s-1\", \"email\": \"b@x.example\"}}"),
		PERSON("bob", "CONFIRMED", ATTRIBUTE("email", "b@x.example")), "+bob=", NULL},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f;
		char told[256];
		begin_with(&f, rows[i].config, rows[i].users, strlen(rows[i].users), 1);
		assert_int_equal(run(&f, false), 0);
		tell(f.plan, told, sizeof(told));
		if (strstr(told, rows[i].told) == NULL ||
		    (rows[i].told[0] == '\0') != (told[0] == '\0') ||
		    (rows[i].login != NULL && !streq(f.export->people[0].login, rows[i].login)))
			fail_msg("row %zu: \"%s\" %s", i, told, f.export->people[0].login);
		end(&f);
	}
}

/* Of somebody with a record: what the pool says now is told, and the record stays. */
static void what_the_pool_says_later(void **state)
{
	static const struct {
		const char *attributes, *told, *why;
	} rows[] = {
	    {"", "+old=1879048300", NULL},
	    {ATTRIBUTE("custom:uid", "1879048300"), "+old=1879048300", NULL},
	    {ATTRIBUTE("custom:uid", "1879048301"), "+old=1879048300", "the uid stays"},
	    {ATTRIBUTE("custom:uid", "many"), "+old=1879048300", "the uid stays"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f;
		struct buffer users = BUFFER_INIT(4096);
		char told[256];
		buffer_append_format(&users,
		    "{\"Users\": [{\"Username\": \"old\", \"Attributes\": [" SUB "%s]" REST
		    "}]}",
		    rows[i].attributes);
		begin(&f, users.bytes, users.len, 1);
		add(&f, "records/", "old.user-privileged",
		    IDENTITY("1", "\"old\"", "\"s-1\"", "\"o\"", "1879048300"));
		assert_int_equal(run(&f, false), 0);
		tell(f.plan, told, sizeof(told));
		assert_string_equal(told, rows[i].told);
		const struct plan_row *row = &f.plan->rows[f.plan->len - 1];
		assert_int_equal(row->why[0] != '\0', rows[i].why != NULL);
		assert_true(rows[i].why == NULL || strstr(row->why, rows[i].why) != NULL);
		end(&f);
		buffer_wipe(&users);
	}
}

static void keys_of_which_some_are_refused(void **state)
{
#define ONE_KEY "ssh-ed25519 " BODY
	static const struct {
		const char *value, *keys, *why;
	} rows[] = {
	    {ONE_KEY, ONE_KEY, NULL},
	    {"\\n\\r\\n" ONE_KEY "\\n", ONE_KEY, NULL},
	    {ONE_KEY "\\n" ONE_KEY, ONE_KEY "\n" ONE_KEY, NULL},
	    {"x", "", "1 of the SSH keys is refused"},
	    {"x\\ny\\n" ONE_KEY, ONE_KEY, "2 of the SSH keys are refused"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f;
		struct buffer users = BUFFER_INIT(4096);
		buffer_append_format(&users,
		    "{\"Users\": [{\"Username\": \"bob\", \"Attributes\": [" SUB
		    ", {\"Name\": \"custom:keys\", \"Value\": \"%s\"}]" REST "}]}",
		    rows[i].value);
		begin_with(&f, CONFIG(""), users.bytes, users.len, 1);
		assert_int_equal(run(&f, false), 0);
		const struct plan_row *row = &f.plan->rows[f.plan->len - 1];
		assert_string_equal(row->keys, rows[i].keys);
		assert_int_equal(row->why[0] != '\0', rows[i].why != NULL);
		assert_true(rows[i].why == NULL || strstr(row->why, rows[i].why) != NULL);
		end(&f);
		buffer_wipe(&users);
	}
}

static void an_export_without_one_of_its_files(void **state)
{
	static const char *const names[] = {"export.json", "client.json", "groups/g.json"};
	static const char *const texts[] = {"{}", client_text, one};
	(void)state;
	for (size_t without = 0; without < COUNT(names); without++) {
		struct fixture f;
		char summary[512];
		begin(&f, one, strlen(one), 1);
		snprintf(summary, sizeof(summary), summary_text, 1);
		buffer_cut(&f.bytes, 0);
		for (size_t i = 0; i < COUNT(names); i++)
			if (i != without)
				add(&f, "export/", names[i], i == 0 ? summary : texts[i]);
		assert_int_equal(run(&f, false), RESULT_EXPORT);
		assert_non_null(strstr(f.reason.detail, names[without]));
		assert_non_null(strstr(f.reason.detail, "missing"));
		end(&f);
	}
}

static void summaries_of_other_types(void **state)
{
	static const char *const texts[] = {
	    "{\"issuer\": 7, \"pool_id\": \"eu-west-1_AbCdEf123\", \"time\": 1764270000, "
	    "\"groups\": {\"g\": 1}}",
	    "{\"issuer\": \"" ISSUER "\", \"time\": 1764270000, \"groups\": {\"g\": 1}}",
	    "{\"issuer\": \"" ISSUER "\", \"pool_id\": \"eu-west-1_AbCdEf123\", \"time\": "
	    "1764270000, \"groups\": [1]}",
	    "{\"issuer\": \"" ISSUER
	    "\", \"pool_id\": \"eu-west-1_AbCdEf123\", \"time\": true, "
	    "\"groups\": {\"g\": 1}}",
	    "{\"issuer\": \"" ISSUER "\", \"pool_id\": \"eu-west-1_AbCdEf123\", \"time\": "
	    "1764270000, \"groups\": {\"g\": \"1\"}}",
	    "{\"issuer\": \"https://other/eu-west-1_AbCdEf123\", \"pool_id\": "
	    "\"eu-west-1_AbCdEf123\", \"time\": 1764270000, \"groups\": {\"g\": 1}}"};
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct fixture f;
		begin(&f, one, strlen(one), 1);
		buffer_cut(&f.bytes, 0);
		add(&f, "export/", "export.json", texts[i]);
		add(&f, "export/", "client.json", client_text);
		add(&f, "export/", "groups/g.json", one);
		assert_int_equal(run(&f, false), RESULT_EXPORT);
		assert_non_null(strstr(f.reason.detail, "export.json"));
		end(&f);
	}
}

static void names_longer_than_any_are_not_found(void **state)
{
	static const char long_name[] = TEXT_256 TEXT_256;
	struct buffer bytes = BUFFER_INIT(4096);
	struct bundle bundle;
	(void)state;
	bundle_put(&bytes, "records/", "a", "one", 3);
	assert_int_equal(bundle_read(bytes.bytes, bytes.len, &bundle), 0);
	assert_null(bundle_find(&bundle, "records/", long_name));
	assert_false(bundle_is_below(&bundle, bundle.entries, "records/abc"));
	assert_false(bundle_is_below(&bundle, bundle.entries, "tombs"));
	bundle_free(&bundle);
	bundle_put(&bytes, "records/", long_name, "two", 3);
	assert_int_equal(bytes.error, RESULT_TOO_LARGE);
	buffer_wipe(&bytes);
}

static void names(void **state)
{
	static const char *const good[] = {
	    "a", "_a", "a.b", "a-b", "a_b", "z9", "abcdefghijklmnopqrstuvwxyz012345"};
	static const char *const bad[] = {"", "A", "1", "-a", ".a", "a.", "a..b", "a b", "a:b",
	    "a/b", "a\n", "\xc3\xa5", "a$", "abcdefghijklmnopqrstuvwxyz0123456"};
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(record_is_name(good[i]));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(record_is_name(bad[i]));
}

static void a_walk_meets_each_value(void **state)
{
	static const char text[] =
	    "{\"a\" : [1, \"]\\\"\\\\\", {\"x\": [ ]}] , \"b\\\"}\":null}";
	struct scan_walk walk, inner;
	struct scan_slice root = {text, strlen(text)}, value, name;
	(void)state;
	assert_int_equal(scan_text(text, strlen(text), 1000, NULL), 0);
	assert_true(scan_open(&root, &walk));
	assert_true(scan_step(&walk, &value, &name));
	assert_int_equal(name.len, 3);
	assert_true(scan_open(&value, &inner));
	static const char *const elements[] = {"1", "\"]\\\"\\\\\"", "{\"x\": [ ]}"};
	for (size_t i = 0; i < COUNT(elements); i++) {
		assert_true(scan_step(&inner, &value, NULL));
		assert_int_equal(value.len, strlen(elements[i]));
		assert_memory_equal(value.bytes, elements[i], value.len);
	}
	assert_false(scan_step(&inner, &value, NULL));
	assert_true(scan_step(&walk, &value, &name));
	assert_memory_equal(name.bytes, "\"b\\\"}\"", 6);
	assert_memory_equal(value.bytes, "null", 4);
	assert_false(scan_step(&walk, &value, &name));
	assert_false(scan_open(&(struct scan_slice){"12", 2}, &walk));
}

static void a_bundle_that_is_cut_off_is_refused(void **state)
{
	struct buffer bytes = BUFFER_INIT(4096);
	struct bundle bundle;
	(void)state;
	bundle_put(&bytes, "records/", "b", "two", 3);
	bundle_put(&bytes, "records/", "a", "one", 3);
	for (size_t len = 1; len < bytes.len; len++) {
		bool is_whole_entry = len == bytes.len / 2;
		assert_int_equal(bundle_read(bytes.bytes, len, &bundle),
		    is_whole_entry ? 0 : RESULT_HELPER_FRAME);
		bundle_free(&bundle);
	}
	assert_int_equal(bundle_read(bytes.bytes, bytes.len, &bundle), 0);
	assert_memory_equal(bundle_find(&bundle, "records/", "a")->content.bytes, "one", 3);
	assert_null(bundle_find(&bundle, "records/", "c"));
	assert_ptr_equal(bundle_first(&bundle, "records/"), bundle.entries);
	bundle_free(&bundle);
	bundle_put(&bytes, "records/", "a", "again", 5);
	assert_int_equal(bundle_read(bytes.bytes, bytes.len, &bundle), RESULT_HELPER_FRAME);
	bundle_free(&bundle);
	buffer_wipe(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_group_s_file_cut_off_at_any_byte_is_refused),
	    cmocka_unit_test(cut_off_small_files_are_refused),
	    cmocka_unit_test(who_gets_which_number),
	    cmocka_unit_test(more_than_the_limits_needs_force),
	    cmocka_unit_test(dates_of_both_versions),
	    cmocka_unit_test(keys_without_options),
	    cmocka_unit_test(names),
	    cmocka_unit_test(a_walk_meets_each_value),
	    cmocka_unit_test(a_bundle_that_is_cut_off_is_refused),
	    cmocka_unit_test(names_longer_than_any_are_not_found),
	    cmocka_unit_test(a_record_of_ours_is_whole),
	    cmocka_unit_test(only_the_very_mark_is_a_membership),
	    cmocka_unit_test(what_lies_there_already),
	    cmocka_unit_test(exports_that_are_none),
	    cmocka_unit_test(an_export_without_one_of_its_files),
	    cmocka_unit_test(summaries_of_other_types),
	    cmocka_unit_test(names_by_claims_and_by_the_map),
	    cmocka_unit_test(what_the_pool_says_later),
	    cmocka_unit_test(keys_of_which_some_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
