/* SPDX-License-Identifier: MIT
 *
 * The warm helper on a host that has no descriptor left. tests/warm/test_service.py has the
 * rest, with logins.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "helper/service.c"

static struct {
	int asked, paused; /* accept4(), and poll() for nothing but its time */
} host;

int __wrap_accept4(int, struct sockaddr *, socklen_t *, int);
int __wrap_accept4(int fd, struct sockaddr *peer, socklen_t *len, int flags)
{
	(void)fd, (void)peer, (void)len, (void)flags;
	host.asked++;
	errno = EMFILE;
	return -1;
}

/* Somebody is always in the queue. */
int __wrap_poll(struct pollfd *, nfds_t, int);
int __wrap_poll(struct pollfd *fds, nfds_t count, int ms)
{
	if (count == 0)
		host.paused += ms;
	else
		fds[0].revents = POLLIN;
	return count == 0 ? 0 : 1;
}

static void who_cannot_be_accepted_is_asked_for_again_after_a_pause(void **state)
{
	struct service s = {.started = clock_boot_ms(), .idle_since = clock_boot_ms()};
	(void)state;
	greet_all(&s);
	assert_int_equal(host.asked, 1);
	assert_int_equal(host.paused, ACCEPT_PAUSE_MS);
	assert_int_equal(s.greeted_len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(who_cannot_be_accepted_is_asked_for_again_after_a_pause),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
