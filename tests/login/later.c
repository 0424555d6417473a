/* SPDX-License-Identifier: MIT
 *
 * Linked with --wrap=time into a helper of the tests: its clock is LATER seconds ahead.
 */
#include <stdlib.h>
#include <time.h>

time_t __real_time(time_t *out);
time_t __wrap_time(time_t *out);

time_t __wrap_time(time_t *out)
{
	const char *later = getenv("LATER");
	time_t now = __real_time(NULL) + (later != NULL ? strtol(later, NULL, 10) : 0);
	if (out != NULL)
		*out = now;
	return now;
}
