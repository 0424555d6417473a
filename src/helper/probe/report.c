/* SPDX-License-Identifier: MIT */
#include "helper/probe/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/message.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/net/http.h"

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
		p->lost = frame_send_texts(
		    p->channel.fd, FRAME_FINDING, fields, FINDING_FIELDS, p->channel.deadline);
}

static const struct probe_host *find(const struct probe *p, const char *name)
{
	for (size_t i = 0; i < p->hosts_len; i++)
		if (streq(p->hosts[i].name, name))
			return &p->hosts[i];
	return NULL;
}

/* The hosts that a login with these flows speaks to, each once. */
static void collect(struct probe *p)
{
	const struct config *config = p->config;
	bool has_password = config_has_flow(config, FLOW_PASSWORD);
	bool has_device = config_has_flow(config, FLOW_DEVICE);
	bool has_browser = config_has_flow(config, FLOW_BROWSER);
	bool is_grant = config->password_method == PASSWORD_ROPC;
	const struct {
		bool is_used;
		const char *url;
	} rows[PROBE_HOSTS_MAX] = {
	    {true, config->certs_url},
	    {has_password, is_grant ? config->token_url : config->api_url},
	    {has_device, config->device_authorization_url},
	    {has_browser, config->auth_url},
	    {has_device || has_browser, config->token_url},
	    {(has_device || has_browser) && config->keep_refresh_token, config->revocation_url},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct probe_host *host = &p->hosts[p->hosts_len];
		if (!rows[i].is_used || rows[i].url == NULL ||
		    !http_host(rows[i].url, host->name, sizeof(host->name)) ||
		    find(p, host->name) != NULL)
			continue;
		host->url = rows[i].url;
		p->hosts_len++;
	}
}

static void resolve(struct probe *p, struct probe_host *host)
{
	const char *proxy = p->config->proxy, *article = proxy != NULL ? "the proxy " : "";
	const char *name = proxy != NULL ? proxy : host->name;
	host->is_open = http_resolve(p->http, host->url, &p->reason) == 0;
	if (host->is_open)
		report(p, REPORT_OK, FOUND_DNS, "%s%s has an address", article, name);
	else
		report(p, REPORT_FAULT, FOUND_DNS, "%s%s has no address: %s", article, name,
		    p->reason.detail);
}

void report_resolve(struct probe *p)
{
	collect(p);
	/* Behind a proxy only the proxy's own name is looked up here. */
	for (size_t i = 0; i < p->hosts_len; i++)
		if (i == 0 || p->config->proxy == NULL)
			resolve(p, &p->hosts[i]);
		else
			p->hosts[i].is_open = p->hosts[0].is_open;
}

static void report_tls(struct probe *p, const struct probe_host *host)
{
	static const struct {
		enum finding_name name;
		const char *before, *after; /* the authorities' place */
	} rows[] = {
	    [HTTP_TLS_OTHER] = {FOUND_TLS, "", ""},
	    [HTTP_TLS_CA] = {FOUND_TLS_CA, "no authority in ", " has signed its certificate: "},
	    [HTTP_TLS_NAME] = {FOUND_TLS_NAME, "the certificate is for another name: ", ""},
	    [HTTP_TLS_TIME] = {FOUND_TLS_TIME,
		"the certificate has expired or is not valid yet: ", ""},
	};
	const struct config *config = p->config;
	enum http_tls fault = http_tls_fault(p->http);
	const char *store = config->ca_file != NULL ? config->ca_file : config->ca_path;
	report(p, REPORT_FAULT, rows[fault].name, "%s: %s%s%s%s", host->name,
	    rows[fault].before, fault == HTTP_TLS_CA ? store : "", rows[fault].after,
	    p->reason.detail);
}

/* Did the proxy refuse, not the server? libcurl tells it by its words only. */
static bool is_from_proxy(const struct probe *p)
{
	const char *why = p->reason.detail;
	return p->config->proxy != NULL &&
	       (strstr(why, "CONNECT") != NULL || strstr(why, "roxy") != NULL);
}

/* Any answer to a bare GET will do: the server was reached, and its certificate is good. */
void report_connect(struct probe *p)
{
	const char *proxy = p->config->proxy != NULL ? p->config->proxy : "";
	const char *through = p->config->proxy != NULL ? " through " : "";
	for (size_t i = 0; i < p->hosts_len; i++) {
		struct probe_host *host = &p->hosts[i];
		struct http_answer answer = {.body = BUFFER_INIT(HTTP_BODY_MAX)};
		if (!host->is_open)
			continue;
		int r = http_get(p->http, host->url, &answer, &p->reason);
		buffer_wipe(&answer.body);
		host->is_open = r == 0 || r == RESULT_TOO_LARGE;
		if (host->is_open)
			report(p, REPORT_OK, FOUND_TLS, "%s: reached, certificate good%s%s%s",
			    host->name, proxy[0] != '\0' ? "," : "", through, proxy);
		else if (r == RESULT_TLS)
			report_tls(p, host);
		else
			report(p, REPORT_FAULT, is_from_proxy(p) ? FOUND_PROXY : FOUND_CONNECT,
			    "%s%s%s: %s", host->name, through, proxy, p->reason.detail);
	}
}

bool report_is_open(const struct probe *p, const char *url)
{
	char name[PROBE_HOST_MAX];
	if (url == NULL || !http_host(url, name, sizeof(name)))
		return false;
	const struct probe_host *host = find(p, name);
	return host != NULL && host->is_open;
}
