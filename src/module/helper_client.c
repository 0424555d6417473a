/* SPDX-License-Identifier: MIT */
#include "module/helper_client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/message.h"
#include "common/request.h"
#include "common/result.h"
#include "common/text.h"
#include "module/config_file.h"
#include "module/jwks_cache.h"
#include "module/spawn.h"
#include "module/warm.h"

/* A login needs a dozen; a first sign-in that sets everything up some sixty; a probe 100. */
#define FRAMES_MOST 256
#define FRAMES_MOST_ACCOUNTS 1000000 /* five for each person that an export may hold */
#define LOG_MAX 1024
#define LEASE_POLL_MS 20 /* a fetch takes a round trip or three */

/* One run. */
struct run {
	const struct helper_client *client;
	const struct request *request;
	struct helper helper;
	int64_t deadline; /* MESSAGE_ANSWERED_MS after the last answer at the earliest */
	int64_t lost; /* milliseconds in which this process could not run */
	struct verdict *verdict;
	bool finished; /* the RESULT came */
	bool answered; /* an ANSWER went out */
	bool leased; /* the key set may be fetched for this reason, and is not stored yet */
	enum jwks_claim claim;
	struct timespec fetching; /* since when */
	uint64_t known; /* a hash of the key set that the helper was given last */
};

/* The helper may have been taken over: what a terminal shows is cleaned here. */
static bool take_lines(const struct frame *f, size_t field, char out[MESSAGE_TEXT_MAX + 1])
{
	const char *text = frame_text(f, field, MESSAGE_TEXT_MAX);
	if (text != NULL)
		text_lines(text, strlen(text), out, MESSAGE_TEXT_MAX + 1);
	return text != NULL;
}

static int serve_prompt(struct run *run, const struct frame *f)
{
	const struct helper_client *c = run->client;
	const char *kind = frame_text(f, PROMPT_KIND, 16);
	char text[MESSAGE_TEXT_MAX + 1], *answer = NULL;
	bool typed = false;
	if (c->prompt == NULL || kind == NULL || !take_lines(f, PROMPT_TEXT, text))
		return RESULT_HELPER_FRAME;
	int r = c->prompt(c->arg, kind, text, &typed, &answer);
	explicit_bzero(text, sizeof(text)); /* it may show an authenticator's key */
	if (r == 0) {
		const char *fields[] = {typed ? "1" : "0", answer};
		run->verdict->news.asked = clock_boot_ms();
		run->answered = true;
		run->deadline = clock_later(run->deadline, clock_ms() + MESSAGE_ANSWERED_MS);
		r = frame_send_texts(
		    run->helper.fd, FRAME_ANSWER, fields, ANSWER_FIELDS, run->deadline);
	} else if (r == RESULT_CONVERSATION && run->answered) {
		/* A guess was made: pam_faillock counts PAM_AUTH_ERR alone. */
		r = reason_set(&run->verdict->reason, RESULT_CANCELLED, "%s", result_phrase(r));
	}
	secret_free(answer);
	return r;
}

static int serve_info(struct run *run, const struct frame *f)
{
	const struct helper_client *c = run->client;
	bool bad = false, error = frame_flag(f, INFO_ERROR, &bad);
	char text[MESSAGE_TEXT_MAX + 1];
	if (c->tell == NULL || !take_lines(f, INFO_TEXT, text) || bad)
		return RESULT_HELPER_FRAME;
	return c->tell(c->arg, error, text);
}

static void write_log(const struct run *run, int priority, const char *text)
{
	if (run->client->log != NULL)
		run->client->log(run->client->arg, priority, text);
}

static void write_errno(const struct run *run, const char *what, int why)
{
	char text[LOG_MAX];
	snprintf(text, sizeof(text), "%s: %s", what, strerrordesc_np(why));
	write_log(run, LOG_WARNING, text);
}

