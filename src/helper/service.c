/* SPDX-License-Identifier: MIT
 *
 * The parent of all helpers that serve warm. It reads nothing, keeps nothing of a login, and
 * never calls listen(): the credentials that the module checks are those of who did, systemd.
 */
#include "helper/service.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/paths.h"
#include "common/reason.h"
#include "helper/confine.h"
#include "helper/net/http.h"
#include "helper/rehearsal.h"

#define LISTENING 3 /* sd_listen_fds(3) */
#define FILES_MOST 64 /* libcurl brings some thirty libraries */
#define ACCEPT_PAUSE_MS 100 /* a host without descriptors is asked ten times a second */
#define GREETED_MOST 256 /* as many as SERVICE_CROWD lets in */

/* A file that was mapped at the start, and which one it was. */
struct mapped {
	char path[PATH_MAX];
	dev_t device;
	ino_t inode;
};

struct service {
	int (*talk)(const struct rehearsal *);
	struct rehearsal rehearsal;
	int null; /* /dev/null, for the children */
	int signals; /* says that a child has ended */
	int64_t started, idle_since; /* clock_boot_ms() */
	unsigned forked, children;
	int greeted[GREETED_MOST]; /* connections that wait for their child, the first first */
	unsigned greeted_len;
	bool is_replaced; /* there is another version of its files */
	bool is_over; /* a child died by a signal */
	bool is_child; /* this is one, and has done its work */
	int status; /* of the program */
	struct mapped files[FILES_MOST];
	size_t files_len;
};

/* ---- what is loaded -------------------------------------------------------------------- */

static int note_file(struct dl_phdr_info *object, size_t size, void *arg)
{
	struct service *s = arg;
	struct mapped *file = &s->files[s->files_len];
	struct stat st;
	ssize_t len = 0;
	(void)size;
	if (s->files_len == FILES_MOST)
		return 0;
	/* The program itself has no name here, and the kernel's object no file. */
	if (object->dlpi_name[0] == '\0')
		len = readlink("/proc/self/exe", file->path, sizeof(file->path) - 1);
	else
		len = snprintf(file->path, sizeof(file->path), "%s", object->dlpi_name);
	if (len <= 0 || (size_t)len >= sizeof(file->path) || file->path[0] != '/')
		return 0;
	file->path[len] = '\0';
	if (stat(file->path, &st) != 0)
		return 0;
	file->device = st.st_dev;
	file->inode = st.st_ino;
	s->files_len++;
	return 0;
}

/* Is there another version of what this process is made of? The old files cannot have their
 * numbers taken: they are in use. */
static bool is_replaced(const struct service *s)
{
	struct stat st;
	for (size_t i = 0; i < s->files_len; i++)
		if (stat(s->files[i].path, &st) != 0 || st.st_dev != s->files[i].device ||
		    st.st_ino != s->files[i].inode)
			return true;
	return false;
}

/* ---- children -------------------------------------------------------------------------- */

/* Its first act is to lose everything but its connection: with the listening socket, a child
 * that was taken over could serve the next login. */
static void become_child(struct service *s, int connection)
{
	sigset_t none;
	sigemptyset(&none);
	bool is_alone = dup2(connection, MODULE_SOCKET) == MODULE_SOCKET &&
			dup2(s->null, 1) == 1 && dup2(s->null, 2) == 2 &&
			syscall(SYS_close_range, 3, UINT_MAX, 0) == 0;
	for (int fd = 3; !is_alone && fd < 1024; fd++)
		close(fd);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	s->status = s->talk(&s->rehearsal);
	s->is_child = true;
}

static void reap(struct service *s)
{
	struct signalfd_siginfo ignored;
	int status = 0;
	while (read(s->signals, &ignored, sizeof(ignored)) > 0)
		;
	while (waitpid(-1, &status, WNOHANG) > 0) {
		s->children--;
		if (!WIFSIGNALED(status))
			continue;
		/* Whoever made it crash has learnt where things are. */
		fprintf(stderr, "<4>A login's helper ended by signal %d: starting anew.\n",
		    WTERMSIG(status));
		s->is_over = true;
	}
	if (s->children == 0)
		s->idle_since = clock_boot_ms();
}

static bool is_module(int connection)
{
	struct ucred peer = {0, (uid_t)-1, (gid_t)-1};
	socklen_t len = sizeof(peer);
	return getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	       peer.uid == paths.trusted_uid;
}

