/* SPDX-License-Identifier: MIT */
#include "helper/probe/probe.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/message.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/flow/flow.h"
#include "helper/flow/keys.h"
#include "helper/net/http.h"
#include "helper/probe/report.h"
#include "helper/sandbox.h"
#include "helper/token/jwks.h"

#define SEEN_MAX 1024 /* cuts an address of CONFIG_URL_MAX behind its host */

void report(
    struct probe *p, enum report_status status, enum finding_name name, const char *format, ...)
{
	static const char *const statuses[] = {
	    [REPORT_OK] = "ok", [REPORT_WARNING] = "warn", [REPORT_FAULT] = "fail"};
	static const char *const names[FOUND_COUNT] = {
#define FINDING_NAME_ROW(symbol, name, advice, page) [FOUND_##symbol] = (name),
	    FINDINGS(FINDING_NAME_ROW)
#undef FINDING_NAME_ROW
	};
	char raw[SEEN_MAX], seen[SEEN_MAX];
	const char *fields[FINDING_FIELDS] = {[FINDING_STATUS] = statuses[status],
	    [FINDING_NAME] = names[name],
	    [FINDING_SEEN] = seen};
	va_list args;
	va_start(args, format);
	vsnprintf(raw, sizeof(raw), format, args);
	va_end(args);
	text_printable(raw, strlen(raw), seen, sizeof(seen));
	if (p->lost == 0)
		p->lost = message_send(
		    p->channel.fd, FRAME_FINDING, fields, FINDING_FIELDS, p->channel.deadline);
}

/* From here on the helper is confined as it is in a login when it reads network bytes. */
static bool close_sandbox(struct probe *p)
{
	char text[160];
	if (http_prepare(p->http) != 0) {
		report(p, REPORT_FAULT, FOUND_SANDBOX, "the helper cannot confine itself: %s",
		    http_why(p->http));
		return false;
	}
	const struct sandbox *sandbox = http_sandbox(p->http);
	report(p, sandbox_is_whole(sandbox) ? REPORT_OK : REPORT_WARNING, FOUND_SANDBOX, "%s",
	    sandbox_describe(sandbox, text, sizeof(text)));
	return true;
}

int probe_run(const struct probe_request *q)
{
	struct probe p = {.channel = {q->fd, q->deadline}, .config = q->config};
	int r = http_open(q->config, q->deadline, &p.http);
	if (r != 0)
		return r;
	jwks_cached_decode(q->jwks->bytes, q->jwks->len, q->config->certs_url,
	    (long long)time(NULL), &p.cached, &p.fetched);
	route_resolve(&p);
	if (close_sandbox(&p)) {
		route_connect(&p);
		provider_discovery(&p);
		provider_keys(&p);
		app_client_probe(&p);
	}
	jwks_free(p.cached);
	http_close(p.http);
	return p.lost == 0 ? RESULT_DONE : p.lost;
}

int probe_fetch_keys(const struct probe_request *q, char *detail, size_t size)
{
	struct flow flow = {.config = q->config, .channel = {q->fd, q->deadline}};
	struct keys keys = {NULL, 0, false};
	int r = http_open(q->config, q->deadline, &flow.http);
	if (r == 0) {
		http_resolve(flow.http, q->config->certs_url);
		r = keys_load(&flow, &keys, (long long)time(NULL));
	}
	snprintf(detail, size, "%s", flow.reason.detail);
	keys_free(&keys);
	http_close(flow.http);
	return r == 0 ? RESULT_DONE : r;
}
