/* SPDX-License-Identifier: MIT
 *
 * What becomes of a transfer that libcurl refuses or ends: which option it does not take, which
 * error it reports, and of a certificate why. tests/login/test_network.py has servers.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <curl/curl.h>
#include <cmocka.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/reason.h"
#include "common/result.h"
#include "config_rows.h"
#include "helper/config/config.h"
#include "helper/net/http.h"
#include "helper/net/name.h"
#include "helper/net/transfer.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct {
	int fails; /* the option that is not taken, from 1; 0: none */
	int asked;
	bool has_no_multi, adds_none;
	CURLMcode performed;
	CURLcode ended; /* of the transfer */
	long verified; /* OpenSSL's word */
	long error; /* the kernel's */
	int ends; /* 0: it does not end */
} curl;

CURLcode __real_curl_easy_setopt(CURL *, CURLoption, ...);
CURLcode __wrap_curl_easy_setopt(CURL *, CURLoption, ...);
CURLcode __wrap_curl_easy_setopt(CURL *c, CURLoption option, ...)
{
	va_list args;
	va_start(args, option);
	void *value = va_arg(args, void *);
	va_end(args);
	return ++curl.asked == curl.fails ? CURLE_OUT_OF_MEMORY
					  : __real_curl_easy_setopt(c, option, value);
}

CURLM *__real_curl_multi_init(void);
CURLM *__wrap_curl_multi_init(void);
CURLM *__wrap_curl_multi_init(void)
{
	return curl.has_no_multi ? NULL : __real_curl_multi_init();
}

CURLMcode __wrap_curl_multi_add_handle(CURLM *, CURL *);
CURLMcode __wrap_curl_multi_add_handle(CURLM *m, CURL *c)
{
	(void)m;
	(void)c;
	return curl.adds_none ? CURLM_OUT_OF_MEMORY : CURLM_OK;
}

CURLMcode __wrap_curl_multi_remove_handle(CURLM *, CURL *);
CURLMcode __wrap_curl_multi_remove_handle(CURLM *m, CURL *c)
{
	(void)m;
	(void)c;
	return CURLM_OK;
}

CURLMcode __wrap_curl_multi_perform(CURLM *, int *);
CURLMcode __wrap_curl_multi_perform(CURLM *m, int *running)
{
	(void)m;
	*running = curl.ends == 0;
	return curl.performed;
}

CURLMcode __wrap_curl_multi_poll(CURLM *, struct curl_waitfd *, unsigned, int, int *);
CURLMcode __wrap_curl_multi_poll(
    CURLM *m, struct curl_waitfd *more, unsigned count, int ms, int *ready)
{
	(void)m;
	(void)more;
	(void)count;
	(void)ready;
	assert_true(ms >= 0);
	return CURLM_OK;
}

CURLMsg *__wrap_curl_multi_info_read(CURLM *, int *);
CURLMsg *__wrap_curl_multi_info_read(CURLM *m, int *more)
{
	static CURLMsg message = {.msg = CURLMSG_DONE};
	(void)m;
	*more = 0;
	message.data.result = curl.ended;
	return curl.ends != 0 ? &message : NULL;
}

CURLcode __wrap_curl_easy_getinfo(CURL *, CURLINFO, ...);
CURLcode __wrap_curl_easy_getinfo(CURL *c, CURLINFO what, ...)
{
	va_list args;
	(void)c;
	va_start(args, what);
	long *out = va_arg(args, long *);
	va_end(args);
	*out = what == CURLINFO_SSL_VERIFYRESULT ? curl.verified
	       : what == CURLINFO_OS_ERRNO       ? curl.error
						 : 200;
	return CURLE_OK;
}

/* ---- one request
 * ------------------------------------------------------------------------------ */

