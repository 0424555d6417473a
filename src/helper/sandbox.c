/* SPDX-License-Identifier: MIT */
#include "helper/sandbox.h"

#include <limits.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "common/paths.h"
#include "common/reason.h"
#include "common/result.h"
#include "helper/confine.h"

#define ABI_WITH_PORTS 4 /* the first that knows TCP ports, Linux 6.7 */

/* NSS modules may have left connections to daemons that nobody confines. Kernels before 5.9
 * have no such call. */
static void close_others(void)
{
	if (syscall(SYS_close_range, 3, UINT_MAX, 0) == 0)
		return;
	for (int fd = 3; fd < CONFINE_FILES_MAX; fd++)
		close(fd);
}

int sandbox_close(struct sandbox *s, struct reason *reason)
{
	if (s->is_closed || paths.sanitized)
		return 0;
	/* Read now, what OpenSSL's certificate times would make libc read later. */
	tzset();
	close_others();
	int r = landlock_close(s, &s->landlock_abi, reason);
	if (r == 0)
		r = seccomp_close(reason);
	s->is_closed = r == 0;
	return r;
}

bool sandbox_is_whole(const struct sandbox *s)
{
	return s->is_closed && s->landlock_abi >= ABI_WITH_PORTS;
}

const char *sandbox_describe(const struct sandbox *s, char *out, size_t size)
{
	if (!s->is_closed)
		return "sandbox: open";
	if (s->landlock_abi == 0)
		return "sandbox: seccomp alone: this kernel has no Landlock, or it is switched "
		       "off; what the helper's user may read, the helper may";
	snprintf(out, size, "sandbox: Landlock ABI %d and seccomp%s", s->landlock_abi,
	    s->landlock_abi >= ABI_WITH_PORTS ? "" : "; this kernel does not limit TCP ports");
	return out;
}
