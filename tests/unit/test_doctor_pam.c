/* SPDX-License-Identifier: MIT
 *
 * What doctor says of the service files of a host: who comes past us, who could not come in,
 * and what libpam would read otherwise than it seems.
 */
#include <dirent.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cli/doctor.h"
#include "cli/input.h"
#include "cli/pam_stack.h"
#include "common/buffer.h"
#include "common/finding.h"
#include "common/text.h"
#include "host.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define US "pam_cognito_oidc.so"
#define UNIX "pam_unix.so"
#define FILES_MOST 4

struct file {
	const char *name, *text;
};

static const struct file *files; /* of /etc/pam.d; ended by NULL */
static const char *conf; /* /etc/pam.conf, or NULL */
static bool has_ssm_user;
static char told[2048]; /* the findings' names, with their status */

FILE *__real_fopen(const char *, const char *);
FILE *__wrap_fopen(const char *, const char *);
FILE *__wrap_fopen(const char *path, const char *mode)
{
	const size_t len = strlen(PAM_STACK_DIRECTORY "/");
	if (!text_starts(path, PAM_STACK_DIRECTORY "/"))
		return __real_fopen(path, mode);
	const struct file *at = files;
	while (at->name != NULL && !streq(at->name, path + len))
		at++;
	return host_file(at->text);
}

int __wrap_scandir(const char *, struct dirent ***, int (*)(const struct dirent *),
    int (*)(const struct dirent **, const struct dirent **));
int __wrap_scandir(const char *folder, struct dirent ***out,
    int (*is_wanted)(const struct dirent *),
    int (*order)(const struct dirent **, const struct dirent **))
{
	(void)folder;
	(void)order;
	int count = 0;
	*out = calloc(FILES_MOST + 1, sizeof(**out));
	for (const struct file *at = files; *out != NULL && at->name != NULL; at++) {
		struct dirent *entry = calloc(1, sizeof(*entry));
		assert_non_null(entry);
		snprintf(entry->d_name, sizeof(entry->d_name), "%s", at->name);
		if (is_wanted(entry))
			(*out)[count++] = entry;
		else
			free(entry);
	}
	return count;
}

struct passwd *__wrap_getpwnam(const char *);
struct passwd *__wrap_getpwnam(const char *name)
{
	static struct passwd pw;
	return has_ssm_user && streq(name, "ssm-user") ? &pw : NULL;
}

bool __wrap_input_read_file(const char *, struct buffer *);
bool __wrap_input_read_file(const char *path, struct buffer *out)
{
	assert_string_equal(path, "/etc/pam.conf");
	return conf != NULL && buffer_append_text(out, conf) == 0;
}

void __wrap_diagnosis_say(struct diagnosis *, enum doctor_status, enum finding_name,
    const char *, ...) __attribute__((format(printf, 4, 5)));
void __wrap_diagnosis_say(struct diagnosis *d, enum doctor_status status,
    enum finding_name finding, const char *format, ...)
{
#define FINDING_NAME(symbol, name, advice, page) name,
	static const char *const names[] = {FINDINGS(FINDING_NAME)};
	static const char *const marks[] = {"", "?", "!"};
	char *end = told + strlen(told);
	(void)format;
	d->count[status]++;
	snprintf(end, (size_t)(told + sizeof(told) - end), "%s%s%s", end > told ? " " : "",
	    marks[status], names[finding]);
}

static struct diagnosis look(const struct file *at)
{
	struct diagnosis d = {.out = NULL};
	files = at;
	told[0] = '\0';
	doctor_pam(&d);
	return d;
}

static void check(const struct file *at, const char *expected)
{
	look(at);
	if (!streq(told, expected))
		fail_msg("%s: %s, not %s", at->text, told, expected);
}

#define ACCOUNT "account required " US "\n"

