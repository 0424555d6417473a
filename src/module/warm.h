/* SPDX-License-Identifier: MIT
 *
 * The way to the warm helper, which systemd starts when somebody connects (helper/service.h).
 */
#ifndef MODULE_WARM_H
#define MODULE_WARM_H

#include <stdbool.h>
#include <stdint.h>

struct helper;

/* What the warm helper has for a HELLO, in milliseconds in which the module could run. */
#define WARM_HELLO_MS 2000

/* Connects to paths.warm_socket and waits until somebody there has taken the connection.
 * Returns NULL; or why not, static text, and then *helper is helper_none. "" when there is no
 * such socket: no systemd, or a container. */
const char *warm_connect(struct helper *, int64_t deadline, int64_t *lost);

/* Waits until fd has something to read, at most so many milliseconds in which this process
 * could run, and not past deadline (clock.h). Those in which it could not are added to *lost.
 */
bool warm_await(int fd, int ms, int64_t deadline, int64_t *lost);

#endif
