/* SPDX-License-Identifier: MIT
 *
 * frame_encode() and frame_decode() touch no socket, so that they can be fuzzed alone.
 */
#include "common/frame.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/message.h"
#include "common/request.h"
#include "common/result.h"
#include "common/text.h"

static void put_u32(struct buffer *out, size_t n)
{
	uint32_t word = htonl((uint32_t)n);
	buffer_append(out, &word, sizeof(word));
}

static size_t get_u32(const char *at)
{
	uint32_t word;
	memcpy(&word, at, sizeof(word));
	return ntohl(word);
}

/* ---- fields ---------------------------------------------------------------------------- */

struct field field_of(const struct buffer *b)
{
	return (struct field){buffer_text(b), b->len};
}

void field_put(struct buffer *out, const void *bytes, size_t len)
{
	/* A length that does not fit its word does not fit the buffer either. */
	buffer_reserve(out, len > FRAME_REQUEST_MAX ? SIZE_MAX : 4 + len);
	put_u32(out, len);
	buffer_append(out, bytes, len);
}

void field_put_text(struct buffer *out, const char *text)
{
	field_put(out, text, strlen(text));
}

void field_put_number(struct buffer *out, long long number)
{
	char text[24];
	snprintf(text, sizeof(text), "%lld", number);
	field_put_text(out, text);
}

bool field_take(struct field *rest, struct field *out)
{
	if (rest->len < 4)
		return false;
	size_t len = get_u32(rest->bytes);
	if (len > rest->len - 4)
		return false;
	*out = (struct field){rest->bytes + 4, len};
	*rest = (struct field){out->bytes + len, rest->len - 4 - len};
	return true;
}

bool field_take_text(struct field *rest, char *out, size_t size)
{
	struct field field;
	return field_take(rest, &field) && text_copy(field.bytes, field.len, out, size);
}

bool field_take_number(struct field *rest, int64_t max, int64_t *out)
{
	char text[20];
	unsigned long number = 0;
	if (!field_take_text(rest, text, sizeof(text)) ||
	    !text_number(text, (unsigned long)max, &number))
		return false;
	*out = (int64_t)number;
	return text[0] != '0' || text[1] == '\0';
}

/* ---- frames ---------------------------------------------------------------------------- */

size_t frame_fields(int type)
{
	static const size_t counts[] = {
	    [FRAME_REQUEST] = REQUEST_FIELDS,
	    [FRAME_PROMPT] = PROMPT_FIELDS,
	    [FRAME_ANSWER] = ANSWER_FIELDS,
	    [FRAME_INFO] = INFO_FIELDS,
	    [FRAME_LOG] = LOG_FIELDS,
	    [FRAME_STORE] = STORE_FIELDS,
	    [FRAME_REFETCH] = REFETCH_FIELDS,
	    [FRAME_GRANT] = GRANT_FIELDS,
	    [FRAME_RESULT] = VERDICT_FIELDS,
	    [FRAME_TICKET] = TICKET_FIELDS,
	    [FRAME_FINDING] = FINDING_FIELDS,
	    [FRAME_HELLO] = HELLO_FIELDS,
	    [FRAME_ACCOUNT] = ACCOUNT_FIELDS,
	};
	return type > 0 && (size_t)type < sizeof(counts) / sizeof(counts[0]) ? counts[type] : 0;
}

size_t frame_max(int type)
{
	return type == FRAME_REQUEST ? FRAME_REQUEST_MAX : FRAME_MAX;
}

int frame_encode(const struct frame *f, struct buffer *out)
{
	size_t length = 1;
	if (f->count == 0 || f->count != frame_fields((int)f->type))
		return RESULT_HELPER_FRAME;
	for (size_t i = 0; i < f->count; i++) {
		if (f->fields[i].len > frame_max((int)f->type))
			return RESULT_HELPER_FRAME;
		length += 4 + f->fields[i].len;
	}
	if (length > frame_max((int)f->type))
		return RESULT_HELPER_FRAME;
	buffer_reserve(out, 4 + length);
	put_u32(out, length);
	buffer_append_byte(out, (unsigned char)f->type);
	for (size_t i = 0; i < f->count; i++)
		field_put(out, f->fields[i].bytes, f->fields[i].len);
	return out->error == RESULT_TOO_LARGE ? RESULT_HELPER_FRAME : out->error;
}

int frame_decode(char *bytes, size_t len, struct frame *f)
{
	memset(f, 0, sizeof(*f));
	if (len < 1 || len > frame_max((unsigned char)bytes[0]))
		return RESULT_HELPER_FRAME;
	unsigned char type = (unsigned char)bytes[0];
	size_t count = frame_fields(type);
	struct field rest = {bytes + 1, len - 1};
	for (size_t i = 0; i < count; i++)
		if (!field_take(&rest, &f->fields[i]))
			return RESULT_HELPER_FRAME;
	if (count == 0 || rest.len != 0)
		return RESULT_HELPER_FRAME;
	/* The lengths have been read: the first byte of each ends the field before it. */
	for (size_t i = 0; i < count; i++)
		bytes[f->fields[i].bytes + f->fields[i].len - bytes] = '\0';
	f->type = (enum frame_type)type;
	f->count = count;
	return 0;
}

