/* SPDX-License-Identifier: MIT
 *
 * Fields, frames and the REQUEST: what is written is read again, and nothing else is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/message.h"
#include "common/request.h"
#include "common/result.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct frame answer = {
    .type = FRAME_ANSWER,
    .count = ANSWER_FIELDS,
    .fields = {{"1", 1}, {"pass\0word", 9}},
};

/* ---- fields ------------------------------------------------------------------------------ */

static void fields_are_taken_as_they_were_put(void **state)
{
	(void)state;
	struct buffer b = BUFFER_INIT(256);
	struct field rest, one;
	char text[8];
	int64_t number = 7;
	field_put(&b, "a\0b", 3);
	field_put(&b, NULL, 0);
	field_put_text(&b, "text");
	field_put_number(&b, 1234567890123);
	field_put_number(&b, 0);
	field_put_number(&b, -5);
	assert_int_equal(b.error, 0);
	assert_int_equal(b.len, 6 * 4 + 3 + 4 + 13 + 1 + 2);
	rest = (struct field){b.bytes, b.len};
	assert_true(field_take(&rest, &one));
	assert_int_equal(one.len, 3);
	assert_memory_equal(one.bytes, "a\0b", 3);
	assert_true(field_take(&rest, &one));
	assert_int_equal(one.len, 0);
	assert_true(field_take_text(&rest, text, sizeof(text)));
	assert_string_equal(text, "text");
	assert_true(field_take_number(&rest, 1234567890123, &number));
	assert_int_equal(number, 1234567890123);
	assert_true(field_take_number(&rest, 0, &number));
	assert_int_equal(number, 0);
	assert_true(field_take(&rest, &one));
	assert_int_equal(one.len, 2);
	assert_memory_equal(one.bytes, "-5", 2);
	assert_int_equal(rest.len, 0);
	assert_false(field_take(&rest, &one));
	buffer_wipe(&b);
}

static void a_field_that_is_cut_off_is_none_and_moves_nothing(void **state)
{
	(void)state;
	static const char *const lengths[] = {"\0\0\0\7", "\0\0\1\6", "\1\0\0\6",
	    "\377\377\377\377", "\200\0\0\0", "\377\377\377\374"};
	struct buffer b = BUFFER_INIT(64);
	struct field one, unchanged = {"x", 1};
	char text[16];
	field_put_text(&b, "sixsix");
	for (size_t n = 0; n < b.len; n++) {
		/* On the heap, to the byte: a look beside it is seen. */
		char *own = malloc(n > 0 ? n : 1);
		assert_non_null(own);
		memcpy(own, b.bytes, n);
		struct field rest = {own, n};
		one = unchanged;
		assert_false(field_take(&rest, &one));
		assert_ptr_equal(rest.bytes, own);
		assert_int_equal(rest.len, n);
		assert_ptr_equal(one.bytes, unchanged.bytes);
		assert_false(field_take_text(&rest, text, sizeof(text)));
		assert_int_equal(rest.len, n);
		free(own);
	}
	for (size_t i = 0; i < COUNT(lengths); i++) {
		memcpy(b.bytes, lengths[i], 4);
		struct field rest = {b.bytes, b.len};
		assert_false(field_take(&rest, &one));
		assert_int_equal(rest.len, b.len);
	}
	buffer_wipe(&b);
}

static bool takes_text(const char *bytes, size_t len, size_t size)
{
	struct buffer b = BUFFER_INIT(64);
	char text[16] = "untouched";
	field_put(&b, bytes, len);
	struct field rest = {b.bytes, b.len};
	bool good = field_take_text(&rest, text, size);
	if (good) {
		assert_int_equal(strlen(text), len);
		assert_memory_equal(text, bytes, len);
		assert_int_equal(rest.len, 0);
	} else {
		assert_string_equal(text, "untouched");
	}
	buffer_wipe(&b);
	return good;
}

static void a_text_fits_and_holds_no_controls(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t len;
		bool good;
	} rows[] = {
	    {"", 0, true},
	    {" a=b,~", 6, true},
	    {"\xc3\xa4", 2, true},
	    {"a\0b", 3, false},
	    {"\0", 1, false},
	    {"a\n", 2, false},
	    {"\t", 1, false},
	    {"\033", 1, false},
	    {"a\037", 2, false},
	    {"\177", 1, false},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		if (takes_text(rows[i].bytes, rows[i].len, 16) != rows[i].good)
			fail_msg("row %zu", i);
	assert_true(takes_text("abc", 3, 4));
	assert_false(takes_text("abc", 3, 3));
	assert_true(takes_text("", 0, 1));
	assert_false(takes_text("", 0, 0));
}

