/* SPDX-License-Identifier: MIT
 *
 * The keys that a token is verified with.
 */
#ifndef CLI_KEY_SET_H
#define CLI_KEY_SET_H

#include <stdbool.h>

struct config;
struct jwks;

/* From the file, or if it is NULL the set that logins with this configuration have kept. A
 * file that can be read but holds no usable key is an answer, not trouble: *out is NULL
 * then, too. False after saying on stderr what the trouble is. The caller frees *out. */
bool key_set_read(
    const char *jwks_path, const char *config_path, const struct config *, struct jwks **out);

#endif