/* Waits until fd is ready. What has arrived by the deadline is taken also after it. Returns 0,
 * RESULT_DEADLINE or RESULT_HELPER_LOST. */
static int await(int fd, short events, int64_t deadline)
{
	for (;;) {
		struct pollfd p = {.fd = fd, .events = events};
		int left = clock_left(deadline), n = poll(&p, 1, left);
		if (n > 0)
			return 0;
		if (left == 0)
			return RESULT_DEADLINE;
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return RESULT_HELPER_LOST;
	}
}

int frame_send(int fd, const struct frame *f, int64_t deadline)
{
	struct buffer out = BUFFER_INIT(4 + frame_max((int)f->type));
	int r = frame_encode(f, &out);
	size_t sent = 0;
	while (r == 0 && sent < out.len) {
		ssize_t n =
		    send(fd, out.bytes + sent, out.len - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0)
			sent += (size_t)n;
		else if (errno == EAGAIN)
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
		else if (n == 0 || (errno != EINTR && errno != EAGAIN))
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
	if (length < 1 || length > FRAME_REQUEST_MAX)
		return RESULT_HELPER_FRAME;
	r = buffer_reserve(in, length);
	if (r == 0)
		r = receive_exactly(fd, in->bytes, length, deadline);
	if (r != 0)
		return r == RESULT_TOO_LARGE ? RESULT_HELPER_FRAME : r;
	in->len = length;
	return frame_decode(in->bytes, length, f);
}

/* ---- descriptors ------------------------------------------------------------------------ */

/* The one control message that is meant. */
union rights {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(sizeof(int))];
};

int frame_send_descriptor(int fd, int descriptor, int64_t deadline)
{
	char byte = 0;
	union rights rights = {.bytes = {0}};
	struct iovec part = {&byte, 1};
	struct msghdr message = {.msg_iov = &part,
	    .msg_iovlen = 1,
	    .msg_control = rights.bytes,
	    .msg_controllen = sizeof(rights.bytes)};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &descriptor, sizeof(int));
	int r = 0;
	while (r == 0 && sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		if (errno == EAGAIN)
			r = await(fd, POLLOUT, deadline);
		else if (errno != EINTR)
			r = RESULT_HELPER_LOST;
	return r;
}

int frame_receive_descriptor(int fd, int *out, int64_t deadline)
{
	char byte = 0;
	union rights rights = {.bytes = {0}};
	struct iovec part = {&byte, 1};
	struct msghdr message = {.msg_iov = &part,
	    .msg_iovlen = 1,
	    .msg_control = rights.bytes,
	    /* The padding behind it has room for a second one. */
	    .msg_controllen = CMSG_LEN(sizeof(int))};
	*out = -1;
	int r = await(fd, POLLIN, deadline);
	if (r != 0)
		return r;
	ssize_t n = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	const struct cmsghdr *head = n == 1 ? CMSG_FIRSTHDR(&message) : NULL;
	if (n != 1)
		return RESULT_HELPER_LOST;
	if (head == NULL || head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS ||
	    head->cmsg_len != CMSG_LEN(sizeof(int)))
		return RESULT_HELPER_FRAME;
	memcpy(out, CMSG_DATA(head), sizeof(int));
	if ((message.msg_flags & MSG_CTRUNC) == 0)
		return 0;
	/* There were more; the kernel has kept them to itself. */
	close(*out);
	*out = -1;
	return RESULT_HELPER_FRAME;
}

/* ---- texts ----------------------------------------------------------------------------- */

int frame_send_texts(
    int fd, enum frame_type type, const char *const *texts, size_t count, int64_t deadline)
{
	struct frame f = {.type = type, .count = count};
	if (count > FRAME_FIELDS_MAX)
		return RESULT_HELPER_FRAME;
	for (size_t i = 0; i < count; i++)
		f.fields[i] = (struct field){texts[i], strlen(texts[i])};
	return frame_send(fd, &f, deadline);
}

const char *frame_text(const struct frame *f, size_t field, size_t max)
{
	if (field >= f->count)
		return NULL;
	const struct field *text = &f->fields[field];
	if (text->len > max || memchr(text->bytes, '\0', text->len) != NULL)
		return NULL;
	return text->bytes;
}

bool frame_flag(const struct frame *f, size_t field, bool *bad)
{
	const char *text = frame_text(f, field, 1);
	bool yes = streq(text, "1");
	if (!yes && !streq(text, "0"))
		*bad = true;
	return yes;
}
