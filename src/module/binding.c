/* SPDX-License-Identifier: MIT */
#include "module/binding.h"

#include <stdlib.h>
#include <string.h>

#include "common/result.h"
#include "common/text.h"

#define BINDING_NAME "pam_cognito_oidc"

struct binding {
	char *user, *service;
	uid_t uid;
};

/* Also called in forked children (PAM_DATA_SILENT): it only frees. */
static void release(pam_handle_t *pamh, void *bound, int status)
{
	struct binding *b = bound;
	(void)pamh;
	(void)status;
	if (b == NULL)
		return;
	free(b->user);
	free(b->service);
	free(b);
}

int binding_set(pam_handle_t *pamh, const char *user, uid_t uid, const char *service)
{
	struct binding *b = calloc(1, sizeof(*b));
	if (b == NULL)
		return RESULT_MEMORY;
	b->user = strdup(user);
	b->service = strdup(service);
	b->uid = uid;
	if (b->user != NULL && b->service != NULL &&
	    pam_set_data(pamh, BINDING_NAME, b, release) == PAM_SUCCESS)
		return 0;
	release(pamh, b, 0);
	return RESULT_MEMORY;
}

void binding_clear(pam_handle_t *pamh)
{
	pam_set_data(pamh, BINDING_NAME, NULL, NULL);
}

int binding_check(pam_handle_t *pamh, const char *user, uid_t uid, const char *service)
{
	const void *item = NULL;
	if (pam_get_data(pamh, BINDING_NAME, &item) != PAM_SUCCESS || item == NULL)
		return RESULT_NOT_SIGNED_IN;
	const struct binding *b = item;
	if (!streq(b->user, user) || b->uid != uid || !streq(b->service, service))
		return RESULT_USER_CHANGED;
	return 0;
}
