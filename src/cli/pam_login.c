/* SPDX-License-Identifier: MIT */
#include "cli/pam_login.h"

#include <locale.h>
#include <security/pam_appl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/environment.h"
#include "cli/terminal.h"
#include "common/paths.h"
#include "common/text.h"

#define SERVICES "/etc/pam.d"
#define FOLDER "/tmp/cognito-oidc-XXXXXX"
#define NAME_LEAST 1
#define NAME_MOST 64

static bool complain(const char *what)
{
	fprintf(stderr, "cognito-oidc: login: %s\n", what);
	return false;
}

/* It becomes a file's name. */
static bool is_service(const char *name)
{
	size_t len = strlen(name);
	return len >= NAME_LEAST && len <= NAME_MOST && name[0] != '.' &&
	       !streq(name, "other") &&
	       strspn(name,
		   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") == len;
}

/* Without these the person is asked, as in a first login. */
static bool is_left_out(const char *option)
{
	static const char *const words[] = {
	    "use_first_pass", "try_first_pass", "use_authtok", "reuse"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (streq(option, words[i]))
			return true;
	return text_starts(option, "max_age=");
}

/* False when there is no room for it. */
static bool add_option(struct pam_login *t, const char *option)
{
	size_t len = strlen(t->options), room = sizeof(t->options) - len;
	int n = snprintf(t->options + len, room, " [%s]", option);
	return n > 0 && (size_t)n < room;
}

static bool take_options(struct pam_login *t, const struct pam_line *line)
{
	char text[PAM_LINE_MAX];
	const char *argv[PAM_OPTIONS_MAX];
	snprintf(text, sizeof(text), "%s", line->options);
	int argc = pam_line_split(text, argv);
	for (int i = 0; i < argc; i++) {
		if (text_starts(argv[i], "config=")) {
			snprintf(t->config_text, sizeof(t->config_text), "%s", argv[i] + 7);
			continue;
		}
		if ((t->flow != NULL && text_starts(argv[i], "flow=")) || is_left_out(argv[i]))
			continue;
		if (!add_option(t, argv[i]))
			return complain("the service's PAM line is too long");
	}
	return true;
}

bool pam_login_prepare(struct pam_login *t)
{
	static struct pam_stack stack; /* 220 KiB: too much for a stack */
	t->options[0] = t->config_text[0] = '\0';
	t->auth = t->account = -1;
	if (!is_service(t->service))
		return complain("--service: no name of a PAM service");
	if (pam_stack_read(SERVICES, t->service, &stack)) {
		int ours = pam_stack_ours(&stack, PAM_PHASE_AUTH);
		if (ours >= 0 && !take_options(t, &stack.lines[ours]))
			return false;
	}
	if (t->config == NULL)
		t->config = t->config_text[0] != '\0' ? t->config_text : paths.config;
	return true;
}

/* PAM complains in syslog of a folder without it. */
static bool write_other(const char *in, char *path, size_t size)
{
	snprintf(path, size, "%s/other", in);
	FILE *f = fopen(path, "wxe");
	if (f == NULL)
		return false;
	int n = fputs("auth required pam_deny.so\naccount required pam_deny.so\n", f);
	return fclose(f) == 0 && n >= 0;
}

static bool write_service(const struct pam_login *t, const char *in, char *path, size_t size)
{
	snprintf(path, size, "%s/%s", in, t->service);
	FILE *f = fopen(path, "wxe");
	if (f == NULL)
		return false;
	const char *flow = t->flow != NULL ? " flow=" : "";
	const char *name = t->flow != NULL ? t->flow : "";
	int n = fprintf(f,
	    "auth required %s [config=%s]%s%s%s\n"
	    "account required %s [config=%s]%s%s%s\n",
	    paths.module, t->config, t->options, flow, name, paths.module, t->config,
	    t->options, flow, name);
	return fclose(f) == 0 && n > 0;
}

/* account is asked only of who was let in. */
static void converse(struct pam_login *t, pam_handle_t *pamh)
{
	const char *tty = ttyname(STDIN_FILENO);
	if (tty != NULL)
		pam_set_item(pamh, PAM_TTY, tty);
	t->auth = pam_authenticate(pamh, 0);
	snprintf(t->auth_text, sizeof(t->auth_text), "%s", pam_strerror(pamh, t->auth));
	if (t->auth != PAM_SUCCESS)
		return;
	t->account = pam_acct_mgmt(pamh, 0);
	snprintf(
	    t->account_text, sizeof(t->account_text), "%s", pam_strerror(pamh, t->account));
}

/* What is on the disk while PAM runs; a signal takes it away. */
static char folder[] = FOLDER, service_path[256], other_path[256];

static void clean_up(void)
{
	unlink(other_path);
	unlink(service_path);
	rmdir(folder);
}

/* Ctrl-C at a request, or while another device is waited for: the terminal and the disk as
 * they were, and then what the signal does anyway. */
static void leave(int number)
{
	terminal_restore();
	clean_up();
	signal(number, SIG_DFL);
	raise(number);
}

static void watch_signals(void)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct sigaction action = {.sa_handler = leave};
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], &action, NULL);
}

static bool run(struct pam_login *t)
{
	const struct pam_conv conv = {terminal_converse, NULL};
	pam_handle_t *pamh = NULL;
	bool good = write_other(folder, other_path, sizeof(other_path)) &&
		    write_service(t, folder, service_path, sizeof(service_path));
	/* The module asks which characters this terminal shows; the environment is gone. */
	setlocale(LC_CTYPE, environment_is_utf8() ? "C.UTF-8" : "C");
	if (good)
		good =
		    pam_start_confdir(t->service, t->user, &conv, folder, &pamh) == PAM_SUCCESS;
	if (good)
		converse(t, pamh);
	if (pamh != NULL)
		pam_end(pamh, t->auth != PAM_SUCCESS ? t->auth : t->account);
	return good;
}

bool pam_login_run(struct pam_login *t)
{
	/* 0700, in a folder where nobody else can rename it. */
	if (mkdtemp(folder) == NULL)
		return complain("no folder in /tmp");
	watch_signals();
	bool good = run(t);
	clean_up();
	return good || complain("PAM cannot be started");
}
