/* SPDX-License-Identifier: MIT
 *
 * One run of enable: what it examines (enable_judge.c) and then does (enable.c).
 */
#ifndef CLI_ENABLE_H
#define CLI_ENABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/place.h"
#include "cli/sshd.h"
#include "cli/trial.h"

struct arguments;
struct config;
struct output;

#define ENABLE_BESIDE                                                                          \
	".before-enable" /* behind the name of what is replaced and is no original */

/* A file on its way. */
struct step {
	const struct place *place;
	enum place_state state;
	bool was_known, is_put;
	struct original now, original, wanted;
	char beside[PLACE_BESIDE_SIZE]; /* where what is there will be kept; "": nowhere */
};

struct enabling {
	const struct arguments *arguments;
	struct output *out;
	struct sshd_users users; /* whom sshd must let in, beside the pool's */
	struct config *config;
	bool refused, has_reloaded;
	size_t len;
	struct step steps[TRIAL_PLACES_MOST];
};

/* Says why nothing will change. */
void enable_refuse(struct enabling *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Looks at host, pool, rules, the way in without Cognito, and each file of the services; fills
 * the steps, and refuses. config is the caller's to free. */
void enable_judge(struct enabling *);

#endif
