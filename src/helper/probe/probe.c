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
	if (http_prepare(p->http, &p->reason) != 0) {
		report(p, REPORT_FAULT, FOUND_SANDBOX, "the helper cannot confine itself: %s",
		    p->reason.detail);
		return false;
	}
	const struct sandbox *sandbox = http_sandbox(p->http);
	report(p, sandbox_is_whole(sandbox) ? REPORT_OK : REPORT_WARNING, FOUND_SANDBOX, "%s",
	    sandbox_describe(sandbox, text, sizeof(text)));
	return true;
}

int probe_run(struct flow *flow, struct keys *keys, const struct request *q, struct outcome *o)
{
	struct probe p = {.channel = flow->channel,
	    .config = flow->config,
	    .http = flow->http,
	    .cached = keys};
	(void)q;
	(void)o;
	route_resolve(&p);
	if (close_sandbox(&p)) {
		route_connect(&p);
		provider_discovery(&p);
		provider_keys(&p);
		app_client_probe(&p);
	}
	return p.lost;
}

int probe_keys(struct flow *flow, struct keys *keys, const struct request *q, struct outcome *o)
{
	(void)q;
	(void)o;
	http_resolve(flow->http, flow->config->certs_url, NULL);
	return keys_load(flow, keys, (long long)time(NULL));
}
