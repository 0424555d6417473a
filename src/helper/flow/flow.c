/* SPDX-License-Identifier: MIT */
#include "helper/flow/flow.h"

#include <string.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/sentence.h"
#include "common/text.h"
#include "helper/json/json.h"
#include "helper/net/cognito_api.h"

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
	for (size_t i = 0; i < config->flows.len; i++)
		labels[i] = kinds[config_flow(config, i)].label;
	int r = prompt_choose(
	    &flow->channel, SENTENCE_CHOOSE_FLOW, labels, config->flows.len, &chosen);
	*kind = config_flow(config, chosen);
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
	return flow->id_token != NULL && flow->access_token != NULL ? 0 : RESULT_ANSWER;
}

static void make_printable(const char *in, char *out, size_t size)
{
	text_printable(in, strlen(in), out, size);
}

int flow_invite(const struct flow *flow, const struct flow_request *request, const char *link,
    const char *steps, const char *question, struct buffer *out)
{
	struct buffer words = BUFFER_INIT(out->max);
	char host[64] = "", user[128], service[64], rhost[128];
	if (gethostname(host, sizeof(host) - 1) != 0 || host[0] == '\0')
		memcpy(host, "this host", sizeof("this host"));
	make_printable(request->user, user, sizeof(user));
	make_printable(request->service, service, sizeof(service));
	make_printable(request->rhost, rhost, sizeof(rhost));
	int r = buffer_append_format(&words, SENTENCE_INVITATION, service, host, user,
	    rhost[0] != '\0' ? " from " : "", rhost, steps, question);
	buffer_append_byte(out, '\n');
	size_t start = out->len;
	qr_draw(link, flow->qr, out);
	buffer_append(out, words.bytes, words.len);
	/* No room for both: the words have the link, too. */
	if (out->error == RESULT_TOO_LARGE) {
		buffer_cut(out, start);
		buffer_append(out, words.bytes, words.len);
	}
	buffer_wipe(&words);
	return r == 0 ? out->error : r;
}
