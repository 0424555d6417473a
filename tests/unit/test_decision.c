/* SPDX-License-Identifier: MIT
 *
 * Identity first, then the rules; one way to yes. Then what else a decision says: every
 * service with its rule and its seconds, whether a new sign-in would help, and the fields
 * that the module gets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dlfcn.h>
#include <fnmatch.h>
#include <cmocka.h>

#include "common/buffer.h"
#include "common/frame.h"
#include "common/message.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/policy/access_request.h"
#include "helper/policy/decision.h"
#include "helper/token/claims.h"
#include "mint.h"
#include "proven.h"

static const char members[] =
    ", \"users\": {\"map\": {\"bob\": {\"sub\": \"s2\"}}}, \"rules\": ["
    "{\"name\": \"shell\", \"services\": [\"sshd\"], \"groups\": [\"users\"]}, "
    "{\"name\": \"console\", \"services\": [\"login\"], \"anyone\": true, "
    "\"grant\": [\"audio\", \"video\"]}, "
    "{\"name\": \"never\", \"effect\": \"deny\", \"users\": [\"eve\"]}]";

/* The rule itself comes, and with it no other one's grants. */
static void expect_decided(const struct decision *d, const char *rule)
{
	if (streq(rule, "")) {
		assert_null(d->rule);
		return;
	}
	assert_string_equal(d->rule->name, rule);
	assert_int_equal(d->rule->grant.len, streq(rule, "console") ? 2 : 0);
	assert_int_equal(d->rule->is_deny, d->result == RESULT_POLICY_DENY);
}

static void every_combination(void **state)
{
	static const struct {
		const char *payload, *local_name, *service;
		int code;
		const char *rule;
	} rows[] = {
	    {"{\"cognito:username\":\"alice\",\"cognito:groups\":[\"users\"]}", "alice", "sshd",
		0, "shell"},
	    {"{\"cognito:username\":\"alice\"}", "alice", "login", 0, "console"},
	    {"{\"cognito:username\":\"alice\"}", "alice", "sshd", RESULT_POLICY, ""},
	    {"{\"cognito:username\":\"alice\",\"cognito:groups\":[\"users\"]}", "alice", "sudo",
		RESULT_POLICY, ""},
	    {"{\"cognito:username\":\"alice\",\"cognito:groups\":[\"users\"]}", "carol", "sshd",
		RESULT_IDENTITY, ""},
	    /* Somebody else is told so, whether or not a rule would allow. */
	    {"{\"cognito:username\":\"alice\"}", "carol", "sudo", RESULT_IDENTITY, ""},
	    {"{\"sub\":\"s2\",\"cognito:groups\":[\"users\"]}", "bob", "sshd", 0, "shell"},
	    {"{\"sub\":\"s1\",\"cognito:username\":\"bob\",\"cognito:groups\":[\"users\"]}",
		"bob", "sshd", RESULT_IDENTITY, ""},
	    {"{\"cognito:groups\":[\"users\"]}", "alice", "sshd", RESULT_IDENTITY, ""},
	    {"{\"cognito:username\":\"eve\",\"cognito:groups\":[\"users\"]}", "eve", "sshd",
		RESULT_POLICY_DENY, "never"},
	    {"{\"cognito:username\":\"eve\"}", "eve", "sudo", RESULT_POLICY_DENY, "never"},
	    {"{\"cognito:username\":\"alice\"}", "eve", "sshd", RESULT_IDENTITY, ""},
	};
	struct config *config = configured(members);
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct decision d = {.result = 0, .rule = config->rules};
		struct claims *claims = proven(rows[i].payload);
		const struct access_request request = {
		    .user = rows[i].local_name, .service = rows[i].service, .host = "web-1"};
		int r = decide(config, claims, &request, &d);
		assert_int_equal(r, d.result);
		if (r != rows[i].code)
			fail_msg("%s %s %s: %s", rows[i].payload, rows[i].local_name,
			    rows[i].service, result_phrase(r));
		expect_decided(&d, rows[i].rule);
		decision_free(&d);
		claims_free(claims);
	}
	config_free(config);
}

