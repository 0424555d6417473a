/* SPDX-License-Identifier: MIT
 *
 * Which rule decides for which user, service and host. Without an allow rule: denied.
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
#include "common/result.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/policy/access_request.h"
#include "helper/policy/decision.h"
#include "helper/policy/rules.h"
#include "helper/policy/subject.h"
#include "helper/token/claims.h"
#include "mint.h"
#include "proven.h"

#define NOW 1764000000

/* What a row leaves out is as request_of() says. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
struct row {
	const char *rules, *payload, *service;
	const char *decides; /* the rule's name, "!" before a deny rule's; NULL: none does */
	const char *user, *host;
	long long now;
	bool mfa_answered, access_token, other_provider;
};

static struct access_request request_of(const struct row *row)
{
	return (struct access_request){
	    .user = row->user != NULL ? row->user : "alice",
	    .service = row->service,
	    .host = row->host != NULL ? row->host : "web-1.example.com",
	    .now = row->now != 0 ? row->now : NOW,
	    .access_token = row->access_token,
	};
}

static bool is_as_told(const struct row *row, const struct decision *d)
{
	if (row->decides == NULL || d->rule == NULL)
		return row->decides == NULL && d->rule == NULL && d->result == RESULT_POLICY;
	bool denies = row->decides[0] == '!';
	return d->rule->is_deny == denies && d->result == (denies ? RESULT_POLICY_DENY : 0) &&
	       streq(d->rule->name, row->decides + (denies ? 1 : 0));
}

/* The claim custom:me names the local user, so that the rules alone decide. */
static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct access_request request = request_of(&rows[i]);
		struct decision d;
		char *members =
		    mint_text(", \"endpoints\": {%s}, \"users\": {\"claim\": "
			      "\"custom:me\", \"mutable_ok\": true}, \"rules\": [%s]",
			rows[i].other_provider
			    ? "\"provider\": \"oidc\", \"api_url\": \"https://a.example\""
			    : "",
			rows[i].rules);
		char *payload = mint_text("{\"custom:me\":\"%s\"%s%s", request.user,
		    streq(rows[i].payload, "{}") ? "" : ",", rows[i].payload + 1);
		struct config *config = configured(members);
		struct claims *claims = proven(payload);
		request.evidence = evidence_of(config, claims, rows[i].mfa_answered);
		int r = decide(config, claims, &request, &d);
		assert_int_equal(r, d.result);
		if (!is_as_told(&rows[i], &d))
			fail_msg("row %zu: %s, %s, %s: %s", i, rows[i].rules, rows[i].payload,
			    rows[i].service, d.rule != NULL ? d.rule->name : "none");
		decision_free(&d);
		claims_free(claims);
		config_free(config);
		free(payload);
		free(members);
	}
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))
#define GROUPS(list) "{\"cognito:groups\":" list "}"
#define SHELL                                                                                  \
	"{\"name\": \"shell\", \"services\": [\"sshd\", \"login\"], \"groups\": [\"a\", "      \
	"\"b\"]}"

static void nobody_is_allowed_without_rules(void **state)
{
	static const struct row rows[] = {
	    {"", GROUPS("[\"a\"]"), "sshd", NULL},
	    {"", "{}", "", NULL},
	};
	(void)state;
	CHECK_ROWS(rows);
}

static void services_and_groups_must_both_match(void **state)
{
	static const struct row rows[] = {
	    {SHELL, GROUPS("[\"a\"]"), "sshd", "shell"},
	    {SHELL, GROUPS("[\"b\"]"), "login", "shell"},
	    {SHELL, GROUPS("[\"z\",\"b\",\"c\"]"), "login", "shell"},
	    {SHELL, GROUPS("[\"a\"]"), "sudo", NULL},
	    {SHELL, GROUPS("[\"a\"]"), "sshd2", NULL},
	    {SHELL, GROUPS("[\"a\"]"), "SSHD", NULL},
	    {SHELL, GROUPS("[\"a\"]"), "", NULL},
	    {SHELL, GROUPS("[\"c\"]"), "sshd", NULL},
	    {SHELL, GROUPS("[\"A\"]"), "sshd", NULL},
	    {SHELL, GROUPS("[\"a \"]"), "sshd", NULL},
	    {SHELL, GROUPS("[\"ab\"]"), "sshd", NULL},
	    {SHELL, GROUPS("[\"a,b\"]"), "sshd", NULL},
	    {SHELL, GROUPS("[\"\"]"), "sshd", NULL},
	};
	(void)state;
	CHECK_ROWS(rows);
}

static void a_rule_without_services_is_for_all(void **state)
{
	static const struct row rows[] = {
	    {"{\"groups\": [\"a\"]}", GROUPS("[\"a\"]"), "anything", "rule 1"},
	    {"{\"groups\": [\"a\"]}", GROUPS("[\"b\"]"), "anything", NULL},
	};
	(void)state;
	CHECK_ROWS(rows);
}

static void odd_groups_are_no_groups(void **state)
{
	static const struct row rows[] = {
	    {SHELL, "{}", "sshd", NULL},
	    {SHELL, GROUPS("[]"), "sshd", NULL},
	    {SHELL, GROUPS("null"), "sshd", NULL},
	    {SHELL, GROUPS("true"), "sshd", NULL},
	    {SHELL, GROUPS("1"), "sshd", NULL},
	    {SHELL, GROUPS("{\"a\":\"a\"}"), "sshd", NULL},
	    {SHELL, GROUPS("[\"a\",1]"), "sshd", NULL},
	    {SHELL, GROUPS("[1,\"a\"]"), "sshd", NULL},
	    {SHELL, GROUPS("[\"a\",null]"), "sshd", NULL},
	    {SHELL, GROUPS("[\"a\",[\"a\"]]"), "sshd", NULL},
	    {SHELL, GROUPS("[[\"a\"]]"), "sshd", NULL},
	    {SHELL, GROUPS("[{\"a\":\"a\"}]"), "sshd", NULL},
	    {SHELL, "{\"groups\":[\"a\"]}", "sshd", NULL},
	    {SHELL, "{\"Cognito:groups\":[\"a\"]}", "sshd", NULL},
	    {SHELL, "{\"cognito\":{\"groups\":[\"a\"]}}", "sshd", NULL},
	};
	(void)state;
	CHECK_ROWS(rows);
}

/* A string claim is one value, whatever it looks like. */
static void a_string_is_one_group(void **state)
{
	static const struct row rows[] = {
	    {SHELL, GROUPS("\"a\""), "sshd", "shell"},
	    {SHELL, GROUPS("\"a b\""), "sshd", NULL},
	    {SHELL, GROUPS("\"a,b\""), "sshd", NULL},
	    {SHELL, GROUPS("\"[a]\""), "sshd", NULL},
	    {SHELL, GROUPS("\"\""), "sshd", NULL},
	};
	(void)state;
	CHECK_ROWS(rows);
}

