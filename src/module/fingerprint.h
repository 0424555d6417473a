/* SPDX-License-Identifier: MIT
 *
 * By what a decision was made: this configuration file as it is now, this build, this host
 * by its name. A rule's decision that is kept is worth nothing under another fingerprint.
 */
#ifndef MODULE_FINGERPRINT_H
#define MODULE_FINGERPRINT_H

#include <sys/stat.h>

#define FINGERPRINT_MAX 320 /* nine numbers, a build, a host name */

/* Printable text without spaces. config: of the file, as fstat() told. */
void fingerprint_make(const struct stat *config, char out[FINGERPRINT_MAX]);

#endif
