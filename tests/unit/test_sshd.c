/* SPDX-License-Identifier: MIT
 *
 * What is read out of sshd's configuration, and which sshd is told to read it again: never a
 * process that is none. tests/e2e/enable.sh has a real one.
 */
#include <arpa/inet.h>
#include <grp.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "cli/input.h"
#include "cli/output.h"
#include "cli/program.h"
#include "cli/sshd.h"
#include "cli/systemd.h"
#include "common/buffer.h"
#include "common/text.h"
#include "host.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define CONFIG "/etc/ssh/sshd_config"

static struct {
	const char *settings; /* of sshd -T; NULL: it fails */
	const char *config, *pid; /* files */
	const char *exe; /* where /proc/PID/exe leads; NULL: there is no such process */
	const char *unit; /* the unit that is active; NULL: systemd does not run */
	bool reload_fails, kill_fails, has_no_sshd;
	const char *banner; /* NULL: nobody listens */
	int told; /* the pid that was told, or -1: the unit */
	struct sockaddr_storage asked;
	char said[256];
} is;

int __wrap_program_run(char *const argv[], struct buffer *out, struct reason *reason);
int __wrap_program_run(char *const argv[], struct buffer *out, struct reason *reason)
{
	(void)reason;
	assert_string_equal(argv[0], SSHD_PROGRAM);
	return is.settings != NULL ? buffer_append_text(out, is.settings) : 1;
}

bool __wrap_input_read_file(const char *, struct buffer *);
bool __wrap_input_read_file(const char *path, struct buffer *out)
{
	const char *text = streq(path, CONFIG)            ? is.config
			   : streq(path, "/run/sshd.pid") ? is.pid
							  : NULL;
	return text != NULL && buffer_append_text(out, text) == 0;
}

int __wrap_access(const char *, int);
int __wrap_access(const char *path, int mode)
{
	(void)mode;
	return streq(path, SSHD_PROGRAM) ? (is.has_no_sshd ? -1 : 0) : is.pid != NULL ? 0 : -1;
}

ssize_t __wrap_readlink(const char *, char *, size_t);
ssize_t __wrap_readlink(const char *path, char *out, size_t size)
{
	(void)path;
	return is.exe != NULL ? snprintf(out, size, "%s", is.exe) : -1;
}

bool __wrap_systemd_runs(void);
bool __wrap_systemd_runs(void)
{
	return is.unit != NULL;
}

bool __wrap_systemd_ask(const char *, const char *);
bool __wrap_systemd_ask(const char *verb, const char *unit)
{
	bool is_it = streq(unit, is.unit);
	if (streq(verb, "reload") && is_it)
		is.told = -1;
	return is_it && !(streq(verb, "reload") && is.reload_fails);
}

int __wrap_kill(pid_t, int);
int __wrap_kill(pid_t pid, int number)
{
	(void)number;
	is.told = pid;
	return is.kill_fails ? -1 : 0;
}

int __wrap_connect(int, const struct sockaddr *, socklen_t);
int __wrap_connect(int fd, const struct sockaddr *at, socklen_t len)
{
	(void)fd;
	memcpy(&is.asked, at, len);
	return is.banner != NULL ? 0 : -1;
}

ssize_t __wrap_recv(int, void *, size_t, int);
ssize_t __wrap_recv(int fd, void *out, size_t size, int flags)
{
	(void)fd;
	(void)flags;
	size_t len = strlen(is.banner) < size ? strlen(is.banner) : size;
	memcpy(out, is.banner, len);
	return (ssize_t)len;
}

/* No nap is needed. */
static int64_t now;

int __wrap_poll(void *, unsigned long, int);
int __wrap_poll(void *fds, unsigned long count, int ms)
{
	(void)fds;
	(void)count;
	now += ms;
	return 0;
}

int64_t __wrap_clock_ms(void);
int64_t __wrap_clock_ms(void)
{
	return now;
}

int __wrap_clock_left(int64_t);
int __wrap_clock_left(int64_t end)
{
	return end > now ? (int)(end - now) : 0;
}

void __wrap_output_marked(struct output *, const char *, const char *, ...)
    __attribute__((format(printf, 3, 4)));
void __wrap_output_marked(struct output *out, const char *mark, const char *format, ...)
{
	va_list args;
	(void)out;
	int len = snprintf(is.said, sizeof(is.said), "%s ", mark);
	va_start(args, format);
	vsnprintf(is.said + len, sizeof(is.said) - (size_t)len, format, args);
	va_end(args);
}