static void without_rules_the_right_person_is_denied(void **state)
{
	struct config *config = configured("");
	struct claims *claims = proven("{\"cognito:username\":\"alice\"}");
	struct decision d;
	(void)state;
	const struct access_request request = {.user = "alice", .service = "sshd"};
	assert_int_equal(decide(config, claims, &request, &d), RESULT_POLICY);
	assert_int_equal(d.result, RESULT_POLICY);
	assert_null(d.rule);
	assert_false(d.wants_fresh);
	decision_free(&d);
	claims_free(claims);
	config_free(config);
}

static void root_needs_an_entry_that_names_sub(void **state)
{
	static const struct {
		const char *map, *payload;
		bool root;
		int code;
	} rows[] = {
	    {"{\"root\": {\"sub\": \"s1\"}}", "{\"sub\":\"s1\"}", true, 0},
	    {"{\"root\": {\"sub\": \"s1\"}}", "{\"sub\":\"s2\"}", true, RESULT_IDENTITY},
	    {"{\"root\": {\"sub\": \"s1\", \"cognito:username\": \"al\"}}",
		"{\"sub\":\"s1\",\"cognito:username\":\"al\"}", true, 0},
	    {"{\"root\": {\"cognito:username\": \"al\"}}",
		"{\"sub\":\"s1\",\"cognito:username\":\"al\"}", true, RESULT_IDENTITY},
	    {"{\"root\": {\"cognito:username\": \"al\"}}",
		"{\"sub\":\"s1\",\"cognito:username\":\"al\"}", false, 0},
	    {"{}", "{\"sub\":\"s1\",\"cognito:username\":\"root\"}", true, RESULT_IDENTITY},
	    {"{}", "{\"sub\":\"s1\",\"cognito:username\":\"root\"}", false, 0},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = mint_text(
		    ", \"users\": {\"map\": %s}, \"rules\": [{\"anyone\": true}]", rows[i].map);
		struct config *config = configured(text);
		struct claims *claims = proven(rows[i].payload);
		struct decision d;
		const struct access_request request = {
		    .user = "root", .service = "login", .root = rows[i].root};
		int r = decide(config, claims, &request, &d);
		assert_int_equal(r, d.result);
		if (r != rows[i].code)
			fail_msg("row %zu: %s", i, result_phrase(r));
		decision_free(&d);
		claims_free(claims);
		config_free(config);
		free(text);
	}
}

/* Only an ID token of another provider may lack token_use. */
static void a_token_is_expected_as_configured(void **state)
{
	struct config *config = configured("");
	struct expectation want = subject_expect(config, TOKEN_USE_ID, 1700000000);
	(void)state;
	assert_string_equal(want.issuer, config->issuer);
	assert_string_equal(want.client_id, config->client_id);
	assert_string_equal(want.alternate_issuers[0], config->alternate_issuers.items[0]);
	assert_int_equal(want.token_use, TOKEN_USE_ID);
	assert_int_equal(want.leeway, config->leeway);
	assert_int_equal(want.now, 1700000000);
	assert_false(want.token_use_optional);
	config->provider = &provider_oidc;
	assert_true(subject_expect(config, TOKEN_USE_ID, 0).token_use_optional);
	assert_false(subject_expect(config, TOKEN_USE_ACCESS, 0).token_use_optional);
	config_free(config);
}

/* ---- the cost --------------------------------------------------------------------------- */

/* Takes the place of libc's: counts how often a text was matched. */
static struct {
	const char *text;
	size_t calls;
} counted;

int fnmatch(const char *pattern, const char *text, int flags)
{
	static int (*real)(const char *, const char *, int);
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "fnmatch");
	if (streq(counted.text, text))
		counted.calls++;
	return real(pattern, text, flags);
}

/* Many services are decided, and the rules are asked about a new sign-in, too. Yet who asks
 * and from where is looked at once for each rule, whether or not it decides anything. */
