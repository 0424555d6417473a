/* SPDX-License-Identifier: MIT
 *
 * login: one real sign-in on this terminal, and everything that follows from it. It goes
 * through the real module, alone: PAM gets a service file of our own with the name and the
 * options of the service, that names the module and nothing else. The answer to a hidden
 * question is wiped once libpam has its copy.
 */
#include <errno.h>
#include <locale.h>
#include <pwd.h>
#include <security/pam_appl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "cli/checks.h"
#include "cli/explain.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/pam_stack.h"
#include "cli/tickets.h"
#include "cli/verbs.h"
#include "common/buffer.h"
#include "common/message.h"
#include "common/paths.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/accounts/record.h"
#include "helper/policy/access_request.h"
#include "helper/policy/decision.h"
#include "helper/policy/ticket_body.h"
#include "helper/token/claims.h"

#define SERVICE_MOST 64

struct phase {
	int result; /* PAM's number; -1: not reached */
	char text[128]; /* PAM's words */
};

/* The login as it was asked for, and what came of it. */
struct pam_login {
	const char *user, *service, *host;
	const char *flow; /* NULL: as the service's line says */
	const char *config;
	char options[2 * PAM_LINE_MAX]; /* of the line, except those that would ask nobody */
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

/* Without these options the user is asked, as in a first login. */
static bool is_left_out(const struct pam_login *t, const char *option)
{
	static const char *const words[] = {
	    "use_first_pass", "try_first_pass", "use_authtok", "reuse", NULL};
	return text_among(option, words) || text_starts(option, "max_age=") ||
	       (t->flow != NULL && text_starts(option, "flow="));
}

/* Each in brackets, as it may hold spaces. */
static bool add_option(struct pam_login *t, const char *name, const char *value)
{
	size_t len = strlen(t->options), room = sizeof(t->options) - len;
	int n = snprintf(t->options + len, room, " [%s%s]", name, value);
	return (n > 0 && (size_t)n < room) ||
	       complain("login: the service's PAM line is too long");
}

/* The options of our auth line in the service's file, if it has one. */
static bool read_options(struct pam_login *t)
{
	static struct pam_stack stack; /* 250 KiB: too much for a stack */
	char text[PAM_LINE_MAX];
	const char *argv[PAM_OPTIONS_MAX];
	int ours =
	    pam_stack_read(t->service, &stack) ? pam_stack_ours(&stack, PAM_PHASE_AUTH) : -1;
	if (ours < 0)
		return true;
	int argc = pam_line_split(&stack.lines[ours], text, argv);
	for (int i = 0; i < argc; i++) {
		if (text_starts(argv[i], "config="))
			snprintf(t->line_config, sizeof(t->line_config), "%s", argv[i] + 7);
		else if (!is_left_out(t, argv[i]) && !add_option(t, argv[i], ""))
			return false;
	}
	return true;
}

static bool prepare(struct pam_login *t, const struct arguments *a)
{
	*t = (struct pam_login){.user = a->words[0],
	    .host = a->host,
	    .service = a->service != NULL ? a->service : "sshd",
	    .flow = a->flow,
	    .auth = {-1, "not asked"},
	    .account = {-1, "not asked"}};
	if (!is_service(t->service))
		return complain("login: --service: not the name of a PAM service");
	if (!read_options(t) || (t->flow != NULL && !add_option(t, "flow=", t->flow)))
		return false;
	t->config =
	    !a->is_config_given && t->line_config[0] != '\0' ? t->line_config : a->config;
	return true;
}

/* The terminal's settings with echo, while a hidden question is open. A signal handler must
 * reach them. */
static struct termios echo_on;
static volatile sig_atomic_t is_hiding;

/* Echo as it was before. Async-signal-safe. */
static void restore_echo(void)
{
	if (is_hiding)
		tcsetattr(STDIN_FILENO, TCSANOW, &echo_on);
}

/* An answer: a line without its newline. Read byte by byte, so that nothing behind it is taken.
 */
static bool read_line(char *out, size_t size)
{
	size_t len = 0;
	while (len < size) {
		ssize_t n = read(STDIN_FILENO, out + len, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		if (out[len] == '\n') {
			out[len] = '\0';
			return true;
		}
		len++;
	}
	return false;
}

/* One question or notice. If standard input is no terminal, there is no echo to switch off. */
static int answer_message(const struct pam_message *message, struct pam_response *response)
{
	char text[MESSAGE_TEXT_MAX + 1], line[MESSAGE_ANSWER_MAX + 1];
	const int style = message->msg_style;
	text_lines(message->msg, strlen(message->msg), text, sizeof(text));
	if (style == PAM_TEXT_INFO || style == PAM_ERROR_MSG) {
		fprintf(stderr, "%s\n", text);
		return PAM_SUCCESS;
	}
	if (style != PAM_PROMPT_ECHO_ON && style != PAM_PROMPT_ECHO_OFF)
		return PAM_CONV_ERR;
	is_hiding = style == PAM_PROMPT_ECHO_OFF && tcgetattr(STDIN_FILENO, &echo_on) == 0;
	if (is_hiding) {
		struct termios quiet = echo_on;
		quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
		/* TCSAFLUSH: what was typed before the question does not answer it. */
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	}
	fputs(text, stderr);
	fflush(stderr);
	if (read_line(line, sizeof(line)))
		response->resp = strdup(line);
	explicit_bzero(line, sizeof(line));
	if (is_hiding) {
		restore_echo();
		is_hiding = 0;
		fputc('\n', stderr);
	}
	return response->resp != NULL ? PAM_SUCCESS : PAM_CONV_ERR;
}

/* A pam_conv function. Questions and notices go to standard error, which leaves standard output
 * to the report; answers come from standard input. PAM_CONV_ERR at the end of input, for a line
 * that is too long, or an unknown style. */
static int answer(
    int count, const struct pam_message **messages, struct pam_response **out, void *arg)
{
	(void)arg;
	*out = NULL;
	if (count < 1 || count > PAM_MAX_NUM_MSG)
		return PAM_CONV_ERR;
	struct pam_response *responses = calloc((size_t)count, sizeof(*responses));
	int rc = responses != NULL ? PAM_SUCCESS : PAM_BUF_ERR;
	for (int i = 0; rc == PAM_SUCCESS && i < count; i++)
		rc = answer_message(messages[i], &responses[i]);
	if (rc == PAM_SUCCESS) {
		*out = responses;
		return rc;
	}
	for (int i = 0; responses != NULL && i < count; i++)
		secret_free(responses[i].resp);
	free(responses);
	return rc;
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
	restore_echo();
	clean_up();
	signal(number, SIG_DFL);
	raise(number);
}

/* A service file with a line for auth and one for account. */
static bool write_service(const char *path, const char *module, const char *options)
{
	FILE *f = fopen(path, "wxe");
	if (f == NULL)
		return false;
	int n = fprintf(
	    f, "auth required %s%s\naccount required %s%s\n", module, options, module, options);
	return fclose(f) == 0 && n > 0;
}

static bool write_services(struct pam_login *t)
{
	snprintf(other_path, sizeof(other_path), "%s/other", directory);
	snprintf(service_path, sizeof(service_path), "%s/%s", directory, t->service);
	/* PAM complains in syslog of a directory without "other". */
	return add_option(t, "config=", t->config) &&
	       write_service(other_path, "pam_deny.so", "") &&
	       write_service(service_path, paths.module, t->options);
}

/* One of PAM's two calls, and its words for the result. */
static void ask(pam_handle_t *pamh, int (*call)(pam_handle_t *, int), struct phase *phase)
{
	phase->result = call(pamh, 0);
	snprintf(phase->text, sizeof(phase->text), "%s", pam_strerror(pamh, phase->result));
}

static bool converse(struct pam_login *t, bool is_utf8)
{
	const struct pam_conv conv = {answer, NULL};
	pam_handle_t *pamh = NULL;
	const char *tty = ttyname(STDIN_FILENO);
	/* The module asks which characters this terminal shows; the environment is gone. */
	setlocale(LC_CTYPE, is_utf8 ? "C.UTF-8" : "C");
	/* Show the module's log lines: a login that is denied leaves no ticket, and only its
	 * line says who signed in and why they were refused. */
	openlog("syslog", LOG_PERROR, LOG_AUTHPRIV);
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
static bool run(struct pam_login *t, bool is_utf8)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	const struct sigaction action = {.sa_handler = leave};
	/* Mode 0700; in /tmp nobody else can rename it. */
	if (mkdtemp(directory) == NULL)
		return complain("login: cannot create a directory in /tmp");
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], &action, NULL);
	bool good = write_services(t) && converse(t, is_utf8);
	clean_up();
	return good || complain("login: cannot start PAM");
}

