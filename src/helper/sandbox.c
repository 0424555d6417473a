/* SPDX-License-Identifier: MIT
 *
 * What the helper may still ask of the kernel when bytes from the network arrive.
 *
 * seccomp: read, write, wait, connect, memory and time. Everything else fails with EPERM: the
 * helper can start no program, make, signal or trace no process, and make no code executable.
 * The lists are by name, so they hold on every architecture.
 *
 * Landlock by its system calls: libc has no functions for them, and the kernel headers of
 * Debian 12 end at ABI 3, so newer constants are defined here. Documented in the kernel's
 * Documentation/userspace-api/landlock.rst.
 */
#include "helper/sandbox.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "common/paths.h"
#include "common/reason.h"
#include "common/result.h"
#include "helper/confine.h"

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
    /* libcurl wakes itself by one of these, or by a socket pair; none reaches another
     * process */
    SCMP_SYS(pipe2), SCMP_SYS(eventfd2),
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
    /* a pair of datagram sockets can connect elsewhere: to /dev/log */
    {SCMP_SYS(socketpair), 2, {EQUAL(0, AF_UNIX), STREAM, ANY}},
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

static bool open_filter(scmp_filter_ctx *out)
{
	*out = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	return *out != NULL &&
	       seccomp_attr_set(*out, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
	       add_rules(*out);
}

#define FILTER_BYTES 4096 /* any pipe holds them; ours has 968 on x86-64 */

struct sandbox_filter {
	struct sock_fprog program;
	struct sock_filter code[FILTER_BYTES / sizeof(struct sock_filter)];
};

int sandbox_filter_new(struct sandbox_filter **out)
{
	struct sandbox_filter *made = calloc(1, sizeof(*made));
	scmp_filter_ctx filter = NULL;
	int ends[2] = {-1, -1};
	ssize_t len = 0;
	*out = NULL;
	/* Libraries before 2.6 write it to a descriptor alone. */
	if (made != NULL && pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0 && open_filter(&filter) &&
	    seccomp_export_bpf(filter, ends[1]) == 0)
		len = read(ends[0], made->code, sizeof(made->code));
	seccomp_release(filter);
	for (size_t i = 0; i < 2; i++)
		if (ends[i] >= 0)
			close(ends[i]);
	/* One that fills the room may be cut off. */
	if (len <= 0 || (size_t)len >= sizeof(made->code) ||
	    (size_t)len % sizeof(made->code[0]) != 0) {
		sandbox_filter_free(made);
		return RESULT_CONFINE;
	}
	made->program.len = (unsigned short)((size_t)len / sizeof(made->code[0]));
	made->program.filter = made->code;
	*out = made;
	return 0;
}

void sandbox_filter_free(struct sandbox_filter *filter)
{
	free(filter);
}

static bool load_filter(const struct sandbox_filter *made)
{
	scmp_filter_ctx filter = NULL;
	if (made != NULL)
		return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &made->program) == 0;
	bool is_loaded = open_filter(&filter) && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return is_loaded;
}

static int close_calls(const struct sandbox_filter *made, struct reason *reason)
{
	if (load_filter(made))
		return 0;
	return reason_set(
	    reason, RESULT_CONFINE, "seccomp: this kernel does not take the filter");
}

#define ABI_WITH_PORTS 4 /* the first that knows TCP ports, Linux 6.7 */

#define CREATE_RULESET_VERSION 1u
#define RULE_PATH_BENEATH 1
#define RULE_NET_PORT 2

#define FS_READ_FILE (1ull << 2)
#define FS_ABI_1 ((1ull << 13) - 1) /* execute, read, write, make, remove */
#define FS_REFER (1ull << 13) /* ABI 2 */
#define FS_TRUNCATE (1ull << 14) /* ABI 3 */
#define FS_IOCTL_DEV (1ull << 15) /* ABI 5 */
#define NET_BIND_TCP (1ull << 0) /* ABI 4 */
#define NET_CONNECT_TCP (1ull << 1) /* ABI 4 */
#define SCOPE_ABSTRACT_UNIX_SOCKET (1ull << 0) /* ABI 6 */
#define SCOPE_SIGNAL (1ull << 1) /* ABI 6 */

struct ruleset {
	uint64_t fs, net, scoped;
};
struct path_rule {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));
struct port_rule {
	uint64_t allowed, port;
};

static bool allow_file(int ruleset, int directory, const char *name)
{
	/* Follows a link to its file; a link that leads nowhere cannot be read anyway. */
	int fd = openat(directory, name, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return true;
	const struct path_rule rule = {.allowed = FS_READ_FILE, .fd = fd};
	long r = syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0);
	close(fd);
	return r == 0;
}

/* "5ad8a5d6.0": the only names that OpenSSL looks for in such a directory. */
static bool is_hash_name(const char *name)
{
	return strspn(name, "0123456789abcdef") == 8 && name[8] == '.' &&
	       isdigit((unsigned char)name[9]);
}

