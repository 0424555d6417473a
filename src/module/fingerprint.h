/* SPDX-License-Identifier: MIT
 *
 * What a decision depends on: this configuration file as it is now, this build, this host's
 * name. A decision made under another fingerprint is worth nothing.
 */
#ifndef MODULE_FINGERPRINT_H
#define MODULE_FINGERPRINT_H

#include <sys/stat.h>

#define FINGERPRINT_MAX 320 /* nine numbers, a build, a host name */

/* Printable text without spaces. config: of the file, as fstat() told. */
void fingerprint_make(const struct stat *config, char out[FINGERPRINT_MAX]);

#endif
