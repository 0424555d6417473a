/* SPDX-License-Identifier: MIT */
#include "module/dialogue.h"

#include <langinfo.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include <security/pam_ext.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/message.h"
#include "common/result.h"
#include "common/text.h"
#include "module/answer.h"
#include "module/conversation.h"
#include "module/spawn.h"
#include "module/store.h"
#include "module/ticket_file.h"
#include "module/ticket_frame.h"
#include "module/transaction.h"

/* A login needs a dozen; a first sign-in that sets everything up some sixty. */
#define FRAMES_MOST 256
/* One sign-in, or a rotation and what it verified; each may cost a write to the disk. */
#define TICKETS_MOST 8
/* An expired ticket goes along when the frame holds it for certain: its own size, names. */
#define ROOM_FOR_EXPIRED (FRAME_MAX - MESSAGE_TICKET_MAX - 16u * 1024)

/* qr=auto draws in half blocks only where they can be seen: at sshd's clients, which have a
 * locale of their own, and where the host speaks UTF-8. */
static const char *qr_word(const struct transaction *t)
{
	const void *tty = NULL;
	if (!streq(t->options.qr, "auto"))
		return t->options.qr;
	bool sshd = pam_get_item(t->pamh, PAM_TTY, &tty) == PAM_SUCCESS && streq(tty, "ssh");
	return sshd || streq(nl_langinfo(CODESET), "UTF-8") ? "auto" : "off";
}

/* prompt=auto: Enter where sshd would hold the text back until a question comes, and under
 * sudo, where Ctrl-C ends a question but not a wait. */
static const char *wait_word(const struct transaction *t)
{
	const void *tty = NULL;
	if (!streq(t->options.wait, "auto"))
		return t->options.wait;
	bool sshd = pam_get_item(t->pamh, PAM_TTY, &tty) == PAM_SUCCESS && streq(tty, "ssh");
	bool sudo = streq(t->service, "sudo") || streq(t->service, "sudo-i");
	return sshd || sudo ? "enter" : "none";
}

static int send_request(
    struct transaction *t, const struct helper *h, const struct buffer *config)
{
	char left[16], age[24] = "";
	const char *max_age = streq(t->purpose, "reuse") ? t->options.max_age : "";
	const char *body = "";
	size_t body_len = 0;
	const char *qr = qr_word(t), *wait = wait_word(t), *rhost = "";
	const void *item = NULL;
	if (pam_get_item(t->pamh, PAM_RHOST, &item) == PAM_SUCCESS && item != NULL)
		rhost = item;
	struct buffer jwks = BUFFER_INIT(MESSAGE_STORE_MAX);
	struct buffer expired = BUFFER_INIT(MESSAGE_TICKET_MAX);
	store_read_jwks(t->options.config, &jwks);
	if (t->ticket != NULL && t->ticket->born != 0) {
		body = buffer_text(&t->ticket->body);
		body_len = t->ticket->body.len;
		snprintf(age, sizeof(age), "%lld",
		    (long long)(clock_boot_ms() - t->ticket->verified) / 1000);
	}
	if (t->ticket != NULL && config->len + jwks.len + body_len < ROOM_FOR_EXPIRED)
		ticket_file_take_expired(t->options.config, &expired);
	snprintf(left, sizeof(left), "%d", clock_left(t->deadline));
	const struct frame request = {
	    .type = FRAME_REQUEST,
	    .count = REQUEST_FIELDS,
	    .fields =
		{
		    [REQUEST_VERSION] = {MESSAGE_VERSION, strlen(MESSAGE_VERSION)},
		    [REQUEST_PURPOSE] = {t->purpose, strlen(t->purpose)},
		    [REQUEST_QR] = {qr, strlen(qr)},
		    [REQUEST_WAIT] = {wait, strlen(wait)},
		    [REQUEST_RHOST] = {rhost, strlen(rhost)},
		    [REQUEST_CONFIG_PATH] = {t->options.config, strlen(t->options.config)},
		    [REQUEST_CONFIG] = {buffer_text(config), config->len},
		    [REQUEST_JWKS] = {buffer_text(&jwks), jwks.len},
		    [REQUEST_USER] = {t->user, strlen(t->user)},
		    [REQUEST_SERVICE] = {t->service, strlen(t->service)},
		    [REQUEST_FLOW] = {t->options.flow, strlen(t->options.flow)},
		    [REQUEST_TIME_LEFT] = {left, strlen(left)},
		    [REQUEST_TICKET] = {body, body_len},
		    [REQUEST_TICKET_AGE] = {age, strlen(age)},
		    [REQUEST_MAX_AGE] = {max_age, strlen(max_age)},
		    [REQUEST_ROOT] = {t->uid == 0 ? "1" : "0", 1},
		    [REQUEST_EXPIRED] = {buffer_text(&expired), expired.len},
		},
	};
	t->asked = clock_boot_ms();
	int r = frame_send(h->fd, &request, t->deadline);
	buffer_wipe(&jwks);
	buffer_wipe(&expired);
	return r;
}

