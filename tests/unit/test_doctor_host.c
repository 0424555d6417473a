/* SPDX-License-Identifier: MIT
 *
 * What doctor says of SELinux, of AppArmor, and of proxies that a host names elsewhere. A
 * machine of the tests has none of them: make selinux-check and make apparmor-check have real
 * ones.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>
#include <cmocka.h>

#include "cli/doctor.h"
#include "cli/verbs.h"
#include "common/finding.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "host.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct {
	const char *enforce, *apparmor, *profiles; /* files; NULL: there is none */
	const char *context; /* the one that the kernel takes; NULL: none */
	const char *label; /* the helper's; NULL: none */
	const char *where, *proxies; /* a file that names a proxy */
	char mac[256], proxy[256];
	enum doctor_status status;
} is;

FILE *__real_fopen(const char *, const char *);
FILE *__wrap_fopen(const char *, const char *);
FILE *__wrap_fopen(const char *path, const char *mode)
{
	if (streq(path, "/sys/kernel/security/apparmor/profiles"))
		return host_file(is.profiles);
	if (streq(path, "/sys/fs/selinux/enforce"))
		return host_file(is.enforce);
	if (streq(path, "/sys/module/apparmor/parameters/enabled"))
		return host_file(is.apparmor);
	if (text_starts(path, "/etc/"))
		return host_file(streq(path, is.where) ? is.proxies : NULL);
	return __real_fopen(path, mode);
}

static int context_fd = -1;

int __real_open(const char *, int, ...);
int __wrap_open(const char *, int, ...);
int __wrap_open(const char *path, int flags, ...)
{
	if (!streq(path, "/sys/fs/selinux/context"))
		return __real_open(path, flags);
	context_fd = is.enforce != NULL ? __real_open("/dev/null", O_RDWR) : -1;
	return context_fd;
}

ssize_t __real_write(int, const void *, size_t);
ssize_t __wrap_write(int, const void *, size_t);
ssize_t __wrap_write(int fd, const void *bytes, size_t len)
{
	if (fd != context_fd)
		return __real_write(fd, bytes, len);
	return streq(bytes, is.context) ? (ssize_t)len : -1;
}

ssize_t __wrap_getxattr(const char *, const char *, void *, size_t);
ssize_t __wrap_getxattr(const char *path, const char *name, void *out, size_t size)
{
	(void)path;
	assert_string_equal(name, "security.selinux");
	return is.label != NULL ? snprintf(out, size, "%s", is.label) : -1;
}

void __wrap_diagnosis_say(struct diagnosis *, enum doctor_status, enum finding_name,
    const char *, ...) __attribute__((format(printf, 4, 5)));
void __wrap_diagnosis_say(struct diagnosis *d, enum doctor_status status,
    enum finding_name finding, const char *format, ...)
{
	va_list args;
	(void)d;
	va_start(args, format);
	if (finding == FOUND_MAC) {
		vsnprintf(is.mac, sizeof(is.mac), format, args);
		is.status = status;
	} else if (finding == FOUND_PROXY) {
		vsnprintf(is.proxy, sizeof(is.proxy), format, args);
	}
	va_end(args);
}

