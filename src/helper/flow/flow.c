/* SPDX-License-Identifier: MIT */
#include "helper/flow/flow.h"

#include <stdio.h>
#include <string.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/sentence.h"
#include "common/text.h"
#include "helper/json/json.h"
#include "helper/net/cognito_api.h"

int flow_call(struct flow *flow, const struct cognito_request *request, struct json **out)
{
	return cognito_api_call(flow->http, flow->config, request, out, &flow->reason);
}

int flow_take_tokens(struct flow *flow, enum ticket_source source)
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
	flow->device_group_key = is_api ? json_member_string(device, "DeviceGroupKey") : NULL;
	return flow->id_token != NULL && flow->access_token != NULL ? 0 : RESULT_ANSWER;
}

int flow_invite(const struct flow *flow, const struct flow_request *request, const char *link,
    const char *steps, const char *question, struct buffer *out)
{
	struct buffer words = BUFFER_INIT(out->max);
	char host[64], user[128], service[64], rhost[128];
	char provider[128], account[sizeof(provider) + sizeof(SENTENCE_ACCOUNT)] = "";
	const char *name = flow->host[0] != '\0' ? flow->host : "this host";
	text_printable(name, strlen(name), host, sizeof(host));
	text_printable(request->user, strlen(request->user), user, sizeof(user));
	text_printable(request->service, strlen(request->service), service, sizeof(service));
	text_printable(request->rhost, strlen(request->rhost), rhost, sizeof(rhost));
	if (!streq(flow->config->name, CONFIG_NAME)) {
		text_printable(
		    flow->config->name, strlen(flow->config->name), provider, sizeof(provider));
		snprintf(account, sizeof(account), SENTENCE_ACCOUNT, provider);
	}
	buffer_append_format(&words, SENTENCE_INVITATION, service, host, user,
	    rhost[0] != '\0' ? " from " : "", rhost, account, steps, question);
	buffer_append_byte(out, '\n');
	int r = qr_draw(link, flow->qr, &words, out);
	buffer_wipe(&words);
	return r;
}
