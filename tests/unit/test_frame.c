/* SPDX-License-Identifier: MIT
 *
 * Frames: what is written is read again, and nothing else is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/message.h"
#include "common/result.h"

static const struct frame answer = {
    .type = FRAME_ANSWER,
    .count = ANSWER_FIELDS,
    .fields = {{"1", 1}, {"pass\0word", 9}},
};

static void every_type_is_read_as_it_was_written(void **state)
{
	(void)state;
	for (int type = FRAME_REQUEST; type <= FRAME_TICKET; type++) {
		struct frame in = {.type = (enum frame_type)type, .count = frame_fields(type)},
			     out;
		struct buffer bytes = BUFFER_INIT(FRAME_MAX + 4);
		for (size_t i = 0; i < in.count; i++)
			in.fields[i] = (struct field){"abcdefghijklmnopq", i};
		assert_int_equal(frame_encode(&in, &bytes), 0);
		assert_int_equal(frame_decode(bytes.bytes + 4, bytes.len - 4, &out), 0);
		assert_int_equal(out.type, type);
		assert_int_equal(out.count, in.count);
		for (size_t i = 0; i < out.count; i++) {
			assert_int_equal(out.fields[i].len, i);
			assert_memory_equal(out.fields[i].bytes, "abcdefghijklmnopq", i);
			assert_int_equal(out.fields[i].bytes[i], '\0');
		}
		buffer_wipe(&bytes);
	}
}

static void cut_anywhere_or_with_a_byte_more_it_is_refused(void **state)
{
	(void)state;
	struct buffer bytes = BUFFER_INIT(256);
	struct frame out;
	char copy[256];
	assert_int_equal(frame_encode(&answer, &bytes), 0);
	size_t len = bytes.len - 4;
	for (size_t n = 0; n <= len + 1; n++) {
		memset(copy, 0, sizeof(copy));
		memcpy(copy, bytes.bytes + 4, n < len ? n : len);
		assert_int_equal(
		    frame_decode(copy, n, &out), n == len ? 0 : RESULT_HELPER_FRAME);
	}
	buffer_wipe(&bytes);
}

static void unknown_types_and_wrong_counts_are_refused(void **state)
{
	(void)state;
	struct buffer bytes = BUFFER_INIT(256);
	struct frame f = answer, out;
	char unknown[] = "\x63\0\0\0\0", none[] = "\0";
	f.count = 1;
	assert_int_equal(frame_encode(&f, &bytes), RESULT_HELPER_FRAME);
	f.count = 3;
	assert_int_equal(frame_encode(&f, &bytes), RESULT_HELPER_FRAME);
	f = answer;
	f.type = (enum frame_type)99;
	assert_int_equal(frame_encode(&f, &bytes), RESULT_HELPER_FRAME);
	assert_int_equal(frame_decode(unknown, 5, &out), RESULT_HELPER_FRAME);
	assert_int_equal(frame_decode(none, 1, &out), RESULT_HELPER_FRAME);
	assert_int_equal(bytes.len, 0);
}

static void the_largest_frame_and_one_byte_more(void **state)
{
	(void)state;
	struct buffer bytes = BUFFER_INIT(FRAME_MAX + 8);
	char *big = calloc(1, FRAME_MAX);
	struct frame f = {.type = FRAME_STORE, .count = 1, .fields = {{big, FRAME_MAX - 5}}},
		     out;
	assert_non_null(big);
	assert_int_equal(frame_encode(&f, &bytes), 0);
	assert_int_equal(frame_decode(bytes.bytes + 4, bytes.len - 4, &out), 0);
	f.fields[0].len++;
	assert_int_equal(frame_encode(&f, &bytes), RESULT_HELPER_FRAME);
	assert_int_equal(
	    frame_decode(bytes.bytes + 4, FRAME_MAX + 1, &out), RESULT_HELPER_FRAME);
	free(big);
	buffer_wipe(&bytes);
}

static void across_a_socket_and_at_its_end(void **state)
{
	(void)state;
	int fds[2];
	struct buffer in = BUFFER_INIT(FRAME_MAX);
	struct frame f;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(frame_send(fds[0], &answer, clock_ms() + 1000), 0);
	assert_int_equal(frame_receive(fds[1], &in, &f, clock_ms() + 1000), 0);
	assert_int_equal(f.fields[ANSWER_TEXT].len, 9);
	assert_null(message_text(&f, ANSWER_TEXT, 100)); /* it holds a NUL */
	assert_string_equal(message_text(&f, ANSWER_TYPED, 1), "1");
	assert_null(message_text(&f, ANSWER_TYPED, 0));
	assert_int_equal(frame_receive(fds[1], &in, &f, clock_ms() + 20), RESULT_DEADLINE);
	assert_int_equal(send(fds[0], "\0\0\0\x10\x03", 5, 0), 5);
	close(fds[0]);
	assert_int_equal(frame_receive(fds[1], &in, &f, clock_ms() + 1000), RESULT_HELPER_LOST);
	assert_int_equal(frame_send(fds[1], &answer, clock_ms() + 1000), RESULT_HELPER_LOST);
	close(fds[1]);
	buffer_wipe(&in);
}

static void a_peer_that_does_not_read_is_given_up_at_the_deadline(void **state)
{
	(void)state;
	int fds[2], r = 0;
	char *big = calloc(1, FRAME_MAX);
	const struct frame f = {
	    .type = FRAME_STORE, .count = 1, .fields = {{big, FRAME_MAX - 5}}};
	assert_non_null(big);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	for (int i = 0; r == 0 && i < 64; i++)
		r = frame_send(fds[0], &f, clock_ms() + 20);
	assert_int_equal(r, RESULT_DEADLINE);
	close(fds[0]);
	close(fds[1]);
	free(big);
}

static void flags_are_one_or_zero(void **state)
{
	(void)state;
	struct frame f = {
	    .type = FRAME_INFO, .count = INFO_FIELDS, .fields = {{"1", 1}, {"x", 1}}};
	bool bad = false;
	assert_true(message_flag(&f, INFO_ERROR, &bad));
	f.fields[0].bytes = "0";
	assert_false(message_flag(&f, INFO_ERROR, &bad));
	assert_false(bad);
	assert_false(message_flag(&f, INFO_TEXT, &bad));
	assert_true(bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_type_is_read_as_it_was_written),
	    cmocka_unit_test(cut_anywhere_or_with_a_byte_more_it_is_refused),
	    cmocka_unit_test(unknown_types_and_wrong_counts_are_refused),
	    cmocka_unit_test(the_largest_frame_and_one_byte_more),
	    cmocka_unit_test(across_a_socket_and_at_its_end),
	    cmocka_unit_test(a_peer_that_does_not_read_is_given_up_at_the_deadline),
	    cmocka_unit_test(flags_are_one_or_zero),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
