/* SPDX-License-Identifier: MIT
 *
 * Tickets and their locks on the disk. The sweep of the directory: what dead writers left goes,
 * and only under the lock of the ticket, after one more look. What another process does just
 * before the lock is taken happens in this program's own flock(). The time, the names in the
 * directory and their order are this program's, too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/paths.h"
#include "common/result.h"
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

time_t __wrap_time(time_t *);
struct dirent *__wrap_readdir(DIR *);
DIR *__real_fdopendir(int);
DIR *__wrap_fdopendir(int);

static time_t now_is; /* 0: as it is */

time_t __wrap_time(time_t *out)
{
	struct timespec now = {.tv_sec = now_is};
	if (now_is == 0)
		clock_gettime(CLOCK_REALTIME, &now);
	if (out != NULL)
		*out = now.tv_sec;
	return now.tv_sec;
}

/* The names in the directory, in this order. Other programs have tickets there, too. */
static struct file_name listed[4];
static size_t listed_len, listed_next;

struct dirent *__wrap_readdir(DIR *entries)
{
	static struct dirent entry;
	(void)entries;
	if (listed_next == listed_len)
		return NULL;
	snprintf(entry.d_name, sizeof(entry.d_name), "%s", listed[listed_next++].text);
	return &entry;
}

static bool is_unlistable;

DIR *__wrap_fdopendir(int fd)
{
	listed_next = 0;
	return is_unlistable ? NULL : __real_fdopendir(fd);
}

static struct file_name name_of(uid_t uid, const char *suffix)
{
	char what[32];
	snprintf(what, sizeof(what), "ticket-%lu", (unsigned long)uid);
	return file_name(what, CONFIG, suffix);
}

static void list(size_t len, const struct file_name *names)
{
	memcpy(listed, names, len * sizeof(names[0]));
	listed_len = len;
}

