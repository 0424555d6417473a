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
#include "common/result.h"
#include "common/sentence.h"
#include "common/text.h"
#include "module/answer.h"
#include "module/binding.h"
#include "module/conversation.h"
#include "module/dialogue.h"
#include "module/spawn.h"
#include "module/store.h"

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
	int r = options_parse(argc, argv, &t->options, &fault);
	t->deadline = t->started + (int64_t)t->options.timeout * 1000;
	if (r != 0) {
		snprintf(t->detail, sizeof(t->detail), "%s", fault.text);
		return r;
	}
	if (geteuid() != TRUSTED_UID)
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
	const char *why = NULL;
	int r = spawn_start(&helper, &why);
	if (r != 0) {
		snprintf(t->detail, sizeof(t->detail), "%s", why);
		return r;
	}
	int verdict = dialogue_run(t, &helper, config);
	spawn_end(&helper, t->finished);
	return verdict;
}

/* The last word is this host's: the same user as at the beginning, still allowed here. */
static int pass_gate(struct transaction *t)
{
	uid_t uid = (uid_t)-1;
	if (!streq(item_text(t->pamh, PAM_USER), t->user))
		return RESULT_USER_CHANGED;
	if (!streq(item_text(t->pamh, PAM_SERVICE), t->service))
		return RESULT_USER_CHANGED;
	int r = localuser_check(t->pamh, t->user, &t->options, &uid);
	if (r == 0 && uid != t->uid)
		r = RESULT_USER_CHANGED;
	if (r == 0)
		r = binding_set(t->pamh, t->user, t->uid, t->service);
	return r == 0 ? RESULT_ALLOWED : r;
}

/* Reads the configuration and lets the helper do what the purpose is. */
static int ask_helper(struct transaction *t)
{
	struct buffer config = BUFFER_INIT(STORE_CONFIG_MAX + 1);
	const char *why = NULL;
	int r = store_read_config(t->options.config, &config, &why);
	if (r != 0 && why != NULL)
		snprintf(t->detail, sizeof(t->detail), "%s: %s", t->options.config, why);
	if (r == 0)
		r = run_helper(t, &config);
	buffer_wipe(&config);
	return r;
}

int transaction_authenticate(struct transaction *t)
{
	int r = localuser_check(t->pamh, t->user, &t->options, &t->uid);
	if (r != 0)
		return refuse_locally(t, r);
	r = ask_helper(t);
	if (r == RESULT_DONE)
		r = RESULT_HELPER_FRAME;
	return r == RESULT_ALLOWED ? pass_gate(t) : r;
}

bool transaction_is_unmanaged(struct transaction *t)
{
	uid_t uid = (uid_t)-1;
	int r = localuser_check(t->pamh, t->user, &t->options, &uid);
	return r == RESULT_USER_ROOT || r == RESULT_USER_BELOW_MIN_UID;
}

/* Root may not set what Cognito alone keeps, and does not know the current password. */
int transaction_change(struct transaction *t)
{
	t->purpose = ((unsigned)t->flags & PAM_PRELIM_CHECK) != 0 ? "check" : "change";
	int r = localuser_check(t->pamh, t->user, &t->options, &t->uid);
	if (r != 0)
		return r;
	if (getuid() == 0 && TRUSTED_UID == 0)
		return RESULT_CHANGE_BY_ROOT;
	r = ask_helper(t);
	return r == RESULT_ALLOWED ? RESULT_HELPER_FRAME : r;
}

int transaction_account(struct transaction *t)
{
	int r = localuser_check(t->pamh, t->user, &t->options, &t->uid);
	if (r == 0)
		r = binding_check(t->pamh, t->user, t->uid, t->service);
	return r == 0 ? RESULT_ALLOWED : r;
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
	/* One line a transaction: auth has told who was allowed, account says so on demand. */
	bool yes = result == RESULT_ALLOWED || result == RESULT_DONE;
	bool again = yes && (streq(phase, "account") || streq(t->purpose, "check"));
	if (!yes)
		conversation_tell(t->pamh, t->flags, true,
		    t->message[0] != '\0' ? t->message : result_sentence(result));
	if (!again || t->options.debug)
		write_line(t, phase, result);
	return result_pam(result);
}
