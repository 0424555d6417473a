/* SPDX-License-Identifier: MIT
 *
 * The whole helper, from its REQUEST to its RESULT, under a network, a person and a clock that
 * the input plays: its lines choose a configuration and a purpose, and are HTTP answers and
 * what is typed. Whatever they are, a sign-in or a refresh succeeds only if a token was served
 * that the test key has signed and that says what is right; and the RESULT keeps to its limits.
 * Other tokens are served, too: of another key, client, issuer, use, person or time. Replaced
 * at link time (--wrap): the file that knows curl, the names' and the sandbox's, the frames,
 * and time.
 */
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/message.h"
#include "common/reason.h"
#include "common/request.h"
#include "common/result.h"
#include "common/text.h"
#include "fuzz.h"
#include "helper/config/config.h"
#include "helper/json/json.h"
#include "helper/net/name.h"
#include "helper/net/transfer.h"
#include "helper/outcome.h"
#include "helper/policy/ticket_body.h"
#include "helper/rehearsal.h"
#include "helper/sandbox.h"
#include "helper/signin.h"
#include "helper/token/claims.h"
#include "helper/token/claims_make.h"
#include "helper/token/jwks.h"
#include "unit/mint.h"

#define NOW 1764000000
#define POOL "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Pool"
#define KEYS POOL "/.well-known/jwks.json"
#define DOMAIN "https://example.auth.eu-west-1.amazoncognito.com"
#define OTHER "https://id.example"
#define RULES "\"rules\":[{\"services\":[\"sshd\"],\"groups\":[\"ssh\"],\"grant\":[\"adm\"]}]}"
#define RECHECK 300
#define STALE 200
#define ANSWERS_MOST 64
/* InitiateAuth and every challenge with every try and repeat; a device's polls. */
#define REQUESTS_MOST 600
#define PROMPTS_MOST 600

static const char *const configs[] = {
    "{\"config\":{\"client_id\":\"c\",\"certs_url\":\"" KEYS
    "\"},\"login\":{\"password_method\":\"password\",\"stale_ok\":200}," RULES,
    "{\"config\":{\"client_id\":\"c\",\"certs_url\":\"" KEYS
    "\",\"client_secret\":\"s\"},\"login\":{\"otp_append\":true}," RULES,
    "{\"config\":{\"client_id\":\"c\",\"certs_url\":\"" KEYS
    "\"},\"login\":{\"password_method\":\"choice\"}," RULES,
    "{\"config\":{\"client_id\":\"c\",\"auth_url\":\"" DOMAIN
    "/oauth2/authorize\",\"token_url\":\"" DOMAIN "/oauth2/token\",\"certs_url\":\"" KEYS
    "\"},\"endpoints\":{\"redirect_uri\":\"http://localhost:8400/\"},"
    "\"login\":{\"flows\":[\"browser\",\"password\"],\"password_method\":\"password\"}," RULES,
    "{\"config\":{\"client_id\":\"c\",\"token_url\":\"" OTHER "/token\",\"certs_url\":\"" OTHER
    "/keys\"},\"endpoints\":{\"provider\":\"oidc\",\"issuer\":\"" OTHER
    "\",\"device_authorization_url\":\"" OTHER
    "/device\"},\"login\":{\"flows\":[\"device\",\"password\"],"
    "\"password_method\":\"ropc\"},\"users\":{\"claim\":\"sub\"},\"rules\":[{\"anyone\":true}]"
    "}",
};
#define CONFIGS (sizeof(configs) / sizeof(configs[0]))

/* Made once; a fuzzer's process has no end to free them at. */
static struct {
	struct evp_pkey_st *key, *foreign;
	char *keys; /* the set of the test key */
	struct config *configs[CONFIGS];
	char *tokens['z' + 1]; /* by their letter */
} world;

static struct play {
	int64_t now; /* milliseconds since the epoch */
	size_t config;
	struct request request;
	char user[64], flow[16];
	struct buffer ticket, keys;
	char *answers[ANSWERS_MOST], *typed[ANSWERS_MOST]; /* in their order */
	size_t answers_len, answers_used, typed_len, typed_used;
	bool grants, asked_grant;
	bool served; /* a right token went out */
	bool served_other; /* one of another person who has the name by now */
	bool reset; /* a code for a new password was accepted */
	int requests, prompts;
	struct buffer sent; /* the REQUEST */
} p;

/* ---- tokens --------------------------------------------------------------------------------
 */

