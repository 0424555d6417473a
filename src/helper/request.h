/* SPDX-License-Identifier: MIT
 *
 * The REQUEST frame, with every field checked.
 */
#ifndef HELPER_REQUEST_H
#define HELPER_REQUEST_H

#include <stdbool.h>

struct field;
struct frame;

#define REQUEST_NAME_MAX 256 /* a user's or a service's name, in bytes */

/* Borrowed from the frame. */
struct request {
	const char *purpose, *config_path, *user, *service;
	const struct field *config_text, *jwks;
	const char *qr, *flow, *wait, *rhost;
	unsigned long time_left; /* milliseconds */
	const struct field *ticket, *expired; /* bodies; empty when there is none */
	long ticket_age; /* seconds; 0 without a ticket */
	long max_age; /* seconds; negative: no bound */
	bool root; /* the local user is uid 0 */
};

/* Returns 0 or RESULT_HELPER_FRAME. */
int request_read(const struct frame *, struct request *out);

#endif
