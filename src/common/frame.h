/* SPDX-License-Identifier: MIT
 *
 * What crosses the socket between the module and its helper:
 *
 *	u32 length	of all that follows, big-endian, 1 to FRAME_MAX
 *	u8  type	enum frame_type
 *	fields		as many as the type has; each: u32 length, bytes
 *
 * A frame of unknown type, of too few or too many fields, with a byte left over, or
 * longer than FRAME_MAX is refused; there is no recovery from a refused frame.
 * docs/design.md draws the conversation. message.h names the fields.
 */
#ifndef COMMON_FRAME_H
#define COMMON_FRAME_H

#include <stddef.h>
#include <stdint.h>

struct buffer;

/* The largest frame is the REQUEST: 64 KiB of config, 68 KiB of key set, a ticket of 104 KiB.
 */
#define FRAME_MAX (256u * 1024)
#define FRAME_FIELDS_MAX 17

enum frame_type {
	FRAME_REQUEST = 1, /* module -> helper: what is wanted */
	FRAME_PROMPT, /* helper -> module: ask the person */
	FRAME_ANSWER, /* module -> helper: what the person said */
	FRAME_INFO, /* helper -> module: tell the person */
	FRAME_LOG, /* helper -> module: write to syslog */
	FRAME_STORE, /* helper -> module: keep these bytes for the next login */
	FRAME_REFETCH, /* helper -> module: may the key set be fetched again? */
	FRAME_GRANT, /* module -> helper: yes or no to that */
	FRAME_RESULT, /* helper -> module: the verdict; the last frame */
	FRAME_TICKET, /* helper -> module: keep, or no longer believe, this sign-in */
	FRAME_FINDING, /* helper -> command: what a probe of the network found */
};

struct field {
	const char *bytes; /* when decoded: followed by a NUL that is not counted */
	size_t len;
};

struct frame {
	enum frame_type type;
	size_t count;
	struct field fields[FRAME_FIELDS_MAX];
};

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
 * bytes. Returns 0, RESULT_HELPER_LOST (end of file, also in the middle),
 * RESULT_DEADLINE, RESULT_HELPER_FRAME or RESULT_MEMORY. */
int frame_receive(int fd, struct buffer *in, struct frame *, int64_t deadline);

#endif