static void anyone_is_anyone_of_the_pool(void **state)
{
	static const char rule[] = "{\"anyone\": true, \"services\": [\"sshd\"]}";
	static const struct row rows[] = {
	    {rule, "{}", "sshd", "rule 1"},
	    {rule, GROUPS("[1]"), "sshd", "rule 1"},
	    {rule, GROUPS("[\"a\"]"), "sudo", NULL},
	};
	(void)state;
	CHECK_ROWS(rows);
}

static void services_are_shell_patterns(void **state)
{
	static const char rule[] =
	    "{\"anyone\": true, \"services\": [\"su*\", \"x?\", \"[ab]c\", \"lit\\\\*\"]}";
	static const struct row rows[] = {
	    {rule, "{}", "sudo", "rule 1"},
	    {rule, "{}", "su", "rule 1"},
	    {rule, "{}", "s", NULL},
	    {rule, "{}", "xy", "rule 1"},
	    {rule, "{}", "x", NULL},
	    {rule, "{}", "bc", "rule 1"},
	    {rule, "{}", "cc", NULL},
	    {rule, "{}", "lit*", "rule 1"},
	    {rule, "{}", "lite", NULL},
	    /* fnmatch without flags: a slash and a leading dot are ordinary. */
	    {rule, "{}", "su/do", "rule 1"},
	    {"{\"anyone\": true, \"services\": [\"*\"]}", "{}", ".hidden", "rule 1"},
	};
	(void)state;
	CHECK_ROWS(rows);
}

static void the_first_rule_that_matches_is_named(void **state)
{
	static const char rules[] =
	    "{\"name\": \"one\", \"groups\": [\"a\"], \"services\": [\"x\"]}, "
	    "{\"name\": \"two\", \"groups\": [\"b\"]}, "
	    "{\"name\": \"three\", \"groups\": [\"a\"]}, "
	    "{\"name\": \"four\", \"anyone\": true}";
	static const struct row rows[] = {
	    {rules, GROUPS("[\"a\"]"), "x", "one"},
	    {rules, GROUPS("[\"a\"]"), "y", "three"},
	    {rules, GROUPS("[\"a\",\"b\"]"), "y", "two"},
	    {rules, GROUPS("[\"c\"]"), "y", "four"},
	};
	(void)state;
	CHECK_ROWS(rows);
}

static void many_groups_and_many_rules(void **state)
{
	struct buffer rules = BUFFER_INIT(60000), groups = BUFFER_INIT(40000);
	(void)state;
	for (int i = 0; i < 1000; i++)
		buffer_append_format(
		    &rules, "%s{\"groups\": [\"r%d\", \"s%d\"]}", i > 0 ? "," : "", i, i);
	buffer_append_text(&groups, "{\"cognito:groups\":[");
	for (int i = 0; i < 1000; i++)
		buffer_append_format(&groups, "\"g%d\",", i);
	buffer_append_text(&groups, "\"s998\"]}");
	const struct row rows[] = {
	    {buffer_text(&rules), buffer_text(&groups), "x", "rule 999"},
	    {buffer_text(&rules), GROUPS("[\"s1000\"]"), "x", NULL},
	};
	CHECK_ROWS(rows);
	buffer_wipe(&rules);
	buffer_wipe(&groups);
}

#define ANYONE "{\"name\": \"all\", \"anyone\": true}"
#define DENY(members) "{\"name\": \"no\", \"effect\": \"deny\", " members "}, " ANYONE

static void deny_wins_wherever_it_stands(void **state)
{
	static const char deny[] =
	    "{\"name\": \"no\", \"effect\": \"deny\", \"users\": [\"al*\"]}";
	static const char before[] =
	    "{\"name\": \"no\", \"effect\": \"deny\", \"users\": [\"al*\"]}, " ANYONE;
	static const char after[] =
	    ANYONE ", {\"name\": \"no\", \"effect\": \"deny\", \"users\": [\"al*\"]}";
	static const char two[] =
	    ANYONE ", {\"name\": \"n1\", \"effect\": \"deny\", \"users\": [\"b*\"]}, "
		   "{\"name\": \"n2\", \"effect\": \"deny\", \"users\": [\"*\"]}";
	static const struct row rows[] = {
	    {before, "{}", "sshd", "!no"},
	    {after, "{}", "sshd", "!no"},
	    {before, "{}", "sshd", "all", .user = "bob"},
	    {after, "{}", "sshd", "all", .user = "bob"},
	    {two, "{}", "sshd", "!n1", .user = "bob"},
	    {two, "{}", "sshd", "!n2"},
	    /* A deny rule that does not match allows nobody. */
	    {deny, "{}", "sshd", NULL, .user = "bob"},
	    {"{\"effect\": \"deny\"}, " ANYONE, "{}", "sshd", "!rule 1"},
	    {"{\"effect\": \"deny\", \"anyone\": true}, " ANYONE, "{}", "sshd", "!rule 1"},
	};
	(void)state;
	CHECK_ROWS(rows);
}

static void hosts_in_lower_case_whole_and_short(void **state)
{
	static const char rule[] = "{\"name\": \"h\", \"anyone\": true, \"hosts\": [\"web-?\", "
				   "\"*.db.example\", \"x.y.z\"]}";
	static const char deny[] = DENY("\"hosts\": [\"prod-*\"]");
	char longest[257];
	static const struct row rows[] = {
	    {rule, "{}", "sshd", "h", .host = "web-1"},
	    {rule, "{}", "sshd", "h", .host = "web-1.example.com"},
	    {rule, "{}", "sshd", "h", .host = "WEB-1.Example.com"},
	    {rule, "{}", "sshd", NULL, .host = "web-10"},
	    {rule, "{}", "sshd", NULL, .host = "xweb-1"},
	    {rule, "{}", "sshd", NULL, .host = "a.web-1"},
	    {rule, "{}", "sshd", "h", .host = "a.DB.example"},
	    {rule, "{}", "sshd", NULL, .host = "db.example"},
	    {rule, "{}", "sshd", "h", .host = "x.y.z"},
	    /* Only the first dot ends the short name. */
	    {rule, "{}", "sshd", NULL, .host = "x.y.z.w"},
	    {rule, "{}", "sshd", NULL, .host = "x.y"},
	    {deny, "{}", "sshd", "!no", .host = "PROD-9.example"},
	    {"{\"anyone\": true, \"hosts\": [\"az@[[]\"]}", "{}", "sshd", "rule 1",
		.host = "AZ@["},
	    {deny, "{}", "sshd", "all", .host = "test-9.example"},
	    /* A host that has no name is on no list, and on every one that denies. */
	    {rule, "{}", "sshd", NULL, .host = ""},
	    {deny, "{}", "sshd", "!no", .host = ""},
	    {"{\"anyone\": true, \"hosts\": [\"*\"]}", "{}", "sshd", NULL, .host = ""},
	};
	memset(longest, 'a', 256);
	longest[256] = '\0';
	const struct row more[] = {
	    {"{\"anyone\": true, \"hosts\": [\"a*\"]}", "{}", "sshd", NULL, .host = longest},
	    {deny, "{}", "sshd", "!no", .host = longest},
	    {"{\"anyone\": true, \"hosts\": [\"a*\"]}", "{}", "sshd", "rule 1",
		.host = longest + 1},
	};
	(void)state;
	CHECK_ROWS(rows);
	CHECK_ROWS(more);
}

