/* SPDX-License-Identifier: MIT
 *
 * The helper, taken over: linked with --wrap=http_post, it makes its first request as ever and
 * then tries everything that an attacker would try from inside it. Each attempt is told as a
 * LOG line, "attempt NAME: ok" or the error's name, and the login goes on.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/message.h"
#include "helper/net/http.h"

#define CHANNEL 0
#define CLOSED_PORT 9 /* discard: not one of the configuration's */
#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

int __real_http_post(struct http *h, const char *url, const char *const *headers,
    struct http_body *body, struct http_answer *answer, struct reason *reason);
int __wrap_http_post(struct http *h, const char *url, const char *const *headers,
    struct http_body *body, struct http_answer *answer, struct reason *reason);

static void tell(const char *name, long result)
{
	char text[128];
	const char *fields[] = {"warning", text};
	snprintf(text, sizeof(text), "attempt %s: %s", name,
	    result >= 0 ? "ok" : strerrorname_np(errno));
	frame_send_texts(CHANNEL, FRAME_LOG, fields, LOG_FIELDS, clock_ms() + 1000);
}

static void start_programs(void)
{
	char *const argv[] = {(char[]){"true"}, NULL}, *const envp[] = {NULL};
	tell("execve", execve("/bin/true", argv, envp));
	tell("execveat", syscall(SYS_execveat, AT_FDCWD, "/bin/true", argv, envp, 0));
	/* A child that came to be must not go on with the login. */
	long child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (child == 0)
		_exit(0);
	tell("fork", child);
	struct clone_args args = {.exit_signal = SIGCHLD};
	child = syscall(SYS_clone3, &args, sizeof(args));
	if (child == 0)
		_exit(0);
	tell("clone3", child);
}

static void *wait_forever(void *arg)
{
	pause();
	return arg;
}

static void reach_processes(void)
{
	pid_t host = getppid();
	char byte = 0;
	struct iovec own = {&byte, 1}, other = {&byte, 1};
	pthread_t thread;
	/* SIGURG, which nobody misses, so that a success does no harm. */
	tell("kill the host", kill(host, SIGURG));
	tell("kill everybody", kill(-1, SIGURG));
	tell("tgkill", syscall(SYS_tgkill, getpid(), getpid(), SIGURG));
	tell("rt_sigqueueinfo", syscall(SYS_rt_sigqueueinfo, host, SIGURG, NULL));
	tell("ptrace", ptrace(PTRACE_SEIZE, host, NULL, NULL));
	tell("process_vm_readv", process_vm_readv(host, &own, 1, &other, 1, 0));
	tell("process_vm_writev", process_vm_writev(host, &own, 1, &other, 1, 0));
	tell("pidfd_open", syscall(SYS_pidfd_open, host, 0));
	int e = pthread_create(&thread, NULL, wait_forever, NULL);
	errno = e;
	tell("thread", e == 0 ? 0 : -1);
	tell("F_SETOWN", fcntl(CHANNEL, F_SETOWN, host));
}

/* The helpers of other logins, whose numbers are near; "ok" if one of them can be reached. */
static void reach_siblings(void)
{
	char byte = 0, name[64];
	struct iovec own = {&byte, 1}, other = {&byte, 1};
	struct {
		const char *name;
		long best;
		int error;
	} tried[] = {{"kill a sibling", -1, 0}, {"ptrace a sibling", -1, 0},
	    {"process_vm_readv of a sibling", -1, 0}, {"read a sibling's memory", -1, 0}};
	for (pid_t pid = getpid() - 200; pid < getpid() + 200; pid++) {
		if (pid == getpid() || pid < 2)
			continue;
		snprintf(name, sizeof(name), "/proc/%d/mem", pid);
		for (size_t i = 0; i < sizeof(tried) / sizeof(*tried); i++) {
			long result = i == 0   ? kill(pid, 0)
				      : i == 1 ? ptrace(PTRACE_SEIZE, pid, NULL, NULL)
				      : i == 2 ? process_vm_readv(pid, &own, 1, &other, 1, 0)
					       : open(name, O_RDONLY);
			if (result >= 0)
				tried[i].best = result;
			else if (errno != ENOENT) /* nobody has that number */
				tried[i].error = errno;
		}
	}
	for (size_t i = 0; i < sizeof(tried) / sizeof(*tried); i++) {
		errno = tried[i].error;
		tell(tried[i].name, tried[i].best);
	}
}

