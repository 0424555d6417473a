/* SPDX-License-Identifier: MIT */
#include "helper/net/authorization.h"

#include <stdio.h>
#include <string.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/net/percent.h"
#include "helper/config/config.h"

static int append(struct buffer *url, const char *name, const char *value)
{
	const char *query = strchr(buffer_text(url), '?');
	const char *joint = query == NULL ? "?" : query[1] == '\0' ? "" : "&";
	int r = buffer_append_format(url, "%s%s=", joint, name);
	return r == 0 ? percent_append_query(url, value) : r;
}

/* None at all is every scope of a Cognito app client, and nothing at another provider. */
static int append_scope(struct buffer *url, const struct config *config)
{
	struct buffer scopes = BUFFER_INIT(AUTHORIZATION_URL_MAX);
	int r = 0;
	for (size_t i = 0; r == 0 && i < config->scopes.len; i++)
		r = buffer_append_format(
		    &scopes, "%s%s", i > 0 ? " " : "", config->scopes.items[i]);
	if (r == 0 && scopes.len == 0 && config->provider->default_scope != NULL)
		r = buffer_append_text(&scopes, config->provider->default_scope);
	if (r == 0 && scopes.len > 0)
		r = append(url, "scope", buffer_text(&scopes));
	buffer_wipe(&scopes);
	return r;
}

static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);
	while (*list != '\0') {
		size_t n = strcspn(list, " ");
		if (n == len && memcmp(list, word, len) == 0)
			return true;
		list += n + strspn(list + n, " ");
	}
	return false;
}

/* "none" goes with nothing else (OpenID Connect Core 3.1.2.1); the rest is a list. */
static int append_prompt(struct buffer *url, const char *prompt, bool fresh)
{
	char
	    both[sizeof("login ") + 255]; /* the configuration's prompt has 255 bytes at most */
	if (!fresh)
		return prompt != NULL ? append(url, "prompt", prompt) : 0;
	if (prompt == NULL || has_word(prompt, "none"))
		return append(url, "prompt", "login");
	if (has_word(prompt, "login"))
		return append(url, "prompt", prompt);
	snprintf(both, sizeof(both), "login %s", prompt);
	return append(url, "prompt", both);
}

int authorization_url(
    const struct config *config, const struct authorization_request *q, struct buffer *url)
{
	int r = buffer_append_text(url, config->auth_url);
	if (r == 0)
		r = append(url, "response_type", "code");
	if (r == 0)
		r = append(url, "client_id", config->client_id);
	if (r == 0)
		r = append(url, "redirect_uri", config->redirect_uri);
	if (r == 0)
		r = append_scope(url, config);
	if (r == 0)
		r = append(url, "state", q->state);
	if (r == 0)
		r = append(url, "nonce", q->nonce);
	if (r == 0 && q->challenge != NULL)
		r = append(url, "code_challenge_method", "S256");
	if (r == 0 && q->challenge != NULL)
		r = append(url, "code_challenge", q->challenge);
	if (r == 0 && q->login_hint[0] != '\0')
		r = append(url, "login_hint", q->login_hint);
	return r == 0 ? append_prompt(url, config->prompt, q->fresh) : r;
}
