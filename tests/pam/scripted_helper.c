/* SPDX-License-Identifier: MIT
 *
 * A helper that misbehaves; with --serve, the warm one, which does so once for each connection.
 * The file "behaviour" beside it holds one word that says how; or "script", and in further
 *lines what to do:
 *
 *	on PURPOSE	what follows is for requests of this purpose
 *	sleep MS
 *	news BODY|DECISIONS|EXPORTS|LIFETIME	what the next result carries; "\n" is a newline.
 *			DECISIONS: lines of SERVICE SECONDS GROUPS RULE, "-" for no groups;
 *			EXPORTS: lines
 *	revoked		the next result says that the expired ticket is revoked
 *	tracked		the next result says that the pool remembers a device of this sign-in
 *	rotated BODY	a rotated refresh token
 *	store BYTES	a key set to be cached
 *	ask KIND	a prompt whose answer is not waited for
 *	refetch		may the key set be fetched again? The file "grants" gets a line
 *	prompt KIND
 *	log LEVEL TEXT
 *	tell TEXT	as an error; note TEXT, as information
 *	crash
 *	left		makes the file "left"
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
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/message.h"
#include "common/paths.h"
#include "common/request.h"
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

static const char *purpose = "";

/* What the next RESULT carries for the ticket. */
static struct {
	struct buffer body, decisions, exports;
	char lifetime[32];
	bool revoked, stale, tracked;
} news = {.body = BUFFER_INIT(FRAME_MAX),
    .decisions = BUFFER_INIT(FRAME_MAX),
    .exports = BUFFER_INIT(FRAME_MAX),
    .lifetime = "0"};

static void record(const struct request *q)
{
	FILE *out = open_beside("requests", "ae");
	if (out == NULL)
		return;
	fprintf(out,
	    "purpose=%s user=%s ticket=%.*s age=%ld max_age=%ld root=%ld prompt=%s qr=%s "
	    "expired=%.*s logged_in=%ld \n",
	    purpose, q->user, (int)(q->ticket.len < 64 ? q->ticket.len : 64), q->ticket.bytes,
	    q->ticket_age, q->options.max_age, q->root, q->options.prompt, q->options.qr,
	    (int)(q->expired.len < 64 ? q->expired.len : 64), q->expired.bytes, q->logged_in);
	fclose(out);
}

/* A REQUEST, which is recorded, or an ANSWER. */
static void receive(void)
{
	static const char *const words[PURPOSES] = {
	    "login", "account", "reuse", "check", "change", "revoke", "probe", "keys"};
	struct buffer in = BUFFER_INIT(FRAME_REQUEST_MAX);
	struct frame f;
	struct request q;
	if (frame_receive(0, &in, &f, soon()) == 0 && request_read(&f, &q) == 0) {
		purpose = words[q.purpose];
		record(&q);
	}
	buffer_wipe(&in);
}

static bool is_served;

/* Of a warm helper the module asks more. */
static void hello(const char *version)
{
	const char *fields[] = {version, is_served ? paths.build_id : "a build",
	    is_served ? HELLO_CONFINED : "unconfined"};
	frame_send_texts(0, FRAME_HELLO, fields, HELLO_FIELDS, soon());
}

static void result(const char *code, const char *sub, const char *detail)
{
	const struct frame f = {
	    .type = FRAME_RESULT,
	    .count = VERDICT_FIELDS,
	    .fields =
		{
		    [VERDICT_CODE] = {code, strlen(code)},
		    [VERDICT_MESSAGE] = {"", 0},
		    [VERDICT_DETAIL] = {detail, strlen(detail)},
		    [VERDICT_SUB] = {sub, strlen(sub)},
		    [VERDICT_RULE] = {"rule", 4},
		    [VERDICT_FLOW] = {"password", 8},
		    [VERDICT_BODY] = {buffer_text(&news.body), news.body.len},
		    [VERDICT_DECISIONS] = {buffer_text(&news.decisions), news.decisions.len},
		    [VERDICT_EXPORTS] = {buffer_text(&news.exports), news.exports.len},
		    [VERDICT_LIFETIME] = {news.lifetime, strlen(news.lifetime)},
		    [VERDICT_REVOKED] = {news.revoked ? "1" : "0", 1},
		    [VERDICT_STALE] = {news.stale ? "1" : "0", 1},
		    [VERDICT_TRACKED] = {news.tracked ? "1" : "0", 1},
		},
	};
	frame_send(0, &f, soon());
}

