/* SPDX-License-Identifier: MIT */
#ifndef HELPER_ACCOUNTS_SSH_KEY_H
#define HELPER_ACCOUNTS_SSH_KEY_H

#include <stdbool.h>
#include <stddef.h>

/* A public key without options (sshd(8), AUTHORIZED_KEYS FILE FORMAT): type, base64, and
 * perhaps a comment. Whoever may write a command= into a key chooses what sshd runs. */
bool ssh_key_is_plain(const char *text, size_t len);

#endif