static int serve_log(struct run *run, const struct frame *f)
{
	static const char *const levels[] = {[LOG_ERR] = "err",
	    [LOG_WARNING] = "warning",
	    [LOG_NOTICE] = "notice",
	    [LOG_DEBUG] = "debug"};
	const char *level = frame_text(f, LOG_LEVEL, 16);
	const char *text = frame_text(f, LOG_TEXT, LOG_MAX);
	char shown[sizeof(HELPER_SAYS) + LOG_MAX] = HELPER_SAYS;
	const size_t mark = sizeof(HELPER_SAYS) - 1;
	if (text == NULL)
		return RESULT_HELPER_FRAME;
	text_printable(text, strlen(text), shown + mark, sizeof(shown) - mark);
	int priority = LOG_EMERG;
	while (priority <= LOG_DEBUG && !streq(level, levels[priority]))
		priority++;
	if (priority > LOG_DEBUG)
		return RESULT_HELPER_FRAME;
	write_log(run, priority, shown);
	return 0;
}

static int serve_store(struct run *run, const struct frame *f)
{
	const struct field *jwks = &f->fields[STORE_JWKS];
	if (jwks->len > MESSAGE_STORE_MAX)
		return RESULT_HELPER_FRAME;
	const char *path = run->request->config_path;
	if (jwks_cache_write(path, jwks->bytes, jwks->len, &run->fetching)) {
		if (run->leased)
			jwks_cache_settle(path, run->claim, true);
		run->leased = false;
		return 0;
	}
	write_errno(run, "the key set could not be cached for the next login", errno);
	return run->request->purpose == PURPOSE_KEYS ? RESULT_STORE : 0;
}

/* Has another login stored a key set since the helper was given one? */
static bool is_news(struct run *run, struct buffer *jwks)
{
	buffer_wipe(jwks);
	jwks_cache_read(run->request->config_path, jwks);
	uint64_t found = text_hash(TEXT_HASH_BEGIN, buffer_text(jwks));
	bool is = jwks->len > 0 && found != run->known;
	run->known = found;
	return is;
}

/* Who meets a lease waits for what comes of it, but no longer than a lease: then whoever
 * fetches has its own trouble. Is it granted? Else jwks is what is cached by now, and is_leased
 * says whether a lease is why. */
static bool claim_refetch(
    struct run *run, enum jwks_claim why, bool waits, struct buffer *jwks, bool *is_leased)
{
	const char *path = run->request->config_path;
	const int most = JWKS_CACHE_LEASE_SECONDS;
	int64_t end = clock_ms() + most * 1000;
	for (;; poll(NULL, 0, LEASE_POLL_MS)) {
		int left = jwks_cache_claim(path, why);
		bool is_late = clock_left(run->deadline) <= REQUEST_REFRESH_LEAST_MS;
		run->leased = left == 0;
		run->claim = why;
		if (is_news(run, jwks)) {
			if (run->leased)
				jwks_cache_settle(path, why, false);
			run->leased = false;
			return false;
		}
		if (left < 0)
			write_errno(run, "the fetch of the key set cannot be counted", -left);
		if (left <= 0 || (why == JWKS_CLAIM_AGE && waits && clock_left(end) == 0))
			return true;
		*is_leased = left <= most;
		if (!*is_leased || !waits || is_late || clock_left(end) == 0)
			return false;
	}
}

static int serve_refetch(struct run *run, const struct frame *f)
{
	const char *why = frame_text(f, REFETCH_WHY, 8);
	struct buffer jwks = BUFFER_INIT(MESSAGE_STORE_MAX);
	bool is_kid = streq(why, "kid"), is_old = streq(why, "old");
	if (!is_kid && !is_old && !streq(why, "none"))
		return RESULT_HELPER_FRAME;
	/* The cached set would only spare the fetch that is wanted. */
	bool is_leased = false;
	bool granted = run->request->purpose == PURPOSE_KEYS ||
		       claim_refetch(run, is_kid ? JWKS_CLAIM_KID : JWKS_CLAIM_AGE, !is_old,
			   &jwks, &is_leased);
	clock_gettime(CLOCK_REALTIME, &run->fetching);
	const struct frame grant = {
	    .type = FRAME_GRANT,
	    .count = GRANT_FIELDS,
	    .fields = {[GRANT_YES] = {granted ? "1" : "0", 1},
		[GRANT_LEASED] = {!granted && is_leased ? "1" : "0", 1},
		[GRANT_JWKS] = granted ? (struct field){"", 0} : field_of(&jwks)},
	};
	int r = frame_send(run->helper.fd, &grant, run->deadline);
	buffer_wipe(&jwks);
	return r;
}

