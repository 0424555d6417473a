/* SPDX-License-Identifier: MIT
 *
 * A PAM application's conversation on this terminal. Questions and notices go to standard
 * error, which leaves standard output to the report; answers come from standard input.
 */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

struct pam_message;
struct pam_response;

/* A pam_conv function; arg is not used. Hidden answers are not echoed. Returns PAM_SUCCESS, or
 * PAM_CONV_ERR at the end of input, for a line that is too long, or an unknown style. */
int terminal_converse(
    int count, const struct pam_message **messages, struct pam_response **out, void *arg);

/* If a hidden question is open: echo as it was before. Async-signal-safe. */
void terminal_restore(void);

#endif
