/* SPDX-License-Identifier: MIT */
#include "module/pam_data.h"

#include <stdlib.h>

#include "common/result.h"
#include "common/text.h"

#define NAME "pam_cognito_oidc"

/* Forked children call it, too (PAM_DATA_SILENT): it only frees. */
static void release(pam_handle_t *pamh, void *held, int status)
{
	struct pam_data *d = held;
	(void)pamh;
	(void)status;
	if (d == NULL)
		return;
	ticket_wipe(&d->ticket);
	buffer_wipe(&d->allowed.exports);
	free(d);
}

struct pam_data *pam_data_get(pam_handle_t *pamh)
{
	const void *item = NULL;
	if (pam_get_data(pamh, NAME, &item) == PAM_SUCCESS && item != NULL) {
		/* PAM hands our own memory back as const. */
		union {
			const void *given;
			struct pam_data *own;
		} held = {item};
		return held.own;
	}
	struct pam_data *d = calloc(1, sizeof(*d));
	if (d == NULL)
		return NULL;
	d->allowed.exports.max = MESSAGE_EXPORTS_MAX;
	if (pam_set_data(pamh, NAME, d, release) == PAM_SUCCESS)
		return d;
	release(pamh, d, 0);
	return NULL;
}

void pam_data_clear(pam_handle_t *pamh)
{
	pam_set_data(pamh, NAME, NULL, NULL);
}

int pam_data_check(const struct pam_data *d, const char *user, uid_t uid, const char *service)
{
	if (d == NULL || !d->signed_in)
		return RESULT_NOT_SIGNED_IN;
	if (!streq(d->user, user) || d->uid != uid || !streq(d->service, service))
		return RESULT_USER_CHANGED;
	return 0;
}
