/* SPDX-License-Identifier: MIT
 *
 * How a transaction begins and ends, with a PAM and a host that say what seldom is said. The
 * file is included: what it calls is ours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <langinfo.h>
#include <sys/stat.h>
#include <unistd.h>

#include <security/pam_ext.h>

#include "common/clock.h"
#include "common/paths.h"
#include "common/result.h"
#include "common/text.h"
#include "module/account_record.h"
#include "module/answer.h"
#include "module/config_file.h"
#include "module/conversation.h"
#include "module/localuser.h"
#include "module/ticket_file.h"
#include "module/transaction.h"

/* What PAM says: of its items, of the user, and of an item that it cannot tell. */
static struct {
	const char *user, *service, *tty;
	int user_error;
	int broken; /* this type, although the text is there */
} pam;
/* What the host says. */
static uid_t effective_uid;
static bool has_no_name;
static const char *codeset;
/* What the helper was asked, and until when. */
static char qr[16];
static int64_t deadline;
static size_t runs;
/* What the person was told. */
static char told[256];

static int forget(void **state)
{
	(void)state;
	pam.user = "alice";
	pam.service = "login";
	pam.tty = "tty1";
	pam.user_error = PAM_SUCCESS;
	pam.broken = -1;
	effective_uid = paths.trusted_uid;
	has_no_name = false;
	codeset = "UTF-8";
	runs = 0;
	told[0] = '\0';
	return 0;
}

int pam_get_item(const pam_handle_t *pamh, int type, const void **item)
{
	(void)pamh;
	*item = type == PAM_USER      ? pam.user
		: type == PAM_SERVICE ? pam.service
		: type == PAM_TTY     ? pam.tty
				      : NULL;
	return type == pam.broken ? PAM_SYSTEM_ERR : PAM_SUCCESS;
}

int pam_get_user(pam_handle_t *pamh, const char **user, const char *text)
{
	(void)pamh, (void)text;
	*user = pam.user;
	return pam.user_error;
}

void pam_syslog(const pam_handle_t *pamh, int priority, const char *format, ...)
{
	(void)pamh, (void)priority, (void)format;
}

void conversation_tell(pam_handle_t *pamh, bool silent, bool error, const char *text)
{
	(void)pamh, (void)silent;
	assert_true(error);
	snprintf(told, sizeof(told), "%s", text);
}

int answer_prompt(const struct answer_source *source, const char *kind, const char *text,
    bool *typed, char **answer)
{
	(void)source, (void)kind, (void)text, (void)typed, (void)answer;
	return RESULT_CONVERSATION;
}

int localuser_check(const char *name, const struct options *o, uid_t *uid)
{
	(void)name, (void)o;
	*uid = 1001;
	return 0;
}

static int fake_config_file_examine(const char *path, struct stat *st, struct reason *reason)
{
	(void)path, (void)reason;
	*st = (struct stat){.st_size = 7};
	return 0;
}

static void fake_account_record_read(
    const char *name, uid_t uid, struct account_record *out, struct buffer *identity)
{
	(void)name, (void)uid, (void)identity;
	*out = (struct account_record){.counts = false};
}

static int fake_helper_client_run(
    const struct helper_client *client, struct request *q, int64_t end, struct verdict *v)
{
	(void)client;
	*v = (struct verdict){.helper = helper_none};
	if (q->options.qr != NULL)
		snprintf(qr, sizeof(qr), "%s", q->options.qr);
	deadline = end;
	runs++;
	return RESULT_CONNECT;
}

static uid_t fake_geteuid(void)
{
	return effective_uid;
}

static int fake_gethostname(char *name, size_t size)
{
	snprintf(name, size, "%s", has_no_name ? "cut-off" : "web-1");
	return has_no_name ? -1 : 0;
}

static char *fake_nl_langinfo(nl_item item)
{
	static char text[16];
	assert_int_equal(item, CODESET);
	snprintf(text, sizeof(text), "%s", codeset);
	return text;
}

#define config_file_examine fake_config_file_examine
#define account_record_read fake_account_record_read
#define helper_client_run fake_helper_client_run
#define geteuid fake_geteuid
#define gethostname fake_gethostname
#define nl_langinfo fake_nl_langinfo
#include "module/transaction.c"

static int begin_with(struct transaction *t, const char *option)
{
	static char handle; /* PAM's is never NULL */
	void *pamh = &handle;
	const char *line[] = {"config=/etc/c.json", option};
	return transaction_begin(t, pamh, 0, 2, line);
}

static int begin(struct transaction *t)
{
	return begin_with(t, "timeout=30");
}

