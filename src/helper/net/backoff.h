/* SPDX-License-Identifier: MIT
 *
 * How long to wait before a request is sent again. Pure: time and randomness are passed in, so
 * that a whole fleet can be simulated with it.
 */
#ifndef HELPER_NET_BACKOFF_H
#define HELPER_NET_BACKOFF_H

#include <stdbool.h>

#define BACKOFF_REPEATS_MOST 2

enum backoff_cause {
	BACKOFF_FAILURE, /* a 5xx: a hiccup, which is over soon */
	BACKOFF_THROTTLE, /* the pool's quota: others wait, too */
	BACKOFF_PROOF, /* a throttle of a request that carries what expires within seconds */
};

/* Milliseconds before the repeat of this number (0 or 1), with full jitter, so that the hosts
 * of a throttled pool do not come back together. left: to the deadline. random: any number. */
int backoff_ms(enum backoff_cause, int number, int left, unsigned random);

#endif
