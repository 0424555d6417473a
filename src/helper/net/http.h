/* SPDX-License-Identifier: MIT
 *
 * HTTPS to the few hosts of the configuration. The only file that knows libcurl.
 *
 * https only, TLS 1.2 or newer, certificates and names always checked, HTTP/1.1, no
 * redirects, no cookies, no netrc, no proxy but the configured one, no content encodings.
 * One connection per host is kept for the whole login.
 */
#ifndef HELPER_NET_HTTP_H
#define HELPER_NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"

/* Three tokens of 48 KiB in base64 and JSON; a key set has its own, smaller limit. */
#define HTTP_BODY_MAX (160u * 1024)
#define HTTP_LOCATION_MAX 2048 /* two addresses of 1 KiB, one in the other's query */
#define HTTP_HEADERS_MAX                                                                       \
	(16u * 1024) /* all header lines of one answer; Cognito sends 1 KiB                    \
		      */

struct config;
struct http;
struct sandbox;

struct http_answer {
	long status;
	bool json; /* the content type is a JSON one */
	bool key_set; /* it is a key set's own, RFC 7517 section 8.5.1 */
	char error_type[128]; /* x-amzn-errortype, as sent; "" when absent */
	char location[HTTP_LOCATION_MAX]; /* printable; "" when absent. Never followed */
	long long date; /* the server's clock, seconds since the epoch; 0 when absent */
	struct buffer body;
};

#define HTTP_ANSWER_INIT(most)                                                                 \
	{                                                                                      \
		.status = 0, .json = false, .key_set = false, .error_type = "",                \
		.location = "", .date = 0, .body = BUFFER_INIT(most)                           \
	}

/* deadline bounds every request. *out is NULL unless 0 is returned. Returns 0 or
 * RESULT_MEMORY. */
int http_open(const struct config *, int64_t deadline, struct http **out);
void http_close(struct http *); /* NULL is accepted */

/* Looks up the host of an https URL, or the proxy's if one is configured, so that requests
 * need no resolver. Returns 0, or RESULT_RESOLVE with http_why() set; a login leaves that to
 * the request, which reports it too. */
int http_resolve(struct http *, const char *url);

/* Looks up every configured host that is not yet, then closes the sandbox for good: after it
 * only these hosts can be reached. The first request does so if nobody has; flows that ask
 * a question first call it while the person types. Returns 0, or RESULT_CONFINE with
 * http_why() set. */
int http_prepare(struct http *);

/* How far the helper has confined itself. */
const struct sandbox *http_sandbox(const struct http *);

/* headers: NULL-terminated full header lines, or NULL. answer->body is emptied first; its
 * max is the caller's limit. Returns 0 whatever the status is, or RESULT_RESOLVE,
 * RESULT_CONNECT, RESULT_TLS, RESULT_HTTP, RESULT_TOO_LARGE, RESULT_DEADLINE,
 * RESULT_MEMORY, RESULT_CONFINE. */
int http_get(struct http *, const char *url, struct http_answer *);
int http_post(struct http *, const char *url, const char *const *headers,
    const struct buffer *body, struct http_answer *);

/* Bounds the requests from now on; returns what bounded them before. Never later than what
 * http_open() was told. */
int64_t http_deadline(struct http *, int64_t deadline);

/* Why the last request failed, printable, for the log; "" when it did not. */
const char *http_why(const struct http *);

/* What was wrong with the server's certificate when a request returned RESULT_TLS. */
enum http_tls {
	HTTP_TLS_OTHER, /* none of the others: no common protocol, a broken handshake */
	HTTP_TLS_CA, /* no configured authority has signed it, or there is none */
	HTTP_TLS_NAME, /* it is for another host */
	HTTP_TLS_TIME, /* expired, or not valid yet */
};
enum http_tls http_tls_fault(const struct http *);

/* "host:port" of an https URL. False when it has none or does not fit. */
bool http_host(const char *url, char *out, size_t size);

/* The answer must be a JSON one with this status: 0, RESULT_THROTTLED (429), RESULT_POOL
 * (5xx), RESULT_HTTP_STATUS or RESULT_HTTP_CONTENT_TYPE. */
int http_judge(const struct http_answer *, long status);

/* The same for a key set with status 200, which may have a content type of its own: what
 * other providers send, and Cognito does not. */
int http_judge_key_set(const struct http_answer *);

#endif
