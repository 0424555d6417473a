/* SPDX-License-Identifier: MIT
 *
 * What check finds: faults and warnings, in the order they were found.
 */
#ifndef CLI_FINDINGS_H
#define CLI_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

#define FINDINGS_MAX 48 /* more than check can find */

struct finding {
	bool is_fault;
	char text[1024];
};

struct findings {
	size_t len, faults;
	struct finding items[FINDINGS_MAX];
};

struct config;

void findings_fault(struct findings *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void findings_warning(struct findings *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What is allowed in a configuration, but seldom meant. */
void findings_of_config(struct findings *, const struct config *);

#endif
