/* SPDX-License-Identifier: MIT */
#include "helper/flow/flow.h"

#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "helper/json/json.h"

int flow_failed(struct flow *flow, int result, const char *step)
{
	char shown[64] = "";
	/* The first to fail knows best. */
	if (flow->reason.detail[0] != '\0')
		return result;
	/* A step may be the name of a challenge, in the service's words. */
	if (step != NULL)
		text_printable(step, strlen(step), shown, sizeof(shown));
	const struct api_error *e = &flow->error;
	snprintf(flow->reason.detail, sizeof(flow->reason.detail), "%s%s%s%s%s", shown,
	    e->type[0] != '\0' ? ": " : "", e->type, e->message[0] != '\0' ? ": " : "",
	    e->message);
	return result;
}

void flow_forget(struct flow *flow)
{
	flow->reason.detail[0] = flow->reason.message[0] = '\0';
	flow->error = (struct api_error){"", ""};
}

void flow_take_tokens(struct flow *flow, enum ticket_source source)
{
	const struct cJSON *root = json_root(flow->answer);
	bool is_api = source == TICKET_SOURCE_API;
	const struct cJSON *result = is_api ? json_member(root, "AuthenticationResult") : root;
	const struct cJSON *device = json_member(result, "NewDeviceMetadata");
	flow->source = source;
	flow->id_token = json_member_string(result, is_api ? "IdToken" : "id_token");
	flow->access_token =
	    json_member_string(result, is_api ? "AccessToken" : "access_token");
	flow->refresh_token =
	    json_member_string(result, is_api ? "RefreshToken" : "refresh_token");
	flow->device_key = is_api ? json_member_string(device, "DeviceKey") : NULL;
}