static void each_rule_is_judged_once(void **state)
{
	struct buffer text = BUFFER_INIT(CONFIG_TEXT_MAX);
	struct claims *claims = proven("{\"cognito:username\":\"alice\"}");
	const struct access_request request = {
	    .user = "alice", .service = "sudo", .host = "Web-1.example"};
	static const char *const texts[] = {"alice", "web-1.example"};
	struct decision d;
	(void)state;
	buffer_append_text(&text, ", \"rules\": [");
	for (int i = 0; i < 50; i++)
		buffer_append_format(&text,
		    "{%s\"services\": [\"service-%d\"], \"users\": [\"%s\"], \"hosts\": "
		    "[\"web-*.*\"]}, ",
		    i % 5 == 0 ? "\"effect\": \"deny\", " : "", i, i % 3 == 0 ? "bob" : "al*");
	buffer_append_text(&text, "{\"services\": [\"sudo\"], \"users\": [\"alice\"], "
				  "\"hosts\": [\"*.example\"], \"require_mfa\": true}]");
	struct config *config = configured(buffer_text(&text));
	for (size_t i = 0; i < 2; i++) {
		counted.text = texts[i];
		counted.calls = 0;
		assert_int_equal(decide(config, claims, &request, &d), RESULT_POLICY);
		counted.text = NULL;
		assert_int_equal(counted.calls, 51);
		assert_int_equal(d.services_len, 51);
		assert_true(d.wants_fresh);
		decision_free(&d);
	}
	config_free(config);
	claims_free(claims);
	buffer_wipe(&text);
}

/* ---- would a new sign-in help? ---------------------------------------------------------- */

