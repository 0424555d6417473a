/* SPDX-License-Identifier: MIT
 *
 * login: one real sign-in on this terminal, and everything that follows from it. It goes
 * through the real module, alone: PAM gets a service file of our own with the name and the
 * options of the service, that names the module and nothing else.
 */
#include <locale.h>
#include <security/pam_appl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/environment.h"
#include "cli/identity.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/pam_stack.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "common/paths.h"
#include "common/text.h"
#include "helper/config/config.h"

#define SERVICE_DEFAULT "sshd"
#define SERVICE_MOST 64
#define SERVICES "/etc/pam.d"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct phase {
	int result; /* PAM's number; -1: not reached */
	char text[128]; /* PAM's words */
};

struct pam_login {
	const char *user, *service;
	const char *flow; /* NULL: as the service's line says */
	const char *config;
	char options[PAM_LINE_MAX]; /* of the line, except those that would ask nobody */
	char line_config[PAM_LINE_MAX]; /* its config=, or "" */
	struct phase auth, account;
};

/* It becomes a file's name. */
static bool is_service(const char *name)
{
	static const char characters[] = "abcdefghijklmnopqrstuvwxyz"
					 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	size_t len = strlen(name);
	return len > 0 && len <= SERVICE_MOST && name[0] != '.' && !streq(name, "other") &&
	       strspn(name, characters) == len;
}

static bool is_flow(const char *name)
{
	return streq(name, "password") || streq(name, "device") || streq(name, "browser");
}

/* Without these options the user is asked, as in a first login. */
static bool is_left_out(const char *option)
{
	static const char *const words[] = {
	    "use_first_pass", "try_first_pass", "use_authtok", "reuse"};
	for (size_t i = 0; i < COUNT(words); i++)
		if (streq(option, words[i]))
			return true;
	return text_starts(option, "max_age=");
}

/* The options of our auth line; each in brackets, as they may hold spaces. */
static bool take_options(struct pam_login *t, const struct pam_line *line)
{
	char text[PAM_LINE_MAX];
	const char *argv[PAM_OPTIONS_MAX];
	snprintf(text, sizeof(text), "%s", line->options);
	int argc = pam_line_split(text, argv);
	for (int i = 0; i < argc; i++) {
		if (text_starts(argv[i], "config=")) {
			snprintf(t->line_config, sizeof(t->line_config), "%s", argv[i] + 7);
			continue;
		}
		if ((t->flow != NULL && text_starts(argv[i], "flow=")) || is_left_out(argv[i]))
			continue;
		size_t len = strlen(t->options), room = sizeof(t->options) - len;
		int n = snprintf(t->options + len, room, " [%s]", argv[i]);
		if (n < 0 || (size_t)n >= room)
			return complain("login: the service's PAM line is too long");
	}
	return true;
}

/* From the arguments, and the service's file in /etc/pam.d if there is one. */
static bool prepare(struct pam_login *t, const struct arguments *a)
{
	static struct pam_stack stack; /* 220 KiB: too much for a stack */
	*t = (struct pam_login){.user = a->user,
	    .service = a->service != NULL ? a->service : SERVICE_DEFAULT,
	    .flow = a->flow,
	    .auth = {.result = -1},
	    .account = {.result = -1}};
	if (t->flow != NULL && !is_flow(t->flow))
		return complain("login: --flow must be password, device or browser");
	if (!is_service(t->service))
		return complain("login: --service: not the name of a PAM service");
	if (pam_stack_read(SERVICES, t->service, &stack)) {
		int ours = pam_stack_ours(&stack, PAM_PHASE_AUTH);
		if (ours >= 0 && !take_options(t, &stack.lines[ours]))
			return false;
	}
	t->config =
	    !a->is_config_given && t->line_config[0] != '\0' ? t->line_config : a->config;
	return true;
}

/* What is on the disk while PAM runs. A signal handler must reach it. */
static char directory[] = "/tmp/cognito-oidc-XXXXXX";
static char service_path[256], other_path[256];

static void clean_up(void)
{
	unlink(other_path);
	unlink(service_path);
	rmdir(directory);
}

/* Ctrl-C at a question, or while another device is waited for: restores the terminal, removes
 * the files, and then does what the signal does anyway. */
static void leave(int number)
{
	terminal_restore();
	clean_up();
	signal(number, SIG_DFL);
	raise(number);
}

static bool write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "wxe");
	if (f == NULL)
		return false;
	int n = fputs(text, f);
	return fclose(f) == 0 && n >= 0;
}

