/* SPDX-License-Identifier: MIT
 *
 * The module's entry points under a host, a helper and a clock that the input plays. Its lines
 * are what happens (actions[]); what the helper says are frames, or any bytes. Whatever they
 * are, the module says yes only to what a second reading finds earned: the whole conversation
 * is of the protocol and ends with an approval in time, for a user whom this host has, may have
 * and still means; or an approval of before covers it. Replaced at link time (--wrap): the
 * start of the helper, files, users and time. libpam is played here, too.
 */
#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <security/pam_modutil.h>

#include "common/buffer.h"
#include "common/frame.h"
#include "common/message.h"
#include "common/reason.h"
#include "common/result.h"
#include "common/text.h"
#include "fuzz.h"
#include "module/account_record.h"
#include "module/config_file.h"
#include "module/helper_client.h"
#include "module/jwks_cache.h"
#include "module/pending_try.h"
#include "module/spawn.h"
#include "module/ticket_file.h"
#include "module/warm.h"

#define NAME_SIZE 300
#define RUNS_MOST 6
#define ACTIONS_MOST 64 /* of one input */
#define SAID_MOST (24u * 1024) /* of one run: what a socket's queue holds */
#define WORDS_MOST 12
#define YESES_MOST 1024
#define DAY_MS 86400000
#define JUST_REUSED_MS 5000 /* account believes the option reuse for so long */

/* What one run of the helper says. */
struct said {
	char bytes[SAID_MOST];
	size_t len;
};

/* An approval that a helper has given. */
static struct yes {
	char user[NAME_SIZE], service[NAME_SIZE], groups[2048];
	uid_t uid;
	int64_t until; /* of the world's clock */
} yeses[YESES_MOST];

/* The host, and what it knows of itself. */
static struct world {
	int64_t now; /* milliseconds */
	char user[NAME_SIZE], service[NAME_SIZE], ruser[NAME_SIZE], local[NAME_SIZE];
	uid_t local_uid, uid, euid; /* of the user's entry; of the process */
	bool is_locked, is_mute, has_stamp;
	char line[1024]; /* of PAM's configuration, its words */
	const char *words[WORDS_MOST];
	int words_len;
	struct said runs[RUNS_MOST];
	size_t runs_len, run; /* given, begun */
	int peer; /* the helper's end of the present run, or -1 */
	char answer[2048], *later; /* to the next question; what happens before it, or at the
				    * helper's next line in the log */
	int asked;
	char *authtok, *oldauthtok;
	void *kept; /* PAM's storage */
	void (*clean)(pam_handle_t *, void *, int);
	struct buffer ticket; /* on the disk */
	/* the second reading */
	int64_t began;
	size_t run_began;
	char call_user[NAME_SIZE];
	char named[TICKET_SUB_MAX + 1]; /* whom the last good verdict named */
	char provisional[TICKET_SUB_MAX + 1]; /* whom this transaction's sign-in did */
	char sub[TICKET_SUB_MAX + 1]; /* and whom the last one that account allowed */
	uid_t call_uid;
	size_t yeses_len;
	enum { ACCOUNT_NOT_RUN, ACCOUNT_YES, ACCOUNT_NO } account; /* in this transaction */
} w;

static void act(char *line);

/* Nobody looks into it. */
static char handle;
static pam_handle_t *const pamh = (pam_handle_t *)(void *)&handle;

/* ---- libpam --------------------------------------------------------------------------------
 */

static void act_later(void)
{
	char *line = w.later;
	w.later = NULL;
	/* Nothing that ends what is going on. */
	if (line != NULL && strchr("usrliUELMta", line[0]) != NULL)
		act(line);
}

static int converse(
    int count, const struct pam_message **messages, struct pam_response **responses, void *arg)
{
	(void)arg;
	HOLDS(count == 1);
	int style = messages[0]->msg_style;
	bool is_question = style == PAM_PROMPT_ECHO_ON || style == PAM_PROMPT_ECHO_OFF;
	for (const char *t = messages[0]->msg; *t != '\0'; t++)
		HOLDS(*t == '\n' || ((unsigned char)*t >= 0x20 && *t != 0x7f));
	*responses = NULL;
	if (is_question)
		act_later();
	if (w.is_mute)
		return PAM_CONV_ERR;
	*responses = calloc(1, sizeof(**responses));
	HOLDS(*responses != NULL);
	if (is_question)
		(*responses)->resp = strdup(w.answer);
	w.asked += is_question;
	return PAM_SUCCESS;
}

