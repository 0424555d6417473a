/* SPDX-License-Identifier: MIT
 *
 * The helper's half of the protocol (common/message.h): asking and telling the user, writing to
 * the log, storing the key set. Everything goes through the module.
 */
#ifndef HELPER_FLOW_PROMPT_H
#define HELPER_FLOW_PROMPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;

#define PROMPT_TRIES 3 /* wrong answers to one question; Cognito locks the user after 5 */
#define PROMPT_CHOICES_MOST 9 /* one digit; Cognito offers at most six */

struct channel {
	int fd;
	/* clock.h's milliseconds, MESSAGE_ANSWERED_MS after the last answer at the earliest.
	 * The module has its own and ends us then. */
	int64_t deadline;
};

/* All hidden but the last. */
enum prompt_kind { ASK_PASSWORD, ASK_PASSWORD_AGAIN, ASK_NEW_PASSWORD, ASK_ECHO_ON };

/* Asks, and returns at once: slow work is done while the user types. The caller makes text
 * printable. Returns 0 or as frame_send(). */
int prompt_ask(const struct channel *, enum prompt_kind, const char *text);

/* Waits for the answer to prompt_ask(), however long the user takes (the module watches the
 * time). answer is emptied first. typed, if not NULL, is true when the user gave the answer
 * now, false when an earlier PAM module had it. Returns 0 or RESULT_NOT_UTF8,
 * RESULT_HELPER_LOST, RESULT_HELPER_FRAME, RESULT_MEMORY. */
int prompt_answer(struct channel *, struct buffer *answer, bool *typed);

/* Asks and waits for the answer. As both, and RESULT_CANCELLED for an empty answer. */
int prompt_question(
    struct channel *, enum prompt_kind, const char *text, struct buffer *answer, bool *typed);

/* Shows a numbered list and asks for a number, PROMPT_TRIES times; a single choice is taken
 * without asking. labels, at most PROMPT_CHOICES_MOST, are printable. Returns 0 with *chosen
 * (from 0), RESULT_CODE_TRIES, or as prompt_question(). */
int prompt_choose(struct channel *, const char *title, const char *const *labels, size_t count,
    size_t *chosen);

/* Each returns 0 or as frame_send(). */
int prompt_tell(const struct channel *, bool error, const char *text);
int prompt_log(const struct channel *, const char *level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int prompt_store_jwks(const struct channel *, const char *cached);

/* The ticket's new body, with a rotated refresh token in it. */
int prompt_rotated(const struct channel *, const char *body);

struct grant {
	bool given;
	bool leased; /* not given, because another login has not ended its fetch in time */
};

/* May the key set be fetched again now? Returns 0 with *grant and, if it is not given, the
 * newest key set that the module has appended to cached (max at least MESSAGE_STORE_MAX); or a
 * result code.
 */
int prompt_refetch(
    const struct channel *, const char *why, struct grant *grant, struct buffer *cached);

#endif
