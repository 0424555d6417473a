/* SPDX-License-Identifier: MIT
 *
 * What the command remembers of its environment before it clears it: it decides nothing,
 * but tells how the terminal is, and which proxy this administrator's shell uses.
 */
#ifndef CLI_ENVIRONMENT_H
#define CLI_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

void environment_learn(void);

/* The locale's name: "POSIX" when none is set. */
const char *environment_locale(void);
/* Is its character set UTF-8? */
bool environment_is_utf8(void);
/* The proxy of https_proxy and its like, without a password in it; "" when none is set. */
const char *environment_proxy(void);

/* Who called sudo, by sudo's word; "" outside of it. */
const char *environment_sudo_user(void);
/* What this session was told of its subject, "OIDC_CLAIM_name=value", in its order; NULL behind
 * the last. Anybody may have set it. */
const char *environment_claim(size_t index);

#endif