int pam_get_item(const pam_handle_t *h, int type, const void **item)
{
	static const struct pam_conv conv = {converse, NULL};
	(void)h;
	*item = type == PAM_USER         ? (w.user[0] != '\0' ? w.user : NULL)
		: type == PAM_SERVICE    ? w.service
		: type == PAM_RUSER      ? (w.ruser[0] != '\0' ? w.ruser : NULL)
		: type == PAM_RHOST      ? "192.0.2.1"
		: type == PAM_CONV       ? (const void *)&conv
		: type == PAM_AUTHTOK    ? w.authtok
		: type == PAM_OLDAUTHTOK ? w.oldauthtok
					 : NULL;
	return PAM_SUCCESS;
}

int pam_set_item(pam_handle_t *h, int type, const void *item)
{
	char **kept = type == PAM_AUTHTOK ? &w.authtok : &w.oldauthtok;
	(void)h;
	HOLDS(type == PAM_AUTHTOK || type == PAM_OLDAUTHTOK);
	free(*kept);
	*kept = strdup(item);
	return PAM_SUCCESS;
}

int pam_get_user(pam_handle_t *h, const char **user, const char *prompt)
{
	(void)h;
	(void)prompt;
	*user = w.user[0] != '\0' ? w.user : NULL;
	return *user != NULL ? PAM_SUCCESS : PAM_CONV_ERR;
}

int pam_set_data(
    pam_handle_t *h, const char *name, void *kept, void (*clean)(pam_handle_t *, void *, int))
{
	(void)name;
	if (w.clean != NULL)
		w.clean(h, w.kept, 0);
	w.kept = kept;
	w.clean = clean;
	return PAM_SUCCESS;
}

int pam_get_data(const pam_handle_t *h, const char *name, const void **kept)
{
	(void)h;
	(void)name;
	*kept = w.kept;
	return w.kept != NULL ? PAM_SUCCESS : PAM_NO_MODULE_DATA;
}

int pam_putenv(pam_handle_t *h, const char *variable)
{
	(void)h;
	HOLDS(text_starts(variable, "OIDC_CLAIM_") && strchr(variable, '=') != NULL);
	return PAM_SUCCESS;
}

int pam_fail_delay(pam_handle_t *h, unsigned delay)
{
	(void)h;
	(void)delay;
	return PAM_SUCCESS;
}

void pam_syslog(const pam_handle_t *h, int priority, const char *format, ...)
{
	char line[4096];
	va_list args;
	(void)h;
	(void)priority;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	for (const char *t = line; *t != '\0'; t++)
		HOLDS((unsigned char)*t >= 0x20 && *t != 0x7f);
	/* The host is slow. */
	if (text_starts(line, HELPER_SAYS))
		act_later();
}

struct group *pam_modutil_getgrnam(pam_handle_t *h, const char *name)
{
	static struct group group;
	(void)h;
	group.gr_gid = 5000 + (gid_t)strlen(name);
	return name[0] == 'n' ? NULL : &group;
}

/* ---- the rest of the host (--wrap) ---------------------------------------------------------
 */

int __wrap_clock_gettime(clockid_t clock, struct timespec *t);
int __wrap_poll(struct pollfd *fds, nfds_t count, int ms);
int __real_poll(struct pollfd *fds, nfds_t count, int ms);
uid_t __wrap_getuid(void);
uid_t __wrap_geteuid(void);
int __wrap_setgroups(size_t count, const gid_t *gids);
int __wrap_getpwnam_r(
    const char *name, struct passwd *pw, char *entry, size_t size, struct passwd **found);
int __wrap_spawn_start(struct helper *h, struct reason *reason);
void __wrap_spawn_end(struct helper *h, bool finished);
const char *__wrap_warm_connect(
    struct helper *h, struct buffer *in, int64_t deadline, int64_t *lost);
int __wrap_config_file_examine(const char *path, struct stat *st, struct reason *reason);
int __wrap_config_file_read(const char *path, struct buffer *out, struct reason *reason);
void __wrap_jwks_cache_read(const char *path, struct buffer *out);
bool __wrap_jwks_cache_write(
    const char *path, const char *bytes, size_t len, const struct timespec *began);
