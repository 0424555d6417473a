/* SPDX-License-Identifier: MIT */
#include "cli/environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/message.h"
#include "common/text.h"

#define CLAIM_PREFIX "OIDC_CLAIM_"

static char locale[64] = "POSIX", proxy[256], sudo_user[257];
static char *claims[MESSAGE_EXPORTS_MOST + 1];

/* "UTF-8", "utf8": as people write it. */
static bool is_utf8(const char *charset)
{
	static const char name[] = "utf8";
	size_t n = 0;
	for (; *charset != '\0' && *charset != '@'; charset++) {
		char small =
		    *charset >= 'A' && *charset <= 'Z' ? (char)(*charset + 32) : *charset;
		if (small == '-')
			continue;
		if (n == sizeof(name) - 1 || small != name[n++])
			return false;
	}
	return n == sizeof(name) - 1;
}

static const char *first_of(const char *const *names)
{
	const char *value = NULL;
	for (; *names != NULL && (value == NULL || *value == '\0'); names++)
		value = getenv(*names);
	return value != NULL ? value : "";
}

static void learn_claims(void)
{
	size_t n = 0;
	for (char **at = environ; *at != NULL && n < MESSAGE_EXPORTS_MOST; at++)
		if (text_starts(*at, CLAIM_PREFIX) && (claims[n] = strdup(*at)) != NULL)
			n++;
}

/* The variables are read as text: setlocale() would read files that they name. */
void environment_learn(void)
{
	static const char *const locales[] = {"LC_ALL", "LC_CTYPE", "LANG", NULL};
	static const char *const proxies[] = {
	    "https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY", NULL};
	const char *name = first_of(locales), *url = first_of(proxies);
	const char *at = strrchr(url, '@');
	if (*name != '\0')
		snprintf(locale, sizeof(locale), "%s", name);
	snprintf(proxy, sizeof(proxy), "%s", at != NULL ? at + 1 : url);
	const char *caller = getenv("SUDO_USER");
	snprintf(sudo_user, sizeof(sudo_user), "%s", caller != NULL ? caller : "");
	learn_claims();
}

const char *environment_locale(void)
{
	return locale;
}

bool environment_is_utf8(void)
{
	const char *dot = strchr(locale, '.');
	return dot != NULL && is_utf8(dot + 1);
}

const char *environment_proxy(void)
{
	return proxy;
}

const char *environment_sudo_user(void)
{
	return sudo_user;
}

const char *environment_claim(size_t index)
{
	return index < MESSAGE_EXPORTS_MOST ? claims[index] : NULL;
}
