/* SPDX-License-Identifier: MIT
 *
 * Frames on a socket. frame_encode() and frame_decode() touch no socket, so that they can
 * be fuzzed alone.
 */
#include "common/frame.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/message.h"
#include "common/result.h"

size_t frame_fields(int type)
{
	switch (type) {
	case FRAME_REQUEST:
		return REQUEST_FIELDS;
	case FRAME_PROMPT:
		return PROMPT_FIELDS;
	case FRAME_ANSWER:
		return ANSWER_FIELDS;
	case FRAME_INFO:
		return INFO_FIELDS;
	case FRAME_LOG:
		return LOG_FIELDS;
	case FRAME_STORE:
		return STORE_FIELDS;
	case FRAME_REFETCH:
		return REFETCH_FIELDS;
	case FRAME_GRANT:
		return GRANT_FIELDS;
	case FRAME_RESULT:
		return VERDICT_FIELDS;
	case FRAME_TICKET:
		return TICKET_FIELDS;
	case FRAME_FINDING:
		return FINDING_FIELDS;
	default:
		return 0;
	}
}

static void put_u32(unsigned char *at, size_t n)
{
	at[0] = (unsigned char)(n >> 24);
	at[1] = (unsigned char)(n >> 16);
	at[2] = (unsigned char)(n >> 8);
	at[3] = (unsigned char)n;
}

static size_t get_u32(const char *at)
{
	const unsigned char *u = (const unsigned char *)at;
	return (size_t)u[0] << 24 | (size_t)u[1] << 16 | (size_t)u[2] << 8 | u[3];
}

static size_t encoded_length(const struct frame *f)
{
	size_t length = 1;
	for (size_t i = 0; i < f->count; i++) {
		if (f->fields[i].len > FRAME_MAX)
			return FRAME_MAX + 1;
		length += 4 + f->fields[i].len;
	}
	return length;
}

int frame_encode(const struct frame *f, struct buffer *out)
{
	unsigned char word[4];
	if (frame_fields((int)f->type) == 0 || f->count != frame_fields((int)f->type))
		return RESULT_HELPER_FRAME;
	size_t length = encoded_length(f);
	if (length > FRAME_MAX)
		return RESULT_HELPER_FRAME;
	int r = buffer_reserve(out, 4 + length);
	if (r != 0)
		return r == RESULT_TOO_LARGE ? RESULT_HELPER_FRAME : r;
	put_u32(word, length);
	r = buffer_append(out, word, 4);
	if (r == 0)
		r = buffer_append_byte(out, (unsigned char)f->type);
	for (size_t i = 0; r == 0 && i < f->count; i++) {
		put_u32(word, f->fields[i].len);
		r = buffer_append(out, word, 4);
		if (r == 0)
			r = buffer_append(out, f->fields[i].bytes, f->fields[i].len);
	}
	return r;
}

int frame_decode(char *bytes, size_t len, struct frame *f)
{
	memset(f, 0, sizeof(*f));
	if (len < 1 || len > FRAME_MAX)
		return RESULT_HELPER_FRAME;
	size_t count = frame_fields((unsigned char)bytes[0]);
	if (count == 0)
		return RESULT_HELPER_FRAME;
	size_t at = 1;
	for (size_t i = 0; i < count; i++) {
		if (len - at < 4)
			return RESULT_HELPER_FRAME;
		size_t size = get_u32(bytes + at);
		/* This length has been read: its first byte ends the field before it. */
		bytes[at] = '\0';
		at += 4;
		if (size > len - at)
			return RESULT_HELPER_FRAME;
		f->fields[i].bytes = bytes + at;
		f->fields[i].len = size;
		at += size;
	}
	if (at != len)
		return RESULT_HELPER_FRAME;
	bytes[len] = '\0';
	f->type = (enum frame_type)(unsigned char)bytes[0];
	f->count = count;
	return 0;
}

/* Waits until fd is ready. A peer that always has something to say does not outlive the
 * deadline, nor does what it said while the host was stopped. Returns 0, RESULT_DEADLINE or
 * RESULT_HELPER_LOST. */
static int await(int fd, short events, int64_t deadline)
{
	for (;;) {
		struct pollfd p = {.fd = fd, .events = events};
		int left = clock_left(deadline);
		if (left == 0)
			return RESULT_DEADLINE;
		int n = poll(&p, 1, left);
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return RESULT_HELPER_LOST;
	}
}

int frame_send(int fd, const struct frame *f, int64_t deadline)
{
	struct buffer out = BUFFER_INIT(4 + FRAME_MAX);
	int r = frame_encode(f, &out);
	size_t sent = 0;
	while (r == 0 && sent < out.len) {
		ssize_t n =
		    send(fd, out.bytes + sent, out.len - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0)
			sent += (size_t)n;
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			r = await(fd, POLLOUT, deadline);
		else if (errno != EINTR)
			r = RESULT_HELPER_LOST;
	}
	buffer_wipe(&out);
	return r;
}

static int receive_exactly(int fd, char *bytes, size_t len, int64_t deadline)
{
	size_t got = 0;
	while (got < len) {
		int r = await(fd, POLLIN, deadline);
		if (r != 0)
			return r;
		ssize_t n = recv(fd, bytes + got, len - got, MSG_DONTWAIT);
		if (n > 0)
			got += (size_t)n;
		else if (n == 0 || (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK))
			return RESULT_HELPER_LOST;
	}
	return 0;
}

int frame_receive(int fd, struct buffer *in, struct frame *f, int64_t deadline)
{
	char word[4];
	buffer_wipe(in);
	int r = receive_exactly(fd, word, sizeof(word), deadline);
	if (r != 0)
		return r;
	size_t length = get_u32(word);
	if (length < 1 || length > FRAME_MAX)
		return RESULT_HELPER_FRAME;
	r = buffer_reserve(in, length);
	if (r != 0)
		return r == RESULT_TOO_LARGE ? RESULT_HELPER_FRAME : r;
	r = receive_exactly(fd, in->bytes, length, deadline);
	if (r != 0)
		return r;
	in->len = length;
	return frame_decode(in->bytes, length, f);
}