static void a_number_has_one_form_and_a_limit(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t max, number; /* -1: refused */
	} rows[] = {
	    {"0", 0, 0},
	    {"1", 1, 1},
	    {"10", 10, 10},
	    {"11", 10, -1},
	    {"5", 3, -1},
	    {"999999999999999", 999999999999999, 999999999999999},
	    {"1000000000000000", 999999999999999, -1},
	    {"9223372036854775807", INT64_MAX, INT64_MAX},
	    {"9223372036854775808", INT64_MAX, -1},
	    {"18446744073709551617", INT64_MAX, -1},
	    {"", 10, -1},
	    {"00", 10, -1},
	    {"01", 10, -1},
	    {"00000000000000000000000000001", 10, -1},
	    {"-1", 10, -1},
	    {"+1", 10, -1},
	    {" 1", 10, -1},
	    {"1 ", 10, -1},
	    {"1x", 10, -1},
	    {"0x1", 10, -1},
	    {"1\n", 10, -1},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buffer b = BUFFER_INIT(64);
		int64_t number = -1;
		field_put_text(&b, rows[i].text);
		struct field rest = {b.bytes, b.len};
		bool good = field_take_number(&rest, rows[i].max, &number);
		if (good != (rows[i].number >= 0) || (good && number != rows[i].number))
			fail_msg("%s", rows[i].text);
		buffer_wipe(&b);
	}
}

static void a_field_that_does_not_fit_is_the_buffer_s_error(void **state)
{
	(void)state;
	struct buffer b = BUFFER_INIT(10);
	field_put_text(&b, "abc");
	field_put_text(&b, "");
	/* Neither its length nor its bytes. */
	assert_int_equal(b.error, RESULT_TOO_LARGE);
	assert_int_equal(b.len, 7);
	field_put(&b, NULL, 0);
	assert_int_equal(b.len, 7);
	buffer_cut(&b, 0);
	field_put_text(&b, "sixsix");
	assert_int_equal(b.error, 0);
	assert_int_equal(b.len, 10);
	buffer_wipe(&b);
	b.max = SIZE_MAX / 2;
	field_put(&b, "x", FRAME_REQUEST_MAX + 1);
	assert_int_equal(b.error, RESULT_TOO_LARGE);
	assert_int_equal(b.len, 0);
	buffer_wipe(&b);
	field_put(&b, "x", SIZE_MAX);
	assert_int_equal(b.error, RESULT_TOO_LARGE);
	buffer_wipe(&b);
}

/* ---- frames ------------------------------------------------------------------------------ */

static void every_type_is_read_as_it_was_written(void **state)
{
	(void)state;
	for (int type = FRAME_REQUEST; type <= FRAME_ACCOUNT; type++) {
		struct frame in = {.type = (enum frame_type)type, .count = frame_fields(type)},
			     out;
		struct buffer bytes = BUFFER_INIT(FRAME_MAX + 4);
		static const char text[] = "abcdefghijklmnopqrstuvwxyz";
		assert_true(in.count <= sizeof(text));
		for (size_t i = 0; i < in.count; i++)
			in.fields[i] = (struct field){text, i};
		assert_int_equal(frame_encode(&in, &bytes), 0);
		assert_int_equal(frame_decode(bytes.bytes + 4, bytes.len - 4, &out), 0);
		assert_int_equal(out.type, type);
		assert_int_equal(out.count, in.count);
		for (size_t i = 0; i < out.count; i++) {
			assert_int_equal(out.fields[i].len, i);
			assert_memory_equal(out.fields[i].bytes, text, i);
			assert_int_equal(out.fields[i].bytes[i], '\0');
		}
		buffer_wipe(&bytes);
	}
}

static void cut_anywhere_or_with_a_byte_more_it_is_refused(void **state)
{
	(void)state;
	struct buffer bytes = BUFFER_INIT(256);
	struct frame out;
	char copy[256];
	assert_int_equal(frame_encode(&answer, &bytes), 0);
	size_t len = bytes.len - 4;
	for (size_t n = 0; n <= len + 1; n++) {
		memset(copy, 0, sizeof(copy));
		memcpy(copy, bytes.bytes + 4, n < len ? n : len);
		assert_int_equal(
		    frame_decode(copy, n, &out), n == len ? 0 : RESULT_HELPER_FRAME);
	}
	buffer_wipe(&bytes);
}

