/* SPDX-License-Identifier: MIT */
#include "helper/net/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/clock.h"
#include "common/reason.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/net/http_header.h"
#include "helper/config/config.h"
#include "helper/sandbox.h"

#define USER_AGENT "pam_cognito_oidc"
#define ADDRESSES_MAX 8 /* Amazon answers with at most 8 */

struct http {
	CURL *curl;
	struct curl_slist *resolved; /* "host:port:address,address" */
	struct curl_slist *unresolved; /* "host:port:" */
	int64_t deadline, last; /* of now, and the latest that may be */
	long request_timeout; /* seconds */
	const struct config *config; /* borrowed */
	struct sandbox sandbox;
	char curl_why[CURL_ERROR_SIZE];
	char why[256];
	enum http_tls tls_fault;
	/* the answer that is being received */
	struct http_answer *answer;
	size_t header_bytes;
	int failure; /* a result code of ours that stopped libcurl */
};

static size_t receive_body(char *bytes, size_t one, size_t len, void *arg)
{
	struct http *h = arg;
	(void)one;
	h->failure = buffer_append(&h->answer->body, bytes, len);
	return h->failure == 0 ? len : 0;
}

static long long read_date(const char *text)
{
	time_t t = curl_getdate(text, NULL);
	return t > 0 ? (long long)t : 0;
}

static size_t receive_header(char *line, size_t one, size_t len, void *arg)
{
	struct http *h = arg;
	char value[256];
	(void)one;
	h->header_bytes += len;
	if (h->header_bytes > HTTP_HEADERS_MAX) {
		h->failure = RESULT_TOO_LARGE;
		return 0;
	}
	if (len > 5 && strncasecmp(line, "HTTP/", 5) == 0) {
		/* Another status line: what a 1xx said before counts for nothing. */
		h->answer->json = h->answer->key_set = false;
		h->answer->error_type[0] = h->answer->location[0] = '\0';
		h->answer->date = 0;
	}
	http_header_value(
	    line, len, "location", h->answer->location, sizeof(h->answer->location));
	if (http_header_value(line, len, "date", value, sizeof(value)))
		h->answer->date = read_date(value);
	if (http_header_value(line, len, "content-type", value, sizeof(value))) {
		h->answer->json = http_header_is_json(value);
		h->answer->key_set = http_header_is_key_set(value);
	}
	/* None was asked for: what stands there now is no text of ours. */
	if (http_header_value(line, len, "content-encoding", value, sizeof(value)) &&
	    strcasecmp(value, "identity") != 0) {
		h->failure = RESULT_HTTP;
		return 0;
	}
	if (http_header_value(line, len, "x-amzn-errortype", value, sizeof(value)))
		snprintf(h->answer->error_type, sizeof(h->answer->error_type), "%.*s",
		    (int)sizeof(h->answer->error_type) - 1, value);
	return len;
}

/* Every option that keeps libcurl from doing more than it was asked. */
static bool set_limits(CURL *c)
{
	return curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) ==
		   CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_HTTP09_ALLOWED, 0L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, NULL) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_USERAGENT, USER_AGENT) == CURLE_OK;
}

/* libcurl's built-in bundle is unset: it costs 16 ms per connection, a hashed folder is
 * read as needed. */
static bool set_trust(CURL *c, const struct config *config)
{
	const char *file = config->ca_file;
	return curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) ==
		   CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_CAINFO, file) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_CAPATH, file != NULL ? NULL : config->ca_path) ==
		   CURLE_OK;
}

static bool set_route(CURL *c, const struct config *config)
{
	const char *proxy = config->proxy != NULL ? config->proxy : "";
	return curl_easy_setopt(c, CURLOPT_PROXY, proxy) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_NOPROXY, "") == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, config->connect_timeout * 1000) ==
		   CURLE_OK;
}

static bool set_callbacks(CURL *c, struct http *h)
{
	return curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, receive_body) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_WRITEDATA, h) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, receive_header) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_HEADERDATA, h) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_ERRORBUFFER, h->curl_why) == CURLE_OK;
}

