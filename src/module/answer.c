/* SPDX-License-Identifier: MIT */
#include "module/answer.h"

#include <string.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/message.h"
#include "common/result.h"
#include "common/text.h"
#include "module/conversation.h"
#include "module/transaction.h"

/* What an earlier module left; *answer stays NULL when it left nothing, or nothing that
 * could be a password: then the person is asked. */
static int from_item(struct transaction *t, int type, char **answer)
{
	const void *item = NULL;
	if (pam_get_item(t->pamh, type, &item) != PAM_SUCCESS || item == NULL)
		return 0;
	size_t len = strlen(item);
	if (len == 0 || len > MESSAGE_ANSWER_MAX)
		return 0;
	*answer = strdup(item);
	return *answer != NULL ? 0 : RESULT_MEMORY;
}

/* Milliseconds that the service has for an answer. One that comes later is the person's fault:
 * nobody may choose between "too slow" and "cannot be reached", which other modules tell apart.
 */
#define ANSWER_LEAST_MS 1000

/* A person's typing is not bounded, but the host is not kept waiting after it. */
static int from_person(struct transaction *t, bool echo, const char *text, char **answer)
{
	int r = conversation_ask(t->pamh, echo, text, answer);
	return r == 0 && clock_left(t->deadline) < ANSWER_LEAST_MS ? RESULT_PERSON_SLOW : r;
}

/* The account's password: current_item is where earlier modules leave it in this phase. */
static int find_password(
    struct transaction *t, const char *text, bool again, bool *typed, char **answer)
{
	bool changing = streq(t->purpose, "change");
	int current_item = changing ? PAM_OLDAUTHTOK : PAM_AUTHTOK, r = 0;
	if (!again && (t->options.use_first_pass || t->options.try_first_pass))
		r = from_item(t, current_item, answer);
	if (r != 0 || *answer != NULL)
		return r;
	if (t->options.use_first_pass)
		return again ? RESULT_PASSWORD : RESULT_PASSWORD_EMPTY;
	*typed = true;
	r = from_person(t, false, text, answer);
	/* For the modules after us: pam_unix try_first_pass, a keyring. */
	if (r == 0)
		pam_set_item(t->pamh, current_item, *answer);
	return r;
}

static int find_new_password(
    struct transaction *t, const char *text, bool *typed, char **answer)
{
	bool changing = streq(t->purpose, "change");
	int r = changing && t->options.use_authtok ? from_item(t, PAM_AUTHTOK, answer) : 0;
	if (r != 0 || *answer != NULL)
		return r;
	if (changing && t->options.use_authtok)
		return RESULT_NO_AUTHTOK;
	*typed = true;
	r = from_person(t, false, text, answer);
	if (r == 0 && changing)
		pam_set_item(t->pamh, PAM_AUTHTOK, *answer);
	return r;
}

int answer_prompt(
    struct transaction *t, const char *kind, const char *text, bool *typed, char **answer)
{
	bool again = streq(kind, "again"), password = again || streq(kind, "password");
	int r;
	*answer = NULL;
	*typed = false;
	if (password)
		r = find_password(t, text, again, typed, answer);
	else if (streq(kind, "new"))
		r = find_new_password(t, text, typed, answer);
	else if (streq(kind, "shown"))
		*typed = true, r = from_person(t, true, text, answer);
	else
		r = RESULT_HELPER_FRAME;
	if (r == 0 && password && (*answer)[0] == '\0')
		r = RESULT_PASSWORD_EMPTY;
	if (r == 0 && conversation_is_stand_in(*answer))
		r = RESULT_PASSWORD_FAKE;
	if (r != 0) {
		secret_free(*answer);
		*answer = NULL;
	}
	return r;
}
