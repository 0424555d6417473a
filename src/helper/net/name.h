/* SPDX-License-Identifier: MIT
 *
 * Names of hosts and their addresses. Each name can be looked up by a process of its own, so
 * that a resolver that is silent about one keeps nobody waiting who does not need it, and the
 * sandbox closes meanwhile. The only file of the helper that forks.
 */
#ifndef HELPER_NET_NAME_H
#define HELPER_NET_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAME_HOST_MAX 253 /* a DNS name */
#define NAME_ENTRY_MAX 1024 /* eight addresses, with the name */

enum name_state {
	NAME_NEW,
	NAME_ASKED, /* a process looks it up */
	NAME_FOUND,
	NAME_UNKNOWN, /* it has no address, or the resolver cannot be asked */
};

struct name {
	char host[NAME_HOST_MAX + 1], port[8];
	enum name_state state;
	bool is_needed; /* in any case; else only if something unusual happens */
	int fd; /* of that process' answer, while NAME_ASKED */
	struct name_answer {
		int error; /* getaddrinfo()'s, when NAME_UNKNOWN */
		char entry[NAME_ENTRY_MAX]; /* "host:port:address,address", or "" */
	} answer;
};

#define NAMES_MAX 16 /* a configuration names half a dozen hosts */

struct names {
	struct name items[NAMES_MAX];
	size_t len;
};

/* This name in the list, where it is added as a new one if it is missing, localhost as found;
 * NULL: no room. */
struct name *names_add(struct names *, const struct name *);

/* Looks up all that are new, side by side, and waits for none but one that is needed in any
 * case: this process looks it up itself, so that the usual login, with one host, needs no
 * other. */
void names_look_up(struct names *);

/* Looks up a new name here and now: ten seconds, if the resolver is silent. */
void name_resolve(struct name *);

/* Has a process of its own do so. It does not have the module's socket, but it has
 * everything that this process has read so far. It dies with this process. False: none could be
 * started. */
bool name_start(struct name *);

/* Waits for that process until deadline (clock_ms()); a name that is not known by then stays
 * NAME_ASKED. *lost grows by the milliseconds in which this process could not run. */
void name_await(struct name *, int64_t deadline, int64_t *lost);

#endif
