/* SPDX-License-Identifier: MIT
 *
 * The truth table of the rules. A person was looked at once, by hand: the letters beside
 * each situation say what every key makes of it. From the letters, and from nothing that
 * the code under test says, follows what every key alone, every pair of keys, and every
 * allow rule beside every deny rule must come to.
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
#include "helper/token/claims.h"
#include "mint.h"
#include "proven.h"

#define NOW 1764000000

/* In the order of the letters. The first six may stand in a deny rule, too. */
static const struct {
	const char *text;
	bool chooses_persons; /* otherwise an allow rule needs "anyone" */
} keys[] = {
    {"\"services\":[\"sshd\"]", false},
    {"\"hosts\":[\"web-*\"]", false},
    {"\"users\":[\"al*\"]", true},
    {"\"groups\":[\"g\",\"h\"]", true},
    {"\"all_groups\":[\"g\",\"k\"]", true},
    {"\"claims\":{\"custom:k\":[\"v\"]}", true},
    {"\"max_auth_age\":60", false},
    {"\"require_mfa\":true", false},
};
#define KEYS 8
#define DENY_KEYS 6

#define GROUPS(list) "\"cognito:groups\":" list
#define GK GROUPS("[\"k\",\"g\"]")
#define V ",\"custom:k\":\"v\""
#define NOWISH ",\"auth_time\":1763999990"
#define MFA ",\"amr\":[\"pwd\",\"mfa\"]"

/* Y met, N not met, U unreadable. Of an access token an allow rule reads the claim that a
 * deny rule counts as unreadable: A is Y to the one and U to the other, a is N and U. */
