/* SPDX-License-Identifier: MIT
 *
 * A PAM application's conversation on this terminal: questions and notices go to standard
 * error, so that standard output stays the report's; answers come from standard input.
 */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

struct pam_message;
struct pam_response;

/* A pam_conv function; arg is not used. Hidden answers are not echoed. Returns PAM_SUCCESS,
 * or PAM_CONV_ERR at the end of input, for a line that is too long, or a style it does not
 * know. */
int terminal_converse(
    int count, const struct pam_message **messages, struct pam_response **out, void *arg);

/* Echo as it was before the question that is open. May be called by a signal handler. */
void terminal_restore(void);

#endif
