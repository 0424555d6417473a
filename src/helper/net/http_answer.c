/* SPDX-License-Identifier: MIT */
#include "helper/net/http.h"

#include <string.h>

#include "common/result.h"
#include "common/sentence.h"
#include "common/text.h"
#include "helper/json/json.h"

int http_judge(const struct http_answer *answer, long status)
{
	if (answer->status == 429)
		return RESULT_THROTTLED;
	if (answer->status >= 500 && answer->status <= 599)
		return RESULT_POOL;
	/* Whatever AWS WAF writes into it. */
	if (answer->status == 403)
		return RESULT_FIREWALL;
	if (answer->status != status)
		return RESULT_HTTP_STATUS;
	return answer->json ? 0 : RESULT_HTTP_CONTENT_TYPE;
}

int http_judge_key_set(const struct http_answer *answer)
{
	int r = http_judge(answer, 200);
	return r == RESULT_HTTP_CONTENT_TYPE && answer->key_set ? 0 : r;
}

int http_parse(const struct http_answer *answer, long status, struct json **out)
{
	*out = NULL;
	int r = http_judge(answer, status);
	if (r == 0)
		r = json_parse(
		    buffer_text(&answer->body), answer->body.len, answer->body.max, out, NULL);
	if (r == 0 && json_type(json_root(*out)) != JSON_OBJECT) {
		json_free(*out);
		*out = NULL;
		return RESULT_ANSWER;
	}
	return r;
}

const char *http_lambda_words(const char *message)
{
	static const char prefix[] = " failed with error ";
	const char *at = message != NULL ? strstr(message, prefix) : NULL;
	at = at != NULL ? at + strlen(prefix) : "";
	/* Cognito ends every message with a full stop, also when the Lambda has no words. */
	return at[strspn(at, ". ")] != '\0' ? at : NULL;
}

int http_refused(struct reason *reason, int result, const char *type, const char *message)
{
	type = type != NULL ? type : "";
	message = message != NULL ? message : "";
	const char *words = http_lambda_words(message);
	if (result == RESULT_LAMBDA && words != NULL) {
		size_t len = strlen(words);
		bool is_ended = len > 1 && strchr(".!?", words[len - 2]) != NULL;
		reason_tell(
		    reason, result, SENTENCE_LAMBDA, (int)(is_ended ? len - 1 : len), words);
	}
	const char *colon = type[0] != '\0' && message[0] != '\0' ? ": " : "";
	return reason_set(reason, result, "%s%s%s", type, colon, message);
}

bool http_is_refused(const struct reason *reason, const char *type)
{
	size_t len = strlen(type);
	return text_starts(reason->detail, type) &&
	       (reason->detail[len] == '\0' || text_starts(reason->detail + len, ": "));
}
