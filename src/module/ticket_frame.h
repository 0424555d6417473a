/* SPDX-License-Identifier: MIT
 *
 * What the helper may do to a ticket. It is not believed to keep to message.h.
 */
#ifndef MODULE_TICKET_FRAME_H
#define MODULE_TICKET_FRAME_H

#include <stdint.h>

#include "module/ticket.h"

struct frame;

/* Applies a TICKET frame that arrived at now (clock_boot_ms()), given under the
 * configuration of print. "verified" makes a begun ticket one that was born now; a ticket
 * that was born keeps that time. The others need a ticket that was born, but for "refused".
 * Returns 0, RESULT_HELPER_FRAME or RESULT_MEMORY; then the ticket is not to be used. */
int ticket_frame_apply(const struct frame *, const char *print, int64_t now, struct ticket *);

#endif
