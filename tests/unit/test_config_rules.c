/* SPDX-License-Identifier: MIT
 *
 * The keys of a rule.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "config_rows.h"
#include "helper/config/config.h"
#include "helper/json/json.h"

static void rule_keys(void **state)
{
	static const struct config_row rows[] = {
	    {"{\"groups\": [\"g\"]}", 0, NULL, NULL},
	    {"{\"anyone\": true}", 0, NULL, NULL},
	    {"{\"name\": \"n\", \"effect\": \"allow\", \"services\": [\"s*\"], "
	     "\"groups\": [\"g\", \"h\"]}",
		0, NULL, NULL},
	    {"1", WRONG, "2:1", "\"rules[0]\" must be an object"},
	    {"{}", WRONG, "2:1", "\"rules[0]\" has no condition on the person"},
	    {"{\"services\": [\"sshd\"]}", WRONG, "2:1", "say \"anyone\": true"},
	    {"{\"anyone\": false}", WRONG, "2:12", "can only be true"},
	    {"{\"anyone\": false, \"groups\": [\"g\"]}", WRONG, "2:12", "can only be true"},
	    {"{\"anyone\": 1}", WRONG, "2:12", "true or false"},
	    {"{\"groups\": [\"g\"], \"anyone\": true}", WRONG, "2:19", "contradicts"},
	    {"{\"groups\": []}", WRONG, "2:12", "\"rules[0].groups\" must not be empty"},
	    {"{\"groups\": [\"\"]}", WRONG, "2:13", "must not be empty"},
	    {"{\"groups\": \"g\"}", WRONG, "2:12", "array of strings"},
	    {"{\"groups\": [1]}", WRONG, "2:13", "\"rules[0].groups[0]\" must be a string"},
	    {"{\"anyone\": true, \"services\": []}", WRONG, "2:30", "must not be empty"},
	    {"{\"anyone\": true, \"services\": [\"\"]}", WRONG, "2:31", "must not be empty"},
	    {"{\"anyone\": true, \"services\": \"sshd\"}", WRONG, "2:30", "array of strings"},
	    {"{\"anyone\": true, \"name\": \"\"}", WRONG, "2:26", "must not be empty"},
	    {"{\"anyone\": true, \"name\": 1}", WRONG, "2:26", "must be a string"},
	    {"{\"effect\": \"deny\"}", 0, NULL, NULL},
	    {"{\"anyone\": true, \"effect\": \"deny\"}", 0, NULL, NULL},
	    {"{\"groups\": [\"g\"], \"effect\": \"deny\"}", 0, NULL, NULL},
	    {"{\"effect\": \"deny\", \"anyone\": true, \"users\": [\"u\"]}", WRONG, "2:20",
		"\"rules[0].anyone\" contradicts \"users\""},
	    {"{\"anyone\": true, \"effect\": \"Allow\"}", WRONG, "2:28", "must be \"allow\""},
	    {"{\"anyone\": true, \"effect\": \"\"}", WRONG, "2:28", "must be \"allow\""},
	    {"{\"anyone\": true, \"effect\": true}", WRONG, "2:28", "must be a string"},
	    {"{\"hosts\": [\"h\"]}", WRONG, "2:1", "has no condition on the person"},
	    {"{\"anyone\": true, \"hosts\": [\"web-*\", \"db?.example\"]}", 0, NULL, NULL},
	    {"{\"hosts\": \"h\"}", WRONG, "2:11", "array of strings"},
	    {"{\"hosts\": [\"\"]}", WRONG, "2:12", "must not be empty"},
	    {"{\"hosts\": [\"h\", \"Prod-*\"]}", WRONG, "2:17",
		"\"rules[0].hosts[1]\" has a capital letter"},
	    {"{\"hosts\": []}", WRONG, "2:11", "\"rules[0].hosts\" must not be empty"},
	    {"{\"users\": [\"u*\"]}", 0, NULL, NULL},
	    {"{\"users\": [1]}", WRONG, "2:12", "must be a string"},
	    {"{\"users\": [\"\"]}", WRONG, "2:12", "must not be empty"},
	    {"{\"users\": []}", WRONG, "2:11", "must not be empty"},
	    {"{\"users\": [\"u\"], \"anyone\": true}", WRONG, "2:18", "contradicts \"users\""},
	    {"{\"all_groups\": [\"g\", \"h\"]}", 0, NULL, NULL},
	    {"{\"all_groups\": 1}", WRONG, "2:16", "array of strings"},
	    {"{\"all_groups\": []}", WRONG, "2:16", "must not be empty"},
	    {"{\"all_groups\": [\"\"]}", WRONG, "2:17", "must not be empty"},
	    {"{\"all_groups\": [\"g\"], \"anyone\": true}", WRONG, "2:23", "\"all_groups\""},
	    {"{\"claims\": {\"a\": [\"b\"]}}", 0, NULL, NULL},
	    {"{\"claims\": {\"a/b\": [\"c\", true, false]}, \"groups\": [\"g\"]}", 0, NULL,
		NULL},
	    {"{\"claims\": {\"a\": [\"b\"]}, \"anyone\": true}", WRONG, "2:26", "\"claims\""},
	    {"{\"claims\": []}", WRONG, "2:12", "must be an object"},
	    {"{\"claims\": {}}", WRONG, "2:12", "\"rules[0].claims\" must not be empty"},
	    {"{\"claims\": {\"a\": \"b\"}}", WRONG, "2:18",
		"\"rules[0].claims.a\" must be an array of strings, true or false"},
	    {"{\"claims\": {\"a\": true}}", WRONG, "2:18", "must be an array"},
	    {"{\"claims\": {\"a\": []}}", WRONG, "2:18", "must not be empty"},
	    {"{\"claims\": {\"a\": [\"b\", 1]}}", WRONG, "2:24",
		"\"rules[0].claims.a[1]\" must be a string, true or false"},
	    {"{\"claims\": {\"a\": [null]}}", WRONG, "2:19", "must be a string, true or"},
	    {"{\"claims\": {\"a\": [[\"b\"]]}}", WRONG, "2:19", "must be a string, true or"},
	    {"{\"claims\": {\"a\": [\"\"]}}", WRONG, "2:19", "must not be empty"},
	    {"{\"claims\": {\"\": [\"b\"]}}", WRONG, "2:13", "must not be empty"},
	    {"{\"claims\": {\"a\\n\": [\"b\"]}}", WRONG, "2:13", "control character"},
	    {"{\"max_auth_age\": 5}", WRONG, "2:1", "has no condition on the person"},
	    {"{\"anyone\": true, \"max_auth_age\": 0}", 0, NULL, NULL},
	    {"{\"anyone\": true, \"max_auth_age\": 999999999}", 0, NULL, NULL},
	    {"{\"max_auth_age\": 1000000000}", WRONG, "2:18", "from 0 to 999999999"},
	    {"{\"max_auth_age\": -1}", WRONG, "2:18", "from 0 to 999999999"},
	    {"{\"max_auth_age\": 5.0}", WRONG, "2:18", "whole number"},
	    {"{\"max_auth_age\": \"5\"}", WRONG, "2:18", "must be a number"},
	    {"{\"max_auth_age\": 5, \"effect\": \"deny\"}", WRONG, "2:2",
		"\"rules[0].max_auth_age\" cannot stand in a rule that denies"},
	    {"{\"require_mfa\": true}", WRONG, "2:1", "has no condition on the person"},
	    {"{\"groups\": [\"g\"], \"require_mfa\": false}", 0, NULL, NULL},
	    {"{\"require_mfa\": 1}", WRONG, "2:17", "true or false"},
	    {"{\"effect\": \"deny\", \"require_mfa\": true}", WRONG, "2:20", "that denies"},
	    {"{\"effect\": \"deny\", \"require_mfa\": false}", WRONG, "2:20", "that denies"},
	    {"{\"effect\": \"deny\", \"grant\": [\"video\"]}", WRONG, "2:20",
		"\"rules[0].grant\" cannot stand in a rule that denies"},
	    {"{\"grant\": [\"video\"]}", WRONG, "2:1", "has no condition on the person"},
	    {"{\"anyone\": true, \"grant\": [\"video\", \"dom users\"]}", WRONG, "2:37",
		"\"rules[0].grant[1]\" is no name of a local group"},
	    {"{\"anyone\": true, \"grant\": [\"a,b\"]}", WRONG, "2:28", "no name of a local"},
	    {"{\"anyone\": true, \"grant\": [\"-a\"]}", WRONG, "2:28", "no name of a local"},
	    {"{\"anyone\": true, \"grant\": [\"*\"]}", WRONG, "2:28", "no name of a local"},
	    {"{\"anyone\": true, \"grant\": [\"\"]}", WRONG, "2:28", "no name of a local"},
	    {"{\"anyone\": true, \"grant\": [1]}", WRONG, "2:28", "must be a string"},
	    {"{\"anyone\": true, \"grant\": []}", WRONG, "2:27",
		"\"rules[0].grant\" must not be empty"},
	    {"{\"grant\": {}}", WRONG, "2:11", "array of strings"},
	    {"{\"group\": [\"g\"]}", WRONG, "2:2", "is \"groups\" meant?"},
	    {"{\"anyone\": true}, {\"groups\": [\"g\"], \"host\": 1}", WRONG, "2:37",
		"\"rules[1].host\" is an unknown key; is \"hosts\" meant?"},
	    {"{\"anyone\": true, \"name\": \"a\"}, {\"anyone\": true, \"name\": \"a\"}", WRONG,
		"2:57", "\"rules[1].name\" is the name of an earlier rule"},
	    {"{\"anyone\": true, \"name\": \"rule 2\"}, {\"anyone\": true}", WRONG, "2:37",
		"name of an earlier rule"},
	};
	(void)state;
	ROWS("{" CLOUD ", \"rules\": [", rows, "]}");
}

/* fnmatch reads every text somehow: a rule that denies would silently deny nobody. */
static void a_pattern_that_fnmatch_cannot_read_is_refused(void **state)
{
	/* as in JSON */
	static const struct {
		const char *pattern, *wrong; /* NULL: can be read */
	} rows[] = {
	    {"prod-*", NULL},
	    {"?", NULL},
	    {"a]", NULL},
	    {"]", NULL},
	    {"web-[0-9]", NULL},
	    {"[ab][cd]x", NULL},
	    {"[]]", NULL},
	    {"[]a]*", NULL},
	    {"[!]]", NULL},
	    {"[^]a]", NULL},
	    {"[!a]", NULL},
	    {"[a-]", NULL},
	    {"[[]", NULL},
	    {"[[a]", NULL},
	    {"[[:]", NULL},
	    {"[[:digit:]]", NULL},
	    {"x[![:digit:]_]y", NULL},
	    {"[[:digit:][:alpha:]]", NULL},
	    {"[a-z[:digit:]_-]", NULL},
	    {"[!-0]", NULL},
	    {"[a-z-_]", NULL},
	    {"[a-z-]", NULL},
	    {"[a-z0-9-_]", NULL},
	    {"[a-z-9-0]", "a bracket cannot be read"},
	    {"[--0]", NULL},
	    {"[\\\\-0]", NULL},
	    {"[[.-.]]", NULL},
	    {"[[=a=]b]", NULL},
	    {"\\\\[", NULL},
	    {"\\\\[a", NULL},
	    {"a\\\\\\\\", NULL},
	    {"[\\\\]]", NULL},
	    {"[a\\\\]b]", NULL},
	    {"[\\\\\\\\]", NULL},
	    {"[", "a bracket is not closed"},
	    {"prod-[", "a bracket is not closed"},
	    {"prod-[0-9", "a bracket is not closed"},
	    {"[ab][cd", "a bracket is not closed"},
	    {"[]", "a bracket is not closed"},
	    {"[!]", "a bracket is not closed"},
	    {"[^]", "a bracket is not closed"},
	    {"[]*", "a bracket is not closed"},
	    {"[a\\\\]", "a bracket is not closed"},
	    {"[a\\\\", "a bracket is not closed"},
	    {"[\\\\", "a bracket is not closed"},
	    {"\\\\\\\\[a", "a bracket is not closed"},
	    {"[[:digit:]", "a bracket is not closed"},
	    {"[[:digit:", "a bracket is not closed"},
	    {"[[:digits:]]", "a bracket cannot be read"},
	    {"[[::]]", "a bracket cannot be read"},
	    {"[\xc3\xa5]lice", "a bracket cannot be read"},
	    {"[a\xc3\xa5]lice", "a bracket cannot be read"},
	    {"\xc3\xa5[ab]", NULL},
	    {"[z-a]", "a bracket cannot be read"},
	    {"[!z-a]", "a bracket cannot be read"},
	    {"[az-b]", "a bracket cannot be read"},
	    {"[x9-0-]", "a bracket cannot be read"},
	    {"[]-0]", "a bracket cannot be read"},
	    {"[a[:dgit:]]*", "a bracket cannot be read"},
	    {"[!a[:lettr:]]", "a bracket cannot be read"},
	    {"[a[.hyphen.]]", "a bracket cannot be read"},
	    {"[a[=bc=]]", "a bracket cannot be read"},
	    {"[9-0]*", "a bracket cannot be read"},
	    {"\\\\", "a backslash ends it"},
	    {"a\\\\", "a backslash ends it"},
	    {"*\\\\", "a backslash ends it"},
	    {"[a]\\\\", "a backslash ends it"},
	    {"\\\\\\\\\\\\", "a backslash ends it"},
	};
	static const char *const keys[] = {"services", "hosts", "users"};
	static const char *const effects[] = {"allow", "deny"};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t k = 0; k < 6; k++) {
			char text[200], part[100], at[16];
			const struct config_row row = {.text = text,
			    .code = rows[i].wrong != NULL ? WRONG : 0,
			    .at = at,
			    .part = part};
			snprintf(text, sizeof(text),
			    "{\"effect\": \"%s\", \"groups\": [\"g\"], \"%s\": [\"x\", "
			    "\"%s\"]}",
			    effects[k / 3], keys[k % 3], rows[i].pattern);
			snprintf(at, sizeof(at), "2:%td", strstr(text, "\"x\", ") + 6 - text);
			snprintf(part, sizeof(part), "\"rules[0].%s[1]\" is no pattern: %s",
			    keys[k % 3], rows[i].wrong != NULL ? rows[i].wrong : "");
			config_check_row("{" CLOUD ", \"rules\": [", &row, "]}");
		}
}