static const struct situation {
	const char *letters;
	const char *service, *host, *user;
	const char *members; /* of the claims, beside what makes the user who it is */
	int more; /* see below */
} situations[] = {
#define ANSWERED 1 /* a second factor in this login */
#define ACCESS 2 /* an access token */
    /* sh ug Gc am */
    {"YYYYYYYY", "sshd", "web-1", "alice", GK V NOWISH MFA, 0},
    {"NYYYYYYY", "sudo", "web-1", "alice", GK V NOWISH MFA, 0},
    {"NYYYYYYY", "sshd2", "web-1", "alice", GK V NOWISH MFA, 0},
    {"NYYYYYYY", "SSHD", "web-1", "alice", GK V NOWISH MFA, 0},
    {"YYYYYYYY", "sshd", "WEB-1.example.com", "alice", GK V NOWISH MFA, 0},
    {"YNYYYYYY", "sshd", "db-1.web-1", "alice", GK V NOWISH MFA, 0},
    {"YUYYYYYY", "sshd", "", "alice", GK V NOWISH MFA, 0},
    {"YYNYYYYY", "sshd", "web-1", "bob", GK V NOWISH MFA, 0},
    {"YYNYYYYY", "sshd", "web-1", "Alice", GK V NOWISH MFA, 0},
    {"YYYYNYYY", "sshd", "web-1", "alice", GROUPS("[\"g\"]") V NOWISH MFA, 0},
    {"YYYYNYYY", "sshd", "web-1", "alice", GROUPS("\"g\"") V NOWISH MFA, 0},
    {"YYYYNYYY", "sshd", "web-1", "alice", GROUPS("[\"h\",\"k\"]") V NOWISH MFA, 0},
    {"YYYNNYYY", "sshd", "web-1", "alice", GROUPS("[\"k\"]") V NOWISH MFA, 0},
    {"YYYNNYYY", "sshd", "web-1", "alice", GROUPS("[\"G\",\"gg\",\"K\"]") V NOWISH MFA, 0},
    {"YYYNNYYY", "sshd", "web-1", "alice", GROUPS("[]") V NOWISH MFA, 0},
    {"YYYYYYYY", "sshd", "web-1", "al", GROUPS("[\"g\",\"k\",\"g\",\"x\"]") V NOWISH MFA, 0},
    {"YYYNNYYY", "sshd", "web-1", "alice", "\"x\":1" V NOWISH MFA, 0},
    {"YYYUUYYY", "sshd", "web-1", "alice", GROUPS("[\"g\",\"k\",1]") V NOWISH MFA, 0},
    {"YYYUUYYY", "sshd", "web-1", "alice", GROUPS("[\"g\",\"k\",\"\"]") V NOWISH MFA, 0},
    {"YYYUUYYY", "sshd", "web-1", "alice", GROUPS("[\"g\",\"k\",\"\\n\"]") V NOWISH MFA, 0},
    {"YYYUUYYY", "sshd", "web-1", "alice", GROUPS("{\"g\":\"k\"}") V NOWISH MFA, 0},
    {"YYYUUYYY", "sshd", "web-1", "alice", GROUPS("null") V NOWISH MFA, 0},
    {"YYYYYNYY", "sshd", "web-1", "alice", GK ",\"custom:k\":\"w\"" NOWISH MFA, 0},
    {"YYYYYNYY", "sshd", "web-1", "alice", GK ",\"custom:k\":true" NOWISH MFA, 0},
    {"YYYYYNYY", "sshd", "web-1", "alice", GK NOWISH MFA, 0},
    {"YYYYYYYY", "sshd", "web-1", "alice", GK ",\"custom:k\":[\"w\",\"v\"]" NOWISH MFA, 0},
    {"YYYYYUYY", "sshd", "web-1", "alice", GK ",\"custom:k\":[\"v\",1]" NOWISH MFA, 0},
    {"YYYYYUYY", "sshd", "web-1", "alice", GK ",\"custom:k\":1" NOWISH MFA, 0},
    {"YYYYYUYY", "sshd", "web-1", "alice", GK ",\"custom:k\":{}" NOWISH MFA, 0},
    {"YYYYYAYY", "sshd", "web-1", "alice", GK V NOWISH MFA, ACCESS},
    {"YYYYYaYY", "sshd", "web-1", "alice", GK NOWISH MFA, ACCESS},
    {"YYYYYYYY", "sshd", "web-1", "alice", GK V ",\"auth_time\":1763999940" MFA, 0},
    {"YYYYYYNY", "sshd", "web-1", "alice", GK V ",\"auth_time\":1763999939" MFA, 0},
    {"YYYYYYYY", "sshd", "web-1", "alice", GK V ",\"auth_time\":1764000020" MFA, 0},
    {"YYYYYYNY", "sshd", "web-1", "alice", GK V MFA, 0},
    {"YYYYYYNY", "sshd", "web-1", "alice", GK V ",\"auth_time\":\"1764000000\"" MFA, 0},
    {"YYYYYYYN", "sshd", "web-1", "alice", GK V NOWISH, 0},
    {"YYYYYYYY", "sshd", "web-1", "alice", GK V NOWISH, ANSWERED},
    {"YYYYYYYN", "sshd", "web-1", "alice", GK V NOWISH ",\"amr\":[\"otp\"]", 0},
    {"YYYYYYYY", "sshd", "web-1", "alice", GK V NOWISH ",\"acr\":\"urn:cognito:loa:3\"", 0},
    {"NNNNNNNN", "su", "db", "bob", GROUPS("[\"x\"]") ",\"custom:k\":\"x\"", 0},
    {"NUNUUUNN", "su", "", "bob", GROUPS("1") ",\"custom:k\":1", 0},
    {"NUNNNaNN", "su", "", "bob", "\"x\":1", ACCESS},
};
#define SITUATIONS (sizeof(situations) / sizeof(situations[0]))

/* What a letter means to a rule of that effect. */
static char letter_of(const struct situation *s, size_t key, bool is_deny)
{
	char letter = s->letters[key];
	if (letter == 'A')
		return is_deny ? 'U' : 'Y';
	if (letter == 'a')
		return is_deny ? 'U' : 'N';
	return letter;
}

/* Keys that are equal count as one. */
static bool allows(const struct situation *s, size_t one, size_t two)
{
	return letter_of(s, one, false) == 'Y' && letter_of(s, two, false) == 'Y';
}

