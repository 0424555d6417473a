/* SPDX-License-Identifier: MIT */
#include "module/transaction.h"

#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <security/pam_ext.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/paths.h"
#include "common/reason.h"
#include "common/result.h"
#include "common/sentence.h"
#include "common/text.h"
#include "module/answer.h"
#include "module/binding.h"
#include "module/conversation.h"
#include "module/dialogue.h"
#include "module/recheck.h"
#include "module/spawn.h"
#include "module/store.h"
#include "module/ticket_file.h"

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

int transaction_begin(
    struct transaction *t, pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct options_fault fault;
	memset(t, 0, sizeof(*t));
	t->pamh = pamh;
	t->flags = flags;
	t->purpose = "login";
	t->started = clock_ms();
	snprintf(t->service, sizeof(t->service), "%s", item_text(pamh, PAM_SERVICE));
	/* sudo says so always, against banners; a refusal without its reason helps nobody. */
	if (streq(t->service, "sudo") || streq(t->service, "sudo-i"))
		t->flags = (int)((unsigned)flags & ~(unsigned)PAM_SILENT);
	/* For the log, should it end here. */
	snprintf(t->user, sizeof(t->user), "%s", item_text(pamh, PAM_USER));
	int r = options_parse(argc, argv, &t->options, &fault);
	t->deadline = t->started + (int64_t)t->options.timeout * 1000;
	if (r != 0) {
		snprintf(t->detail, sizeof(t->detail), "%s", fault.text);
		return r;
	}
	if (geteuid() != paths.trusted_uid)
		return RESULT_NOT_ROOT;
	if (t->service[0] == '\0')
		return RESULT_PAM_ITEM;
	return read_user(t);
}

/* Whoever is refused here sees the same prompt as anybody else; the answer goes nowhere. */
static int refuse_locally(struct transaction *t, int result)
{
	char *answer = NULL;
	bool typed = false;
	int r = answer_prompt(t, "password", SENTENCE_PASSWORD, &typed, &answer);
	secret_free(answer);
	/* What another would be told of an answer that came late, or not at all. */
	bool is_same = r == RESULT_CONVERSATION || r == RESULT_CANCELLED ||
		       r == RESULT_ANSWER_LONG || r == RESULT_PERSON_SLOW;
	return is_same ? r : result;
}

static int run_helper(struct transaction *t, const struct buffer *config)
{
	struct helper helper = HELPER_NONE;
	struct reason reason = {.detail = ""};
	int r = spawn_start(&helper, &reason);
	if (r != 0) {
		snprintf(t->detail, sizeof(t->detail), "%s", reason.detail);
		return r;
	}
	int verdict = dialogue_run(t, &helper, config);
	spawn_end(&helper, t->finished);
	return verdict;
}

int transaction_still_the_same(struct transaction *t)
{
	uid_t uid = (uid_t)-1;
	if (!streq(item_text(t->pamh, PAM_USER), t->user))
		return RESULT_USER_CHANGED;
	if (!streq(item_text(t->pamh, PAM_SERVICE), t->service))
		return RESULT_USER_CHANGED;
	int r = localuser_check(t->pamh, t->user, &t->options, &uid);
	return r == 0 && uid != t->uid ? RESULT_USER_CHANGED : r;
}

/* The last word is this host's. */
static int pass_gate(struct transaction *t, struct ticket *ticket)
{
	int r = transaction_still_the_same(t);
	if (r == 0)
		r = binding_set(t->pamh, t->user, t->uid, t->service, ticket);
	return r == 0 ? RESULT_ALLOWED : r;
}

void transaction_explain(struct transaction *t, const char *why)
{
	snprintf(t->detail, sizeof(t->detail), "%s", why);
}

static int explain_config(struct transaction *t, int r, const char *why)
{
	if (why != NULL)
		snprintf(t->detail, sizeof(t->detail), "%s: %s", t->options.config, why);
	return r;
}

/* Before the configuration is read: what is decided by a newer one than this tells of is
 * simply not believed later. */
int transaction_examine(struct transaction *t)
{
	struct stat st;
	const char *why = NULL;
	int r = store_examine_config(t->options.config, &st, &why);
	if (r != 0)
		return explain_config(t, r, why);
	fingerprint_make(&st, t->print);
	ticket_file_boot(t->boot);
	return 0;
}

