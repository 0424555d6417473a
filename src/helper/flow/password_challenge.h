/* SPDX-License-Identifier: MIT
 *
 * The challenges that prove the password, and the password itself.
 */
#ifndef HELPER_FLOW_PASSWORD_CHALLENGE_H
#define HELPER_FLOW_PASSWORD_CHALLENGE_H

#include <stdbool.h>

struct challenge;

/* Takes a code off the end of the password if the configuration says so (otp_append): six
 * digits with something before them. */
void password_challenge_split(struct challenge *);

/* Asks for the password, as prompt_ask(); prompt_answer() waits for it. */
int password_challenge_prompt(const struct challenge *);

/* Asks for the password unless it is there. Returns 0 or a result code. */
int password_challenge_ask(struct challenge *);

/* Makes the SRP key pair unless it is there. Returns 0 or a result code. */
int password_challenge_prepare(struct challenge *);

/* Each answers its challenge; returns 0 or a result code with the flow's detail set. */
int password_challenge_verifier(struct challenge *); /* PASSWORD_VERIFIER */
int password_challenge_plain(struct challenge *); /* PASSWORD */
int password_challenge_srp(struct challenge *); /* PASSWORD_SRP */

#endif
