/* SPDX-License-Identifier: MIT */
#include "helper/net/http.h"

#include <curl/curl.h>
#include <netdb.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/net/backoff.h"
#include "helper/net/name.h"
#include "helper/sandbox.h"

#define USER_AGENT "pam_cognito_oidc"
#define NEEDED_MAX 8 /* URLs; a device sign-in with an expired ticket needs four */
#define LAST_WORD_MS 300 /* before the module's own deadline, so that ours is the reason */
#define NAMES_MAX 16 /* a configuration names half a dozen hosts */

struct http {
	CURL *curl;
	CURLM *multi; /* made in the sandbox, which closes every descriptor before */
	struct curl_slist *resolved; /* of the names that are found */
	struct name names[NAMES_MAX];
	size_t names_len;
	struct need {
		const char *url;
		bool is_certain;
	} needed[NEEDED_MAX];
	size_t needed_len;
	int64_t deadline;
	const int64_t *last; /* the module's; borrowed */
	int64_t lost; /* milliseconds in which this process could not run */
	const struct config *config; /* borrowed */
	struct sandbox sandbox;
	long status; /* of the last answer; 0: none came */
	bool is_repeated; /* the last request was */
	char curl_why[CURL_ERROR_SIZE];
	enum http_tls tls_fault;
	/* the answer that libcurl is receiving */
	struct http_answer *answer;
	size_t header_bytes;
	int failure; /* our own result code, with which a callback stopped libcurl */
};

static size_t receive_body(char *bytes, size_t one, size_t len, void *arg)
{
	struct http *h = arg;
	(void)one;
	h->failure = buffer_append(&h->answer->body, bytes, len);
	return h->failure == 0 ? len : 0;
}

static size_t receive_header(char *line, size_t one, size_t len, void *arg)
{
	struct http *h = arg;
	(void)one;
	h->header_bytes += len;
	h->failure = h->header_bytes > HTTP_HEADERS_MAX
			 ? RESULT_TOO_LARGE
			 : http_read_header(h->answer, line, len);
	return h->failure == 0 ? len : 0;
}

/* The options that keep libcurl from doing more than it is asked to, and what it calls. */
static bool set_options(struct http *h)
{
	const struct config *config = h->config;
	const char *file = config->ca_file;
	const struct {
		CURLoption option;
		long number;
		const void *pointer;
	} options[] = {
	    {CURLOPT_FOLLOWLOCATION, 0, NULL},
	    {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1, NULL},
	    {CURLOPT_HTTP09_ALLOWED, 0, NULL},
	    {CURLOPT_NETRC, CURL_NETRC_IGNORED, NULL},
	    {CURLOPT_NOSIGNAL, 1, NULL},
	    {CURLOPT_SSL_VERIFYPEER, 1, NULL},
	    {CURLOPT_SSL_VERIFYHOST, 2, NULL},
	    {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2, NULL},
	    {CURLOPT_CONNECTTIMEOUT_MS, config->connect_timeout * 1000, NULL},
	    {CURLOPT_PROTOCOLS_STR, 0, "https"},
	    {CURLOPT_ACCEPT_ENCODING, 0, NULL},
	    {CURLOPT_USERAGENT, 0, USER_AGENT},
	    /* NULL unsets libcurl's built-in bundle, which costs 16 ms per connection; a hashed
	     * directory is read as needed. */
	    {CURLOPT_CAINFO, 0, file},
	    {CURLOPT_CAPATH, 0, file != NULL ? NULL : config->ca_path},
	    /* "": the environment's proxy and its exceptions are ignored. */
	    {CURLOPT_PROXY, 0, config->proxy != NULL ? config->proxy : ""},
	    {CURLOPT_NOPROXY, 0, ""},
	    {CURLOPT_WRITEDATA, 0, h},
	    {CURLOPT_HEADERDATA, 0, h},
	    {CURLOPT_ERRORBUFFER, 0, h->curl_why},
	};
	bool is_good =
	    curl_easy_setopt(h->curl, CURLOPT_WRITEFUNCTION, receive_body) == CURLE_OK &&
	    curl_easy_setopt(h->curl, CURLOPT_HEADERFUNCTION, receive_header) == CURLE_OK;
	for (size_t i = 0; is_good && i < sizeof(options) / sizeof(options[0]); i++) {
		CURLoption option = options[i].option;
		CURLcode code = option < CURLOPTTYPE_OBJECTPOINT
				    ? curl_easy_setopt(h->curl, option, options[i].number)
				    : curl_easy_setopt(h->curl, option, options[i].pointer);
		is_good = code == CURLE_OK;
	}
	return is_good;
}

