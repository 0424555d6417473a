/* SPDX-License-Identifier: MIT
 *
 * Who could log in without Cognito, by the files of a host, and by what its sshd and sudo say.
 * tests/e2e/enable.sh has real ones.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "cli/break_glass.h"
#include "cli/output.h"
#include "cli/program.h"
#include "cli/sshd.h"
#include "common/buffer.h"
#include "common/reason.h"
#include "common/text.h"
#include "host.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HASH "$y$j9T$abcdefghijklmnop$0123456789012345678901234567890123456789012"

/* ---- a host --------------------------------------------------------------------------------
 */

static struct host {
	const char *passwd, *shadow, *group; /* NULL: no such file */
	const char *sshd; /* what sshd -T says; NULL: it fails */
	const char *sudo; /* what sudo -l says; NULL: it fails */
	bool has_no_sshd, is_unknown;
	uid_t uid;
} host;
static char said[512]; /* the last line of the report */

FILE *__real_fopen(const char *, const char *);
FILE *__wrap_fopen(const char *, const char *);
FILE *__wrap_fopen(const char *path, const char *mode)
{
	const struct {
		const char *path, *text;
	} files[] = {{"/etc/passwd", host.passwd}, {"/etc/shadow", host.shadow},
	    {"/etc/group", host.group}};
	for (size_t i = 0; i < COUNT(files); i++)
		if (streq(path, files[i].path)) {
			FILE *file = files[i].text != NULL ? tmpfile() : NULL;
			if (file == NULL) {
				errno = ENOENT;
				return NULL;
			}
			fputs(files[i].text, file);
			rewind(file);
			return file;
		}
	return __real_fopen(path, mode);
}

int __wrap_access(const char *, int);
int __wrap_access(const char *path, int mode)
{
	(void)mode;
	if (streq(path, SSHD_PROGRAM))
		return host.has_no_sshd ? -1 : 0;
	return text_starts(path, "/bin/") ? 0 : -1;
}

static struct passwd person = {.pw_gid = 100};

struct passwd *__wrap_getpwnam(const char *);
struct passwd *__wrap_getpwnam(const char *name)
{
	static char copy[256];
	snprintf(copy, sizeof(copy), "%s", name);
	person.pw_name = copy;
	person.pw_uid = host.uid;
	return host.is_unknown ? NULL : &person;
}

/* Those who have a group of their own, 77, and of others. */
static struct passwd entries[] = {{.pw_name = (char[]){"other"}, .pw_gid = 5},
    {.pw_name = (char[]){"own"}, .pw_gid = 77}, {.pw_name = (char[]){"rescue"}, .pw_gid = 77}};

int __wrap_getgrouplist(const char *, gid_t, gid_t *, int *);
int __wrap_getgrouplist(const char *user, gid_t gid, gid_t *groups, int *count)
{
	(void)user;
	groups[0] = gid;
	groups[1] = 77;
	groups[2] = 78; /* without a name */
	*count = 3;
	return 3;
}

struct group *__wrap_getgrgid(gid_t);
struct group *__wrap_getgrgid(gid_t gid)
{
	static struct group group;
	static char users[] = "users", breakglass[] = BREAK_GLASS;
	group.gr_name = gid == 77 ? breakglass : users;
	return gid == 78 ? NULL : &group;
}

int __wrap_sshd_ask(const char *, struct buffer *, struct reason *);
int __wrap_sshd_ask(const char *user, struct buffer *out, struct reason *reason)
{
	(void)user;
	(void)reason;
	return host.sshd != NULL ? buffer_append_text(out, host.sshd) : 1;
}

int __wrap_program_run(char *const argv[], struct buffer *out, struct reason *reason);
int __wrap_program_run(char *const argv[], struct buffer *out, struct reason *reason)
{
	(void)reason;
	assert_string_equal(argv[0], "/usr/bin/sudo");
	return host.sudo != NULL ? buffer_append_text(out, host.sudo) : 1;
}

void __wrap_output_marked(struct output *, const char *, const char *, ...)
    __attribute__((format(printf, 3, 4)));
void __wrap_output_marked(struct output *out, const char *mark, const char *format, ...)
{
	va_list args;
	(void)out;
	(void)mark;
	va_start(args, format);
	vsnprintf(said, sizeof(said), format, args);
	va_end(args);
}

