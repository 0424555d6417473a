/* SPDX-License-Identifier: MIT
 *
 * The only file that speaks through the host's pam_conv.
 */
#ifndef MODULE_CONVERSATION_H
#define MODULE_CONVERSATION_H

#include <security/pam_modules.h>
#include <stdbool.h>

/* Asks; *answer is NULL unless 0 is returned, and is freed with secret_free(). Returns 0,
 * RESULT_CONVERSATION (the host cannot), RESULT_CANCELLED (no answer), RESULT_ANSWER_LONG (more
 * than MESSAGE_ANSWER_MAX). */
int conversation_ask(pam_handle_t *, bool echo, const char *text, char **answer);

/* Tells, unless silent; whether the host shows it is the host's affair (sshd: only with the
 * next prompt). */
void conversation_tell(pam_handle_t *, bool silent, bool error, const char *text);

/* Is this what sshd sends instead of the answer for a user whom it will refuse anyway? It
 * is "\b\n\r\177INCORRECT", repeated or cut to the length that was typed. */
bool conversation_is_stand_in(const char *answer);

#endif
