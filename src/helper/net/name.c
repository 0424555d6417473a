/* SPDX-License-Identifier: MIT */
#include "helper/net/name.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/text.h"
#include "helper/confine.h"

#define ADDRESSES_MAX 8 /* Amazon answers with at most 8 */

static void append_address(const struct addrinfo *a, struct buffer *entry)
{
	char text[INET6_ADDRSTRLEN];
	const char *comma = buffer_text(entry)[entry->len - 1] == ':' ? "" : ",";
	if (getnameinfo(
		a->ai_addr, a->ai_addrlen, text, sizeof(text), NULL, 0, NI_NUMERICHOST) != 0)
		return;
	buffer_append_format(entry, a->ai_family == AF_INET6 ? "%s[%s]" : "%s%s", comma, text);
}

void name_resolve(struct name *n)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
	struct addrinfo *found = NULL;
	struct buffer entry = BUFFER_INIT(sizeof(n->answer.entry) - 1);
	int count = 0, e = getaddrinfo(n->host, n->port, &hints, &found);
	buffer_append_format(&entry, "%s:%s:", n->host, n->port);
	size_t start = entry.len;
	for (struct addrinfo *a = found; e == 0 && a != NULL && count < ADDRESSES_MAX;
	     a = a->ai_next, count++)
		append_address(a, &entry);
	bool is_found = e == 0 && entry.error == 0 && entry.len > start;
	n->answer = (struct name_answer){.error = e == 0 && !is_found ? EAI_NONAME : e};
	if (is_found)
		memcpy(n->answer.entry, entry.bytes, entry.len);
	n->state = is_found ? NAME_FOUND : NAME_UNKNOWN;
	if (e == 0)
		freeaddrinfo(found);
	buffer_wipe(&entry);
}

static void answer(struct name *n, int fd, pid_t parent)
{
	close(MODULE_SOCKET);
	/* A fork does not inherit the wish to die with the parent. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		return;
	name_resolve(n);
	/* Less than PIPE_BUF: whole or not at all. */
	if (write(fd, &n->answer, sizeof(n->answer)) < 0)
		return;
}

bool name_start(struct name *n)
{
	int ends[2];
	pid_t self = getpid();
	/* Nobody waits for the process. */
	signal(SIGCHLD, SIG_IGN);
	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	pid_t pid = fork();
	if (pid == 0) {
		answer(n, ends[1], self);
		_exit(0);
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return false;
	}
	n->fd = ends[0];
	n->state = NAME_ASKED;
	return true;
}

void name_await(struct name *n, int64_t deadline, int64_t *lost)
{
	struct pollfd p = {.fd = n->fd, .events = POLLIN};
	int left = 0, ready = 0;
	do {
		struct clock_moment before = clock_moment();
		left = clock_left(deadline);
		int nap = clock_nap(left);
		ready = poll(&p, 1, nap);
		*lost += clock_lost(&before, nap);
	} while (ready <= 0 && left > 0);
	if (ready <= 0)
		return;
	bool is_whole = read(n->fd, &n->answer, sizeof(n->answer)) == sizeof(n->answer);
	if (!is_whole)
		n->answer = (struct name_answer){.error = EAI_AGAIN};
	n->answer.entry[sizeof(n->answer.entry) - 1] = '\0';
	n->state = n->answer.entry[0] != '\0' ? NAME_FOUND : NAME_UNKNOWN;
	close(n->fd);
}

/* ---- all of them ----------------------------------------------------------------------- */

/* No resolver is to be asked for it (RFC 6761 section 6.3), and a small system has no
 * /etc/hosts. libcurl knows these addresses from 7.78 on. */
static void know_localhost(struct name *n, const char *port)
{
	snprintf(
	    n->answer.entry, sizeof(n->answer.entry), "localhost:%s:127.0.0.1,[::1]", port);
	n->state = NAME_FOUND;
}

struct name *names_add(struct names *all, const struct name *n)
{
	for (size_t i = 0; i < all->len; i++)
		if (streq(all->items[i].host, n->host) && streq(all->items[i].port, n->port))
			return &all->items[i];
	if (all->len == NAMES_MAX)
		return NULL;
	all->items[all->len] = *n;
	if (streq(n->host, "localhost"))
		know_localhost(&all->items[all->len], n->port);
	return &all->items[all->len++];
}

void names_look_up(struct names *all)
{
	struct name *own = NULL;
	for (size_t i = 0; i < all->len; i++)
		if (all->items[i].is_needed && all->items[i].state == NAME_NEW)
			own = &all->items[i];
	for (size_t i = 0; i < all->len; i++) {
		struct name *n = &all->items[i];
		if (n != own && n->state == NAME_NEW && !name_start(n))
			name_resolve(n);
	}
	if (own != NULL)
		name_resolve(own);
}
