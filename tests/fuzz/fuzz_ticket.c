/* SPDX-License-Identifier: MIT
 *
 * The body of a ticket as any text: it is none, or one whose parts are all there, that says
 * the same when it is written again, and whose decisions and exports keep to their form.
 */
#include <string.h>

#include "common/buffer.h"
#include "common/frame.h"
#include "common/message.h"
#include "common/result.h"
#include "common/text.h"
#include "fuzz.h"
#include "helper/config/config.h"
#include "helper/policy/access_request.h"
#include "helper/policy/decision.h"
#include "helper/policy/exports.h"
#include "helper/policy/ticket_body.h"
#include "helper/token/claims.h"

#define CONFIG                                                                                 \
	"{\"config\": {\"client_id\": \"c\", \"token_url\": \"https://t.example/token\", "     \
	"\"certs_url\": \"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123/"    \
	".well-known/jwks.json\", \"claims\": [\"sub\", \"cognito:groups\", \"x\"]}, "         \
	"\"rules\": [{\"services\": [\"sshd\", \"sudo\"], \"anyone\": true, \"grant\": "       \
	"[\"audio\"], \"max_auth_age\": 100}]}"

/* Fields without control characters, and so many that the last record is whole. */
static void check_fields(const struct buffer *out, size_t max, size_t record)
{
	struct field rest = {out->bytes, out->len};
	char text[MESSAGE_EXPORT_NAME_MAX + MESSAGE_EXPORT_MAX + 32];
	size_t count = 0;
	HOLDS(out->len <= max);
	for (; rest.len > 0; count++)
		HOLDS(field_take_text(&rest, text, sizeof(text)));
	HOLDS(count % record == 0);
}

static void check_body(const struct config *config, const struct ticket_body *body)
{
	struct buffer again = BUFFER_INIT(2u * MESSAGE_TICKET_MAX);
	struct buffer decisions = BUFFER_INIT(MESSAGE_DECISIONS_MAX);
	struct buffer exports = BUFFER_INIT(MESSAGE_EXPORTS_MAX);
	const struct access_request request = {.user = claims_sub(body->claims),
	    .service = "sshd",
	    .now = 1050,
	    .believed = 300,
	    .evidence = body->evidence};
	struct ticket_body twin;
	struct decision decision;
	HOLDS(body->flow != NULL && claims_sub(body->claims) != NULL);
	HOLDS((body->source == TICKET_SOURCE_NONE) == (body->refresh_token == NULL));
	HOLDS(body->device_key == NULL || body->refresh_token != NULL);
	HOLDS(ticket_body_encode(config, body, &again) == 0);
	if (again.len <= MESSAGE_TICKET_MAX) {
		HOLDS(ticket_body_decode(config, again.bytes, again.len, &twin) == 0);
		HOLDS(streq(twin.flow, body->flow));
		HOLDS(streq(claims_sub(twin.claims), claims_sub(body->claims)));
		ticket_body_forget(&twin);
	}
	int r = decide(config, body->claims, &request, &decision);
	HOLDS(r != RESULT_MEMORY && r == decision.result);
	decision_encode(&decision, &decisions);
	decision_free(&decision);
	HOLDS(decisions.error == 0);
	HOLDS(exports_write(config, body->claims, &exports) == 0);
	check_fields(&decisions, MESSAGE_DECISIONS_MAX, 4);
	check_fields(&exports, MESSAGE_EXPORTS_MAX, 1);
	buffer_wipe(&again);
	buffer_wipe(&decisions);
	buffer_wipe(&exports);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct config *config;
	struct reason reason = {.detail = ""};
	struct ticket_body body;
	if (config == NULL)
		HOLDS(config_parse("c", CONFIG, strlen(CONFIG), &config, NULL, &reason) == 0);
	int r = ticket_body_decode(config, (const char *)bytes, len, &body);
	HOLDS(r == 0 || (r == RESULT_TICKET_NONE && body.claims == NULL));
	if (r == 0)
		check_body(config, &body);
	ticket_body_forget(&body);
	return 0;
}