static void unknown_types_and_wrong_counts_are_refused(void **state)
{
	(void)state;
	struct buffer bytes = BUFFER_INIT(256);
	struct frame f = answer, out;
	char unknown[] = "\x63\0\0\0\0", none[] = "\0";
	f.count = 1;
	assert_int_equal(frame_encode(&f, &bytes), RESULT_HELPER_FRAME);
	f.count = 3;
	assert_int_equal(frame_encode(&f, &bytes), RESULT_HELPER_FRAME);
	f = answer;
	f.type = (enum frame_type)99;
	assert_int_equal(frame_encode(&f, &bytes), RESULT_HELPER_FRAME);
	assert_int_equal(frame_decode(unknown, 5, &out), RESULT_HELPER_FRAME);
	assert_int_equal(frame_decode(none, 1, &out), RESULT_HELPER_FRAME);
	assert_int_equal(bytes.len, 0);
	static const int types[] = {-1, 0, FRAME_ACCOUNT + 1, 255, 256, 256 + FRAME_INFO};
	for (size_t i = 0; i < COUNT(types); i++)
		assert_int_equal(frame_fields(types[i]), 0);
	for (int type = FRAME_REQUEST; type <= FRAME_ACCOUNT; type++)
		assert_true(frame_fields(type) >= 1 && frame_fields(type) <= FRAME_FIELDS_MAX);
}

static void the_largest_frame_and_one_byte_more(void **state)
{
	(void)state;
	struct buffer bytes = BUFFER_INIT(FRAME_MAX + 8);
	char *big = calloc(1, FRAME_MAX);
	struct frame f = {.type = FRAME_STORE, .count = 1, .fields = {{big, FRAME_MAX - 5}}},
		     out;
	assert_non_null(big);
	assert_int_equal(frame_encode(&f, &bytes), 0);
	assert_int_equal(frame_decode(bytes.bytes + 4, bytes.len - 4, &out), 0);
	f.fields[0].len++;
	assert_int_equal(frame_encode(&f, &bytes), RESULT_HELPER_FRAME);
	assert_int_equal(
	    frame_decode(bytes.bytes + 4, FRAME_MAX + 1, &out), RESULT_HELPER_FRAME);
	free(big);
	buffer_wipe(&bytes);
}

static void across_a_socket_and_at_its_end(void **state)
{
	(void)state;
	int fds[2];
	struct buffer in = BUFFER_INIT(FRAME_MAX);
	struct frame f;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(frame_send(fds[0], &answer, clock_ms() + 1000), 0);
	assert_int_equal(frame_receive(fds[1], &in, &f, clock_ms() + 1000), 0);
	assert_int_equal(f.fields[ANSWER_TEXT].len, 9);
	assert_null(frame_text(&f, ANSWER_TEXT, 100)); /* it holds a NUL */
	assert_string_equal(frame_text(&f, ANSWER_TYPED, 1), "1");
	assert_null(frame_text(&f, ANSWER_TYPED, 0));
	assert_int_equal(frame_receive(fds[1], &in, &f, clock_ms() + 20), RESULT_DEADLINE);
	assert_int_equal(send(fds[0], "\0\0\0\x10\x03", 5, 0), 5);
	close(fds[0]);
	assert_int_equal(frame_receive(fds[1], &in, &f, clock_ms() + 1000), RESULT_HELPER_LOST);
	assert_int_equal(frame_send(fds[1], &answer, clock_ms() + 1000), RESULT_HELPER_LOST);
	close(fds[1]);
	buffer_wipe(&in);
}

/* One byte, and what the kernel tells with it. */
static void send_control(int fd, int type, const void *bytes, size_t len)
{
	char byte = 0;
	union {
		struct cmsghdr head;
		char bytes[128];
	} control = {.bytes = {0}};
	struct iovec part = {&byte, 1};
	struct msghdr message = {.msg_iov = &part,
	    .msg_iovlen = 1,
	    .msg_control = control.bytes,
	    .msg_controllen = CMSG_SPACE(len)};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = type;
	head->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(head), bytes, len);
	assert_int_equal(sendmsg(fd, &message, 0), 1);
}