int http_open(const struct config *config, int64_t deadline, struct http **out)
{
	*out = NULL;
	struct http *h = calloc(1, sizeof(*h));
	if (h == NULL)
		return RESULT_MEMORY;
	h->deadline = h->last = deadline;
	h->request_timeout = config->request_timeout;
	h->config = config;
	h->sandbox.ca_file = config->ca_file;
	h->sandbox.ca_path = config->ca_file == NULL ? config->ca_path : NULL;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		h->curl = curl_easy_init();
	if (h->curl == NULL || !set_limits(h->curl) || !set_trust(h->curl, config) ||
	    !set_route(h->curl, config) || !set_callbacks(h->curl, h)) {
		http_close(h);
		return RESULT_MEMORY;
	}
	*out = h;
	return 0;
}

void http_close(struct http *h)
{
	if (h == NULL)
		return;
	curl_slist_free_all(h->resolved);
	curl_slist_free_all(h->unresolved);
	curl_easy_cleanup(h->curl);
	free(h);
}

static bool append_address(const struct addrinfo *a, bool first, struct buffer *entry)
{
	char text[INET6_ADDRSTRLEN];
	if (getnameinfo(
		a->ai_addr, a->ai_addrlen, text, sizeof(text), NULL, 0, NI_NUMERICHOST) != 0)
		return false;
	bool six = a->ai_family == AF_INET6;
	return buffer_append_format(entry, "%s%s%s%s", first ? "" : ",", six ? "[" : "", text,
		   six ? "]" : "") == 0;
}

static void append(struct curl_slist **list, const char *entry)
{
	struct curl_slist *longer = curl_slist_append(*list, entry);
	if (longer != NULL)
		*list = longer;
}

/* One entry for CURLOPT_RESOLVE. A name that does not resolve gets none: libcurl then
 * says so itself. */
static int resolve(struct http *h, const char *host, const char *port)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
	struct addrinfo *found = NULL;
	struct buffer entry = BUFFER_INIT(1024);
	int count = 0, e = getaddrinfo(host, port, &hints, &found);
	bool ok = buffer_append_format(&entry, "%s:%s:", host, port) == 0;
	if (e != 0) {
		snprintf(h->why, sizeof(h->why), "%s", gai_strerror(e));
		append(&h->unresolved, buffer_text(&entry));
		buffer_wipe(&entry);
		return RESULT_RESOLVE;
	}
	for (struct addrinfo *a = found; ok && a != NULL && count < ADDRESSES_MAX;
	     a = a->ai_next)
		ok = append_address(a, count++ == 0, &entry);
	if (ok && count > 0)
		append(&h->resolved, buffer_text(&entry));
	freeaddrinfo(found);
	buffer_wipe(&entry);
	return 0;
}

/* libcurl asks nobody for these. A resolver is not to be asked for localhost (RFC 6761 6.3),
 * and a small system has no /etc/hosts. */
static bool is_resolved_by_itself(const char *host)
{
	return streq(host, "localhost") || host[0] == '[';
}

static bool has(const struct curl_slist *list, const char *host, const char *port)
{
	char prefix[300];
	snprintf(prefix, sizeof(prefix), "%s:%s:", host, port);
	for (const struct curl_slist *e = list; e != NULL; e = e->next)
		if (text_starts(e->data, prefix))
			return true;
	return false;
}

/* Once a name: a resolver that does not answer costs ten seconds. */
static int look_up(struct http *h, const char *host, const char *port)
{
	if (is_resolved_by_itself(host))
		return 0;
	if (h->sandbox.is_closed || has(h->unresolved, host, port))
		return RESULT_RESOLVE;
	return resolve(h, host, port);
}

static void allow_port(struct sandbox *s, const char *text)
{
	unsigned long port = 0;
	if (!text_number(text, UINT16_MAX, &port) || s->ports_len == SANDBOX_PORTS_MAX)
		return;
	for (size_t i = 0; i < s->ports_len; i++)
		if (s->ports[i] == port)
			return;
	s->ports[s->ports_len++] = (uint16_t)port;
}

