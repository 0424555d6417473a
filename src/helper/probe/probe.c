/* SPDX-License-Identifier: MIT */
#include "helper/probe/probe.h"

#include <stdio.h>
#include <time.h>

#include "common/frame.h"
#include "common/result.h"
#include "helper/flow/flow.h"
#include "helper/flow/keys.h"
#include "helper/net/http.h"
#include "helper/config/config.h"
#include "helper/probe/app_client.h"
#include "helper/probe/provider.h"
#include "helper/probe/report.h"
#include "helper/probe/route.h"
#include "helper/sandbox.h"
#include "helper/token/jwks.h"

/* From here on the helper is as it is in a login when it reads what the network sends. */
static bool close_sandbox(struct probe *p)
{
	char text[160];
	if (http_prepare(p->http) != 0) {
		report_fault(p, FOUND_SANDBOX, "the helper cannot confine itself: %s",
		    http_why(p->http));
		return false;
	}
	const struct sandbox *sandbox = http_sandbox(p->http);
	const char *what = sandbox_describe(sandbox, text, sizeof(text));
	if (sandbox_is_whole(sandbox))
		report_ok(p, FOUND_SANDBOX, "%s", what);
	else
		report_warning(p, FOUND_SANDBOX, "%s", what);
	return true;
}

int probe_run(const struct probe_request *q)
{
	struct probe p = {.channel = {q->fd, q->deadline}, .config = q->config};
	int r = http_open(q->config, q->deadline, &p.http);
	if (r != 0)
		return r;
	jwks_cached_decode(q->jwks->bytes, q->jwks->len, q->config->certs_url,
	    (long long)time(NULL), &p.kept, &p.kept_since);
	route_resolve(&p);
	if (close_sandbox(&p)) {
		route_connect(&p);
		provider_discovery(&p);
		provider_keys(&p);
		app_client_probe(&p);
	}
	jwks_free(p.kept);
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
