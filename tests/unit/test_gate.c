/* SPDX-License-Identifier: MIT
 *
 * The module's memory of who signed in, what auth and account write into it, its judgement of
 * local users and of who has started the host, with a PAM and an allocator that fail when they
 * are told to. The files are included: what they call is ours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>
#include <pwd.h>
#include <security/pam_modules.h>

#include "common/result.h"
#include "common/text.h"
#include "module/pending_try.h"
#include "module/answer.h"
#include "module/options.h"
#include "module/ticket.h"
#include "module/ticket_file.h"
#include "module/ticket_recheck.h"
#include "module/transaction.h"

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
static int account_error; /* why nobody could say */
/* What the module's other files say, and how often they were asked. */
static int same, examined, judged, kept;
static size_t examinations, kept_times, replacements, rechecks, noted;
static struct ticket on_disk;
static bool is_on_disk;
static const char *started_by; /* PAM_RUSER */
static int started_by_error;
static uid_t real_uid;
static bool has_expired; /* an expired ticket went to the helper */

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

static void *fake_malloc(size_t size)
{
	if (fails())
		return NULL;
	allocated++;
	return malloc(size);
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

static int fake_getpwnam_r(
    const char *name, struct passwd *pw, char *entry, size_t size, struct passwd **found)
{
	(void)name, (void)entry, (void)size;
	*found = account != NULL ? pw : NULL;
	if (account != NULL)
		*pw = *account;
	return account_error;
}

static void fake_wipe(struct ticket *ticket)
{
	wiped++;
	ticket_wipe(ticket);
}

/* It is read once. */
static bool fake_read(uid_t uid, const char *path, struct ticket *ticket)
{
	bool is_there = is_on_disk;
	(void)uid, (void)path;
	if (is_there)
		*ticket = on_disk;
	is_on_disk = false;
	return is_there;
}

static uid_t fake_getuid(void)
{
	return real_uid;
}

int transaction_still_the_same(struct transaction *t)
{
	(void)t;
	return same;
}

int transaction_examine(struct transaction *t)
{
	(void)t;
	examinations++;
	return examined;
}

int ticket_recheck_judge(struct transaction *t, const struct ticket *k)
{
	(void)t, (void)k;
	return judged;
}

bool ticket_recheck_holds(const struct transaction *t, const struct ticket *k)
{
	(void)t, (void)k;
	return true;
}

int ticket_recheck_keep(struct transaction *t, const struct ticket *k)
{
	(void)t, (void)k;
	kept_times++;
	return kept;
}

void ticket_recheck_replace(struct transaction *t, int result, const struct ticket *fresh)
{
	(void)t, (void)result, (void)fresh;
	replacements++;
}

int ticket_recheck_run(
    struct transaction *t, enum purpose purpose, struct ticket *k, bool pending)
{
	(void)t, (void)purpose, (void)k, (void)pending;
	rechecks++;
	return 0;
}

struct ticket_owner transaction_owner(const struct transaction *t)
{
	return (struct ticket_owner){t->user, t->uid, "/etc/c.json", "boot", 0};
}

/* No helper can be started: who gets here was to be asked. */
int transaction_ask_helper(struct transaction *t, struct request *q,
    int (*rotated)(void *, const struct field *), void *arg, struct verdict *v)
{
	(void)t, (void)rotated, (void)arg;
	has_expired = q->expired.len > 0;
	*v = (struct verdict){.helper = helper_none};
	return RESULT_HELPER_START;
}

int answer_prompt(const struct answer_source *source, const char *kind, const char *text,
    bool *typed, char **answer)
{
	(void)source, (void)kind, (void)text, (void)typed, (void)answer;
	return RESULT_CONVERSATION;
}

void pending_try_note(const char *service, const char *user)
{
	(void)service, (void)user;
	noted++;
}

int pam_get_item(const pam_handle_t *pamh, int type, const void **item)
{
	(void)pamh;
	assert_int_equal(type, PAM_RUSER);
	*item = started_by;
	return started_by_error;
}

#define calloc fake_calloc
#define malloc fake_malloc
#define free fake_free
#define pam_set_data fake_set_data
#define pam_get_data fake_get_data
#define getpwnam_r fake_getpwnam_r
#include "common/buffer.c"
#define ticket_wipe fake_wipe
#define ticket_file_read fake_read
#define getuid fake_getuid
#include "module/account.c"
#include "module/authenticate.c"
#include "module/localuser.c"
#include "module/pam_data.c"
#include "module/password.c"
#undef free
#undef malloc
#undef calloc
#undef ticket_wipe

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
	account = NULL;
	account_error = 0;
	same = examined = judged = kept = 0;
	examinations = kept_times = replacements = rechecks = noted = 0;
	started_by = NULL;
	started_by_error = 0;
	real_uid = paths.trusted_uid;
	is_on_disk = has_expired = false;
	assert_int_equal(allocated, 0);
	return 0;
}

