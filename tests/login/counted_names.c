/* SPDX-License-Identifier: MIT
 *
 * Linked with --wrap=getaddrinfo into a helper of the tests: each name that is looked up is
 * told in a LOG line, and has no address. What leaves by exit() leaves with 3.
 */
#include <netdb.h>
#include <stdio.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/message.h"

int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
    struct addrinfo **found);

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
