/* SPDX-License-Identifier: MIT
 *
 * Milliseconds on two clocks that nobody can set and that both processes share: CLOCK_MONOTONIC
 * for deadlines, and CLOCK_BOOTTIME, which goes on while the machine sleeps, for ages.
 */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stdint.h>

int64_t clock_ms(void); /* CLOCK_MONOTONIC */
int64_t clock_boot_ms(void); /* CLOCK_BOOTTIME */

/* Milliseconds left until deadline (of clock_ms()), for poll(): 0 when it has passed. */
int clock_left(int64_t deadline);

#endif