static void selinux_and_apparmor(void **state)
{
#define LABEL "pam_cognito_oidc_helper_exec_t"
#define CONTEXT "system_u:object_r:" LABEL
	static const struct {
		const char *enforce, *context, *label, *apparmor, *profiles, *said;
		enum doctor_status status;
	} rows[] = {
	    {NULL, NULL, NULL, NULL, NULL, "SELinux off; AppArmor off", DOCTOR_OK},
	    {NULL, NULL, NULL, "N\n", NULL, "SELinux off; AppArmor off", DOCTOR_OK},
	    {"1", NULL, NULL, NULL, NULL,
		"SELinux enforcing, without the helper's policy module; AppArmor off",
		DOCTOR_WARN},
	    {"0", NULL, NULL, NULL, NULL,
		"SELinux permissive, without the helper's policy module; AppArmor off",
		DOCTOR_OK},
	    {"1", CONTEXT ":s0", NULL, NULL, NULL,
		"SELinux enforcing, but the helper lacks its label (restorecon); AppArmor off",
		DOCTOR_WARN},
	    {"1", CONTEXT, "system_u:object_r:bin_t:s0", NULL, NULL,
		"SELinux enforcing, but the helper lacks its label (restorecon); AppArmor off",
		DOCTOR_WARN},
	    {"1", CONTEXT ":s0", CONTEXT ":s0", NULL, NULL,
		"SELinux enforcing, with the helper's policy module; AppArmor off", DOCTOR_OK},
	    {"0", CONTEXT, CONTEXT, NULL, NULL,
		"SELinux permissive, with the helper's policy module; AppArmor off", DOCTOR_OK},
	    {"x", NULL, NULL, "Y\n", NULL,
		"SELinux off; AppArmor on, the helper has no profile", DOCTOR_OK},
	    {NULL, NULL, NULL, "Y\n", "other (enforce)\n",
		"SELinux off; AppArmor on, the helper has no profile", DOCTOR_OK},
	    {NULL, NULL, NULL, "Y\n", "other (enforce)\npam_cognito_oidc_helper (complain)\n",
		"SELinux off; AppArmor on, the helper has profile in complain mode", DOCTOR_OK},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		static const struct environment environment = {.is_utf8 = true};
		struct diagnosis d = {
		    .environment = &environment, .config_path = "/nonexistent/c"};
		memset(&is, 0, sizeof(is));
		is.enforce = rows[i].enforce;
		is.context = rows[i].context;
		is.label = rows[i].label;
		is.apparmor = rows[i].apparmor;
		is.profiles = rows[i].profiles;
		doctor_host(&d);
		assert_string_equal(is.mac, rows[i].said);
		assert_int_equal(is.status, rows[i].status);
	}
}

static void proxies_that_a_login_does_not_use(void **state)
{
	static const struct {
		const char *file, *text, *said; /* said: "" for nothing */
	} rows[] = {
	    {NULL, NULL, ""},
	    {"/etc/environment", "PATH=/bin\n", ""},
	    {"/etc/environment", "# https_proxy=http://a.example:3128\n", ""},
	    {"/etc/environment", " \t# https_proxy=http://a.example:3128\n", ""},
	    {"/etc/environment", "HOMEPAGE=http://a.example/\n", ""},
	    {"/etc/environment", "https_proxy=http://a.example:3128\n",
		"the proxy http://a.example:3128"},
	    {"/etc/environment", "HTTPS_PROXY=\"http://bob:secret@a.example:3128\"\n",
		"the proxy a.example:3128"},
	    {"/etc/apt/apt.conf", "Acquire::http::Proxy \"http://a.example:3128\";\n",
		"/etc/apt/apt.conf names the proxy http://a.example:3128"},
	    {"/etc/profile.d/proxy.sh", "x\nexport http_proxy=http://a.example:3128\n",
		"/etc/profile.d/proxy.sh"},
	};
	struct environment environment = {.is_utf8 = true, .proxy = ""};
	struct config config = {.proxy = NULL};
	struct diagnosis d = {.environment = &environment, .config = &config, .no_route = true};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		memset(&is, 0, sizeof(is));
		is.where = rows[i].file;
		is.proxies = rows[i].text;
		doctor_proxy(&d);
		if ((is.proxy[0] == '\0') != (rows[i].said[0] == '\0') ||
		    strstr(is.proxy, rows[i].said) == NULL ||
		    strstr(is.proxy, "secret") != NULL)
			fail_msg("row %zu: %s", i, is.proxy);
	}
	/* Where the configuration names one, and where there is a route, nobody asks. */
	config.proxy = (char[]){"http://p.example:1"};
	is.proxy[0] = '\0';
	doctor_proxy(&d);
	config.proxy = NULL;
	d.no_route = false;
	doctor_proxy(&d);
	assert_string_equal(is.proxy, "");
	d.no_route = true;
	environment.proxy = "http://shell.example:1";
	doctor_proxy(&d);
	assert_non_null(strstr(is.proxy, "this shell uses the proxy http://shell.example:1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(selinux_and_apparmor),
	    cmocka_unit_test(proxies_that_a_login_does_not_use),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
