/* SPDX-License-Identifier: MIT
 *
 * How long to wait before a request is sent again. Pure: time and randomness are passed in, so
 * that a whole fleet can be simulated with it.
 */
#ifndef HELPER_NET_BACKOFF_H
#define HELPER_NET_BACKOFF_H

#include <stdbool.h>

#define BACKOFF_REPEATS_MOST 2

/* Milliseconds before the repeat of this number (0 or 1), with full jitter, so that the hosts
 * of a throttled pool do not come back together. left: to the deadline. is_proof: the request
 * carries what expires within seconds. random: any number. */
int backoff_ms(int number, int left, bool is_proof, unsigned random);

#endif
