/* SPDX-License-Identifier: MIT
 *
 * What the command asks the helper for: a look at everything between this host and a login,
 * or the key set.
 */
#ifndef HELPER_PROBE_PROBE_H
#define HELPER_PROBE_PROBE_H

#include <stddef.h>
#include <stdint.h>

struct config;
struct field;

struct probe_request {
	const struct config *config;
	const struct field *jwks; /* what logins have kept, or nothing */
	int fd;
	int64_t deadline; /* clock.h's milliseconds */
};

/* Tells what it finds in FINDING frames. Returns RESULT_DONE, or why it could not go on. */
int probe_run(const struct probe_request *);

/* Fetches the key set, and has it kept. Returns RESULT_DONE, or why not; detail, of size
 * bytes, says more. */
int probe_fetch_keys(const struct probe_request *, char *detail, size_t size);

#endif