static char *token(struct evp_pkey_st *key, const char *header, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static char *token(struct evp_pkey_st *key, const char *header, const char *format, ...)
{
	char claims[2048];
	va_list args;
	va_start(args, format);
	vsnprintf(claims, sizeof(claims), format, args);
	va_end(args);
	return mint_token(key, header, claims);
}

static char *id_token(struct evp_pkey_st *key, const char *iss, const char *aud,
    const char *use, const char *name, long exp)
{
	return token(key, "{\"kid\":\"a\",\"alg\":\"RS256\"}",
	    "{\"iss\":\"%s\",\"aud\":\"%s\",\"token_use\":\"%s\",\"sub\":\"%s\",\"cognito:"
	    "username\":"
	    "\"%s\",\"exp\":%ld,\"iat\":%d,\"auth_time\":%d,\"cognito:groups\":[\"ssh\"]}",
	    iss, aud, use, name, name, exp, NOW - 5, NOW - 5);
}

static void make_tokens(void)
{
	struct evp_pkey_st *key = world.key;
	char **t = world.tokens;
	t['i'] = id_token(key, POOL, "c", "id", "alice", NOW + 3600);
	t['j'] = id_token(key, OTHER, "c", "id", "alice", NOW + 3600);
	t['x'] = id_token(key, POOL, "c", "id", "alice", NOW - 3600);
	t['o'] = id_token(key, POOL, "d", "id", "alice", NOW + 3600);
	t['s'] = id_token(key, POOL "2", "c", "id", "alice", NOW + 3600);
	t['w'] = id_token(key, POOL, "c", "access", "alice", NOW + 3600);
	t['d'] = token(key, "{\"kid\":\"a\",\"alg\":\"RS256\"}",
	    "{\"iss\":\"%s\",\"aud\":\"c\",\"token_use\":\"id\",\"sub\":\"carol\",\"cognito:"
	    "username\":"
	    "\"alice\",\"exp\":%d,\"iat\":%d,\"auth_time\":%d,\"cognito:groups\":[\"ssh\"]}",
	    POOL, NOW + 3600, NOW - 5, NOW - 5);
	t['b'] = id_token(key, POOL, "c", "id", "bob", NOW + 3600);
	t['u'] = id_token(world.foreign, POOL, "c", "id", "alice", NOW + 3600);
	t['k'] = token(key, "{\"kid\":\"b\",\"alg\":\"RS256\"}", "{\"iss\":\"%s\"}", POOL);
	t['n'] = token(key, "{\"kid\":\"a\",\"alg\":\"none\"}", "{\"iss\":\"%s\"}", POOL);
	t['a'] = token(key, "{\"kid\":\"a\",\"alg\":\"RS256\"}",
	    "{\"iss\":\"%s\",\"client_id\":\"c\",\"token_use\":\"access\",\"sub\":\"alice\","
	    "\"username\":"
	    "\"alice\",\"exp\":%d,\"iat\":%d,\"auth_time\":%d,\"cognito:groups\":[\"ssh\"]}",
	    POOL, NOW + 3600, NOW - 5, NOW - 5);
}

static void make_world(void)
{
	struct reason reason = {.detail = ""};
	if (world.key != NULL)
		return;
	world.key = mint_key(2048);
	world.foreign = mint_key(2048);
	char *jwk = mint_jwk(world.key, "\"kid\":\"a\",");
	world.keys = mint_set((const char *const[]){jwk, NULL});
	free(jwk);
	make_tokens();
	for (size_t i = 0; i < CONFIGS; i++) {
		int r = config_parse(
		    "fuzz", configs[i], strlen(configs[i]), &world.configs[i], NULL, &reason);
		if (r != 0)
			fprintf(stderr, "configs[%zu]: %s\n", i, reason.detail);
		HOLDS(r == 0);
	}
}

/* '@' and a letter is a token. Right is an answer with a right ID token, or one with a right
 * access token and no other. (The other provider's access tokens are nobody's business.) */
static void put_body(const char *text, bool counts, struct buffer *out)
{
	bool has_right = false, has_access = false, has_other = false;
	for (; *text != '\0'; text++) {
		unsigned char letter = text[0] == '@' ? (unsigned char)text[1] : 0;
		const char *token = letter <= 'z' ? world.tokens[letter] : NULL;
		if (token == NULL) {
			buffer_append_byte(out, (unsigned char)*text);
			continue;
		}
		buffer_append_text(out, token);
		bool is_right = letter == (p.config == CONFIGS - 1 ? 'j' : 'i');
		has_right = has_right || is_right;
		has_access = has_access || (letter == 'a' && p.config != CONFIGS - 1);
		p.served_other = p.served_other || (letter == 'd' && counts);
		has_other = has_other || (letter != 'a' && !is_right);
		text++;
	}
	p.served = p.served || (counts && (has_right || (has_access && !has_other)));
}

/* ---- the network (--wrap)
 * -------------------------------------------------------------------- */

bool __wrap_transfer_load(void);
int __wrap_transfer_open(const struct config *config, struct transfer **out);
void __wrap_transfer_close(struct transfer *t);
int __wrap_transfer_run(struct transfer *t, struct transfer_request *q, struct reason *reason);
bool __wrap_transfer_is_unwanted(int nap);
int64_t __wrap_transfer_lost(const struct transfer *t);
enum http_tls __wrap_transfer_tls_fault(const struct transfer *t);
void __wrap_names_look_up(struct names *names);
void __wrap_name_resolve(struct name *name);
int __wrap_sandbox_close(struct sandbox *s, struct reason *reason);
int __wrap_frame_send(int fd, const struct frame *f, int64_t deadline);
int __wrap_frame_send_texts(
    int fd, enum frame_type type, const char *const *texts, size_t count, int64_t deadline);
int __wrap_frame_receive(int fd, struct buffer *in, struct frame *f, int64_t deadline);
int __wrap_clock_gettime(clockid_t clock, struct timespec *t);
time_t __wrap_time(time_t *out);
int __wrap_poll(struct pollfd *fds, nfds_t count, int ms);

bool __wrap_transfer_load(void)
{
	return true;
}

int __wrap_transfer_open(const struct config *config, struct transfer **out)
{
	static char nothing;
	(void)config;
	*out = (struct transfer *)(void *)&nothing;
	return 0;
}

void __wrap_transfer_close(struct transfer *t)
{
	(void)t;
}

/* One line: the status's first digit, "j" for JSON or "h", then the body. "x": no connection.
 */
int __wrap_transfer_run(struct transfer *t, struct transfer_request *q, struct reason *reason)
{
	(void)t;
	HOLDS(++p.requests <= REQUESTS_MOST);
	int r = q->ready != NULL ? q->ready(q->arg) : 0;
	if (r != 0)
		return r;
	p.now += 20;
	const char *line = p.answers_used < p.answers_len ? p.answers[p.answers_used++] : "x";
	if (line[0] == 'x' || line[0] == '\0' || line[1] == '\0')
		return reason_set(reason, RESULT_CONNECT, "refused");
	bool is_get = q->body == NULL, is_good = line[0] == '2' && line[1] == 'j';
	q->answer->status = line[0] == '2'   ? 200
			    : line[0] == '4' ? 400
			    : line[0] == '3' ? 429
					     : 500;
	q->answer->json = line[1] == 'j';
	q->answer->date = 0;
	/* Whoever serves the keys could sign. */
	if (is_get && is_good &&
	    text_ends(q->url, p.config == CONFIGS - 1 ? "/keys" : "jwks.json"))
		return buffer_append_text(&q->answer->body, world.keys);
	put_body(line + 2, line[0] == '2', &q->answer->body);
	for (size_t i = 0; q->headers != NULL && q->headers[i] != NULL; i++)
		p.reset = p.reset || (line[0] == '2' &&
					 text_ends(q->headers[i], ".ConfirmForgotPassword"));
	return q->answer->body.error;
}

bool __wrap_transfer_is_unwanted(int nap)
{
	p.now += nap > 0 ? nap : 1;
	return false;
}

int64_t __wrap_transfer_lost(const struct transfer *t)
{
	(void)t;
	return 0;
}

enum http_tls __wrap_transfer_tls_fault(const struct transfer *t)
{
	(void)t;
	return HTTP_TLS_OTHER;
}

void __wrap_names_look_up(struct names *names)
{
	for (size_t i = 0; i < names->len; i++)
		names->items[i].state = NAME_FOUND;
}

void __wrap_name_resolve(struct name *name)
{
	name->state = NAME_FOUND;
}

int __wrap_sandbox_close(struct sandbox *s, struct reason *reason)
{
	(void)reason;
	s->is_closed = true;
	return 0;
}

/* ---- the module and its clock (--wrap) ------------------------------------------------------
 */

/* The REQUEST, which this file sends, and the RESULT. */
int __wrap_frame_send(int fd, const struct frame *f, int64_t deadline)
{
	(void)fd;
	(void)deadline;
	HOLDS(f->type == FRAME_REQUEST || f->type == FRAME_RESULT);
	buffer_wipe(&p.sent);
	HOLDS(frame_encode(f, &p.sent) == 0);
	return 0;
}

int __wrap_frame_send_texts(
    int fd, enum frame_type type, const char *const *texts, size_t count, int64_t deadline)
{
	(void)fd;
	(void)deadline;
	p.asked_grant = type == FRAME_REFETCH;
	p.prompts += type == FRAME_PROMPT || type == FRAME_INFO;
	HOLDS(p.prompts <= PROMPTS_MOST);
	if (type == FRAME_PROMPT || type == FRAME_INFO || type == FRAME_LOG)
		HOLDS(is_shown(texts[count - 1]));
	return 0;
}

int __wrap_frame_receive(int fd, struct buffer *in, struct frame *f, int64_t deadline)
{
	(void)fd;
	(void)in;
	(void)deadline;
	const char *typed = p.typed_used < p.typed_len ? p.typed[p.typed_used++] : "123456";
	if (p.asked_grant)
		*f = (struct frame){.type = FRAME_GRANT,
		    .count = GRANT_FIELDS,
		    .fields = {[GRANT_YES] = {p.grants ? "1" : "0", 1},
			[GRANT_LEASED] = {"0", 1},
			[GRANT_JWKS] = {"", 0}}};
	else
		*f = (struct frame){.type = FRAME_ANSWER,
		    .count = ANSWER_FIELDS,
		    .fields = {
			[ANSWER_TYPED] = {"1", 1}, [ANSWER_TEXT] = {typed, strlen(typed)}}};
	p.asked_grant = false;
	p.now += 1000;
	return 0;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *t)
{
	(void)clock;
	*t = (struct timespec){p.now / 1000, p.now % 1000 * 1000000};
	return 0;
}

time_t __wrap_time(time_t *out)
{
	if (out != NULL)
		*out = p.now / 1000;
	return p.now / 1000;
}

/* Nobody waits, and the person answers when asked. */
int __wrap_poll(struct pollfd *fds, nfds_t count, int ms)
{
	(void)fds;
	p.now += ms > 0 ? ms : 1;
	return count > 0 && p.typed_used < p.typed_len ? 1 : 0;
}

/* ---- a play -------------------------------------------------------------------------------
 */

/* The ticket of a sign-in of before, as the helper itself gave it. */
static void make_ticket(const char *kind)
{
	struct claims *claims = NULL;
	const struct config *config = world.configs[p.config];
	char *text =
	    mint_text("{\"iss\":\"%s\",\"aud\":\"c\",\"token_use\":\"id\",\"sub\":\"alice\","
		      "\"cognito:username\":\"alice\",\"exp\":%d,\"iat\":%d,\"auth_time\":%d,"
		      "\"cognito:groups\":[\"%s\"]}",
		p.config == CONFIGS - 1 ? OTHER : POOL, NOW - 500, NOW - 1000, NOW - 1000,
		kind[0] == 'n' ? "other" : "ssh");
	HOLDS(claims_make(text, strlen(text), &claims) == 0);
	const struct ticket_body body = {.flow = "password",
	    .source = p.config == CONFIGS - 1 ? TICKET_SOURCE_TOKEN_URL : TICKET_SOURCE_API,
	    .refresh_token = "refresh",
	    .claims = claims};
	buffer_wipe(&p.ticket);
	HOLDS(ticket_body_encode(config, &body, &p.ticket) == 0);
	claims_free(claims);
	free(text);
}

static void set_keys(const char *rest)
{
	long age = strtol(rest, NULL, 10) % 1000000;
	buffer_wipe(&p.keys);
	HOLDS(jwks_cached_encode(world.configs[p.config]->certs_url, NOW - (age > 0 ? age : 0),
		  world.keys, strlen(world.keys), &p.keys) == 0);
}

static void add(char **row, size_t *len, char *rest)
{
	if (*len < ANSWERS_MOST)
		row[(*len)++] = rest;
}

static void act(char *line)
{
	char *rest = line + (line[0] != '\0');
	switch (line[0]) {
	case 'c':
		p.config = strtoul(rest, NULL, 10) % CONFIGS;
		break;
	case 'p':
		p.request.purpose = strtoul(rest, NULL, 10) % PURPOSE_ACCOUNTS;
		break;
	case 't':
		make_ticket(rest);
		break;
	case 'g':
		p.request.ticket_age = (long)(strtoul(rest, NULL, 10) % 100000);
		break;
	case 'k':
		set_keys(rest);
		break;
	case 'u':
		snprintf(p.user, sizeof(p.user), "%s", rest);
		break;
	case 'f':
		snprintf(p.flow, sizeof(p.flow), "%s", rest);
		break;
	case 'r':
		p.grants = rest[0] != '0';
		break;
	case 'e':
		p.request.options.prompt = "none";
		break;
	case 'a':
		add(p.typed, &p.typed_len, rest);
		break;
	case '2':
	case '3':
	case '4':
	case '5':
	case 'x':
		add(p.answers, &p.answers_len, line);
		break;
	default:
		break;
	}
}

/* Of a request that the network, the person or the ticket must have earned. */
static void judge(const struct outcome *o)
{
	enum purpose purpose = p.request.purpose;
	/* Claims are believed for a while; for longer if stale_ok is set and nobody answers. */
	long age = p.request.ticket_age, stale = p.config == 0 ? RECHECK + STALE : 0;
	bool is_good_ticket =
	    p.request.ticket.len > 0 &&
	    ((purpose == PURPOSE_ACCOUNT && age < RECHECK) ||
		((purpose == PURPOSE_ACCOUNT || purpose == PURPOSE_REUSE) && age < stale));
	bool is_login =
	    purpose == PURPOSE_LOGIN || purpose == PURPOSE_REUSE || purpose == PURPOSE_ACCOUNT;
	HOLDS(o->result == 0 || result_known(o->result));
	HOLDS(o->result != RESULT_ALLOWED);
	bool is_alice = (p.served || is_good_ticket) && streq(o->sub, "alice");
	/* A refresh is of the person who signed in. */
	bool is_carol = p.served_other && streq(o->sub, "carol") && purpose != PURPOSE_REUSE &&
			purpose != PURPOSE_ACCOUNT;
	if (o->result == 0 && is_login)
		HOLDS((is_alice || is_carol) && streq(p.user, "alice"));
	if (o->result == 0 && purpose == PURPOSE_CHANGE)
		HOLDS(
		    (p.served && streq(o->sub, "alice") && streq(p.user, "alice")) || p.reset);
	/* A ticket is made of a token that has verified. */
	if (o->body.len > 0)
		HOLDS(is_login);
	HOLDS(o->body.len <= MESSAGE_TICKET_MAX && o->decisions.len <= MESSAGE_DECISIONS_MAX &&
	      o->exports.len <= MESSAGE_EXPORTS_MAX);
	for (const char *d = o->reason.detail; *d != '\0'; d++)
		HOLDS((unsigned char)*d >= 0x20 && *d != 0x7f);
}

static void run(void)
{
	struct frame f;
	const struct rehearsal nothing = {.srp_group = NULL};
	struct outcome o;
	p.request.user = p.user;
	p.request.options.flow = p.flow;
	p.request.config = (struct field){configs[p.config], strlen(configs[p.config])};
	p.request.jwks = field_of(&p.keys);
	p.request.ticket = field_of(&p.ticket);
	p.request.time_left = 100000;
	HOLDS(request_send(0, &p.request, INT64_MAX) == 0);
	struct buffer request = BUFFER_INIT(FRAME_REQUEST_MAX);
	HOLDS(buffer_append(&request, p.sent.bytes + 4, p.sent.len - 4) == 0);
	HOLDS(frame_decode(request.bytes, request.len, &f) == 0);
	outcome_begin(&o);
	o.result = signin_run(0, &f, &nothing, &o);
	judge(&o);
	HOLDS(outcome_send(0, &o) == 0);
	outcome_free(&o);
	buffer_wipe(&request);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = malloc(len + 1), *at = text;
	HOLDS(text != NULL);
	memcpy(text, bytes, len);
	text[len] = '\0';
	p = (struct play){
	    .now = NOW * 1000ll,
	    .user = "alice",
	    .request = {.config_path = "/c",
		.service = "sshd",
		.rhost = "192.0.2.1",
		.host = "web-1",
		.options = {.prompt = "enter", .qr = "off", .max_age = -1},
		.ticket_age = -1},
	    .ticket = BUFFER_INIT(MESSAGE_TICKET_MAX),
	    .keys = BUFFER_INIT(MESSAGE_STORE_MAX),
	    .sent = BUFFER_INIT(FRAME_REQUEST_MAX + 4),
	};
	make_world();
	while (at != NULL)
		act(strsep(&at, "\n"));
	run();
	buffer_wipe(&p.ticket);
	buffer_wipe(&p.keys);
	buffer_wipe(&p.sent);
	free(text);
	return 0;
}