static bool denies(const struct situation *s, size_t one, size_t two)
{
	return letter_of(s, one, true) != 'N' && letter_of(s, two, true) != 'N';
}

static char *rule_text(bool is_deny, size_t one, size_t two)
{
	bool chooses = keys[one].chooses_persons || keys[two].chooses_persons;
	return mint_text("{\"name\":\"%s\",%s%s%s%s%s}", is_deny ? "no" : "yes",
	    is_deny ? "\"effect\":\"deny\"," : "",
	    !is_deny && !chooses ? "\"anyone\":true," : "", keys[one].text,
	    one != two ? "," : "", one != two ? keys[two].text : "");
}

static struct claims *persons[SITUATIONS];
static size_t rows;

static int look_at_everybody(void **state)
{
	(void)state;
	for (size_t i = 0; i < SITUATIONS; i++) {
		const struct situation *s = &situations[i];
		bool is_access = (s->more & ACCESS) != 0;
		char *payload = mint_text("{\"token_use\":\"%s\",\"%s\":\"%s\",%s}",
		    is_access ? "access" : "id", is_access ? "username" : "cognito:username",
		    s->user, s->members);
		persons[i] = proven(payload);
		free(payload);
	}
	return 0;
}

static int forget_everybody(void **state)
{
	(void)state;
	for (size_t i = 0; i < SITUATIONS; i++)
		claims_free(persons[i]);
	return 0;
}

static struct access_request request_of(const struct config *config, size_t i)
{
	const struct situation *s = &situations[i];
	return (struct access_request){
	    .user = s->user,
	    .service = s->service,
	    .host = s->host,
	    .now = NOW,
	    .evidence = evidence_of(config, persons[i], (s->more & ANSWERED) != 0),
	    .access_token = (s->more & ACCESS) != 0,
	};
}

static const char *rule_of(const struct decision *d)
{
	return d->rule != NULL ? d->rule->name : "";
}

static void expect(const char *rules, size_t i, int result, const char *rule)
{
	const struct situation *s = &situations[i];
	static char name[] = "stale";
	static const struct config_rule stale = {.name = name};
	struct decision d = {.result = 0, .rule = &stale};
	char *members = mint_text(", \"rules\": [%s]", rules);
	struct config *config = configured(members);
	const struct access_request request = request_of(config, i);
	int r = decide(config, persons[i], &request, &d);
	assert_int_equal(r, d.result);
	if (d.result != result || !streq(rule_of(&d), rule))
		fail_msg("situation %zu (%s, %s), %s: %s by \"%s\"", i, s->letters, s->members,
		    rules, result_phrase(d.result), rule_of(&d));
	decision_free(&d);
	config_free(config);
	free(members);
	rows++;
}

/* A pair of a key and itself is the key alone. */
static void every_key_and_every_pair_allows(void **state)
{
	(void)state;
	for (size_t one = 0; one < KEYS; one++)
		for (size_t two = one; two < KEYS; two++) {
			char *rule = rule_text(false, one, two);
			for (size_t i = 0; i < SITUATIONS; i++) {
				bool good = allows(&situations[i], one, two);
				expect(rule, i, good ? 0 : RESULT_POLICY, good ? "yes" : "");
			}
			free(rule);
		}
}

static void every_key_and_every_pair_denies(void **state)
{
	(void)state;
	for (size_t one = 0; one < DENY_KEYS; one++)
		for (size_t two = one; two < DENY_KEYS; two++) {
			char *deny = rule_text(true, one, two);
			char *rules = mint_text("{\"name\":\"all\",\"anyone\":true},%s", deny);
			for (size_t i = 0; i < SITUATIONS; i++) {
				bool bad = denies(&situations[i], one, two);
				expect(
				    rules, i, bad ? RESULT_POLICY_DENY : 0, bad ? "no" : "all");
			}
			free(rules);
			free(deny);
		}
}

static void expect_both(const char *rules, size_t i, size_t allow, size_t deny)
{
	const struct situation *s = &situations[i];
	if (denies(s, deny, deny))
		expect(rules, i, RESULT_POLICY_DENY, "no");
	else if (allows(s, allow, allow))
		expect(rules, i, 0, "yes");
	else
		expect(rules, i, RESULT_POLICY, "");
}