/* Accepts and greets one connection. Returns false if accept4() fails, for example because the
 * host has no descriptor left. */
static bool greet_one(struct service *s)
{
	int connection = accept4(LISTENING, NULL, NULL, SOCK_CLOEXEC);
	if (connection < 0)
		return false;
	/* A socket that nobody serves takes connections all the same. The byte says that
	 * somebody does; without it the module starts a helper of its own. */
	if (is_module(connection) && s->children + s->greeted_len < paths.service_crowd &&
	    send(connection, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1)
		s->greeted[s->greeted_len++] = connection;
	else
		close(connection);
	return true;
}

static void fork_first(struct service *s)
{
	int connection = s->greeted[0];
	pid_t pid = fork();
	if (pid == 0) {
		become_child(s, connection);
		return;
	}
	if (pid > 0) {
		s->forked++;
		s->children++;
	}
	close(connection);
	s->greeted_len--;
	memmove(s->greeted, s->greeted + 1, s->greeted_len * sizeof(s->greeted[0]));
}

/* ---- the service ----------------------------------------------------------------------- */

/* Milliseconds until it is too old, or too long without work. */
static int64_t time_left(const struct service *s)
{
	int64_t end = s->started + (int64_t)paths.service_age * 1000;
	int64_t idle = s->idle_since + (int64_t)paths.service_idle * 1000;
	if (s->children == 0 && idle < end)
		end = idle;
	return end - clock_boot_ms();
}

static bool is_at_end(const struct service *s)
{
	return s->is_replaced || s->forked + s->greeted_len >= paths.service_children ||
	       time_left(s) <= 0;
}

/* Everybody who waits is greeted before the next fork: in a crowd the children have the
 * processors, and a turn of this process comes seldom. Who cannot be accepted stays in the
 * backlog, and poll() says so at once: hence the pause. */
static void greet_all(struct service *s)
{
	struct pollfd listening = {.fd = LISTENING, .events = POLLIN};
	s->is_replaced = is_replaced(s);
	while (!is_at_end(s) && s->greeted_len < GREETED_MOST && poll(&listening, 1, 0) == 1)
		if (!greet_one(s)) {
			poll(NULL, 0, ACCEPT_PAUSE_MS);
			return;
		}
}

/* Children go on without it; what connects meanwhile waits for the next one. */
static void serve(struct service *s)
{
	while (!s->is_over && !s->is_child && (s->greeted_len > 0 || !is_at_end(s))) {
		struct pollfd fds[] = {
		    {.fd = LISTENING, .events = POLLIN}, {.fd = s->signals, .events = POLLIN}};
		int64_t left = s->greeted_len > 0 ? 0 : time_left(s);
		if (poll(fds, 2, left > 0 ? (int)left : 0) < 0 && errno != EINTR)
			return;
		if (fds[1].revents != 0)
			reap(s);
		if (fds[0].revents != 0 && !s->is_over && !is_at_end(s))
			greet_all(s);
		if (s->greeted_len > 0 && !s->is_over)
			fork_first(s);
	}
}

static bool is_listening(void)
{
	int value = 0;
	socklen_t len = sizeof(value);
	return getsockopt(LISTENING, SOL_SOCKET, SO_ACCEPTCONN, &value, &len) == 0 &&
	       value == 1;
}

int service_run(int (*talk)(const struct rehearsal *))
{
	static struct service s;
	struct reason reason = {.detail = ""};
	sigset_t ended;
	if (!is_listening()) {
		fputs("Descriptor 3 is no listening socket: systemd starts this service.\n",
		    stderr);
		return 2;
	}
	if (confine_service(&reason) != 0) {
		fprintf(stderr, "<3>%s\n", reason.detail);
		return 1;
	}
	sigemptyset(&ended);
	sigaddset(&ended, SIGCHLD);
	sigprocmask(SIG_BLOCK, &ended, NULL);
	s.signals = signalfd(-1, &ended, SFD_CLOEXEC | SFD_NONBLOCK);
	s.null = open("/dev/null", O_RDWR | O_CLOEXEC);
	s.talk = talk;
	s.started = s.idle_since = clock_boot_ms();
	if (s.signals < 0 || s.null < 0 || !http_load())
		return 1;
	/* Without it a login is slower, no more. */
	if (!rehearsal_run(&s.rehearsal))
		fputs("<4>The rehearsal failed: each login takes longer.\n", stderr);
	dl_iterate_phdr(note_file, &s);
	serve(&s);
	return s.status;
}
