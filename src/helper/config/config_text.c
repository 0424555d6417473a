/* SPDX-License-Identifier: MIT
 *
 * What the configuration's strings may be. Each check returns what is wrong, or NULL.
 */
#include "helper/config/config_read.h"

#include <string.h>

#include "common/text.h"

#define LINE_MAX_BYTES 255 /* stands in one line of a prompt or a log */
#define LOCAL_NAME_MAX 256 /* useradd ends at 32, directories at 256 */
#define LOGIN_MAX 128 /* Cognito: USERNAME */
#define PATH_MAX_BYTES 4095 /* PATH_MAX without its NUL */

#define EMPTY "must not be empty"

/* ASCII only, whatever the locale of the host. */
static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* RFC 6749, appendix A: VSCHAR. */
static bool is_visible(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

const char *config_check_filled(const char *text)
{
	return text[0] == '\0' ? EMPTY : NULL;
}

const char *config_check_line(const char *text)
{
	if (text[0] == '\0')
		return EMPTY;
	if (strlen(text) > LINE_MAX_BYTES)
		return "is longer than 255 bytes";
	return text_has_controls(text) ? "holds a control character" : NULL;
}

const char *config_check_line_or_none(const char *text)
{
	return text[0] == '\0' ? NULL : config_check_line(text);
}

const char *config_check_client_id(const char *text)
{
	const char *wrong = config_check_line(text);
	if (wrong != NULL)
		return wrong;
	return is_visible(text) ? NULL : "must be printable ASCII";
}

const char *config_check_client_secret(const char *text)
{
	if (text[0] == '\0')
		return "must not be empty; leave it out for a public client";
	if (text[strspn(text, "*")] == '\0')
		return "is masked: Cloudflare's API answers GET with asterisks instead of the "
		       "secret; take it from the app client in Cognito";
	return is_visible(text) ? NULL : "must be printable ASCII";
}

/* RFC 6749, appendix A.4. */
const char *config_check_scope(const char *text)
{
	if (text[0] == '\0')
		return EMPTY;
	for (; *text != '\0'; text++)
		if (*text <= ' ' || *text > '~' || *text == '"' || *text == '\\')
			return "holds a character that a scope cannot hold";
	return NULL;
}

static bool is_port(const char *at, size_t len)
{
	char digits[6];
	unsigned long port = 0;
	if (len == 0 || len >= sizeof(digits))
		return false;
	memcpy(digits, at, len);
	digits[len] = '\0';
	return text_number(digits, 65535, &port) && port > 0;
}

/* "[" IPv6 "]": resolving it finds out whether it is one. */
static const char *after_literal(const char *at, size_t len)
{
	size_t n = strspn(at + 1, "0123456789abcdefABCDEF:.");
	return n > 1 && n + 1 < len && at[n + 1] == ']' ? at + n + 2 : NULL;
}

static const char *after_name(const char *at, size_t len)
{
	size_t n = 0;
	for (; n < len && at[n] != ':'; n++) {
		bool inner = n > 0 && n + 1 < len && at[n + 1] != ':' && at[n - 1] != '.';
		if (!is_letter_or_digit(at[n]) && !(inner && (at[n] == '-' || at[n] == '.')))
			return NULL;
	}
	return n > 0 ? at + n : NULL;
}

/* host, host:port. *has_port may be NULL. */
static const char *check_authority(const char *at, size_t len, bool *has_port)
{
	const char *end = at + len, *rest;
	if (memchr(at, '@', len) != NULL)
		return "must not hold a user name or password";
	rest = len > 0 && *at == '[' ? after_literal(at, len) : after_name(at, len);
	if (rest == NULL)
		return "names no host";
	if (has_port != NULL)
		*has_port = rest < end;
	if (rest < end && (*rest != ':' || !is_port(rest + 1, (size_t)(end - rest) - 1)))
		return "has no valid port";
	return NULL;
}

/* RFC 3986's characters but '#': a fragment is never sent. */
static const char *check_characters(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '<' || *text == '>')
			return "still holds a placeholder in angle brackets";
		if (*text == '#')
			return "must not have a fragment";
		if (!is_letter_or_digit(*text) &&
		    strchr("-._~:/?[]@!$&'()*+,;=%", *text) == NULL)
			return "holds a character that a URL cannot hold";
	}
	return NULL;
}

