/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "helper/net/backoff.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The least and the most of each row, whatever random says. */
static void a_wait_lies_between_its_bounds(void **state)
{
	static const struct {
		enum backoff_cause cause;
		int number, left, least, most;
	} rows[] = {
	    {BACKOFF_FAILURE, 0, 90000, 0, 1000},
	    {BACKOFF_FAILURE, 1, 90000, 0, 85000},
	    {BACKOFF_THROTTLE, 0, 90000, 1000, 12000},
	    {BACKOFF_THROTTLE, 1, 90000, 1000, 85000},
	    /* Little time: a quarter of it is left for the request. */
	    {BACKOFF_THROTTLE, 0, 5000, 0, 3750},
	    {BACKOFF_THROTTLE, 0, 0, 0, 0},
	    {BACKOFF_PROOF, 0, 90000, 0, 1000},
	    {BACKOFF_PROOF, 1, 90000, 0, 3000},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int least = INT_MAX, most = -1;
		for (unsigned random = 0; random < 200000; random++) {
			int wait =
			    backoff_ms(rows[i].cause, rows[i].number, rows[i].left, random);
			least = wait < least ? wait : least;
			most = wait > most ? wait : most;
		}
		assert_int_equal(least, rows[i].least);
		assert_int_equal(most, rows[i].most);
		int last = backoff_ms(rows[i].cause, rows[i].number, rows[i].left, UINT_MAX);
		assert_true(last >= rows[i].least && last <= rows[i].most);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_wait_lies_between_its_bounds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
