/* SPDX-License-Identifier: MIT */
#include "helper/flow/flow.h"

#include <stdio.h>
#include <string.h>

#include "common/result.h"
#include "common/sentence.h"
#include "common/text.h"
#include "helper/flow/browser.h"
#include "helper/flow/device.h"
#include "helper/flow/menu.h"
#include "helper/flow/password.h"
#include "helper/json/json.h"

static const struct {
	const char *word, *label;
	int (*run)(struct flow *, struct keys *, const struct flow_request *);
} kinds[FLOW_KINDS] = {
    [FLOW_PASSWORD] = {"password", SENTENCE_WAY_PASSWORD, password_run},
    [FLOW_DEVICE] = {"device", SENTENCE_WAY_DEVICE, device_run},
    [FLOW_BROWSER] = {"browser", SENTENCE_WAY_BROWSER, browser_run},
};

int flow_choose(struct flow *flow, const char *word, enum flow_kind *kind)
{
	const struct config *config = flow->config;
	const char *labels[FLOW_KINDS];
	size_t chosen = 0;
	*kind = FLOW_PASSWORD;
	for (enum flow_kind k = FLOW_PASSWORD; k < FLOW_KINDS; k++) {
		if (!streq(word, kinds[k].word))
			continue;
		*kind = k;
		if (config_can_flow(config, k))
			return 0;
		return reason_set(&flow->reason, RESULT_CONFIG,
		    "flow=%s: the configuration lacks what this flow needs", word);
	}
	for (size_t i = 0; i < config->flows_len; i++)
		labels[i] = kinds[config->flows[i]].label;
	int r = menu_choose(flow, SENTENCE_CHOOSE_FLOW, labels, config->flows_len, &chosen);
	*kind = config->flows[chosen];
	return r;
}

const char *flow_word(enum flow_kind kind)
{
	return kinds[kind].word;
}

int flow_run(struct flow *flow, struct keys *keys, enum flow_kind kind,
    const struct flow_request *request)
{
	return kinds[kind].run(flow, keys, request);
}

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