static int serve_finding(struct run *run, const struct frame *f)
{
	const struct helper_client *c = run->client;
	const char *status = frame_text(f, FINDING_STATUS, 8);
	const char *name = frame_text(f, FINDING_NAME, 64);
	const char *seen = frame_text(f, FINDING_SEEN, MESSAGE_TEXT_MAX);
	bool good = c->finding != NULL && status != NULL && name != NULL && seen != NULL &&
		    c->finding(c->arg, status, name, seen);
	return good ? 0 : RESULT_HELPER_FRAME;
}

static int serve_account(struct run *run, const struct frame *f)
{
	const struct helper_client *c = run->client;
	return c->account != NULL && c->account(c->arg, f) ? 0 : RESULT_HELPER_FRAME;
}

static bool take_text(const struct frame *f, size_t field, char *out, size_t size)
{
	const char *text = frame_text(f, field, MESSAGE_TEXT_MAX);
	if (text != NULL)
		text_printable(text, strlen(text), out, size);
	return text != NULL;
}

static bool take_number(
    const struct frame *f, size_t field, unsigned long max, unsigned long *out)
{
	const char *text = frame_text(f, field, 12);
	return text != NULL && text_number(text, max, out);
}

/* Only a sign-in or its recheck may change a ticket, and an approval of it names somebody. */
static int check_verdict(enum purpose purpose, unsigned long code, const struct verdict *v)
{
	bool is_login =
	    purpose == PURPOSE_LOGIN || purpose == PURPOSE_ACCOUNT || purpose == PURPOSE_REUSE;
	bool has_news = v->news.body.len + v->news.decisions.len + v->news.exports.len > 0;
	if (!result_known((long)code) || (!is_login && has_news))
		return RESULT_HELPER_FRAME;
	if (code != RESULT_ALLOWED)
		return (int)code;
	return is_login && v->sub[0] == '\0' ? RESULT_HELPER_FRAME : 0;
}

static int take_verdict(struct run *run, const struct frame *f)
{
	struct verdict *v = run->verdict;
	unsigned long code = 0, lifetime = 0;
	bool bad = false;
	run->finished = true;
	v->revoked = frame_flag(f, VERDICT_REVOKED, &bad);
	v->stale = frame_flag(f, VERDICT_STALE, &bad);
	v->tracked = frame_flag(f, VERDICT_TRACKED, &bad);
	if (!take_number(f, VERDICT_CODE, RESULT_COUNT, &code) ||
	    !take_text(f, VERDICT_MESSAGE, v->reason.message, sizeof(v->reason.message)) ||
	    !take_text(f, VERDICT_DETAIL, v->reason.detail, sizeof(v->reason.detail)) ||
	    !take_text(f, VERDICT_SUB, v->sub, sizeof(v->sub)) ||
	    !take_text(f, VERDICT_RULE, v->rule, sizeof(v->rule)) ||
	    !take_text(f, VERDICT_FLOW, v->flow, sizeof(v->flow)) ||
	    !take_number(f, VERDICT_LIFETIME, 999999999, &lifetime) || bad)
		return RESULT_HELPER_FRAME;
	v->news.lifetime = (int64_t)lifetime;
	v->news.body = f->fields[VERDICT_BODY];
	v->news.decisions = f->fields[VERDICT_DECISIONS];
	v->news.exports = f->fields[VERDICT_EXPORTS];
	int r = check_verdict(run->request->purpose, code, v);
	/* A host that was stopped and goes on later gets no yes of long ago. A no stays one. */
	return r != 0 || clock_left(run->deadline) > 0 ? r : RESULT_DEADLINE;
}

