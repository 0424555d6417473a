/* SPDX-License-Identifier: MIT
 *
 * What the helper may still ask of the kernel when bytes from the network arrive: read,
 * write, wait, connect, memory and time. Everything else fails with EPERM: no program can
 * be started, no process made, signalled or looked into, no code made executable. The list is
 * by name, so it holds on every architecture; names that one lacks are left out there.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "common/reason.h"
#include "common/result.h"
#include "helper/sandbox.h"

#define SOCKET_KIND 0xf /* without SOCK_CLOEXEC and SOCK_NONBLOCK */
#define OPEN_MORE_THAN_READ (O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND)

static const int allowed[] = {
    /* descriptors that are there */
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(lseek),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    /* looking at a name opens nothing: OpenSSL does before it opens a certificate */
    SCMP_SYS(newfstatat),
    SCMP_SYS(stat),
    SCMP_SYS(statx),
    /* TCP; connect() is Landlock's */
    SCMP_SYS(connect),
    SCMP_SYS(recvfrom),
    SCMP_SYS(shutdown),
    SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt),
    SCMP_SYS(getsockname),
    SCMP_SYS(getpeername),
    /* libcurl wakes itself by one of these; none reaches anybody else */
    SCMP_SYS(socketpair),
    SCMP_SYS(pipe2),
    SCMP_SYS(eventfd2),
    /* waiting and time */
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(select),
    SCMP_SYS(pselect6),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(restart_syscall),
    /* memory, randomness, locks of a process with one thread */
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(getrandom),
    SCMP_SYS(futex),
    /* itself */
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(uname),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

/* Numbers below 0 stand for calls that this architecture does not have. */
static int allow_calls(scmp_filter_ctx filter)
{
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if (allowed[i] >= 0 &&
		    seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0) != 0)
			return -1;
	return 0;
}

/* TCP alone: MPTCP and SCTP are streams too, and get round Landlock's ports. */
static int allow_tcp(scmp_filter_ctx filter)
{
	static const int families[] = {AF_INET, AF_INET6};
	static const int protocols[] = {0, IPPROTO_TCP};
	for (size_t f = 0; f < 2; f++)
		for (size_t p = 0; p < 2; p++)
			if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 3,
				SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[f], 0),
				SCMP_A1(SCMP_CMP_MASKED_EQ, SOCKET_KIND, SOCK_STREAM),
				SCMP_A2(SCMP_CMP_EQ, (scmp_datum_t)protocols[p], 0)) != 0)
				return -1;
	/* Without an address: with one, MSG_FASTOPEN connects past Landlock. */
	return seccomp_rule_add(
	    filter, SCMP_ACT_ALLOW, SCMP_SYS(sendto), 1, SCMP_A4(SCMP_CMP_EQ, 0, 0));
}

/* F_SETOWN would make the kernel send signals. */
static int allow_flags(scmp_filter_ctx filter)
{
	static const int commands[] = {F_GETFD, F_SETFD, F_GETFL, F_SETFL};
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
			SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)commands[i], 0)) != 0)
			return -1;
	return 0;
}

static int allow_memory_and_reading(scmp_filter_ctx filter)
{
	int r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, OPEN_MORE_THAN_READ, 0));
	return r;
}

/* libc falls back to clone(), which is then refused: "not there" is the answer it knows. */
static int refuse_clone3(scmp_filter_ctx filter)
{
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

int seccomp_close(struct reason *reason)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (filter == NULL)
		return reason_set(reason, RESULT_CONFINE, "seccomp: no filter");
	int r = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (r == 0)
		r = allow_calls(filter);
	if (r == 0)
		r = allow_tcp(filter);
	if (r == 0)
		r = allow_flags(filter);
	if (r == 0)
		r = allow_memory_and_reading(filter);
	if (r == 0)
		r = refuse_clone3(filter);
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	if (r != 0)
		return reason_set(
		    reason, RESULT_CONFINE, "seccomp: this kernel does not take the filter");
	return 0;
}
