/* SPDX-License-Identifier: MIT
 *
 * HTTPS to the few hosts of the configuration.
 *
 * https only, TLS 1.2 or newer, certificates and host names always checked, HTTP/1.1, no
 * redirects, no cookies, no netrc, no proxy but the configured one, no content encodings.
 * One connection per host stays open for the whole login.
 */
#ifndef HELPER_NET_HTTP_H
#define HELPER_NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "common/reason.h"

/* Three tokens of 48 KiB in base64 and JSON. A key set has its own, smaller limit. */
#define HTTP_BODY_MAX (160u * 1024)
#define HTTP_LOCATION_MAX 2048 /* two URLs of 1 KiB, one in the query of the other */
/* All header lines of one answer; Cognito sends 1 KiB. */
#define HTTP_HEADERS_MAX (16u * 1024)

struct config;
struct http;
struct json;
struct sandbox;
struct sandbox_filter;

struct http_answer {
	long status;
	bool json; /* the content type is a JSON one */
	bool key_set; /* application/jwk-set+json, RFC 7517 section 8.5.2 */
	char error_type[128]; /* x-amzn-errortype, printable; "" when absent */
	char location[HTTP_LOCATION_MAX]; /* printable; "" when absent. Never followed */
	long long date; /* the server's clock, seconds since the epoch; 0 when absent */
	struct buffer body;
};

/* One parameter of a request. A list of them ends with a row without a name; a row without a
 * value is left out. Borrowed. */
struct parameter {
	const char *name, *value;
};

/* Loads what every request needs. Once in a process, before http_open(), and before a fork: its
 * children then have it. */
bool http_load(void);

/* The body of a POST, written when it is sent for the first time: a connection may be made
 * before it is known. The caller wipes text. */
struct http_body {
	int (*write)(const void *arg, struct buffer *text); /* 0 or a result code */
	const void *arg;
	struct buffer text;
};

/* The filter (sandbox.h) is borrowed, or NULL. *deadline (clock.h) is the module's: every
 * request ends a moment before. *out is NULL unless 0 is returned. Returns 0 or RESULT_MEMORY.
 */
int http_open(const struct config *, const struct sandbox_filter *, const int64_t *deadline,
    struct http **out);
void http_close(struct http *); /* NULL is accepted */

/* Looks up the host of an https URL, or the proxy's if one is configured, so that requests
 * need no resolver. Returns 0 or RESULT_RESOLVE. */
int http_resolve(struct http *, const char *url, struct reason *);

/* This work speaks to the host of this URL, which is borrowed; NULL: to none. Before the
 * sandbox closes. */
void http_need(struct http *, const char *url);
/* The same of a host that is asked only if something unusual happens: nobody waits for its name
 * before that. */
void http_may_need(struct http *, const char *url);

/* Looks up every host that is needed and not yet looked up, side by side, then closes the
 * sandbox for good: from then on only these hosts can be reached. Each request waits for its
 * own host's addresses. The first request does this if nobody has; a flow that asks a question
 * first calls it while the user types. A host that does not resolve is no error here: its
 * request reports it. Returns 0 or RESULT_CONFINE. */
int http_prepare(struct http *, struct reason *);

/* How far the helper has confined itself. */
const struct sandbox *http_sandbox(const struct http *);

/* headers: NULL-terminated full header lines. answer->body is emptied first; its max is the
 * caller's limit. The reason is cleared first. Returns 0 whatever the status is, or
 * RESULT_RESOLVE, RESULT_CONNECT, RESULT_SOCKET, RESULT_TLS, RESULT_HTTP, RESULT_TOO_LARGE,
 * RESULT_DEADLINE, RESULT_MEMORY, RESULT_CONFINE. */
int http_get(struct http *, const char *url, struct http_answer *, struct reason *);
int http_post(struct http *, const char *url, const char *const *headers, struct http_body *,
    struct http_answer *, struct reason *);

/* What the next POST waits for. The connection to its host is made at once, TLS included, and
 * held while nothing is sent: until fd is readable. Then wait(arg) is called, and if it returns
 * 0 the body is written and sent; else the POST returns its result. wait() is called exactly
 * once by that POST, whatever became of the connection: one that cannot be made, or is lost
 * while it is held, is made again; the request's time begins after wait(). If the held
 * connection dies without a byte of an answer, the request is sent once more, on a fresh one.
 */
struct http_hold {
	int (*wait)(void *arg);
	void *arg;
	int fd;
};
void http_hold(struct http *, const struct http_hold *);
/* Call this before the hold's arg goes out of scope: it calls wait() if no POST has. */
void http_unhold(struct http *);

/* Which answers let a request be sent again. After a 5xx nobody knows whether the service has
 * acted on it, so what carries a password, a code or a proof goes out once: a wrong one would
 * be counted twice. */
enum http_repeat {
	HTTP_REPEAT_THROTTLED, /* it carries one of these: only after a throttle */
	HTTP_REPEAT_FAILED, /* it does not: after a throttle or a 5xx */
	HTTP_REPEAT_NEVER, /* the caller has a pace of its own */
};

/* After every request: is it to be sent again, because of this result of its answer? Then this
 * has waited for a random time. *count, 0 at first, counts the repeats; there are at most two,
 * inside the deadline. */
bool http_repeat(struct http *, enum http_repeat, int result, int *count);

/* Had the last request been sent before, as far as http_repeat() knows? */
bool http_was_repeated(const struct http *);

/* Milliseconds of all requests in which this process could not run. */
int64_t http_lost(const struct http *);

/* Bounds the requests from now on, but never later than the deadline of http_open(). Returns
 * the deadline before. */
int64_t http_deadline(struct http *, int64_t deadline);

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

/* Reads one header line, which is not NUL-terminated. Returns 0, or RESULT_HTTP for an encoding
 * that nobody asked for. */
int http_read_header(struct http_answer *, const char *line, size_t len);
void http_forget_headers(struct http_answer *);

/* Status and content type of an answer that must be JSON: 0, RESULT_THROTTLED (429),
 * RESULT_POOL (5xx), RESULT_FIREWALL (403), RESULT_HTTP_STATUS or RESULT_HTTP_CONTENT_TYPE. */
int http_judge(const struct http_answer *, long status);

/* The same for a key set with status 200, which may have its own content type: other
 * providers send it, Cognito does not. */
int http_judge_key_set(const struct http_answer *);

/* http_judge(), then the body as a JSON object. *out is NULL unless 0 is returned; the caller
 * frees it. Also returns RESULT_JSON, RESULT_ANSWER (no object) and RESULT_MEMORY. */
int http_parse(const struct http_answer *, long status, struct json **out);

/* The words for the user in the message of a pool's Lambda, "TRIGGER failed with error WORDS.";
 * NULL: it is no such message, or has none. */
const char *http_lambda_words(const char *message);

/* Writes what a service says of its refusal, "TYPE: MESSAGE", into the reason's detail, and
 * tells the user a Lambda's words. Both may be NULL or "". Returns result. */
int http_refused(struct reason *, int result, const char *type, const char *message);

/* Is the reason such a refusal, of exactly this type? */
bool http_is_refused(const struct reason *, const char *type);

#endif
