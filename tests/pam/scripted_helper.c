/* SPDX-License-Identifier: MIT
 *
 * A helper that misbehaves. The file "behaviour" beside it holds one word that says how; or
 * "script", and in further lines what to do:
 *
 *	on PURPOSE	what follows is for requests of this purpose
 *	sleep MS
 *	ticket STATE|BODY|LINES|EXPORTS|LIFETIME	"\n" in it is a newline
 *	store BYTES	a key set to be kept
 *	prompt KIND
 *	crash
 *	result CODE SUB
 *
 * A line for each request goes to the file "requests" then. The file "started" says that
 * "behaviour" was read.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/message.h"
#include "common/result.h"
#include "common/text.h"

extern char **environ;

static int64_t soon(void)
{
	return clock_ms() + 60000;
}

static char beside[4096 + 16]; /* the folder of this program, with a file's name behind it */
static char *beside_name;

static FILE *open_beside(const char *name, const char *mode)
{
	snprintf(beside_name, 16, "%s", name);
	return fopen(beside, mode);
}

static char purpose[32];

static void record(const struct frame *f)
{
	static const struct {
		const char *name;
		size_t field;
	} fields[] = {
	    {"purpose", REQUEST_PURPOSE},
	    {"user", REQUEST_USER},
	    {"ticket", REQUEST_TICKET},
	    {"age", REQUEST_TICKET_AGE},
	    {"max_age", REQUEST_MAX_AGE},
	    {"root", REQUEST_ROOT},
	    {"expired", REQUEST_EXPIRED},
	};
	FILE *out = open_beside("requests", "ae");
	if (out == NULL || f->type != FRAME_REQUEST)
		return;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		fprintf(out, "%s=%.64s ", fields[i].name, f->fields[fields[i].field].bytes);
	fputc('\n', out);
	fclose(out);
}

static void receive(void)
{
	struct buffer in = BUFFER_INIT(FRAME_MAX);
	struct frame f;
	if (frame_receive(0, &in, &f, soon()) == 0 && f.type == FRAME_REQUEST) {
		snprintf(purpose, sizeof(purpose), "%s", f.fields[REQUEST_PURPOSE].bytes);
		record(&f);
	}
	buffer_wipe(&in);
}

static void result(const char *code, const char *sub, const char *detail)
{
	const char *fields[] = {code, "", detail, sub, "rule", "password"};
	message_send(0, FRAME_RESULT, fields, VERDICT_FIELDS, soon());
}

static void allow(const char *detail)
{
	char code[8];
	const char *ticket[] = {
	    "verified", "a body", "login 300 - rule\nsudo 300 - rule\n", "", "3600"};
	if (streq(purpose, "login"))
		message_send(0, FRAME_TICKET, ticket, TICKET_FIELDS, soon());
	snprintf(code, sizeof(code), "%d", RESULT_ALLOWED);
	result(code, "a-sub", detail);
}

static void done(void)
{
	char code[8];
	snprintf(code, sizeof(code), "%d", RESULT_DONE);
	result(code, "a-sub", "");
}

static void raw(const char *bytes, size_t len)
{
	send(0, bytes, len, MSG_NOSIGNAL);
}

/* What a helper was given: descriptors, environment, signals, folder. */
static void report_surroundings(void)
{
	char text[256];
	size_t fds = 0, n = 0;
	sigset_t mask;
	DIR *d = opendir("/proc/self/fd");
	int own = d != NULL ? dirfd(d) : -1;
	for (struct dirent *e = d != NULL ? readdir(d) : NULL; e != NULL; e = readdir(d))
		fds += e->d_name[0] != '.' && strtol(e->d_name, NULL, 10) != own;
	while (environ[n] != NULL)
		n++;
	sigprocmask(SIG_SETMASK, NULL, &mask);
	struct sigaction chld;
	sigaction(SIGCHLD, NULL, &chld);
	snprintf(text, sizeof(text), "fds %zu env %zu %s blocked %d chld %d session %d", fds, n,
	    n > 0 ? environ[0] : "", sigismember(&mask, SIGTERM), chld.sa_handler == SIG_IGN,
	    getsid(0) == getpid());
	allow(text);
}

static void flood(enum frame_type type, const char *const *fields, size_t count)
{
	while (message_send(0, type, fields, count, soon()) == 0)
		;
}

static void prompt(const char *kind)
{
	const char *fields[] = {kind, "Say: "};
	message_send(0, FRAME_PROMPT, fields, PROMPT_FIELDS, soon());
	receive();
}

/* A helper that was taken over writes to the terminal of root's sudo. */
static void escape(void)
{
	const char *fields[] = {"shown", "two\nlines \033[2J\xe2\x80\xae: "};
	const char *info[] = {"1", "and \033]0;title\a"};
	message_send(0, FRAME_INFO, info, INFO_FIELDS, soon());
	message_send(0, FRAME_PROMPT, fields, PROMPT_FIELDS, soon());
	receive();
	allow("a \"quoted\" reason=\"allowed");
}

