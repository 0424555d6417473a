/* SPDX-License-Identifier: MIT
 *
 * Codes that a person reads somewhere and types: from an app, a message, a mail. Asked with
 * echo on: they are worth nothing a minute later, and sshd's password method, which answers
 * every hidden prompt with the password, cannot send the password as a code.
 */
#ifndef HELPER_FLOW_CODE_H
#define HELPER_FLOW_CODE_H

#include "helper/flow/challenge.h"

/* Asks for a code of least to most digits; spaces are forgiven. Returns 0, RESULT_CODE
 * (anything else was typed; it is not sent anywhere), RESULT_CANCELLED (nothing was), or as
 * prompt_answer(). */
int code_ask(struct flow *, const char *prompt, size_t least, size_t most,
    char code[CHALLENGE_CODE_MAX]);

/* "Code sent to +*******9878: ", with the destination printable. */
void code_sent_prompt(const char *destination, char *out, size_t size);

/* Each answers its challenge, with CHALLENGE_TRIES tries on one session. */
int code_software_token(struct challenge *); /* SOFTWARE_TOKEN_MFA */
int code_sms_mfa(struct challenge *);
int code_sms_otp(struct challenge *);
int code_email_otp(struct challenge *);

#endif
