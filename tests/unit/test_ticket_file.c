/* SPDX-License-Identifier: MIT
 *
 * The sweep of the tickets' directory: what dead writers left goes, and only under the lock of
 * the ticket, after one more look. What another process does just before the lock is taken
 * happens in this program's own flock().
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/paths.h"
#include "module/file.h"
#include "module/ticket_file.h"

#define CONFIG "/etc/sweep.json"
#define UID 7777
#define BOOT "01234567-89ab-cdef-0123-456789abcdef"

static void (*meanwhile)(void);

__attribute__((visibility("default"))) int flock(int fd, int operation)
{
	void (*once)(void) = (operation & LOCK_EX) != 0 ? meanwhile : NULL;
	if (once != NULL) {
		meanwhile = NULL;
		once();
	}
	return (int)syscall(SYS_flock, fd, operation);
}

static int open_ours(const char *suffix, int flags)
{
	char what[32];
	snprintf(what, sizeof(what), "ticket-%d", UID);
	return file_open(paths.run, file_name(what, CONFIG, suffix).text, flags);
}

static void age(const char *suffix, long seconds)
{
	const struct timespec times[2] = {{time(NULL) - seconds, 0}, {time(NULL) - seconds, 0}};
	int fd = open_ours(suffix, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(futimens(fd, times), 0);
	close(fd);
}

static void leave(const char *suffix)
{
	int fd = open_ours(suffix, O_RDWR | O_CREAT);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "half", 4), 4);
	close(fd);
	age(suffix, 1000);
}

static bool is_there(const char *suffix)
{
	int fd = open_ours(suffix, O_RDONLY);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void sign_in(void)
{
	const struct ticket_owner owner = {"alice", UID, CONFIG, BOOT, 1};
	struct ticket t;
	assert_true(ticket_begin(&t, &owner));
	snprintf(t.sub, sizeof(t.sub), "a-sub");
	snprintf(t.fingerprint, sizeof(t.fingerprint), "fingerprint");
	t.born = t.verified = t.decided = 1;
	t.until = 2;
	assert_int_equal(ticket_file_write(&t), 0);
	ticket_wipe(&t);
}

/* Old as it is, it is a ticket: an idle user's. */
static void sign_in_long_ago(void)
{
	sign_in();
	age("", 1000);
}

static void write_anew(void)
{
	age(".new", 0);
}

static const char *const left[] = {"", ".new"};

static void what_dead_writers_left_goes(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		leave(left[i]);
		ticket_file_sweep();
		assert_false(is_there(left[i]));
		assert_true(is_there(".lock"));
	}
}

static void not_while_somebody_holds_the_lock(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		int lock = -1;
		leave(left[i]);
		assert_int_equal(ticket_file_lock(UID, CONFIG, clock_ms(), &lock), 0);
		ticket_file_sweep();
		assert_true(is_there(left[i]));
		ticket_file_unlock(&lock);
		ticket_file_sweep();
		assert_false(is_there(left[i]));
	}
}

static void what_became_a_ticket_before_the_lock_was_ours_stays(void **state)
{
	(void)state;
	void (*const happens[])(void) = {sign_in, sign_in_long_ago};
	for (size_t i = 0; i < 2; i++) {
		leave("");
		meanwhile = happens[i];
		ticket_file_sweep();
		assert_null(meanwhile);
		assert_true(is_there(""));
		assert_true(ticket_file_remove(UID, CONFIG));
	}
}

static void so_does_what_a_writer_is_at_again(void **state)
{
	(void)state;
	leave(".new");
	meanwhile = write_anew;
	ticket_file_sweep();
	assert_null(meanwhile);
	assert_true(is_there(".new"));
}

static int clean(void **state)
{
	(void)state;
	static const char *const suffixes[] = {"", ".new", ".lock"};
	char what[32];
	snprintf(what, sizeof(what), "ticket-%d", UID);
	for (size_t i = 0; i < 3; i++)
		file_remove(paths.run, file_name(what, CONFIG, suffixes[i]).text);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_dead_writers_left_goes),
	    cmocka_unit_test(not_while_somebody_holds_the_lock),
	    cmocka_unit_test(what_became_a_ticket_before_the_lock_was_ours_stays),
	    cmocka_unit_test(so_does_what_a_writer_is_at_again),
	};
	return cmocka_run_group_tests(tests, clean, clean);
}
