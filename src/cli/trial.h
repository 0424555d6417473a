/* SPDX-License-Identifier: MIT
 *
 * What enable and disable share: one lock over STATEDIR, and the pending try. A try is the file
 * STATEDIR/try: lines "end BOOT_ID MS" (CLOCK_BOOTTIME), "command PID START" (start: field 22
 * of proc(5)'s stat), and "file PATH ORIGINAL" for each file, in the order of putting. It is
 * written before the first of these files changes, and removed when all of them are back or
 * kept.
 */
#ifndef CLI_TRIAL_H
#define CLI_TRIAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cli/place.h"
#include "module/ticket.h"

struct output;

#define TRIAL_PLACES_MOST 8 /* as many as there are */
#define TRIAL_SECONDS 300
#define TRIAL_SECONDS_LEAST 30 /* to log in once, in another terminal */
#define TRIAL_SECONDS_MOST 3600

struct trial {
	char boot[TICKET_BOOT_MAX + 1]; /* the boot in which it was begun */
	int64_t end; /* clock_boot_ms() */
	pid_t command; /* enable, which waits */
	unsigned long long start; /* tells a pid from its next owner */
	const struct place *places[TRIAL_PLACES_MOST + 1]; /* ended by NULL */
};

/* Takes the lock; the descriptor to close, or -1 after complaining. waits: until another
 * command is done, for the undo; else that is refused. */
int trial_lock(bool waits);

bool trial_is_pending(void);

/* The pending try; what the file does not say or says wrong is taken for over. Without its list
 * of files, all that enable has put. */
void trial_read(struct trial *);

/* Begins one of this process for so many seconds, with an empty list of who was allowed. False
 * after complaining. */
bool trial_begin(const struct place *const *list, unsigned long seconds);

/* Is its time over, its command gone, or the boot another one? */
bool trial_is_over(const struct trial *);

/* Was somebody allowed for this service since it began who is neither root nor a member of
 * breakglass? */
bool trial_saw(const char *service);

/* It is over, whatever became of the files. False after complaining. */
bool trial_forget(void);

/* Puts every original back, the last one first, and reloads sshd if that is due. Reports each.
 * False if one could not be put back: then the try stays pending. The lock is held. */
bool trial_undo(struct output *);

/* Can a try be undone at the next boot, and when its command dies? False after complaining. */
bool trial_is_possible(void);

/* Starts the unit that waits for its end. False after complaining. */
bool trial_watch(void);

/* Takes the places of the list back, the last one first. reloads: the running sshd has read the
 * one that is its own, and is told. Reports each. */
bool trial_take_back(struct output *, const struct place *const *list, bool reloads);

#endif
