/* SPDX-License-Identifier: MIT */
#include "common/clock.h"

#include <limits.h>
#include <time.h>

static int64_t milliseconds(clockid_t clock)
{
	struct timespec t = {0, 0};
	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* What a thread may wait for its turn after each nap, on a machine that is merely busy: a tick
 * of the slower kernels. */
#define TURN_MS 4

int64_t clock_ms(void)
{
	return milliseconds(CLOCK_MONOTONIC);
}

int64_t clock_boot_ms(void)
{
	return milliseconds(CLOCK_BOOTTIME);
}

int clock_left(int64_t deadline)
{
	int64_t left = deadline - clock_ms();
	if (left <= 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}

int64_t clock_later(int64_t one, int64_t other)
{
	return one > other ? one : other;
}

int clock_nap(int left)
{
	struct timespec t = {0, 0};
	clock_gettime(CLOCK_MONOTONIC, &t);
	int nap = 1 + (int)(t.tv_nsec / 1000 % CLOCK_NAP_MS);
	return nap < left ? nap : left;
}

struct clock_moment clock_moment(void)
{
	return (struct clock_moment){clock_ms(), milliseconds(CLOCK_THREAD_CPUTIME_ID)};
}

int64_t clock_lost(const struct clock_moment *since, int nap)
{
	struct clock_moment now = clock_moment();
	int64_t lost = now.wall - since->wall - (now.cpu - since->cpu) - nap;
	return lost > TURN_MS ? lost - TURN_MS : 0;
}
