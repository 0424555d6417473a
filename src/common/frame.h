/* SPDX-License-Identifier: MIT
 *
 * Length-prefixed fields, and frames made of them.
 *
 *	field	u32 length, big-endian; bytes
 *	frame	u32 length of all that follows, 1 to frame_max(); u8 type; the type's fields
 *
 * A frame of an unknown type, with too few or too many fields, with a byte left over, or
 * longer than frame_max() is refused, and the conversation with it. docs/design.md draws the
 * conversation; message.h names the fields. Ticket files are made of fields, too.
 */
#ifndef COMMON_FRAME_H
#define COMMON_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;

/* The largest is the RESULT: a ticket's body of 104 KiB, exports and decisions. */
#define FRAME_MAX (256u * 1024)
/* The REQUEST: 1 MiB of config, 68 KiB of key set, this person's ticket of 104 KiB, live or
 * expired, and an account's record of 64 KiB. */
#define FRAME_REQUEST_MAX (1536u * 1024)
#define FRAME_FIELDS_MAX 24 /* more than the REQUEST has: a new one needs no change here */

enum frame_type {
	FRAME_REQUEST = 1, /* module -> helper: what is wanted */
	FRAME_PROMPT, /* helper -> module: ask the person */
	FRAME_ANSWER, /* module -> helper: what the person said */
	FRAME_INFO, /* helper -> module: tell the person */
	FRAME_LOG, /* helper -> module: write to syslog */
	FRAME_STORE, /* helper -> module: cache this key set */
	FRAME_REFETCH, /* helper -> module: may the key set be fetched again? */
	FRAME_GRANT, /* module -> helper: the answer to REFETCH */
	FRAME_RESULT, /* helper -> module: the verdict and all that follows from it; the last */
	FRAME_TICKET, /* helper -> module: the refresh token was rotated */
	FRAME_FINDING, /* helper -> command: what a probe of the network found */
	FRAME_HELLO, /* helper -> module: who speaks, and how confined; the first */
	FRAME_ACCOUNT, /* helper -> command: an account, as the pool would have it */
};

struct field {
	const char *bytes; /* in a decoded frame a NUL follows, which is not counted */
	size_t len;
};

struct frame {
	enum frame_type type;
	size_t count;
	struct field fields[FRAME_FIELDS_MAX];
};

/* The whole buffer, borrowed. */
struct field field_of(const struct buffer *);

/* Appends one field. The buffer remembers its error. */
void field_put(struct buffer *, const void *bytes, size_t len);
void field_put_text(struct buffer *, const char *text);
void field_put_number(struct buffer *, long long number); /* decimal text */

/* Takes the next field off *rest. False, and *rest unchanged, when it is cut off. */
bool field_take(struct field *rest, struct field *out);
/* The same for text of at most size - 1 bytes without NUL or control characters. After false
 * *rest may have moved. */
bool field_take_text(struct field *rest, char *out, size_t size);
/* The same for a number from 0 to max, written without sign or leading zero. */
bool field_take_number(struct field *rest, int64_t max, int64_t *out);

/* The most bytes of a type's frame, behind its length. */
size_t frame_max(int type);

/* How many fields a type has; 0 for an unknown type. (No type has none.) */
size_t frame_fields(int type);

/* Appends the encoded frame. Returns 0, RESULT_HELPER_FRAME (unknown type, wrong count,
 * too long) or RESULT_MEMORY. */
int frame_encode(const struct frame *, struct buffer *out);

/* Decodes what follows the length: type and fields. bytes is changed (a NUL is put behind
 * each field, so bytes[len] must be writable too) and must outlive the frame.
 * Returns 0 or RESULT_HELPER_FRAME. */
int frame_decode(char *bytes, size_t len, struct frame *);

/* Sends one frame whole, before deadline (clock.h's milliseconds). Never raises SIGPIPE.
 * Returns 0, RESULT_HELPER_LOST (peer gone), RESULT_DEADLINE, or as frame_encode(). */
int frame_send(int fd, const struct frame *, int64_t deadline);

/* Receives one frame whole, before deadline. in is emptied first and owns the fields'
 * bytes; its max bounds the frame, too. Returns 0, RESULT_HELPER_LOST (end of file, also in the
 * middle), RESULT_DEADLINE, RESULT_HELPER_FRAME or RESULT_MEMORY. */
int frame_receive(int fd, struct buffer *in, struct frame *, int64_t deadline);

/* Hands an open descriptor over, or takes one that the peer hands over: a byte that belongs to
 * no frame carries it (SCM_RIGHTS). *out is -1 unless 0 is returned; else the caller closes it.
 * As frame_send(); RESULT_HELPER_FRAME unless it carries one alone. */
int frame_send_descriptor(int fd, int descriptor, int64_t deadline);
int frame_receive_descriptor(int fd, int *out, int64_t deadline);

/* ---- frames of text; message.h names the fields ------------------------------------- */

/* Sends a frame of text fields, given in the order above. As frame_send(). */
int frame_send_texts(
    int fd, enum frame_type, const char *const *texts, size_t count, int64_t deadline);

/* A field as text, or NULL when it holds a NUL or more than max bytes. Borrowed. */
const char *frame_text(const struct frame *, size_t field, size_t max);

/* "1" or "0"; anything else is false and sets *bad. */
bool frame_flag(const struct frame *, size_t field, bool *bad);

#endif
