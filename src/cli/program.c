/* SPDX-License-Identifier: MIT
 *
 * posix_spawn() and two pipes, which are read until both end or the time is up. What exceeds a
 * buffer is read and dropped: a program that blocks on a full pipe would never exit.
 */
#include "cli/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/reason.h"

#define PROGRAM_MS 10000 /* sshd -T takes 20 ms */
#define PROGRAM_LONG_MS 900000

/* What a kind of program is given. */
struct terms {
	char *const *environment;
	int ms;
};

/* Owned by root in every build: it is the system's program, not ours. */
static bool is_trusted(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == 0 &&
	       (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static bool launch(char *const argv[], char *const envp[], int out, int err, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	if (posix_spawn_file_actions_init(&actions) != 0)
		return false;
	bool good =
	    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0) == 0 &&
	    posix_spawn_file_actions_adddup2(&actions, out, 1) == 0 &&
	    posix_spawn_file_actions_adddup2(&actions, err, 2) == 0 &&
	    posix_spawn_file_actions_addclosefrom_np(&actions, 3) == 0 &&
	    posix_spawn(pid, argv[0], &actions, NULL, argv, envp) == 0;
	posix_spawn_file_actions_destroy(&actions);
	return good;
}

/* One chunk of a pipe; what does not fit is read and dropped. False at its end. */
static bool drain(int fd, struct buffer *into)
{
	char chunk[4096];
	ssize_t n = read(fd, chunk, sizeof(chunk));
	if (n > 0)
		buffer_append(into, chunk, (size_t)n);
	return n > 0 || (n < 0 && errno == EINTR);
}

/* Both pipes to their ends. False when the time is up; the program is then killed. */
static bool collect(int out_fd, int err_fd, int ms, struct buffer *out, struct buffer *err)
{
	int64_t deadline = clock_ms() + ms;
	struct pollfd fds[2] = {
	    {.fd = out_fd, .events = POLLIN}, {.fd = err_fd, .events = POLLIN}};
	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		if (clock_left(deadline) == 0)
			return false;
		if (poll(fds, 2, clock_left(deadline)) <= 0)
			continue;
		for (int i = 0; i < 2; i++)
			if (fds[i].revents != 0 && !drain(fds[i].fd, i == 0 ? out : err))
				fds[i].fd = -1;
	}
	return true;
}

/* Reaps the program. Its exit status, or -1 if it did not exit by itself. */
static int await_exit(pid_t pid, bool in_time)
{
	int status = 0;
	pid_t gone;
	/* Not reaped yet, so the pid is still its own. */
	if (!in_time)
		kill(pid, SIGKILL);
	do
		gone = waitpid(pid, &status, 0);
	while (gone < 0 && errno == EINTR);
	return in_time && gone == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The exit status, or -1. */
static int run(
    char *const argv[], const struct terms *terms, struct buffer *out, struct buffer *err)
{
	int status = -1,
	    fds[] = {-1, -1, -1, -1}; /* two pipes, each with its reading end first */
	pid_t pid = -1;
	if (pipe2(fds, O_CLOEXEC) == 0 && pipe2(fds + 2, O_CLOEXEC) == 0 &&
	    launch(argv, terms->environment, fds[1], fds[3], &pid)) {
		/* Our own writing ends would keep the pipes from ending. */
		close(fds[1]);
		close(fds[3]);
		fds[1] = fds[3] = -1;
		status = await_exit(pid, collect(fds[0], fds[2], terms->ms, out, err));
	}
	for (int i = 0; i < 4; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return status;
}

static int run_on(
    char *const argv[], const struct terms *terms, struct buffer *out, struct reason *reason)
{
	struct buffer err = BUFFER_INIT(4096);
	reason_clear(reason);
	if (!is_trusted(argv[0]))
		return reason_set(
		    reason, -1, "missing, or writable by someone other than root");
	/* If our caller ignored it, the kernel would reap the child before we can. */
	signal(SIGCHLD, SIG_DFL);
	int status = run(argv, terms, out, &err);
	/* aws(1) begins with an empty line. */
	const char *line = buffer_text(&err) + strspn(buffer_text(&err), "\r\n ");
	int len = (int)strcspn(line, "\r\n");
	if (len > 0)
		reason_set(reason, 0, "%.*s", len, line);
	else if (status < 0)
		reason_set(reason, 0, "could not be run, or took too long");
	buffer_wipe(&err);
	return status;
}

int program_run(char *const argv[], struct buffer *out, struct reason *reason)
{
	char *const nothing[] = {NULL};
	const struct terms terms = {nothing, PROGRAM_MS};
	return run_on(argv, &terms, out, reason);
}

int program_run_long(
    char *const argv[], char *variable, struct buffer *out, struct reason *reason)
{
	char path[] = "PATH=/usr/local/bin:/usr/bin:/bin", home[] = "HOME=/root";
	char *const some[] = {path, home, variable, NULL};
	const struct terms terms = {some, PROGRAM_LONG_MS};
	return run_on(argv, &terms, out, reason);
}
