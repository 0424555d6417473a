/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "helper/net/name.h"

static struct name *add(struct names *all, const char *host, const char *port)
{
	struct name n = {.state = NAME_NEW};
	snprintf(n.host, sizeof(n.host), "%s", host);
	snprintf(n.port, sizeof(n.port), "%s", port);
	return names_add(all, &n);
}

/* libcurl before 7.78 would look for a resolver, which the sandbox refuses. */
static void localhost_is_known_without_a_resolver(void **state)
{
	static struct names all;
	struct name *one = add(&all, "localhost", "443"),
		    *other = add(&all, "localhost", "65535");
	(void)state;
	assert_int_equal(one->state, NAME_FOUND);
	assert_string_equal(one->answer.entry, "localhost:443:127.0.0.1,[::1]");
	assert_int_equal(other->state, NAME_FOUND);
	assert_string_equal(other->answer.entry, "localhost:65535:127.0.0.1,[::1]");
	assert_ptr_equal(add(&all, "localhost", "443"), one);
	names_look_up(&all);
	assert_string_equal(one->answer.entry, "localhost:443:127.0.0.1,[::1]");
}

static void other_names_are_to_be_looked_up(void **state)
{
	static const char *const hosts[] = {"localhost.example", "localhos", "xlocalhost",
	    "localhost.", "127.0.0.1", "cognito-idp.eu-west-1.amazonaws.com"};
	static struct names all;
	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		const struct name *n = add(&all, hosts[i], "443");
		assert_int_equal(n->state, NAME_NEW);
		assert_string_equal(n->answer.entry, "");
	}
}

static void a_full_list_takes_no_more(void **state)
{
	static struct names all;
	char port[8];
	(void)state;
	for (int i = 0; i < NAMES_MAX; i++) {
		snprintf(port, sizeof(port), "%d", i);
		assert_non_null(add(&all, "localhost", port));
	}
	assert_null(add(&all, "localhost", "443"));
	assert_non_null(add(&all, "localhost", "0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(localhost_is_known_without_a_resolver),
	    cmocka_unit_test(other_names_are_to_be_looked_up),
	    cmocka_unit_test(a_full_list_takes_no_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
