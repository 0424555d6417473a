/* SPDX-License-Identifier: MIT
 *
 * What the probes share: the configuration, the connections, and a way to say what was
 * found.
 */
#ifndef HELPER_PROBE_REPORT_H
#define HELPER_PROBE_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/finding.h"
#include "helper/flow/prompt.h"

struct config;
struct http;
struct jwks;

#define PROBE_HOSTS_MAX 6 /* as many addresses as a configuration has */
#define PROBE_HOST_MAX 300 /* a DNS name of 253, a port */

struct probe_host {
	char name[PROBE_HOST_MAX]; /* "host:port" */
	const char *url; /* the first address of the configuration that is there */
	bool is_open; /* found, reached, and its certificate is good */
};

struct probe {
	struct channel channel;
	const struct config *config;
	struct http *http;
	struct jwks *kept; /* the key set that logins have kept; NULL: none. Owned */
	long long kept_since; /* seconds since the epoch */
	struct probe_host hosts[PROBE_HOSTS_MAX];
	size_t hosts_len;
	int lost; /* 0, or why nothing can be told any more */
};

/* Each tells the command one thing, whole; format makes what was seen. */
void report_ok(struct probe *, enum finding_name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void report_warning(struct probe *, enum finding_name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void report_fault(struct probe *, enum finding_name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
