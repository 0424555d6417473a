/* SPDX-License-Identifier: MIT */
#include "module/conversation.h"

#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/message.h"
#include "common/result.h"

/* One message, one response. response->resp is the caller's to wipe. */
static int converse(pam_handle_t *pamh, int style, const char *text, char **reply)
{
	const void *item = NULL;
	const struct pam_message message = {.msg_style = style, .msg = text};
	const struct pam_message *messages = &message;
	struct pam_response *response = NULL;
	*reply = NULL;
	if (pam_get_item(pamh, PAM_CONV, &item) != PAM_SUCCESS || item == NULL)
		return RESULT_CONVERSATION;
	const struct pam_conv *conv = item;
	if (conv->conv == NULL)
		return RESULT_CONVERSATION;
	int rc = conv->conv(1, &messages, &response, conv->appdata_ptr);
	/* A failing host may still have allocated: only what it set is ours. */
	if (response != NULL) {
		*reply = response->resp;
		free(response);
	}
	if (rc != PAM_SUCCESS) {
		secret_free(*reply);
		*reply = NULL;
		return RESULT_CONVERSATION;
	}
	return 0;
}

int conversation_ask(pam_handle_t *pamh, bool echo, const char *text, char **answer)
{
	int r = converse(pamh, echo ? PAM_PROMPT_ECHO_ON : PAM_PROMPT_ECHO_OFF, text, answer);
	if (r != 0)
		return r;
	if (*answer == NULL)
		return RESULT_CANCELLED;
	if (strlen(*answer) > MESSAGE_ANSWER_MAX) {
		secret_free(*answer);
		*answer = NULL;
		return RESULT_ANSWER_LONG;
	}
	return 0;
}

void conversation_tell(pam_handle_t *pamh, bool silent, bool error, const char *text)
{
	char *reply = NULL;
	if (silent || text[0] == '\0')
		return;
	if (converse(pamh, error ? PAM_ERROR_MSG : PAM_TEXT_INFO, text, &reply) == 0)
		secret_free(reply);
}

bool conversation_is_stand_in(const char *answer)
{
	static const char stand_in[] = "\b\n\r\177INCORRECT";
	const size_t len = sizeof(stand_in) - 1;
	size_t i = 0;
	while (answer[i] != '\0' && answer[i] == stand_in[i % len])
		i++;
	return i > 0 && answer[i] == '\0';
}
