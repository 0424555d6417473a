/* SPDX-License-Identifier: MIT */
#include "helper/net/transfer.h"

#include <curl/curl.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/reason.h"
#include "common/result.h"
#include "helper/config/config.h"
#include "helper/confine.h"
#include "helper/net/name.h"

#define USER_AGENT "pam_cognito_oidc"
/* Load balancers give a silent connection up after 60 seconds. */
#define HOLD_MS 50000
/* A connection that is lost sooner is replaced when it is needed. */
#define HOLD_LEAST_MS 5000
#define HOLD_MOST 20 /* connections, for a person who does not come back */
/* CURLOPT_PREREQFUNCTION is of 7.80. Older libraries connect when the person has answered. */
#define CAN_HOLD (LIBCURL_VERSION_NUM >= 0x075000)
/* 7.85 replaced the mask, of whose use its headers warn. */
#if LIBCURL_VERSION_NUM >= 0x075500
#define ONLY_HTTPS CURLOPT_PROTOCOLS_STR, 0, "https"
#else
#define ONLY_HTTPS CURLOPT_PROTOCOLS, CURLPROTO_HTTPS, NULL
#endif

struct transfer {
	CURL *curl;
	CURLM *multi; /* made in the sandbox, which closes every descriptor before */
	struct transfer_request *request; /* borrowed while it runs */
	struct curl_slist *headers, *resolved;
	size_t given; /* bytes of the body */
	/* Of a request that waits: its connection was made; the request was sent. */
	bool is_connected, is_released;
	int sockets[2]; /* its newest ones: libcurl tries two addresses at a time */
	int64_t lost;
	struct clock_moment before; /* the nap that it is in */
	size_t header_bytes;
	int failure; /* our own result code, with which a callback stopped libcurl */
	enum http_tls tls_fault;
	char why[CURL_ERROR_SIZE];
};

static size_t receive_body(char *bytes, size_t one, size_t len, void *arg)
{
	struct transfer *t = arg;
	(void)one;
	t->failure = buffer_append(&t->request->answer->body, bytes, len);
	return t->failure == 0 ? len : 0;
}

static size_t receive_header(char *line, size_t one, size_t len, void *arg)
{
	struct transfer *t = arg;
	(void)one;
	t->header_bytes += len;
	t->failure = t->header_bytes > HTTP_HEADERS_MAX
			 ? RESULT_TOO_LARGE
			 : http_read_header(t->request->answer, line, len);
	return t->failure == 0 ? len : 0;
}

static bool append(struct curl_slist **list, const char *entry)
{
	struct curl_slist *longer = curl_slist_append(*list, entry);
	if (longer != NULL)
		*list = longer;
	return longer != NULL;
}

/* The options that keep libcurl from doing more than it is asked to, and what it calls. */
static bool set_options(struct transfer *t, const struct config *config)
{
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
	    {ONLY_HTTPS},
	    {CURLOPT_ACCEPT_ENCODING, 0, NULL},
	    {CURLOPT_USERAGENT, 0, USER_AGENT},
	    /* NULL unsets libcurl's built-in bundle, which costs 16 ms per connection; a hashed
	     * directory is read as needed. */
	    {CURLOPT_CAINFO, 0, file},
	    {CURLOPT_CAPATH, 0, file != NULL ? NULL : config->ca_path},
	    /* "": the environment's proxy and its exceptions are ignored. */
	    {CURLOPT_PROXY, 0, config->proxy != NULL ? config->proxy : ""},
	    {CURLOPT_NOPROXY, 0, ""},
	    {CURLOPT_WRITEDATA, 0, t},
	    {CURLOPT_HEADERDATA, 0, t},
	    {CURLOPT_ERRORBUFFER, 0, t->why},
	};
	bool is_good =
	    curl_easy_setopt(t->curl, CURLOPT_WRITEFUNCTION, receive_body) == CURLE_OK &&
	    curl_easy_setopt(t->curl, CURLOPT_HEADERFUNCTION, receive_header) == CURLE_OK;
	for (size_t i = 0; is_good && i < sizeof(options) / sizeof(options[0]); i++) {
		CURLoption option = options[i].option;
		CURLcode code = option < CURLOPTTYPE_OBJECTPOINT
				    ? curl_easy_setopt(t->curl, option, options[i].number)
				    : curl_easy_setopt(t->curl, option, options[i].pointer);
		is_good = code == CURLE_OK;
	}
	return is_good;
}