static void one_descriptor_is_handed_over(void **state)
{
	(void)state;
	int fds[2], taken = 0, on = 1;
	struct stat given, found;
	struct ucred self = {.pid = getpid(), .uid = getuid(), .gid = getgid()};
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(frame_send_descriptor(fds[0], fds[0], clock_ms() + 1000), 0);
	assert_int_equal(frame_receive_descriptor(fds[1], &taken, clock_ms() + 1000), 0);
	assert_true(fstat(fds[0], &given) == 0 && fstat(taken, &found) == 0);
	assert_int_equal(given.st_ino, found.st_ino);
	close(taken);
	/* Two of them: neither is kept. */
	const int two[] = {fds[0], fds[1]};
	int lowest = dup(fds[0]);
	close(lowest);
	send_control(fds[0], SCM_RIGHTS, two, sizeof(two));
	assert_int_equal(
	    frame_receive_descriptor(fds[1], &taken, clock_ms() + 1000), RESULT_HELPER_FRAME);
	assert_int_equal(taken, -1);
	int next = dup(fds[0]);
	close(next);
	assert_int_equal(next, lowest);
	/* A byte alone, and one with who the peer is. */
	assert_int_equal(send(fds[0], "", 1, 0), 1);
	assert_int_equal(
	    frame_receive_descriptor(fds[1], &taken, clock_ms() + 1000), RESULT_HELPER_FRAME);
	assert_int_equal(taken, -1);
	assert_int_equal(setsockopt(fds[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)), 0);
	send_control(fds[0], SCM_CREDENTIALS, &self, sizeof(self));
	assert_int_equal(
	    frame_receive_descriptor(fds[1], &taken, clock_ms() + 1000), RESULT_HELPER_FRAME);
	assert_int_equal(taken, -1);
	assert_int_equal(
	    frame_receive_descriptor(fds[1], &taken, clock_ms() + 20), RESULT_DEADLINE);
	close(fds[0]);
	assert_int_equal(
	    frame_receive_descriptor(fds[1], &taken, clock_ms() + 1000), RESULT_HELPER_LOST);
	assert_int_equal(
	    frame_send_descriptor(fds[1], 0, clock_ms() + 1000), RESULT_HELPER_LOST);
	assert_int_equal(taken, -1);
	close(fds[1]);
}