static void a_pattern_is_no_longer_than_any_name(void **state)
{
	char text[400], name[258] = "";
	(void)state;
	for (size_t len = 256; len <= 257; len++) {
		const struct config_row row = {.text = text,
		    .code = len > 256 ? WRONG : 0,
		    .at = "2:12",
		    .part = "is longer than 256 bytes"};
		memset(name, 'x', len);
		snprintf(text, sizeof(text), "{\"users\": [\"%s\"]}", name);
		config_check_row("{" CLOUD ", \"rules\": [", &row, "]}");
	}
}

static void rules_keep_their_order_and_get_names(void **state)
{
	struct config *config = config_load(
	    "{" CLOUD ", \"rules\": [{\"groups\": [\"g\"], \"services\": [\"sshd\"]}, "
	    "{\"name\": \"all\", \"anyone\": true}, {\"groups\": [\"h\"]}]}");
	(void)state;
	assert_int_equal(config->rules_len, 3);
	assert_string_equal(config->rules[0].name, "rule 1");
	assert_int_equal(config->rules[0].services.len, 1);
	assert_int_equal(config->rules[0].groups.len, 1);
	assert_string_equal(config->rules[0].services.items[0], "sshd");
	assert_string_equal(config->rules[1].name, "all");
	assert_true(config->rules[1].anyone && config->rules[1].groups.len == 0);
	assert_string_equal(config->rules[2].name, "rule 3");
	config_free(config);
}

