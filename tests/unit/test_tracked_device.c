/* SPDX-License-Identifier: MIT
 *
 * The verifier of a tracked device belongs to the salt beside it. The pool never asks for the
 * password, so no login would notice another one. The randomness and the pool are this
 * program's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "helper/flow/flow.h"
#include "helper/flow/srp.h"
#include "helper/flow/tracked_device.h"
#include "helper/json/json.h"
#include "helper/net/cognito_api.h"
#include "helper/token/base64url.h"

#define SALT_BYTES 16
#define PASSWORD_BYTES 40

int __wrap_RAND_priv_bytes(unsigned char *, int);
int __wrap_flow_call(struct flow *, const struct cognito_request *, struct json **);
int64_t __wrap_http_deadline(struct http *, int64_t);

static unsigned char drawn[SALT_BYTES + PASSWORD_BYTES];
static char verifier[SRP_VERIFIER_MAX], salt[BASE64_ENCODED(SALT_BYTES)];
static size_t calls;

int __wrap_RAND_priv_bytes(unsigned char *out, int len)
{
	for (size_t i = 0; i < (size_t)len; i++)
		out[i] = drawn[i % sizeof(drawn)];
	return 1;
}

int __wrap_flow_call(
    struct flow *flow, const struct cognito_request *request, struct json **answer)
{
	(void)flow;
	calls++;
	assert_string_equal(request->operation, "ConfirmDevice");
	assert_string_equal(request->parameters[0].name, "PasswordVerifier");
	assert_string_equal(request->parameters[1].name, "Salt");
	snprintf(verifier, sizeof(verifier), "%s", request->parameters[0].value);
	snprintf(salt, sizeof(salt), "%s", request->parameters[1].value);
	*answer = NULL;
	return 0;
}

int64_t __wrap_http_deadline(struct http *http, int64_t deadline)
{
	(void)http;
	return deadline;
}

static void the_verifier_is_of_the_salt_and_the_password(void **state)
{
	static const unsigned char firsts[] = {0x00, 0x40, 0x7f, 0x80, 0xff};
	char hex[2 * SALT_BYTES + 1] = "", password[BASE64_ENCODED(PASSWORD_BYTES)];
	char expected[SRP_VERIFIER_MAX], expected_salt[BASE64_ENCODED(SALT_BYTES)];
	const struct srp_challenge device = {
	    .pool_name = "-group", .user_id = "a-key", .password = password, .salt = hex};
	struct flow flow = {.host = "", .device_key = "a-key", .device_group_key = "-group"};
	(void)state;
	for (size_t n = 0; n < sizeof(firsts); n++) {
		struct srp *srp = NULL;
		unsigned char raw[SALT_BYTES];
		for (size_t i = 0; i < sizeof(drawn); i++)
			drawn[i] = (unsigned char)(firsts[n] + 37 * i);
		memcpy(raw, drawn, sizeof(raw));
		/* Neither a sign nor a spare byte: what Java reads back is what was written. */
		raw[0] = (raw[0] & 0x3f) | 0x40;
		for (size_t i = 0; i < SALT_BYTES; i++)
			snprintf(hex + 2 * i, sizeof(hex) - 2 * i, "%02x", raw[i]);
		base64_encode(raw, SALT_BYTES, expected_salt);
		base64_encode(drawn + SALT_BYTES, PASSWORD_BYTES, password);
		assert_int_equal(srp_new_random(NULL, &srp), 0);
		assert_int_equal(srp_verifier(srp, &device, expected), 0);
		srp_free(srp);
		calls = 0;
		tracked_device_confirm(&flow);
		assert_int_equal(calls, 1);
		assert_string_equal(salt, expected_salt);
		assert_string_equal(verifier, expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_verifier_is_of_the_salt_and_the_password),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