/* ---- what is wrong with rescue --------------------------------------------------------------
 */

#define GOOD_PASSWD "root:x:0:0::/root:/bin/sh\nrescue:x:1001:77::/:/bin/sh\n"
#define GOOD_SHADOW "root:*:1::::::\nrescue:" HASH ":19000:0:99999:7:::\n"
#define GOOD_GROUP "users:x:100:\nbreakglass:x:99:rescue\n"
#define GOOD_SSHD "permitrootlogin no\nlistenaddress 0.0.0.0:22\n"
#define MAY "User rescue may run the following commands on host:"
#define GOOD_SUDO MAY "\n    (ALL : ALL) ALL\n"

/* What the report says of rescue, on a host like this, for sshd and sudo. */
static bool works(const struct host *like)
{
	static const char *const services[] = {"su", "sshd", "sudo", NULL};
	static struct sshd_users users;
	host = *like;
	said[0] = '\0';
	return break_glass_works(NULL, services, &users);
}

static void check(const char *what, const struct host *like, const char *wrong)
{
	bool good = works(like);
	const char *word = wrong != NULL ? wrong : "can log in without Cognito";
	if (good != (wrong == NULL) || strstr(said, word) == NULL)
		fail_msg("%s: %s", what, said);
}

static struct host good_host(void)
{
	return (struct host){.passwd = GOOD_PASSWD,
	    .shadow = GOOD_SHADOW,
	    .group = GOOD_GROUP,
	    .sshd = GOOD_SSHD,
	    .sudo = GOOD_SUDO,
	    .uid = 1001};
}

static void the_account(void **state)
{
	static const struct {
		const char *passwd, *shadow, *wrong;
	} rows[] = {
	    {GOOD_PASSWD, GOOD_SHADOW, NULL},
	    {NULL, GOOD_SHADOW, "is not in /etc/passwd"},
	    {"root:x:0:0::/root:/bin/sh\n", GOOD_SHADOW, "is not in /etc/passwd"},
	    {"rescue::1001:77::/:/bin/sh\n", GOOD_SHADOW, "as the password in"},
	    {"rescue:x:1001:77::/:\n", GOOD_SHADOW, NULL},
	    {"rescue:x:1001:77::/:nologin\n", GOOD_SHADOW, "no login shell"},
	    {"rescue:x:1001:77::/:/bin/false\n", GOOD_SHADOW, "no login shell"},
	    {"rescue:x:1001:77::/:/opt/gone\n", GOOD_SHADOW, "no login shell"},
	    {GOOD_PASSWD, NULL, "no line in /etc/shadow"},
	    {GOOD_PASSWD, "root:*:1::::::\n", "no line in /etc/shadow"},
	    {GOOD_PASSWD, "rescue::19000::::::\n", "has no password"},
	    {GOOD_PASSWD, "rescue:!" HASH ":19000::::::\n", "a locked password"},
	    {GOOD_PASSWD, "rescue:*:19000::::::\n", "a locked password"},
	    {GOOD_PASSWD, "rescue:abc:19000::::::\n", "no usable password"},
	    {GOOD_PASSWD, "rescue:ab0123456789A:19000::::::\n", NULL},
	    {GOOD_PASSWD, "rescue:ab0123456789AB:19000::::::\n", "no usable password"},
	    {GOOD_PASSWD, "rescue:" HASH ":19000:::::1:\n", "account that has expired"},
	    {GOOD_PASSWD, "rescue:" HASH ":19000:::::99999:\n", NULL},
	    {GOOD_PASSWD, "rescue:" HASH ":0::::::\n", "must change the password"},
	    {GOOD_PASSWD, "rescue:" HASH ":19000::30::::\n", "password that has expired"},
	    {GOOD_PASSWD, "rescue:" HASH ":19000::::::\n", NULL},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct host like = good_host();
		like.passwd = rows[i].passwd;
		like.shadow = rows[i].shadow;
		check(rows[i].shadow != NULL ? rows[i].shadow : "no shadow", &like,
		    rows[i].wrong);
	}
}