static void a_new_sign_in_is_wanted_where_it_would_be_allowed(void **state)
{
	static const char young[] = "{\"services\": [\"sudo\"], \"users\": [\"alice\"], "
				    "\"max_auth_age\": 60}";
	static const char mfa[] = "{\"anyone\": true, \"require_mfa\": true}";
	static const char both[] =
	    "{\"anyone\": true, \"max_auth_age\": 60, \"require_mfa\": true}";
	static const char denied[] = "{\"anyone\": true, \"max_auth_age\": 60}, "
				     "{\"effect\": \"deny\", \"services\": [\"sudo\"]}";
	static const char group[] = "{\"groups\": [\"g\"], \"max_auth_age\": 60}";
	static const char old[] = ",\"auth_time\":900", fresh[] = ",\"auth_time\":990";
	static const struct {
		const char *rules, *user, *service, *more;
		int code;
		bool wants_fresh;
	} rows[] = {
	    {young, "alice", "sudo", old, RESULT_POLICY, true},
	    {young, "alice", "sudo", fresh, 0, false},
	    {young, "alice", "sshd", old, RESULT_POLICY, false},
	    {young, "alice", "sudo", ",\"auth_time\":0", RESULT_POLICY, true},
	    /* Without an auth_time a new sign-in would have none either. */
	    {young, "alice", "sudo", "", RESULT_POLICY, false},
	    {young, "alice", "sudo", ",\"auth_time\":\"900\"", RESULT_POLICY, false},
	    {mfa, "alice", "sudo", "", RESULT_POLICY, true},
	    {mfa, "alice", "sudo", ",\"amr\":[\"mfa\"]", 0, false},
	    {both, "alice", "sudo", old, RESULT_POLICY, true},
	    {both, "alice", "sudo", fresh, RESULT_POLICY, true},
	    {both, "alice", "sudo", "", RESULT_POLICY, false},
	    {both, "alice", "sudo", ",\"auth_time\":990,\"amr\":[\"mfa\"]", 0, false},
	    /* No sign-in helps against a deny rule, for lack of a group, or for another. */
	    {denied, "alice", "sudo", old, RESULT_POLICY_DENY, false},
	    {denied, "alice", "su", old, RESULT_POLICY, true},
	    {group, "alice", "sudo", old, RESULT_POLICY, false},
	    {group, "alice", "sudo", ",\"auth_time\":900,\"cognito:groups\":[\"g\"]",
		RESULT_POLICY, true},
	    {mfa, "bob", "sudo", "", RESULT_IDENTITY, false},
	    {"", "alice", "sudo", fresh, RESULT_POLICY, false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = mint_text(", \"rules\": [%s]", rows[i].rules);
		char *payload = mint_text("{\"cognito:username\":\"alice\"%s}", rows[i].more);
		struct config *config = configured(text);
		struct claims *claims = proven(payload);
		const struct access_request request = {.user = rows[i].user,
		    .service = rows[i].service,
		    .host = "web-1",
		    .now = 1000,
		    .evidence = evidence_of(config, claims, false)};
		struct decision d;
		int r = decide(config, claims, &request, &d);
		if (r != rows[i].code || d.wants_fresh != rows[i].wants_fresh)
			fail_msg("row %zu: %s, %d", i, result_phrase(r), d.wants_fresh);
		decision_free(&d);
		claims_free(claims);
		config_free(config);
		free(payload);
		free(text);
	}
}

/* ---- every service ---------------------------------------------------------------------- */

#define ID "\"sub\":\"s1\",\"cognito:username\":\"alice\""
#define RULES                                                                                  \
	", \"rules\": ["                                                                       \
	"{\"name\": \"shell\", \"services\": [\"sshd\", \"login\"], \"groups\": [\"users\"], " \
	"\"grant\": [\"audio\", \"video\"]}, "                                                 \
	"{\"name\": \"all of it\", \"services\": [\"sudo\", \"login\", \"*lock\", \"s[u]\"], " \
	"\"groups\": [\"admins\"], \"max_auth_age\": 100}, "                                   \
	"{\"name\": \"mfa\", \"services\": [\"vault\"], \"anyone\": true, \"require_mfa\": "   \
	"true}, "                                                                              \
	"{\"name\": \"never\", \"effect\": \"deny\", \"services\": [\"cron\"]}]"

/* As text, a line for each service: NAME SECONDS RULE, "!RULE" or "-". */
static void write_services(const struct decision *d, struct buffer *out)
{
	for (size_t i = 0; i < d->services_len; i++) {
		const struct decided_service *s = &d->services[i];
		buffer_append_format(out, "%s %ld %s%s\n", s->name, s->seconds,
		    s->rule != NULL && s->rule->is_deny ? "!" : "",
		    s->rule != NULL ? s->rule->name : "-");
	}
}

static void every_service_has_its_rule_and_its_seconds(void **state)
{
	static const struct {
		const char *user, *groups, *service;
		bool mfa;
		const char *services;
	} rows[] = {
	    {"alice", "[\"users\"]", "sshd", false,
		"sshd 300 shell\nlogin 300 shell\nsudo 300 -\nvault 300 -\ncron 300 !never\n"},
	    {"alice", "[\"users\",\"admins\"]", "sudo", true,
		"sudo 90 all of it\nsshd 300 shell\nlogin 300 shell\nvault 300 mfa\n"
		"cron 300 !never\n"},
	    {"alice", "[\"admins\"]", "xlock", false,
		"xlock 90 all of it\nsshd 300 -\nlogin 90 all of it\nsudo 90 all of it\n"
		"vault 300 -\ncron 300 !never\n"},
	    {"alice", "[]", "cron", false,
		"cron 300 !never\nsshd 300 -\nlogin 300 -\nsudo 300 -\nvault 300 -\n"},
	    /* Nobody else's claims allow anything, and no rule denies them. */
	    {"bob", "[\"users\"]", "sshd", true,
		"sshd 300 -\nlogin 300 -\nsudo 300 -\nvault 300 -\ncron 300 -\n"},
	};
	struct config *config = configured(RULES);
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buffer out = BUFFER_INIT(1000);
		char *payload = mint_text(
		    "{" ID ",\"auth_time\":1000,\"cognito:groups\":%s}", rows[i].groups);
		struct claims *claims = proven(payload);
		const struct access_request request = {.user = rows[i].user,
		    .service = rows[i].service,
		    .host = "h",
		    .now = 1010,
		    .believed = 300,
		    .evidence = evidence_of(config, claims, rows[i].mfa)};
		struct decision d;
		decide(config, claims, &request, &d);
		write_services(&d, &out);
		if (!streq(buffer_text(&out), rows[i].services))
			fail_msg("row %zu:\n%s", i, buffer_text(&out));
		assert_ptr_equal(d.services[0].rule, d.rule);
		decision_free(&d);
		buffer_wipe(&out);
		claims_free(claims);
		free(payload);
	}
	config_free(config);
}

