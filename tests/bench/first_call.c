/* SPDX-License-Identifier: MIT
 *
 * first_call CONFDIR SERVICE USER: the processor time, in microseconds, of a transaction that
 * asks for account alone, in a process that has loaded nothing before.
 */
#include <security/pam_appl.h>
#include <stdio.h>
#include <time.h>

static double now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

int main(int argc, char **argv)
{
	const struct pam_conv silent = {NULL, NULL};
	pam_handle_t *pamh = NULL;
	if (argc != 4)
		return 2;
	double start = now_us();
	if (pam_start_confdir(argv[2], argv[3], &silent, argv[1], &pamh) != PAM_SUCCESS)
		return 2;
	int rc = pam_acct_mgmt(pamh, 0);
	pam_end(pamh, rc);
	printf("%.1f\n", now_us() - start);
	return rc == PAM_SUCCESS ? 0 : 1;
}
