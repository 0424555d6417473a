/* SPDX-License-Identifier: MIT
 *
 * PURPOSE_ACCOUNTS: reads the bundle of files that the command hands over, and sends what the
 * accounts of this host should be. It confines itself before it looks at a byte.
 */
#ifndef HELPER_ACCOUNTS_H
#define HELPER_ACCOUNTS_H

struct config;
struct outcome;
struct request;

/* Returns 0 after the last ACCOUNT, or what plan_make() and export_read() refuse with, the
 * outcome's reason set. */
int accounts_run(int fd, const struct config *, const struct request *, struct outcome *);

#endif