/* PAM's result is a number that only programs know; people get its words. */
static void report_phase(struct output *out, const char *name, const struct phase *phase)
{
	const char *mark = phase->result < 0 ? "-" : "FAIL";
	output_json(
	    out, "%s:{result:%lld text:%s}", name, (long long)phase->result, phase->text);
	output_marked(
	    out, phase->result == PAM_SUCCESS ? "ok" : mark, "%-10s %s", name, phase->text);
}

/* What a login with this service would decide now, from the same claims. denied: the result
 * where no rule decides. */
static void report_service(
    struct output *out, const struct decided_service *service, int denied)
{
	const struct config_rule *rule = service->rule;
	bool is_allowed = rule != NULL && !rule->is_deny;
	const char *name = rule != NULL ? rule->name : "";
	const char *reason =
	    is_allowed ? "" : result_phrase(rule != NULL ? RESULT_POLICY_DENY : denied);
	output_line(out, "  %-18s %s%s%s%s", service->name,
	    is_allowed ? "allowed" : "denied: ", reason, rule != NULL ? ", by rule " : "",
	    name);
	output_json(out, "{service:%s allowed:%d rule:%s reason:%s}", service->name, is_allowed,
	    name, reason);
}

/* Who signed in, every check, what the rules make of it, and every service that a rule names
 * without a pattern. False after complaining when memory ran out. */
