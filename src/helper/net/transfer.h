/* SPDX-License-Identifier: MIT
 *
 * One request at a time by libcurl, over connections that stay open between them. The only file
 * that knows libcurl.
 */
#ifndef HELPER_NET_TRANSFER_H
#define HELPER_NET_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#include "helper/net/http.h"

struct name;
struct transfer;

/* Borrowed. */
struct transfer_request {
	const char *url, *host; /* host: for a message */
	const char
	    *entry; /* "host:port:address,address"; NULL: the host needs none, or has none */
	bool is_unknown; /* it has none: RESULT_RESOLVE, and libcurl is not asked */
	const char *const *headers; /* full lines, then NULL; NULL: none */
	const struct buffer *body; /* NULL: GET */
	struct http_answer *answer; /* status, header and body are added */
	int64_t until; /* clock_ms() */
	/* NULL, or the request waits: until fd is readable the connection is held and nothing
	 * is sent. Then this is called, once; it must set until and fill the body. Not 0: the
	 * request ends with that. */
	int (*ready)(void *arg);
	void *arg;
	int fd;
};

bool transfer_load(void); /* as http_load() */

/* *out is NULL unless 0 is returned. Returns 0 or RESULT_MEMORY. */
int transfer_open(const struct config *, struct transfer **out);
void transfer_close(struct transfer *); /* NULL is accepted */

/* Returns 0 whatever the status is, or as http_get(), or what ready() returned. */
int transfer_run(struct transfer *, struct transfer_request *, struct reason *);

/* Waits so many milliseconds, unless the module closes its end: then nobody wants an answer.
 * What the module sends does not count. */
bool transfer_is_unwanted(int nap);

/* As http_lost() and http_tls_fault(). */
int64_t transfer_lost(const struct transfer *);
enum http_tls transfer_tls_fault(const struct transfer *);

/* Host and port of an https URL, or of a proxy's. False when it has none, or too long ones. */
bool transfer_split(const char *url, struct name *);

#endif