/* The sign-in may be as old as the rule says, to the second; 0 is an age, too. */
static void an_age_limits_the_seconds(void **state)
{
	static const struct {
		const char *age;
		long long auth_time;
		long believed, seconds;
	} rows[] = {
	    {"0", 1000, 300, 0},
	    {"0", 1030, 300, 30}, /* the other clock is ahead */
	    {"100", 900, 300, 0},
	    {"100", 901, 300, 1},
	    {"100", 1000, 100, 100},
	    {"100", 1000, 99, 99},
	    {"999999999", 1, 300, 300},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = mint_text(
		    ", \"rules\": [{\"anyone\": true, \"max_auth_age\": %s}]", rows[i].age);
		char *payload = mint_text("{" ID ",\"auth_time\":%lld}", rows[i].auth_time);
		struct config *config = configured(text);
		struct claims *claims = proven(payload);
		const struct access_request request = {.user = "alice",
		    .service = "sudo",
		    .now = 1000,
		    .believed = rows[i].believed,
		    .evidence = evidence_of(config, claims, false)};
		struct decision d;
		assert_int_equal(decide(config, claims, &request, &d), 0);
		assert_int_equal(d.services[0].seconds, rows[i].seconds);
		decision_free(&d);
		claims_free(claims);
		config_free(config);
		free(payload);
		free(text);
	}
}

/* ---- as RESULT carries it --------------------------------------------------------------- */

/* As text, a line for each service: NAME SECONDS GROUPS RULE, "-" without groups. Every field
 * is what the module accepts. */
static void write_fields(const struct buffer *encoded, struct buffer *out)
{
	struct field rest = {encoded->bytes, encoded->len};
	char service[MESSAGE_SERVICE_MAX + 1], groups[MESSAGE_GROUPS_MAX + 1], rule[256];
	int64_t seconds = 0;
	while (rest.len > 0) {
		assert_true(field_take_text(&rest, service, sizeof(service)));
		assert_true(field_take_number(&rest, 999999999, &seconds));
		assert_true(field_take_text(&rest, groups, sizeof(groups)));
		assert_true(field_take_text(&rest, rule, sizeof(rule)));
		assert_true(service[0] != '\0');
		buffer_append_format(out, "%s %ld %s %s\n", service, (long)seconds,
		    groups[0] != '\0' ? groups : "-", rule);
	}
}

/* Asks and encodes; the text is the caller's. */
static char *encoded_text(const struct config *config, const struct claims *claims,
    const struct access_request *request, size_t max)
{
	struct buffer encoded = BUFFER_INIT(max), out = BUFFER_INIT(2u * MESSAGE_DECISIONS_MAX);
	struct decision d;
	decide(config, claims, request, &d);
	decision_encode(&d, &encoded);
	assert_int_equal(encoded.error, 0);
	write_fields(&encoded, &out);
	char *text = strdup(buffer_text(&out));
	decision_free(&d);
	buffer_wipe(&encoded);
	buffer_wipe(&out);
	return text;
}

