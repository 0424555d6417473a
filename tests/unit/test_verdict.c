/* SPDX-License-Identifier: MIT
 *
 * Identity first, then the rules; one way to yes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/result.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/policy/access_request.h"
#include "helper/policy/verdict.h"
#include "helper/token/claims.h"
#include "mint.h"
#include "proven.h"

static const char members[] =
    ", \"users\": {\"map\": {\"bob\": {\"sub\": \"s2\"}}}, \"rules\": ["
    "{\"name\": \"shell\", \"services\": [\"sshd\"], \"groups\": [\"users\"]}, "
    "{\"name\": \"console\", \"services\": [\"login\"], \"anyone\": true, "
    "\"grant\": [\"audio\", \"video\"]}, "
    "{\"name\": \"never\", \"effect\": \"deny\", \"users\": [\"eve\"]}]";

/* The rule itself comes with its name, and no other one's grants. */
static void expect_decided(const struct verdict *verdict)
{
	if (streq(verdict->rule, "")) {
		assert_null(verdict->decided);
		return;
	}
	assert_string_equal(verdict->decided->name, verdict->rule);
	assert_int_equal(verdict->decided->grant.len, streq(verdict->rule, "console") ? 2 : 0);
	assert_int_equal(verdict->decided->is_deny, verdict->result == RESULT_POLICY_DENY);
}

static void every_combination(void **state)
{
	static const struct {
		const char *payload, *local_name, *service;
		int code;
		const char *rule;
	} rows[] = {
	    {"{\"cognito:username\":\"alice\",\"cognito:groups\":[\"users\"]}", "alice", "sshd",
		RESULT_ALLOWED, "shell"},
	    {"{\"cognito:username\":\"alice\"}", "alice", "login", RESULT_ALLOWED, "console"},
	    {"{\"cognito:username\":\"alice\"}", "alice", "sshd", RESULT_POLICY, ""},
	    {"{\"cognito:username\":\"alice\",\"cognito:groups\":[\"users\"]}", "alice", "sudo",
		RESULT_POLICY, ""},
	    {"{\"cognito:username\":\"alice\",\"cognito:groups\":[\"users\"]}", "carol", "sshd",
		RESULT_IDENTITY, ""},
	    /* Somebody else is told so, whether or not a rule would allow. */
	    {"{\"cognito:username\":\"alice\"}", "carol", "sudo", RESULT_IDENTITY, ""},
	    {"{\"sub\":\"s2\",\"cognito:groups\":[\"users\"]}", "bob", "sshd", RESULT_ALLOWED,
		"shell"},
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
		struct verdict verdict = {
		    .result = RESULT_ALLOWED, .rule = "stale", .decided = config->rules};
		struct claims *claims = proven(rows[i].payload);
		const struct access_request question = {
		    .user = rows[i].local_name, .service = rows[i].service, .host = "web-1"};
		verdict_decide(config, claims, &question, &verdict);
		if (verdict.result != rows[i].code)
			fail_msg("%s %s %s: %s", rows[i].payload, rows[i].local_name,
			    rows[i].service, result_phrase(verdict.result));
		assert_string_equal(verdict.rule, rows[i].rule);
		expect_decided(&verdict);
		claims_free(claims);
	}
	config_free(config);
}

static void without_rules_the_right_person_is_denied(void **state)
{
	struct config *config = configured("");
	struct claims *claims = proven("{\"cognito:username\":\"alice\"}");
	struct verdict verdict;
	(void)state;
	const struct access_request question = {.user = "alice", .service = "sshd"};
	verdict_decide(config, claims, &question, &verdict);
	assert_int_equal(verdict.result, RESULT_POLICY);
	assert_string_equal(verdict.rule, "");
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
	    {"{\"root\": {\"sub\": \"s1\"}}", "{\"sub\":\"s1\"}", true, RESULT_ALLOWED},
	    {"{\"root\": {\"sub\": \"s1\"}}", "{\"sub\":\"s2\"}", true, RESULT_IDENTITY},
	    {"{\"root\": {\"sub\": \"s1\", \"cognito:username\": \"al\"}}",
		"{\"sub\":\"s1\",\"cognito:username\":\"al\"}", true, RESULT_ALLOWED},
	    {"{\"root\": {\"cognito:username\": \"al\"}}",
		"{\"sub\":\"s1\",\"cognito:username\":\"al\"}", true, RESULT_IDENTITY},
	    {"{\"root\": {\"cognito:username\": \"al\"}}",
		"{\"sub\":\"s1\",\"cognito:username\":\"al\"}", false, RESULT_ALLOWED},
	    {"{}", "{\"sub\":\"s1\",\"cognito:username\":\"root\"}", true, RESULT_IDENTITY},
	    {"{}", "{\"sub\":\"s1\",\"cognito:username\":\"root\"}", false, RESULT_ALLOWED},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = mint_text(
		    ", \"users\": {\"map\": %s}, \"rules\": [{\"anyone\": true}]", rows[i].map);
		struct config *config = configured(text);
		struct claims *claims = proven(rows[i].payload);
		struct verdict verdict;
		const struct access_request question = {
		    .user = "root", .service = "login", .root = rows[i].root};
		verdict_decide(config, claims, &question, &verdict);
		if (verdict.result != rows[i].code)
			fail_msg("row %zu: %s", i, result_phrase(verdict.result));
		claims_free(claims);
		config_free(config);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_combination),
	    cmocka_unit_test(without_rules_the_right_person_is_denied),
	    cmocka_unit_test(root_needs_an_entry_that_names_sub),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
