/* SPDX-License-Identifier: MIT
 *
 * What the helper may still ask of the kernel when bytes from the network arrive: read, write,
 * wait, connect, memory and time. Everything else fails with EPERM: it can start no program,
 * make, signal or trace no process, and make no code executable. The lists are by name, so they
 * hold on every architecture.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "common/reason.h"
#include "common/result.h"
#include "helper/sandbox.h"

/* clang-format off */
static const int allowed[] = {
    /* open descriptors */
    SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(write), SCMP_SYS(writev),
    SCMP_SYS(lseek), SCMP_SYS(close), SCMP_SYS(fstat),
    /* OpenSSL looks at a name before it opens a certificate; that opens nothing */
    SCMP_SYS(newfstatat), SCMP_SYS(stat), SCMP_SYS(statx),
    /* TCP; Landlock limits connect() */
    SCMP_SYS(connect), SCMP_SYS(recvfrom), SCMP_SYS(shutdown), SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt), SCMP_SYS(getsockname), SCMP_SYS(getpeername),
    /* libcurl wakes itself by one of these; none reaches another process */
    SCMP_SYS(socketpair), SCMP_SYS(pipe2), SCMP_SYS(eventfd2),
    /* waiting and time */
    SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6),
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(restart_syscall),
    /* memory, randomness, locks of a process with one thread */
    SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
    SCMP_SYS(getrandom), SCMP_SYS(futex),
    /* the process itself */
    SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(uname), SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(exit), SCMP_SYS(exit_group),
};

#define EQUAL(argument, value) {argument, SCMP_CMP_EQ, value, 0}
#define MASKED(argument, mask, value) {argument, SCMP_CMP_MASKED_EQ, mask, value}
#define ANY {0, 0, 0, 0}
#define STREAM MASKED(1, 0xf, SOCK_STREAM) /* whatever SOCK_CLOEXEC and SOCK_NONBLOCK are */
#define NO_EXEC MASKED(2, PROT_EXEC, 0)

/* Allowed with these arguments only. */
static const struct {
	int call;
	unsigned count;
	struct scmp_arg_cmp arguments[3];
} limited[] = {
    /* TCP alone: MPTCP and SCTP are streams too, and bypass Landlock's ports */
    {SCMP_SYS(socket), 3, {EQUAL(0, AF_INET), STREAM, EQUAL(2, 0)}},
    {SCMP_SYS(socket), 3, {EQUAL(0, AF_INET), STREAM, EQUAL(2, IPPROTO_TCP)}},
    {SCMP_SYS(socket), 3, {EQUAL(0, AF_INET6), STREAM, EQUAL(2, 0)}},
    {SCMP_SYS(socket), 3, {EQUAL(0, AF_INET6), STREAM, EQUAL(2, IPPROTO_TCP)}},
    /* without an address: with one, MSG_FASTOPEN connects past Landlock */
    {SCMP_SYS(sendto), 1, {EQUAL(4, 0), ANY, ANY}},
    /* F_SETOWN would make the kernel send signals */
    {SCMP_SYS(fcntl), 1, {EQUAL(1, F_GETFD), ANY, ANY}},
    {SCMP_SYS(fcntl), 1, {EQUAL(1, F_SETFD), ANY, ANY}},
    {SCMP_SYS(fcntl), 1, {EQUAL(1, F_GETFL), ANY, ANY}},
    {SCMP_SYS(fcntl), 1, {EQUAL(1, F_SETFL), ANY, ANY}},
    {SCMP_SYS(mmap), 1, {NO_EXEC, ANY, ANY}},
    {SCMP_SYS(mprotect), 1, {NO_EXEC, ANY, ANY}},
    {SCMP_SYS(openat), 1, {MASKED(2, O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND, 0), ANY, ANY}},
};
/* clang-format on */

static bool add_rules(scmp_filter_ctx filter)
{
	/* A negative number stands for a call that this architecture does not have. */
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if (allowed[i] >= 0 &&
		    seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0) != 0)
			return false;
	for (size_t i = 0; i < sizeof(limited) / sizeof(limited[0]); i++)
		if (seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, limited[i].call,
			limited[i].count, limited[i].arguments) != 0)
			return false;
	/* libc then falls back to clone(), which is refused. It knows ENOSYS, not EPERM. */
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;
}

int seccomp_close(struct reason *reason)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (filter == NULL)
		return reason_set(reason, RESULT_CONFINE, "seccomp: no filter");
	bool is_loaded =
	    seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
	    add_rules(filter) && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return is_loaded ? 0
			 : reason_set(reason, RESULT_CONFINE,
			       "seccomp: this kernel does not take the filter");
}