/* The helper is not believed to have cleaned what a terminal will show. */
static bool take_lines(const struct frame *f, size_t field, char out[MESSAGE_TEXT_MAX + 1])
{
	const char *text = message_text(f, field, MESSAGE_TEXT_MAX);
	if (text == NULL)
		return false;
	text_lines(text, strlen(text), out, MESSAGE_TEXT_MAX + 1);
	return true;
}

static int serve_prompt(struct transaction *t, const struct helper *h, const struct frame *f)
{
	bool typed = false;
	char *answer = NULL;
	const char *kind = message_text(f, PROMPT_KIND, 16);
	char text[MESSAGE_TEXT_MAX + 1];
	if (kind == NULL || !take_lines(f, PROMPT_TEXT, text))
		return RESULT_HELPER_FRAME;
	/* What is done by a ticket is done in silence: no question belongs to it. */
	if (streq(t->purpose, "account") || streq(t->purpose, "reuse"))
		return RESULT_HELPER_FRAME;
	int r = answer_prompt(t, kind, text, &typed, &answer);
	explicit_bzero(text, sizeof(text)); /* an authenticator's key may stand in it */
	if (r == 0) {
		const char *fields[] = {typed ? "1" : "0", answer};
		t->asked = clock_boot_ms();
		r = message_send(h->fd, FRAME_ANSWER, fields, ANSWER_FIELDS, t->deadline);
	}
	secret_free(answer);
	return r;
}

static int serve_info(struct transaction *t, const struct frame *f)
{
	bool bad = false;
	bool error = message_flag(f, INFO_ERROR, &bad);
	char text[MESSAGE_TEXT_MAX + 1];
	if (!take_lines(f, INFO_TEXT, text) || bad)
		return RESULT_HELPER_FRAME;
	conversation_tell(t->pamh, t->flags, error, text);
	return clock_left(t->deadline) > 0 ? 0 : RESULT_PERSON_SLOW;
}

static int serve_log(struct transaction *t, const struct frame *f)
{
	static const struct {
		const char *name;
		int priority;
	} levels[] = {
	    {"err", LOG_ERR},
	    {"warning", LOG_WARNING},
	    {"notice", LOG_NOTICE},
	    {"debug", LOG_DEBUG},
	};
	const char *level = message_text(f, LOG_LEVEL, 16),
		   *text = message_text(f, LOG_TEXT, 1024);
	char shown[1024];
	if (text == NULL)
		return RESULT_HELPER_FRAME;
	text_printable(text, strlen(text), shown, sizeof(shown));
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (!streq(level, levels[i].name))
			continue;
		if (levels[i].priority != LOG_DEBUG || t->options.debug)
			pam_syslog(t->pamh, levels[i].priority, "%s", shown);
		return 0;
	}
	return RESULT_HELPER_FRAME;
}

static int serve_store(struct transaction *t, const struct frame *f)
{
	const struct field *jwks = &f->fields[STORE_JWKS];
	if (jwks->len > MESSAGE_STORE_MAX)
		return RESULT_HELPER_FRAME;
	if (!store_write_jwks(t->options.config, jwks->bytes, jwks->len))
		pam_syslog(
		    t->pamh, LOG_WARNING, "the key set could not be kept for the next login");
	return 0;
}

