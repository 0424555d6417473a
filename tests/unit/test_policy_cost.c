/* SPDX-License-Identifier: MIT
 *
 * What a decision costs: so many rules that read groups and services, none of which decides
 * before the last, for a person in so many groups. Processor time, the least of many turns
 * that are taken in rotation: what else the machine does changes neither.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "common/buffer.h"
#include "common/result.h"
#include "helper/config/config.h"
#include "helper/policy/access_request.h"
#include "helper/policy/decision.h"
#include "helper/token/claims.h"
#include "helper/token/claims_make.h"

#define TURNS 40
#define CALLS 10
#ifdef SANITIZED
#define MOST_US 20000.0
#else
#define MOST_US 1000.0
#endif
/* Four times as many cost four times as much at most, but for caches that then hold less; a
 * square would be sixteen times. */
#define FACTOR_MOST 6.0

static double now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static struct size {
	int groups, rules;
	struct config *config;
	struct claims *claims;
	double us;
} sizes[] = {
    {.groups = 100, .rules = 1000},
    {.groups = 400, .rules = 1000},
    {.groups = 100, .rules = 500},
    {.groups = 100, .rules = 2000},
    {.groups = 1, .rules = 1},
};
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))
enum { USUAL, MANY_GROUPS, FEW_RULES, MANY_RULES };

/* As many kinds as a file has: by group, by group and service, and every tenth denies. */
static struct config *make_config(int rules)
{
	struct buffer text = BUFFER_INIT(CONFIG_TEXT_MAX);
	struct config *config = NULL;
	struct reason reason = {.detail = ""};
	buffer_append_text(&text, "{\"config\":{\"client_id\":\"c\",\"certs_url\":\"https://"
				  "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A/.well-known/"
				  "jwks.json\"},\"rules\":[");
	for (int i = 0; i + 1 < rules; i++)
		buffer_append_format(&text, "{\"groups\":[\"r%d\"]%s},", i,
		    i % 10 == 0  ? ",\"effect\":\"deny\""
		    : i % 4 == 1 ? ",\"services\":[\"s*\"]"
				 : "");
	buffer_append_text(&text, "{\"anyone\":true}]}");
	if (config_parse("bench", buffer_text(&text), text.len, &config, NULL, &reason) != 0) {
		fprintf(stderr, "%s\n", reason.detail);
		exit(1);
	}
	buffer_wipe(&text);
	return config;
}

static struct claims *make_claims(int groups)
{
	struct buffer text = BUFFER_INIT(48u * 1024);
	struct claims *claims = NULL;
	buffer_append_text(&text, "{\"cognito:username\":\"alice\",\"cognito:groups\":[");
	for (int i = 0; i < groups; i++)
		buffer_append_format(
		    &text, "%s\"team-%d-of-the-house\"", i > 0 ? "," : "", i * 7919 % 10007);
	buffer_append_text(&text, "]}");
	if (claims_make(buffer_text(&text), text.len, &claims) != 0)
		exit(1);
	buffer_wipe(&text);
	return claims;
}

static double turn(const struct size *size)
{
	static const struct access_request request = {
	    .user = "alice", .service = "sshd", .host = "web-1", .now = 1764000000};
	double start = now_us();
	for (int i = 0; i < CALLS; i++) {
		struct decision d;
		assert_int_equal(decide(size->config, size->claims, &request, &d), 0);
		decision_free(&d);
	}
	return (now_us() - start) / CALLS;
}

static int measure(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZES; i++) {
		sizes[i].config = make_config(sizes[i].rules);
		sizes[i].claims = make_claims(sizes[i].groups);
	}
	for (size_t i = 0; i < TURNS * SIZES; i++) {
		struct size *size = &sizes[i % SIZES];
		double us = turn(size);
		if (i < SIZES || us < size->us)
			size->us = us;
	}
	for (size_t i = 0; i < SIZES; i++)
		print_message("# %4d groups %5d rules %8.1f us\n", sizes[i].groups,
		    sizes[i].rules, sizes[i].us);
	return 0;
}

static int forget(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZES; i++) {
		claims_free(sizes[i].claims);
		config_free(sizes[i].config);
	}
	return 0;
}

static void a_hundred_groups_and_a_thousand_rules_take_a_millisecond_at_most(void **state)
{
	(void)state;
	assert_true(sizes[USUAL].us <= MOST_US);
}

static void expect_no_square(size_t more, size_t less)
{
	double factor = sizes[more].us / sizes[less].us;
	print_message("# %d groups %d rules after %d groups %d rules: %.2f times\n",
	    sizes[more].groups, sizes[more].rules, sizes[less].groups, sizes[less].rules,
	    factor);
	assert_true(factor <= FACTOR_MOST);
}

static void four_times_the_groups_cost_no_square(void **state)
{
	(void)state;
	expect_no_square(MANY_GROUPS, USUAL);
}

static void four_times_the_rules_cost_no_square(void **state)
{
	(void)state;
	expect_no_square(MANY_RULES, FEW_RULES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_hundred_groups_and_a_thousand_rules_take_a_millisecond_at_most),
	    cmocka_unit_test(four_times_the_groups_cost_no_square),
	    cmocka_unit_test(four_times_the_rules_cost_no_square),
	};
	return cmocka_run_group_tests(tests, measure, forget);
}