static int run(bool has_body, enum http_tls *tls, char *detail, size_t size)
{
	struct config *config = config_load("{" CLOUD "}");
	struct transfer *t = NULL;
	struct buffer body = BUFFER_INIT(64);
	struct http_answer answer = {.body = BUFFER_INIT(1024)};
	static const char *const headers[] = {"X-One: 1", NULL};
	struct reason reason = {.detail = ""};
	buffer_append_text(&body, "{}");
	struct transfer_request q = {.url = "https://issuer.example/x",
	    .host = "issuer.example",
	    .headers = headers,
	    .body = has_body ? &body : NULL,
	    .answer = &answer,
	    .until = clock_ms() + (curl.ends != 0 ? 1000 : 20)};
	int r = transfer_open(config, &t);
	if (r == 0)
		r = transfer_run(t, &q, &reason);
	if (tls != NULL && t != NULL)
		*tls = transfer_tls_fault(t);
	if (detail != NULL)
		snprintf(detail, size, "%s", reason.detail);
	transfer_close(t);
	buffer_wipe(&body);
	buffer_wipe(&answer.body);
	config_free(config);
	return r;
}

static void each_option_must_be_taken(void **state)
{
	(void)state;
	for (int body = 0; body < 2; body++) {
		memset(&curl, 0, sizeof(curl));
		curl.ends = 1;
		assert_int_equal(run(body != 0, NULL, NULL, 0), 0);
		int all = curl.asked, refused = 0;
		for (int at = 1; at <= all; at++) {
			memset(&curl, 0, sizeof(curl));
			curl.ends = 1;
			curl.fails = at;
			refused += run(body != 0, NULL, NULL, 0) != 0;
		}
		/* Two lists of its own, GET, which is the default, and three that the end
		 * unsets. */
		assert_int_equal(refused, all - (body != 0 ? 5 : 6));
	}
}

static void what_libcurl_reports(void **state)
{
	static const struct {
		CURLcode code;
		int result;
	} rows[] = {
	    {CURLE_OK, 0},
	    {CURLE_COULDNT_RESOLVE_HOST, RESULT_RESOLVE},
	    {CURLE_COULDNT_RESOLVE_PROXY, RESULT_RESOLVE},
	    {CURLE_COULDNT_CONNECT, RESULT_CONNECT},
	    {CURLE_PROXY, RESULT_CONNECT},
	    {CURLE_SSL_CONNECT_ERROR, RESULT_TLS},
	    {CURLE_PEER_FAILED_VERIFICATION, RESULT_TLS},
	    {CURLE_SSL_CACERT_BADFILE, RESULT_TLS},
	    {CURLE_SSL_CERTPROBLEM, RESULT_TLS},
	    {CURLE_SSL_CIPHER, RESULT_TLS},
	    {CURLE_SSL_ISSUER_ERROR, RESULT_TLS},
	    {CURLE_OPERATION_TIMEDOUT, RESULT_DEADLINE},
	    {CURLE_GOT_NOTHING, RESULT_HTTP},
	    {CURLE_OUT_OF_MEMORY, RESULT_HTTP},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char detail[256];
		memset(&curl, 0, sizeof(curl));
		curl.ends = 1;
		curl.ended = rows[i].code;
		assert_int_equal(run(false, NULL, detail, sizeof(detail)), rows[i].result);
		assert_int_equal(detail[0] != '\0', rows[i].result != 0);
	}
}

static void a_host_without_sockets_is_no_outage(void **state)
{
	static const struct {
		long error;
		int result;
	} rows[] = {{0, RESULT_CONNECT}, {ECONNREFUSED, RESULT_CONNECT},
	    {ENETUNREACH, RESULT_CONNECT}, {ETIMEDOUT, RESULT_CONNECT},
	    {EADDRNOTAVAIL, RESULT_SOCKET}, {EMFILE, RESULT_SOCKET}, {ENFILE, RESULT_SOCKET},
	    {ENOBUFS, RESULT_SOCKET}, {ENOMEM, RESULT_SOCKET}, {EAGAIN, RESULT_SOCKET}};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		memset(&curl, 0, sizeof(curl));
		curl.ends = 1;
		curl.ended = CURLE_COULDNT_CONNECT;
		curl.error = rows[i].error;
		assert_int_equal(run(false, NULL, NULL, 0), rows[i].result);
	}
}