static int serve_rotated(struct run *run, const struct frame *f)
{
	const struct helper_client *c = run->client;
	return c->rotated != NULL ? c->rotated(c->asked, &f->fields[TICKET_BODY])
				  : RESULT_HELPER_FRAME;
}

/* Serves one frame; frame_decode() knows no type behind HELLO. Not 0: the run ends. */
static int serve(struct run *run, const struct frame *f)
{
	static int (*const rows[])(struct run *, const struct frame *) = {
	    [FRAME_PROMPT] = serve_prompt,
	    [FRAME_INFO] = serve_info,
	    [FRAME_LOG] = serve_log,
	    [FRAME_STORE] = serve_store,
	    [FRAME_REFETCH] = serve_refetch,
	    [FRAME_FINDING] = serve_finding,
	    [FRAME_TICKET] = serve_rotated,
	    [FRAME_RESULT] = take_verdict,
	    [FRAME_HELLO] = NULL,
	    [FRAME_ACCOUNT] = serve_account,
	};
	bool is_talk = f->type == FRAME_PROMPT || f->type == FRAME_INFO;
	if (is_talk && clock_left(run->deadline) == 0)
		return RESULT_DEADLINE;
	return rows[f->type] != NULL ? rows[f->type](run, f) : RESULT_HELPER_FRAME;
}

static int receive(struct run *run, struct buffer *in, struct frame *f)
{
	struct pollfd p = {.fd = run->helper.fd, .events = POLLIN};
	int left = 0, n = 0;
	do {
		struct clock_moment before = clock_moment();
		left = clock_left(run->deadline);
		int nap = clock_nap(left);
		n = poll(&p, 1, nap);
		run->lost += clock_lost(&before, nap);
	} while (n <= 0 && left > 0);
	return frame_receive(run->helper.fd, in, f, run->deadline);
}

/* The time is over, but a no that the helper has said by now stays a no, whatever kept this
 * process from reading it. An outage is no excuse for a person who was slow. */
static int hear_no(struct run *run, struct buffer *in, int late)
{
	struct frame f;
	int r = 0;
	for (int frames = 0; r == 0 && !run->finished && frames < FRAMES_MOST; frames++) {
		r = frame_receive(run->helper.fd, in, &f, 0);
		if (r == 0 &&
		    (f.type == FRAME_LOG || f.type == FRAME_TICKET || f.type == FRAME_RESULT))
			r = serve(run, &f);
	}
	bool is_excuse = result_class(r) == CLASS_OUTAGE || r == RESULT_STALLED;
	if (run->finished && r != 0 && (late != RESULT_PERSON_SLOW || !is_excuse))
		return r;
	run->verdict->reason = (struct reason){.detail = ""};
	return late;
}

/* Time in which this process could not run is nobody's outage. */
static int blame(const struct run *run, int r)
{
	bool is_stale = r == 0 && run->verdict->stale;
	if (run->lost <= CLOCK_LOST_MOST || (r != RESULT_DEADLINE && !is_stale))
		return r;
	return reason_set(&run->verdict->reason, RESULT_STALLED,
	    "the host program could not run for %lld ms", (long long)run->lost);
}

/* The helper speaks first: who it is, and how far it has confined itself. A helper that could
 * not confine itself says RESULT instead. */
static int greet(struct run *run)
{
	struct buffer *in = &run->verdict->frame;
	struct frame f;
	int r = receive(run, in, &f);
	if (r != 0)
		return r;
	if (f.type == FRAME_RESULT) {
		r = take_verdict(run, &f);
		return r == 0 ? RESULT_HELPER_FRAME : r;
	}
	if (f.type != FRAME_HELLO || !streq(frame_text(&f, HELLO_VERSION, 8), MESSAGE_VERSION))
		return RESULT_HELPER_FRAME;
	return 0;
}