static bool report_sign_in(struct output *out, const struct pam_login *t,
    const struct config *config, const struct ticket_body *body)
{
	enum token_use use = claims_token_use(body->claims);
	struct checks checks = {.len = 0};
	struct decision d;
	struct record_identity account;
	const struct access_request request = {
	    .user = t->user,
	    .account = input_read_account(t->user, &account) ? &account : NULL,
	    .service = t->service,
	    .host = t->host,
	    .now = (long long)time(NULL),
	    .evidence = body->evidence,
	    .access_token = use == TOKEN_USE_ACCESS,
	};
	tickets_report_identity(out, config, body);
	/* The helper verified the signature before it let the ticket be written. */
	checks_add(&checks, "signature", true, "verified in this sign-in by the helper");
	checks_of_claims(&checks, body->claims, config, use, request.now);
	checks_report(out, &checks);
	int r = explain_decision(out, config, body->claims, &request, &d);
	if (r != RESULT_MEMORY) {
		output_line(out, "services:");
		output_json(out, "services:[");
		for (size_t i = 0; i < d.services_len; i++)
			report_service(out, &d.services[i],
			    r == RESULT_IDENTITY || r == RESULT_USER_RECORD ? r
									    : RESULT_POLICY);
		output_json(out, "]");
	}
	decision_free(&d);
	return r != RESULT_MEMORY;
}

/* The same from the ticket that the sign-in left. */
static bool report_ticket(
    struct output *out, const struct pam_login *t, const struct config *config)
{
	struct ticket ticket = {.user = ""};
	struct ticket_body body = {.flow = NULL};
	const struct passwd *pw = getpwnam(t->user);
	bool good = true;
	if (pw != NULL && tickets_read(pw, t->config, &ticket) == TICKET_LIVE &&
	    ticket_body_decode(config, buffer_text(&ticket.body), ticket.body.len, &body) == 0)
		good = report_sign_in(out, t, config, &body);
	else
		output_line(out, "identity: unknown, the sign-in left no ticket");
	ticket_body_forget(&body);
	ticket_wipe(&ticket);
	return good;
}

/* Returns the exit code. */
static int report(struct output *out, const struct pam_login *t, const struct config *config)
{
	bool is_in = t->auth.result == PAM_SUCCESS && t->account.result == PAM_SUCCESS;
	output_line(out, "user \"%s\", service \"%s\", %s", t->user, t->service, t->config);
	output_json(out, "user:%s service:%s config:%s", t->user, t->service, t->config);
	report_phase(out, "auth", &t->auth);
	report_phase(out, "account", &t->account);
	if (t->auth.result == PAM_SUCCESS && !report_ticket(out, t, config))
		return EXIT_TROUBLE;
	output_json(out, "allowed:%d", is_in);
	output_line(out, "%s",
	    is_in ? "allowed"
		  : "denied; syslog (authpriv) has the reason, and so has standard error");
	return is_in ? EXIT_YES : EXIT_NO;
}

int login_main(const struct arguments *arguments, struct output *out)
{
	struct pam_login t;
	struct config *config = NULL;
	int code = EXIT_TROUBLE;
	if (prepare(&t, arguments) && input_read_config(t.config, false, &config) &&
	    run(&t, out->is_utf8))
		code = report(out, &t, config);
	config_free(config);
	return code;
}
