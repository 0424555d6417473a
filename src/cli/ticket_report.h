/* SPDX-License-Identifier: MIT
 *
 * A ticket, as whoami and tickets tell of it: never a token.
 */
#ifndef CLI_TICKET_REPORT_H
#define CLI_TICKET_REPORT_H

#include "module/ticket.h"

struct output;

/* What it is worth now to the user whose name it bears. */
enum ticket_worth ticket_report_worth(const struct ticket *);

/* "live", "expired", "refused" or "none". */
const char *ticket_report_word(enum ticket_worth);

/* The members "state", "signed_in" and "verified" (seconds ago), "left" (seconds), "sub" and
 * "services" (with "left" and "groups"), or lines. Only the state of an absent one. */
void ticket_report_state(struct output *, const struct ticket *, enum ticket_worth);

/* "12 min", "3 h": for people; negative is "0 s". */
void ticket_report_span(long long seconds, char *out, size_t size);

#endif