static int open_ours(const char *suffix, int flags)
{
	return file_open(paths.run, name_of(UID, suffix).text, flags);
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

/* until: CLOCK_BOOTTIME, milliseconds */
static struct ticket ticket_of(uid_t uid, const char *boot, int64_t until)
{
	const struct ticket_owner owner = {"alice", uid, CONFIG, boot, 1};
	struct ticket t;
	assert_true(ticket_begin(&t, &owner));
	snprintf(t.sub, sizeof(t.sub), "a-sub");
	snprintf(t.fingerprint, sizeof(t.fingerprint), "fingerprint");
	t.born = t.verified = t.decided = 1;
	t.until = until;
	return t;
}

static void sign_in_as(uid_t uid, const char *boot, int64_t until)
{
	struct ticket t = ticket_of(uid, boot, until);
	assert_int_equal(ticket_file_write(&t), 0);
	ticket_wipe(&t);
}

static void sign_in(void)
{
	sign_in_as(UID, BOOT, 2);
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

/* The first name does not end the walk, whether it stays or goes. */
static void one_sweep_takes_all_of_it(void **state)
{
	const struct file_name names[] = {
	    name_of(UID, ".lock"), {"other"}, name_of(UID, ".new"), name_of(UID, "")};
	(void)state;
	list(4, names);
	for (size_t i = 0; i < 2; i++)
		leave(left[i]);
	ticket_file_sweep();
	for (size_t i = 0; i < 2; i++)
		assert_false(is_there(left[i]));
}

static void a_lock_file_stays_however_old_it_is(void **state)
{
	(void)state;
	leave(".lock");
	ticket_file_sweep();
	assert_true(is_there(".lock"));
}

static void what_a_living_writer_may_be_at_stays_for_ten_minutes(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct stat st;
		leave(left[i]);
		int fd = open_ours(left[i], O_RDONLY);
		assert_int_equal(fstat(fd, &st), 0);
		close(fd);
		now_is = st.st_mtim.tv_sec + 599;
		ticket_file_sweep();
		assert_true(is_there(left[i]));
		now_is++;
		ticket_file_sweep();
		assert_false(is_there(left[i]));
	}
}

static int open_descriptors(void)
{
	int n = 0;
	for (int fd = 0; fd < 64; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void a_lock_is_had_by_one_alone(void **state)
{
	int first = -1, second = -1, before = open_descriptors();
	(void)state;
	assert_int_equal(ticket_file_lock(UID, CONFIG, clock_ms(), &first), 0);
	int64_t begun = clock_ms();
	assert_int_equal(
	    ticket_file_lock(UID, CONFIG, begun + 50, &second), RESULT_TICKET_LOCK);
	assert_true(clock_ms() >= begun + 50);
	assert_int_equal(second, -1);
	ticket_file_unlock(&first);
	assert_int_equal(first, -1);
	ticket_file_unlock(&first);
	assert_int_equal(ticket_file_lock(UID, CONFIG, clock_ms(), &second), 0);
	ticket_file_unlock(&second);
	assert_int_equal(open_descriptors(), before);
}

static void take_the_name_away(void)
{
	assert_true(file_remove(paths.run, name_of(UID, ".lock").text));
}

static void a_lock_without_a_name_is_none(void **state)
{
	int first = -1, second = -1;
	(void)state;
	meanwhile = take_the_name_away;
	assert_int_equal(ticket_file_lock(UID, CONFIG, clock_ms() + 60000, &first), 0);
	assert_null(meanwhile);
	assert_int_equal(
	    ticket_file_lock(UID, CONFIG, clock_ms(), &second), RESULT_TICKET_LOCK);
	ticket_file_unlock(&first);
}

static void a_lock_file_that_others_may_write_to_is_none(void **state)
{
	int lock = -1, fd = open_ours(".lock", O_RDWR | O_CREAT);
	(void)state;
	assert_int_equal(fchmod(fd, 0666), 0);
	close(fd);
	assert_int_equal(ticket_file_lock(UID, CONFIG, clock_ms(), &lock), RESULT_TICKET_KEEP);
	assert_int_equal(lock, -1);
}

static void what_is_half_or_absent_is_no_ticket(void **state)
{
	struct ticket t = ticket_of(UID, BOOT, 2);
	(void)state;
	assert_false(ticket_file_read(UID, CONFIG, &t));
	assert_string_equal(t.user, "");
	leave("");
	assert_false(ticket_file_read(UID, CONFIG, &t));
	sign_in();
	assert_true(ticket_file_read(UID, CONFIG, &t));
	assert_string_equal(t.user, "alice");
	ticket_wipe(&t);
}

static void which_ticket_stays_where_none_can_be_written(void **state)
{
	struct ticket t = ticket_of(UID, BOOT, 3);
	struct rlimit all, none;
	(void)state;
	sign_in();
	assert_int_equal(ticket_file_write_or_remove(&t), 0);
	assert_true(is_there(""));
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &all), 0);
	none = (struct rlimit){1, all.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	int written = ticket_file_write(&t);
	bool stayed = is_there("");
	int replaced = ticket_file_write_or_remove(&t);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &all), 0);
	assert_int_equal(written, RESULT_TICKET_KEEP);
	assert_true(stayed);
	assert_int_equal(replaced, RESULT_TICKET_KEEP);
	assert_false(is_there(""));
	ticket_wipe(&t);
}

/* Its first free descriptor is the lowest number. */
static void a_host_without_standard_input_reads_the_boot_as_well(void **state)
{
	char boot[TICKET_BOOT_MAX + 1], kernel[TICKET_BOOT_MAX + 1] = "";
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "r");
	int before = open_descriptors();
	(void)state;
	assert_non_null(file);
	assert_int_equal(fread(kernel, 1, TICKET_BOOT_MAX, file), TICKET_BOOT_MAX);
	ticket_file_boot(boot);
	assert_string_equal(boot, kernel);
	int input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	close(STDIN_FILENO);
	memset(boot, 'x', sizeof(boot));
	ticket_file_boot(boot);
	bool is_free = fcntl(STDIN_FILENO, F_GETFD) < 0;
	assert_int_equal(dup2(input, STDIN_FILENO), STDIN_FILENO);
	close(input);
	assert_string_equal(boot, kernel);
	assert_true(is_free);
	assert_int_equal(open_descriptors(), before);
	fclose(file);
}

