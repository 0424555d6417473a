/* SPDX-License-Identifier: MIT
 *
 * Deadlines: milliseconds on CLOCK_MONOTONIC, which both processes share and nobody sets;
 * and ages: milliseconds on CLOCK_BOOTTIME, which also goes on while the machine sleeps.
 */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stdint.h>

int64_t clock_ms(void);
int64_t clock_boot_ms(void);

/* Milliseconds left until deadline, for poll(): 0 when it has passed. */
int clock_left(int64_t deadline);

#endif
