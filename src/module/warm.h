/* SPDX-License-Identifier: MIT
 *
 * The way to the warm helper, which systemd starts when somebody connects (helper/service.h).
 */
#ifndef MODULE_WARM_H
#define MODULE_WARM_H

#include <stdint.h>

struct buffer;
struct helper;

/* Connects to paths.warm_socket and waits until a helper there has said HELLO: one of this
 * build, and confined. It is told nothing. in holds what it says. Waits no longer than two
 * seconds in which this process could run, and not past deadline (clock.h); milliseconds in
 * which it could not run are added to *lost. Returns NULL; or why not, static text, and then
 * *helper is helper_none: "" when there is no such socket, because there is no systemd, or in a
 * container.
 */
const char *warm_connect(struct helper *, struct buffer *in, int64_t deadline, int64_t *lost);

#endif
