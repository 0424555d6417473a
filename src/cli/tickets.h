/* SPDX-License-Identifier: MIT
 *
 * A user's ticket, as tickets, whoami and login show it: never a token.
 */
#ifndef CLI_TICKETS_H
#define CLI_TICKETS_H

#include "module/ticket.h"

struct config;
struct output;
struct passwd;
struct ticket_body;

/* The ticket of this user and configuration, and what it is worth to the user now. The caller
 * wipes it, whatever it is worth. */
enum ticket_worth tickets_read(const struct passwd *, const char *config_path, struct ticket *);

/* The JSON members "state", "sub", "signed_in", "verified" (seconds ago), "left" (seconds), and
 * of a live one "services", or lines. Of an absent one only the state. */
void tickets_report(struct output *, const struct ticket *, enum ticket_worth);

/* The JSON member "identity", or lines: how the user signed in, and the claims that say who it
 * is and those of config.claims. */
void tickets_report_identity(
    struct output *, const struct config *, const struct ticket_body *);

#endif
