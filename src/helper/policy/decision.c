/* SPDX-License-Identifier: MIT */
#include "helper/policy/decision.h"

#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/frame.h"
#include "common/message.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/policy/access_request.h"
#include "helper/policy/users.h"

/* Are all conditions of a rule met, for this service? fresh: NULL, or the subject of a
 * newer sign-in. */
static bool matches(
    const struct decision *d, size_t rule, const char *service, const struct subject *fresh)
{
	const struct config_rule *r = &d->subject.config->rules[rule];
	for (size_t c = 0; c < conditions_len; c++) {
		enum truth truth = d->truths[rule][c];
		if (c == CONDITION_SERVICES)
			truth = rules_judge_service(r, service);
		if (fresh != NULL && c >= CONDITION_MAX_AUTH_AGE)
			truth = conditions[c].judge(fresh, r);
		if (!rules_is_met(r, truth))
			return false;
	}
	return true;
}

/* The first deny rule that matches, else the first allow rule that does, in the file's
 * order; NULL, and nobody is allowed, when there is none. */
static const struct config_rule *find_rule(
    const struct decision *d, const char *service, const struct subject *fresh)
{
	const struct config *config = d->subject.config;
	const struct config_rule *allowing = NULL;
	for (size_t i = 0; i < config->rules_len; i++) {
		const struct config_rule *rule = &config->rules[i];
		if ((rule->is_deny || allowing == NULL) && matches(d, i, service, fresh)) {
			if (rule->is_deny)
				return rule;
			allowing = rule;
		}
	}
	return allowing;
}

/* When the sign-in becomes too old for the rule, ask again: another rule may allow. */
static long seconds_of(const struct decision *d, const struct config_rule *rule)
{
	const struct access_request *request = d->subject.request;
	if (rule == NULL || rule->max_auth_age < 0)
		return request->believed;
	/* The rule matches: auth_time is known, and not older than that. */
	long long left = d->subject.evidence.auth_time + rule->max_auth_age - request->now;
	return left < request->believed ? (long)left : request->believed;
}

static void add_service(struct decision *d, const char *name, bool is_user)
{
	if (d->services_len == DECISION_SERVICES_MOST)
		return;
	for (size_t i = 0; i < d->services_len; i++)
		if (streq(d->services[i].name, name))
			return;
	struct decided_service *service = &d->services[d->services_len++];
	service->name = name;
	service->rule = is_user ? find_rule(d, name, NULL) : NULL;
	service->seconds = seconds_of(d, service->rule);
}

static void add_services(struct decision *d, bool is_user)
{
	const struct config *config = d->subject.config;
	add_service(d, d->subject.request->service, is_user);
	for (size_t i = 0; i < config->rules_len; i++) {
		const struct config_list *list = &config->rules[i].services;
		for (size_t k = 0; k < list->len; k++)
			if (strpbrk(list->items[k], "*?[\\") == NULL)
				add_service(d, list->items[k], is_user);
	}
}

static int judge_rules(struct decision *d)
{
	const struct config *config = d->subject.config;
	d->truths = calloc(config->rules_len + 1, sizeof(*d->truths));
	if (d->truths == NULL)
		return RESULT_MEMORY;
	for (size_t i = 0; i < config->rules_len; i++)
		for (size_t c = 0; c < conditions_len; c++)
			d->truths[i][c] = conditions[c].judge(&d->subject, &config->rules[i]);
	return 0;
}

int decide(const struct config *config, const struct claims *claims,
    const struct access_request *request, struct decision *out)
{
	*out = (struct decision){.result = RESULT_POLICY};
	if (subject_make(config, claims, request, &out->subject) != 0 || judge_rules(out) != 0)
		return out->result = RESULT_MEMORY;
	int match = users_match(config, claims, request->user, request->account);
	if (match == 0 && request->root && !users_names_sub(config, request->user))
		match = RESULT_IDENTITY;
	add_services(out, match == 0);
	out->rule = out->services[0].rule;
	if (match != 0)
		return out->result = match;
	if (out->rule == NULL) {
		/* Never a deny rule: those look at neither age nor second factor. Without an
		 * auth_time no sign-in is young enough, and a new one would have none either.
		 */
		struct subject fresh = out->subject;
		if (fresh.evidence.auth_time >= 0)
			fresh.evidence.auth_time = request->now;
		fresh.evidence.mfa = true;
		out->wants_fresh = find_rule(out, request->service, &fresh) != NULL;
		return out->result = RESULT_POLICY;
	}
	return out->result = out->rule->is_deny ? RESULT_POLICY_DENY : 0;
}

void decision_free(struct decision *d)
{
	subject_free(&d->subject);
	free(d->truths);
	d->truths = NULL;
}

/* False when they take more than MESSAGE_GROUPS_MAX. */
static bool join(const struct config_list *groups, struct buffer *out)
{
	for (size_t i = 0; i < groups->len; i++)
		buffer_append_format(out, "%s%s", i > 0 ? "," : "", groups->items[i]);
	return out->error == 0;
}

void decision_encode(const struct decision *d, struct buffer *out)
{
	for (size_t i = 0; i < d->services_len; i++) {
		const struct decided_service *service = &d->services[i];
		struct buffer groups = BUFFER_INIT(MESSAGE_GROUPS_MAX);
		size_t before = out->len;
		bool fits =
		    service->rule != NULL && !service->rule->is_deny &&
		    service->name[0] != '\0' && strlen(service->name) <= MESSAGE_SERVICE_MAX &&
		    !text_has_controls(service->name) && join(&service->rule->grant, &groups);
		if (fits) {
			field_put_text(out, service->name);
			field_put_number(out, service->seconds);
			field_put_text(out, buffer_text(&groups));
			field_put_text(out, service->rule->name);
		}
		buffer_wipe(&groups);
		if (out->error == RESULT_TOO_LARGE)
			buffer_cut(out, before);
	}
}
