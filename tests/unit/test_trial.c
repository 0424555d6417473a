/* SPDX-License-Identifier: MIT
 *
 * A try of enable: when it is over, who counts as allowed meanwhile, and what cannot be noted.
 * make booted T=enable has real ones.
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "cli/place.h"
#include "cli/trial.h"
#include "common/buffer.h"
#include "common/text.h"
#include "module/pending_try.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct {
	const char *noted, *allowed; /* the two files; NULL: none */
	const char *fails; /* the name of the file, or the call */
	int error;
	char written[1024];
	const char *boot;
	int64_t now;
	bool is_read_only, is_locked, has_systemd, is_enabled, has_link, starts;
	int polls;
} is;

bool __wrap_file_read(const char *, const char *, struct buffer *);
bool __wrap_file_read(const char *folder, const char *name, struct buffer *out)
{
	(void)folder;
	const char *text = streq(name, PENDING_TRY) ? is.noted : is.allowed;
	return text != NULL && buffer_append_text(out, text) == 0;
}

bool __wrap_file_replace(const char *, const char *, const char *, size_t, bool);
bool __wrap_file_replace(
    const char *folder, const char *name, const char *bytes, size_t len, bool syncs)
{
	(void)folder;
	assert_true(syncs);
	snprintf(is.written, sizeof(is.written), "%.*s", (int)len, bytes);
	errno = is.error;
	return !streq(is.fails, name);
}

bool __wrap_file_remove(const char *, const char *);
bool __wrap_file_remove(const char *folder, const char *name)
{
	(void)folder;
	errno = is.error;
	return !streq(is.fails, name);
}

int __wrap_file_open(const char *, const char *, int);
int __wrap_file_open(const char *folder, const char *name, int flags)
{
	(void)folder;
	assert_string_equal(name, "lock");
	errno = is.error;
	if (streq(is.fails, name) || (is.is_read_only && (flags & O_CREAT) != 0))
		return -1;
	return dup(2);
}

int __wrap_flock(int, int);
int __wrap_flock(int fd, int operation)
{
	(void)fd;
	(void)operation;
	return is.is_locked ? -1 : 0;
}

int __wrap_poll(void *, unsigned long, int);
int __wrap_poll(void *fds, unsigned long count, int ms)
{
	(void)fds;
	(void)count;
	is.now += ms;
	is.polls++;
	return 0;
}

int64_t __wrap_clock_ms(void);
int64_t __wrap_clock_ms(void)
{
	return is.now;
}

int64_t __wrap_clock_boot_ms(void);
int64_t __wrap_clock_boot_ms(void)
{
	return is.now;
}

int __wrap_clock_left(int64_t);
int __wrap_clock_left(int64_t end)
{
	return end > is.now ? (int)(end - is.now) : 0;
}

void __wrap_ticket_file_boot(char[TICKET_BOOT_MAX + 1]);
void __wrap_ticket_file_boot(char out[TICKET_BOOT_MAX + 1])
{
	snprintf(out, TICKET_BOOT_MAX + 1, "%s", is.boot);
}

bool __wrap_original_sync(const char *);
bool __wrap_original_sync(const char *path)
{
	(void)path;
	errno = is.error;
	return !streq(is.fails, "sync");
}

struct passwd *__wrap_getpwnam(const char *);
struct passwd *__wrap_getpwnam(const char *name)
{
	static struct passwd pw;
	pw.pw_uid = streq(name, "root") ? 0 : 1000;
	return streq(name, "gone") ? NULL : &pw;
}

bool __wrap_break_glass_has(const char *);
bool __wrap_break_glass_has(const char *user)
{
	return streq(user, "rescue");
}

bool __wrap_systemd_runs(void);
bool __wrap_systemd_runs(void)
{
	return is.has_systemd;
}

bool __wrap_systemd_ask(const char *, const char *);
bool __wrap_systemd_ask(const char *verb, const char *unit)
{
	(void)unit;
	return streq(verb, "restart") ? is.starts : is.is_enabled;
}

int __wrap_access(const char *, int);
int __wrap_access(const char *path, int mode)
{
	(void)mode;
	return strstr(path, "/etc/systemd/") != NULL && is.has_link ? 0 : -1;
}

static void begin(void)
{
	memset(&is, 0, sizeof(is));
	is.boot = "this-boot";
	is.now = 1000;
	is.error = EIO;
}

/* ---- its file
 * ----------------------------------------------------------------------------------- */

