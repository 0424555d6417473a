/* SPDX-License-Identifier: MIT
 *
 * What a session gets, groups and claims, from a host that runs out of something. The files are
 * included: what they call is ours. tests/pam/test_reuse.py has who gets what.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <grp.h>
#include <unistd.h>

#include <security/pam_ext.h>
#include <security/pam_modutil.h>

#include "common/frame.h"
#include "common/result.h"
#include "common/text.h"
#include "module/pam_data.h"
#include "module/phases.h"
#include "module/transaction.h"

static struct allowed whom;
static int groups_left; /* calls of getgroups(), until one fails; negative: none does */
static int copies_left; /* likewise, of strndup() */
static gid_t set[8]; /* what setgroups() was given */
static size_t set_len, variables;

const struct allowed *account_allowed(struct transaction *t)
{
	(void)t;
	return &whom;
}

int localuser_check(const char *name, const struct options *o, uid_t *uid)
{
	(void)name, (void)o;
	*uid = 1001;
	return 0;
}

struct group *pam_modutil_getgrnam(pam_handle_t *pamh, const char *name)
{
	static struct group video = {.gr_gid = 44};
	(void)pamh;
	assert_string_equal(name, "video");
	return &video;
}

void pam_syslog(const pam_handle_t *pamh, int priority, const char *format, ...)
{
	(void)pamh, (void)priority, (void)format;
}

int pam_putenv(pam_handle_t *pamh, const char *variable)
{
	(void)pamh;
	assert_string_equal(variable, "OIDC_CLAIM_b=2");
	variables++;
	return PAM_SUCCESS;
}

static int fake_getgroups(int size, gid_t *gids)
{
	if (groups_left >= 0 && groups_left-- == 0)
		return -1;
	if (size > 0)
		gids[0] = 100;
	return 1;
}

static int fake_setgroups(size_t count, const gid_t *gids)
{
	assert_true(count <= sizeof(set) / sizeof(set[0]));
	memcpy(set, gids, count * sizeof(set[0]));
	set_len = count;
	return 0;
}

static char *fake_strndup(const char *text, size_t len)
{
	return copies_left >= 0 && copies_left-- == 0 ? NULL : strndup(text, len);
}

#define getgroups fake_getgroups
#define setgroups fake_setgroups
#include "module/setcred.c"
#define strndup fake_strndup
#include "module/session.c"

static int forget(void **state)
{
	(void)state;
	whom = (struct allowed){.user = "alice", .uid = 1001, .exports = BUFFER_INIT(4096)};
	groups_left = copies_left = -1;
	set_len = variables = 0;
	return 0;
}

static struct transaction of_alice(void)
{
	static char handle; /* PAM's is never NULL */
	void *pamh = &handle;
	return (struct transaction){
	    .pamh = pamh, .user = "alice", .options = {.grant = "video", .local = ""}};
}

/* A ticket never has such a name: whatever it holds, no byte is written beside the buffer. */
static void a_group_whose_name_is_too_long_is_none(void **state)
{
	struct transaction t = of_alice();
	(void)state;
	memset(whom.groups, 'g', TICKET_GROUP_MAX + 1);
	snprintf(whom.groups + TICKET_GROUP_MAX + 1, sizeof(whom.groups) - TICKET_GROUP_MAX - 1,
	    ",video");
	assert_int_equal(setcred_run(&t), 0);
	assert_int_equal(set_len, 2);
	assert_int_equal(set[0], 100);
	assert_int_equal(set[1], 44);
}

/* How many there are, and which. */
static void groups_that_cannot_be_read_are_not_replaced(void **state)
{
	(void)state;
	for (int n = 0; n < 3; n++) {
		struct transaction t = of_alice();
		snprintf(whom.groups, sizeof(whom.groups), "video");
		groups_left = n;
		assert_int_equal(setcred_run(&t), n < 2 ? RESULT_GROUPS : 0);
		assert_int_equal(set_len, n < 2 ? 0 : 2);
	}
}

static void without_memory_a_claim_is_left_out_and_the_next_is_not(void **state)
{
	struct transaction t = of_alice();
	(void)state;
	field_put_text(&whom.exports, "OIDC_CLAIM_a=1");
	field_put_text(&whom.exports, "OIDC_CLAIM_b=2");
	copies_left = 0;
	session_open(&t);
	assert_int_equal(variables, 1);
	buffer_wipe(&whom.exports);
}

#define TEST(name) cmocka_unit_test_setup(name, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_group_whose_name_is_too_long_is_none),
	    TEST(groups_that_cannot_be_read_are_not_replaced),
	    TEST(without_memory_a_claim_is_left_out_and_the_next_is_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
