/* SPDX-License-Identifier: MIT
 *
 * Claims that nobody has signed, for a dry run of mapping and rules. Part of the command
 * alone: neither the helper nor the module has this file, and no login can reach it.
 */
#ifndef CLI_UNVERIFIED_CLAIMS_H
#define CLI_UNVERIFIED_CLAIMS_H

#include <stdbool.h>

struct claims;

/* A file with one JSON object, strict as a token's payload. False after saying on stderr
 * why not. The caller frees *out with claims_free(). */
bool unverified_claims_read(const char *path, struct claims **out);

#endif