static void an_unknown_host_denies(void **state)
{
	struct config *config = configured(", \"rules\": [" DENY("\"hosts\": [\"x\"]") "]");
	struct claims *claims = proven("{\"cognito:username\":\"alice\"}");
	const struct access_request request = {
	    .user = "alice", .service = "sshd", .host = NULL};
	struct decision d;
	(void)state;
	assert_int_equal(decide(config, claims, &request, &d), RESULT_POLICY_DENY);
	assert_string_equal(d.rule->name, "no");
	decision_free(&d);
	claims_free(claims);
	config_free(config);
}

static void users_are_patterns_of_local_names(void **state)
{
	static const char rule[] = "{\"users\": [\"alice\", \"adm-*\"]}";
	static const struct row rows[] = {
	    {rule, "{}", "sshd", "rule 1"},
	    {rule, "{}", "sshd", "rule 1", .user = "adm-bob"},
	    {rule, "{}", "sshd", NULL, .user = "Alice"},
	    {rule, "{}", "sshd", NULL, .user = "alice2"},
	    {rule, "{}", "sshd", NULL, .user = "bob"},
	    /* The token's name for somebody is not the local one. */
	    {rule, "{\"cognito:username\":\"alice\",\"sub\":\"alice\"}", "sshd", NULL,
		.user = "bob"},
	};
	(void)state;
	CHECK_ROWS(rows);
}

static void all_groups_means_all(void **state)
{
	static const char rule[] = "{\"all_groups\": [\"a\", \"b\"]}";
	static const char both[] =
	    "{\"all_groups\": [\"a\", \"b\"], \"groups\": [\"c\", \"d\"]}";
	static const struct row rows[] = {
	    {rule, GROUPS("[\"a\",\"b\"]"), "sshd", "rule 1"},
	    {rule, GROUPS("[\"c\",\"b\",\"a\"]"), "sshd", "rule 1"},
	    {rule, GROUPS("[\"a\"]"), "sshd", NULL},
	    {rule, GROUPS("[\"a\",\"a\"]"), "sshd", NULL},
	    {rule, GROUPS("\"a\""), "sshd", NULL},
	    {rule, GROUPS("[]"), "sshd", NULL},
	    {rule, "{}", "sshd", NULL},
	    {"{\"all_groups\": [\"a\"]}", GROUPS("\"a\""), "sshd", "rule 1"},
	    {both, GROUPS("[\"a\",\"b\",\"d\"]"), "sshd", "rule 1"},
	    {both, GROUPS("[\"a\",\"b\"]"), "sshd", NULL},
	    {both, GROUPS("[\"a\",\"c\",\"d\"]"), "sshd", NULL},
	    {rule, GROUPS("[\"b\",\"a\",\"b\",\"a\"]"), "sshd", "rule 1"},
	};
	(void)state;
	CHECK_ROWS(rows);
}

/* Whoever cannot be shown not to be in the group is denied. */
static void groups_that_cannot_be_read_deny(void **state)
{
	static const char any[] = DENY("\"groups\": [\"x\"]");
	static const char all[] = DENY("\"all_groups\": [\"x\", \"y\"]");
	static const char claim[] = DENY("\"claims\": {\"cognito:groups\": [\"x\"]}");
	static const char *const rules[] = {any, all, claim};
	static const char *const unreadable[] = {GROUPS("null"), GROUPS("1"), GROUPS("true"),
	    GROUPS("{}"), GROUPS("{\"x\":true}"), GROUPS("[\"a\",1]"), GROUPS("[1]"),
	    GROUPS("[null]"), GROUPS("[true]"), GROUPS("[[\"a\"]]"), GROUPS("[\"a\",\"\"]"),
	    GROUPS("\"\""), GROUPS("[\"a\",\"b\\u001b[2J\"]"), GROUPS("\"b\\n\""),
	    GROUPS("[\"\\u007f\"]"), GROUPS("[\"\\u0085\"]")};
	static const char *const readable[] = {"{}", GROUPS("[]"), GROUPS("[\"a\"]"),
	    GROUPS("\"a\""), GROUPS("[\"X\",\"xx\",\"x \"]")};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		for (size_t k = 0; k < sizeof(unreadable) / sizeof(unreadable[0]); k++) {
			const struct row row = {rules[i], unreadable[k], "sshd", "!no"};
			check_rows(&row, 1);
		}
		for (size_t k = 0; k < sizeof(readable) / sizeof(readable[0]); k++) {
			const struct row row = {rules[i], readable[k], "sshd", "all"};
			check_rows(&row, 1);
		}
	}
}

/* Cognito leaves the claim out for who is in no group; another provider may leave it out for
 * anybody. */
static void an_absent_claim_is_no_group_at_cognito_alone(void **state)
{
	static const char any[] = DENY("\"groups\": [\"x\"]");
	static const char all[] = DENY("\"all_groups\": [\"x\"]");
	static const char claim[] = DENY("\"claims\": {\"cognito:groups\": [\"x\"]}");
	static const char list[] = DENY("\"claims\": {\"cognito:groups[]\": [\"x\"]}");
	static const char grouped[] = "{\"groups\": [\"x\"]}, {\"all_groups\": [\"x\"]}, "
				      "{\"claims\": {\"cognito:groups\": [\"x\"]}}";
	static const struct row rows[] = {
	    {any, "{}", "sshd", "all"},
	    {all, "{}", "sshd", "all"},
	    {claim, "{}", "sshd", "all"},
	    {any, "{}", "sshd", "all", .access_token = true},
	    {claim, "{}", "sshd", "all", .access_token = true},
	    {any, "{}", "sshd", "!no", .other_provider = true},
	    {all, "{}", "sshd", "!no", .other_provider = true},
	    {claim, "{}", "sshd", "!no", .other_provider = true},
	    {any, "{}", "sshd", "!no", .other_provider = true, .access_token = true},
	    {list, "{}", "sshd", "all"},
	    {list, "{}", "sshd", "all", .access_token = true},
	    {list, "{}", "sshd", "!no", .other_provider = true},
	    {list, GROUPS("[\"y\"]"), "sshd", "all", .access_token = true},
	    {list, GROUPS("[\"y\", \"x\"]"), "sshd", "!no"},
	    {list, GROUPS("[\"y\", \"\"]"), "sshd", "!no"},
	    {list, GROUPS("\"[y, x]\""), "sshd", "!no", .other_provider = true},
	    {list, GROUPS("\"[y, z]\""), "sshd", "all", .other_provider = true},
	    {any, GROUPS("[]"), "sshd", "all", .other_provider = true},
	    {any, GROUPS("null"), "sshd", "!no"},
	    {grouped, "{}", "sshd", NULL},
	    {grouped, "{}", "sshd", NULL, .other_provider = true},
	};
	(void)state;
	CHECK_ROWS(rows);
}

