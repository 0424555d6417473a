/* SPDX-License-Identifier: MIT
 *
 * What the probes share: the configuration, the connections, and a way to report what was
 * found. Private to this folder.
 */
#ifndef HELPER_PROBE_REPORT_H
#define HELPER_PROBE_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/finding.h"
#include "common/reason.h"
#include "helper/flow/prompt.h"

struct config;
struct http;
struct keys;

#define PROBE_HOSTS_MAX 6 /* as many addresses as a configuration has */
#define PROBE_HOST_MAX 300 /* a DNS name of 253 bytes, a port */

struct probe_host {
	char name[PROBE_HOST_MAX]; /* "host:port" */
	const char *url; /* the configuration's first address of this host */
	bool is_open; /* its name resolves, it was reached, and its certificate is good */
};

struct probe {
	struct channel channel;
	const struct config *config;
	struct http *http;
	struct reason reason; /* why the last request failed */
	const struct keys *cached; /* what logins use; its jwks is NULL when there is none */
	struct probe_host hosts[PROBE_HOSTS_MAX];
	size_t hosts_len;
	int lost; /* 0, or why nothing can be reported any more */
};

enum report_status { REPORT_OK, REPORT_WARNING, REPORT_FAULT };

/* Reports one finding to the command. format says what was seen; it may hold network text. */
void report(struct probe *, enum report_status, enum finding_name, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Looks up every host that a login with this configuration would speak to, or the proxy. */
void report_resolve(struct probe *);

/* Connects to each of them. */
void report_connect(struct probe *);

/* Was the host of this address resolved, reached and trusted? False for NULL. */
bool report_is_open(const struct probe *, const char *url);

/* ---- provider.c: the pool as it describes itself --------------------------------------- */

/* Compares OpenID Connect Discovery 1.0 with the configuration. */
void provider_discovery(struct probe *);

/* The key set, its usable keys, the cached ones, and the server's clock. */
void provider_keys(struct probe *);

#endif
