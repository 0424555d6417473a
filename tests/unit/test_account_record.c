/* SPDX-License-Identifier: MIT
 *
 * The record of a local account as the module reads it, where a system call fails or a file is
 * somebody else's. The file is included: the folder is ours. tests/pam/test_record.py has what
 * records say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/paths.h"
#include "common/text.h"
#include "module/account_record.h"
#include "module/file.h"

#define OPEN "{\"uid\": 1001, \"locked\": false}"
#define LOCKED "{\"uid\": 1001, \"locked\": true}"
#define OWN "{\"pam_cognito_oidc\": {\"uid\": 1001}}"

/* Who owns a file that is open here, and what its permissions are. */
struct opened {
	int error; /* of open(), or 0 */
	bool is_lost; /* fstat() fails */
	uid_t owner;
	mode_t mode;
	const char *text;
};

enum descriptor { FOLDER = 100, PUBLIC, PRIVILEGED, DESCRIPTORS };
static struct opened files[DESCRIPTORS - FOLDER];
static const char *passwd; /* NULL: cannot be opened */
static int open_files; /* that nobody has closed */

static int fake_open(enum descriptor fd)
{
	errno = files[fd - FOLDER].error;
	open_files += errno == 0;
	return errno == 0 ? (int)fd : -1;
}

static int fake_open_folder(const char *path, int flags)
{
	assert_string_equal(path, paths.userdb);
	assert_true((flags & O_DIRECTORY) != 0);
	return fake_open(FOLDER);
}

static int fake_openat(int folder, const char *name, int flags)
{
	assert_int_equal(folder, FOLDER);
	assert_true((flags & O_NOFOLLOW) != 0);
	return fake_open(streq(name, "alice.user") ? PUBLIC : PRIVILEGED);
}

static int fake_fstat(int fd, struct stat *st)
{
	const struct opened *file = &files[fd - FOLDER];
	*st = (struct stat){
	    .st_uid = file->owner, .st_mode = (fd == FOLDER ? S_IFDIR : S_IFREG) | file->mode};
	return file->is_lost ? -1 : 0;
}

static int fake_file_read_all(int fd, struct buffer *out)
{
	return buffer_append_text(out, files[fd - FOLDER].text);
}

static int fake_close(int fd)
{
	(void)fd;
	open_files--;
	return 0;
}

static FILE *fake_fopen(const char *path, const char *mode)
{
	static char text[256];
	(void)mode;
	assert_string_equal(path, "/etc/passwd");
	if (passwd == NULL)
		return NULL;
	snprintf(text, sizeof(text), "%s", passwd);
	return fmemopen(text, strlen(text), "r");
}

#define open fake_open_folder
#define openat fake_openat
#define fstat fake_fstat
#define file_read_all fake_file_read_all
#define close fake_close
#define fopen fake_fopen
#include "module/account_record.c"

static int forget(void **state)
{
	(void)state;
	files[0] = (struct opened){.owner = paths.trusted_uid, .mode = 0755};
	files[1] = (struct opened){.owner = paths.trusted_uid, .mode = 0644, .text = OPEN};
	files[2] = (struct opened){.owner = paths.trusted_uid, .mode = 0600, .text = OWN};
	passwd = "root:x:0:0::/:/bin/sh\n";
	assert_int_equal(open_files, 0);
	return 0;
}

static void assert_read(const char *what, bool counts, bool is_locked)
{
	struct account_record record;
	account_record_read("alice", 1001, &record, NULL);
	if (record.counts != counts || record.is_locked != is_locked)
		fail_msg("%s: counts %d, locked %d", what, record.counts, record.is_locked);
	assert_int_equal(open_files, 0);
}

static void one_that_is_ours_and_open_counts(void **state)
{
	(void)state;
	assert_read("as it is made", true, false);
	files[1].text = LOCKED;
	assert_read("locked", true, true);
}

static void a_folder_that_is_not_root_s_alone_has_none(void **state)
{
	(void)state;
	files[1].text = LOCKED;
	files[0].owner = paths.trusted_uid + 70000;
	assert_read("another's folder", false, false);
	forget(NULL);
	files[1].text = LOCKED;
	files[0].mode = 0775;
	assert_read("the group's folder", false, false);
	files[0].mode = 0757;
	assert_read("everybody's folder", false, false);
	forget(NULL);
	files[1].text = LOCKED;
	files[0].is_lost = true;
	assert_read("whose folder?", false, false);
}

/* Without memory or descriptors it may have said so. */
static void what_cannot_be_looked_at_is_locked(void **state)
{
	(void)state;
	for (int fd = 0; fd < 3; fd++) {
		files[fd].error = EMFILE;
		assert_read("no descriptor", fd == 1, true);
		forget(NULL);
	}
	for (int fd = 1; fd < 3; fd++) {
		files[fd].is_lost = true;
		assert_read("no look at it", fd == 1, true);
		forget(NULL);
	}
}

static void a_file_that_is_another_s_says_nothing(void **state)
{
	(void)state;
	files[1].owner = paths.trusted_uid + 70000;
	assert_read("another's open record", true, true);
	files[1].text = LOCKED;
	files[2].error = ENOENT;
	assert_read("another's lock", false, false);
	forget(NULL);
	files[2].owner = paths.trusted_uid + 70000;
	assert_read("nor is it ours then", false, false);
	files[1].text = LOCKED;
	assert_read("but a lock of root's is one", false, true);
}

/* A local account of that name is whom the host means; who cannot look believes the record. */
static void of_a_local_account_there_is_none(void **state)
{
	(void)state;
	files[1].text = LOCKED;
	passwd = "root:x:0:0::/:/bin/sh\nalice:x:1001:1001::/:/bin/sh\n";
	assert_read("a local account", false, false);
	passwd = NULL;
	assert_read("no look at passwd", true, true);
	files[0].error = EMFILE;
	assert_read("nor at the folder", false, true);
}

#define TEST(name) cmocka_unit_test_setup(name, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(one_that_is_ours_and_open_counts),
	    TEST(a_folder_that_is_not_root_s_alone_has_none),
	    TEST(what_cannot_be_looked_at_is_locked),
	    TEST(a_file_that_is_another_s_says_nothing),
	    TEST(of_a_local_account_there_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