static void only_an_expired_ticket_is_removed_as_expired(void **state)
{
	char boot[TICKET_BOOT_MAX + 1];
	int lock = -1;
	(void)state;
	ticket_file_boot(boot);
	assert_false(ticket_file_remove_expired(UID, CONFIG, clock_ms()));
	sign_in_as(UID, boot, clock_boot_ms() + 600000);
	assert_false(ticket_file_remove_expired(UID, CONFIG, clock_ms()));
	assert_true(is_there(""));
	sign_in_as(UID, boot, 2);
	assert_int_equal(ticket_file_lock(UID, CONFIG, clock_ms(), &lock), 0);
	assert_false(ticket_file_remove_expired(UID, CONFIG, clock_ms()));
	assert_true(is_there(""));
	ticket_file_unlock(&lock);
	assert_true(ticket_file_remove_expired(UID, CONFIG, clock_ms()));
	assert_false(is_there(""));
}

static size_t shown;

static bool show_all(const struct ticket *t, void *arg)
{
	const size_t *most = arg;
	assert_int_equal(t->uid, UID + shown);
	return ++shown < *most;
}

/* Of the lock, of a copy under another name, and of a file of somebody else's kind nobody is
 * told. */
static void every_ticket_is_shown_until_one_is_enough(void **state)
{
	const struct file_name names[] = {
	    name_of(UID, ""), {"ticket-copy"}, name_of(UID, ".lock"), name_of(UID + 1, "")};
	struct buffer text = BUFFER_INIT(TICKET_BYTES_MAX);
	size_t most = 9;
	(void)state;
	list(4, names);
	sign_in();
	sign_in_as(UID + 1, BOOT, 2);
	assert_true(file_read(paths.run, names[0].text, &text));
	assert_true(file_replace(paths.run, "ticket-copy", text.bytes, text.len, false));
	buffer_wipe(&text);
	shown = 0;
	assert_true(ticket_file_each(show_all, &most));
	assert_int_equal(shown, 2);
	shown = 0;
	most = 1;
	assert_true(ticket_file_each(show_all, &most));
	assert_int_equal(shown, 1);
	assert_true(file_remove(paths.run, "ticket-copy"));
	assert_true(ticket_file_remove(UID + 1, CONFIG));
	assert_false(ticket_file_remove(UID + 1, CONFIG));
}

static void a_directory_that_cannot_be_listed_is_told_of_and_left(void **state)
{
	int before = open_descriptors();
	size_t most = 9;
	(void)state;
	sign_in();
	is_unlistable = true;
	shown = 0;
	assert_false(ticket_file_each(show_all, &most));
	assert_int_equal(shown, 0);
	is_unlistable = false;
	/* Its descriptor is the lowest number. */
	int input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	close(STDIN_FILENO);
	is_unlistable = true;
	bool is_told = !ticket_file_each(show_all, &most);
	is_unlistable = false;
	bool is_free = fcntl(STDIN_FILENO, F_GETFD) < 0;
	bool is_shown = ticket_file_each(show_all, &most);
	assert_int_equal(dup2(input, STDIN_FILENO), STDIN_FILENO);
	close(input);
	assert_true(is_told && is_free && is_shown);
	assert_int_equal(shown, 1);
	assert_int_equal(open_descriptors(), before);
}

static int clean(void **state)
{
	static const char *const suffixes[] = {"", ".new", ".lock"};
	const struct file_name names[] = {
	    name_of(UID, ""), name_of(UID, ".new"), name_of(UID, ".lock")};
	(void)state;
	list(3, names);
	now_is = 0;
	for (size_t i = 0; i < 3; i++)
		file_remove(paths.run, name_of(UID, suffixes[i]).text);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, clean, clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_dead_writers_left_goes),
	    TEST(not_while_somebody_holds_the_lock),
	    TEST(what_became_a_ticket_before_the_lock_was_ours_stays),
	    TEST(so_does_what_a_writer_is_at_again),
	    TEST(one_sweep_takes_all_of_it),
	    TEST(a_lock_file_stays_however_old_it_is),
	    TEST(what_a_living_writer_may_be_at_stays_for_ten_minutes),
	    TEST(a_lock_is_had_by_one_alone),
	    TEST(a_lock_without_a_name_is_none),
	    TEST(a_lock_file_that_others_may_write_to_is_none),
	    TEST(what_is_half_or_absent_is_no_ticket),
	    TEST(which_ticket_stays_where_none_can_be_written),
	    TEST(a_host_without_standard_input_reads_the_boot_as_well),
	    TEST(only_an_expired_ticket_is_removed_as_expired),
	    TEST(every_ticket_is_shown_until_one_is_enough),
	    TEST(a_directory_that_cannot_be_listed_is_told_of_and_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