bool transfer_load(void)
{
	/* openssl.cnf may load code; the helper reads no file but CA certificates. */
	return OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) == 1 &&
	       curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

int transfer_open(const struct config *config, struct transfer **out)
{
	*out = NULL;
	struct transfer *t = calloc(1, sizeof(*t));
	if (t == NULL)
		return RESULT_MEMORY;
	t->curl = curl_easy_init();
	if (t->curl == NULL || !set_options(t, config)) {
		transfer_close(t);
		return RESULT_MEMORY;
	}
	*out = t;
	return 0;
}

void transfer_close(struct transfer *t)
{
	if (t == NULL)
		return;
	curl_easy_cleanup(t->curl);
	curl_multi_cleanup(t->multi);
	curl_slist_free_all(t->headers);
	curl_slist_free_all(t->resolved);
	free(t);
}

bool transfer_split(const char *url, struct name *at)
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

/* Any user of this host can use up its ports, and must not pass for an outage by that. */
static bool is_host_full(CURL *c)
{
	long e = 0;
	curl_easy_getinfo(c, CURLINFO_OS_ERRNO, &e);
	return e == EADDRNOTAVAIL || e == EAGAIN || e == EMFILE || e == ENFILE ||
	       e == ENOBUFS || e == ENOMEM;
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

bool transfer_is_unwanted(int nap)
{
	struct pollfd p = {.fd = MODULE_SOCKET};
	return poll(&p, 1, nap) > 0 && (p.revents & POLLHUP) != 0;
}

/* curl_easy_perform(), in naps. */
static CURLcode run(struct transfer *t)
{
	int running = 0, more = 0;
	t->why[0] = '\0';
	t->header_bytes = 0;
	t->failure = 0;
	if (t->multi == NULL)
		t->multi = curl_multi_init();
	if (t->multi == NULL || curl_multi_add_handle(t->multi, t->curl) != CURLM_OK)
		return CURLE_OUT_OF_MEMORY;
	struct curl_waitfd module = {.fd = MODULE_SOCKET}; /* its end ends a nap */
	CURLMcode state = CURLM_OK;
	do {
		if (transfer_is_unwanted(0)) {
			t->failure = RESULT_HELPER_LOST;
			break;
		}
		int left = clock_left(t->request->until);
		int nap = clock_nap(left);
		t->before = clock_moment();
		state = curl_multi_perform(t->multi, &running);
		if (state == CURLM_OK && running > 0)
			state = curl_multi_poll(t->multi, &module, 1, nap, NULL);
		t->lost += clock_lost(&t->before, nap);
	} while (state == CURLM_OK && running > 0 && clock_left(t->request->until) > 0);
	const CURLMsg *end = curl_multi_info_read(t->multi, &more);
	CURLcode code = state != CURLM_OK ? CURLE_OUT_OF_MEMORY : CURLE_OPERATION_TIMEDOUT;
	if (end != NULL)
		code = end->data.result;
	else if (state == CURLM_OK)
		snprintf(t->why, sizeof(t->why), "Operation timed out");
	curl_multi_remove_handle(t->multi, t->curl);
	return code;
}

/* ---- a request that waits for a person ------------------------------------------------- */

/* Calls ready(), once. What the person took is no lost time. */
static void release(struct transfer *t)
{
	int (*ready)(void *) = t->request->ready;
	t->request->ready = NULL;
	t->failure = ready(t->request->arg);
	t->before = clock_moment();
}

/* Otherwise run_held() finds that nothing is held. */
#if CAN_HOLD
static int note_socket(void *arg, curl_socket_t socket, curlsocktype purpose)
{
	struct transfer *t = arg;
	(void)purpose;
	t->sockets[1] = t->sockets[0];
	t->sockets[0] = socket;
	return CURL_SOCKOPT_OK;
}

/* libcurl has no CURLINFO_ACTIVESOCKET before the first request is sent. Of its sockets one is
 * connected by now, and the other closed. */
static int connected_socket(const struct transfer *t)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	bool is_newest = getpeername(t->sockets[0], (struct sockaddr *)&peer, &len) == 0;
	return t->sockets[is_newest ? 0 : 1];
}

