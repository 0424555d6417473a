/* SPDX-License-Identifier: MIT
 *
 * What tests/torture/torture.py and the two sides of a login share: which allocation or system
 * call is to fail, and what has been counted. One file, mapped by all three. torture.py reads
 * it with these offsets.
 */
#ifndef TESTS_TORTURE_PLAN_H
#define TESTS_TORTURE_PLAN_H

#include <stdint.h>

#define PLAN_FUNCTIONS_MAX 96
#define PLAN_PLACES_MAX 16384

enum plan_side { PLAN_MODULE, PLAN_HELPER, PLAN_SIDES };
enum plan_kind {
	PLAN_MEMORY, /* of our code, and of cJSON */
	PLAN_LIBRARY, /* of curl and OpenSSL */
	PLAN_CALL, /* system calls */
	PLAN_KINDS,
	PLAN_PLANT = PLAN_KINDS /* a fault of the code itself, which the runner must find */
};

/* What is planted, in place of a function. */
enum plan_plant { PLANT_LEAK = 1, PLANT_DESCRIPTOR, PLANT_SIGNAL, PLANT_CRASH, PLANT_CHILD };

/* Where something was asked for: the functions that called for it, as one number. */
struct plan_place {
	uint32_t callers; /* 0: none */
	uint8_t kind, function;
	uint16_t unused;
	uint64_t first; /* as plan.at counts */
};

struct plan {
	/* Set by the runner. */
	uint64_t at; /* the call that fails, from 1; 0: none */
	uint32_t side, kind;
	uint32_t onward; /* those behind it, too */
	int32_t error; /* what errno says of a system call */
	uint32_t function; /* of PLAN_CALL: at counts the calls of this one alone */
	uint32_t notes_places;
	/* Set by the sides. */
	uint64_t counts[PLAN_SIDES][PLAN_KINDS];
	uint64_t hits; /* how many failed */
	int64_t live; /* allocations of the module that were not freed */
	uint32_t crashed[PLAN_SIDES]; /* by which signal */
	char where[256]; /* of a crash: the innermost functions */
	uint64_t calls[PLAN_SIDES][PLAN_FUNCTIONS_MAX]; /* of each function */
	struct plan_place places[PLAN_SIDES][PLAN_PLACES_MAX];
};

#endif