static void the_services_that_are_allowed_are_encoded(void **state)
{
	static const struct {
		const char *groups, *service;
		bool mfa;
		long now, believed;
		const char *fields;
	} rows[] = {
	    {"[\"users\"]", "sshd", false, 1010, 300,
		"sshd 300 audio,video shell\nlogin 300 audio,video shell\n"},
	    {"[\"users\"]", "sudo", false, 1010, 300,
		"sshd 300 audio,video shell\nlogin 300 audio,video shell\n"},
	    {"[\"admins\"]", "sudo", false, 1010, 300,
		"sudo 90 - all of it\nlogin 90 - all of it\n"},
	    {"[\"admins\"]", "xlock", false, 1010, 60,
		"xlock 60 - all of it\nlogin 60 - all of it\nsudo 60 - all of it\n"},
	    {"[\"admins\"]", "su", false, 1100, 60,
		"su 0 - all of it\nlogin 0 - all of it\nsudo 0 - all of it\n"},
	    {"[\"admins\"]", "sudo", false, 1101, 60, ""},
	    {"[\"users\",\"admins\"]", "sudo", false, 1000, 0,
		"sudo 0 - all of it\nsshd 0 audio,video shell\nlogin 0 audio,video shell\n"},
	    {"[\"x\"]", "vault", true, 1010, 300, "vault 300 - mfa\n"},
	    {"[\"x\"]", "vault", false, 1010, 300, ""},
	    {"[\"users\"]", "cron", false, 1010, 300,
		"sshd 300 audio,video shell\nlogin 300 audio,video shell\n"},
	    {"[\"admins\"]", "a lock", false, 1010, 5,
		"a lock 5 - all of it\nlogin 5 - all of it\nsudo 5 - all of it\n"},
	    {"[\"admins\"]", "a\nlock", false, 1010, 5,
		"login 5 - all of it\nsudo 5 - all of it\n"},
	    {"[\"admins\"]", "", false, 1010, 5, "login 5 - all of it\nsudo 5 - all of it\n"},
	};
	struct config *config = configured(RULES);
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *payload = mint_text(
		    "{" ID ",\"auth_time\":1000,\"cognito:groups\":%s}", rows[i].groups);
		struct claims *claims = proven(payload);
		const struct access_request request = {.user = "alice",
		    .service = rows[i].service,
		    .host = "h",
		    .now = rows[i].now,
		    .believed = rows[i].believed,
		    .evidence = evidence_of(config, claims, rows[i].mfa)};
		char *text = encoded_text(config, claims, &request, MESSAGE_DECISIONS_MAX);
		if (!streq(text, rows[i].fields))
			fail_msg("row %zu:\n%s", i, text);
		free(text);
		claims_free(claims);
		free(payload);
	}
	config_free(config);
}

static void nobody_elses_claims_are_encoded(void **state)
{
	struct config *config = configured(RULES);
	struct claims *claims = proven("{" ID ",\"cognito:groups\":[\"users\"]}");
	const struct access_request request = {
	    .user = "bob", .service = "sshd", .host = "h", .believed = 300};
	(void)state;
	char *text = encoded_text(config, claims, &request, MESSAGE_DECISIONS_MAX);
	assert_string_equal(text, "");
	free(text);
	claims_free(claims);
	config_free(config);
}

static void services_are_a_hundred_and_never_half_a_one(void **state)
{
	struct buffer text = BUFFER_INIT(CONFIG_TEXT_MAX);
	const struct access_request request = {
	    .user = "alice", .service = "sshd", .host = "h", .believed = 300};
	struct claims *claims = proven("{" ID "}");
	size_t lines = 0;
	(void)state;
	buffer_append_text(&text, ", \"rules\": [");
	for (int i = 0; i < 300; i++)
		buffer_append_format(&text,
		    "%s{\"name\": \"the rule numbered %d\", \"services\": [\"service-%d\"], "
		    "\"anyone\": true}",
		    i > 0 ? ", " : "", i, i);
	buffer_append_text(&text, "]");
	struct config *config = configured(buffer_text(&text));
	char *all = encoded_text(config, claims, &request, MESSAGE_DECISIONS_MAX);
	for (size_t i = 0; all[i] != '\0'; i++)
		lines += all[i] == '\n';
	assert_int_equal(lines, 99); /* sshd was looked at, and is not allowed */
	/* Each takes 47 bytes; for the third there is room for some of its fields. */
	for (size_t max = 2 * 47; max < 3 * 47; max++) {
		char *some = encoded_text(config, claims, &request, max);
		assert_string_equal(some, "service-0 300 - the rule numbered 0\n"
					  "service-1 300 - the rule numbered 1\n");
		free(some);
	}
	free(all);
	buffer_wipe(&text);
	claims_free(claims);
	config_free(config);
}