/* The warm helper, if there is one that answers. */
static bool start_warm(struct run *run)
{
	char text[LOG_MAX];
	struct verdict *v = run->verdict;
	const char *why = warm_connect(&run->helper, &v->frame, run->deadline, &run->lost);
	if (why == NULL) {
		write_log(run, LOG_DEBUG, "the warm helper serves this login");
		return true;
	}
	if (why[0] != '\0') {
		snprintf(text, sizeof(text), "the warm helper is not used: %s", why);
		write_log(run, LOG_WARNING, text);
	}
	return false;
}

/* A helper that has said HELLO: the warm one, or one of this process's own. From here on they
 * are the same. */
static int start(struct run *run)
{
	bool *is_cold = run->client->cold;
	if ((is_cold == NULL || !*is_cold) && start_warm(run))
		return 0;
	if (is_cold != NULL)
		*is_cold = true;
	int r = spawn_start(&run->helper, &run->verdict->reason);
	return r == 0 ? greet(run) : r;
}

static int converse(struct run *run, struct request *q)
{
	struct frame f;
	struct buffer *in = &run->verdict->frame;
	q->time_left = clock_left(run->deadline);
	run->verdict->news.asked = clock_boot_ms();
	int most = run->client->account != NULL ? FRAMES_MOST_ACCOUNTS : FRAMES_MOST;
	int r = request_send(run->helper.fd, q, run->deadline);
	if (r == 0 && run->client->enclosure > 0)
		r = frame_send_descriptor(
		    run->helper.fd, run->client->enclosure, run->deadline);
	for (int frames = 0; r == 0 && !run->finished; frames++) {
		r = receive(run, in, &f);
		if (r == 0)
			r = frames < most ? serve(run, &f) : RESULT_HELPER_FRAME;
	}
	/* A helper that ended while the person answered may have said why before. */
	if (!run->finished &&
	    (r == RESULT_DEADLINE || r == RESULT_PERSON_SLOW || r == RESULT_HELPER_LOST))
		r = hear_no(run, in, r);
	return r;
}

int helper_client_run(
    const struct helper_client *client, struct request *q, int64_t deadline, struct verdict *v)
{
	struct buffer config = BUFFER_INIT(CONFIG_FILE_MAX + 1);
	struct buffer jwks = BUFFER_INIT(MESSAGE_STORE_MAX);
	struct run run = {.client = client,
	    .request = q,
	    .helper = helper_none,
	    .deadline = deadline,
	    .verdict = v};
	char host[REQUEST_HOST_MAX + 1] = "";
	*v = (struct verdict){.frame = BUFFER_INIT(FRAME_MAX), .helper = helper_none};
	int r = 0;
	clock_gettime(CLOCK_REALTIME, &run.fetching);
	/* A host without a name: no rule about hosts allows it, every such deny rule denies. */
	if (gethostname(host, sizeof(host) - 1) != 0)
		host[0] = '\0';
	q->host = host;
	if (q->config.bytes == NULL) {
		r = config_file_read(q->config_path, &config, &v->reason);
		q->config = field_of(&config);
	}
	if (r == 0)
		r = start(&run);
	if (r == 0) {
		/* The cached set would only spare the fetch that is wanted. */
		if (q->purpose != PURPOSE_KEYS)
			jwks_cache_read(q->config_path, &jwks);
		q->jwks = field_of(&jwks);
		run.known = text_hash(TEXT_HASH_BEGIN, buffer_text(&jwks));
		r = converse(&run, q);
	}
	r = blame(&run, r);
	if (run.leased)
		jwks_cache_settle(q->config_path, run.claim, false);
	if (run.finished)
		v->helper = run.helper;
	else
		spawn_end(&run.helper, false);
	buffer_wipe(&config);
	buffer_wipe(&jwks);
	return r;
}

void verdict_free(struct verdict *v)
{
	buffer_wipe(&v->frame);
	spawn_end(&v->helper, true);
}