int transaction_ask_helper(struct transaction *t)
{
	struct buffer config = BUFFER_INIT(STORE_CONFIG_MAX + 1);
	const char *why = NULL;
	t->finished = false;
	t->tickets = 0;
	t->detail[0] = t->message[0] = t->sub[0] = t->rule[0] = t->flow[0] = '\0';
	int r = store_read_config(t->options.config, &config, &why);
	r = explain_config(t, r, why);
	if (r == 0)
		r = run_helper(t, &config);
	buffer_wipe(&config);
	return r;
}

static int sign_in(struct transaction *t)
{
	struct ticket ticket;
	struct ticket_owner holder;
	recheck_owner(t, &holder);
	if (!ticket_begin(&ticket, &holder))
		return RESULT_TICKET_KEEP;
	t->purpose = "login";
	t->ticket = &ticket;
	int r = transaction_ask_helper(t);
	t->ticket = NULL;
	snprintf(ticket.sub, sizeof(ticket.sub), "%s", t->sub);
	/* A sign-in that leaves nothing to be asked again is none. */
	if (r == RESULT_ALLOWED && (ticket.born == 0 || ticket.refused))
		r = RESULT_HELPER_FRAME;
	if (r == RESULT_ALLOWED) {
		r = pass_gate(t, &ticket);
	} else {
		recheck_replace(t, r, &ticket);
	}
	ticket_wipe(&ticket);
	return r == RESULT_DONE ? RESULT_HELPER_FRAME : r;
}

int transaction_authenticate(struct transaction *t)
{
	int r = localuser_check(t->pamh, t->user, &t->options, &t->uid);
	if (r != 0)
		return refuse_locally(t, r);
	r = transaction_examine(t);
	if (r != 0)
		return r;
	r = recheck_may_reuse(t) ? recheck_reuse(t) : RESULT_ASK;
	if (r == 0)
		return pass_gate(t, NULL);
	return r == RESULT_ASK ? sign_in(t) : r;
}

bool transaction_is_unmanaged(struct transaction *t)
{
	uid_t uid = (uid_t)-1;
	int r = localuser_check(t->pamh, t->user, &t->options, &uid);
	return localuser_is_unmanaged(r, uid);
}

/* Root may not set what Cognito alone keeps, and does not know the current password. */
int transaction_change(struct transaction *t)
{
	t->purpose = ((unsigned)t->flags & PAM_PRELIM_CHECK) != 0 ? "check" : "change";
	int r = localuser_check(t->pamh, t->user, &t->options, &t->uid);
	if (r != 0)
		return r;
	if (getuid() == 0 && paths.trusted_uid == 0)
		return RESULT_CHANGE_BY_ROOT;
	r = transaction_ask_helper(t);
	return r == RESULT_ALLOWED ? RESULT_HELPER_FRAME : r;
}

/* Between quotes: no quote. */
static void unquote(char *text)
{
	for (; *text != '\0'; text++)
		if (*text == '"')
			*text = '\'';
}

static void write_line(struct transaction *t, const char *phase, int result)
{
	char user[LOCALUSER_NAME_MAX + 1], service[64], rhost[256], sub[256], flow[16];
	bool yes = result == RESULT_ALLOWED || result == RESULT_DONE;
	text_field(t->user, user, sizeof(user));
	text_field(t->service, service, sizeof(service));
	text_field(item_text(t->pamh, PAM_RHOST), rhost, sizeof(rhost));
	text_field(t->sub, sub, sizeof(sub));
	text_field(t->flow, flow, sizeof(flow));
	unquote(t->rule);
	unquote(t->detail);
	pam_syslog(t->pamh, LOG_AUTHPRIV | LOG_INFO,
	    "%s %s user=%s service=%s rhost=%s flow=%s sub=%s rule=\"%s\" reason=\"%s%s%s\" "
	    "ms=%lld",
	    phase, yes ? "allowed" : "denied", user, service, rhost, flow, sub, t->rule,
	    result_phrase(result), t->detail[0] != '\0' ? ": " : "", t->detail,
	    (long long)(clock_ms() - t->started));
}

int transaction_end(struct transaction *t, const char *phase, int result)
{
	/* One line a transaction: what auth has told, account tells again on demand only. */
	bool yes = result == RESULT_ALLOWED || result == RESULT_DONE;
	bool again = yes && (t->bound || streq(t->purpose, "check"));
	if (!yes)
		conversation_tell(t->pamh, t->flags, true,
		    t->message[0] != '\0' ? t->message : result_sentence(result));
	if (!again || t->options.debug)
		write_line(t, phase, result);
	return result_pam(result);
}
