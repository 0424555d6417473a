/* SPDX-License-Identifier: MIT
 *
 * Linked with --wrap=getaddrinfo,--wrap=fork into a helper of the tests: it looks up each
 * name itself, tells it in a LOG line, and finds no address. What leaves by exit() leaves
 * with 3.
 */
#include <netdb.h>
#include <stdio.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/message.h"

int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
    struct addrinfo **found);

pid_t __wrap_fork(void);

/* The kernel has no room for another process. */
pid_t __wrap_fork(void)
{
	return -1;
}

int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
    struct addrinfo **found)
{
	char text[300];
	const char *fields[] = {"warning", text};
	(void)service;
	(void)hints;
	(void)found;
	snprintf(text, sizeof(text), "looked up: %s", node);
	frame_send_texts(0, FRAME_LOG, fields, LOG_FIELDS, clock_ms() + 1000);
	return EAI_NONAME;
}

__attribute__((destructor)) static void tell_exit(void)
{
	_exit(3);
}
