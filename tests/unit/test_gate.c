/* SPDX-License-Identifier: MIT
 *
 * The module's memory of who signed in, and its judgement of local users, with a PAM and an
 * allocator that fail when they are told to. The files are included: what they call is ours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <pwd.h>
#include <security/pam_modules.h>
#include <security/pam_modutil.h>

#include "common/result.h"
#include "common/text.h"
#include "module/options.h"
#include "module/ticket.h"

typedef void release_function(pam_handle_t *, void *, int);

static struct item {
	const char *name;
	void *value;
	release_function *release;
} items[2];
static int calls_left; /* of the allocator or PAM, until one fails; negative: none does */
static size_t allocated;
static size_t wiped;
static struct passwd *account; /* what every name is looked up as */

static bool fails(void)
{
	return calls_left >= 0 && calls_left-- == 0;
}

static void *fake_calloc(size_t count, size_t size)
{
	if (fails())
		return NULL;
	allocated++;
	return calloc(count, size);
}

static char *fake_strdup(const char *text)
{
	if (fails())
		return NULL;
	allocated++;
	return strdup(text);
}

static void fake_free(void *memory)
{
	allocated -= memory != NULL ? 1 : 0;
	free(memory);
}

static struct item *item_of(const char *name)
{
	struct item *item = items;
	while (item->name != NULL && !streq(item->name, name))
		item++;
	return item;
}

static int fake_set_data(
    pam_handle_t *pamh, const char *name, void *value, release_function *release)
{
	struct item *item = item_of(name);
	if (fails())
		return PAM_BUF_ERR;
	if (item->release != NULL)
		item->release(pamh, item->value, 0);
	*item = (struct item){name, value, release};
	return PAM_SUCCESS;
}

/* As libpam: what was set to NULL is not there. */
static int fake_get_data(const pam_handle_t *pamh, const char *name, const void **out)
{
	const struct item *item = item_of(name);
	(void)pamh;
	if (item->value == NULL)
		return PAM_NO_MODULE_DATA;
	*out = item->value;
	return PAM_SUCCESS;
}

static struct passwd *fake_getpwnam(pam_handle_t *pamh, const char *name)
{
	(void)pamh;
	(void)name;
	return account;
}

static void fake_wipe(struct ticket *ticket)
{
	wiped++;
	memset(ticket, 0, sizeof(*ticket));
}

#define calloc fake_calloc
#undef strdup
#define strdup fake_strdup
#define free fake_free
#define pam_set_data fake_set_data
#define pam_get_data fake_get_data
#define pam_modutil_getpwnam fake_getpwnam
#define ticket_wipe fake_wipe
#include "module/binding.c"
#include "module/localuser.c"
#undef free
#undef calloc

static int forget(void **state)
{
	(void)state;
	calls_left = -1;
	for (size_t i = 0; i < 2; i++) {
		if (items[i].release != NULL)
			items[i].release(NULL, items[i].value, 0);
		items[i] = (struct item){.name = NULL};
	}
	wiped = 0;
	assert_int_equal(allocated, 0);
	return 0;
}

