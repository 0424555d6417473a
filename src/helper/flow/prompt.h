/* SPDX-License-Identifier: MIT
 *
 * The helper's half of the protocol: asking and telling the person, writing to the log,
 * keeping the key set. Everything goes through the module.
 */
#ifndef HELPER_FLOW_PROMPT_H
#define HELPER_FLOW_PROMPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;

/* What is kept of a sign-in: message.h's TICKET. A body of no bytes is none. */
struct ticket_news {
	const char *state;
	const struct buffer *body;
	const char *lines, *exports, *lifetime;
};

struct channel {
	int fd;
	int64_t deadline; /* clock.h's milliseconds; the module's own ends it anyway */
};

/* All hidden but the last. */
enum prompt_kind { ASK_PASSWORD, ASK_PASSWORD_AGAIN, ASK_NEW_PASSWORD, ASK_ECHO_ON };

/* Asks and returns at once: what takes time is done while the person types. text is made
 * printable by the caller. Returns 0 or as frame_send(). */
int prompt_ask(const struct channel *, enum prompt_kind, const char *text);

/* Waits for the answer to prompt_ask(), however long the person needs (the module watches
 * the time). answer is emptied first. typed, if not NULL: the person gave it now. Returns 0
 * or RESULT_NOT_UTF8, RESULT_HELPER_LOST, RESULT_HELPER_FRAME, RESULT_MEMORY. */
int prompt_answer(const struct channel *, struct buffer *answer, bool *typed);

/* Each returns 0 or as frame_send(). */
int prompt_tell(const struct channel *, bool error, const char *text);
int prompt_log(const struct channel *, const char *level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int prompt_store_jwks(const struct channel *, const char *bytes, size_t len);

int prompt_ticket(const struct channel *, const struct ticket_news *);

/* May the key set be fetched again now? Returns 0 with *yes and, when no, the set that is kept
 * by now appended to kept (max at least MESSAGE_STORE_MAX); or a code. */
int prompt_refetch(const struct channel *, const char *why, bool *yes, struct buffer *kept);

#endif