/* Each line becomes a field, or its words do: as many as there are, four at most. */
static void put_lines(struct buffer *out, char *lines, bool words)
{
	for (char *line; *lines != '\0' && (line = strsep(&lines, "\n")) != NULL;) {
		for (int i = 0; words && i < 3 && line != NULL; i++) {
			const char *word = strsep(&line, " ");
			field_put_text(out, streq(word, "-") ? "" : word);
		}
		if (line != NULL)
			field_put_text(out, line);
		if (lines == NULL)
			break;
	}
}

static void set_news(char *text)
{
	char *parts[4] = {NULL};
	static char empty[1];
	for (size_t i = 0; i < 4; i++)
		parts[i] = text != NULL ? strsep(&text, "|") : empty;
	buffer_wipe(&news.body);
	buffer_wipe(&news.decisions);
	buffer_wipe(&news.exports);
	buffer_append_text(&news.body, parts[0]);
	put_lines(&news.decisions, parts[1], true);
	put_lines(&news.exports, parts[2], false);
	snprintf(news.lifetime, sizeof(news.lifetime), "%s", parts[3]);
}

static void done(const char *detail)
{
	char code[8];
	snprintf(code, sizeof(code), "%d", RESULT_ALLOWED);
	result(code, "a-sub", detail);
}

static void allow(const char *detail)
{
	char text[] = "a body|login 300 - rule\nsudo 300 - rule\n||3600";
	set_news(text);
	done(detail);
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
	const char *path = getenv("PATH");
	/* Counters of clang's leave a variable behind. */
	for (char **each = environ; *each != NULL; each++)
		n += !text_starts(*each, "__LLVM_PROFILE_");
	sigprocmask(SIG_SETMASK, NULL, &mask);
	struct sigaction chld;
	sigaction(SIGCHLD, NULL, &chld);
	snprintf(text, sizeof(text), "fds %zu env %zu PATH=%s blocked %d chld %d session %d",
	    fds, n, path != NULL ? path : "", sigismember(&mask, SIGTERM),
	    chld.sa_handler == SIG_IGN, getsid(0) == getpid());
	allow(text);
}

static void flood(enum frame_type type, const char *const *fields, size_t count)
{
	while (frame_send_texts(0, type, fields, count, soon()) == 0)
		;
}

static void ask(const char *kind)
{
	const char *fields[] = {kind, "Say: "};
	frame_send_texts(0, FRAME_PROMPT, fields, PROMPT_FIELDS, soon());
}

static void prompt(const char *kind)
{
	ask(kind);
	receive();
}