int __wrap_jwks_cache_claim(const char *path, enum jwks_claim why);
void __wrap_jwks_cache_settle(const char *path, enum jwks_claim why, bool stored);
void __wrap_account_record_read(
    const char *name, uid_t uid, struct account_record *out, struct buffer *identity);
void __wrap_pending_try_note(const char *service, const char *user);
bool __wrap_file_may_write(size_t len);
int __wrap_ticket_file_lock(uid_t uid, const char *path, int64_t deadline, int *lock);
void __wrap_ticket_file_unlock(int *lock);
void __wrap_ticket_file_boot(char boot[TICKET_BOOT_MAX + 1]);
bool __wrap_ticket_file_read(uid_t uid, const char *path, struct ticket *t);
int __wrap_ticket_file_write(const struct ticket *t);
int __wrap_ticket_file_write_or_remove(const struct ticket *t);
bool __wrap_ticket_file_remove_expired(uid_t uid, const char *path, int64_t deadline);

int __wrap_clock_gettime(clockid_t clock, struct timespec *t)
{
	(void)clock;
	*t = (struct timespec){w.now / 1000, w.now % 1000 * 1000000};
	return 0;
}

/* Nobody waits: the clock goes on instead. */
int __wrap_poll(struct pollfd *fds, nfds_t count, int ms)
{
	int n = count > 0 ? __real_poll(fds, count, 0) : 0;
	if (n == 0)
		w.now += ms > 0 ? ms : 1;
	return n;
}

uid_t __wrap_getuid(void)
{
	return w.uid;
}

uid_t __wrap_geteuid(void)
{
	return w.euid;
}

/* A group that the rules gave this person once, and no account has refused since. */
int __wrap_setgroups(size_t count, const gid_t *gids)
{
	bool found = false;
	(void)gids;
	for (size_t i = 0; i < w.yeses_len; i++)
		found = found || (streq(yeses[i].user, w.user) && yeses[i].groups[0] != '\0');
	HOLDS(found && count > 0 && w.account != ACCOUNT_NO);
	return 0;
}

int __wrap_getpwnam_r(
    const char *name, struct passwd *pw, char *entry, size_t size, struct passwd **found)
{
	*found = NULL;
	if (w.local_uid == 66)
		return EIO;
	/* A directory that folds case. */
	if (strcasecmp(name, w.local) != 0)
		return 0;
	snprintf(entry, size, "%s", w.local);
	*pw = (struct passwd){.pw_name = entry, .pw_uid = w.local_uid};
	*found = pw;
	return 0;
}

