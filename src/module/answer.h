/* SPDX-License-Identifier: MIT
 *
 * Where an answer comes from: from an earlier module, as the PAM line says, or from the
 * person.
 */
#ifndef MODULE_ANSWER_H
#define MODULE_ANSWER_H

#include <stdbool.h>

struct transaction;

/* Answers a prompt of one of message.h's kinds. *answer is NULL unless 0 is returned, and
 * is freed with secret_free(); *typed: by the person. A password that the person typed is
 * left in PAM_AUTHTOK for later modules (in the password phase the current one in
 * PAM_OLDAUTHTOK, the new one in PAM_AUTHTOK).
 *
 * Returns 0, RESULT_CONVERSATION, RESULT_CANCELLED, RESULT_ANSWER_LONG, RESULT_PERSON_SLOW
 * (the deadline passed meanwhile), RESULT_PASSWORD_EMPTY, RESULT_PASSWORD_FAKE (the host's
 * stand-in), RESULT_PASSWORD (use_first_pass, and it was wrong), RESULT_NO_AUTHTOK
 * (use_authtok, and there is none), RESULT_HELPER_FRAME (no such kind) or RESULT_MEMORY. */
int answer_prompt(
    struct transaction *, const char *kind, const char *text, bool *typed, char **answer);

#endif
