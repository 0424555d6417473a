/* SPDX-License-Identifier: MIT */
#include "module/answer.h"

#include <string.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/message.h"
#include "common/result.h"
#include "common/text.h"
#include "module/conversation.h"
#include "module/options.h"

/* What an earlier module left; *answer stays NULL when it left nothing that could be a
 * password: then the person is asked. */
static int from_item(const struct answer_source *s, int type, char **answer)
{
	const void *item = NULL;
	if (pam_get_item(s->pamh, type, &item) != PAM_SUCCESS || item == NULL)
		return 0;
	size_t len = strlen(item);
	if (len == 0 || len > MESSAGE_ANSWER_MAX)
		return 0;
	*answer = strdup(item);
	return *answer != NULL ? 0 : RESULT_MEMORY;
}

/* Typing takes as long as it takes, but the host does not wait after it. item: where the
 * answer is left for the modules after us (pam_unix try_first_pass, a keyring); 0: nowhere. */
static int from_person(const struct answer_source *s, bool echo, const char *text, int item,
    bool *typed, char **answer)
{
	*typed = true;
	int r = conversation_ask(s->pamh, echo, text, answer);
	if (r == 0 && clock_left(s->deadline) == 0)
		r = RESULT_PERSON_SLOW;
	if (r == 0 && item != 0)
		pam_set_item(s->pamh, item, *answer);
	return r;
}

static int find_password(
    const struct answer_source *s, const char *text, bool again, bool *typed, char **answer)
{
	const struct options *o = s->options;
	int item = s->changing ? PAM_OLDAUTHTOK : PAM_AUTHTOK, r = 0;
	if (!again && (o->use_first_pass || o->try_first_pass))
		r = from_item(s, item, answer);
	if (r != 0 || *answer != NULL)
		return r;
	if (o->use_first_pass)
		return again ? RESULT_PASSWORD : RESULT_PASSWORD_EMPTY;
	return from_person(s, false, text, item, typed, answer);
}

static int find_new_password(
    const struct answer_source *s, const char *text, bool *typed, char **answer)
{
	if (!s->changing || !s->options->use_authtok)
		return from_person(
		    s, false, text, s->changing ? PAM_AUTHTOK : 0, typed, answer);
	int r = from_item(s, PAM_AUTHTOK, answer);
	return r == 0 && *answer == NULL ? RESULT_NO_AUTHTOK : r;
}

int answer_prompt(const struct answer_source *s, const char *kind, const char *text,
    bool *typed, char **answer)
{
	bool again = streq(kind, "again"), password = again || streq(kind, "password");
	int r = RESULT_HELPER_FRAME;
	*answer = NULL;
	*typed = false;
	if (password)
		r = find_password(s, text, again, typed, answer);
	else if (streq(kind, "new"))
		r = find_new_password(s, text, typed, answer);
	else if (streq(kind, "echo_on"))
		r = from_person(s, true, text, 0, typed, answer);
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