static void a_deny_rule_that_reads_no_groups_is_not_touched(void **state)
{
	static const char narrow[] =
	    DENY("\"groups\": [\"x\"], \"services\": [\"sudo\"], \"users\": [\"al*\"]");
	static const struct row rows[] = {
	    {DENY("\"users\": [\"bob\"]"), GROUPS("[1]"), "sshd", "all"},
	    /* What else is in the rule must hold, or it is not about this login. */
	    {narrow, GROUPS("[1]"), "sshd", "all"},
	    {narrow, GROUPS("[1]"), "sudo", "!no"},
	    {narrow, GROUPS("[1]"), "sudo", "all", .user = "bob"},
	    {DENY("\"groups\": [\"x\"], \"claims\": {\"custom:k\": [\"v\"]}"), GROUPS("[1]"),
		"sshd", "all"},
	    {DENY("\"groups\": [\"x\"], \"claims\": {\"custom:k\": [\"v\"]}"),
		GROUPS("[\"x\"],\"custom:k\":1"), "sshd", "!no"},
	    {DENY("\"groups\": [\"x\"], \"claims\": {\"custom:k\": [\"v\"]}"),
		GROUPS("[\"y\"],\"custom:k\":1"), "sshd", "all"},
	};
	(void)state;
	CHECK_ROWS(rows);
}

/* Exact bytes: no name that only looks like it, begins like it or holds it. */
static void hostile_group_names(void **state)
{
	static const char rule[] = "{\"groups\": [\"admins\"]}";
	static const char *const names[] = {"\"Admins\"", "\"ADMINS\"", "\"admin\"",
	    "\"adminss\"", "\"xadmins\"", "\" admins\"", "\"admins \"", "\"admins,root\"",
	    "\"admins\\nx\"", "\"admins\\u001b[m\"", "\"\\u0430dmins\"", "\"admins\\u200b\"",
	    "\"\\u202eadmins\"", "\"a\\u0301dmins\"", "\"root\"", "\"sudo\"", "\"docker\"",
	    "\"*\"", "\"admin?\"", "\"[a]dmins\"", "\"\"", "\"\\uff41dmins\"",
	    "\"admins\",\"x\\u0007\"", "\"admins\",\"\"", "\"\",\"admins\""};
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct buffer payload = BUFFER_INIT(1000);
		buffer_append_format(&payload, "{\"cognito:groups\":[%s]}", names[i]);
		const struct row row = {rule, buffer_text(&payload), "sshd", NULL};
		check_rows(&row, 1);
		buffer_wipe(&payload);
	}
	static const struct row rows[] = {
	    {rule, GROUPS("[\"admins\",\"admins\"]"), "sshd", "rule 1"},
	    {rule, GROUPS("[\"\\u0061dmins\"]"), "sshd", "rule 1"},
	    {rule, GROUPS("[\"Domain Users\",\"a,b\",\"\\u00a0\",\"\\u00e9\",\"admins\"]"),
		"sshd", "rule 1"},
	};
	CHECK_ROWS(rows);
}

#define CLAIM(values) "{\"claims\": {\"custom:k\": " values "}}"

static void claims_and_their_values(void **state)
{
	static const char text[] = CLAIM("[\"a\", \"b\"]");
	static const char yes[] = CLAIM("[true]"), no[] = CLAIM("[false, \"off\"]");
	static const struct row rows[] = {
	    {text, "{\"custom:k\":\"a\"}", "sshd", "rule 1"},
	    {text, "{\"custom:k\":\"b\"}", "sshd", "rule 1"},
	    {text, "{\"custom:k\":\"c\"}", "sshd", NULL},
	    {text, "{\"custom:k\":\"A\"}", "sshd", NULL},
	    {text, "{\"custom:k\":\"a,b\"}", "sshd", NULL},
	    {text, "{\"custom:k\":\"\"}", "sshd", NULL},
	    {text, "{\"custom:k\":[\"x\",\"b\"]}", "sshd", "rule 1"},
	    {text, "{\"custom:k\":[\"x\"]}", "sshd", NULL},
	    {text, "{\"custom:k\":[]}", "sshd", NULL},
	    {text, "{\"custom:k\":[\"a\",1]}", "sshd", NULL},
	    {text, "{\"custom:k\":[\"a\",true]}", "sshd", NULL},
	    {text, "{\"custom:k\":[\"a\",null]}", "sshd", NULL},
	    {text, "{\"custom:k\":[[\"a\"]]}", "sshd", NULL},
	    {text, "{\"custom:k\":{\"a\":\"a\"}}", "sshd", NULL},
	    {text, "{\"custom:k\":1}", "sshd", NULL},
	    {text, "{\"custom:k\":null}", "sshd", NULL},
	    {text, "{}", "sshd", NULL},
	    {text, "{\"Custom:k\":\"a\"}", "sshd", NULL},
	    {yes, "{\"custom:k\":true}", "sshd", "rule 1"},
	    {yes, "{\"custom:k\":[false,true]}", "sshd", "rule 1"},
	    {yes, "{\"custom:k\":[false]}", "sshd", NULL},
	    {yes, "{\"custom:k\":false}", "sshd", NULL},
	    {yes, "{\"custom:k\":\"true\"}", "sshd", NULL},
	    {yes, "{\"custom:k\":1}", "sshd", NULL},
	    {yes, "{}", "sshd", NULL},
	    {no, "{\"custom:k\":false}", "sshd", "rule 1"},
	    {no, "{\"custom:k\":\"off\"}", "sshd", "rule 1"},
	    {no, "{\"custom:k\":true}", "sshd", NULL},
	    {no, "{\"custom:k\":null}", "sshd", NULL},
	    {no, "{\"custom:k\":0}", "sshd", NULL},
	    {no, "{}", "sshd", NULL},
	    {CLAIM("[\"true\"]"), "{\"custom:k\":true}", "sshd", NULL},
	    {CLAIM("[\"true\"]"), "{\"custom:k\":\"true\"}", "sshd", "rule 1"},
	    /* Every member must hold. */
	    {"{\"claims\": {\"a\": [\"1\"], \"b\": [\"2\"]}}", "{\"a\":\"1\",\"b\":\"2\"}",
		"sshd", "rule 1"},
	    {"{\"claims\": {\"a\": [\"1\"], \"b\": [\"2\"]}}", "{\"a\":\"1\"}", "sshd", NULL},
	    {"{\"claims\": {\"a\": [\"1\"], \"b\": [\"2\"]}}", "{\"b\":\"2\"}", "sshd", NULL},
	    /* cognito:groups is the same here as in groups; booleans name no group. */
	    {"{\"claims\": {\"cognito:groups\": [true, \"b\"]}}", GROUPS("[\"a\",\"b\"]"),
		"sshd", "rule 1"},
	    {"{\"claims\": {\"cognito:groups\": [true, \"c\"]}}", GROUPS("[\"a\",\"b\"]"),
		"sshd", NULL},
	    {"{\"claims\": {\"cognito:groups\": [true]}}", GROUPS("true"), "sshd", NULL},
	};
	(void)state;
	CHECK_ROWS(rows);
}

