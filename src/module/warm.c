/* SPDX-License-Identifier: MIT */
#include "module/warm.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/frame.h"
#include "common/message.h"
#include "common/paths.h"
#include "common/text.h"
#include "module/spawn.h"

/* A service that has to be loaded first is there in 50 ms. One that was stopped, or has no
 * room, costs a login no more than this. */
#define ACCEPT_MS 300
#define HELLO_MS 2000

static bool is_private(const char *path, mode_t type)
{
	struct stat st;
	return lstat(path, &st) == 0 && (st.st_mode & S_IFMT) == type &&
	       st.st_uid == paths.trusted_uid && (st.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

/* Only root can have put it there, and only root can reach it. */
static bool is_trusted(const struct sockaddr_un *at)
{
	char folder[sizeof(at->sun_path)];
	snprintf(folder, sizeof(folder), "%s", at->sun_path);
	char *slash = strrchr(folder, '/');
	if (slash == NULL)
		return false;
	*slash = '\0';
	return is_private(folder, S_IFDIR) && is_private(at->sun_path, S_IFSOCK);
}

/* Waits until fd has something to read, at most so many milliseconds in which this process
 * could run. */
static bool await(int fd, int ms, int64_t deadline, int64_t *lost)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	for (int waited = 0; waited < ms && clock_left(deadline) > 0;) {
		struct clock_moment before = clock_moment();
		int nap = clock_nap(ms - waited);
		int ready = poll(&p, 1, nap);
		int64_t passed = clock_ms() - before.wall;
		*lost += clock_lost(&before, nap);
		if (ready > 0)
			return true;
		waited += passed < nap ? (int)passed : nap;
	}
	return poll(&p, 1, 0) > 0;
}

/* The credentials are those of who called listen(): systemd. */
static const char *shake_hands(int fd, int64_t deadline, int64_t *lost)
{
	struct ucred peer = {0, (uid_t)-1, (gid_t)-1};
	socklen_t len = sizeof(peer);
	char byte = 0;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 ||
	    peer.uid != paths.trusted_uid)
		return "its socket is not root's";
	if (!await(fd, ACCEPT_MS, deadline, lost))
		return "it does not answer";
	return recv(fd, &byte, 1, MSG_DONTWAIT) == 1 ? NULL : "it refuses the connection";
}

static const char *hear_hello(int fd, struct buffer *in, int64_t deadline, int64_t *lost)
{
	struct frame f;
	if (!await(fd, HELLO_MS, deadline, lost) ||
	    frame_receive(fd, in, &f, clock_ms() + HELLO_MS) != 0)
		return "it says nothing";
	if (f.type == FRAME_RESULT)
		return "it cannot confine itself";
	if (f.type != FRAME_HELLO)
		return "it breaks the protocol";
	if (!streq(frame_text(&f, HELLO_VERSION, 8), MESSAGE_VERSION) ||
	    !streq(frame_text(&f, HELLO_BUILD, HELLO_MAX), paths.build_id))
		return "it is of another version";
	if (!streq(frame_text(&f, HELLO_SANDBOX, HELLO_MAX), HELLO_CONFINED))
		return "it is not confined";
	return NULL;
}

const char *warm_connect(struct helper *h, struct buffer *in, int64_t deadline, int64_t *lost)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	struct stat st;
	*h = helper_none;
	int len = snprintf(at.sun_path, sizeof(at.sun_path), "%s", paths.warm_socket);
	if (len < 0 || (size_t)len >= sizeof(at.sun_path) ||
	    (lstat(at.sun_path, &st) != 0 && (errno == ENOENT || errno == ENOTDIR)))
		return "";
	if (!is_trusted(&at))
		return "others than root could reach its socket";
	int raw = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* Not 0 to 2: a host may have closed these, and opens them later. */
	int fd = raw >= 0 ? fcntl(raw, F_DUPFD_CLOEXEC, 3) : -1;
	if (raw >= 0)
		close(raw);
	if (fd < 0)
		return "no socket";
	const char *why = NULL;
	/* EAGAIN: its queue is full. */
	if (connect(fd, (const struct sockaddr *)&at, sizeof(at)) != 0)
		why = errno == EAGAIN ? "too many wait for it" : "nobody listens";
	if (why == NULL)
		why = shake_hands(fd, deadline, lost);
	if (why == NULL)
		why = hear_hello(fd, in, deadline, lost);
	if (why == NULL)
		h->fd = fd;
	else
		close(fd);
	if (why != NULL)
		buffer_wipe(in);
	return why;
}
