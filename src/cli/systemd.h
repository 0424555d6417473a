/* SPDX-License-Identifier: MIT
 *
 * The systemd of this host, where it is the one that has booted it.
 */
#ifndef CLI_SYSTEMD_H
#define CLI_SYSTEMD_H

#include <stdbool.h>

bool systemd_runs(void);

/* systemctl VERB UNIT: did it say yes? */
bool systemd_ask(const char *verb, const char *unit);

#endif