static void the_literal_name_first_then_the_way(void **state)
{
	static const char rule[] = "{\"claims\": {\"realm/roles\": [\"x\"]}}";
	static const char deep[] = "{\"claims\": {\"a/b/c\": [\"x\"]}}";
	static const char url[] = "{\"claims\": {\"https://acme.example/kind\": [\"x\"]}}";
	static const struct row rows[] = {
	    {rule, "{\"realm\":{\"roles\":[\"y\",\"x\"]}}", "sshd", "rule 1"},
	    {rule, "{\"realm/roles\":\"x\"}", "sshd", "rule 1"},
	    {rule, "{\"realm/roles\":\"y\",\"realm\":{\"roles\":\"x\"}}", "sshd", NULL},
	    {rule, "{\"realm/roles\":1,\"realm\":{\"roles\":\"x\"}}", "sshd", NULL},
	    {rule, "{\"realm\":{\"roles\":\"y\"}}", "sshd", NULL},
	    {rule, "{\"realm\":{}}", "sshd", NULL},
	    {rule, "{\"realm\":\"x\"}", "sshd", NULL},
	    {rule, "{\"realm\":[\"x\"]}", "sshd", NULL},
	    {rule, "{\"roles\":\"x\"}", "sshd", NULL},
	    {deep, "{\"a\":{\"b\":{\"c\":\"x\"}}}", "sshd", "rule 1"},
	    {deep, "{\"a/b\":{\"c\":\"x\"}}", "sshd", NULL},
	    {deep, "{\"a\":{\"b/c\":\"x\"}}", "sshd", NULL},
	    {deep, "{\"a\":{\"b\":[{\"c\":\"x\"}]}}", "sshd", NULL},
	    {url, "{\"https://acme.example/kind\":\"x\"}", "sshd", "rule 1"},
	    {url, "{\"https:\":{\"\":{\"acme.example\":{\"kind\":\"x\"}}}}", "sshd", "rule 1"},
	    {url, "{\"https:\":{}}", "sshd", NULL},
	    {"{\"claims\": {\"/a\": [\"x\"]}}", "{\"\":{\"a\":\"x\"}}", "sshd", "rule 1"},
	    {"{\"claims\": {\"a/\": [\"x\"]}}", "{\"a\":\"x\"}", "sshd", NULL},
	};
	(void)state;
	CHECK_ROWS(rows);
}

static void a_claim_that_cannot_be_read_denies(void **state)
{
	static const char deny[] = DENY("\"claims\": {\"custom:k\": [\"a\"]}");
	static const char way[] = DENY("\"claims\": {\"a/b\": [\"x\"]}");
	static const char two[] = DENY("\"claims\": {\"k\": [\"a\"], \"l\": [\"b\"]}");
	static const struct row rows[] = {
	    {deny, "{\"custom:k\":\"a\"}", "sshd", "!no"},
	    {deny, "{\"custom:k\":[\"b\",\"a\"]}", "sshd", "!no"},
	    {deny, "{\"custom:k\":\"b\"}", "sshd", "all"},
	    {deny, "{\"custom:k\":[]}", "sshd", "all"},
	    {deny, "{\"custom:k\":true}", "sshd", "all"},
	    {deny, "{}", "sshd", "all"},
	    {deny, "{\"custom:k\":1}", "sshd", "!no"},
	    {deny, "{\"custom:k\":null}", "sshd", "!no"},
	    {deny, "{\"custom:k\":{}}", "sshd", "!no"},
	    {deny, "{\"custom:k\":[1]}", "sshd", "!no"},
	    {deny, "{\"custom:k\":[\"b\",1]}", "sshd", "!no"},
	    {deny, "{\"custom:k\":[\"b\",true]}", "sshd", "!no"},
	    {way, "{\"a\":{\"b\":\"x\"}}", "sshd", "!no"},
	    {way, "{\"a\":{\"b\":\"y\"}}", "sshd", "all"},
	    {way, "{\"a\":{}}", "sshd", "all"},
	    {way, "{}", "sshd", "all"},
	    {way, "{\"a\":\"x\"}", "sshd", "!no"},
	    {way, "{\"a\":[]}", "sshd", "!no"},
	    {two, "{\"k\":\"a\",\"l\":\"b\"}", "sshd", "!no"},
	    {two, "{\"k\":\"a\",\"l\":1}", "sshd", "!no"},
	    {two, "{\"k\":1,\"l\":\"b\"}", "sshd", "!no"},
	    {two, "{\"k\":1,\"l\":1}", "sshd", "!no"},
	    {two, "{\"k\":1,\"l\":\"c\"}", "sshd", "all"},
	    {two, "{\"k\":1}", "sshd", "all"},
	};
	(void)state;
	CHECK_ROWS(rows);
}

