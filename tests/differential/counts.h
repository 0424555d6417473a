/* SPDX-License-Identifier: MIT
 *
 * How often ours and a second reader agreed.
 */
#ifndef TESTS_DIFFERENTIAL_COUNTS_H
#define TESTS_DIFFERENTIAL_COUNTS_H

#include <stdbool.h>
#include <stdio.h>

enum second_answer {
	SECOND_NO,
	SECOND_YES,
	SECOND_UNABLE /* a number is too large for jansson: nothing can be said */
};

struct counts {
	unsigned long both_yes, both_no, stricter, laxer, unable;
};

/* Is this the first case that only ours accepts? */
static inline bool counts_add(struct counts *c, bool ours, enum second_answer theirs)
{
	if (theirs == SECOND_UNABLE)
		c->unable++;
	else if (ours && theirs == SECOND_YES)
		c->both_yes++;
	else if (!ours && theirs == SECOND_NO)
		c->both_no++;
	else if (!ours)
		c->stricter++;
	else
		return c->laxer++ == 0;
	return false;
}

/* The line that run.py reads; the status of the program. */
static inline int counts_print(const struct counts *c)
{
	printf(
	    "%lu %lu %lu %lu %lu\n", c->both_yes, c->both_no, c->stricter, c->laxer, c->unable);
	return c->laxer > 0;
}

#endif