static void what_sshd_says(void **state)
{
	static const struct {
		const char *text, *wrong;
	} rows[] = {
	    {GOOD_SSHD, NULL},
	    {NULL, "sshd -T fails"},
	    {"denyusers bob\ndenyusersx rescue\n", NULL},
	    {"denyusers bob res*\n", "DenyUsers"},
	    {"denyusers rescue@*\n", "DenyUsers"},
	    {"denyusers rescue@\n", "DenyUsers"},
	    {"denyusers rescue@10.0.0.1\n", NULL},
	    {"allowusers bob\n", "not in AllowUsers"},
	    {"allowusers  bob \t rescue\n", NULL},
	    {"allowusers bob\nallowusers rescue@10.0.0.1\n", NULL},
	    {"denygroups breakglass\n", "DenyGroups"},
	    {"denygroups users2\n", NULL},
	    {"allowgroups staff\n", "none of the AllowGroups"},
	    {"allowgroups staff users\n", NULL},
	    {"authenticationmethods any\n", NULL},
	    {"authenticationmethods publickey\n", "more than a password"},
	    {"authenticationmethods publickey password\n", NULL},
	    {"authenticationmethods keyboard-interactive:pam\n", NULL},
	    {"authenticationmethods publickey,password keyboard-interactive,publickey\n",
		"more than a password"},
	    {"forcecommand none\n", NULL},
	    {"forcecommand internal-sftp\n", "ForceCommand"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct host like = good_host();
		like.sshd = rows[i].text;
		check(rows[i].text != NULL ? rows[i].text : "sshd fails", &like, rows[i].wrong);
	}
	struct host like = good_host();
	like.uid = 0;
	check("root", &like, "PermitRootLogin");
	like.sshd = "permitrootlogin yes\n";
	check("root, who may", &like, NULL);
	like.sshd = NULL;
	like.has_no_sshd = true;
	check("no sshd", &like, NULL);
	like.is_unknown = true;
	check("no such user", &like, "is unknown");
}

static void what_sudo_says(void **state)
{
	static const struct {
		const char *text, *wrong;
	} rows[] = {
	    {GOOD_SUDO, NULL},
	    {NULL, "is granted nothing"},
	    {"User rescue is not allowed to run sudo on host.\n", "is granted nothing"},
	    {MAY "\n    (root) NOPASSWD: ALL\n", NULL},
	    {MAY "\n    (bob, root) ALL\n", NULL},
	    {MAY "\n    (bob) ALL\n", "every command as root"},
	    {MAY "\n    () ALL\n", "every command as root"},
	    {MAY "\n    (ALL) /bin/id\n", "every command as root"},
	    {MAY "\n    (ALL) /bin/id, ABC\n", "every command as root"},
	    {MAY "\n    (ALL) ALL, !ALL\n", "every command as root"},
	    {MAY "\n    (ALL) !ALL, ALL\n", NULL},
	    {MAY "\n    (ALL) /bin/id\n    (root) ALL\n", NULL},
	    {MAY "\n    (ALL) ALL\n    (ALL) !ALL\n", "every command as root"},
	    {"Matching Defaults entries:\n    env_reset, targetpw\n\n" GOOD_SUDO,
		"another user's password"},
	    {"Matching Defaults entries:\n    rootpw\n\n" GOOD_SUDO, "another user's password"},
	    {"Matching Defaults entries:\n    runaspw\n\n" GOOD_SUDO,
		"another user's password"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct host like = good_host();
		like.sudo = rows[i].text;
		check(rows[i].text != NULL ? rows[i].text : "sudo fails", &like, rows[i].wrong);
	}
}

static void who_is_a_member(void **state)
{
	(void)state;
	host = good_host();
	assert_true(break_glass_has("rescue"));
	assert_false(break_glass_has("bob"));
	/* Those whose own group it is are, too, and nobody twice. */
	host.group = "breakglass:x:77:rescue,rescue\n";
	assert_true(break_glass_has("own"));
	assert_false(break_glass_has("other"));
	host.group = "users:x:100:rescue\n";
	assert_false(break_glass_has("rescue"));
	host.group = NULL;
	assert_false(break_glass_has("rescue"));
	struct host like = good_host();
	like.group = "users:x:100:\n";
	assert_false(works(&like));
	assert_string_equal(said, "there is no local group breakglass");
	like.group = "breakglass:x:99:\n";
	assert_false(works(&like));
	assert_string_equal(said, "the local group breakglass has no members");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_account),
	    cmocka_unit_test(what_sshd_says),
	    cmocka_unit_test(what_sudo_says),
	    cmocka_unit_test(who_is_a_member),
	};
	host_people(entries, COUNT(entries));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
