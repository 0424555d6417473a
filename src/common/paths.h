/* SPDX-License-Identifier: MIT
 *
 * Where things are and who must own them. Constants of the build: the Makefile gives them to
 * paths.c, which is compiled once for each variant, and nothing else depends on them. An
 * installed module takes no path and no owner from its surroundings; `make check` makes sure
 * that it holds none of the test build's.
 */
#ifndef COMMON_PATHS_H
#define COMMON_PATHS_H

#include <stdbool.h>
#include <sys/types.h>

struct paths {
	const char *config; /* the default of config= */
	const char *helper; /* the program */
	const char *cache, *run; /* folders: key sets, tickets */
	const char *warm_socket; /* where a helper that is loaded already listens */
	const char *state; /* folder: what enable put aside, the accounts' tombstones */
	const char *samples; /* folder: service files for /etc/pam.d, a folder a family */
	const char *userdb; /* folder: the account records that nss-systemd reads */
	const char *module; /* this module, where libpam looks for it */
	const char *modules; /* the folder that holds it */
	const char *helper_user; /* the system user that the helper becomes */
	uid_t trusted_uid; /* who must own all of these: root, except in the test build */
	unsigned fail_delay; /* microseconds that a refusal takes (pam_fail_delay) */
	bool sanitized; /* test builds only: sanitizers and valgrind cannot run confined */
	const char *version; /* of the release, as conf/debian/changelog has it */
	/* When the warm helper ends: after so many seconds without a child, in all, and after
	 * so many children. How many it has at once. */
	unsigned service_idle, service_age, service_children, service_crowd;
	const char *build_id; /* a digest of the sources: other sources may decide otherwise */
};

extern const struct paths paths;

#endif
