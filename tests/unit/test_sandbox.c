/* SPDX-License-Identifier: MIT
 *
 * The sandbox on kernels of every age, and where libseccomp or a call fails: then it is not
 * closed, and says so. tests/login/test_sandbox.py asks a real one.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <seccomp.h>
#include <cmocka.h>

#include "common/paths.h"
#include "common/reason.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/sandbox.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct kernel {
	int abi; /* of Landlock; 0: none */
	const char *fails;
	size_t code; /* bytes that libseccomp writes */
	size_t paths, ports, ranges, filters; /* that were asked for */
} kernel;

static bool fails(const char *call)
{
	return streq(kernel.fails, call);
}

long __wrap_syscall(long, ...);
long __wrap_syscall(long number, ...)
{
	va_list args;
	va_start(args, number);
	long first = va_arg(args, long), second = va_arg(args, long);
	va_end(args);
	switch (number) {
	case SYS_landlock_create_ruleset:
		if (first == 0)
			return kernel.abi > 0 ? kernel.abi : -1;
		return fails("ruleset") ? -1 : dup(2);
	case SYS_landlock_add_rule:
		*(second == 1 ? &kernel.paths : &kernel.ports) += 1;
		return fails(second == 1 ? "path" : "port") ? -1 : 0;
	case SYS_landlock_restrict_self:
		return fails("restrict") ? -1 : 0;
	case SYS_close_range:
		kernel.ranges++;
		return fails("close_range") ? -1 : 0;
	case SYS_seccomp:
		kernel.filters++;
		return fails("seccomp") ? -1 : 0;
	default:
		return -1;
	}
}

static bool closed[64];

int __real_close(int);
int __wrap_close(int);
int __wrap_close(int fd)
{
	if (fd >= 0 && fd < 64)
		closed[fd] = true;
	/* The test's own stay open: close_others() would take them. */
	return fails("close_range") ? 0 : __real_close(fd);
}

scmp_filter_ctx __wrap_seccomp_init(uint32_t);
scmp_filter_ctx __wrap_seccomp_init(uint32_t action)
{
	static int filter;
	(void)action;
	return fails("init") ? NULL : &filter;
}

void __wrap_seccomp_release(scmp_filter_ctx);
void __wrap_seccomp_release(scmp_filter_ctx filter)
{
	(void)filter;
}

int __wrap_seccomp_attr_set(scmp_filter_ctx, enum scmp_filter_attr, uint32_t);
int __wrap_seccomp_attr_set(scmp_filter_ctx filter, enum scmp_filter_attr name, uint32_t value)
{
	(void)filter;
	(void)name;
	(void)value;
	return fails("attr") ? -EINVAL : 0;
}

int __wrap_seccomp_rule_add(scmp_filter_ctx, uint32_t, int, unsigned, ...);
int __wrap_seccomp_rule_add(scmp_filter_ctx filter, uint32_t action, int call, unsigned n, ...)
{
	(void)filter;
	(void)n;
	(void)action;
	/* The one that is refused by another code is the last. */
	return fails("rule") || (fails("clone3") && call == SCMP_SYS(clone3)) ? -EINVAL : 0;
}

int __wrap_seccomp_rule_add_array(
    scmp_filter_ctx, uint32_t, int, unsigned, const struct scmp_arg_cmp *);
int __wrap_seccomp_rule_add_array(scmp_filter_ctx filter, uint32_t action, int call,
    unsigned count, const struct scmp_arg_cmp *arguments)
{
	(void)filter;
	(void)action;
	(void)call;
	(void)count;
	(void)arguments;
	return fails("rules") ? -EINVAL : 0;
}

int __wrap_seccomp_load(const scmp_filter_ctx);
int __wrap_seccomp_load(const scmp_filter_ctx filter)
{
	(void)filter;
	kernel.filters++;
	return fails("load") ? -EINVAL : 0;
}

