/* SPDX-License-Identifier: MIT */
#include "helper/net/http.h"

#include <string.h>
#include <strings.h>
#include <time.h>

#include "common/result.h"
#include "common/sentence.h"
#include "common/text.h"
#include "helper/json/json.h"

/* Is this line, which is not NUL-terminated, the header of this name? Then out is its value:
 * printable, trimmed, cut to size (RFC 9110 section 5). */
static bool read_header(const char *line, size_t len, const char *name, char *out, size_t size)
{
	size_t n = strlen(name);
	if (len <= n || strncasecmp(line, name, n) != 0 || line[n] != ':')
		return false;
	line += n + 1;
	len -= n + 1;
	while (len > 0 && (*line == ' ' || *line == '\t'))
		line++, len--;
	while (len > 0 && memchr("\r\n ", line[len - 1], 3) != NULL)
		len--;
	text_printable(line, len, out, size);
	return true;
}

/* Is a content type this one, whatever parameters follow? */
static bool is_type(const char *content_type, const char *type)
{
	size_t len = strcspn(content_type, "; ");
	return strlen(type) == len && strncasecmp(content_type, type, len) == 0;
}

void http_forget_headers(struct http_answer *answer)
{
	answer->json = answer->key_set = false;
	answer->error_type[0] = answer->location[0] = '\0';
	answer->date = 0;
}

int http_read_header(struct http_answer *a, const char *line, size_t len)
{
	char value[256];
	/* Another status line: the headers of a 1xx answer do not count. */
	if (len > 5 && strncasecmp(line, "HTTP/", 5) == 0)
		http_forget_headers(a);
	read_header(line, len, "location", a->location, sizeof(a->location));
	read_header(line, len, "x-amzn-errortype", a->error_type, sizeof(a->error_type));
	if (read_header(line, len, "date", value, sizeof(value))) {
		struct tm date = {.tm_mday = 1};
		/* RFC 9110 section 5.6.7 */
		a->date = strptime(value, "%a, %d %b %Y %T GMT", &date) != NULL
			      ? (long long)timegm(&date)
			      : 0;
	}
	if (read_header(line, len, "content-type", value, sizeof(value))) {
		a->json = is_type(value, "application/json") ||
			  is_type(value, "application/x-amz-json-1.0") ||
			  is_type(value, "application/x-amz-json-1.1");
		a->key_set = is_type(value, "application/jwk-set+json");
	}
	/* We asked for no encoding, so an encoded body cannot be read. */
	return read_header(line, len, "content-encoding", value, sizeof(value)) &&
		       strcasecmp(value, "identity") != 0
		   ? RESULT_HTTP
		   : 0;
}

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