/* One service, "app". */
static void who_comes_past_us(void **state)
{
	static const struct {
		const char *text, *told;
	} rows[] = {
	    {"auth required " US "\n" ACCOUNT, "?pam.break-glass"},
	    {"auth sufficient " US "\nauth required " UNIX "\n" ACCOUNT, "pam"},
	    {"auth optional " US "\nauth required " UNIX "\n" ACCOUNT, "pam"},
	    {"auth required " US "\nauth required " UNIX "\n" ACCOUNT, "?pam.break-glass"},
	    /* What cannot prove anything is no way in. */
	    {"auth sufficient " US "\nauth required pam_deny.so\n" ACCOUNT, "?pam.break-glass"},
	    {"auth sufficient " US
	     "\nauth required pam_access.so\nauth required pam_env.so\n" ACCOUNT,
		"?pam.break-glass"},
	    {"auth sufficient " US "\nauth sufficient " US "\n" ACCOUNT, "?pam.break-glass"},
	    /* Before us. */
	    {"auth sufficient " UNIX "\nauth required " US "\n" ACCOUNT, "!pam.bypass"},
	    {"auth [success=done default=ignore] " UNIX "\nauth required " US "\n" ACCOUNT,
		"!pam.bypass"},
	    {"auth [success=1 default=ignore] " UNIX "\nauth required " US "\n" ACCOUNT,
		"!pam.bypass"},
	    {"auth [ SUCCESS=1 default=ignore] " UNIX "\nauth required " US "\n" ACCOUNT,
		"!pam.bypass"},
	    {"auth [default=1] " UNIX "\nauth required " US "\n" ACCOUNT, "!pam.bypass"},
	    {"auth [success=ignore] " UNIX "\nauth required " US "\n" ACCOUNT,
		"?pam.break-glass"},
	    {"auth [success=999 default=die] " UNIX "\nauth required " US "\n" ACCOUNT,
		"?pam.break-glass"},
	    {"auth sufficient pam_rootok.so\nauth sufficient " US "\nauth required " UNIX
	     "\n" ACCOUNT,
		"pam"},
	    {"account sufficient " UNIX "\nauth sufficient " US "\nauth required " UNIX
	     "\n" ACCOUNT,
		"!pam.bypass"},
	    {"session sufficient " UNIX "\nauth sufficient " US "\nauth required " UNIX
	     "\n" ACCOUNT,
		"pam"},
	    /* Users whom a gate has chosen. */
	    {"auth [success=1 default=ignore] pam_succeed_if.so uid >= 1000\nauth "
	     "sufficient " UNIX "\nauth required " US "\n" ACCOUNT,
		"pam"},
	    {"auth [success=ignore auth_err=1 default=ignore] pam_succeed_if.so uid < 1000\n"
	     "auth sufficient " UNIX "\nauth required " US "\n" ACCOUNT,
		"pam"},
	    {"account [success=1 default=ignore] pam_succeed_if.so uid >= 1000\n"
	     "auth sufficient " UNIX "\nauth required " US "\n" ACCOUNT,
		"!pam.bypass"},
	    {"auth [success=ignore default=ignore] pam_succeed_if.so x\nauth sufficient " UNIX
	     "\nauth required " US "\n" ACCOUNT,
		"!pam.bypass"},
	    {"auth sufficient pam_succeed_if.so x\nauth required " US "\n" ACCOUNT,
		"!pam.bypass"},
	    {"auth [success=1 default=ignore] pam_succeed_if.so x\nauth required " US
	     "\n" ACCOUNT,
		"pam"},
	    /* Phases. */
	    {"auth required " US "\n", "!pam.account ?pam.break-glass"},
	    {ACCOUNT, "pam"},
	    {"auth required " UNIX "\n", "?pam"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check((const struct file[]){{"app", rows[i].text}, {NULL, NULL}}, rows[i].told);
}

static void how_libpam_reads_it(void **state)
{
	static const struct {
		struct file files[FILES_MOST];
		const char *told;
	} rows[] = {
	    /* Comments, joined lines, tabs, a dash before the type, capitals. */
	    {{{"app", "# " US "\n\nAUTH\tsufficient \\\n  " US
		      " # a comment\n-auth required " UNIX "\n" ACCOUNT}},
		"pam"},
	    {{{"app", "auth sufficient " US " \\"}}, "!pam.account ?pam.break-glass"},
	    {{{"app",
		 "auth\nauth required\nauth include\nnonsense required " US "\n@include\n"}},
		"?pam"},
	    {{{"app", "auth required /nonexistent/" US "\n" ACCOUNT}},
		"!module ?pam.break-glass"},
	    {{{"app", "auth required " US " nonsense=1\n" ACCOUNT}},
		"!pam.option ?pam.break-glass"},
	    {{{"app", "auth required " US " [config=/a b] []\n" ACCOUNT}},
		"!pam.option ?pam.break-glass"},
	    {{{"app", "auth required " US " [config=/a b]\n" ACCOUNT}}, "?pam.break-glass"},
	    /* Includes. */
	    {{{"app", "@include other\n"},
		 {"other", "auth sufficient " US "\nauth required " UNIX "\n" ACCOUNT}},
		"pam pam"},
	    {{{"app", "auth include other\n" ACCOUNT},
		 {"other", "auth sufficient " UNIX "\nauth required " US
			   "\naccount required " US "\n"}},
		"!pam.bypass !pam.bypass"},
	    {{{"app", "account include other\n"},
		 {"other", "auth required " US "\naccount required " UNIX "\n"}},
		"!pam.account ?pam.break-glass"},
	    {{{"app", "auth include /nonexistent/x\nauth include gone\n" ACCOUNT}}, "pam"},
	    {{{"app",
		 "auth include app\nauth sufficient " US "\nauth required " UNIX "\n" ACCOUNT}},
		"pam"},
	    /* "done" ends the substack alone. */
	    {{{"app", "auth substack inner\nauth sufficient " US "\nauth required " UNIX
		      "\n" ACCOUNT},
		 {"inner", "auth sufficient " UNIX "\n"}},
		"pam"},
	    {{{"app", "auth include inner\nauth sufficient " US "\nauth required " UNIX
		      "\n" ACCOUNT},
		 {"inner", "auth sufficient " UNIX "\n"}},
		"!pam.bypass"},
	    /* Files of package managers and editors are no services. */
	    {{{"app~", "auth required " US "\n"}, {"app.dpkg-old", "auth required " US "\n"},
		 {".app", "auth required " US "\n"}},
		"?pam"},
	    {{{"app.rpmsave", "auth required " US "\n"},
		 {"app.before-enable", "auth required " US "\n"}},
		"?pam"},
	    {{{"common-auth", "auth required " US "\n"}}, "?pam.common ?pam"},
	    {{{"system-auth", "auth required " US "\n"}}, "?pam.common ?pam"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check(rows[i].files, rows[i].told);
}

static void sshd_sudo_and_session_manager(void **state)
{
#define BOTH "auth sufficient " US " timeout=77\nauth required " UNIX "\naccount required " US
	const struct file sshd[] = {{"sshd", BOTH "\n"}, {"su", BOTH "\n"}, {NULL, NULL}};
	(void)state;
	struct diagnosis d = look(sshd);
	assert_true(d.has_sshd && !d.has_sudo);
	assert_int_equal(d.sshd_timeout, 77);
	has_ssm_user = true;
	check((const struct file[]){{"sudo", BOTH "\n"}, {NULL, NULL}}, "?sudo.ssm-user");
	check((const struct file[]){{"sudo-i", BOTH " local=ssm-user\n"}, {NULL, NULL}}, "pam");
	check((const struct file[]){{"su", BOTH "\n"}, {NULL, NULL}}, "pam");
	has_ssm_user = false;
	check((const struct file[]){{"sudo", BOTH "\n"}, {NULL, NULL}}, "pam");
}

static void pam_conf_is_read_in_vain(void **state)
{
	const struct file none[] = {{NULL, NULL}};
	(void)state;
	conf = "# sshd auth required " US "\n";
	check(none, "?pam");
	conf = "  \t# x\nsshd auth required " US "\n";
	check(none, "?pam ?pam.conf");
	conf = NULL;
}

/* More lines, options and files within files than anybody has. */
static void limits(void **state)
{
	char *text = calloc(1, 65536), *at = text;
	struct pam_stack *stack = calloc(1, sizeof(*stack));
	char room[PAM_LINE_MAX];
	const char *argv[PAM_OPTIONS_MAX];
	(void)state;
	assert_non_null(text);
	assert_non_null(stack);
	for (int i = 0; i <= PAM_STACK_LINES_MAX; i++)
		at += snprintf(at, (size_t)(text + 65536 - at),
		    "auth required " UNIX
		    " x x x x x x x x x x x x x x x x x x x x x x x x x x x "
		    "x x x x x x x x x\n");
	const struct file many[] = {{"app", text}, {NULL, NULL}};
	files = many;
	assert_true(pam_stack_read("app", stack));
	assert_int_equal(stack->len, PAM_STACK_LINES_MAX);
	assert_int_equal(pam_line_split(&stack->lines[0], room, argv), PAM_OPTIONS_MAX);
	assert_false(pam_stack_read("gone", stack));
	const struct file round[] = {
	    {"app", "auth include app\nauth required " UNIX "\n"}, {NULL, NULL}};
	files = round;
	assert_true(pam_stack_read("app", stack));
	assert_int_equal(stack->len, 8);
	free(stack);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(who_comes_past_us),
	    cmocka_unit_test(how_libpam_reads_it),
	    cmocka_unit_test(sshd_sudo_and_session_manager),
	    cmocka_unit_test(pam_conf_is_read_in_vain),
	    cmocka_unit_test(limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