int __wrap_seccomp_export_bpf(const scmp_filter_ctx, int);
int __wrap_seccomp_export_bpf(const scmp_filter_ctx filter, int fd)
{
	static const char code[8192];
	(void)filter;
	if (fails("export"))
		return -EINVAL;
	return kernel.code == 0 || write(fd, code, kernel.code) > 0 ? 0 : -EIO;
}

int __real_pipe2(int[2], int);
int __wrap_pipe2(int[2], int);
int __wrap_pipe2(int fds[2], int flags)
{
	return fails("pipe") ? -1 : __real_pipe2(fds, flags);
}

/* ---- the filter, made ahead
 * ------------------------------------------------------------------ */

static void a_filter_is_whole_or_none(void **state)
{
	static const struct {
		const char *fails;
		size_t code;
		int result;
	} rows[] = {
	    {NULL, 968, 0},
	    {NULL, 0, RESULT_CONFINE}, /* nothing was written */
	    {NULL, 967, RESULT_CONFINE}, /* half an instruction */
	    {NULL, 4096, RESULT_CONFINE}, /* perhaps cut off */
	    {NULL, 8192, RESULT_CONFINE},
	    {"pipe", 968, RESULT_CONFINE},
	    {"init", 968, RESULT_CONFINE},
	    {"attr", 968, RESULT_CONFINE},
	    {"rule", 968, RESULT_CONFINE},
	    {"rules", 968, RESULT_CONFINE},
	    {"clone3", 968, RESULT_CONFINE},
	    {"export", 968, RESULT_CONFINE},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sandbox_filter *filter = NULL;
		kernel = (struct kernel){.fails = rows[i].fails, .code = rows[i].code};
		if (sandbox_filter_new(&filter) != rows[i].result ||
		    (filter != NULL) != (rows[i].result == 0))
			fail_msg("row %zu", i);
		sandbox_filter_free(filter);
	}
}

/* ---- closing
 * --------------------------------------------------------------------------------- */

static void kernels_of_every_age(void **state)
{
	static const char *const said[] = {"seccomp alone", "ABI 1 and seccomp; this kernel",
	    "ABI 2 ", "ABI 3 and seccomp; this kernel", "ABI 4 and seccomp", "ABI 5 ", "ABI 6 ",
	    "ABI 7 "};
	char text[256];
	(void)state;
	if (paths.sanitized)
		skip();
	for (int abi = 0; abi < (int)COUNT(said); abi++) {
		struct reason reason = {.detail = ""};
		struct sandbox s = {.ca_file = "/dev/null", .ports = {443, 80}, .ports_len = 2};
		kernel = (struct kernel){.abi = abi};
		assert_string_equal(sandbox_describe(&s, text, sizeof(text)), "sandbox: open");
		assert_false(sandbox_is_whole(&s));
		assert_int_equal(sandbox_close(&s, &reason), 0);
		assert_true(s.is_closed);
		assert_int_equal(sandbox_is_whole(&s), abi >= 4);
		assert_non_null(strstr(sandbox_describe(&s, text, sizeof(text)), said[abi]));
		assert_int_equal(kernel.paths, abi > 0 ? 1 : 0);
		assert_int_equal(kernel.ports, abi >= 4 ? 2 : 0);
		assert_int_equal(kernel.filters, 1);
		/* Once. */
		assert_int_equal(sandbox_close(&s, &reason), 0);
		assert_int_equal(kernel.filters, 1);
	}
}

static void what_fails_leaves_it_open(void **state)
{
	static const char *const rows[][2] = {{"ruleset", "no rule set"}, {"path", "ca_file"},
	    {"port", "ports"}, {"restrict", "cannot be applied"}, {"load", "seccomp"},
	    {"init", "seccomp"}, {"rule", "seccomp"}};
	(void)state;
	if (paths.sanitized)
		skip();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct reason reason = {.detail = ""};
		struct sandbox s = {.ca_file = "/dev/null", .ports = {443}, .ports_len = 1};
		kernel = (struct kernel){.abi = 7, .fails = rows[i][0]};
		assert_int_equal(sandbox_close(&s, &reason), RESULT_CONFINE);
		assert_false(s.is_closed);
		assert_non_null(strstr(reason.detail, rows[i][1]));
	}
}

