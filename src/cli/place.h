/* SPDX-License-Identifier: MIT
 *
 * The files that enable puts in place for a service, and what STATEDIR knows of each:
 *
 *   enable/NAME.original   what was there, with owner, mode, times and attributes; or
 *   enable/NAME.absent     that nothing was there
 *   enable/NAME.placed     what enable has put there
 *
 * The original is saved before anything else, and removed last. A file that names the module is
 * never saved as one.
 */
#ifndef CLI_PLACE_H
#define CLI_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/original.h"

#define PLACES_FOLDER "/enable" /* below paths.state */
#define PLACE_SSHD_CONFIG "/etc/ssh/sshd_config.d/00-pam_cognito_oidc.conf"
#define PLACE_WORDS "sshd|login|su|sudo" /* the services of enable */

struct place {
	const char *service; /* of enable */
	const char *name; /* in STATEDIR; of a PAM service its own */
	const char *path;
};

/* In the order of putting; taking back goes the other way. Ended by one without a name. */
extern const struct place places[];

enum place_state {
	PLACE_FREE, /* nothing of ours */
	PLACE_OURS, /* as enable has put it */
	PLACE_CHANGED, /* enable has put it, and it has changed since */
	PLACE_FOREIGN, /* names the module, but enable did not put it */
	PLACE_WRONG, /* cannot be replaced; original_read() has said why */
};

/* The distribution's family by its /etc/pam.d, a folder below paths.samples; NULL if it is none
 * that has samples. */
const char *place_family(void);

/* Reads the file and what STATEDIR knows of it. now and placed are the caller's to free in any
 * case; either may be NULL. */
enum place_state place_examine(
    const struct place *, struct original *now, struct original *placed);

#define PLACE_BESIDE_SIZE 128 /* the paths of places[] have some 50 bytes */
/* A name beside the file that is free, for what somebody else wrote there: its path and the
 * suffix, and then ".2" to ".99". False after complaining: none is. */
bool place_beside(const struct place *, const char *suffix, char out[PLACE_BESIDE_SIZE]);

/* Has enable put this one, or begun to? */
bool place_is_known(const struct place *);

/* Is it what was there before? */
bool place_is_original(const struct place *, const struct original *);

/* What has become of a file that enable has put, in words that follow its path; NULL if it
 * still does its work. */
const char *place_fault(const struct place *);

/* Does a line of the text name the module? */
bool place_names_us(const struct buffer *);

/* What enable would put there. sudo: the sample for sudo. *out is not there when nothing is to
 * be put: the service's file already includes the one of the service that is enabled. False
 * after complaining. */
bool place_wanted(const struct place *, const char *sudo, struct original *out);

/* The file of the package that owns this path, byte for byte as the package's database says,
 * from what package managers leave beside it. *out is not there if there is none. */
void place_of_package(const struct place *, struct original *out);

/* Saves the original, unless the place is known already, then puts the new file. False after
 * complaining; then the old file is there. */
bool place_put(
    const struct place *, const struct original *original, const struct original *wanted);

/* Puts the original back, and forgets it. What somebody else wrote meanwhile is kept beside,
 * and named. False after complaining; then everything is as it was. */
bool place_restore(const struct place *);

#endif
