/* SPDX-License-Identifier: MIT */
#include "module/transaction.h"

#include <langinfo.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include <security/pam_ext.h>

#include "common/clock.h"
#include "common/paths.h"
#include "common/result.h"
#include "common/text.h"
#include "module/answer.h"
#include "module/account_record.h"
#include "module/config_file.h"
#include "module/conversation.h"
#include "module/ticket_file.h"

#define REVOKE_MS 2000 /* the host waits for this */

static const char *item_text(pam_handle_t *pamh, int type)
{
	const void *item = NULL;
	return pam_get_item(pamh, type, &item) == PAM_SUCCESS && item != NULL ? item : "";
}

/* PAM_USER, asked for if the host has not set it. Kept as a copy: hosts change it. */
static int read_user(struct transaction *t)
{
	const char *user = NULL;
	int rc = pam_get_user(t->pamh, &user, NULL);
	if (rc == PAM_CONV_ERR || rc == PAM_CONV_AGAIN)
		return RESULT_CONVERSATION;
	if (rc != PAM_SUCCESS || user == NULL || user[0] == '\0')
		return RESULT_PAM_ITEM;
	if (strlen(user) >= sizeof(t->user)) {
		snprintf(t->user, sizeof(t->user), "%.32s...", user);
		return RESULT_USER_UNKNOWN;
	}
	snprintf(t->user, sizeof(t->user), "%s", user);
	return 0;
}

/* A set-uid program was started by somebody who is logged in, under whatever service name
 * (sudoers has pam_service=). Newer polkits have their helper started by systemd, as root. */
static bool asks_who_is_logged_in(const char *service)
{
	static const char *const services[] = {"sudo", "sudo-i", "polkit-1", NULL};
	return getuid() != geteuid() || text_among(service, services);
}

int transaction_begin(
    struct transaction *t, pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	memset(t, 0, sizeof(*t));
	t->pamh = pamh;
	t->flags = flags;
	t->started = clock_ms();
	snprintf(t->service, sizeof(t->service), "%s", item_text(pamh, PAM_SERVICE));
	t->logged_in = asks_who_is_logged_in(t->service);
	/* sudo always sets PAM_SILENT, against banners; but a refusal needs its reason. */
	t->silent = ((unsigned)flags & PAM_SILENT) != 0 && !t->logged_in;
	/* For the log, should it end here. */
	snprintf(t->user, sizeof(t->user), "%s", item_text(pamh, PAM_USER));
	int r = options_parse(argc, argv, &t->options, &t->reason);
	t->deadline = t->started + (int64_t)t->options.timeout * 1000;
	if (r != 0)
		return r;
	if (geteuid() != paths.trusted_uid)
		return RESULT_NOT_ROOT;
	return t->service[0] != '\0' ? read_user(t) : RESULT_PAM_ITEM;
}

int transaction_examine(struct transaction *t)
{
	struct stat st;
	struct account_record record;
	char raw[128] = "", host[128];
	int r = config_file_examine(t->options.config, &st, &t->reason);
	if (r != 0)
		return r;
	if (gethostname(raw, sizeof(raw) - 1) != 0)
		raw[0] = '\0';
	text_field(raw, host, sizeof(host));
	account_record_read(t->user, t->uid, &record, NULL);
	snprintf(t->fingerprint, sizeof(t->fingerprint),
	    "%llu.%llu.%lld.%lld.%09ld.%lld.%09ld.%s.%s%s%s", (unsigned long long)st.st_dev,
	    (unsigned long long)st.st_ino, (long long)st.st_size, (long long)st.st_mtim.tv_sec,
	    st.st_mtim.tv_nsec, (long long)st.st_ctim.tv_sec, st.st_ctim.tv_nsec,
	    paths.build_id, host, record.counts ? "." : "", record.mark);
	ticket_file_boot(t->boot);
	return record.is_locked ? RESULT_USER_LOCKED : 0;
}

struct ticket_owner transaction_owner(const struct transaction *t)
{
	return (struct ticket_owner){
	    t->user, t->uid, t->options.config, t->boot, clock_boot_ms()};
}

int transaction_still_the_same(struct transaction *t)
{
	uid_t uid = (uid_t)-1;
	if (!streq(item_text(t->pamh, PAM_USER), t->user) ||
	    !streq(item_text(t->pamh, PAM_SERVICE), t->service))
		return RESULT_USER_CHANGED;
	int r = localuser_check(t->user, &t->options, &uid);
	return r == 0 && uid != t->uid ? RESULT_USER_CHANGED : r;
}

/* ---- the helper ------------------------------------------------------------------------ */

/* Does the person see a text that no question follows? sshd holds it back, doas puts it into
 * the output of its command, others drop it; and under sudo Ctrl-C ends a question but not a
 * wait. So only the services that are known to show it count, on a terminal. */
static bool shows_text(const struct transaction *t)
{
	static const char *const services[] = {"login", "su", "su-l", NULL};
	return text_among(t->service, services) && isatty(STDIN_FILENO) &&
	       isatty(STDERR_FILENO) && ((unsigned)t->flags & PAM_SILENT) == 0;
}

/* "auto" is decided here, where the host can be seen. Half blocks show at sshd's clients, which
 * have a locale of their own, and where the host speaks UTF-8. */
static void decide_auto(const struct transaction *t, struct request_options *o)
{
	bool sshd = streq(item_text(t->pamh, PAM_TTY), "ssh");
	if (streq(o->qr, "auto") && !sshd && !streq(nl_langinfo(CODESET), "UTF-8"))
		o->qr = "off";
	if (streq(o->prompt, "auto"))
		o->prompt = shows_text(t) ? "none" : "enter";
}