/* As Cognito writes what SAML says several times. */
static void a_flattened_list_is_a_list_where_the_rule_says_so(void **state)
{
	static const char allow[] = "{\"claims\": {\"custom:g[]\": [\"dev\", \"ops team\"]}}";
	static const char deny[] = DENY("\"claims\": {\"custom:g[]\": [\"dev\"]}");
	static const char plain[] = "{\"claims\": {\"custom:g\": [\"dev\", \"[b]\"]}}";
	static const char way[] = "{\"claims\": {\"a/g[]\": [\"dev\"]}}";
	static const char truth[] = "{\"claims\": {\"custom:g[]\": [true]}}";
	static const char spaced[] = "{\"claims\": {\"custom:g[]\": [\"dev \"]}}";
	static const char mail[] = "{\"claims\": {\"email[]\": [\"a@b\"]}}";
	static const struct row rows[] = {
	    {allow, "{\"custom:g\":\"[dev, test]\"}", "sshd", "rule 1"},
	    {allow, "{\"custom:g\":\"[test, dev]\"}", "sshd", "rule 1"},
	    {allow, "{\"custom:g\":\"[a,dev,b]\"}", "sshd", "rule 1"},
	    {allow, "{\"custom:g\":\"[a,  dev, b]\"}", "sshd", "rule 1"},
	    {allow, "{\"custom:g\":\"[test, ops team]\"}", "sshd", "rule 1"},
	    {allow, "{\"custom:g\":\"[dev]\"}", "sshd", "rule 1"},
	    {allow, "{\"custom:g\":\"dev\"}", "sshd", "rule 1"},
	    {allow, "{\"custom:g\":[\"test\",\"dev\"]}", "sshd", "rule 1"},
	    {allow, "{\"custom:g\":\"[]\"}", "sshd", NULL},
	    {allow, "{\"custom:g\":\"[ ]\"}", "sshd", NULL},
	    {allow, "{\"custom:g\":\"[,]\"}", "sshd", NULL},
	    {allow, "{\"custom:g\":\"\"}", "sshd", NULL},
	    {allow, "{\"custom:g\":\"[\"}", "sshd", NULL},
	    {allow, "{\"custom:g\":\"]\"}", "sshd", NULL},
	    {allow, "{\"custom:g\":\"[dev\"}", "sshd", NULL},
	    {allow, "{\"custom:g\":\"dev]\"}", "sshd", NULL},
	    {allow, "{\"custom:g\":\"[a, dev\"}", "sshd", NULL},
	    {allow, "{\"custom:g\":\"dev, test\"}", "sshd", NULL},
	    {allow, "{\"custom:g\":\"[devs, xdev, Dev, dev]]\"}", "sshd", NULL},
	    {allow, "{\"custom:g\":\"[[dev]]\"}", "sshd", NULL},
	    {allow, "{\"custom:g\":\"[test dev, dev test]\"}", "sshd", NULL},
	    {allow, "{\"custom:g\":[\"[dev, test]\"]}", "sshd", NULL},
	    {allow, "{\"custom:g\":1}", "sshd", NULL},
	    {allow, "{\"custom:g[]\":\"dev\"}", "sshd", NULL},
	    {allow, "{}", "sshd", NULL},
	    {deny, "{\"custom:g\":\"[a, dev]\"}", "sshd", "!no"},
	    {spaced, "{\"custom:g\":\"[a, dev ]\"}", "sshd", "rule 1"},
	    {spaced, "{\"custom:g\":\"[a, dev]\"}", "sshd", NULL},
	    {deny, "{\"custom:g\":\"[a, dev ]\"}", "sshd", "!no"},
	    {deny, "{\"custom:g\":\"[dev , b]\"}", "sshd", "!no"},
	    {deny, "{\"custom:g\":\"[de v, b]\"}", "sshd", "all"},
	    {deny, "{\"custom:g\":\"dev\"}", "sshd", "!no"},
	    {deny, "{\"custom:g\":[\"dev\"]}", "sshd", "!no"},
	    {deny, "{\"custom:g\":\"[a, b]\"}", "sshd", "all"},
	    {deny, "{\"custom:g\":\"[]\"}", "sshd", "all"},
	    {deny, "{}", "sshd", "all"},
	    {deny, "{\"custom:g\":\"[a, b\"}", "sshd", "!no"},
	    {deny, "{\"custom:g\":\"a, b]\"}", "sshd", "!no"},
	    {deny, "{\"custom:g\":null}", "sshd", "!no"},
	    {deny, "{\"custom:g\":\"[a, b]\"}", "sshd", "!no", .access_token = true},
	    /* Without the mark a text is one value. */
	    {plain, "{\"custom:g\":\"[dev, test]\"}", "sshd", NULL},
	    {plain, "{\"custom:g\":\"[b]\"}", "sshd", "rule 1"},
	    {way, "{\"a\":{\"g\":\"[x, dev]\"}}", "sshd", "rule 1"},
	    {way, "{\"a/g\":\"[x, dev]\"}", "sshd", "rule 1"},
	    {way, "{\"a\":{\"g[]\":\"dev\"}}", "sshd", NULL},
	    {truth, "{\"custom:g\":true}", "sshd", "rule 1"},
	    {truth, "{\"custom:g\":\"[true]\"}", "sshd", NULL},
	    {truth, "{\"custom:g\":\"true\"}", "sshd", NULL},
	    {mail, "{\"email\":\"a@b\"}", "sshd", NULL},
	    {mail, "{\"email\":\"a@b\",\"email_verified\":true}", "sshd", "rule 1"},
	};
	(void)state;
	CHECK_ROWS(rows);
}

static void an_unverified_address_is_no_address(void **state)
{
	static const char allow[] = "{\"claims\": {\"email\": [\"a@b\"]}}";
	static const char deny[] = DENY("\"claims\": {\"email\": [\"a@b\"]}");
	static const struct row rows[] = {
	    {allow, "{\"email\":\"a@b\",\"email_verified\":true}", "sshd", "rule 1"},
	    {allow, "{\"email\":\"a@b\",\"email_verified\":\"true\"}", "sshd", NULL},
	    {allow, "{\"email\":\"a@b\"}", "sshd", NULL},
	    {deny, "{\"email\":\"c@d\",\"email_verified\":true}", "sshd", "all"},
	    {deny, "{\"email\":\"c@d\",\"email_verified\":false}", "sshd", "!no"},
	    {deny, "{}", "sshd", "all"},
	};
	(void)state;
	CHECK_ROWS(rows);
}

static void an_access_token_is_silent_about_other_claims(void **state)
{
	static const char other[] = DENY("\"claims\": {\"custom:k\": [\"a\"]}");
	static const char sub[] = DENY("\"claims\": {\"sub\": [\"s1\"]}");
	static const char name[] = DENY("\"claims\": {\"cognito:username\": [\"al\"]}");
	static const char plain[] = DENY("\"claims\": {\"username\": [\"al\"]}");
	static const char groups[] = DENY("\"claims\": {\"cognito:groups\": [\"x\"]}");
	static const char allow[] = CLAIM("[\"a\"]");
	static const struct row rows[] = {
	    {other, "{}", "sshd", "!no", .access_token = true},
	    {other, "{\"custom:k\":\"b\"}", "sshd", "!no", .access_token = true},
	    {other, "{\"custom:k\":\"b\"}", "sshd", "all"},
	    {sub, "{\"sub\":\"s1\"}", "sshd", "!no", .access_token = true},
	    {sub, "{\"sub\":\"s2\"}", "sshd", "all", .access_token = true},
	    {name, "{\"username\":\"al\"}", "sshd", "!no", .access_token = true},
	    {name, "{\"username\":\"bo\"}", "sshd", "all", .access_token = true},
	    {name, "{\"username\":1}", "sshd", "!no", .access_token = true},
	    {name, "{\"cognito:username\":\"al\"}", "sshd", "all", .access_token = true},
	    {name, "{\"cognito:username\":\"al\"}", "sshd", "!no"},
	    {name, "{\"username\":\"al\"}", "sshd", "all"},
	    {plain, "{\"username\":\"al\"}", "sshd", "!no", .access_token = true},
	    {plain, "{\"username\":\"bo\"}", "sshd", "all", .access_token = true},
	    {groups, GROUPS("[\"x\"]"), "sshd", "!no", .access_token = true},
	    {groups, GROUPS("[\"y\"]"), "sshd", "all", .access_token = true},
	    /* What it does say may allow. */
	    {allow, "{\"custom:k\":\"a\"}", "sshd", "rule 1", .access_token = true},
	    {allow, "{}", "sshd", NULL, .access_token = true},
	    {DENY("\"services\": [\"sudo\"], \"claims\": {\"custom:k\": [\"a\"]}"), "{}",
		"sshd", "all", .access_token = true},
	};
	(void)state;
	CHECK_ROWS(rows);
}