struct passwd *__wrap_getpwnam(const char *);
struct passwd *__wrap_getpwnam(const char *name)
{
	static struct passwd pw;
	return streq(name, "gone") ? NULL : &pw;
}

struct group *__wrap_getgrnam(const char *);
struct group *__wrap_getgrnam(const char *name)
{
	static char member[] = "member", *members[] = {member, NULL}, *none[] = {NULL};
	static struct group group;
	group = (struct group){.gr_mem = streq(name, "own") ? none : members, .gr_gid = 77};
	return streq(name, "gone") ? NULL : &group;
}

static struct passwd entries[] = {{.pw_name = (char[]){"daemon"}, .pw_uid = 1, .pw_gid = 1},
    {.pw_name = (char[]){"nobody"}, .pw_uid = 65534, .pw_gid = 1},
    {.pw_name = (char[]){"first"}, .pw_uid = 1000, .pw_gid = 5},
    {.pw_name = (char[]){"owner"}, .pw_uid = 1001, .pw_gid = 77}};

/* ---- its configuration
 * ------------------------------------------------------------------------ */

static void one_setting_of_many(void **state)
{
	static const char text[] = "port 22\nusepam yes\nusepamx no\n\npidfile /run/sshd.pid";
	char out[64];
	(void)state;
	assert_true(sshd_setting(text, "UsePAM", out, sizeof(out)));
	assert_string_equal(out, "yes");
	assert_true(sshd_setting(text, "pidfile", out, sizeof(out)));
	assert_string_equal(out, "/run/sshd.pid");
	assert_false(sshd_setting(text, "usep", out, sizeof(out)));
	assert_false(sshd_setting("", "port", out, sizeof(out)));
}

static void an_include_counts_before_any_match(void **state)
{
	static const struct {
		const char *text;
		bool includes;
	} rows[] = {{NULL, false}, {"", false},
	    {"Include /etc/ssh/sshd_config.d/*.conf\n", true},
	    {"include=sshd_config.d/*.conf\n", true},
	    {"  INCLUDE\tother sshd_config.d/*.conf", true}, {"Include\n", false},
	    {"# Include /etc/ssh/sshd_config.d/*.conf\n", false},
	    {"Include /etc/ssh/other.d/*.conf\n", false}, {"Include /etc/*/*.conf\n", false},
	    {"Match User bob\nInclude /etc/ssh/sshd_config.d/*.conf\n", false},
	    {"Include sshd_config.d/*.conf\nMatch User bob\nInclude other\n", true}};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		is.config = rows[i].text;
		if (sshd_includes("/etc/ssh/sshd_config.d/00-ours.conf") != rows[i].includes)
			fail_msg("%s", rows[i].text);
	}
}

static void users_of_match_blocks(void **state)
{
	static struct sshd_users users;
	char told[512] = "", long_name[REQUEST_NAME_MAX + 2];
	(void)state;
	is.config =
	    "Port 22\nMatch User bob,gone,bob\nMatch Group staff\nmatch group own,gone\n"
	    "Match Address 10.0.0.1 User carol\nMatch User\nMatch\n";
	sshd_find_users(NULL, &users);
	for (size_t i = 0; i < users.len; i++)
		snprintf(
		    told + strlen(told), sizeof(told) - strlen(told), "%s ", users.names[i]);
	assert_non_null(strstr(told, "first bob member owner carol "));
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	size_t before = users.len;
	sshd_users_add(&users, long_name);
	sshd_users_add(&users, "a,b");
	assert_int_equal(users.len, before);
	for (int i = 0; i < 2 * SSHD_USERS_MOST; i++) {
		snprintf(told, sizeof(told), "user%d", i);
		sshd_users_add(&users, told);
	}
	assert_int_equal(users.len, SSHD_USERS_MOST);
}

/* ---- the running one
 * -------------------------------------------------------------------------- */

#define SETTINGS "port 22\npidfile /run/sshd.pid\nlistenaddress 0.0.0.0:22\n"

static void begin(void)
{
	memset(&is, 0, sizeof(is));
	is.settings = SETTINGS;
	is.pid = "4711\n";
	is.exe = SSHD_PROGRAM;
	is.banner = "SSH-2.0-OpenSSH\r\n";
}