static void misframe(const char *how)
{
	static const char trailing[] = "\0\0\0\x0a\x05\0\0\0\x01"
				       "1\0\0\0\0x";
	static const char unknown[] = "\0\0\0\x01\x63";
	static const char few[] = "\0\0\0\x06\x04\0\0\0\x01"
				  "1";
	static const char beyond[] = "\0\0\0\x0a\x05\0\0\0\xff"
				     "1\0\0\0\0";
	static const char request[] = "\0\0\0\x06\x08\0\0\0\x01"
				      "1";
	if (streq(how, "trailing"))
		raw(trailing, sizeof(trailing) - 1);
	else if (streq(how, "unknown"))
		raw(unknown, sizeof(unknown) - 1);
	else if (streq(how, "few"))
		raw(few, sizeof(few) - 1);
	else if (streq(how, "beyond"))
		raw(beyond, sizeof(beyond) - 1);
	else if (streq(how, "backwards"))
		raw(request, sizeof(request) - 1);
	else if (streq(how, "oversize"))
		raw("\xff\xff\xff\xff\x09", 5);
	else if (streq(how, "empty"))
		raw("\0\0\0\0", 4);
	else if (streq(how, "half"))
		raw("\0\0\0\x40\x09\0\0", 7);
	else if (streq(how, "text"))
		raw("HTTP/1.1 200 OK\r\n\r\n", 19);
}

static void behave(const char *how)
{
	const char *debug[] = {"debug", "again and again"};
	const char *log[] = {"notice", "a\033[31m line\nof two"}, *badlog[] = {"shout", "x"};
	const char *info[] = {"0", "again and again"}, *badinfo[] = {"maybe", "x"};
	receive();
	misframe(how);
	if (streq(how, "allow"))
		allow("");
	else if (streq(how, "allow-nobody"))
		result("1", "", "");
	else if (streq(how, "code-0"))
		result("0", "a-sub", "");
	else if (streq(how, "code-9999"))
		result("9999", "a-sub", "");
	else if (streq(how, "code-text"))
		result("1 ", "a-sub", "");
	else if (streq(how, "done"))
		done();
	else if (streq(how, "log-flood"))
		flood(FRAME_LOG, debug, LOG_FIELDS);
	else if (streq(how, "escape"))
		escape();
	else if (streq(how, "slow-yes"))
		sleep(1), allow("");
	else if (streq(how, "crash"))
		abort();
	else if (streq(how, "hang"))
		pause();
	else if (streq(how, "stop"))
		raise(SIGSTOP);
	else if (streq(how, "surroundings"))
		report_surroundings();
	else if (streq(how, "info-flood"))
		flood(FRAME_INFO, info, INFO_FIELDS);
	else if (streq(how, "bad-info"))
		flood(FRAME_INFO, badinfo, INFO_FIELDS);
	else if (streq(how, "bad-log"))
		flood(FRAME_LOG, badlog, LOG_FIELDS);
	else if (streq(how, "bad-kind"))
		prompt("secret");
	else if (streq(how, "ask"))
		prompt("password"), prompt("shown"), allow("");
	else if (streq(how, "log"))
		message_send(0, FRAME_LOG, log, LOG_FIELDS, soon()), allow("");
	else if (streq(how, "lingers"))
		allow(""), pause();
}

/* In place: "\\n" becomes a newline. */
static void unescape(char *text)
{
	char *to = text;
	for (const char *from = text; *from != '\0'; from++) {
		bool newline = from[0] == '\\' && from[1] == 'n';
		*to++ = newline ? '\n' : *from;
		from += newline;
	}
	*to = '\0';
}

static void send_ticket(char *text)
{
	const char *fields[TICKET_FIELDS] = {"", "", "", "", ""};
	for (size_t i = 0; i < TICKET_FIELDS && text != NULL; i++) {
		fields[i] = strsep(&text, "|");
	}
	message_send(0, FRAME_TICKET, fields, TICKET_FIELDS, soon());
}

static void act(char *line)
{
	char *rest = line;
	const char *verb = strsep(&rest, " ");
	if (rest != NULL)
		unescape(rest);
	if (streq(verb, "sleep") && rest != NULL)
		usleep((useconds_t)strtoul(rest, NULL, 10) * 1000);
	else if (streq(verb, "ticket") && rest != NULL)
		send_ticket(rest);
	else if (streq(verb, "store") && rest != NULL)
		message_send(0, FRAME_STORE, (const char *const[]){rest}, STORE_FIELDS, soon());
	else if (streq(verb, "prompt") && rest != NULL)
		prompt(rest);
	else if (streq(verb, "crash"))
		abort();
	else if (streq(verb, "result") && rest != NULL)
		verb = strsep(&rest, " "), result(verb, rest != NULL ? rest : "", "");
}

static void play(FILE *f)
{
	static char line[512 * 1024];
	bool ours = true;
	receive();
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "on ", 3) == 0)
			ours = streq(line + 3, purpose);
		else if (ours)
			act(line);
	}
}

int main(void)
{
	char word[64] = "";
	ssize_t n = readlink("/proc/self/exe", beside, sizeof(beside) - 16);
	if (n < 0)
		return 1;
	beside[n] = '\0';
	beside_name = strrchr(beside, '/');
	if (beside_name == NULL)
		return 1;
	beside_name++;
	FILE *f = open_beside("behaviour", "re");
	if (f == NULL || fgets(word, sizeof(word), f) == NULL)
		return 1;
	word[strcspn(word, "\n")] = '\0';
	FILE *started = open_beside("started", "we");
	if (started != NULL)
		fclose(started);
	if (streq(word, "script"))
		play(f);
	fclose(f);
	if (!streq(word, "script"))
		behave(word);
	return 0;
}
