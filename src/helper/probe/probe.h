/* SPDX-License-Identifier: MIT
 *
 * What the command asks the helper for: to examine everything between this host and a login,
 * or to fetch the key set.
 */
#ifndef HELPER_PROBE_PROBE_H
#define HELPER_PROBE_PROBE_H

#include <stddef.h>
#include <stdint.h>

struct config;
struct field;

struct probe_request {
	const struct config *config;
	const struct field *jwks; /* the cached key set, or no bytes */
	int fd;
	int64_t deadline; /* clock.h's milliseconds */
};

/* Reports what it finds in FINDING frames. Returns RESULT_DONE, or why it could not go on. */
int probe_run(const struct probe_request *);

/* Fetches the key set and has the command cache it. Returns RESULT_DONE, or another result code
 * and in detail, of size bytes, why. */
int probe_fetch_keys(const struct probe_request *, char *detail, size_t size);

#endif
