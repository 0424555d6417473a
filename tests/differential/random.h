/* SPDX-License-Identifier: MIT
 *
 * Random numbers that a seed decides (splitmix64), so that any case can be made again.
 */
#ifndef TESTS_DIFFERENTIAL_RANDOM_H
#define TESTS_DIFFERENTIAL_RANDOM_H

#include <stdint.h>

struct random {
	uint64_t state;
};

static inline uint64_t random_next(struct random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* From 0 to bound - 1. */
static inline unsigned random_below(struct random *r, size_t bound)
{
	return bound > 0 ? (unsigned)(random_next(r) % bound) : 0;
}

/* The numbers of one case of a run. */
static inline struct random random_of(uint64_t seed, uint64_t which)
{
	struct random r = {seed * 0x9e3779b97f4a7c15u + which};
	return (struct random){random_next(&r)};
}

#endif