/* A helper that was taken over writes to the terminal of root's sudo. */
static void escape(void)
{
	const char *fields[] = {"echo_on", "two\nlines \033[2J\xe2\x80\xae: "};
	const char *info[] = {"1", "and \033]0;title\a"};
	frame_send_texts(0, FRAME_INFO, info, INFO_FIELDS, soon());
	frame_send_texts(0, FRAME_PROMPT, fields, PROMPT_FIELDS, soon());
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
	if (streq(how, "no-hello"))
		allow("");
	else if (streq(how, "old-hello"))
		hello("5");
	else if (streq(how, "hello-twice"))
		hello(MESSAGE_VERSION), hello(MESSAGE_VERSION);
	else if (!streq(how, "silent"))
		hello(MESSAGE_VERSION);
	receive();
	misframe(how);
	if (streq(how, "allow") || streq(how, "old-hello") || streq(how, "hello-twice"))
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
		done("");
	else if (streq(how, "log-flood"))
		flood(FRAME_LOG, debug, LOG_FIELDS);
	else if (streq(how, "escape"))
		escape();
	else if (streq(how, "slow-yes"))
		sleep(1), allow("");
	else if (streq(how, "crash"))
		abort();
	else if (streq(how, "hang") || streq(how, "silent"))
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
		prompt("password"), prompt("echo_on"), allow("");
	else if (streq(how, "log"))
		frame_send_texts(0, FRAME_LOG, log, LOG_FIELDS, soon()), allow("");
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

static void rotate(const char *body)
{
	frame_send_texts(0, FRAME_TICKET, &body, TICKET_FIELDS, soon());
}

static void say(enum frame_type type, const char *first, const char *text)
{
	const char *fields[] = {first, text};
	frame_send_texts(0, type, fields, 2, soon());
}

/* "5 notice|text": a frame of any type; "~" is a NUL. */
static void any_frame(char *text)
{
	struct frame f = {.type = (enum frame_type)strtoul(strsep(&text, " "), NULL, 10)};
	for (char *field; text != NULL && f.count < FRAME_FIELDS_MAX;) {
		field = strsep(&text, "|");
		f.fields[f.count++] = (struct field){field, strlen(field)};
		for (; *field != '\0'; field++)
			if (*field == '~')
				*field = '\0';
	}
	frame_send(0, &f, soon());
	if (f.type == FRAME_PROMPT || f.type == FRAME_REFETCH)
		receive();
}

static void refetch(void)
{
	struct buffer in = BUFFER_INIT(FRAME_MAX);
	struct frame f;
	FILE *grants = open_beside("grants", "ae");
	const char *why[] = {"kid"};
	frame_send_texts(0, FRAME_REFETCH, why, REFETCH_FIELDS, soon());
	if (frame_receive(0, &in, &f, soon()) == 0 && f.type == FRAME_GRANT && grants != NULL)
		fprintf(
		    grants, "%s %s\n", f.fields[GRANT_YES].bytes, f.fields[GRANT_JWKS].bytes);
	if (grants != NULL)
		fclose(grants);
	buffer_wipe(&in);
}

static void leave(void)
{
	FILE *left = open_beside("left", "we");
	if (left != NULL)
		fclose(left);
}

static void act(char *line)
{
	char *rest = line;
	const char *verb = strsep(&rest, " ");
	if (rest != NULL)
		unescape(rest);
	if (streq(verb, "sleep") && rest != NULL)
		usleep((useconds_t)strtoul(rest, NULL, 10) * 1000);
	else if (streq(verb, "news") && rest != NULL)
		set_news(rest);
	else if (streq(verb, "revoked"))
		news.revoked = true;
	else if (streq(verb, "stale"))
		news.stale = true;
	else if (streq(verb, "tracked"))
		news.tracked = true;
	else if (streq(verb, "rotated") && rest != NULL)
		rotate(rest);
	else if (streq(verb, "store") && rest != NULL)
		frame_send_texts(
		    0, FRAME_STORE, (const char *const[]){rest}, STORE_FIELDS, soon());
	else if (streq(verb, "ask") && rest != NULL)
		ask(rest);
	else if (streq(verb, "refetch"))
		refetch();
	else if (streq(verb, "prompt") && rest != NULL)
		prompt(rest);
	else if (streq(verb, "log") && rest != NULL)
		verb = strsep(&rest, " "), say(FRAME_LOG, verb, rest);
	else if (streq(verb, "tell") && rest != NULL)
		say(FRAME_INFO, "1", rest);
	else if (streq(verb, "note") && rest != NULL)
		say(FRAME_INFO, "0", rest);
	else if (streq(verb, "frame") && rest != NULL)
		any_frame(rest);
	else if (streq(verb, "crash"))
		abort();
	else if (streq(verb, "left"))
		leave();
	else if (streq(verb, "result") && rest != NULL)
		verb = strsep(&rest, " "), result(verb, rest != NULL ? rest : "", "");
}

static void play(FILE *f)
{
	static char line[512 * 1024];
	bool ours = true;
	hello(MESSAGE_VERSION);
	receive();
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "on ", 3) == 0)
			ours = streq(line + 3, purpose);
		else if (ours)
			act(line);
	}
}

/* Returns in a child that has a module at descriptor 0, as systemd's socket at 3 brings it. */
static void serve(void)
{
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int connection = accept(3, NULL, NULL);
		if (connection >= 0 && fork() == 0) {
			/* One that hangs ends with the test. */
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			send(connection, "", 1, MSG_NOSIGNAL);
			dup2(connection, 0);
			close(connection);
			close(3);
			is_served = true;
			return;
		}
		close(connection);
	}
}

int main(int argc, char **argv)
{
	char word[64] = "";
	if (argc > 1 && streq(argv[1], "--serve"))
		serve();
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
