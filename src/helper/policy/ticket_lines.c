/* SPDX-License-Identifier: MIT */
#include "helper/policy/ticket_lines.h"

#include <stddef.h>
#include <string.h>

#include "common/buffer.h"
#include "common/message.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/policy/access_request.h"
#include "helper/policy/verdict.h"
#include "helper/token/claims.h"

/* As many lines as MESSAGE_LINES_MAX is for; a host's rules name a handful. */
#define SERVICES_MOST 100

struct services {
	const char *names[SERVICES_MOST]; /* borrowed, each once */
	size_t len;
};

/* A service is a word of the line; PAM's are file names. */
static bool is_word(const char *service)
{
	size_t len = strlen(service);
	return len > 0 && len <= MESSAGE_SERVICE_MAX && strchr(service, ' ') == NULL &&
	       !text_has_controls(service);
}

static bool is_pattern(const char *text)
{
	return strpbrk(text, "*?[\\") != NULL;
}

static bool has(const struct services *services, const char *name)
{
	for (size_t i = 0; i < services->len; i++)
		if (streq(services->names[i], name))
			return true;
	return false;
}

static void add(struct services *services, const char *name)
{
	if (services->len < SERVICES_MOST && is_word(name) && !has(services, name))
		services->names[services->len++] = name;
}

static void collect(const struct config *config, const char *asked, struct services *services)
{
	add(services, asked);
	for (size_t i = 0; i < config->rules_len; i++) {
		const struct config_list *list = &config->rules[i].services;
		for (size_t j = 0; j < list->len; j++)
			if (!is_pattern(list->items[j]))
				add(services, list->items[j]);
	}
}

/* The rule that allows is the one whose age ends first: what comes after that is asked. */
static long seconds_of(
    const struct config_rule *rule, const struct claims *claims, long long now, long believed)
{
	long long auth_time = 0;
	if (rule->max_auth_age < 0 || !claims_integer(claims, "auth_time", &auth_time))
		return believed;
	long long left = auth_time + rule->max_auth_age - now;
	if (left < 0)
		return 0;
	return left < believed ? (long)left : believed;
}

/* RESULT_TOO_LARGE: more groups than a line may name. */
static int append_line(
    struct buffer *line, const char *service, long seconds, const struct config_rule *rule)
{
	struct buffer groups = BUFFER_INIT(MESSAGE_GROUPS_MAX);
	int r = rule->grant.len == 0 ? buffer_append_byte(&groups, '-') : 0;
	for (size_t i = 0; r == 0 && i < rule->grant.len; i++)
		r = buffer_append_format(
		    &groups, "%s%s", i > 0 ? "," : "", rule->grant.items[i]);
	if (r == 0)
		r = buffer_append_format(
		    line, "%s %ld %s %s\n", service, seconds, buffer_text(&groups), rule->name);
	buffer_wipe(&groups);
	return r;
}

static int write_service(const struct config *config, const struct claims *claims,
    const struct access_request *asked, const char *service, long believed, struct buffer *out)
{
	struct buffer line = BUFFER_INIT(MESSAGE_LINES_MAX);
	struct verdict verdict = {.result = RESULT_POLICY};
	struct access_request request = *asked;
	request.service = service;
	verdict_decide(config, claims, &request, &verdict);
	if (verdict.result == RESULT_MEMORY)
		return verdict.result;
	if (verdict.decided == NULL || verdict.decided->is_deny)
		return 0;
	int r = append_line(&line, service,
	    seconds_of(verdict.decided, claims, asked->now, believed), verdict.decided);
	if (r == 0)
		r = buffer_append(out, buffer_text(&line), line.len);
	if (out->error == RESULT_TOO_LARGE)
		buffer_cut(out, out->len);
	buffer_wipe(&line);
	return r == RESULT_TOO_LARGE ? 0 : r;
}

int ticket_lines_write(const struct config *config, const struct claims *claims,
    const struct access_request *asked, long believed, struct buffer *out)
{
	struct services services = {.len = 0};
	int r = 0;
	collect(config, asked->service, &services);
	for (size_t i = 0; r == 0 && i < services.len; i++)
		r = write_service(config, claims, asked, services.names[i], believed, out);
	return r;
}