/* The transaction as helper_client.h's caller. */
struct caller {
	struct transaction *t;
	struct answer_source source;
};

static int prompt(void *arg, const char *kind, const char *text, bool *typed, char **answer)
{
	const struct caller *c = arg;
	return answer_prompt(&c->source, kind, text, typed, answer);
}

static void write_told(const struct transaction *t, const char *text)
{
	char user[LOCALUSER_NAME_MAX + 1], rhost[256], shown[REASON_MAX];
	text_field(t->user, user, sizeof(user));
	text_field(item_text(t->pamh, PAM_RHOST), rhost, sizeof(rhost));
	text_printable(text, strlen(text), shown, sizeof(shown));
	pam_syslog(
	    t->pamh, LOG_NOTICE, HELPER_SAYS "to user=%s rhost=%s: %s", user, rhost, shown);
}

static int tell(void *arg, bool error, const char *text)
{
	const struct caller *c = arg;
	/* su and login write a notice to the standard output, which is the command's. */
	bool is_elsewhere = isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO);
	/* Whoever is told of a wrong code may end a set-uid program before it gets further. */
	if (error)
		write_told(c->t, text);
	conversation_tell(c->t->pamh, c->t->silent, error || is_elsewhere, text);
	return clock_left(c->t->deadline) > 0 ? 0 : RESULT_PERSON_SLOW;
}

static void write_log(void *arg, int priority, const char *text)
{
	const struct caller *c = arg;
	if (priority != LOG_DEBUG || c->t->options.debug)
		pam_syslog(c->t->pamh, priority, "%s", text);
}

int transaction_ask_helper(struct transaction *t, struct request *q,
    int (*rotated)(void *, const struct field *), void *asked, struct verdict *v)
{
	bool silent = q->purpose == PURPOSE_ACCOUNT || q->purpose == PURPOSE_REUSE;
	bool changing = q->purpose == PURPOSE_CHANGE;
	struct buffer account = BUFFER_INIT(ACCOUNT_RECORD_MAX + 1);
	struct account_record record;
	struct caller caller = {t, {t->pamh, &t->options, t->deadline, changing}};
	const struct helper_client client = {
	    .prompt = silent ? NULL : prompt,
	    .tell = tell,
	    .log = write_log,
	    .rotated = rotated,
	    .arg = &caller,
	    .asked = asked,
	    .cold = &t->cold,
	};
	q->config_path = t->options.config;
	q->user = t->user;
	q->service = t->service;
	q->rhost = item_text(t->pamh, PAM_RHOST);
	q->options = t->options.request;
	q->root = t->uid == 0;
	q->logged_in = t->logged_in;
	decide_auto(t, &q->options);
	/* max_age= is about reuse alone. */
	if (q->purpose != PURPOSE_REUSE)
		q->options.max_age = -1;
	account_record_read(t->user, t->uid, &record, &account);
	q->account = field_of(&account);
	int r = helper_client_run(&client, q, t->deadline, v);
	buffer_wipe(&account);
	t->reason = v->reason;
	memcpy(t->sub, v->sub, sizeof(t->sub));
	memcpy(t->rule, v->rule, sizeof(t->rule));
	memcpy(t->flow, v->flow, sizeof(t->flow));
	return r;
}

void transaction_revoke(struct transaction *t, const struct ticket *k)
{
	struct caller caller = {.t = t};
	const struct helper_client client = {
	    .log = write_log, .arg = &caller, .cold = &t->cold};
	struct request q = {
	    .purpose = PURPOSE_REVOKE,
	    .config_path = t->options.config,
	    .ticket = field_of(&k->body),
	};
	struct verdict v;
	int64_t end = clock_ms() + REVOKE_MS;
	if (k->body.len == 0)
		return;
	helper_client_run(&client, &q, end < t->deadline ? end : t->deadline, &v);
	verdict_free(&v);
}

/* ---- the end --------------------------------------------------------------------------- */

/* The log puts it between quotes. */
static void unquote(char *text)
{
	for (; *text != '\0'; text++)
		if (*text == '"')
			*text = '\'';
}

static void write_line(struct transaction *t, const char *phase, int result)
{
	const char *word = result == 0 ? "allowed" : "denied";
	const char *phrase = result == 0 ? word : result_phrase(result);
	char user[LOCALUSER_NAME_MAX + 1], service[64], rhost[256], sub[256], flow[16];
	const char *detail = t->reason.detail;
	text_field(t->user, user, sizeof(user));
	text_field(t->service, service, sizeof(service));
	text_field(item_text(t->pamh, PAM_RHOST), rhost, sizeof(rhost));
	text_field(t->sub, sub, sizeof(sub));
	text_field(t->flow, flow, sizeof(flow));
	unquote(t->rule);
	unquote(t->reason.detail);
	pam_syslog(t->pamh, LOG_AUTHPRIV | LOG_INFO,
	    "%s %s user=%s service=%s rhost=%s flow=%s sub=%s rule=\"%s\" reason=\"%s%s%s\" "
	    "ms=%lld",
	    phase, word, user, service, rhost, flow, sub, t->rule, phrase,
	    detail[0] != '\0' ? ": " : "", detail, (long long)(clock_ms() - t->started));
}

int transaction_end(struct transaction *t, const char *phase, int result)
{
	/* Before the person is told: they may stop or end the program then. */
	if (result != 0 || !t->told || t->options.debug)
		write_line(t, phase, result);
	if (result != 0)
		conversation_tell(t->pamh, t->silent, true,
		    t->reason.message[0] != '\0' ? t->reason.message : result_sentence(result));
	/* The one place that turns "nothing refused" into PAM's success: no code does. */
	return result == 0 ? PAM_SUCCESS : result_pam(result);
}
