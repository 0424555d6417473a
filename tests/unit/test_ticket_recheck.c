/* SPDX-License-Identifier: MIT
 *
 * Asking about a ticket where memory fails. The file is included: what it calls is ours.
 * tests/pam/test_account.py has what the helper's answers do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static int calls_left = -1; /* of malloc(), until one fails; negative: none does */

static void *fake_malloc(size_t size)
{
	return calls_left >= 0 && calls_left-- == 0 ? NULL : malloc(size);
}

#define malloc fake_malloc
#include "common/buffer.c"
#undef malloc
#include "common/clock.h"
#include "common/request.h"
#include "common/result.h"
#include "common/text.h"
#include "module/file.h"
#include "module/ticket_file.h"
#include "module/transaction.h"

static size_t questions;
static bool is_locked;

static int fake_lock(uid_t uid, const char *path, int64_t deadline, int *lock)
{
	(void)uid, (void)path, (void)deadline;
	*lock = 3;
	is_locked = true;
	return 0;
}

static void fake_unlock(int *lock)
{
	*lock = -1;
	is_locked = false;
}

/* What was read before is on the disk still. */
static bool fake_read(uid_t uid, const char *path, struct ticket *ticket)
{
	(void)uid, (void)path, (void)ticket;
	return true;
}

static int fake_write(const struct ticket *ticket)
{
	(void)ticket;
	assert_true(is_locked);
	return 0;
}

struct ticket_owner transaction_owner(const struct transaction *t)
{
	return (struct ticket_owner){
	    t->user, t->uid, t->options.config, t->boot, clock_boot_ms()};
}

int transaction_ask_helper(struct transaction *t, struct request *q,
    int (*rotated)(void *, const struct field *), void *arg, struct verdict *v)
{
	(void)t, (void)q, (void)rotated, (void)arg;
	assert_true(is_locked);
	*v = (struct verdict){.helper = helper_none};
	questions++;
	return RESULT_CONNECT;
}

void transaction_revoke(struct transaction *t, const struct ticket *k)
{
	(void)t, (void)k;
	fail();
}

#define ticket_file_lock fake_lock
#define ticket_file_unlock fake_unlock
#define ticket_file_read fake_read
#define ticket_file_write fake_write
#define ticket_file_write_or_remove fake_write
#include "module/ticket_recheck.c"

/* What was sent is kept, to tell a newer token from it; without it nothing is. */
static void without_memory_nothing_is_sent(void **state)
{
	struct transaction t = {
	    .user = "alice", .uid = 1001, .boot = "boot", .options = {.config = "/etc/c.json"}};
	struct ticket k;
	const struct ticket_owner owner = transaction_owner(&t);
	(void)state;
	assert_true(ticket_begin(&k, &owner));
	k.born = k.verified = owner.now;
	k.until = owner.now + 600000;
	t.deadline = clock_ms() + 600000;
	assert_int_equal(buffer_append_text(&k.body, "body"), 0);
	for (int n = 0; n < 2; n++) {
		calls_left = n;
		assert_int_equal(ticket_recheck_run(&t, PURPOSE_REUSE, &k, false),
		    n == 0 ? RESULT_MEMORY : RESULT_CONNECT);
		calls_left = -1;
		assert_int_equal(questions, n);
		assert_false(is_locked);
		assert_string_equal(buffer_text(&k.body), "body");
	}
	ticket_wipe(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(without_memory_nothing_is_sent)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