static int serve_refetch(struct transaction *t, const struct helper *h)
{
	bool yes = store_claim_refetch(t->options.config);
	struct buffer jwks = BUFFER_INIT(MESSAGE_STORE_MAX);
	/* Another login may have fetched it while this person typed. */
	if (!yes)
		store_read_jwks(t->options.config, &jwks);
	const struct frame grant = {
	    .type = FRAME_GRANT,
	    .count = GRANT_FIELDS,
	    .fields = {[GRANT_YES] = {yes ? "1" : "0", 1},
		[GRANT_JWKS] = {buffer_text(&jwks), jwks.len}},
	};
	int r = frame_send(h->fd, &grant, t->deadline);
	buffer_wipe(&jwks);
	return r;
}

/* On the disk before anything else is done with it: the token in it may be the only one. */
static int serve_ticket(struct transaction *t, const struct frame *f)
{
	if (t->ticket == NULL || ++t->tickets > TICKETS_MOST)
		return RESULT_HELPER_FRAME;
	int r = ticket_frame_apply(f, t->print, t->asked, t->ticket);
	return r == 0 && t->keep ? ticket_file_write_or_remove(t->ticket) : r;
}

static bool take_text(const struct frame *f, size_t field, char *out, size_t size)
{
	const char *text = message_text(f, field, MESSAGE_TEXT_MAX);
	if (text == NULL)
		return false;
	text_printable(text, strlen(text), out, size);
	return true;
}

static int take_verdict(struct transaction *t, const struct frame *f)
{
	unsigned long code = 0;
	const char *number = message_text(f, VERDICT_CODE, 4);
	if (number == NULL || !text_number(number, RESULT_COUNT, &code) ||
	    !result_known((long)code))
		return RESULT_HELPER_FRAME;
	if (!take_text(f, VERDICT_MESSAGE, t->message, sizeof(t->message)) ||
	    !take_text(f, VERDICT_DETAIL, t->detail, sizeof(t->detail)) ||
	    !take_text(f, VERDICT_SUB, t->sub, sizeof(t->sub)) ||
	    !take_text(f, VERDICT_RULE, t->rule, sizeof(t->rule)) ||
	    !take_text(f, VERDICT_FLOW, t->flow, sizeof(t->flow)))
		return RESULT_HELPER_FRAME;
	/* A yes about nobody in particular is not a yes. */
	if (code == RESULT_ALLOWED && t->sub[0] == '\0')
		return RESULT_HELPER_FRAME;
	return (int)code;
}

/* Serves one frame. *verdict is set by the last one only. */
static int serve(
    struct transaction *t, const struct helper *h, const struct frame *f, int *verdict)
{
	switch (f->type) {
	case FRAME_PROMPT:
		return serve_prompt(t, h, f);
	case FRAME_INFO:
		return serve_info(t, f);
	case FRAME_LOG:
		return serve_log(t, f);
	case FRAME_STORE:
		return serve_store(t, f);
	case FRAME_REFETCH:
		return serve_refetch(t, h);
	case FRAME_TICKET:
		return serve_ticket(t, f);
	case FRAME_RESULT:
		*verdict = take_verdict(t, f);
		return 0;
	case FRAME_REQUEST:
	case FRAME_ANSWER:
	case FRAME_GRANT:
	case FRAME_FINDING:
	default:
		return RESULT_HELPER_FRAME;
	}
}

int dialogue_run(struct transaction *t, const struct helper *h, const struct buffer *config)
{
	struct buffer in = BUFFER_INIT(FRAME_MAX);
	struct frame f;
	int verdict = RESULT_NONE;
	int r = send_request(t, h, config);
	for (int frames = 0; r == 0 && verdict == RESULT_NONE; frames++) {
		r = frame_receive(h->fd, &in, &f, t->deadline);
		if (r == 0 && frames == FRAMES_MOST)
			r = RESULT_HELPER_FRAME;
		if (r == 0)
			r = serve(t, h, &f, &verdict);
	}
	buffer_wipe(&in);
	if (r != 0)
		return r;
	/* Whoever stops the host and goes on later gets no verdict of long ago. */
	t->finished = true;
	return clock_left(t->deadline) > 0 ? verdict : RESULT_DEADLINE;
}