static void deny_wins_over_allow_in_either_order(void **state)
{
	(void)state;
	for (size_t allow = 0; allow < KEYS; allow++)
		for (size_t deny = 0; deny < DENY_KEYS; deny++) {
			char *yes = rule_text(false, allow, allow);
			char *no = rule_text(true, deny, deny);
			char *first = mint_text("%s,%s", yes, no);
			char *last = mint_text("%s,%s", no, yes);
			for (size_t i = 0; i < SITUATIONS; i++) {
				expect_both(first, i, allow, deny);
				expect_both(last, i, allow, deny);
			}
			free(last);
			free(first);
			free(no);
			free(yes);
		}
}

/* What explain shows: a truth for each key that the rule has, and none for the others. */
static void every_key_alone_comes_out_by_its_letter(void **state)
{
	static const enum truth truths[] = {
	    ['N'] = TRUTH_NO, ['Y'] = TRUTH_YES, ['U'] = TRUTH_UNREADABLE};
	(void)state;
	for (size_t key = 0; key < KEYS + DENY_KEYS; key++) {
		bool is_deny = key >= KEYS;
		size_t at = is_deny ? key - KEYS : key;
		char *rule = rule_text(is_deny, at, at);
		char *members = mint_text(", \"rules\": [%s]", rule);
		struct config *config = configured(members);
		for (size_t i = 0; i < SITUATIONS; i++) {
			const struct situation *s = &situations[i];
			const struct access_request request = request_of(config, i);
			const enum truth truth = truths[(size_t)letter_of(s, at, is_deny)];
			struct decision d;
			decide(config, persons[i], &request, &d);
			for (size_t c = 0; c < conditions_len; c++)
				assert_int_equal(d.truths[0][c], c == at ? truth : TRUTH_UNSET);
			decision_free(&d);
		}
		config_free(config);
		free(members);
		free(rule);
	}
}

static void the_table_is_not_empty(void **state)
{
	(void)state;
	print_message("# %zu rows\n", rows);
	assert_true(rows >= 300);
}

/* Linked with --wrap=calloc. */
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
static bool counts_calls;
static int calls_left; /* before the one that fails */

void *__wrap_calloc(size_t count, size_t size)
{
	if (counts_calls && calls_left-- == 0)
		return NULL;
	return __real_calloc(count, size);
}

static void without_memory_nobody_is_allowed(void **state)
{
	struct config *config = configured(", \"rules\": [{\"anyone\": true}]");
	const struct access_request request = {
	    .user = "alice", .service = "sshd", .host = "web-1", .now = NOW};
	const int needed = 2; /* the groups; the truths */
	(void)state;
	for (int good = 0; good <= needed; good++) {
		struct buffer encoded = BUFFER_INIT(1000);
		struct decision d;
		calls_left = good;
		counts_calls = true;
		int r = decide(config, persons[0], &request, &d);
		counts_calls = false;
		assert_int_equal(r, good == needed ? 0 : RESULT_MEMORY);
		assert_int_equal(d.result, r);
		assert_string_equal(rule_of(&d), good == needed ? "rule 1" : "");
		assert_int_equal(d.services_len, good == needed ? 1 : 0);
		assert_false(d.wants_fresh);
		decision_encode(&d, &encoded);
		assert_int_equal(encoded.len != 0, good == needed);
		buffer_wipe(&encoded);
		decision_free(&d);
	}
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_key_and_every_pair_allows),
	    cmocka_unit_test(every_key_and_every_pair_denies),
	    cmocka_unit_test(deny_wins_over_allow_in_either_order),
	    cmocka_unit_test(every_key_alone_comes_out_by_its_letter),
	    cmocka_unit_test(the_table_is_not_empty),
	    cmocka_unit_test(without_memory_nobody_is_allowed),
	};
	return cmocka_run_group_tests(tests, look_at_everybody, forget_everybody);
}
