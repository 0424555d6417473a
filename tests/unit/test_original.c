/* SPDX-License-Identifier: MIT
 *
 * A service file as enable takes it up and puts it back: what is none, what makes two differ,
 * and a disk that refuses. Then the old file is there, and nothing beside it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <cmocka.h>

#include "cli/original.h"
#include "cli/place.h"
#include "common/paths.h"
#include "common/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *fails; /* the call that does */
static int error; /* and why */
static char folder[] = "/tmp/test-original-XXXXXX";

static bool is_failing(const char *call)
{
	if (!streq(fails, call))
		return false;
	errno = error;
	return true;
}

#define CALL(type, call, params, args)                                                         \
	type __real_##call params;                                                             \
	type __wrap_##call params;                                                             \
	type __wrap_##call params                                                              \
	{                                                                                      \
		return is_failing(#call) ? -1 : __real_##call args;                            \
	}

CALL(int, fsync, (int fd), (fd))
CALL(int, unlink, (const char *path), (path))
CALL(int, rename, (const char *old, const char *new), (old, new))
CALL(int, fchmod, (int fd, mode_t mode), (fd, mode))
CALL(int, futimens, (int fd, const struct timespec t[2]), (fd, t))
CALL(int, fstat, (int fd, struct stat *st), (fd, st))

/* Not every file system has them: the test's own. */
static const char *attribute; /* the name, or NULL */
static size_t attribute_size;
static char kept[64]; /* what was set */

ssize_t __wrap_flistxattr(int, char *, size_t);
ssize_t __wrap_flistxattr(int fd, char *list, size_t size)
{
	(void)fd;
	if (attribute == NULL)
		return -1;
	size_t len = strlen(attribute) + 1;
	assert_true(len <= size);
	memcpy(list, attribute, len);
	return (ssize_t)len;
}

ssize_t __wrap_fgetxattr(int, const char *, void *, size_t);
ssize_t __wrap_fgetxattr(int fd, const char *name, void *value, size_t size)
{
	(void)fd;
	assert_string_equal(name, attribute);
	if (is_failing("fgetxattr") || attribute_size > size)
		return -1;
	memset(value, 'v', attribute_size);
	return (ssize_t)attribute_size;
}

int __wrap_fsetxattr(int, const char *, const void *, size_t, int);
int __wrap_fsetxattr(int fd, const char *name, const void *value, size_t size, int flags)
{
	(void)fd;
	(void)flags;
	snprintf(kept, sizeof(kept), "%s=%.*s", name, (int)(size < 8 ? size : 8),
	    (const char *)value);
	return is_failing("fsetxattr") ? -1 : 0;
}

/* As whoever is root: the owner is not what is tested here. */
int __wrap_fchown(int, uid_t, gid_t);
int __wrap_fchown(int fd, uid_t uid, gid_t gid)
{
	(void)fd;
	(void)uid;
	(void)gid;
	return is_failing("fchown") ? -1 : 0;
}

/* What the service's other file says; NULL: it cannot be read. */
static const char *other;

bool __real_original_read(const char *, struct original *);
bool __wrap_original_read(const char *, struct original *);
bool __wrap_original_read(const char *path, struct original *o)
{
	if (text_starts(path, paths.samples))
		return original_make(o, "sample", 6, 0644);
	if (!text_starts(path, "/etc/pam.d/"))
		return __real_original_read(path, o);
	*o = (struct original)ORIGINAL_INIT;
	return other != NULL && original_make(o, other, strlen(other), 0644);
}

/* A host of Debian's family. */
int __wrap_access(const char *, int);
int __wrap_access(const char *path, int mode)
{
	(void)mode;
	return streq(path, "/etc/pam.d/common-auth") ? 0 : -1;
}

static char *in(const char *name)
{
	static char path[4][256];
	static int turn;
	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", folder, name);
	return path[turn];
}

static void put(const char *name, const char *text)
{
	FILE *file = fopen(in(name), "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int begin(void **state)
{
	(void)state;
	fails = attribute = NULL;
	attribute_size = 0;
	kept[0] = '\0';
	memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
	return mkdtemp(folder) != NULL ? 0 : -1;
}

/* How many files are there; none is left. */
static int sweep(void)
{
	DIR *d = opendir(folder);
	int count = 0;
	fails = NULL;
	for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
		if (e->d_name[0] != '.' || strlen(e->d_name) > 2) {
			unlink(in(e->d_name));
			count++;
		}
	closedir(d);
	return count;
}

static int end(void **state)
{
	(void)state;
	sweep();
	return rmdir(folder);
}

static void what_is_no_file_is_not_taken_up(void **state)
{
	struct original o;
	(void)state;
	put("file", "text");
	assert_int_equal(symlink("file", in("link")), 0);
	assert_false(original_read(in("link"), &o));
	assert_int_equal(link(in("file"), in("second")), 0);
	assert_false(original_read(in("second"), &o));
	unlink(in("second"));
	assert_int_equal(mkfifo(in("pipe"), 0600), 0);
	assert_false(original_read(in("pipe"), &o));
	assert_false(original_read(folder, &o));
	assert_true(original_read(in("gone"), &o));
	assert_false(o.exists);
	assert_true(original_read(in("file"), &o));
	assert_true(o.exists);
	assert_string_equal(buffer_text(&o.content), "text");
	original_free(&o);
	fails = "fstat";
	error = EIO;
	assert_false(original_read(in("file"), &o));
}

static void attributes_travel_with_it(void **state)
{
	struct original o;
	(void)state;
	put("file", "text");
	attribute = "user.note";
	attribute_size = 3;
	assert_true(original_read(in("file"), &o));
	assert_true(original_write(&o, in("copy")));
	assert_string_equal(kept, "user.note=vvv");
	/* Where the file system has none, the file counts; any other refusal is one. */
	fails = "fsetxattr";
	error = ENOTSUP;
	assert_true(original_write(&o, in("copy")));
	error = EPERM;
	assert_false(original_write(&o, in("copy")));
	original_free(&o);
	/* One that has gone by now. */
	fails = "fgetxattr";
	assert_true(original_read(in("file"), &o));
	assert_int_equal(o.attributes.len, 0);
	original_free(&o);
	fails = NULL;
	attribute_size = ORIGINAL_ATTRIBUTES_MAX;
	assert_false(original_read(in("file"), &o));
	original_free(&o);
}

static void a_disk_that_refuses_leaves_the_old_file(void **state)
{
	static const char *const calls[] = {"fsync", "rename", "fchmod", "fchown", "futimens"};
	struct original fresh, found;
	(void)state;
	assert_true(original_make(&fresh, "new", 3, 0644));
	for (size_t i = 0; i < COUNT(calls); i++) {
		put("file", "old");
		fails = calls[i];
		error = EIO;
		assert_false(original_write(&fresh, in("file")));
		fails = NULL;
		assert_true(original_read(in("file"), &found));
		assert_string_equal(buffer_text(&found.content), "old");
		original_free(&found);
		assert_int_equal(sweep(), 1);
	}
	assert_true(original_write(&fresh, in("file")));
	assert_true(original_read(in("file"), &found));
	assert_string_equal(buffer_text(&found.content), "new");
	assert_int_equal(found.st.st_mode & 07777, 0644);
	original_free(&found);
	original_free(&fresh);
}

static void one_that_was_missing_is_removed(void **state)
{
	struct original none = ORIGINAL_INIT;
	(void)state;
	put("file", "text");
	assert_true(original_write(&none, in("file")));
	assert_int_equal(sweep(), 0);
	assert_true(original_write(&none, in("file")));
	put("file", "text");
	fails = "unlink";
	error = EIO;
	assert_false(original_write(&none, in("file")));
	error = ENOENT;
	assert_true(original_write(&none, in("file")));
	fails = "fsync";
	error = EIO;
	assert_false(original_write(&none, in("file")));
}

static void paths_that_are_too_long(void **state)
{
	char path[4200];
	struct original o;
	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[4090] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_true(original_make(&o, "new", 3, 0644));
	assert_false(original_write(&o, path));
	assert_false(original_sync(path));
	original_sweep(path);
	original_free(&o);
}

static void what_makes_two_differ(void **state)
{
	struct original a, b, none = ORIGINAL_INIT;
	(void)state;
	assert_true(original_make(&a, "text", 4, 0644));
	assert_true(original_make(&b, "text", 4, 0644));
	assert_true(original_equals(&a, &b));
	assert_true(original_equals(&none, &none));
	assert_false(original_equals(&a, &none));
	assert_false(original_equals(&none, &a));
	b.content.bytes[0] = 'T';
	assert_false(original_equals(&a, &b));
	b.content.bytes[0] = 't';
	b.content.len = 3;
	assert_false(original_equals(&a, &b));
	b.content.len = 4;
	b.st.st_uid = 1;
	assert_false(original_equals(&a, &b));
	b.st.st_uid = 0;
	b.st.st_gid = 1;
	assert_false(original_equals(&a, &b));
	b.st.st_gid = 0;
	b.st.st_mode = 0640;
	assert_false(original_equals(&a, &b));
	b.st.st_mode = S_IFREG | 0644;
	assert_true(original_equals(&a, &b));
	original_free(&a);
	original_free(&b);
}

static void a_file_that_names_us(void **state)
{
	static const struct {
		const char *text;
		bool names;
	} rows[] = {{"", false}, {"auth required pam_cognito_oidc.so", true},
	    {"x\nauth required pam_cognito_oidc.so debug\ny\n", true},
	    {"# pam_cognito_oidc.so\n", false},
	    {"auth required pam_unix.so # pam_cognito_oidc.so", false},
	    {"# pam_cognito_oidc.so\nauth required pam_cognito_oidc.so # x", true},
	    {"pam_cognito_oidc.s\no\n", false}};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buffer text = BUFFER_INIT(256);
		buffer_append_text(&text, rows[i].text);
		if (place_names_us(&text) != rows[i].names)
			fail_msg("%s", rows[i].text);
		buffer_wipe(&text);
	}
}

/* su-l, whose file takes its lines from that of su, is left as it is; one that cannot be read
 * is no reason to replace it. */
static void a_file_that_includes_the_service_s(void **state)
{
	static const char *const included[] = {"auth include su\naccount include su\n",
	    "auth substack su\naccount substack su\n", "x\n@include su\n",
	    "session include x\naccount include su\nauth include su\n"};
	const struct place *p = places;
	struct original wanted;
	(void)state;
	while (p->name != NULL && !streq(p->name, "su-l"))
		p++;
	assert_string_equal(p->name, "su-l");
	for (size_t i = 0; i < COUNT(included); i++) {
		other = included[i];
		assert_true(place_wanted(p, NULL, &wanted));
		assert_false(wanted.exists);
		original_free(&wanted);
	}
	other = "auth required pam_unix.so\n";
	assert_true(place_wanted(p, NULL, &wanted));
	assert_string_equal(buffer_text(&wanted.content), "sample");
	original_free(&wanted);
	other = NULL;
	assert_false(place_wanted(p, NULL, &wanted));
	assert_false(wanted.exists);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(what_is_no_file_is_not_taken_up, begin, end),
	    cmocka_unit_test_setup_teardown(attributes_travel_with_it, begin, end),
	    cmocka_unit_test_setup_teardown(
		a_disk_that_refuses_leaves_the_old_file, begin, end),
	    cmocka_unit_test_setup_teardown(one_that_was_missing_is_removed, begin, end),
	    cmocka_unit_test(paths_that_are_too_long),
	    cmocka_unit_test(what_makes_two_differ),
	    cmocka_unit_test(a_file_that_names_us),
	    cmocka_unit_test(a_file_that_includes_the_service_s),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
