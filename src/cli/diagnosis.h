/* SPDX-License-Identifier: MIT
 *
 * What doctor says: one line for each thing it looked at - ok, warn or FAIL - with what was
 * seen; below one that is not ok, what to do and where the manual says more. Lines come out
 * as they are found: a network that does not answer must not look like a hung command.
 */
#ifndef CLI_DIAGNOSIS_H
#define CLI_DIAGNOSIS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/finding.h"

struct output;

enum diagnosis_status { DIAGNOSIS_OK, DIAGNOSIS_WARN, DIAGNOSIS_FAIL };

struct diagnosis {
	struct output *out; /* its array "findings" is open */
	size_t warnings, faults;
	bool has_route; /* no host was unreachable */
};

void diagnosis_say(struct diagnosis *, enum diagnosis_status, enum finding_name,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same for what the helper says: words of message.h. False when it is no such word. */
bool diagnosis_relay(
    struct diagnosis *, const char *status, const char *name, const char *seen);

#endif
