/* SPDX-License-Identifier: MIT
 *
 * Names that systems and packages use for accounts and groups of their own: reserved on every
 * host, whether or not the package is installed there yet.
 */
#ifndef HELPER_ACCOUNTS_NAME_H
#define HELPER_ACCOUNTS_NAME_H

#include <stdbool.h>

bool name_is_reserved(const char *name);

#endif