static void what_a_rule_says_arrives(void **state)
{
	struct config *config = config_load(
	    "{" CLOUD ", \"rules\": [{\"anyone\": true}, {\"effect\": \"deny\", \"hosts\": "
	    "[\"h1\", \"h2\"], \"users\": [\"u\"], \"all_groups\": [\"g\"], \"claims\": "
	    "{\"a/b\": [true, \"x\"], \"c\": [\"y\"]}}, {\"users\": [\"v\"], "
	    "\"max_auth_age\": 7, \"require_mfa\": true, \"effect\": \"allow\", "
	    "\"grant\": [\"video\", \"domain-users@EX.org\"]}]}");
	const struct config_rule *rule = config->rules;
	(void)state;
	assert_false(rule->is_deny || rule->require_mfa);
	assert_int_equal(rule->max_auth_age, -1);
	assert_int_equal(rule->claims_len, 0);
	rule++;
	assert_true(rule->is_deny);
	assert_string_equal(rule->hosts.items[1], "h2");
	assert_string_equal(rule->users.items[0], "u");
	assert_string_equal(rule->all_groups.items[0], "g");
	assert_int_equal(rule->claims_len, 2);
	assert_string_equal(rule->claims[0].name, "a/b");
	assert_int_equal(rule->claims[0].steps.len, 2);
	assert_string_equal(rule->claims[0].steps.items[1], "b");
	assert_true(json_is_true(rule->claims[0].accepted));
	assert_int_equal(rule->claims[1].steps.len, 0);
	assert_string_equal(json_string(rule->claims[1].accepted), "y");
	rule++;
	assert_true(!rule->is_deny && rule->require_mfa);
	assert_int_equal(rule->max_auth_age, 7);
	assert_int_equal(rule->grant.len, 2);
	assert_string_equal(rule->grant.items[1], "domain-users@EX.org");
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rule_keys),
	    cmocka_unit_test(a_pattern_that_fnmatch_cannot_read_is_refused),
	    cmocka_unit_test(a_pattern_is_no_longer_than_any_name),
	    cmocka_unit_test(rules_keep_their_order_and_get_names),
	    cmocka_unit_test(what_a_rule_says_arrives),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