bool http_load(void)
{
	/* openssl.cnf may load code; the helper reads no file but CA certificates. */
	return OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) == 1 &&
	       curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

int http_open(const struct config *config, const int64_t *deadline, struct http **out)
{
	*out = NULL;
	struct http *h = calloc(1, sizeof(*h));
	if (h == NULL)
		return RESULT_MEMORY;
	h->deadline = INT64_MAX;
	h->last = deadline;
	h->config = config;
	h->sandbox.ca_file = config->ca_file;
	h->sandbox.ca_path = config->ca_file == NULL ? config->ca_path : NULL;
	h->curl = curl_easy_init();
	if (h->curl == NULL || !set_options(h)) {
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
	curl_easy_cleanup(h->curl);
	curl_multi_cleanup(h->multi);
	free(h);
}

static bool append(struct curl_slist **list, const char *entry)
{
	struct curl_slist *longer = curl_slist_append(*list, entry);
	if (longer != NULL)
		*list = longer;
	return longer != NULL;
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

static bool split_url(const char *url, struct name *at)
{
	CURLU *u = curl_url();
	char *host = NULL, *port = NULL;
	bool good = u != NULL && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
		    curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
		    curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
		    strlen(host) < sizeof(at->host) && strlen(port) < sizeof(at->port);
	snprintf(at->host, sizeof(at->host), "%s", good ? host : "");
	snprintf(at->port, sizeof(at->port), "%s", good ? port : "");
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(u);
	return good;
}

bool http_host(const char *url, char *out, size_t size)
{
	struct name at = {.state = NAME_NEW};
	if (!split_url(url, &at))
		return false;
	int n = snprintf(out, size, "%s:%s", at.host, at.port);
	return n > 0 && (size_t)n < size;
}

/* The name behind a URL, the proxy's if there is one; NULL: it needs no resolver. libcurl needs
 * none for localhost and addresses. A resolver must not be asked for localhost (RFC 6761
 * section 6.3), and a small system has no /etc/hosts. *is_good: the URL can be read. */
static struct name *find_name(struct http *h, const char *url, bool *is_good)
{
	const char *proxy = h->config->proxy;
	struct name at = {.state = NAME_NEW};
	*is_good = split_url(proxy != NULL ? proxy : url, &at);
	if (!*is_good)
		return NULL;
	allow_port(&h->sandbox, at.port);
	if (streq(at.host, "localhost") || at.host[0] == '[')
		return NULL;
	for (size_t i = 0; i < h->names_len; i++)
		if (streq(h->names[i].host, at.host) && streq(h->names[i].port, at.port))
			return &h->names[i];
	if (h->names_len == NAMES_MAX)
		return NULL;
	h->names[h->names_len] = at;
	return &h->names[h->names_len++];
}

/* A name that does not resolve gets no entry: libcurl then reports it itself. */
static void use_name(struct http *h, struct name *n, int64_t deadline)
{
	if (n->state == NAME_NEW && !h->sandbox.is_closed)
		name_resolve(n);
	else if (n->state == NAME_ASKED)
		name_await(n, deadline, &h->lost);
	else
		return;
	if (n->state == NAME_FOUND)
		append(&h->resolved, n->answer.entry);
}

int http_resolve(struct http *h, const char *url, struct reason *reason)
{
	bool is_good = false;
	struct name *n = find_name(h, url, &is_good);
	if (n == NULL)
		return is_good ? 0 : RESULT_RESOLVE;
	use_name(h, n, *h->last);
	if (n->state == NAME_FOUND)
		return 0;
	return reason_set(reason, RESULT_RESOLVE, "%s", gai_strerror(n->answer.error));
}

static void need(struct http *h, const char *url, bool is_certain)
{
	if (url != NULL && h->needed_len < NEEDED_MAX)
		h->needed[h->needed_len++] = (struct need){url, is_certain};
}

void http_need(struct http *h, const char *url)
{
	need(h, url, true);
}

void http_may_need(struct http *h, const char *url)
{
	need(h, url, false);
}

/* All side by side. One that is needed in any case is looked up by this process itself: then
 * the usual login, with one host, needs no other. */
static void look_up(struct http *h)
{
	struct name *own = NULL;
	bool is_good = false;
	for (size_t i = h->needed_len; own == NULL && i-- > 0;)
		if (h->needed[i].is_certain)
			own = find_name(h, h->needed[i].url, &is_good);
	for (size_t i = 0; i < h->needed_len; i++) {
		struct name *n = find_name(h, h->needed[i].url, &is_good);
		if (n != NULL && n != own && n->state == NAME_NEW && !name_start(n))
			use_name(h, n, INT64_MAX);
		if (n != NULL && n->state == NAME_ASKED)
			sandbox_keep(&h->sandbox, n->fd);
	}
	if (own != NULL)
		use_name(h, own, INT64_MAX);
}

int http_prepare(struct http *h, struct reason *reason)
{
	if (h->sandbox.is_closed)
		return 0;
	look_up(h);
	return sandbox_close(&h->sandbox, reason);
}

const struct sandbox *http_sandbox(const struct http *h)
{
	return &h->sandbox;
}

static int result_of(CURLcode code)
{
	switch (code) {
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
		/* CURLE_OUT_OF_MEMORY, too: libcurl returns it for a header line over its
		 * limit. */
		return RESULT_HTTP;
	}
}

/* OpenSSL judges the chain (X509_V_ERR_...), libcurl the name. */
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
	case 1: /* libcurl's mark before the chain was checked: it checks the name first */
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

/* libcurl would resolve in a thread, which the sandbox refuses, and then reports that. */
static void tell_unresolved(struct http *h, const char *url)
{
	struct name at = {.state = NAME_NEW};
	if (split_url(h->config->proxy != NULL ? h->config->proxy : url, &at))
		snprintf(h->curl_why, sizeof(h->curl_why), "Could not resolve host: %.200s",
		    at.host);
}

static int time_left(const struct http *h)
{
	int64_t last = *h->last - LAST_WORD_MS;
	return clock_left(h->deadline < last ? h->deadline : last);
}

/* curl_easy_perform(), in naps. */
static CURLcode transfer(struct http *h)
{
	int running = 0, more = 0;
	if (h->multi == NULL)
		h->multi = curl_multi_init();
	if (h->multi == NULL || curl_multi_add_handle(h->multi, h->curl) != CURLM_OK)
		return CURLE_OUT_OF_MEMORY;
	CURLMcode state;
	do {
		struct clock_moment before = clock_moment();
		state = curl_multi_perform(h->multi, &running);
		if (state == CURLM_OK && running > 0)
			state = curl_multi_poll(h->multi, NULL, 0, CLOCK_NAP_MS, NULL);
		h->lost += clock_lost(&before, CLOCK_NAP_MS);
	} while (state == CURLM_OK && running > 0);
	const CURLMsg *end = curl_multi_info_read(h->multi, &more);
	CURLcode code = end != NULL ? end->data.result : CURLE_OUT_OF_MEMORY;
	curl_multi_remove_handle(h->multi, h->curl);
	return code;
}

static int perform(
    struct http *h, const char *url, struct http_answer *answer, struct reason *reason)
{
	bool is_good = false;
	reason_clear(reason);
	int r = http_prepare(h, reason);
	if (r != 0)
		return r;
	struct name *n = find_name(h, url, &is_good);
	if (n != NULL)
		use_name(h, n, clock_ms() + time_left(h));
	int left = time_left(h);
	if (left == 0)
		return RESULT_DEADLINE;
	if (left > h->config->request_timeout * 1000)
		left = (int)(h->config->request_timeout * 1000);
	buffer_wipe(&answer->body);
	answer->status = h->status = 0;
	http_forget_headers(answer);
	h->curl_why[0] = '\0';
	h->tls_fault = HTTP_TLS_OTHER;
	h->answer = answer;
	h->header_bytes = 0;
	h->failure = 0;
	curl_easy_setopt(h->curl, CURLOPT_TIMEOUT_MS, (long)left);
	curl_easy_setopt(h->curl, CURLOPT_RESOLVE, h->resolved);
	if (curl_easy_setopt(h->curl, CURLOPT_URL, url) != CURLE_OK)
		return RESULT_MEMORY;
	CURLcode code = transfer(h);
	h->answer = NULL;
	if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY)
		tell_unresolved(h, url);
	if (code != CURLE_OK) {
		h->tls_fault = judge_tls(h->curl, code);
		return reason_set(reason, h->failure != 0 ? h->failure : result_of(code), "%s",
		    h->curl_why[0] != '\0' ? h->curl_why : curl_easy_strerror(code));
	}
	curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &h->status);
	answer->status = h->status;
	return 0;
}