static void a_descriptor_waits_for_room_until_the_deadline(void **state)
{
	(void)state;
	int fds[2];
	static const char bytes[4096];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	while (send(fds[0], bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
	while (send(fds[0], bytes, 1, MSG_DONTWAIT) > 0)
		;
	assert_int_equal(
	    frame_send_descriptor(fds[0], fds[0], clock_ms() + 20), RESULT_DEADLINE);
	close(fds[0]);
	close(fds[1]);
}

static void a_frame_larger_than_its_buffer_is_none(void **state)
{
	(void)state;
	struct buffer small = BUFFER_INIT(8), in = BUFFER_INIT(8);
	static const struct frame none = {.type = FRAME_ANSWER};
	struct frame huge = answer, f;
	int fds[2];
	assert_int_equal(frame_encode(&none, &small), RESULT_HELPER_FRAME);
	huge.fields[1].len = FRAME_MAX + 1;
	assert_int_equal(frame_encode(&huge, &small), RESULT_HELPER_FRAME);
	assert_int_equal(frame_encode(&answer, &small), RESULT_HELPER_FRAME);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(frame_send(fds[0], &answer, clock_ms() + 1000), 0);
	assert_int_equal(
	    frame_receive(fds[1], &in, &f, clock_ms() + 1000), RESULT_HELPER_FRAME);
	close(fds[0]);
	close(fds[1]);
	buffer_wipe(&small);
	buffer_wipe(&in);
}

static void a_peer_that_does_not_read_is_given_up_at_the_deadline(void **state)
{
	(void)state;
	int fds[2], r = 0;
	char *big = calloc(1, FRAME_MAX);
	const struct frame f = {
	    .type = FRAME_STORE, .count = 1, .fields = {{big, FRAME_MAX - 5}}};
	assert_non_null(big);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	for (int i = 0; r == 0 && i < 64; i++)
		r = frame_send(fds[0], &f, clock_ms() + 20);
	assert_int_equal(r, RESULT_DEADLINE);
	close(fds[0]);
	close(fds[1]);
	free(big);
}

static void flags_are_one_or_zero(void **state)
{
	(void)state;
	struct frame f = {
	    .type = FRAME_INFO, .count = INFO_FIELDS, .fields = {{"1", 1}, {"x", 1}}};
	bool bad = false;
	assert_true(frame_flag(&f, INFO_ERROR, &bad));
	f.fields[0].bytes = "0";
	assert_false(frame_flag(&f, INFO_ERROR, &bad));
	assert_false(bad);
	assert_false(frame_flag(&f, INFO_TEXT, &bad));
	assert_true(bad);
}

static void a_message_is_text_fields_in_their_order(void **state)
{
	(void)state;
	const char *const hello[] = {MESSAGE_VERSION, "build", "landlock"};
	const char *many[FRAME_FIELDS_MAX + 1];
	int fds[2];
	struct buffer in = BUFFER_INIT(FRAME_MAX);
	struct frame f;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	for (size_t i = 0; i < COUNT(many); i++)
		many[i] = "x";
	assert_int_equal(frame_send_texts(fds[0], FRAME_REQUEST, many, FRAME_FIELDS_MAX + 1,
			     clock_ms() + 1000),
	    RESULT_HELPER_FRAME);
	assert_int_equal(frame_send_texts(fds[0], FRAME_HELLO, hello, 2, clock_ms() + 1000),
	    RESULT_HELPER_FRAME);
	assert_int_equal(
	    frame_send_texts(fds[0], FRAME_HELLO, hello, HELLO_FIELDS, clock_ms() + 1000), 0);
	assert_int_equal(frame_receive(fds[1], &in, &f, clock_ms() + 1000), 0);
	assert_int_equal(f.type, FRAME_HELLO);
	assert_string_equal(frame_text(&f, HELLO_VERSION, 8), MESSAGE_VERSION);
	assert_string_equal(frame_text(&f, HELLO_BUILD, 8), "build");
	assert_string_equal(frame_text(&f, HELLO_SANDBOX, 8), "landlock");
	assert_null(frame_text(&f, HELLO_SANDBOX, 7));
	assert_null(frame_text(&f, HELLO_FIELDS, 100));
	close(fds[0]);
	close(fds[1]);
	buffer_wipe(&in);
}

/* ---- the REQUEST ------------------------------------------------------------------------- */

enum place {
	AT_VERSION,
	AT_PURPOSE,
	AT_CONFIG_PATH,
	AT_CONFIG,
	AT_JWKS,
	AT_USER,
	AT_SERVICE,
	AT_RHOST,
	AT_FLOW,
	AT_PROMPT,
	AT_QR,
	AT_MAX_AGE,
	AT_TIME_LEFT,
	AT_TICKET,
	AT_TICKET_AGE,
	AT_ROOT,
	AT_EXPIRED,
	AT_HOST,
	AT_ACCOUNT,
	AT_LOGGED_IN,
	PLACES
};
_Static_assert(PLACES == REQUEST_FIELDS, "every field has its place");

static const struct request full = {
    .purpose = PURPOSE_ACCOUNT,
    .config_path = "/etc/c.json",
    .user = "alice",
    .service = "sshd",
    .rhost = "192.0.2.1",
    .host = "web-1.example.com",
    .options = {.flow = "device", .prompt = "enter", .qr = "auto", .max_age = 0},
    .config = {"{}\0", 3},
    .jwks = {"keys", 4},
    .ticket = {"body\0", 5},
    .expired = {"old", 3},
    .account = {"{}\0", 3},
    .ticket_age = 12,
    .time_left = 600000,
    .root = 1,
    .logged_in = 1,
};

/* As it arrives on the other side; in owns its bytes. A process of its own sends: the largest
 * request is more than a socket holds. */
static int across(const struct request *q, struct buffer *in, struct frame *f)
{
	int fds[2], status = 0;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	pid_t sender = fork();
	assert_true(sender >= 0);
	if (sender == 0)
		_exit(request_send(fds[0], q, clock_ms() + 5000));
	close(fds[0]);
	int received = frame_receive(fds[1], in, f, clock_ms() + 5000);
	close(fds[1]);
	assert_int_equal(waitpid(sender, &status, 0), sender);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : received;
}

static void assert_field(struct field a, struct field b)
{
	assert_int_equal(a.len, b.len);
	if (a.len > 0)
		assert_memory_equal(a.bytes, b.bytes, a.len);
}

static void a_request_is_read_as_it_was_sent(void **state)
{
	(void)state;
	struct buffer in = BUFFER_INIT(FRAME_MAX);
	struct frame f;
	struct request q;
	assert_int_equal(across(&full, &in, &f), 0);
	assert_int_equal(f.type, FRAME_REQUEST);
	assert_string_equal(frame_text(&f, AT_VERSION, 8), MESSAGE_VERSION);
	assert_string_equal(frame_text(&f, AT_PURPOSE, 16), "account");
	assert_string_equal(frame_text(&f, AT_TICKET_AGE, 16), "12");
	assert_int_equal(request_read(&f, &q), 0);
	assert_int_equal(q.purpose, PURPOSE_ACCOUNT);
	assert_string_equal(q.config_path, "/etc/c.json");
	assert_string_equal(q.user, "alice");
	assert_string_equal(q.service, "sshd");
	assert_string_equal(q.rhost, "192.0.2.1");
	assert_string_equal(q.host, "web-1.example.com");
	assert_string_equal(q.options.flow, "device");
	assert_string_equal(q.options.prompt, "enter");
	assert_string_equal(q.options.qr, "auto");
	assert_int_equal(q.options.max_age, 0);
	assert_field(q.config, full.config);
	assert_field(q.jwks, full.jwks);
	assert_field(q.ticket, full.ticket);
	assert_field(q.expired, full.expired);
	assert_field(q.account, full.account);
	assert_int_equal(q.ticket_age, 12);
	assert_int_equal(q.time_left, 600000);
	assert_int_equal(q.root, 1);
	buffer_wipe(&in);
}

static void what_a_request_leaves_out_is_empty_or_unknown(void **state)
{
	(void)state;
	static const char *const words[PURPOSES] = {"login", "account", "reuse", "check",
	    "change", "revoke", "probe", "keys", "accounts"};
	struct buffer in = BUFFER_INIT(FRAME_MAX);
	struct frame f;
	struct request q;
	for (int p = PURPOSE_LOGIN; p < PURPOSES; p++) {
		const struct request bare = {
		    .purpose = (enum purpose)p, .options = {.max_age = -1}, .ticket_age = -1};
		assert_int_equal(across(&bare, &in, &f), 0);
		assert_string_equal(frame_text(&f, AT_PURPOSE, 16), words[p]);
		assert_int_equal(f.fields[AT_MAX_AGE].len, 0);
		assert_int_equal(request_read(&f, &q), 0);
		assert_int_equal(q.purpose, p);
		assert_string_equal(q.config_path, "");
		assert_string_equal(q.user, "");
		assert_string_equal(q.service, "");
		assert_string_equal(q.rhost, "");
		assert_string_equal(q.options.flow, "");
		assert_string_equal(q.options.prompt, "");
		assert_string_equal(q.options.qr, "");
		assert_int_equal(q.options.max_age, -1);
		assert_int_equal(q.ticket_age, -1);
		assert_int_equal(q.time_left, 0);
		assert_int_equal(q.root, 0);
		assert_int_equal(q.logged_in, 0);
		assert_int_equal(q.config.len + q.jwks.len + q.ticket.len + q.expired.len, 0);
	}
	buffer_wipe(&in);
}

static int read_with(enum place at, const char *bytes, size_t len)
{
	struct buffer in = BUFFER_INIT(FRAME_MAX);
	struct frame f;
	struct request q;
	assert_int_equal(across(&full, &in, &f), 0);
	f.fields[at] = (struct field){bytes, len};
	int r = request_read(&f, &q);
	buffer_wipe(&in);
	return r;
}

static void every_field_has_its_length(void **state)
{
	(void)state;
	static const struct {
		enum place at;
		size_t max;
		bool bytes;
	} rows[] = {
	    {AT_CONFIG_PATH, 4096, false},
	    {AT_CONFIG, FRAME_REQUEST_MAX, true},
	    {AT_JWKS, MESSAGE_STORE_MAX, true},
	    {AT_USER, REQUEST_NAME_MAX, false},
	    {AT_SERVICE, REQUEST_NAME_MAX, false},
	    {AT_RHOST, MESSAGE_ANSWER_MAX, false},
	    {AT_FLOW, 16, false},
	    {AT_PROMPT, 8, false},
	    {AT_QR, 8, false},
	    {AT_TICKET, MESSAGE_TICKET_MAX, true},
	    {AT_EXPIRED, MESSAGE_TICKET_MAX, true},
	    {AT_ACCOUNT, MESSAGE_ACCOUNT_MAX, true},
	};
	char *text = malloc(FRAME_REQUEST_MAX + 2);
	assert_non_null(text);
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t max = rows[i].max;
		memset(text, 'a', FRAME_REQUEST_MAX + 2);
		text[max + 1] = '\0';
		if (read_with(rows[i].at, text, max + 1) != RESULT_HELPER_FRAME)
			fail_msg("field %d, one byte more", (int)rows[i].at);
		text[max] = '\0';
		if (read_with(rows[i].at, text, max) != 0)
			fail_msg("field %d", (int)rows[i].at);
		if (read_with(rows[i].at, "", 0) != 0)
			fail_msg("field %d, empty", (int)rows[i].at);
		/* Only bytes may hold a NUL. */
		if (read_with(rows[i].at, "a\0b", 3) !=
		    (rows[i].bytes ? 0 : RESULT_HELPER_FRAME))
			fail_msg("field %d, NUL", (int)rows[i].at);
	}
	free(text);
}

static void odd_fields_of_a_request_are_refused(void **state)
{
	(void)state;
	static const struct {
		enum place at;
		const char *text;
		int code;
	} rows[] = {
	    {AT_VERSION, "", RESULT_HELPER_FRAME},
	    {AT_VERSION, "5", RESULT_HELPER_FRAME},
	    {AT_VERSION, "06", RESULT_HELPER_FRAME},
	    {AT_VERSION, MESSAGE_VERSION, 0},
	    {AT_VERSION, MESSAGE_VERSION " ", RESULT_HELPER_FRAME},
	    {AT_VERSION, MESSAGE_VERSION "12345678", RESULT_HELPER_FRAME},
	    {AT_PURPOSE, "", RESULT_HELPER_FRAME},
	    {AT_PURPOSE, "Login", RESULT_HELPER_FRAME},
	    {AT_PURPOSE, "logi", RESULT_HELPER_FRAME},
	    {AT_PURPOSE, "logins", RESULT_HELPER_FRAME},
	    {AT_PURPOSE, "a-purpose-of-more-bytes", RESULT_HELPER_FRAME},
	    {AT_MAX_AGE, "", 0},
	    {AT_MAX_AGE, "999999999", 0},
	    {AT_MAX_AGE, "1000000000", RESULT_HELPER_FRAME},
	    {AT_MAX_AGE, "-1", RESULT_HELPER_FRAME},
	    {AT_MAX_AGE, "1s", RESULT_HELPER_FRAME},
	    {AT_MAX_AGE, "0000000000001", RESULT_HELPER_FRAME},
	    {AT_TIME_LEFT, "", RESULT_HELPER_FRAME},
	    {AT_TIME_LEFT, "0", 0},
	    {AT_TIME_LEFT, "600000", 0},
	    {AT_TIME_LEFT, "600001", RESULT_HELPER_FRAME},
	    {AT_TIME_LEFT, "-1", RESULT_HELPER_FRAME},
	    {AT_TIME_LEFT, "soon", RESULT_HELPER_FRAME},
	    /* A ticket of unknown age would be believed for ever. */
	    {AT_TICKET_AGE, "", RESULT_HELPER_FRAME},
	    {AT_TICKET_AGE, "0", 0},
	    {AT_TICKET_AGE, "999999999", 0},
	    {AT_TICKET_AGE, "1000000000", RESULT_HELPER_FRAME},
	    {AT_TICKET_AGE, "-1", RESULT_HELPER_FRAME},
	    {AT_TICKET_AGE, "x", RESULT_HELPER_FRAME},
	    {AT_ROOT, "", RESULT_HELPER_FRAME},
	    {AT_ROOT, "0", 0},
	    {AT_ROOT, "1", 0},
	    {AT_ROOT, "2", RESULT_HELPER_FRAME},
	    {AT_ROOT, "-1", RESULT_HELPER_FRAME},
	    {AT_ROOT, "yes", RESULT_HELPER_FRAME},
	    {AT_LOGGED_IN, "", RESULT_HELPER_FRAME},
	    {AT_LOGGED_IN, "0", 0},
	    {AT_LOGGED_IN, "1", 0},
	    {AT_LOGGED_IN, "2", RESULT_HELPER_FRAME},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		if (read_with(rows[i].at, rows[i].text, strlen(rows[i].text)) != rows[i].code)
			fail_msg("field %d: %s", (int)rows[i].at, rows[i].text);
	static const enum place numbers[] = {
	    AT_MAX_AGE, AT_TIME_LEFT, AT_TICKET_AGE, AT_ROOT, AT_LOGGED_IN};
	for (size_t i = 0; i < COUNT(numbers); i++)
		assert_int_equal(read_with(numbers[i], "1\0", 2), RESULT_HELPER_FRAME);
	assert_int_equal(read_with(AT_VERSION, MESSAGE_VERSION "\0", sizeof(MESSAGE_VERSION)),
	    RESULT_HELPER_FRAME);
	assert_int_equal(read_with(AT_PURPOSE, "login\0", 6), RESULT_HELPER_FRAME);
}

static void another_frame_is_no_request(void **state)
{
	(void)state;
	struct buffer in = BUFFER_INIT(FRAME_MAX);
	struct frame f = answer;
	struct request q;
	assert_int_equal(request_read(&f, &q), RESULT_HELPER_FRAME);
	assert_int_equal(q.purpose, PURPOSES);
	assert_int_equal(across(&full, &in, &f), 0);
	f.type = FRAME_RESULT;
	assert_int_equal(request_read(&f, &q), RESULT_HELPER_FRAME);
	buffer_wipe(&in);
}

static void the_largest_request_fits_into_a_frame(void **state)
{
	(void)state;
	struct buffer in = BUFFER_INIT(FRAME_REQUEST_MAX);
	struct frame f;
	struct request q = full;
	char *big = calloc(1, FRAME_REQUEST_MAX);
	assert_non_null(big);
	/* What FRAME_REQUEST_MAX counts: a user has one ticket, live or expired. */
	q.config = (struct field){big, 1024u * 1024};
	q.jwks = (struct field){big, MESSAGE_STORE_MAX};
	q.ticket = (struct field){big, MESSAGE_TICKET_MAX};
	q.expired = (struct field){big, 0};
	q.account = (struct field){big, MESSAGE_ACCOUNT_MAX};
	assert_int_equal(across(&q, &in, &f), 0);
	assert_int_equal(request_read(&f, &q), 0);
	assert_int_equal(q.ticket.len, MESSAGE_TICKET_MAX);
	q = full;
	q.config = (struct field){big, FRAME_REQUEST_MAX};
	assert_int_equal(across(&q, &in, &f), RESULT_HELPER_FRAME);
	free(big);
	buffer_wipe(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fields_are_taken_as_they_were_put),
	    cmocka_unit_test(a_field_that_is_cut_off_is_none_and_moves_nothing),
	    cmocka_unit_test(a_text_fits_and_holds_no_controls),
	    cmocka_unit_test(a_number_has_one_form_and_a_limit),
	    cmocka_unit_test(a_field_that_does_not_fit_is_the_buffer_s_error),
	    cmocka_unit_test(every_type_is_read_as_it_was_written),
	    cmocka_unit_test(cut_anywhere_or_with_a_byte_more_it_is_refused),
	    cmocka_unit_test(unknown_types_and_wrong_counts_are_refused),
	    cmocka_unit_test(the_largest_frame_and_one_byte_more),
	    cmocka_unit_test(across_a_socket_and_at_its_end),
	    cmocka_unit_test(one_descriptor_is_handed_over),
	    cmocka_unit_test(a_descriptor_waits_for_room_until_the_deadline),
	    cmocka_unit_test(a_frame_larger_than_its_buffer_is_none),
	    cmocka_unit_test(a_peer_that_does_not_read_is_given_up_at_the_deadline),
	    cmocka_unit_test(flags_are_one_or_zero),
	    cmocka_unit_test(a_message_is_text_fields_in_their_order),
	    cmocka_unit_test(a_request_is_read_as_it_was_sent),
	    cmocka_unit_test(what_a_request_leaves_out_is_empty_or_unknown),
	    cmocka_unit_test(every_field_has_its_length),
	    cmocka_unit_test(odd_fields_of_a_request_are_refused),
	    cmocka_unit_test(another_frame_is_no_request),
	    cmocka_unit_test(the_largest_request_fits_into_a_frame),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
