/* SPDX-License-Identifier: MIT
 *
 * Linked with --wrap=decide into a helper and a command of the tests: each decision is told,
 * the helper's as a LOG line, the command's on stderr.
 */
#include <stdio.h>

#include "common/clock.h"
#include "common/message.h"
#include "helper/policy/decision.h"

int __real_decide(const struct config *config, const struct claims *claims,
    const struct access_request *request, struct decision *out);
int __wrap_decide(const struct config *config, const struct claims *claims,
    const struct access_request *request, struct decision *out);

int __wrap_decide(const struct config *config, const struct claims *claims,
    const struct access_request *request, struct decision *out)
{
	const char *fields[] = {"warning", "the rules are asked"};
	if (frame_send_texts(0, FRAME_LOG, fields, LOG_FIELDS, clock_ms() + 1000) != 0)
		fprintf(stderr, "%s\n", fields[1]);
	return __real_decide(config, claims, request, out);
}