static void who_it_is_pam_must_say(void **state)
{
	static const struct {
		int error;
		const char *user;
		int code;
	} rows[] = {
	    {PAM_SUCCESS, "alice", 0},
	    {PAM_CONV_ERR, NULL, RESULT_CONVERSATION},
	    {PAM_CONV_AGAIN, NULL, RESULT_CONVERSATION},
	    {PAM_CONV_AGAIN, "alice", RESULT_CONVERSATION},
	    {PAM_SYSTEM_ERR, "alice", RESULT_PAM_ITEM},
	    {PAM_SYSTEM_ERR, NULL, RESULT_PAM_ITEM},
	    {PAM_SUCCESS, NULL, RESULT_PAM_ITEM},
	    {PAM_SUCCESS, "", RESULT_PAM_ITEM},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct transaction t;
		pam.user_error = rows[i].error;
		pam.user = rows[i].user;
		if (begin(&t) != rows[i].code)
			fail_msg("row %zu", i);
	}
}

/* An item of which PAM says that it failed is none, whatever it left there. */
static void nor_is_there_a_service_that_pam_cannot_tell(void **state)
{
	struct transaction t;
	(void)state;
	assert_int_equal(begin(&t), 0);
	assert_string_equal(t.service, "login");
	pam.broken = PAM_SERVICE;
	assert_int_equal(begin(&t), RESULT_PAM_ITEM);
	assert_string_equal(t.service, "");
	pam.broken = -1;
	pam.service = NULL;
	assert_int_equal(begin(&t), RESULT_PAM_ITEM);
}

static void only_under_root_it_begins(void **state)
{
	struct transaction t;
	(void)state;
	effective_uid = paths.trusted_uid + 70000;
	assert_int_equal(begin(&t), RESULT_NOT_ROOT);
	effective_uid = paths.trusted_uid;
	assert_int_equal(begin(&t), 0);
}

/* A decision under one name of the host does not hold under another; without one, under none.
 */
static void a_host_without_a_name_has_a_fingerprint_of_its_own(void **state)
{
	struct transaction t;
	(void)state;
	assert_int_equal(begin(&t), 0);
	assert_int_equal(transaction_examine(&t), 0);
	assert_true(text_ends(t.fingerprint, ".web-1"));
	has_no_name = true;
	assert_int_equal(transaction_examine(&t), 0);
	assert_true(text_ends(t.fingerprint, "."));
}

static void half_blocks_show_where_the_terminal_takes_them(void **state)
{
	static const struct {
		const char *wanted, *tty, *codeset, *sent;
	} rows[] = {
	    {"qr=auto", "tty1", "UTF-8", "auto"},
	    {"qr=auto", "tty1", "ANSI_X3.4-1968", "off"},
	    {"qr=auto", "ssh", "ANSI_X3.4-1968", "auto"},
	    {"qr=utf8", "tty1", "ANSI_X3.4-1968", "utf8"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct request q = {.purpose = PURPOSE_LOGIN};
		struct transaction t;
		struct verdict v;
		pam.tty = rows[i].tty;
		codeset = rows[i].codeset;
		assert_int_equal(begin_with(&t, rows[i].wanted), 0);
		assert_int_equal(
		    transaction_ask_helper(&t, &q, NULL, NULL, &v), RESULT_CONNECT);
		assert_string_equal(qr, rows[i].sent);
	}
}

/* Nobody waits for a revocation any longer than for the sign-in, nor longer than two seconds.
 */
static void a_revocation_ends_with_the_sign_in(void **state)
{
	struct ticket k = {.body = BUFFER_INIT(64)};
	struct transaction t;
	(void)state;
	assert_int_equal(begin(&t), 0);
	transaction_revoke(&t, &k);
	assert_int_equal(runs, 0);
	buffer_append_text(&k.body, "token");
	transaction_revoke(&t, &k);
	assert_int_equal(runs, 1);
	assert_true(deadline <= clock_ms() + REVOKE_MS && deadline < t.deadline);
	t.deadline = clock_ms() + REVOKE_MS / 2;
	transaction_revoke(&t, &k);
	assert_int_equal(deadline, t.deadline);
	buffer_wipe(&k.body);
}

static void the_person_is_told_what_the_helper_says_or_what_the_code_says(void **state)
{
	struct transaction t;
	(void)state;
	assert_int_equal(begin(&t), 0);
	assert_int_equal(transaction_end(&t, "login", 0), PAM_SUCCESS);
	assert_string_equal(told, "");
	assert_int_equal(transaction_end(&t, "login", RESULT_POLICY), PAM_PERM_DENIED);
	assert_string_equal(told, result_sentence(RESULT_POLICY));
	snprintf(t.reason.message, sizeof(t.reason.message), "Sign in with another factor.");
	assert_int_equal(transaction_end(&t, "login", RESULT_POLICY), PAM_PERM_DENIED);
	assert_string_equal(told, "Sign in with another factor.");
}

#define TEST(name) cmocka_unit_test_setup(name, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(who_it_is_pam_must_say),
	    TEST(nor_is_there_a_service_that_pam_cannot_tell),
	    TEST(only_under_root_it_begins),
	    TEST(a_host_without_a_name_has_a_fingerprint_of_its_own),
	    TEST(half_blocks_show_where_the_terminal_takes_them),
	    TEST(a_revocation_ends_with_the_sign_in),
	    TEST(the_person_is_told_what_the_helper_says_or_what_the_code_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