static void reach_files(void)
{
	struct stat st;
	tell("read /etc/passwd", open("/etc/passwd", O_RDONLY));
	tell("read /etc/shadow", open("/etc/shadow", O_RDONLY));
	tell("read /proc/self/mem", open("/proc/self/mem", O_RDONLY));
	tell("read /dev/null", open("/dev/null", O_RDONLY));
	tell("list /", open("/", O_RDONLY | O_DIRECTORY));
	tell("write /tmp", open("/tmp/pam_cognito_oidc-was-here", O_WRONLY | O_CREAT, 0600));
	tell("old open", syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR));
	tell("truncate", truncate("/tmp/pam_cognito_oidc-was-here", 0));
	tell("unlink", unlink("/tmp/pam_cognito_oidc-was-here"));
	tell("mkdir", mkdir("/tmp/pam_cognito_oidc-was-here", 0700));
	tell("chmod", chmod("/tmp/pam_cognito_oidc-was-here", 0777));
	tell("memfd", syscall(SYS_memfd_create, "x", 0));
	tell("stat is harmless", stat("/", &st));
}

static int socket_of(int family, int type, int protocol)
{
	int fd = socket(family, type, protocol);
	if (fd >= 0)
		close(fd);
	return fd;
}

static void reach_network(void)
{
	struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(CLOSED_PORT)};
	there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	const struct sockaddr *address = (const struct sockaddr *)&there;
	struct msghdr message = {.msg_name = &there, .msg_namelen = sizeof(there)};
	tell("unix socket", socket_of(AF_UNIX, SOCK_STREAM, 0));
	tell("netlink socket", socket_of(AF_NETLINK, SOCK_RAW, 0));
	tell("packet socket", socket_of(AF_PACKET, SOCK_RAW, 0));
	tell("raw socket", socket_of(AF_INET, SOCK_RAW, IPPROTO_ICMP));
	tell("udp socket", socket_of(AF_INET, SOCK_DGRAM, 0));
	tell("udp6 socket", socket_of(AF_INET6, SOCK_DGRAM, 0));
	tell("mptcp socket", socket_of(AF_INET, SOCK_STREAM, IPPROTO_MPTCP));
	tell("sctp socket", socket_of(AF_INET, SOCK_STREAM, IPPROTO_SCTP));
	int pair[2];
	tell("datagram socket pair", socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	tell("sequenced socket pair", socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
	tell("socket pair of another flag",
	    socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair));
	tell("vsock socket", socket_of(AF_VSOCK, SOCK_STREAM, 0));
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	tell("tcp socket is needed", fd);
	tell("connect to another port", connect(fd, address, sizeof(there)));
	tell("fast open", sendto(fd, "x", 1, MSG_FASTOPEN, address, sizeof(there)));
	tell("sendmsg", sendmsg(fd, &message, MSG_FASTOPEN));
	tell("bind", bind(fd, address, sizeof(there)));
	tell("listen", listen(fd, 1));
	/* Where the service has the socket on which it waits for the next login. */
	tell("accept", accept(3, NULL, NULL));
	close(fd);
}

static void reach_kernel(void)
{
	struct rlimit limit = {1024, 1024};
	char *page =
	    mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *code =
	    mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	tell("map code", code == MAP_FAILED ? -1 : 0);
	tell("make code", mprotect(page, 4096, PROT_READ | PROT_EXEC));
	tell("setuid", setuid(0));
	tell("setrlimit", setrlimit(RLIMIT_NOFILE, &limit));
	tell("dumpable", prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
	tell("unshare", unshare(CLONE_NEWUSER));
	tell("io_uring", syscall(SYS_io_uring_setup, 1, NULL));
	tell("bpf", syscall(SYS_bpf, 0, NULL, 0));
	tell("keyctl", syscall(SYS_keyctl, 0, 0, 0, 0, 0));
	tell("perf", syscall(SYS_perf_event_open, NULL, 0, 0, 0, 0));
	tell("mount", syscall(SYS_mount, "x", "/tmp", "tmpfs", 0, NULL));
	tell("setns", syscall(SYS_setns, CHANNEL, 0));
	tell("seccomp", syscall(SYS_seccomp, 0, 0, NULL));
	tell("ioctl", syscall(SYS_ioctl, CHANNEL, 0x5412 /* TIOCSTI */, "x"));
	munmap(page, 4096);
}

int __wrap_http_post(struct http *h, const char *url, const char *const *headers,
    struct http_body *body, struct http_answer *answer, struct reason *reason)
{
	static bool tried;
	int r = __real_http_post(h, url, headers, body, answer, reason);
	if (tried)
		return r;
	tried = true;
	for (int fd = 3; fd < 64; fd++)
		if (fcntl(fd, F_GETFD) >= 0 && fcntl(fd, F_GETFL) == O_RDONLY)
			tell("a file is open", 0);
	start_programs();
	reach_processes();
	reach_siblings();
	reach_files();
	reach_network();
	reach_kernel();
	return r;
}