/* Host and port of an address; both are the caller's to curl_free(), and NULL when false. */
static bool split_url(const char *url, char **host, char **port)
{
	CURLU *u = curl_url();
	*host = *port = NULL;
	bool good = u != NULL && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
		    curl_url_get(u, CURLUPART_HOST, host, 0) == CURLUE_OK &&
		    curl_url_get(u, CURLUPART_PORT, port, CURLU_DEFAULT_PORT) == CURLUE_OK;
	curl_url_cleanup(u);
	if (!good) {
		curl_free(*host);
		*host = NULL;
	}
	return good;
}

int http_resolve(struct http *h, const char *url)
{
	char *host = NULL, *port = NULL;
	const char *proxy = h->config->proxy;
	int r = 0;
	if (!split_url(proxy != NULL ? proxy : url, &host, &port))
		return RESULT_RESOLVE;
	if (!has(h->resolved, host, port)) {
		allow_port(&h->sandbox, port);
		r = look_up(h, host, port);
	}
	curl_free(host);
	curl_free(port);
	return r;
}

bool http_host(const char *url, char *out, size_t size)
{
	char *host = NULL, *port = NULL;
	if (!split_url(url, &host, &port))
		return false;
	int n = snprintf(out, size, "%s:%s", host, port);
	curl_free(host);
	curl_free(port);
	return n > 0 && (size_t)n < size;
}

int http_prepare(struct http *h)
{
	const struct config *c = h->config;
	const char *const urls[] = {c->api_url, c->certs_url, c->token_url,
	    c->device_authorization_url, c->revocation_url};
	struct reason reason = {.detail = ""};
	if (h->sandbox.is_closed)
		return 0;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		if (urls[i] != NULL)
			http_resolve(h, urls[i]);
	int r = sandbox_close(&h->sandbox, &reason);
	if (r != 0)
		snprintf(h->why, sizeof(h->why), "%.255s", reason.detail);
	return r;
}

const struct sandbox *http_sandbox(const struct http *h)
{
	return &h->sandbox;
}

static int result_of(CURLcode code)
{
	switch (code) {
	case CURLE_OK:
		return 0;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		return RESULT_RESOLVE;
	case CURLE_COULDNT_CONNECT:
	case CURLE_PROXY:
		return RESULT_CONNECT;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_ISSUER_ERROR:
		return RESULT_TLS;
	case CURLE_OPERATION_TIMEDOUT:
		return RESULT_DEADLINE;
	default:
		/* CURLE_OUT_OF_MEMORY, too: libcurl says it of a header line over its limit. */
		return RESULT_HTTP;
	}
}

/* OpenSSL judges the chain (its X509_V_ERR numbers), libcurl the name. */
static enum http_tls judge_tls(CURL *c, CURLcode code)
{
	long verified = 0;
	if (code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_ISSUER_ERROR)
		return HTTP_TLS_CA;
	if (code != CURLE_PEER_FAILED_VERIFICATION)
		return HTTP_TLS_OTHER;
	curl_easy_getinfo(c, CURLINFO_SSL_VERIFYRESULT, &verified);
	switch (verified) {
	case 0:
	case 1: /* libcurl's own mark before the chain was looked at: the name comes first */
	case 62: /* HOSTNAME_MISMATCH */
	case 64: /* IP_ADDRESS_MISMATCH */
		return HTTP_TLS_NAME;
	case 9: /* CERT_NOT_YET_VALID */
	case 10: /* CERT_HAS_EXPIRED */
		return HTTP_TLS_TIME;
	case 2: /* UNABLE_TO_GET_ISSUER_CERT */
	case 18: /* DEPTH_ZERO_SELF_SIGNED_CERT */
	case 19: /* SELF_SIGNED_CERT_IN_CHAIN */
	case 20: /* UNABLE_TO_GET_ISSUER_CERT_LOCALLY */
	case 21: /* UNABLE_TO_VERIFY_LEAF_SIGNATURE */
		return HTTP_TLS_CA;
	default:
		return HTTP_TLS_OTHER;
	}
}

/* libcurl would look up by a thread, which the sandbox refuses, and tells of that. */
static void tell_unresolved(struct http *h)
{
	char *url = NULL, *host = NULL, *port = NULL;
	curl_easy_getinfo(h->curl, CURLINFO_EFFECTIVE_URL, &url);
	if (h->config->proxy != NULL)
		url = h->config->proxy;
	if (url != NULL && split_url(url, &host, &port))
		snprintf(h->curl_why, sizeof(h->curl_why), "Could not resolve host: %s", host);
	curl_free(host);
	curl_free(port);
}