#define AT(time) "{\"auth_time\":" time "}"

static void the_age_of_the_sign_in(void **state)
{
	static const char rule[] = "{\"anyone\": true, \"max_auth_age\": 60}";
	static const char none[] = "{\"anyone\": true, \"max_auth_age\": 0}";
	static const struct row rows[] = {
	    {rule, AT("1763999940"), "sudo", "rule 1"},
	    {rule, AT("1763999939"), "sudo", NULL},
	    {rule, AT("1764000000"), "sudo", "rule 1"},
	    {rule, AT("1764000029"), "sudo", "rule 1"}, /* the other clock is ahead */
	    {rule, AT("0"), "sudo", NULL},
	    {rule, AT("0"), "sudo", "rule 1", .now = 60},
	    {rule, "{}", "sudo", NULL},
	    {rule, AT("null"), "sudo", NULL},
	    {rule, AT("\"1764000000\""), "sudo", NULL},
	    {rule, AT("1764000000.0"), "sudo", NULL},
	    {rule, AT("1.764e9"), "sudo", NULL},
	    {rule, AT("-1"), "sudo", NULL},
	    {rule, AT("9999999999999"), "sudo", NULL},
	    {rule, AT("[1764000000]"), "sudo", NULL},
	    {rule, "{\"iat\":1764000000}", "sudo", NULL},
	    {none, AT("1764000000"), "sudo", "rule 1"},
	    {none, AT("1763999999"), "sudo", NULL},
	    {"{\"anyone\": true, \"max_auth_age\": 999999999}", AT("1000000000"), "sudo",
		"rule 1"},
	};
	(void)state;
	CHECK_ROWS(rows);
}

static void a_second_factor(void **state)
{
	static const char rule[] = "{\"anyone\": true, \"require_mfa\": true}";
	static const char off[] = "{\"anyone\": true, \"require_mfa\": false}";
	static const struct row rows[] = {
	    {rule, "{\"amr\":[\"pwd\",\"otp\",\"mfa\"]}", "sudo", "rule 1"},
	    {rule, "{\"amr\":[\"mfa\"]}", "sudo", "rule 1"},
	    {rule, "{\"amr\":\"mfa\"}", "sudo", "rule 1"},
	    {rule, "{\"amr\":[\"pwd\",\"otp\"]}", "sudo", NULL},
	    {rule, "{\"amr\":[\"MFA\"]}", "sudo", NULL},
	    {rule, "{\"amr\":[\"xmfa\"]}", "sudo", NULL},
	    {rule, "{\"amr\":\"pwd mfa\"}", "sudo", NULL},
	    {rule, "{\"amr\":[\"mfa\",1]}", "sudo", NULL},
	    {rule, "{\"amr\":{\"mfa\":\"mfa\"}}", "sudo", NULL},
	    {rule, "{\"amr\":true}", "sudo", NULL},
	    {rule, "{\"amr\":[]}", "sudo", NULL},
	    {rule, "{\"amr\":null}", "sudo", NULL},
	    {rule, "{}", "sudo", NULL},
	    {rule, "{\"acr\":\"urn:cognito:loa:3\"}", "sudo", "rule 1"},
	    {rule, "{\"acr\":\"urn:cognito:loa:4\"}", "sudo", "rule 1"},
	    {rule, "{\"acr\":\"urn:cognito:loa:2\"}", "sudo", NULL},
	    {rule, "{\"acr\":\"urn:cognito:loa:5\"}", "sudo", NULL},
	    {rule, "{\"acr\":\"urn:cognito:loa:30\"}", "sudo", NULL},
	    {rule, "{\"acr\":\"URN:cognito:loa:3\"}", "sudo", NULL},
	    {rule, "{\"acr\":[\"urn:cognito:loa:3\"]}", "sudo", NULL},
	    {rule, "{\"acr\":3}", "sudo", NULL},
	    {rule, "{\"acr\":\"urn:cognito:loa:1\",\"amr\":[\"mfa\"]}", "sudo", "rule 1"},
	    {rule, "{}", "sudo", "rule 1", .mfa_answered = true},
	    {off, "{}", "sudo", "rule 1"},
	};
	(void)state;
	CHECK_ROWS(rows);
}