static void why_a_certificate_is_refused(void **state)
{
	static const struct {
		CURLcode code;
		long verified;
		enum http_tls why;
	} rows[] = {
	    {CURLE_PEER_FAILED_VERIFICATION, 0, HTTP_TLS_NAME},
	    {CURLE_PEER_FAILED_VERIFICATION, 1, HTTP_TLS_NAME},
	    {CURLE_PEER_FAILED_VERIFICATION, 62, HTTP_TLS_NAME},
	    {CURLE_PEER_FAILED_VERIFICATION, 64, HTTP_TLS_NAME},
	    {CURLE_PEER_FAILED_VERIFICATION, 9, HTTP_TLS_TIME},
	    {CURLE_PEER_FAILED_VERIFICATION, 10, HTTP_TLS_TIME},
	    {CURLE_PEER_FAILED_VERIFICATION, 2, HTTP_TLS_CA},
	    {CURLE_PEER_FAILED_VERIFICATION, 18, HTTP_TLS_CA},
	    {CURLE_PEER_FAILED_VERIFICATION, 19, HTTP_TLS_CA},
	    {CURLE_PEER_FAILED_VERIFICATION, 20, HTTP_TLS_CA},
	    {CURLE_PEER_FAILED_VERIFICATION, 21, HTTP_TLS_CA},
	    {CURLE_PEER_FAILED_VERIFICATION, 24, HTTP_TLS_OTHER},
	    {CURLE_SSL_CACERT_BADFILE, 0, HTTP_TLS_CA},
	    {CURLE_SSL_ISSUER_ERROR, 0, HTTP_TLS_CA},
	    {CURLE_SSL_CONNECT_ERROR, 0, HTTP_TLS_OTHER},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		enum http_tls why = HTTP_TLS_OTHER;
		memset(&curl, 0, sizeof(curl));
		curl.ends = 1;
		curl.ended = rows[i].code;
		curl.verified = rows[i].verified;
		assert_int_equal(run(false, &why, NULL, 0), RESULT_TLS);
		assert_int_equal(why, rows[i].why);
	}
}

static void one_that_cannot_begin_or_does_not_end(void **state)
{
	char detail[256];
	(void)state;
	memset(&curl, 0, sizeof(curl));
	assert_int_equal(run(false, NULL, detail, sizeof(detail)), RESULT_DEADLINE);
	assert_string_equal(detail, "Operation timed out");
	memset(&curl, 0, sizeof(curl));
	curl.performed = CURLM_INTERNAL_ERROR;
	assert_int_equal(run(false, NULL, NULL, 0), RESULT_HTTP);
	memset(&curl, 0, sizeof(curl));
	curl.adds_none = true;
	assert_int_equal(run(false, NULL, NULL, 0), RESULT_HTTP);
	memset(&curl, 0, sizeof(curl));
	curl.has_no_multi = true;
	assert_int_equal(run(false, NULL, NULL, 0), RESULT_HTTP);
}

static void hosts_and_ports_that_fit(void **state)
{
#define LABELS "a23456789.b23456789.c23456789.d23456789.e23456789."
	struct name at;
	(void)state;
	assert_true(transfer_split("https://a.example/x", &at));
	assert_string_equal(at.host, "a.example");
	assert_string_equal(at.port, "443");
	assert_true(transfer_split("http://a.example:3128", &at));
	assert_string_equal(at.port, "3128");
	assert_true(transfer_split("https://[::1]:8443/", &at));
	assert_false(transfer_split("", &at));
	assert_false(transfer_split("https://a b/", &at));
	assert_false(transfer_split(
	    "https://" LABELS LABELS LABELS LABELS LABELS LABELS "example/", &at));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_option_must_be_taken),
	    cmocka_unit_test(what_libcurl_reports),
	    cmocka_unit_test(a_host_without_sockets_is_no_outage),
	    cmocka_unit_test(why_a_certificate_is_refused),
	    cmocka_unit_test(one_that_cannot_begin_or_does_not_end),
	    cmocka_unit_test(hosts_and_ports_that_fit),
	};
	/* A transfer ends when descriptor 0, the module's socket, does. */
	if (freopen("/dev/null", "re", stdin) == NULL)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
