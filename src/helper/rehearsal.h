/* SPDX-License-Identifier: MIT */
#ifndef HELPER_REHEARSAL_H
#define HELPER_REHEARSAL_H

#include <stdbool.h>

struct sandbox_filter;
struct srp_group;

/* What the service makes once for its children; all of it is constant. A child makes what is
 * NULL.
 */
struct rehearsal {
	struct sandbox_filter *filter;
	struct srp_group *srp_group;
};

/* Does once, before the service forks, what each of its children would do for the first time:
 * OpenSSL looks up algorithms and decoders by name when they are first asked for, and remembers
 * them. All input is constant, and nothing else is kept: OpenSSL's random generators notice a
 * fork and seed themselves anew. False: something failed, and a child does it itself. */
bool rehearsal_run(struct rehearsal *);
void rehearsal_free(struct rehearsal *);

#endif
