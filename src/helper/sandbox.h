/* SPDX-License-Identifier: MIT
 *
 * The helper's second confinement, between the last name that is looked up and the first
 * byte that libcurl sends: what comes from the network is read by a process that can open
 * nothing but CA certificates, connect to nothing but the configured ports, and start, stop or
 * look into nobody.
 */
#ifndef HELPER_SANDBOX_H
#define HELPER_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reason;

#define SANDBOX_PORTS_MAX 16 /* a configuration names half a dozen endpoints */

struct sandbox {
	/* What stays possible. Paths are borrowed; one of the two, the other is NULL. */
	const char *ca_path; /* an OpenSSL folder: its files named HASH.N stay readable */
	const char *ca_file;
	uint16_t ports[SANDBOX_PORTS_MAX]; /* TCP, to any address */
	size_t ports_len;
	/* What came of it */
	bool is_closed;
	int landlock_abi; /* 0: this kernel has none, or it is switched off */
};

/* Closes every descriptor but 0, 1 and 2, then Landlock (as much of it as the kernel has; none
 * is no failure), then seccomp: what is not on the list fails with EPERM. There is no way
 * back. Once closed, does nothing. A build for sanitizers or valgrind stays open. Returns 0, or
 * RESULT_CONFINE with *why set to static text; the helper must then not use the network. */
int sandbox_close(struct sandbox *, struct reason *reason);

/* "Landlock ABI 7 and seccomp", or what is missing, for the log and for doctor; static text
 * or written into out. */
const char *sandbox_describe(const struct sandbox *, char *out, size_t size);

/* Everything is there: files and TCP ports (Landlock ABI 4) and system calls. */
bool sandbox_is_whole(const struct sandbox *);

/* The two halves, for sandbox.c alone. landlock_close(): *abi is 0 when there is none. */
int landlock_close(const struct sandbox *, int *abi, struct reason *reason);
int seccomp_close(struct reason *reason);

#endif
