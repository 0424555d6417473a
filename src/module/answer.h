/* SPDX-License-Identifier: MIT
 *
 * Where an answer comes from: an earlier module, as the PAM line says, or the person.
 */
#ifndef MODULE_ANSWER_H
#define MODULE_ANSWER_H

#include <security/pam_modules.h>
#include <stdbool.h>
#include <stdint.h>

struct options;

struct answer_source {
	pam_handle_t *pamh;
	const struct options *options;
	int64_t deadline; /* clock_ms() */
	bool changing; /* the password phase: the current password is PAM_OLDAUTHTOK */
};

/* Answers a prompt of one of message.h's kinds. *answer is NULL unless 0 is returned, and
 * is freed with secret_free(); *typed: by the person. A password that the person typed is
 * left in PAM_AUTHTOK for later modules (in the password phase the current one in
 * PAM_OLDAUTHTOK, the new one in PAM_AUTHTOK).
 *
 * Returns 0, RESULT_CONVERSATION, RESULT_CANCELLED, RESULT_ANSWER_LONG, RESULT_PERSON_SLOW
 * (the deadline passed meanwhile), RESULT_PASSWORD_EMPTY, RESULT_PASSWORD_FAKE (the host's
 * stand-in), RESULT_PASSWORD (use_first_pass, and it was wrong), RESULT_NO_AUTHTOK
 * (use_authtok, and there is none), RESULT_HELPER_FRAME (no such kind) or RESULT_MEMORY. */
int answer_prompt(const struct answer_source *, const char *kind, const char *text, bool *typed,
    char **answer);

#endif
