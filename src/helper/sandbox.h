/* SPDX-License-Identifier: MIT
 *
 * The helper's second confinement, between the last name that is looked up and the first byte
 * that libcurl sends: the process that reads network bytes can open nothing but CA
 * certificates, connect to nothing but the configured ports, and start, stop or trace no
 * process.
 */
#ifndef HELPER_SANDBOX_H
#define HELPER_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reason;

#define SANDBOX_PORTS_MAX 16 /* a configuration names half a dozen endpoints */

#define SANDBOX_KEPT_MAX 16 /* one for each name that is being looked up */

struct sandbox_filter; /* what seccomp asks of each system call; a constant */

struct sandbox {
	const struct sandbox_filter *filter; /* borrowed; NULL: one is made */
	/* What stays possible. Paths are borrowed; one of them is NULL. */
	const char *ca_path; /* an OpenSSL directory: its files named HASH.N stay readable */
	const char *ca_file;
	uint16_t ports[SANDBOX_PORTS_MAX]; /* TCP, to any address */
	size_t ports_len;
	int kept[SANDBOX_KEPT_MAX]; /* descriptors that stay open */
	size_t kept_len;
	/* What sandbox_close() achieved. */
	bool is_closed;
	int landlock_abi; /* 0: this kernel has none, or it is switched off */
};

/* *out is NULL unless 0 is returned; the caller frees it. Returns 0 or RESULT_CONFINE. */
int sandbox_filter_new(struct sandbox_filter **out);
void sandbox_filter_free(struct sandbox_filter *); /* NULL is accepted */

/* Keeps a descriptor open; once. */
void sandbox_keep(struct sandbox *, int fd);

/* Closes every descriptor but 0, 1, 2 and those kept, then applies Landlock (as much of it as
 * the kernel has; none is no failure), then seccomp: a call that is not on its list fails with
 * EPERM. This cannot be undone. Once closed, does nothing. A build for sanitizers or valgrind
 * stays open. Returns 0, or RESULT_CONFINE with the reason set; the helper must then not use
 * the network. */
int sandbox_close(struct sandbox *, struct reason *);

/* "Landlock ABI 7 and seccomp", or what is missing, for the log and for doctor; static text or
 * written into out. */
const char *sandbox_describe(const struct sandbox *, char *out, size_t size);

/* Is everything limited: files, TCP ports (Landlock ABI 4) and system calls? */
bool sandbox_is_whole(const struct sandbox *);

#endif