static void whether_a_rule_limits_the_age_is_known_beforehand(void **state)
{
	static const char group[] = "\"groups\": [\"x\"]";
	static const struct {
		const char *rule, *service, *user, *host;
		bool limits;
	} rows[] = {
	    {"\"max_auth_age\": 60", "sshd", "alice", "h", true},
	    {"\"max_auth_age\": 0", "sshd", "alice", NULL, true},
	    {"\"require_mfa\": true", "sshd", "alice", "h", false},
	    {"\"max_auth_age\": 60, \"services\": [\"su*\"]", "sshd", "alice", "h", false},
	    {"\"max_auth_age\": 60, \"services\": [\"su*\"]", "sudo", "alice", "h", true},
	    {"\"max_auth_age\": 60, \"users\": [\"ops-*\"]", "sshd", "alice", "h", false},
	    {"\"max_auth_age\": 60, \"users\": [\"ops-*\"]", "sshd", "ops-1", "h", true},
	    {"\"max_auth_age\": 60, \"hosts\": [\"db-*\"]", "sshd", "alice", "DB-1.example",
		true},
	    {"\"max_auth_age\": 60, \"hosts\": [\"db-*\"]", "sshd", "alice", "web-1", false},
	    {"\"max_auth_age\": 60, \"hosts\": [\"*\"]", "sshd", "alice", NULL, false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char members[512];
		const struct access_request request = {
		    .user = rows[i].user, .service = rows[i].service, .host = rows[i].host};
		snprintf(members, sizeof(members), ", \"rules\": [{%s}, {%s, %s}]", group,
		    group, rows[i].rule);
		struct config *config = configured(members);
		assert_int_equal(rules_limit_age(config, &request), rows[i].limits);
		config_free(config);
	}
}

static void whether_a_rule_opens_a_service_is_known_whoever_asks(void **state)
{
	static const struct {
		const char *rule, *service, *host;
		bool opens;
	} rows[] = {
	    {"{\"groups\": [\"x\"]}", "sshd", "h", true},
	    {"{\"groups\": [\"x\"]}", "sshd", NULL, true},
	    {"{\"groups\": [\"x\"], \"users\": [\"ops-*\"], \"require_mfa\": true}", "sshd",
		"h", true},
	    {"{\"groups\": [\"x\"], \"services\": [\"su*\"]}", "sshd", "h", false},
	    {"{\"groups\": [\"x\"], \"services\": [\"su*\"]}", "sudo", "h", true},
	    {"{\"groups\": [\"x\"], \"hosts\": [\"db-?\"]}", "sshd", "DB-1.example", true},
	    {"{\"groups\": [\"x\"], \"hosts\": [\"db-1.example\"]}", "sshd", "DB-1.example",
		true},
	    {"{\"groups\": [\"x\"], \"hosts\": [\"db-?\"]}", "sshd", "web-1", false},
	    {"{\"groups\": [\"x\"], \"hosts\": [\"*\"]}", "sshd", "", false},
	    {"{\"effect\": \"deny\", \"groups\": [\"x\"]}", "sshd", "h", false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char members[512];
		snprintf(members, sizeof(members), ", \"rules\": [%s]", rows[i].rule);
		struct config *config = configured(members);
		assert_int_equal(
		    rules_open_service(config, rows[i].service, rows[i].host), rows[i].opens);
		config_free(config);
	}
}

/* What explain tells apart, though a deny rule does not. */
static void what_an_access_token_does_not_say_is_unreadable_not_met(void **state)
{
	struct config *config =
	    configured(", \"rules\": [" DENY("\"claims\": {\"custom:k\": [\"v\"]}") "]");
	struct claims *claims = proven("{\"token_use\":\"access\",\"username\":\"alice\"}");
	const struct access_request request = {
	    .user = "alice", .service = "sshd", .host = "web-1", .access_token = true};
	const struct config_rule *rule = &config->rules[0];
	struct subject subject;
	(void)state;
	assert_int_equal(subject_make(config, claims, &request, &subject), 0);
	assert_int_equal(rules_judge_claim(&subject, rule, &rule->claims[0]), TRUTH_UNREADABLE);
	subject_free(&subject);
	claims_free(claims);
	config_free(config);
}

static void a_condition_is_set_where_the_rule_names_it(void **state)
{
	static const char *const texts[] = {"\"services\":[\"s\"]", "\"hosts\":[\"h\"]",
	    "\"users\":[\"u\"]", "\"groups\":[\"g\"]", "\"all_groups\":[\"g\"]",
	    "\"claims\":{\"sub\":[\"s\"]}", "\"max_auth_age\":0", "\"require_mfa\":true"};
	struct claims *claims = proven("{}");
	const struct access_request request = {.user = "alice", .service = "sshd"};
	(void)state;
	assert_int_equal(conditions_len, sizeof(texts) / sizeof(texts[0]));
	for (size_t i = 0; i < conditions_len; i++) {
		bool chooses = i >= 2 && i <= 5;
		struct subject subject;
		char *members = mint_text(
		    ", \"rules\": [{%s%s}]", texts[i], chooses ? "" : ",\"anyone\":true");
		struct config *config = configured(members);
		assert_int_equal(subject_make(config, claims, &request, &subject), 0);
		for (size_t k = 0; k < conditions_len; k++)
			assert_int_equal(
			    conditions[k].judge(&subject, config->rules) != TRUTH_UNSET,
			    k == i);
		subject_free(&subject);
		config_free(config);
		free(members);
	}
	claims_free(claims);
}

/* Every condition is described by its key and by the list or the claims that it looks at. */
static void what_explain_says_of_a_condition(void **state)
{
	static const struct {
		const char *key, *item, *text, *claims[2];
	} rows[CONDITIONS_MAX] = {
	    {"services", "s", "sshd", {NULL}},
	    {"hosts", "h", "web-1.example", {NULL}},
	    {"users", "u", "alice", {NULL}},
	    {"groups", "g", NULL, {"cognito:groups"}},
	    {"all_groups", "a", NULL, {"cognito:groups"}},
	    {"claims", NULL, NULL, {NULL}},
	    {"max_auth_age", NULL, NULL, {"auth_time"}},
	    {"require_mfa", NULL, NULL, {"amr", "acr"}},
	};
	struct config *config = configured(
	    ", \"rules\": [{\"services\": [\"s\"], \"hosts\": [\"h\"], \"users\": [\"u\"], "
	    "\"groups\": [\"g\"], \"all_groups\": [\"a\"]}]");
	const struct access_request request = {
	    .user = "alice", .service = "sshd", .host = "WEB-1.example"};
	struct subject subject;
	(void)state;
	subject_make_unknown(config, &request, &subject);
	for (size_t i = 0; i < conditions_len; i++) {
		const struct condition *c = &conditions[i];
		const struct config_list *list =
		    (const void *)((const char *)config->rules + c->list);
		assert_string_equal(c->key, rows[i].key);
		assert_int_equal(c->list != 0, rows[i].item != NULL);
		if (rows[i].item != NULL)
			assert_string_equal(list->items[0], rows[i].item);
		const char *text = rules_text(&subject, i);
		assert_int_equal(text != NULL, rows[i].text != NULL);
		if (rows[i].text != NULL)
			assert_string_equal(text, rows[i].text);
		for (size_t k = 0; k < 2; k++)
			assert_true(c->claims[k] == rows[i].claims[k] ||
				    streq(c->claims[k], rows[i].claims[k]));
	}
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nobody_is_allowed_without_rules),
	    cmocka_unit_test(services_and_groups_must_both_match),
	    cmocka_unit_test(a_rule_without_services_is_for_all),
	    cmocka_unit_test(odd_groups_are_no_groups),
	    cmocka_unit_test(a_string_is_one_group),
	    cmocka_unit_test(anyone_is_anyone_of_the_pool),
	    cmocka_unit_test(services_are_shell_patterns),
	    cmocka_unit_test(the_first_rule_that_matches_is_named),
	    cmocka_unit_test(many_groups_and_many_rules),
	    cmocka_unit_test(deny_wins_wherever_it_stands),
	    cmocka_unit_test(hosts_in_lower_case_whole_and_short),
	    cmocka_unit_test(an_unknown_host_denies),
	    cmocka_unit_test(users_are_patterns_of_local_names),
	    cmocka_unit_test(all_groups_means_all),
	    cmocka_unit_test(groups_that_cannot_be_read_deny),
	    cmocka_unit_test(an_absent_claim_is_no_group_at_cognito_alone),
	    cmocka_unit_test(a_deny_rule_that_reads_no_groups_is_not_touched),
	    cmocka_unit_test(hostile_group_names),
	    cmocka_unit_test(claims_and_their_values),
	    cmocka_unit_test(the_literal_name_first_then_the_way),
	    cmocka_unit_test(a_claim_that_cannot_be_read_denies),
	    cmocka_unit_test(a_flattened_list_is_a_list_where_the_rule_says_so),
	    cmocka_unit_test(an_unverified_address_is_no_address),
	    cmocka_unit_test(an_access_token_is_silent_about_other_claims),
	    cmocka_unit_test(the_age_of_the_sign_in),
	    cmocka_unit_test(a_second_factor),
	    cmocka_unit_test(whether_a_rule_limits_the_age_is_known_beforehand),
	    cmocka_unit_test(whether_a_rule_opens_a_service_is_known_whoever_asks),
	    cmocka_unit_test(what_an_access_token_does_not_say_is_unreadable_not_met),
	    cmocka_unit_test(a_condition_is_set_where_the_rule_names_it),
	    cmocka_unit_test(what_explain_says_of_a_condition),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