/* The links of /etc/ssl/certs lead to other directories, which hold more than certificates:
 * so every file gets its rule. 150 of them take 1 ms, while the user types. */
static bool allow_directory(int ruleset, const char *path)
{
	DIR *directory = opendir(path);
	bool is_good = true;
	/* TLS will report that no authority is known. */
	if (directory == NULL)
		return true;
	for (struct dirent *e = readdir(directory); is_good && e != NULL;
	     e = readdir(directory))
		if (is_hash_name(e->d_name))
			is_good = allow_file(ruleset, dirfd(directory), e->d_name);
	closedir(directory);
	return is_good;
}

static bool allow_ports(int ruleset, const struct sandbox *s)
{
	for (size_t i = 0; i < s->ports_len; i++) {
		const struct port_rule rule = {.allowed = NET_CONNECT_TCP, .port = s->ports[i]};
		if (syscall(SYS_landlock_add_rule, ruleset, RULE_NET_PORT, &rule, 0) != 0)
			return false;
	}
	return true;
}

/* Returns what failed, or NULL. */
static const char *apply_rules(int ruleset, const struct sandbox *s)
{
	if (ruleset < 0)
		return "Landlock: no rule set";
	if (s->ca_file != NULL && !allow_file(ruleset, AT_FDCWD, s->ca_file))
		return "Landlock: ca_file";
	if (s->ca_path != NULL && !allow_directory(ruleset, s->ca_path))
		return "Landlock: ca_path";
	if (s->landlock_abi >= ABI_WITH_PORTS && !allow_ports(ruleset, s))
		return "Landlock: ports";
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		return "Landlock: cannot be applied";
	return NULL;
}

static int close_landlock(struct sandbox *s, struct reason *reason)
{
	/* ENOSYS: too old; EOPNOTSUPP: switched off; EPERM: a container's filter. */
	long found = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
	int abi = s->landlock_abi = found > 0 ? (int)found : 0;
	if (abi == 0)
		return 0;
	/* Everything that no rule allows is refused. */
	const struct ruleset all = {
	    .fs = FS_ABI_1 | (abi >= 2 ? FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0) |
		  (abi >= 5 ? FS_IOCTL_DEV : 0),
	    .net = abi >= ABI_WITH_PORTS ? NET_BIND_TCP | NET_CONNECT_TCP : 0,
	    .scoped = abi >= 6 ? SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL : 0,
	};
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);
	const char *failed = apply_rules(ruleset, s);
	if (ruleset >= 0)
		close(ruleset);
	return failed == NULL ? 0 : reason_set(reason, RESULT_CONFINE, "%s", failed);
}

static bool is_kept(const struct sandbox *s, int fd)
{
	for (size_t i = 0; i < s->kept_len; i++)
		if (s->kept[i] == fd)
			return true;
	return false;
}

void sandbox_keep(struct sandbox *s, int fd)
{
	if (!is_kept(s, fd) && s->kept_len < SANDBOX_KEPT_MAX)
		s->kept[s->kept_len++] = fd;
}

/* NSS modules may have left connections to daemons that are not confined. Kernels before 5.9 do
 * not have close_range(); then the limit on descriptors is the end. */
static void close_others(const struct sandbox *s)
{
	int first = 3;
	for (int fd = 3; fd < CONFINE_FILES_MAX; fd++)
		if (is_kept(s, fd)) {
			if (fd > first)
				syscall(SYS_close_range, first, fd - 1, 0);
			first = fd + 1;
		}
	if (syscall(SYS_close_range, first, UINT_MAX, 0) == 0)
		return;
	for (int fd = 3; fd < CONFINE_FILES_MAX; fd++)
		if (!is_kept(s, fd))
			close(fd);
}

int sandbox_close(struct sandbox *s, struct reason *reason)
{
	if (s->is_closed || paths.sanitized)
		return 0;
	/* Now, because OpenSSL's certificate times would make libc read it later. */
	tzset();
	close_others(s);
	int r = close_landlock(s, reason);
	if (r == 0)
		r = close_calls(s->filter, reason);
	s->is_closed = r == 0;
	return r;
}

bool sandbox_is_whole(const struct sandbox *s)
{
	return s->is_closed && s->landlock_abi >= ABI_WITH_PORTS;
}

const char *sandbox_describe(const struct sandbox *s, char *out, size_t size)
{
	if (!s->is_closed)
		return "sandbox: open";
	if (s->landlock_abi == 0)
		return "sandbox: seccomp alone: this kernel has no Landlock, or it is switched "
		       "off; what the helper's user may read, the helper may";
	snprintf(out, size, "sandbox: Landlock ABI %d and seccomp%s", s->landlock_abi,
	    s->landlock_abi >= ABI_WITH_PORTS ? "" : "; this kernel does not limit TCP ports");
	return out;
}