/* A short one is encoded behind one that is too long. */
static void a_service_without_room_leaves_it_to_the_next(void **state)
{
	struct config *config = configured(
	    ", \"rules\": [{\"name\": \"a rule with a rather long name\", \"services\": "
	    "[\"a\"], "
	    "\"anyone\": true}, {\"name\": \"b\", \"services\": [\"b\"], \"anyone\": true}]");
	struct claims *claims = proven("{" ID "}");
	const struct access_request request = {.user = "alice", .service = "a", .believed = 5};
	(void)state;
	char *text = encoded_text(config, claims, &request, 40);
	assert_string_equal(text, "b 5 - b\n");
	free(text);
	claims_free(claims);
	config_free(config);
}

/* A rule about every service allows these, too; the module would refuse the fields. */
static void a_service_without_a_proper_name_is_not_encoded(void **state)
{
	char name[MESSAGE_SERVICE_MAX + 2];
	const struct {
		const char *service;
		bool is_encoded;
	} rows[] = {
	    {"", false},
	    {"a\nb", false},
	    {"\x7f", false},
	    {"\xc2\x85", false},
	    {name, false},
	    {name + 1, true},
	    {"a b", true},
	    {"\xc3\xa9", true},
	};
	struct config *config = configured(", \"rules\": [{\"anyone\": true}]");
	struct claims *claims = proven("{" ID "}");
	(void)state;
	memset(name, 's', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct access_request request = {
		    .user = "alice", .service = rows[i].service, .believed = 300};
		char *text = encoded_text(config, claims, &request, MESSAGE_DECISIONS_MAX);
		char *line = mint_text("%s 300 - rule 1\n", rows[i].service);
		if (!streq(text, rows[i].is_encoded ? line : ""))
			fail_msg("row %zu: %s", i, text);
		free(line);
		free(text);
	}
	claims_free(claims);
	config_free(config);
}

/* What the module would refuse the whole sign-in for. */
static void no_more_groups_and_no_longer_service_than_may_be(void **state)
{
	struct buffer text = BUFFER_INIT(CONFIG_TEXT_MAX);
	char name[66];
	(void)state;
	memset(name, 's', 65);
	name[65] = '\0';
	buffer_append_format(&text,
	    ", \"rules\": [{\"name\": \"a\", \"services\": [\"%s\", \"%s\"], \"anyone\": true, "
	    "\"grant\": [\"one@EX.org\"]}, {\"name\": \"b\", \"services\": [\"many\"], "
	    "\"anyone\": true, \"grant\": [",
	    name, name + 1);
	for (int i = 0; i < 40; i++)
		buffer_append_format(
		    &text, "%s\"a-group-with-a-long-name-%05d\"", i > 0 ? ", " : "", i);
	buffer_append_text(&text, "]}]");
	struct config *config = configured(buffer_text(&text));
	struct claims *claims = proven("{" ID "}");
	const struct access_request request = {
	    .user = "alice", .service = "many", .host = "h", .believed = 300};
	char *fields = encoded_text(config, claims, &request, MESSAGE_DECISIONS_MAX);
	char *expected = mint_text("%s 300 one@EX.org a\n", name + 1);
	assert_string_equal(fields, expected);
	free(expected);
	free(fields);
	buffer_wipe(&text);
	claims_free(claims);
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_combination),
	    cmocka_unit_test(without_rules_the_right_person_is_denied),
	    cmocka_unit_test(root_needs_an_entry_that_names_sub),
	    cmocka_unit_test(a_token_is_expected_as_configured),
	    cmocka_unit_test(each_rule_is_judged_once),
	    cmocka_unit_test(a_new_sign_in_is_wanted_where_it_would_be_allowed),
	    cmocka_unit_test(every_service_has_its_rule_and_its_seconds),
	    cmocka_unit_test(an_age_limits_the_seconds),
	    cmocka_unit_test(the_services_that_are_allowed_are_encoded),
	    cmocka_unit_test(nobody_elses_claims_are_encoded),
	    cmocka_unit_test(services_are_a_hundred_and_never_half_a_one),
	    cmocka_unit_test(a_service_without_room_leaves_it_to_the_next),
	    cmocka_unit_test(a_service_without_a_proper_name_is_not_encoded),
	    cmocka_unit_test(no_more_groups_and_no_longer_service_than_may_be),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