/* As long as the connection lives. POLLRDHUP tells that the peer has closed it: readable it is
 * for TLS 1.3's session tickets, too. True: the person has answered. */
static bool await_person(struct transfer *t)
{
	struct pollfd p[] = {{.fd = t->request->fd, .events = POLLIN},
	    {.fd = connected_socket(t), .events = POLLRDHUP}};
	int64_t end = clock_ms() + HOLD_MS;
	int ready = 0;
	while (ready <= 0 && clock_left(end) > 0)
		ready = poll(p, 2, clock_left(end));
	t->before = clock_moment(); /* what the person took is no lost time */
	return ready > 0 && p[0].revents != 0;
}

/* libcurl calls it when the connection is ready and nothing is sent. */
static int before_request(void *arg, char *to, char *from, int to_port, int from_port)
{
	struct transfer *t = arg;
	char length[40];
	(void)to, (void)from, (void)to_port, (void)from_port;
	t->is_connected = true;
	if (!await_person(t))
		return CURL_PREREQFUNC_ABORT;
	release(t);
	snprintf(length, sizeof(length), "Content-Length: %zu", t->request->body->len);
	if (t->failure == 0 && !append(&t->headers, length))
		t->failure = RESULT_MEMORY;
	curl_easy_setopt(t->curl, CURLOPT_HTTPHEADER, t->headers);
	t->given = 0;
	t->is_released = t->failure == 0;
	return t->failure == 0 ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

static size_t give_body(char *out, size_t one, size_t size, void *arg)
{
	struct transfer *t = arg;
	const struct buffer *body = t->request->body;
	size_t left = body->len - t->given, len = left < size * one ? left : size * one;
	if (len > 0)
		memcpy(out, body->bytes + t->given, len);
	t->given += len;
	return len;
}

/* The length comes later, in a header of ours; libcurl would send chunks without this. */
static bool set_hold(struct transfer *t)
{
	return append(&t->headers, "Transfer-Encoding:") &&
	       curl_easy_setopt(t->curl, CURLOPT_HTTPHEADER, t->headers) == CURLE_OK &&
	       curl_easy_setopt(t->curl, CURLOPT_POST, 1L) == CURLE_OK &&
	       curl_easy_setopt(t->curl, CURLOPT_POSTFIELDS, NULL) == CURLE_OK &&
	       curl_easy_setopt(t->curl, CURLOPT_POSTFIELDSIZE, -1L) == CURLE_OK &&
	       curl_easy_setopt(t->curl, CURLOPT_READFUNCTION, give_body) == CURLE_OK &&
	       curl_easy_setopt(t->curl, CURLOPT_READDATA, t) == CURLE_OK &&
	       curl_easy_setopt(t->curl, CURLOPT_SOCKOPTDATA, t) == CURLE_OK &&
	       curl_easy_setopt(t->curl, CURLOPT_SOCKOPTFUNCTION, note_socket) == CURLE_OK &&
	       curl_easy_setopt(t->curl, CURLOPT_PREREQDATA, t) == CURLE_OK &&
	       curl_easy_setopt(t->curl, CURLOPT_PREREQFUNCTION, before_request) == CURLE_OK;
}

static void end_hold(struct transfer *t)
{
	curl_easy_setopt(t->curl, CURLOPT_SOCKOPTFUNCTION, NULL);
	curl_easy_setopt(t->curl, CURLOPT_PREREQFUNCTION, NULL);
	curl_easy_setopt(t->curl, CURLOPT_READFUNCTION, NULL);
}
#else
static bool set_hold(struct transfer *t)
{
	(void)t;
	return false;
}

static void end_hold(struct transfer *t)
{
	(void)t;
}
#endif

/* Connects and waits, again while connections are lost that had lived for a while. Where none
 * can be made, the person is waited for, and the request then connects. False: the request is
 * still to be sent; *code is then of no interest. */
static bool run_held(struct transfer *t, CURLcode *code)
{
	int64_t began = 0;
	t->is_released = false;
	t->request->until = INT64_MAX;
	bool holds = set_hold(t);
	for (int i = 0; holds && t->request->ready != NULL; i++) {
		began = clock_ms();
		t->is_connected = false;
		t->sockets[0] = t->sockets[1] = -1;
		*code = run(t);
		holds = i < HOLD_MOST && t->is_connected && clock_ms() - began >= HOLD_LEAST_MS;
	}
	end_hold(t);
	if (t->request->ready != NULL)
		release(t);
	if (t->failure != 0)
		return true;
	/* A held connection that died without a byte: nobody has answered the request. */
	bool is_dead = *code == CURLE_GOT_NOTHING || *code == CURLE_SEND_ERROR ||
		       *code == CURLE_RECV_ERROR || *code == CURLE_SEND_FAIL_REWIND;
	return t->is_released && !(is_dead && t->header_bytes == 0);
}

/* ---- any request ----------------------------------------------------------------------- */

static bool set_request(struct transfer *t)
{
	const struct transfer_request *q = t->request;
	/* "Expect: 100-continue" would cost a round trip. */
	bool good = q->body == NULL || append(&t->headers, "Expect:");
	for (const char *const *line = q->headers; good && line != NULL && *line != NULL;
	     line++)
		good = append(&t->headers, *line);
	good = good && (q->entry == NULL || append(&t->resolved, q->entry));
	curl_easy_setopt(t->curl, CURLOPT_RESOLVE, t->resolved);
	curl_easy_setopt(t->curl, CURLOPT_HTTPHEADER, t->headers);
	if (q->body == NULL)
		curl_easy_setopt(t->curl, CURLOPT_HTTPGET, 1L);
	return good && curl_easy_setopt(t->curl, CURLOPT_URL, q->url) == CURLE_OK;
}

static bool set_body(struct transfer *t)
{
	const struct buffer *body = t->request->body;
	return body == NULL || (curl_easy_setopt(t->curl, CURLOPT_POST, 1L) == CURLE_OK &&
				   curl_easy_setopt(t->curl, CURLOPT_POSTFIELDS,
				       buffer_text(body)) == CURLE_OK &&
				   curl_easy_setopt(t->curl, CURLOPT_POSTFIELDSIZE,
				       (long)body->len) == CURLE_OK);
}

static void clear(struct transfer *t)
{
	curl_easy_setopt(t->curl, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(t->curl, CURLOPT_RESOLVE, NULL);
	curl_easy_setopt(t->curl, CURLOPT_POSTFIELDS, NULL);
	curl_slist_free_all(t->headers);
	curl_slist_free_all(t->resolved);
	t->headers = t->resolved = NULL;
	t->request = NULL;
}

static int judge(struct transfer *t, CURLcode code, struct reason *reason)
{
	t->tls_fault = code != CURLE_OK ? judge_tls(t->curl, code) : HTTP_TLS_OTHER;
	if (code == CURLE_OK)
		curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &t->request->answer->status);
	if (code == CURLE_OK || t->failure != 0)
		return t->failure;
	int r = code == CURLE_COULDNT_CONNECT && is_host_full(t->curl) ? RESULT_SOCKET
								       : result_of(code);
	if (r == RESULT_RESOLVE)
		return reason_set(
		    reason, r, "Could not resolve host: %.200s", t->request->host);
	return reason_set(
	    reason, r, "%s", t->why[0] != '\0' ? t->why : curl_easy_strerror(code));
}

int transfer_run(struct transfer *t, struct transfer_request *q, struct reason *reason)
{
	CURLcode code = CURLE_OK;
	t->request = q;
	t->failure = 0;
	bool is_good = set_request(t), is_held = q->ready != NULL;
	bool is_done = is_good && is_held && !q->is_unknown && run_held(t, &code);
	if (q->ready != NULL)
		release(t); /* whatever happened, the person is heard */
	/* libcurl would look it up in a thread, which the sandbox refuses; 8.23 never ends
	 * then. */
	if (!is_done && t->failure == 0 && q->is_unknown)
		code = CURLE_COULDNT_RESOLVE_HOST;
	else if (!is_done && t->failure == 0)
		code = is_good && set_body(t) ? run(t) : CURLE_OUT_OF_MEMORY;
	int r = judge(t, code, reason);
	clear(t);
	return r;
}

int64_t transfer_lost(const struct transfer *t)
{
	return t->lost;
}

enum http_tls transfer_tls_fault(const struct transfer *t)
{
	return t->tls_fault;
}
