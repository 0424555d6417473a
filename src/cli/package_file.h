/* SPDX-License-Identifier: MIT
 *
 * What the package database says of a file of the system: whose it is, and the digest of the
 * package's own version.
 */
#ifndef CLI_PACKAGE_FILE_H
#define CLI_PACKAGE_FILE_H

#include <stdbool.h>

struct buffer;

struct package_file {
	char package[128];
	char digest[129]; /* MD5 by dpkg, SHA-256 by rpm; hexadecimal */
};

/* Asks dpkg, or rpm where there is no dpkg. False if no package owns it. */
bool package_file_find(const char *path, struct package_file *);

/* Are these its bytes? */
bool package_file_is(const struct package_file *, const struct buffer *);

#endif
