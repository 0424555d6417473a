/* SPDX-License-Identifier: MIT
 *
 * Why something did not work, beyond what its result code says (result.h). Handed down to
 * whatever may fail; the function that chooses the code writes it.
 */
#ifndef COMMON_REASON_H
#define COMMON_REASON_H

#define REASON_MAX 512 /* bytes with NUL; a syslog line holds 1 KiB */

/* Both printable, both "" when the code's own words are enough. */
struct reason {
	char detail[REASON_MAX]; /* for the log */
	char message[REASON_MAX]; /* for the person, instead of the code's sentence */
};

/* Writes the detail and returns result, so that a check is one statement. Text from the
 * network may be formatted: it is made printable here. NULL is accepted. */
int reason_set(struct reason *, int result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for the message. Returns result. */
int reason_tell(struct reason *, int result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "step: " in front of the detail, or "step" where there is none. Returns result. */
int reason_at(struct reason *, int result, const char *step);

/* The failure did not matter after all. */
void reason_clear(struct reason *);

#endif