static void a_filter_that_was_made_is_taken(void **state)
{
	(void)state;
	if (paths.sanitized)
		skip();
	struct sandbox_filter *filter = NULL;
	struct reason reason = {.detail = ""};
	kernel = (struct kernel){.code = 968};
	assert_int_equal(sandbox_filter_new(&filter), 0);
	struct sandbox s = {.filter = filter};
	assert_int_equal(sandbox_close(&s, &reason), 0);
	assert_int_equal(kernel.filters, 1);
	s.is_closed = false;
	kernel.fails = "seccomp";
	assert_int_equal(sandbox_close(&s, &reason), RESULT_CONFINE);
	sandbox_filter_free(filter);
}

/* Of a directory only files named as OpenSSL names them. */
static void certificates_of_a_directory(void **state)
{
	static const char *const names[] = {"5ad8a5d6.0", "5ad8a5d6.1", "5ad8a5d6",
	    "5ad8a5d60.0", "5ad8a5dg.0", "5ad8a5d6.x", "ca.pem", "5ad8a5d.0"};
	char folder[] = "/tmp/test-sandbox-XXXXXX", path[256];
	(void)state;
	if (paths.sanitized)
		skip();
	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		FILE *file = fopen(path, "w");
		assert_non_null(file);
		fclose(file);
	}
	/* A link that leads nowhere is no fault. */
	snprintf(path, sizeof(path), "%s/0a0a0a0a.0", folder);
	assert_int_equal(symlink("gone", path), 0);
	struct reason reason = {.detail = ""};
	struct sandbox s = {.ca_path = folder};
	kernel = (struct kernel){.abi = 7};
	assert_int_equal(sandbox_close(&s, &reason), 0);
	/* The link is opened as what it is: nothing. */
	assert_int_equal(kernel.paths, 2);
	s = (struct sandbox){.ca_path = folder};
	kernel = (struct kernel){.abi = 7, .fails = "path"};
	assert_int_equal(sandbox_close(&s, &reason), RESULT_CONFINE);
	assert_non_null(strstr(reason.detail, "ca_path"));
	unlink(path);
	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	rmdir(folder);
	s = (struct sandbox){.ca_path = folder};
	kernel = (struct kernel){.abi = 7};
	assert_int_equal(sandbox_close(&s, &reason), 0);
	assert_int_equal(kernel.paths, 0);
}

static void what_is_kept_stays_open(void **state)
{
	struct reason reason = {.detail = ""};
	struct sandbox s = {.kept_len = 0};
	(void)state;
	if (paths.sanitized)
		skip();
	sandbox_keep(&s, 3);
	sandbox_keep(&s, 9);
	sandbox_keep(&s, 9);
	assert_int_equal(s.kept_len, 2);
	kernel = (struct kernel){.abi = 0};
	assert_int_equal(sandbox_close(&s, &reason), 0);
	/* 4 to 8, and 10 onward. */
	assert_int_equal(kernel.ranges, 2);
	/* Without close_range() one by one. */
	s.is_closed = false;
	kernel = (struct kernel){.fails = "close_range"};
	memset(closed, 0, sizeof(closed));
	assert_int_equal(sandbox_close(&s, &reason), 0);
	for (int fd = 0; fd < 64; fd++)
		assert_int_equal(closed[fd], fd >= 3 && fd != 3 && fd != 9);
	for (int fd = 10; fd < 10 + SANDBOX_KEPT_MAX; fd++)
		sandbox_keep(&s, fd);
	assert_int_equal(s.kept_len, SANDBOX_KEPT_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_filter_is_whole_or_none),
	    cmocka_unit_test(kernels_of_every_age),
	    cmocka_unit_test(what_fails_leaves_it_open),
	    cmocka_unit_test(a_filter_that_was_made_is_taken),
	    cmocka_unit_test(certificates_of_a_directory),
	    cmocka_unit_test(what_is_kept_stays_open),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