const char *config_check_url(const char *text)
{
	static const char scheme[] = "https://";
	const char *wrong;
	if (text[0] == '\0')
		return EMPTY;
	if (strlen(text) > CONFIG_URL_MAX)
		return "is longer than 1024 bytes";
	if (!text_starts(text, scheme))
		return "must begin with https://";
	wrong = check_characters(text);
	if (wrong != NULL)
		return wrong;
	text += sizeof(scheme) - 1;
	return check_authority(text, strcspn(text, "/?"), NULL);
}

const char *config_check_address(const char *text)
{
	const char *wrong = config_check_url(text);
	if (wrong != NULL)
		return wrong;
	return strchr(text, '?') != NULL ? "must not have a query" : NULL;
}

const char *config_check_proxy(const char *text)
{
	static const char scheme[] = "http://", form[] = "must be http://host:port";
	bool has_port = false;
	const char *wrong;
	if (text[0] == '\0')
		return NULL;
	if (strlen(text) > CONFIG_URL_MAX)
		return "is longer than 1024 bytes";
	if (!text_starts(text, scheme))
		return form;
	wrong = check_characters(text);
	if (wrong != NULL)
		return wrong;
	text += sizeof(scheme) - 1;
	wrong = check_authority(text, strcspn(text, "/?"), &has_port);
	if (wrong != NULL)
		return wrong;
	return has_port && strpbrk(text, "/?") == NULL ? NULL : form;
}

/* Cognito's rule: https, or http to the machine that the browser runs on. */
const char *config_check_redirect_uri(const char *text)
{
	static const char scheme[] = "http://";
	static const char *const hosts[] = {"localhost", "127.0.0.1", "[::1]"};
	const char *wrong;
	if (!text_starts(text, scheme))
		return config_check_url(text);
	if (strlen(text) > CONFIG_URL_MAX)
		return "is longer than 1024 bytes";
	wrong = check_characters(text);
	if (wrong != NULL)
		return wrong;
	text += sizeof(scheme) - 1;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		size_t len = strlen(hosts[i]);
		if (text_starts(text, hosts[i]) && strchr(":/?", text[len]) != NULL)
			return check_authority(text, strcspn(text, "/?"), NULL);
	}
	return "must begin with https://, or with http://localhost, http://127.0.0.1 or "
	       "http://[::1]";
}

const char *config_check_path(const char *text)
{
	if (text[0] != '/')
		return "must be an absolute path";
	if (strlen(text) > PATH_MAX_BYTES)
		return "is longer than 4095 bytes";
	return text_has_controls(text) ? "holds a control character" : NULL;
}

const char *config_check_path_or_none(const char *text)
{
	return text[0] == '\0' ? NULL : config_check_path(text);
}

/* Wider than useradd's own rule, for names from a directory; never what could pass for an
 * option, a path or a field of passwd(5). */
const char *config_check_local_name(const char *text)
{
	size_t len = strlen(text);
	if (len == 0 || len > LOCAL_NAME_MAX)
		return "is no local user name: it must have 1 to 256 bytes";
	if (text[0] == '-')
		return "is no local user name: it begins with a dash";
	for (; *text != '\0'; text++)
		if (*text <= ' ' || *text > '~' || strchr(":/,\"'*?", *text) != NULL)
			return "is no local user name: it holds a character that none has";
	return NULL;
}

/* The PAM line separates its groups with commas, and a pattern is no name. */
const char *config_check_local_group(const char *text)
{
	return config_check_local_name(text) == NULL
		   ? NULL
		   : "is no name of a local group: 1 to 256 visible ASCII characters, no dash "
		     "first, none of : / , \" ' * ?";
}

/* Host names are compared in lower case. A capital would never match, and a rule that denies
 * would never deny. */
const char *config_check_host(const char *text)
{
	if (text[0] == '\0')
		return EMPTY;
	for (; *text != '\0'; text++)
		if (*text >= 'A' && *text <= 'Z')
			return "has a capital letter; host names are compared in lower case";
	return NULL;
}

const char *config_check_login(const char *text)
{
	size_t len = strlen(text), count = 0, width;
	if (len == 0)
		return EMPTY;
	if (text_has_controls(text))
		return "holds a control character";
	for (; len > 0; text += width, len -= width, count++) {
		width = text_utf8(text, len, NULL);
		if (width == 0)
			return "is not UTF-8";
	}
	return count > LOGIN_MAX ? "is longer than 128 characters" : NULL;
}
