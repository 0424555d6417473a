/* SPDX-License-Identifier: MIT */
#include "helper/probe/route.h"

#include <stdio.h>
#include <string.h>

#include "common/result.h"
#include "common/text.h"
#include "helper/net/http.h"
#include "helper/config/config.h"
#include "helper/probe/report.h"

static const struct probe_host *find(const struct probe *p, const char *name)
{
	for (size_t i = 0; i < p->hosts_len; i++)
		if (streq(p->hosts[i].name, name))
			return &p->hosts[i];
	return NULL;
}

static void add(struct probe *p, const char *url)
{
	struct probe_host *host = &p->hosts[p->hosts_len];
	if (url == NULL || p->hosts_len == PROBE_HOSTS_MAX)
		return;
	if (!http_host(url, host->name, sizeof(host->name)) || find(p, host->name) != NULL)
		return;
	host->url = url;
	p->hosts_len++;
}

/* What a login with these flows speaks to. */
static void collect(struct probe *p)
{
	const struct config *config = p->config;
	bool grant = config->password_method == PASSWORD_ROPC;
	add(p, config->certs_url);
	if (config_has_flow(config, FLOW_PASSWORD))
		add(p, grant ? config->token_url : config->api_url);
	if (config_has_flow(config, FLOW_DEVICE))
		add(p, config->device_authorization_url);
	if (config_has_flow(config, FLOW_BROWSER))
		add(p, config->auth_url);
	if (!config_has_flow(config, FLOW_DEVICE) && !config_has_flow(config, FLOW_BROWSER))
		return;
	add(p, config->token_url);
	if (config->keep_refresh_token)
		add(p, config->revocation_url);
}

static void resolve_proxy(struct probe *p)
{
	int r = http_resolve(p->http, p->config->certs_url);
	for (size_t i = 0; i < p->hosts_len; i++)
		p->hosts[i].is_open = r == 0;
	if (r == 0)
		report_ok(p, FOUND_DNS, "the proxy %s has an address", p->config->proxy);
	else
		report_fault(p, FOUND_DNS, "the proxy %s has no address: %s", p->config->proxy,
		    http_why(p->http));
}

void route_resolve(struct probe *p)
{
	collect(p);
	if (p->config->proxy != NULL) {
		resolve_proxy(p);
		return;
	}
	for (size_t i = 0; i < p->hosts_len; i++) {
		struct probe_host *host = &p->hosts[i];
		host->is_open = http_resolve(p->http, host->url) == 0;
		if (host->is_open)
			report_ok(p, FOUND_DNS, "%s has an address", host->name);
		else
			report_fault(p, FOUND_DNS, "%s has no address: %s", host->name,
			    http_why(p->http));
	}
}

static void report_tls(struct probe *p, const struct probe_host *host)
{
	const char *why = http_why(p->http);
	switch (http_tls_fault(p->http)) {
	case HTTP_TLS_CA:
		report_fault(p, FOUND_TLS_CA,
		    "%s: no authority in %s has signed its certificate: %s", host->name,
		    p->config->ca_file != NULL ? p->config->ca_file : p->config->ca_path, why);
		break;
	case HTTP_TLS_NAME:
		report_fault(p, FOUND_TLS_NAME, "%s: the certificate is for another name: %s",
		    host->name, why);
		break;
	case HTTP_TLS_TIME:
		report_fault(p, FOUND_TLS_TIME,
		    "%s: the certificate has expired or is not valid yet: %s", host->name, why);
		break;
	case HTTP_TLS_OTHER:
	default:
		report_fault(p, FOUND_TLS, "%s: %s", host->name, why);
	}
}

/* Did the proxy, not the server, say no? libcurl says so in words alone. */
static bool is_proxys_word(const struct probe *p)
{
	const char *why = http_why(p->http);
	return p->config->proxy != NULL &&
	       (strstr(why, "CONNECT") != NULL || strstr(why, "roxy") != NULL);
}

static void report_way(struct probe *p, const struct probe_host *host, int r)
{
	const char *through = p->config->proxy != NULL ? " through " : "";
	const char *proxy = p->config->proxy != NULL ? p->config->proxy : "";
	if (r == RESULT_TLS)
		report_tls(p, host);
	else if (is_proxys_word(p))
		report_fault(
		    p, FOUND_PROXY, "%s through %s: %s", host->name, proxy, http_why(p->http));
	else
		report_fault(p, FOUND_CONNECT, "%s%s%s: %s", host->name, through, proxy,
		    http_why(p->http));
}

/* Whatever the server answers to a bare GET: it was reached, and its certificate is good. */
void route_connect(struct probe *p)
{
	for (size_t i = 0; i < p->hosts_len; i++) {
		struct probe_host *host = &p->hosts[i];
		struct http_answer answer = HTTP_ANSWER_INIT(HTTP_BODY_MAX);
		if (!host->is_open)
			continue;
		int r = http_get(p->http, host->url, &answer);
		buffer_wipe(&answer.body);
		host->is_open = r == 0 || r == RESULT_TOO_LARGE;
		if (host->is_open)
			report_ok(p, FOUND_TLS, "%s: reached, certificate good%s%s", host->name,
			    p->config->proxy != NULL ? ", through " : "",
			    p->config->proxy != NULL ? p->config->proxy : "");
		else
			report_way(p, host, r);
	}
}

bool route_is_open(const struct probe *p, const char *url)
{
	char name[PROBE_HOST_MAX];
	if (url == NULL || !http_host(url, name, sizeof(name)))
		return false;
	const struct probe_host *host = find(p, name);
	return host != NULL && host->is_open;
}
