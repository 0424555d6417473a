/* SPDX-License-Identifier: MIT
 *
 * The answer to a hidden question is wiped once libpam has its copy. Echo is restored also when
 * a signal ends the question: login.c's handler calls terminal_restore().
 */
#include "cli/terminal.h"

#include <errno.h>
#include <security/pam_appl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "common/message.h"
#include "common/text.h"

/* The terminal's settings with echo, while a hidden question is open. A signal handler must
 * reach them. */
static struct termios echo_on;
static volatile sig_atomic_t is_hiding;

void terminal_restore(void)
{
	if (is_hiding)
		tcsetattr(STDIN_FILENO, TCSANOW, &echo_on);
}

/* A line without its newline. Read byte by byte, so that nothing behind it is taken. */
static bool read_line(char *out, size_t size)
{
	size_t len = 0;
	char c = 0;
	while (len < size) {
		ssize_t n = read(STDIN_FILENO, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		if (c == '\n') {
			out[len] = '\0';
			return true;
		}
		out[len++] = c;
	}
	return false;
}

/* If standard input is no terminal, there is no echo to switch off. */
static bool ask(bool is_hidden, const char *prompt, char *out, size_t size)
{
	struct termios quiet;
	bool is_terminal = is_hidden && tcgetattr(STDIN_FILENO, &echo_on) == 0;
	if (is_terminal) {
		quiet = echo_on;
		is_hiding = 1;
		quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
		/* TCSAFLUSH: what was typed before the question does not answer it. */
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	}
	fputs(prompt, stderr);
	fflush(stderr);
	bool good = read_line(out, size);
	if (is_terminal) {
		terminal_restore();
		is_hiding = 0;
		fputc('\n', stderr);
	}
	return good;
}

static int answer_message(const struct pam_message *message, struct pam_response *response)
{
	char text[MESSAGE_TEXT_MAX + 1], answer[MESSAGE_ANSWER_MAX + 1];
	text_lines(message->msg, strlen(message->msg), text, sizeof(text));
	if (message->msg_style == PAM_TEXT_INFO || message->msg_style == PAM_ERROR_MSG) {
		fprintf(stderr, "%s\n", text);
		return PAM_SUCCESS;
	}
	if (message->msg_style != PAM_PROMPT_ECHO_ON &&
	    message->msg_style != PAM_PROMPT_ECHO_OFF)
		return PAM_CONV_ERR;
	if (ask(message->msg_style == PAM_PROMPT_ECHO_OFF, text, answer, sizeof(answer)))
		response->resp = strdup(answer);
	explicit_bzero(answer, sizeof(answer));
	return response->resp != NULL ? PAM_SUCCESS : PAM_CONV_ERR;
}

int terminal_converse(
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
	for (int i = 0; responses != NULL && i < count; i++) {
		if (responses[i].resp != NULL)
			explicit_bzero(responses[i].resp, strlen(responses[i].resp));
		free(responses[i].resp);
	}
	free(responses);
	return rc;
}
