/* SPDX-License-Identifier: MIT
 *
 * What a module leaves in its host after a login: footprint CONFDIR SERVICE USER PASSWORD
 * prints "RESULT private-KiB objects" as seen before pam_end().
 */
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *password;

static int converse(
    int count, const struct pam_message **m, struct pam_response **out, void *arg)
{
	(void)arg;
	*out = calloc((size_t)count, sizeof(**out));
	for (int i = 0; *out != NULL && i < count; i++)
		if (m[i]->msg_style == PAM_PROMPT_ECHO_OFF)
			(*out)[i].resp = strdup(password);
	return *out != NULL ? PAM_SUCCESS : PAM_BUF_ERR;
}

static long private_kib(void)
{
	char line[256];
	long sum = 0, kib;
	FILE *f = fopen("/proc/self/smaps_rollup", "re");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "Private_Clean: %ld kB", &kib) == 1 ||
		    sscanf(line, "Private_Dirty: %ld kB", &kib) == 1)
			sum += kib;
	if (f != NULL)
		fclose(f);
	return sum;
}

static int objects(void)
{
	char line[4096];
	int n = 0;
	FILE *f = fopen("/proc/self/maps", "re");
	/* The first segment of each mapped shared object begins at file offset 0. */
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		n += strstr(line, ".so") != NULL && strstr(line, " 00000000 ") != NULL;
	if (f != NULL)
		fclose(f);
	return n;
}

int main(int argc, char **argv)
{
	const struct pam_conv conv = {converse, NULL};
	pam_handle_t *pamh = NULL;
	if (argc != 5)
		return 2;
	password = argv[4];
	if (pam_start_confdir(argv[2], argv[3], &conv, argv[1], &pamh) != PAM_SUCCESS)
		return 2;
	int rc = pam_authenticate(pamh, 0);
	printf("%d %ld %d\n", rc, private_kib(), objects());
	pam_end(pamh, rc);
	return rc == PAM_SUCCESS ? 0 : 1;
}
