/* SPDX-License-Identifier: MIT */
#include "helper/flow/tracked_device.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/result.h"
#include "helper/flow/flow.h"
#include "helper/flow/srp.h"
#include "helper/json/json.h"
#include "helper/net/cognito_api.h"
#include "helper/token/base64url.h"

#define PASSWORD_BYTES 40 /* as many as Amazon's own clients use */
#define SALT_BYTES 16
#define CONFIRM_MS 10000 /* the verdict waits for this */

/* The salt, and the verifier of a random password that nobody will know. */
static int draw(const struct flow *flow, char *verifier, char *salt)
{
	unsigned char raw[SALT_BYTES + PASSWORD_BYTES];
	char password[BASE64_ENCODED(PASSWORD_BYTES)], hex[2 * SALT_BYTES + 1];
	struct srp *srp = NULL;
	const struct srp_challenge device = {.pool_name = flow->device_group_key,
	    .user_id = flow->device_key,
	    .password = password,
	    .salt = hex};
	int r = RAND_priv_bytes(raw, sizeof(raw)) == 1 ? srp_new_random(flow->srp_group, &srp)
						       : RESULT_MEMORY;
	/* Java writes a number without spare bytes, and with one more if the top bit is set. */
	raw[0] = (raw[0] & 0x3f) | 0x40;
	for (size_t i = 0; i < SALT_BYTES; i++)
		snprintf(hex + 2 * i, 3, "%02x", raw[i]);
	base64_encode(raw, SALT_BYTES, salt);
	base64_encode(raw + SALT_BYTES, PASSWORD_BYTES, password);
	if (r == 0)
		r = srp_verifier(srp, &device, verifier);
	srp_free(srp);
	explicit_bzero(raw, sizeof(raw));
	explicit_bzero(password, sizeof(password));
	return r;
}

void tracked_device_confirm(struct flow *flow)
{
	char verifier[SRP_VERIFIER_MAX], salt[BASE64_ENCODED(SALT_BYTES)];
	const struct reason before = flow->reason;
	struct json *answer = NULL;
	if (flow->device_key == NULL)
		return;
	const char *host = flow->host[0] != '\0' ? flow->host : "this host";
	const struct cognito_request request = {
	    .operation = "ConfirmDevice",
	    .members = {{"AccessToken", flow->access_token}, {"DeviceKey", flow->device_key},
		{"DeviceName", host}},
	    .object = "DeviceSecretVerifierConfig",
	    .parameters = {{"PasswordVerifier", verifier}, {"Salt", salt}},
	    .repeat = HTTP_REPEAT_FAILED,
	};
	int64_t deadline = http_deadline(flow->http, clock_ms() + CONFIRM_MS);
	int r = flow->device_group_key != NULL ? draw(flow, verifier, salt) : RESULT_ANSWER;
	if (r == 0)
		r = flow_call(flow, &request, &answer);
	json_free(answer);
	http_deadline(flow->http, deadline);
	/* A repeated request finds what the first one did. */
	if (r != 0 && !http_is_refused(&flow->reason, "DeviceKeyExistsException"))
		prompt_log(&flow->channel, "warning",
		    "the pool tracks devices, and this one was not confirmed: %s: %s; the "
		    "sign-in cannot be refreshed",
		    result_phrase(r), flow->reason.detail);
	flow->reason = before;
}

void tracked_device_forget(struct flow *flow, const char *access_token, const char *device_key)
{
	const struct cognito_request request = {
	    .operation = "ForgetDevice",
	    .members = {{"AccessToken", access_token}, {"DeviceKey", device_key}},
	    .may_be_empty = true,
	    .repeat = HTTP_REPEAT_FAILED,
	};
	struct json *answer = NULL;
	int r = flow_call(flow, &request, &answer);
	json_free(answer);
	if (r != 0)
		prompt_log(&flow->channel, "notice",
		    "the pool still remembers the device %s: %s: %s", device_key,
		    result_phrase(r), flow->reason.detail);
}