int __wrap_spawn_start(struct helper *h, struct reason *reason)
{
	int fds[2];
	if (w.run == w.runs_len)
		return reason_set(reason, RESULT_HELPER_START, "none");
	const struct said *said = &w.runs[w.run++];
	HOLDS(w.peer < 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	HOLDS(send(fds[1], said->bytes, said->len, MSG_DONTWAIT) == (ssize_t)said->len);
	shutdown(fds[1], SHUT_WR);
	*h = (struct helper){.fd = fds[0], .pid = -1, .pidfd = -1};
	w.peer = fds[1];
	return 0;
}

void __wrap_spawn_end(struct helper *h, bool finished)
{
	(void)finished;
	if (h->fd < 0)
		return;
	close(h->fd);
	close(w.peer);
	w.peer = -1;
	*h = helper_none;
}

const char *__wrap_warm_connect(
    struct helper *h, struct buffer *in, int64_t deadline, int64_t *lost)
{
	(void)in;
	(void)deadline;
	(void)lost;
	*h = helper_none;
	return "";
}

int __wrap_config_file_examine(const char *path, struct stat *st, struct reason *reason)
{
	memset(st, 0, sizeof(*st));
	return path[1] != '!' ? 0 : reason_set(reason, RESULT_CONFIG_FILE, "missing");
}

int __wrap_config_file_read(const char *path, struct buffer *out, struct reason *reason)
{
	(void)path;
	(void)reason;
	return buffer_append_text(out, "{}");
}

void __wrap_jwks_cache_read(const char *path, struct buffer *out)
{
	(void)path;
	(void)out;
}

bool __wrap_jwks_cache_write(
    const char *path, const char *bytes, size_t len, const struct timespec *began)
{
	(void)path;
	(void)bytes;
	(void)began;
	HOLDS(len <= MESSAGE_STORE_MAX);
	return true;
}

/* The first one fetches; the others wait or are refused. */
int __wrap_jwks_cache_claim(const char *path, enum jwks_claim why)
{
	(void)path;
	(void)why;
	bool had = w.has_stamp;
	w.has_stamp = true;
	return had ? (w.now % 2 == 0 ? 10 : 200) : 0;
}

void __wrap_jwks_cache_settle(const char *path, enum jwks_claim why, bool stored)
{
	(void)path;
	(void)why;
	(void)stored;
}

void __wrap_account_record_read(
    const char *name, uid_t uid, struct account_record *out, struct buffer *identity)
{
	(void)name;
	(void)uid;
	(void)identity;
	*out = (struct account_record){.is_locked = w.is_locked};
}

void __wrap_pending_try_note(const char *service, const char *user)
{
	HOLDS(streq(service, w.service) && streq(user, w.user));
}

bool __wrap_file_may_write(size_t len)
{
	(void)len;
	return true;
}

int __wrap_ticket_file_lock(uid_t uid, const char *path, int64_t deadline, int *lock)
{
	(void)uid;
	(void)path;
	(void)deadline;
	*lock = 1000;
	return 0;
}

void __wrap_ticket_file_unlock(int *lock)
{
	*lock = -1;
}

void __wrap_ticket_file_boot(char boot[TICKET_BOOT_MAX + 1])
{
	memcpy(boot, "boot", sizeof("boot"));
}

bool __wrap_ticket_file_read(uid_t uid, const char *path, struct ticket *t)
{
	(void)uid;
	(void)path;
	return ticket_decode(buffer_text(&w.ticket), w.ticket.len, t);
}

int __wrap_ticket_file_write(const struct ticket *t)
{
	struct ticket again = {.user = ""};
	buffer_wipe(&w.ticket);
	HOLDS(ticket_encode(t, &w.ticket) == 0);
	HOLDS(ticket_decode(buffer_text(&w.ticket), w.ticket.len, &again));
	ticket_wipe(&again);
	return 0;
}

int __wrap_ticket_file_write_or_remove(const struct ticket *t)
{
	return __wrap_ticket_file_write(t);
}

bool __wrap_ticket_file_remove_expired(uid_t uid, const char *path, int64_t deadline)
{
	(void)uid;
	(void)path;
	(void)deadline;
	buffer_wipe(&w.ticket);
	return true;
}

/* ---- the second reading --------------------------------------------------------------------
 */

struct part {
	const char *bytes;
	size_t len;
};

static bool take(struct part *rest, size_t len, struct part *out)
{
	if (len > rest->len)
		return false;
	*out = (struct part){rest->bytes, len};
	rest->bytes += len;
	rest->len -= len;
	return true;
}

static bool take_counted(struct part *rest, struct part *out)
{
	struct part head;
	if (!take(rest, 4, &head))
		return false;
	const unsigned char *b = (const unsigned char *)head.bytes;
	return take(
	    rest, (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3], out);
}

static bool is(const struct part *p, const char *text)
{
	return p->len == strlen(text) && memcmp(p->bytes, text, p->len) == 0;
}

/* The fields of one frame; its type, or -1. */
static int read_frame(struct part *rest, struct part fields[FRAME_FIELDS_MAX], size_t *count)
{
	struct part frame, type;
	*count = 0;
	if (!take_counted(rest, &frame) || !take(&frame, 1, &type))
		return -1;
	while (frame.len > 0)
		if (*count == FRAME_FIELDS_MAX || !take_counted(&frame, &fields[(*count)++]))
			return -1;
	return type.bytes[0];
}

/* Has this run given a verdict, and said nothing before that is not the protocol's? verdict:
 * the fields of its last frame. */
static bool read_verdict(const struct said *said, bool may_ask, struct part *verdict)
{
	struct part rest = {said->bytes, said->len}, fields[FRAME_FIELDS_MAX];
	size_t count = 0;
	int type = read_frame(&rest, fields, &count);
	if (type != FRAME_HELLO || count != HELLO_FIELDS ||
	    !is(&fields[HELLO_VERSION], MESSAGE_VERSION))
		return false;
	while ((type = read_frame(&rest, fields, &count)) != FRAME_RESULT) {
		bool is_talk = type == FRAME_PROMPT;
		if (type != FRAME_INFO && type != FRAME_LOG && type != FRAME_STORE &&
		    type != FRAME_REFETCH && type != FRAME_TICKET && !(is_talk && may_ask))
			return false;
	}
	memcpy(verdict, fields, sizeof(*verdict) * VERDICT_FIELDS);
	return count == VERDICT_FIELDS;
}

/* "1", and zeros before it. */
static bool is_one(const struct part *code)
{
	size_t zeros = 0;
	while (zeros < code->len && code->bytes[zeros] == '0')
		zeros++;
	return zeros + 1 == code->len && code->bytes[zeros] == '1';
}

static const char *option(const char *name)
{
	for (int i = 0; i < w.words_len; i++)
		if (text_starts(w.words[i], name))
			return w.words[i] + strlen(name);
	return NULL;
}

static bool is_among(const char *list, const char *name)
{
	char all[1100], one[NAME_SIZE + 3];
	snprintf(all, sizeof(all), ",%s,", list != NULL ? list : "");
	snprintf(one, sizeof(one), ",%s,", name);
	return strstr(all, one) != NULL;
}

/* Does this host have the user now, and may they sign in? */
static bool is_person(void)
{
	unsigned long least =
	    option("min_uid=") != NULL ? strtoul(option("min_uid="), NULL, 10) : 1000;
	if (!streq(w.user, w.local) || w.local_uid == 66 || is_among(option("local="), w.user))
		return false;
	return w.local_uid == 0 ? option("allow_root") != NULL : w.local_uid >= least;
}

static bool is_theirs(const struct yes *yes)
{
	return streq(yes->user, w.user) && yes->uid == w.local_uid &&
	       streq(yes->service, w.service);
}

/* A verdict's decisions: for each service, until when. */
static void note_decisions(const struct part *verdict, int64_t least)
{
	struct part rest = verdict[VERDICT_DECISIONS], row[4];
	while (w.yeses_len < YESES_MOST && take_counted(&rest, &row[0]) &&
	       take_counted(&rest, &row[1]) && take_counted(&rest, &row[2]) &&
	       take_counted(&rest, &row[3])) {
		struct yes *yes = &yeses[w.yeses_len++];
		char number[10] = "";
		memcpy(number, row[1].bytes, row[1].len < 9 ? row[1].len : 9);
		int64_t ms = row[1].len < 9 ? strtoll(number, NULL, 10) * 1000 : DAY_MS;
		yes->uid = w.call_uid;
		snprintf(yes->user, sizeof(yes->user), "%s", w.call_user);
		snprintf(
		    yes->service, sizeof(yes->service), "%.*s", (int)row[0].len, row[0].bytes);
		snprintf(
		    yes->groups, sizeof(yes->groups), "%.*s", (int)row[2].len, row[2].bytes);
		yes->until = w.now + (ms < DAY_MS ? ms > least ? ms : least : DAY_MS);
	}
}

/* Whom an approval must name: anybody, somebody, or whom the sign-in named. */
enum whose { SUB_ANY, SUB_NAMED, SUB_SAME };

/* The one of this call that approved, if one did; what it says is noted. */
static bool has_approved(bool may_ask, enum whose whose)
{
	struct part verdict[VERDICT_FIELDS];
	char sub[TICKET_SUB_MAX + 1];
	bool found = false;
	for (size_t i = w.run_began; i < w.run; i++) {
		if (!read_verdict(&w.runs[i], may_ask, verdict))
			continue;
		/* A no for this service may be a yes for others. */
		note_decisions(verdict, JUST_REUSED_MS);
		text_printable(
		    verdict[VERDICT_SUB].bytes, verdict[VERDICT_SUB].len, sub, sizeof(sub));
		bool is_good =
		    is_one(&verdict[VERDICT_CODE]) &&
		    (whose == SUB_ANY || (whose == SUB_NAMED && sub[0] != '\0') ||
			(whose == SUB_SAME &&
			    streq(sub, w.provisional[0] != '\0' ? w.provisional : w.sub)));
		if (is_good)
			memcpy(w.named, sub, sizeof(sub));
		found = found || is_good;
	}
	return found;
}

static bool was_approved(void)
{
	for (size_t i = 0; i < w.yeses_len; i++)
		if (is_theirs(&yeses[i]) && w.now <= yeses[i].until)
			return true;
	return false;
}

/* ---- calls ----------------------------------------------------------------------------------
 */

static bool was_in_time(void)
{
	long seconds = option("timeout=") != NULL ? strtol(option("timeout="), NULL, 10) : 100;
	return w.now - w.began <= seconds * 1000 + (w.asked > 0 ? MESSAGE_ANSWERED_MS : 0);
}

static void call_authenticate(int flags)
{
	char user[NAME_SIZE], service[NAME_SIZE];
	memcpy(user, w.user, sizeof(user));
	memcpy(service, w.service, sizeof(service));
	bool was_locked = w.is_locked;
	w.account = ACCOUNT_NOT_RUN;
	int r = pam_sm_authenticate(pamh, flags, w.words_len, w.words);
	HOLDS(r != PAM_IGNORE);
	bool earned = has_approved(true, SUB_NAMED);
	if (r == PAM_SUCCESS)
		HOLDS(earned && is_person() && streq(user, w.user) &&
		      streq(service, w.service) && w.euid == 0 &&
		      !(was_locked && w.is_locked) && was_in_time());
	/* What the module did not believe, it must not remember. */
	if (r == PAM_SUCCESS)
		memcpy(w.provisional, w.named, sizeof(w.named));
}

static void call_account(int flags)
{
	bool was = was_approved();
	int r = pam_sm_acct_mgmt(pamh, flags, w.words_len, w.words);
	bool earned = has_approved(false, SUB_SAME);
	if (r == PAM_SUCCESS)
		HOLDS((earned || was) && is_person() && w.euid == 0 && was_in_time());
	if (r == PAM_SUCCESS && w.provisional[0] != '\0')
		memcpy(w.sub, w.provisional, sizeof(w.sub));
	w.account = r == PAM_SUCCESS ? ACCOUNT_YES : ACCOUNT_NO;
	if (r == PAM_IGNORE)
		HOLDS(streq(w.user, w.local) && !is_among(option("unmanaged="), "deny") &&
		      (!is_person() || w.local_uid == 0) && w.euid == 0);
}

static void call_chauthtok(int flags)
{
	int r = pam_sm_chauthtok(pamh, flags, w.words_len, w.words);
	bool is_expired = ((unsigned)flags & PAM_CHANGE_EXPIRED_AUTHTOK) != 0;
	bool earned = has_approved(true, SUB_ANY);
	if (r == PAM_SUCCESS)
		HOLDS(earned && w.uid != 0 && w.euid == 0 && w.local_uid != 0 && was_in_time());
	if (r == PAM_IGNORE)
		HOLDS(is_expired ||
		      (streq(w.user, w.local) && (!is_person() || w.local_uid == 0)));
}

static void call(char *rest)
{
	int flags = (int)(strtoul(rest + 1, NULL, 16) & 0xffff);
	w.began = w.now;
	w.run_began = w.run;
	memcpy(w.call_user, w.user, sizeof(w.user));
	w.call_uid = w.local_uid;
	w.asked = 0;
	if (rest[0] == 'a')
		call_authenticate(flags);
	else if (rest[0] == 'c')
		call_account(flags);
	else if (rest[0] == 's')
		HOLDS(pam_sm_setcred(pamh, flags, w.words_len, w.words) != PAM_IGNORE);
	else if (rest[0] == 'o')
		pam_sm_open_session(pamh, flags, w.words_len, w.words);
	else if (rest[0] == 'p')
		call_chauthtok(flags);
	HOLDS(w.peer < 0);
}

/* ---- actions
 * --------------------------------------------------------------------------------- */

static void say(const char *bytes, size_t len)
{
	if (w.runs_len == 0)
		return;
	struct said *said = &w.runs[w.runs_len - 1];
	if (len > SAID_MOST - said->len)
		return;
	memcpy(said->bytes + said->len, bytes, len);
	said->len += len;
}

static void say_counted(struct buffer *out, const char *bytes, size_t len)
{
	for (unsigned shift = 32; shift > 0; shift -= 8)
		buffer_append_byte(out, (unsigned char)(len >> (shift - 8)));
	buffer_append(out, bytes, len);
}

/* "a;b;c" as fields of a field. */
static void pack(char *list, struct buffer *out)
{
	char *left = NULL;
	for (char *one = strtok_r(list, ";", &left); one != NULL;
	     one = strtok_r(NULL, ";", &left))
		say_counted(out, streq(one, "-") ? "" : one, streq(one, "-") ? 0 : strlen(one));
}

/* Words for what changes with the protocol. */
static void say_field(char *field, struct buffer *out)
{
	static const struct {
		const char *word;
		int code;
	} codes[] = {{"@denied", RESULT_POLICY}, {"@ended", RESULT_REFRESH_REFUSED},
	    {"@outage", RESULT_CONNECT}, {"@used", RESULT_REFRESH_REUSE}};
	if (field[0] == '=') {
		pack(field + 1, out);
		return;
	}
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (streq(field, codes[i].word)) {
			buffer_append_format(out, "%d", codes[i].code);
			return;
		}
	buffer_append_text(out, streq(field, "@version") ? MESSAGE_VERSION : field);
}

/* TYPE|FIELD|FIELD; a field "=a;b" is a list of fields. */
static void say_frame(char *rest)
{
	struct buffer frame = BUFFER_INIT(SAID_MOST), whole = BUFFER_INIT(SAID_MOST + 4);
	char *at = rest;
	buffer_append_byte(&frame, (unsigned char)strtoul(strsep(&at, "|"), NULL, 10));
	while (at != NULL) {
		char *field = strsep(&at, "|");
		struct buffer list = BUFFER_INIT(SAID_MOST);
		say_field(field, &list);
		say_counted(&frame, buffer_text(&list), list.len);
		buffer_wipe(&list);
	}
	say_counted(&whole, buffer_text(&frame), frame.len);
	say(buffer_text(&whole), whole.len);
	buffer_wipe(&frame);
	buffer_wipe(&whole);
}

static void new_run(void)
{
	if (w.runs_len < RUNS_MOST)
		w.runs[w.runs_len++].len = 0;
}

static void split_words(const char *rest)
{
	char *left = NULL;
	if (w.words_len > 0)
		return; /* the module's options borrow from it, and a service has one line */
	snprintf(w.line, sizeof(w.line), "%s", rest);
	for (char *word = strtok_r(w.line, " ", &left);
	     word != NULL && w.words_len < WORDS_MOST; word = strtok_r(NULL, " ", &left))
		w.words[w.words_len++] = word;
}

static void new_transaction(void)
{
	pam_set_data(pamh, "", NULL, NULL);
	w.account = ACCOUNT_NOT_RUN;
	w.provisional[0] = '\0';
	free(w.authtok);
	free(w.oldauthtok);
	w.authtok = w.oldauthtok = NULL;
}

static void set_name(char *name, const char *rest)
{
	snprintf(name, NAME_SIZE, "%s", rest);
}

/* One line: a letter, and what belongs to it. */
static void act(char *line)
{
	char *rest = line + (line[0] != '\0');
	switch (line[0]) {
	case 'O':
		split_words(rest);
		break;
	case 'u':
		set_name(w.user, rest);
		break;
	case 's':
		set_name(w.service, rest);
		break;
	case 'r':
		set_name(w.ruser, rest);
		break;
	case 'l':
		set_name(w.local, rest);
		break;
	case 'i':
		w.local_uid = (uid_t)strtoul(rest, NULL, 10);
		break;
	case 'U':
		w.uid = (uid_t)strtoul(rest, NULL, 10);
		break;
	case 'E':
		w.euid = (uid_t)strtoul(rest, NULL, 10);
		break;
	case 'L':
		w.is_locked = rest[0] == '1';
		break;
	case 'M':
		w.is_mute = rest[0] == '1';
		break;
	case 't':
		w.now += (int64_t)(strtoul(rest, NULL, 10) % (3 * DAY_MS));
		break;
	case 'a':
		snprintf(w.answer, sizeof(w.answer), "%s", rest);
		break;
	case 'b':
		w.later = rest;
		break;
	case 'h':
		new_run();
		break;
	case 'f':
		say_frame(rest);
		break;
	case 'w':
		say(rest, strlen(rest));
		break;
	case 'N':
		new_transaction();
		break;
	default:
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = malloc(len + 1), *at = text;
	int actions = 0;
	HOLDS(text != NULL);
	memcpy(text, bytes, len);
	text[len] = '\0';
	w = (struct world){.now = 1000000,
	    .local_uid = 1001,
	    .peer = -1,
	    .ticket = BUFFER_INIT(TICKET_BYTES_MAX)};
	set_name(w.user, "alice");
	set_name(w.local, "alice");
	set_name(w.service, "sshd");
	while (at != NULL && actions++ < ACTIONS_MOST) {
		char *line = strsep(&at, "\n");
		/* A call is no action of a conversation. */
		if (line[0] == 'C')
			call(line + 1);
		else
			act(line);
	}
	new_transaction();
	buffer_wipe(&w.ticket);
	free(text);
	return 0;
}