bool http_repeat(struct http *h, enum http_repeat how, int result, int *count)
{
	bool is_passing =
	    result == RESULT_THROTTLED ||
	    (how == HTTP_REPEAT_FAILED && result == RESULT_POOL && h->status >= 500);
	unsigned random = 0;
	h->is_repeated = *count > 0;
	if (how == HTTP_REPEAT_NEVER || !is_passing || *count == BACKOFF_REPEATS_MOST ||
	    time_left(h) == 0)
		return false;
	/* Without randomness the least wait would bring all hosts back together. */
	if (RAND_bytes((unsigned char *)&random, sizeof(random)) != 1)
		return false;
	int64_t end =
	    clock_ms() + backoff_ms(*count, time_left(h), how == HTTP_REPEAT_THROTTLED, random);
	for (int left = clock_left(end); left > 0; left = clock_left(end)) {
		struct clock_moment before = clock_moment();
		int nap = left < CLOCK_NAP_MS ? left : CLOCK_NAP_MS;
		poll(NULL, 0, nap);
		h->lost += clock_lost(&before, nap);
	}
	++*count;
	return true;
}

bool http_was_repeated(const struct http *h)
{
	return h->is_repeated;
}

int http_get(struct http *h, const char *url, struct http_answer *answer, struct reason *reason)
{
	curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(h->curl, CURLOPT_HTTPGET, 1L);
	return perform(h, url, answer, reason);
}

int http_post(struct http *h, const char *url, const char *const *headers,
    const struct buffer *body, struct http_answer *answer, struct reason *reason)
{
	struct curl_slist *lines = NULL;
	/* "Expect: 100-continue" would cost a round trip. */
	bool good = append(&lines, "Expect:");
	for (; good && *headers != NULL; headers++)
		good = append(&lines, *headers);
	good = good && curl_easy_setopt(h->curl, CURLOPT_POST, 1L) == CURLE_OK &&
	       curl_easy_setopt(h->curl, CURLOPT_POSTFIELDS, buffer_text(body)) == CURLE_OK &&
	       curl_easy_setopt(h->curl, CURLOPT_POSTFIELDSIZE, (long)body->len) == CURLE_OK &&
	       curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, lines) == CURLE_OK;
	int r = good ? perform(h, url, answer, reason) : RESULT_MEMORY;
	curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(lines);
	return r;
}

int64_t http_lost(const struct http *h)
{
	return h->lost;
}

int64_t http_deadline(struct http *h, int64_t deadline)
{
	int64_t before = h->deadline;
	h->deadline = deadline;
	return before;
}

enum http_tls http_tls_fault(const struct http *h)
{
	return h->tls_fault;
}
