/* SPDX-License-Identifier: MIT
 *
 * Where things are and whom they must belong to. Constants of the build, given by the
 * Makefile: an installed module takes no path and no owner from its surroundings. The test
 * build has its own values; the installed objects are checked to hold none of them.
 */
#ifndef COMMON_PATHS_H
#define COMMON_PATHS_H

#ifndef SYSCONFDIR
#error                                                                                         \
    "SYSCONFDIR, LIBEXECDIR, CACHEDIR, RUNDIR, HELPER_USER, TRUSTED_UID come from the Makefile"
#endif

#define CONFIG_PATH SYSCONFDIR "/config.json"
#define HELPER_PATH LIBEXECDIR "/helper"

#endif