static void what_is_begun_is_read_again(void **state)
{
	const struct place *list[] = {&places[0], &places[1], NULL};
	char noted[1024];
	struct trial t;
	(void)state;
	begin();
	assert_true(trial_begin(list, 30));
	snprintf(noted, sizeof(noted), "%sfile /etc/shadow x\nfile %s x\nnonsense\n",
	    is.written, places[0].path);
	is.noted = noted;
	trial_read(&t);
	assert_string_equal(t.boot, "this-boot");
	assert_int_equal(t.end, 31000);
	assert_int_equal(t.command, getpid());
	assert_ptr_equal(t.places[0], &places[0]);
	assert_ptr_equal(t.places[1], &places[1]);
	assert_null(t.places[2]);
	assert_false(trial_is_over(&t));
	is.now = 31000;
	assert_true(trial_is_over(&t));
	is.now = 1000;
	is.boot = "another-boot";
	assert_true(trial_is_over(&t));
	is.boot = "this-boot";
	/* The pid is another process's by now, or nobody's. */
	t.start++;
	assert_true(trial_is_over(&t));
	t.start--;
	t.command = 0x7ffffff0;
	assert_true(trial_is_over(&t));
	/* What says nothing is over. */
	is.noted = "";
	trial_read(&t);
	assert_true(trial_is_over(&t));
}

static void what_cannot_be_noted_is_not_begun(void **state)
{
	static const char *const files[] = {PENDING_TRY, PENDING_TRY_ALLOWED, "sync"};
	const struct place *list[] = {&places[0], NULL};
	(void)state;
	for (size_t i = 0; i < COUNT(files); i++) {
		begin();
		is.fails = files[i];
		assert_false(trial_begin(list, 30));
	}
	begin();
	assert_true(trial_forget());
	is.fails = PENDING_TRY;
	assert_false(trial_forget());
	is.error = ENOENT;
	assert_true(trial_forget());
	is.fails = "sync";
	assert_false(trial_forget());
}

static void who_counts(void **state)
{
	static const struct {
		const char *allowed, *service;
		bool counts;
	} rows[] = {{NULL, "sshd", false}, {"", "sshd", false}, {"sshd bob\n", "sshd", true},
	    {"sshd root\n", "sshd", false}, {"sshd rescue\n", "sshd", false},
	    {"sshd gone\n", "sshd", false}, {"sshd\n", "sshd", false},
	    {"su bob\n", "sudo", false}, {"sudo-i bob\n", "sudo", true},
	    {"sudoers bob\n", "sudo", false}, {"su-l bob\n", "su", true},
	    {"sudo bob\n", "su", false}, {"sshd root\nsshd bob\n", "sshd", true},
	    {"sshd bob\nsshd root\n", "sshd", true}};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		begin();
		is.allowed = rows[i].allowed;
		if (trial_saw(rows[i].service) != rows[i].counts)
			fail_msg("%s: %s", rows[i].service, rows[i].allowed);
	}
}

/* ---- the lock, and systemd
 * ---------------------------------------------------------------------- */

static void one_at_a_time(void **state)
{
	(void)state;
	begin();
	int fd = trial_lock(false);
	assert_true(fd >= 0);
	close(fd);
	/* At a boot /var may be read-only. */
	is.is_read_only = true;
	is.error = EROFS;
	fd = trial_lock(false);
	assert_true(fd >= 0);
	close(fd);
	is.error = EACCES;
	assert_int_equal(trial_lock(false), -1);
	begin();
	is.is_locked = true;
	assert_int_equal(trial_lock(false), -1);
	assert_int_equal(is.polls, 0);
	assert_int_equal(trial_lock(true), -1);
	assert_true(is.polls > 0);
	begin();
	is.fails = "lock";
	assert_int_equal(trial_lock(true), -1);
}

static void a_try_needs_a_way_back(void **state)
{
	(void)state;
	begin();
	assert_false(trial_is_possible());
	is.has_systemd = true;
	assert_false(trial_is_possible());
	is.is_enabled = true;
	assert_false(trial_is_possible());
	is.has_link = true;
	assert_true(trial_is_possible());
	is.is_enabled = false;
	assert_false(trial_is_possible());
	assert_false(trial_watch());
	is.starts = true;
	assert_true(trial_watch());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_begun_is_read_again),
	    cmocka_unit_test(what_cannot_be_noted_is_not_begun),
	    cmocka_unit_test(who_counts),
	    cmocka_unit_test(one_at_a_time),
	    cmocka_unit_test(a_try_needs_a_way_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
