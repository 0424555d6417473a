/* SPDX-License-Identifier: MIT
 *
 * Whom a sign-in was, from the ticket that it left: its claims, every check, mapping and
 * rules, and what each service would say now.
 */
#ifndef CLI_IDENTITY_H
#define CLI_IDENTITY_H

struct config;
struct output;
struct ticket_body;

/* The members "identity", "checks", "mapping", "rules" (for service) and "services", or
 * lines. Says so when there is no ticket to read. */
void identity_report(struct output *, const char *user, const char *service,
    const char *config_path, const struct config *);

/* The member "identity", or lines: how somebody signed in, and the claims that say who it is
 * and that the configuration has sessions told. */
void identity_claims(struct output *, const struct config *, const struct ticket_body *);

#endif