static void somebody_else_elsewhere_or_reborn_is_not_who_signed_in(void **state)
{
	static const struct {
		const char *user;
		uid_t uid;
		const char *service;
		int code;
	} rows[] = {
	    {"alice", 1001, "sshd", 0},
	    {"bob", 1001, "sshd", RESULT_USER_CHANGED},
	    {"alice", 1002, "sshd", RESULT_USER_CHANGED},
	    {"alice", 1001, "sudo", RESULT_USER_CHANGED},
	    {"bob", 1002, "sshd", RESULT_USER_CHANGED},
	    {"alice", 1002, "sudo", RESULT_USER_CHANGED},
	    {"bob", 1001, "sudo", RESULT_USER_CHANGED},
	    {"bob", 1002, "sudo", RESULT_USER_CHANGED},
	};
	(void)state;
	assert_int_equal(binding_check(NULL, "alice", 1001, "sshd"), RESULT_NOT_SIGNED_IN);
	assert_int_equal(binding_set(NULL, "alice", 1001, "sshd", NULL), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(
		    binding_check(NULL, rows[i].user, rows[i].uid, rows[i].service),
		    rows[i].code);
	binding_clear(NULL);
	assert_int_equal(binding_check(NULL, "alice", 1001, "sshd"), RESULT_NOT_SIGNED_IN);
}

static void the_last_auth_replaces_an_earlier_one(void **state)
{
	(void)state;
	assert_int_equal(binding_set(NULL, "alice", 1001, "sshd", NULL), 0);
	assert_int_equal(binding_set(NULL, "bob", 1002, "sshd", NULL), 0);
	assert_int_equal(binding_check(NULL, "alice", 1001, "sshd"), RESULT_USER_CHANGED);
	assert_int_equal(binding_check(NULL, "bob", 1002, "sshd"), 0);
}

/* The allocator or PAM fails at the first, second, ... call: nothing is bound, nothing is
 * left behind, and the ticket still is the caller's. */
static void without_memory_nobody_is_bound(void **state)
{
	(void)state;
	for (int n = 0; n < 4; n++) {
		struct ticket ticket = {.user = "alice"};
		calls_left = n;
		assert_int_equal(
		    binding_set(NULL, "alice", 1001, "sshd", &ticket), RESULT_MEMORY);
		calls_left = -1;
		assert_int_equal(
		    binding_check(NULL, "alice", 1001, "sshd"), RESULT_NOT_SIGNED_IN);
		assert_string_equal(ticket.user, "alice");
		assert_int_equal(allocated, 0);
	}
	calls_left = 4;
	assert_int_equal(binding_set(NULL, "alice", 1001, "sshd", NULL), 0);
}

static void a_ticket_is_pending_until_it_is_kept(void **state)
{
	struct ticket ticket = {.user = "alice", .born = 7};
	(void)state;
	assert_null(binding_ticket(NULL));
	binding_ticket_kept(NULL);
	assert_int_equal(binding_set(NULL, "alice", 1001, "sshd", &ticket), 0);
	assert_int_equal(ticket.born, 0);
	assert_int_equal(binding_ticket(NULL)->born, 7);
	wiped = 0;
	binding_ticket_kept(NULL);
	assert_int_equal(wiped, 1);
	assert_null(binding_ticket(NULL));
}

static void what_is_forgotten_is_wiped(void **state)
{
	struct ticket ticket = {.user = "alice"};
	(void)state;
	assert_int_equal(binding_set(NULL, "alice", 1001, "sshd", &ticket), 0);
	wiped = 0;
	binding_clear(NULL);
	assert_int_equal(wiped, 1);
	assert_int_equal(allocated, 0);
	/* PAM may call it for what was never set. */
	release(NULL, NULL, 0);
	release_allowed(NULL, NULL, 0);
	assert_int_equal(wiped, 1);
}

static void a_sign_in_without_a_ticket_has_none(void **state)
{
	(void)state;
	assert_int_equal(binding_set(NULL, "alice", 1001, "sshd", NULL), 0);
	assert_null(binding_ticket(NULL));
}

static void whom_account_allowed(void **state)
{
	const struct binding_person *person = NULL;
	(void)state;
	assert_false(binding_allowed(NULL, &person));
	assert_null(person);
	assert_int_equal(binding_allow(NULL, "alice", 1001, "video", "A=b\n"), 0);
	assert_true(binding_allowed(NULL, &person));
	assert_string_equal(person->user, "alice");
	assert_int_equal(person->uid, 1001);
	assert_string_equal(person->groups, "video");
	assert_string_equal(person->exports, "A=b\n");
	binding_allow_nobody(NULL);
	assert_true(binding_allowed(NULL, &person));
	assert_null(person);
	binding_clear(NULL);
	assert_false(binding_allowed(NULL, &person));
}

static void without_memory_nobody_is_allowed(void **state)
{
	const struct binding_person *person = NULL;
	(void)state;
	for (int n = 0; n < 5; n++) {
		calls_left = n;
		assert_int_equal(binding_allow(NULL, "alice", 1001, "", ""), RESULT_MEMORY);
		calls_left = -1;
		assert_false(binding_allowed(NULL, &person));
		assert_int_equal(allocated, 0);
	}
	assert_int_equal(binding_allow(NULL, "alice", 1001, "", ""), 0);
	calls_left = 0;
	binding_allow_nobody(NULL);
	calls_left = -1;
	assert_false(binding_allowed(NULL, &person));
	assert_null(person);
}

/* ---- local users --------------------------------------------------------------------- */

static int check(const char *name, const struct options *o, uid_t *uid)
{
	*uid = 7;
	return localuser_check(NULL, name, o, uid);
}

static void who_may_sign_in_here(void **state)
{
	static char alice[] = "alice", folded[] = "Alice";
	static const struct {
		const char *name;
		char *found; /* NULL: nobody */
		uid_t uid;
		bool allow_root;
		const char *local;
		int code;
	} rows[] = {
	    {"alice", alice, 1000, false, "", 0},
	    {"alice", alice, 1001, true, "", 0},
	    {"alice", alice, 999, false, "", RESULT_USER_BELOW_MIN_UID},
	    {"alice", alice, 999, true, "", RESULT_USER_BELOW_MIN_UID},
	    {"alice", alice, 1, false, "", RESULT_USER_BELOW_MIN_UID},
	    {"alice", alice, 0, false, "", RESULT_USER_ROOT},
	    {"alice", alice, 0, true, "", 0},
	    {"alice", alice, 1000, false, "bob,alice", RESULT_USER_LOCAL},
	    {"alice", alice, 0, true, "alice", RESULT_USER_LOCAL},
	    {"alice", alice, 1000, false, "alic,Alice", 0},
	    {"alice", alice, (uid_t)-1, false, "", RESULT_USER_UNKNOWN},
	    {"alice", folded, 1000, false, "", RESULT_USER_UNKNOWN},
	    {"alice", NULL, 1000, false, "", RESULT_USER_UNKNOWN},
	    {"", alice, 1000, false, "", RESULT_USER_UNKNOWN},
	    {NULL, alice, 1000, false, "", RESULT_USER_UNKNOWN},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct options o = {
		    .min_uid = 1000, .local = rows[i].local, .allow_root = rows[i].allow_root};
		struct passwd pw = {.pw_name = rows[i].found, .pw_uid = rows[i].uid};
		uid_t uid;
		account = rows[i].found != NULL ? &pw : NULL;
		if (check(rows[i].name, &o, &uid) != rows[i].code)
			fail_msg("row %zu", i);
		assert_int_equal(uid, rows[i].code == 0 ? rows[i].uid : (uid_t)-1);
	}
}

/* Whatever a directory makes of "", or of a name that no buffer here holds. */
static void a_name_that_is_none_is_not_looked_up(void **state)
{
	const struct options o = {.min_uid = 1000, .local = ""};
	char name[LOCALUSER_NAME_MAX + 2], empty[] = "";
	struct passwd pw = {.pw_name = name, .pw_uid = 1000};
	uid_t uid;
	(void)state;
	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	account = &pw;
	assert_int_equal(check(name, &o, &uid), RESULT_USER_UNKNOWN);
	name[LOCALUSER_NAME_MAX] = '\0';
	assert_int_equal(check(name, &o, &uid), 0);
	pw.pw_name = empty;
	assert_int_equal(check("", &o, &uid), RESULT_USER_UNKNOWN);
}

static void whom_the_pool_does_not_know(void **state)
{
	(void)state;
	assert_true(localuser_is_unmanaged(RESULT_USER_ROOT, (uid_t)-1));
	assert_true(localuser_is_unmanaged(RESULT_USER_BELOW_MIN_UID, (uid_t)-1));
	assert_true(localuser_is_unmanaged(RESULT_USER_LOCAL, (uid_t)-1));
	assert_true(localuser_is_unmanaged(0, 0));
	assert_false(localuser_is_unmanaged(0, 1000));
	assert_false(localuser_is_unmanaged(RESULT_USER_UNKNOWN, (uid_t)-1));
	assert_false(localuser_is_unmanaged(RESULT_MEMORY, (uid_t)-1));
}

#define TEST(name) cmocka_unit_test_teardown(name, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(somebody_else_elsewhere_or_reborn_is_not_who_signed_in),
	    TEST(the_last_auth_replaces_an_earlier_one),
	    TEST(without_memory_nobody_is_bound),
	    TEST(a_ticket_is_pending_until_it_is_kept),
	    TEST(what_is_forgotten_is_wiped),
	    TEST(a_sign_in_without_a_ticket_has_none),
	    TEST(whom_account_allowed),
	    TEST(without_memory_nobody_is_allowed),
	    TEST(who_may_sign_in_here),
	    TEST(a_name_that_is_none_is_not_looked_up),
	    TEST(whom_the_pool_does_not_know),
	};
	calls_left = -1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
