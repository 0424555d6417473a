/* SPDX-License-Identifier: MIT */
#include "module/binding.h"

#include <stdlib.h>
#include <string.h>

#include "common/result.h"
#include "common/text.h"
#include "module/ticket.h"

#define BINDING_NAME "pam_cognito_oidc"
#define ALLOWED_NAME "pam_cognito_oidc.allowed"

struct binding {
	char *user, *service;
	uid_t uid;
	bool pending;
	struct ticket ticket; /* if pending */
};

/* Also called in forked children (PAM_DATA_SILENT): it only frees. */
static void release(pam_handle_t *pamh, void *bound, int status)
{
	struct binding *b = bound;
	(void)pamh;
	(void)status;
	if (b == NULL)
		return;
	ticket_wipe(&b->ticket);
	free(b->user);
	free(b->service);
	free(b);
}

int binding_set(
    pam_handle_t *pamh, const char *user, uid_t uid, const char *service, struct ticket *ticket)
{
	struct binding *b = calloc(1, sizeof(*b));
	if (b == NULL)
		return RESULT_MEMORY;
	b->user = strdup(user);
	b->service = strdup(service);
	b->uid = uid;
	if (b->user == NULL || b->service == NULL ||
	    pam_set_data(pamh, BINDING_NAME, b, release) != PAM_SUCCESS) {
		release(pamh, b, 0);
		return RESULT_MEMORY;
	}
	if (ticket != NULL) {
		b->pending = true;
		b->ticket = *ticket;
		/* The buffers have another owner now. */
		memset(ticket, 0, sizeof(*ticket));
		ticket_wipe(ticket);
	}
	return 0;
}

void binding_clear(pam_handle_t *pamh)
{
	pam_set_data(pamh, BINDING_NAME, NULL, NULL);
	pam_set_data(pamh, ALLOWED_NAME, NULL, NULL);
}

static struct binding *find(pam_handle_t *pamh)
{
	const void *item = NULL;
	if (pam_get_data(pamh, BINDING_NAME, &item) != PAM_SUCCESS)
		return NULL;
	/* PAM's data are given out as const, and are this module's own. */
	union {
		const void *given;
		struct binding *own;
	} bound = {item};
	return bound.own;
}

int binding_check(pam_handle_t *pamh, const char *user, uid_t uid, const char *service)
{
	const struct binding *b = find(pamh);
	if (b == NULL)
		return RESULT_NOT_SIGNED_IN;
	if (!streq(b->user, user) || b->uid != uid || !streq(b->service, service))
		return RESULT_USER_CHANGED;
	return 0;
}

struct ticket *binding_ticket(pam_handle_t *pamh)
{
	struct binding *b = find(pamh);
	return b != NULL && b->pending ? &b->ticket : NULL;
}

void binding_ticket_kept(pam_handle_t *pamh)
{
	struct binding *b = find(pamh);
	if (b == NULL)
		return;
	ticket_wipe(&b->ticket);
	b->pending = false;
}

/* ---- account --------------------------------------------------------------------------- */

struct allowed {
	bool somebody;
	struct binding_person person;
};

static void release_allowed(pam_handle_t *pamh, void *allowed, int status)
{
	struct allowed *a = allowed;
	(void)pamh;
	(void)status;
	if (a == NULL)
		return;
	free(a->person.user);
	free(a->person.groups);
	free(a->person.exports);
	free(a);
}

static int set_allowed(pam_handle_t *pamh, struct allowed *a)
{
	if (pam_set_data(pamh, ALLOWED_NAME, a, release_allowed) == PAM_SUCCESS)
		return 0;
	release_allowed(pamh, a, 0);
	return RESULT_MEMORY;
}

int binding_allow(
    pam_handle_t *pamh, const char *user, uid_t uid, const char *groups, const char *exports)
{
	struct allowed *a = calloc(1, sizeof(*a));
	if (a == NULL)
		return RESULT_MEMORY;
	a->somebody = true;
	a->person.user = strdup(user);
	a->person.uid = uid;
	a->person.groups = strdup(groups);
	a->person.exports = strdup(exports);
	if (a->person.user != NULL && a->person.groups != NULL && a->person.exports != NULL)
		return set_allowed(pamh, a);
	release_allowed(pamh, a, 0);
	return RESULT_MEMORY;
}

void binding_allow_nobody(pam_handle_t *pamh)
{
	struct allowed *a = calloc(1, sizeof(*a));
	/* Without memory for it at least what an earlier account said is gone. */
	pam_set_data(pamh, ALLOWED_NAME, NULL, NULL);
	if (a != NULL)
		set_allowed(pamh, a);
}

bool binding_allowed(pam_handle_t *pamh, const struct binding_person **person)
{
	const void *item = NULL;
	*person = NULL;
	if (pam_get_data(pamh, ALLOWED_NAME, &item) != PAM_SUCCESS || item == NULL)
		return false;
	const struct allowed *a = item;
	*person = a->somebody ? &a->person : NULL;
	return true;
}