/* ---- who signed in ---------------------------------------------------------------------- */

/* What transaction_begin() and localuser_check() would have made of it. */
static struct transaction of(const char *user, uid_t uid, const char *service)
{
	static char handle; /* PAM's is never NULL */
	void *pamh = &handle;
	struct transaction t = {
	    .pamh = pamh, .uid = uid, .options = {.min_uid = 1000, .local = ""}};
	snprintf(t.user, sizeof(t.user), "%s", user);
	snprintf(t.service, sizeof(t.service), "%s", service);
	return t;
}

/* The end of auth. */
static int sign(const char *user, uid_t uid, const char *service, struct ticket *ticket)
{
	struct transaction t = of(user, uid, service);
	return pass_gate(&t, ticket, 0);
}

static int check_data(const char *user, uid_t uid, const char *service)
{
	return pam_data_check(pam_data_get(NULL), user, uid, service);
}

/* A ticket with a decision about sshd and an export. */
static struct ticket signed_in(void)
{
	const struct ticket_owner owner = {"alice", 1001, "/etc/c.json", "boot", 0};
	struct ticket t;
	assert_true(ticket_begin(&t, &owner));
	t.born = 7;
	field_put_text(&t.decisions, "sshd");
	field_put_text(&t.decisions, "60");
	field_put_text(&t.decisions, "video");
	field_put_text(&t.decisions, "the rule");
	field_put_text(&t.exports, "OIDC_CLAIM_A=b");
	return t;
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
	assert_int_equal(pam_data_check(NULL, "alice", 1001, "sshd"), RESULT_NOT_SIGNED_IN);
	assert_int_equal(check_data("alice", 1001, "sshd"), RESULT_NOT_SIGNED_IN);
	assert_int_equal(check_data("", 0, ""), RESULT_NOT_SIGNED_IN);
	assert_int_equal(sign("alice", 1001, "sshd", NULL), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(
		    check_data(rows[i].user, rows[i].uid, rows[i].service), rows[i].code);
	pam_data_clear(NULL);
	assert_int_equal(check_data("alice", 1001, "sshd"), RESULT_NOT_SIGNED_IN);
}

static void the_last_auth_replaces_an_earlier_one(void **state)
{
	(void)state;
	assert_int_equal(sign("alice", 1001, "sshd", NULL), 0);
	pam_data_clear(NULL); /* as every auth begins */
	assert_int_equal(sign("bob", 1002, "sshd", NULL), 0);
	assert_int_equal(check_data("alice", 1001, "sshd"), RESULT_USER_CHANGED);
	assert_int_equal(check_data("bob", 1002, "sshd"), 0);
}

/* The allocator or PAM fails at the first or the second call: nobody is signed in, nothing is
 * left behind, and the ticket still is the caller's. */
static void without_memory_nobody_is_signed_in(void **state)
{
	(void)state;
	for (int n = 0; n < 2; n++) {
		struct ticket ticket = {.user = "alice"};
		calls_left = n;
		assert_int_equal(sign("alice", 1001, "sshd", &ticket), RESULT_MEMORY);
		assert_int_equal(allocated, 0);
		calls_left = n;
		assert_int_equal(check_data("alice", 1001, "sshd"), RESULT_NOT_SIGNED_IN);
		calls_left = -1;
		assert_int_equal(check_data("alice", 1001, "sshd"), RESULT_NOT_SIGNED_IN);
		assert_string_equal(ticket.user, "alice");
		forget(NULL);
	}
	calls_left = 2;
	assert_int_equal(sign("alice", 1001, "sshd", NULL), 0);
}

static void a_host_that_changed_the_user_signs_nobody_in(void **state)
{
	struct ticket ticket = {.user = "alice"};
	(void)state;
	same = RESULT_USER_CHANGED;
	assert_int_equal(sign("alice", 1001, "sshd", &ticket), RESULT_USER_CHANGED);
	assert_int_equal(check_data("alice", 1001, "sshd"), RESULT_NOT_SIGNED_IN);
	assert_string_equal(ticket.user, "alice");
}

static void a_ticket_is_pending_until_it_is_kept(void **state)
{
	static char name[] = "alice";
	struct passwd pw = {.pw_name = name, .pw_uid = 1001};
	struct ticket ticket = signed_in();
	struct transaction t = of("alice", 1001, "sshd");
	(void)state;
	account = &pw;
	assert_false(pam_data_get(NULL)->pending);
	assert_int_equal(sign("alice", 1001, "sshd", &ticket), 0);
	assert_int_equal(ticket.born, 0);
	assert_null(ticket.decisions.bytes);
	assert_true(pam_data_get(NULL)->pending);
	assert_int_equal(pam_data_get(NULL)->ticket.born, 7);
	wiped = 0;
	kept = RESULT_TICKET_KEEP;
	assert_int_equal(account_run(&t), RESULT_TICKET_KEEP);
	assert_int_equal(wiped, 0);
	assert_int_equal(replacements, 1);
	assert_true(pam_data_get(NULL)->pending);
	assert_null(account_allowed(&t));
	kept = 0;
	assert_int_equal(account_run(&t), 0);
	assert_int_equal(wiped, 1);
	assert_int_equal(kept_times, 2);
	assert_int_equal(replacements, 1);
	assert_false(pam_data_get(NULL)->pending);
	assert_int_equal(pam_data_get(NULL)->ticket.born, 0);
}

static void what_is_forgotten_is_wiped(void **state)
{
	struct ticket ticket = signed_in();
	(void)state;
	assert_int_equal(sign("alice", 1001, "sshd", &ticket), 0);
	wiped = 0;
	pam_data_clear(NULL);
	assert_int_equal(wiped, 1);
	assert_int_equal(allocated, 0);
	/* PAM may call it for what was never set. */
	release(NULL, NULL, 0);
	assert_int_equal(wiped, 1);
}

static void a_sign_in_without_a_ticket_has_none(void **state)
{
	(void)state;
	assert_int_equal(sign("alice", 1001, "sshd", NULL), 0);
	assert_false(pam_data_get(NULL)->pending);
	assert_int_equal(pam_data_get(NULL)->ticket.born, 0);
}

/* ---- whom account allowed --------------------------------------------------------------- */

static void whom_account_allowed(void **state)
{
	static char name[] = "alice";
	struct passwd pw = {.pw_name = name, .pw_uid = 1001};
	struct ticket ticket = signed_in();
	struct transaction t = of("alice", 1001, "sshd");
	const struct allowed *a = NULL;
	struct field rest, one;
	(void)state;
	account = &pw;
	/* Neither has run here: the ticket on the disk is looked for, and there is none. */
	assert_null(account_allowed(&t));
	assert_int_equal(examinations, 1);
	/* auth has, and account has not: it is not looked for. */
	assert_int_equal(sign("alice", 1001, "sshd", &ticket), 0);
	assert_null(account_allowed(&t));
	assert_int_equal(examinations, 1);
	assert_int_equal(account_run(&t), 0);
	assert_int_equal(noted, 1);
	a = account_allowed(&t);
	assert_non_null(a);
	assert_string_equal(a->user, "alice");
	assert_int_equal(a->uid, 1001);
	assert_string_equal(a->groups, "video");
	rest = (struct field){a->exports.bytes, a->exports.len};
	assert_true(ticket_export_next(&rest, &one));
	assert_int_equal(one.len, strlen("OIDC_CLAIM_A=b"));
	assert_memory_equal(one.bytes, "OIDC_CLAIM_A=b", one.len);
	assert_int_equal(rest.len, 0);
	/* An account that allows nobody of ours takes it back, and has spoken. */
	judged = RESULT_TICKET_NONE;
	examinations = 0;
	assert_int_equal(account_run(&t), RESULT_TICKET_NONE);
	assert_int_equal(noted, 1);
	assert_int_equal(examinations, 1);
	assert_null(account_allowed(&t));
	assert_int_equal(examinations, 1);
	assert_int_equal(pam_data_get(NULL)->allowed.exports.len, 0);
	pam_data_clear(NULL);
	assert_false(pam_data_get(NULL)->decided);
	assert_false(pam_data_get(NULL)->has_allowed);
}

/* The calls: PAM's storage, setting it, the exports. */
static void without_memory_nobody_is_allowed(void **state)
{
	static char name[] = "alice";
	struct passwd pw = {.pw_name = name, .pw_uid = 1001};
	struct transaction t = of("alice", 1001, "sshd");
	(void)state;
	for (int n = 0; n < 3; n++) {
		account = &pw;
		calls_left = n;
		assert_int_equal(account_run(&t), RESULT_MEMORY);
		calls_left = -1;
		assert_int_equal(allocated, n < 2 ? 0 : 1);
		assert_null(account_allowed(&t));
		forget(NULL);
	}
	account = &pw;
	calls_left = 3;
	assert_int_equal(account_run(&t), 0);
	assert_non_null(account_allowed(&t));
	/* At least what an earlier account said is gone. */
	calls_left = 0;
	assert_int_equal(account_run(&t), RESULT_MEMORY);
	calls_left = -1;
	assert_null(account_allowed(&t));
	assert_true(pam_data_get(NULL)->decided);
}

/* auth and account have run in another process: PAM's storage, setting it, the exports. */
static void nor_by_a_ticket_on_the_disk(void **state)
{
	static char name[] = "alice";
	struct passwd pw = {.pw_name = name, .pw_uid = 1001};
	struct transaction t = of("alice", 1001, "sshd");
	(void)state;
	for (int n = 0; n < 4; n++) {
		on_disk = signed_in();
		is_on_disk = true;
		account = &pw;
		calls_left = n;
		const struct allowed *a = account_allowed(&t);
		calls_left = -1;
		assert_int_equal(a != NULL, n == 3);
		/* Without PAM's storage nobody looks: what auth said would be in it. */
		assert_int_equal(is_on_disk, n < 2);
		assert_int_equal(examinations, n < 2 ? 0 : 1);
		if (n == 3)
			assert_string_equal(a->groups, "video");
		if (is_on_disk)
			fake_wipe(&on_disk);
		forget(NULL);
	}
}

static void nor_in_a_program_that_somebody_else_has_started_or_while_locked(void **state)
{
	static char name[] = "alice";
	struct passwd pw = {.pw_name = name, .pw_uid = 1001};
	struct transaction t = of("alice", 1001, "sudo");
	(void)state;
	account = &pw;
	on_disk = signed_in();
	is_on_disk = true;
	real_uid = paths.trusted_uid + 70000;
	assert_null(account_allowed(&t));
	real_uid = paths.trusted_uid;
	examined = RESULT_USER_LOCKED;
	assert_null(account_allowed(&t));
	assert_true(is_on_disk);
	examined = 0;
	assert_non_null(account_allowed(&t));
}

/* ---- who has started the host ---------------------------------------------------------- */

static void only_who_started_sudo_is_not_asked(void **state)
{
	static char name[] = "alice";
	static const struct {
		bool reuse;
		uid_t uid, real_uid;
		int error;
		const char *started_by; /* PAM_RUSER */
		bool reuses;
	} rows[] = {
	    {true, 1001, 1001, 0, NULL, true},
	    {true, 1001, 1001, 0, "alice", true},
	    {true, 1001, 1001, 0, "bob", false},
	    {true, 1001, 1001, 0, "", false},
	    {false, 1001, 1001, 0, NULL, false},
	    {true, 1001, 1002, 0, NULL, false},
	    {true, 0, 0, 0, NULL, false},
	    /* PAM cannot tell, whatever it left there. */
	    {true, 1001, 1001, PAM_SYSTEM_ERR, NULL, false},
	    {true, 1001, 1001, PAM_SYSTEM_ERR, "alice", false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct passwd pw = {.pw_name = name, .pw_uid = rows[i].uid};
		struct transaction t = of("alice", rows[i].uid, "sudo");
		t.options.reuse = rows[i].reuse;
		t.options.allow_root = true;
		account = &pw;
		real_uid = rows[i].real_uid;
		started_by = rows[i].started_by;
		started_by_error = rows[i].error;
		on_disk = signed_in();
		is_on_disk = true;
		assert_int_equal(
		    authenticate_run(&t), rows[i].reuses ? 0 : RESULT_HELPER_START);
		assert_int_equal(rechecks, rows[i].reuses);
		if (is_on_disk)
			fake_wipe(&on_disk);
		forget(NULL);
	}
}

/* Another one could stop the host while it holds the lock of this user's ticket. */
static void an_expired_ticket_goes_along_where_root_or_its_user_started_the_host(void **state)
{
	static char name[] = "alice";
	struct passwd pw = {.pw_name = name, .pw_uid = 1001};
	const uid_t uids[] = {paths.trusted_uid, 1001, paths.trusted_uid + 70000};
	(void)state;
	for (size_t i = 0; i < sizeof(uids) / sizeof(uids[0]); i++) {
		struct transaction t = of("alice", 1001, "login");
		account = &pw;
		real_uid = uids[i];
		on_disk = signed_in();
		on_disk.boot[0] = '\0';
		buffer_append_text(&on_disk.body, "token");
		is_on_disk = true;
		assert_int_equal(authenticate_run(&t), RESULT_HELPER_START);
		assert_int_equal(has_expired, i < 2);
		if (is_on_disk)
			fake_wipe(&on_disk);
		forget(NULL);
	}
}

static void root_changes_nobody_s_password(void **state)
{
	static char name[] = "alice";
	struct passwd pw = {.pw_name = name, .pw_uid = 1001};
	struct transaction t = of("alice", 1001, "passwd");
	(void)state;
	account = &pw;
	real_uid = 0;
	assert_int_equal(password_change(&t), RESULT_CHANGE_BY_ROOT);
	real_uid = 1001;
	assert_int_equal(password_change(&t), RESULT_HELPER_START);
}

/* ---- local users --------------------------------------------------------------------- */

static int check(const char *name, const struct options *o, uid_t *uid)
{
	*uid = 7;
	return localuser_check(name, o, uid);
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

/* A directory that does not answer has not said that there is no such user: who sees
 * PAM_USER_UNKNOWN may go on to the next module. */
static void trouble_is_not_an_unknown_user(void **state)
{
	static const struct {
		int error, code;
	} rows[] = {{0, RESULT_USER_UNKNOWN}, {ENOENT, RESULT_USER_UNKNOWN},
	    {ESRCH, RESULT_USER_UNKNOWN}, {EBADF, RESULT_USER_UNKNOWN},
	    {EPERM, RESULT_USER_UNKNOWN}, {ENOMEM, RESULT_MEMORY}, {EIO, RESULT_USER_LOOKUP},
	    {EMFILE, RESULT_USER_LOOKUP}, {ENFILE, RESULT_USER_LOOKUP},
	    {EINTR, RESULT_USER_LOOKUP}, {EAGAIN, RESULT_USER_LOOKUP},
	    {ERANGE, RESULT_USER_LOOKUP}, {ECONNREFUSED, RESULT_USER_LOOKUP},
	    {ETIMEDOUT, RESULT_USER_LOOKUP}};
	const struct options o = {.min_uid = 1000, .local = ""};
	uid_t uid;
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		account_error = rows[i].error;
		assert_int_equal(check("alice", &o, &uid), rows[i].code);
		assert_int_equal(uid, (uid_t)-1);
		assert_false(localuser_is_unmanaged(rows[i].code, uid));
	}
}

/* Nor is it another user than the one who signed in, or one whom account may ignore. */
static void trouble_after_the_sign_in_is_told_as_that(void **state)
{
	static char name[] = "alice";
	struct passwd pw = {.pw_name = name, .pw_uid = 1001};
	struct transaction t = of("alice", 1001, "sshd");
	(void)state;
	account = &pw;
	assert_int_equal(pass_gate(&t, NULL, 0), 0);
	account = NULL;
	account_error = EIO;
	assert_int_equal(account_run(&t), RESULT_USER_LOOKUP);
	assert_false(t.unmanaged);
	assert_null(account_allowed(&t));
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
	    TEST(without_memory_nobody_is_signed_in),
	    TEST(a_host_that_changed_the_user_signs_nobody_in),
	    TEST(a_ticket_is_pending_until_it_is_kept),
	    TEST(what_is_forgotten_is_wiped),
	    TEST(a_sign_in_without_a_ticket_has_none),
	    TEST(whom_account_allowed),
	    TEST(without_memory_nobody_is_allowed),
	    TEST(nor_by_a_ticket_on_the_disk),
	    TEST(nor_in_a_program_that_somebody_else_has_started_or_while_locked),
	    TEST(only_who_started_sudo_is_not_asked),
	    TEST(an_expired_ticket_goes_along_where_root_or_its_user_started_the_host),
	    TEST(root_changes_nobody_s_password),
	    TEST(who_may_sign_in_here),
	    TEST(trouble_is_not_an_unknown_user),
	    TEST(trouble_after_the_sign_in_is_told_as_that),
	    TEST(a_name_that_is_none_is_not_looked_up),
	    TEST(whom_the_pool_does_not_know),
	};
	calls_left = -1;
	real_uid = paths.trusted_uid;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