static int perform(struct http *h, struct http_answer *answer)
{
	int r = http_prepare(h);
	if (r != 0)
		return r;
	int left = clock_left(h->deadline);
	if (left == 0)
		return RESULT_DEADLINE;
	if (left > h->request_timeout * 1000)
		left = (int)(h->request_timeout * 1000);
	buffer_wipe(&answer->body);
	answer->status = 0;
	answer->json = answer->key_set = false;
	answer->error_type[0] = answer->location[0] = h->curl_why[0] = h->why[0] = '\0';
	answer->date = 0;
	h->tls_fault = HTTP_TLS_OTHER;
	h->answer = answer;
	h->header_bytes = 0;
	h->failure = 0;
	curl_easy_setopt(h->curl, CURLOPT_TIMEOUT_MS, (long)left);
	curl_easy_setopt(h->curl, CURLOPT_RESOLVE, h->resolved);
	CURLcode code = curl_easy_perform(h->curl);
	h->answer = NULL;
	if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY)
		tell_unresolved(h);
	if (code != CURLE_OK) {
		const char *why =
		    h->curl_why[0] != '\0' ? h->curl_why : curl_easy_strerror(code);
		text_printable(why, strlen(why), h->why, sizeof(h->why));
		h->tls_fault = judge_tls(h->curl, code);
		return h->failure != 0 ? h->failure : result_of(code);
	}
	curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &answer->status);
	return 0;
}

int http_get(struct http *h, const char *url, struct http_answer *answer)
{
	curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(h->curl, CURLOPT_HTTPGET, 1L);
	if (curl_easy_setopt(h->curl, CURLOPT_URL, url) != CURLE_OK)
		return RESULT_MEMORY;
	return perform(h, answer);
}

int http_post(struct http *h, const char *url, const char *const *headers,
    const struct buffer *body, struct http_answer *answer)
{
	/* No "Expect: 100-continue": it costs a round trip. */
	struct curl_slist *lines = curl_slist_append(NULL, "Expect:");
	int r = lines == NULL ? RESULT_MEMORY : 0;
	for (; r == 0 && headers != NULL && *headers != NULL; headers++) {
		struct curl_slist *longer = curl_slist_append(lines, *headers);
		if (longer == NULL)
			r = RESULT_MEMORY;
		else
			lines = longer;
	}
	if (r == 0 &&
	    (curl_easy_setopt(h->curl, CURLOPT_URL, url) != CURLE_OK ||
		curl_easy_setopt(h->curl, CURLOPT_POST, 1L) != CURLE_OK ||
		curl_easy_setopt(h->curl, CURLOPT_POSTFIELDS, buffer_text(body)) != CURLE_OK ||
		curl_easy_setopt(h->curl, CURLOPT_POSTFIELDSIZE, (long)body->len) != CURLE_OK ||
		curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, lines) != CURLE_OK))
		r = RESULT_MEMORY;
	if (r == 0)
		r = perform(h, answer);
	curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(lines);
	return r;
}

int64_t http_deadline(struct http *h, int64_t deadline)
{
	int64_t before = h->deadline;
	h->deadline = deadline < h->last ? deadline : h->last;
	return before;
}

const char *http_why(const struct http *h)
{
	return h->why;
}

enum http_tls http_tls_fault(const struct http *h)
{
	return h->tls_fault;
}

int http_judge(const struct http_answer *answer, long status)
{
	if (answer->status == 429)
		return RESULT_THROTTLED;
	if (answer->status >= 500 && answer->status <= 599)
		return RESULT_POOL;
	if (answer->status != status)
		return RESULT_HTTP_STATUS;
	return answer->json ? 0 : RESULT_HTTP_CONTENT_TYPE;
}

int http_judge_key_set(const struct http_answer *answer)
{
	int r = http_judge(answer, 200);
	return r == RESULT_HTTP_CONTENT_TYPE && answer->key_set ? 0 : r;
}