static void who_is_told(void **state)
{
	static const struct {
		const char *pid, *exe, *unit, *settings;
		int told;
	} rows[] = {{"4711\n", SSHD_PROGRAM, NULL, SETTINGS, 4711},
	    {"4711\n", SSHD_PROGRAM " (deleted)", NULL, SETTINGS, 4711},
	    {"4711\n", "/bin/sh", NULL, SETTINGS, 0}, {"4711\n", NULL, NULL, SETTINGS, 0},
	    {"0\n", SSHD_PROGRAM, NULL, SETTINGS, 0}, {"-1\n", SSHD_PROGRAM, NULL, SETTINGS, 0},
	    {"x\n", SSHD_PROGRAM, NULL, SETTINGS, 0}, {NULL, SSHD_PROGRAM, NULL, SETTINGS, 0},
	    {"4711\n", SSHD_PROGRAM, NULL, "port 22\n", 0},
	    {"4711\n", SSHD_PROGRAM, "ssh.service", SETTINGS, -1},
	    {"4711\n", SSHD_PROGRAM, "sshd.service", SETTINGS, -1},
	    {"4711\n", SSHD_PROGRAM, "other.service", SETTINGS, 4711}};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		begin();
		is.pid = rows[i].pid;
		is.exe = rows[i].exe;
		is.unit = rows[i].unit;
		is.settings = rows[i].settings;
		assert_true(sshd_reload(NULL));
		assert_int_equal(is.told, rows[i].told);
	}
}

static void what_is_reported(void **state)
{
	(void)state;
	begin();
	assert_true(sshd_reload(NULL));
	assert_string_equal(
	    is.said, "ok sshd: sshd has reloaded its configuration, and answers");
	is.banner = NULL;
	assert_true(sshd_reload(NULL));
	assert_non_null(strstr(is.said, "it did not answer before, either"));
	is.banner = "HTTP/1.1 400\r\n";
	assert_true(sshd_reload(NULL));
	is.banner = "SSH";
	assert_true(sshd_reload(NULL));
	assert_non_null(strstr(is.said, "it did not answer before, either"));
	begin();
	is.kill_fails = true;
	assert_false(sshd_reload(NULL));
	assert_non_null(strstr(is.said, "FAIL"));
	begin();
	is.unit = "ssh.service";
	is.reload_fails = true;
	assert_false(sshd_reload(NULL));
	begin();
	is.pid = NULL;
	assert_true(sshd_reload(NULL));
	assert_string_equal(is.said, "ok sshd: nothing to reload, and it answers");
	is.banner = NULL;
	assert_true(sshd_reload(NULL));
	assert_string_equal(is.said, "- sshd: does not run");
	is.settings = NULL;
	assert_false(sshd_reload(NULL));
	assert_false(sshd_is_valid());
	begin();
	is.has_no_sshd = true;
	assert_false(sshd_reload(NULL));
	assert_false(sshd_is_valid());
}

static void where_it_is_asked(void **state)
{
	static const struct {
		const char *line, *address; /* NULL: nowhere */
	} rows[] = {{"listenaddress 0.0.0.0:22\n", "127.0.0.1"},
	    {"listenaddress 10.1.2.3:2222\n", "10.1.2.3"}, {"listenaddress [::]:22\n", "::1"},
	    {"listenaddress [fe80::1]:22\n", "fe80::1"}, {"listenaddress nowhere\n", NULL},
	    {"listenaddress host:x\n", NULL}, {"listenaddress host:22\n", NULL},
	    {"listenaddress [host]:22\n", NULL}, {"listenaddress 1.1.1.1:99999\n", NULL},
	    {"listen 1.1.1.1:22\n", NULL}};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[64] = "";
		begin();
		is.settings = rows[i].line;
		is.pid = NULL;
		sshd_reload(NULL);
		const struct sockaddr_in *v4 = (const struct sockaddr_in *)&is.asked;
		const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&is.asked;
		if (is.asked.ss_family == AF_INET6)
			inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof(text));
		else if (is.asked.ss_family == AF_INET)
			inet_ntop(AF_INET, &v4->sin_addr, text, sizeof(text));
		assert_string_equal(text, rows[i].address != NULL ? rows[i].address : "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_setting_of_many),
	    cmocka_unit_test(an_include_counts_before_any_match),
	    cmocka_unit_test(users_of_match_blocks),
	    cmocka_unit_test(who_is_told),
	    cmocka_unit_test(what_is_reported),
	    cmocka_unit_test(where_it_is_asked),
	};
	host_people(entries, COUNT(entries));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
