/* SPDX-License-Identifier: MIT
 *
 * Milliseconds on two clocks that nobody can set and that both processes share: CLOCK_MONOTONIC
 * for deadlines, and CLOCK_BOOTTIME, which goes on while the machine sleeps, for ages.
 */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stdint.h>

/* Waits are made of naps no longer than this, so that CLOCK_LOST_MOST can be told. */
#define CLOCK_NAP_MS 100
/* How long the next nap of a wait that has so many milliseconds left is: 1 to CLOCK_NAP_MS by
 * the microseconds of the clock. Who thaws a process now and then, always for a moment, would
 * hide behind naps of a length that he knows. */
int clock_nap(int left);
/* The user who starts a set-uid host can stop, freeze or starve it and its helper. After losing
 * more time than this, neither blames the network. Milliseconds in all. */
#define CLOCK_LOST_MOST 1000

int64_t clock_ms(void); /* CLOCK_MONOTONIC */
int64_t clock_boot_ms(void); /* CLOCK_BOOTTIME */

/* Milliseconds left until deadline (of clock_ms()), for poll(): 0 when it has passed. */
int clock_left(int64_t deadline);
int64_t clock_later(int64_t one, int64_t other);

/* A moment of this thread: to be taken before a nap of at most so many milliseconds. */
struct clock_moment {
	int64_t wall, cpu;
};
struct clock_moment clock_moment(void);

/* Milliseconds since that moment in which the thread neither ran nor wanted to sleep: it could
 * not run. Of each nap a few are every busy machine's, and not counted. */
int64_t clock_lost(const struct clock_moment *, int nap);

#endif