static bool write_services(const struct pam_login *t)
{
	char text[4 * PAM_LINE_MAX], arguments[2 * PAM_LINE_MAX];
	snprintf(other_path, sizeof(other_path), "%s/other", directory);
	snprintf(service_path, sizeof(service_path), "%s/%s", directory, t->service);
	int n = snprintf(arguments, sizeof(arguments), "[config=%s]%s%s%s", t->config,
	    t->options, t->flow != NULL ? " flow=" : "", t->flow != NULL ? t->flow : "");
	if (n < 0 || (size_t)n >= sizeof(arguments))
		return false;
	n = snprintf(text, sizeof(text), "auth required %s %s\naccount required %s %s\n",
	    paths.module, arguments, paths.module, arguments);
	if (n < 0 || (size_t)n >= sizeof(text))
		return false;
	/* PAM complains in syslog of a directory without "other". */
	return write_file(
		   other_path, "auth required pam_deny.so\naccount required pam_deny.so\n") &&
	       write_file(service_path, text);
}

static void ask(pam_handle_t *pamh, int (*call)(pam_handle_t *, int), struct phase *phase)
{
	phase->result = call(pamh, 0);
	snprintf(phase->text, sizeof(phase->text), "%s", pam_strerror(pamh, phase->result));
}

static bool converse(struct pam_login *t)
{
	const struct pam_conv conv = {terminal_converse, NULL};
	pam_handle_t *pamh = NULL;
	const char *tty = ttyname(STDIN_FILENO);
	/* The module asks which characters this terminal shows; the environment is gone. */
	setlocale(LC_CTYPE, environment_is_utf8() ? "C.UTF-8" : "C");
	if (pam_start_confdir(t->service, t->user, &conv, directory, &pamh) != PAM_SUCCESS)
		return false;
	if (tty != NULL)
		pam_set_item(pamh, PAM_TTY, tty);
	ask(pamh, pam_authenticate, &t->auth);
	if (t->auth.result == PAM_SUCCESS)
		ask(pamh, pam_acct_mgmt, &t->account);
	pam_end(pamh, t->auth.result != PAM_SUCCESS ? t->auth.result : t->account.result);
	return true;
}

/* True unless the login could not be tried; that nobody was let in is a result. */
static bool run(struct pam_login *t)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	const struct sigaction action = {.sa_handler = leave};
	/* Mode 0700; in /tmp nobody else can rename it. */
	if (mkdtemp(directory) == NULL)
		return complain("login: cannot create a directory in /tmp");
	for (size_t i = 0; i < COUNT(numbers); i++)
		sigaction(numbers[i], &action, NULL);
	bool good = write_services(t) && converse(t);
	clean_up();
	return good || complain("login: cannot start PAM");
}

static void report_phase(struct output *out, const char *name, const struct phase *phase)
{
	bool is_reached = phase->result >= 0;
	const char *text = is_reached ? phase->text : "not asked";
	output_object(out, name);
	output_number(out, "result", phase->result);
	output_string(out, "text", text);
	output_end_object(out);
	output_line(out, "%-4s %-10s %s",
	    phase->result == PAM_SUCCESS ? "ok"
	    : is_reached                 ? "FAIL"
					 : "-",
	    name, text);
}

static int report(struct output *out, const struct pam_login *t, const struct config *config)
{
	bool is_in = t->auth.result == PAM_SUCCESS && t->account.result == PAM_SUCCESS;
	output_line(out, "user \"%s\", service \"%s\", %s", t->user, t->service, t->config);
	output_string(out, "user", t->user);
	output_string(out, "service", t->service);
	output_string(out, "config", t->config);
	report_phase(out, "auth", &t->auth);
	report_phase(out, "account", &t->account);
	if (t->auth.result == PAM_SUCCESS)
		identity_report(out, t->user, t->service, t->config, config);
	output_bool(out, "allowed", is_in);
	output_line(out, "%s", is_in ? "allowed" : "denied; syslog (authpriv) has the reason");
	return is_in ? EXIT_YES : EXIT_NO;
}

int login_main(const struct arguments *arguments, struct output *out)
{
	struct pam_login t;
	struct config *config = NULL;
	int code = EXIT_TROUBLE;
	if (prepare(&t, arguments) && input_read_config(t.config, &config) && run(&t))
		code = report(out, &t, config);
	config_free(config);
	return code;
}
