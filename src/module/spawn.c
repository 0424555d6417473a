/* SPDX-License-Identifier: MIT */
#include "module/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/paths.h"
#include "common/reason.h"
#include "common/result.h"

/* The helper's last act is to leave; freeing its libraries takes it 2 ms. Under a sanitizer
 * or valgrind it looks for leaks first. */
#define LEAVE_MS (paths.sanitized ? 10000 : 500)
/* A killed process ends when the kernel lets it; on a loaded host that takes a moment. */
#define KILL_MS 5000

/* Headers before glibc 2.36 lack it; the kernel has it since 5.4. */
#ifndef P_PIDFD
#define P_PIDFD 3
#endif

/* A helper that others may replace is no helper. */
static bool is_trusted(const char *path)
{
	struct stat st;
	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	return st.st_uid == paths.trusted_uid && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* A socket pair outside 0-2, which a host may have closed: dup2() onto 0 in the child must
 * not meet itself, and what the host opens next must not become its stdin. */
static bool socket_pair(int fds[2])
{
	int raw[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, raw) != 0)
		return false;
	for (int i = 0; i < 2; i++)
		fds[i] = fcntl(raw[i], F_DUPFD_CLOEXEC, 3);
	close(raw[0]);
	close(raw[1]);
	if (fds[0] >= 0 && fds[1] >= 0)
		return true;
	for (int i = 0; i < 2; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return false;
}

static bool prepare_files(posix_spawn_file_actions_t *actions, int fd)
{
	return posix_spawn_file_actions_adddup2(actions, fd, 0) == 0 &&
	       posix_spawn_file_actions_addopen(actions, 1, "/dev/null", O_WRONLY, 0) == 0 &&
	       posix_spawn_file_actions_addopen(actions, 2, "/dev/null", O_WRONLY, 0) == 0 &&
	       posix_spawn_file_actions_addclosefrom_np(actions, 3) == 0;
}

static bool prepare_signals(posix_spawnattr_t *attr)
{
	const short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID;
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	return posix_spawnattr_setsigmask(attr, &none) == 0 &&
	       posix_spawnattr_setsigdefault(attr, &all) == 0 &&
	       posix_spawnattr_setflags(attr, flags) == 0;
}

/* posix_spawn() shares the host's memory until exec, as vfork() does: no copy of a large
 * host, and nothing between the two that a threaded host could deadlock on. */
static bool launch(int fd, pid_t *pid)
{
	char name[] = "pam_cognito_oidc-helper";
	char path[] = "PATH=/usr/bin:/bin", locale[] = "LC_ALL=C";
	char *const argv[] = {name, NULL}, *const envp[] = {path, locale, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	if (posix_spawn_file_actions_init(&actions) != 0)
		return false;
	if (posix_spawnattr_init(&attr) != 0) {
		posix_spawn_file_actions_destroy(&actions);
		return false;
	}
	bool done = prepare_files(&actions, fd) && prepare_signals(&attr) &&
		    posix_spawn(pid, paths.helper, &actions, &attr, argv, envp) == 0;
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return done;
}

/* A pidfd for the child that was just started. Without one - the host has too many files open -
 * it ends by the end of its socket, and is reaped by its pid, but never killed by it.
 *
 * A host that ignores SIGCHLD has its children reaped at once, and whoever started it can
 * stop it here until another process has the pid: a set-uid host would then kill that one.
 * So the pidfd is ours only if it is a child's, and a child it stays: from here on the
 * kernel lets nobody else have it. */
static void open_child(pid_t pid, struct helper *h)
{
	siginfo_t state;
	h->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (h->pidfd < 0) {
		h->pid = errno != ESRCH ? pid : -1;
	} else if (waitid((idtype_t)P_PIDFD, (id_t)h->pidfd, &state,
		       WEXITED | WNOHANG | WNOWAIT) == 0 ||
		   errno != ECHILD) {
		h->pid = pid;
	} else {
		close(h->pidfd);
		h->pidfd = -1;
	}
}

int spawn_start(struct helper *h, struct reason *reason)
{
	int fds[2];
	pid_t pid = -1;
	*h = helper_none;
	if (!is_trusted(paths.helper))
		return reason_set(reason, RESULT_HELPER_START,
		    "%s: missing, or writable by someone other than root", paths.helper);
	if (!socket_pair(fds))
		return reason_set(reason, RESULT_HELPER_START, "no socket pair");
	bool launched = launch(fds[1], &pid);
	close(fds[1]);
	if (!launched) {
		close(fds[0]);
		return reason_set(
		    reason, RESULT_HELPER_START, "%s: cannot be executed", paths.helper);
	}
	h->fd = fds[0];
	open_child(pid, h);
	return 0;
}

static void await_end(const struct helper *h, int ms)
{
	int64_t deadline = clock_ms() + ms;
	struct pollfd p = {.fd = h->pidfd, .events = POLLIN};
	while (clock_left(deadline) > 0 && poll(&p, 1, clock_left(deadline)) <= 0)
		;
}

/* Killed is not yet reaped: a process that is traced, or that a loaded host lets wait, ends
 * a moment later. One that is stuck in the kernel (a dead network file system) does not
 * hold the host. */
static void kill_and_reap(const struct helper *h)
{
	siginfo_t gone = {.si_pid = 0};
	int64_t deadline = clock_ms() + KILL_MS;
	bool is_watched = h->pidfd >= 0;
	idtype_t type = is_watched ? (idtype_t)P_PIDFD : P_PID;
	int r = 0;
	if (is_watched)
		syscall(SYS_pidfd_send_signal, h->pidfd, SIGKILL, NULL, 0);
	while ((r == 0 || errno == EINTR) && gone.si_pid == 0 && clock_left(deadline) > 0) {
		if (is_watched)
			await_end(h, 100);
		r = waitid(
		    type, (id_t)(is_watched ? h->pidfd : h->pid), &gone, WEXITED | WNOHANG);
		/* A traced process has ended, and yet is not ours to reap. */
		if (r == 0 && gone.si_pid == 0)
			poll(NULL, 0, 2);
	}
	if (is_watched)
		close(h->pidfd);
}

void spawn_end(struct helper *h, bool finished)
{
	if (h->fd < 0)
		return;
	close(h->fd);
	if (h->pidfd >= 0 && finished)
		await_end(h, LEAVE_MS);
	if (h->pid >= 0)
		kill_and_reap(h);
	*h = helper_none;
}
