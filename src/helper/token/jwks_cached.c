/* SPDX-License-Identifier: MIT */
#include "helper/token/jwks_cached.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/token/jwks.h"

#define HEADING "pam_cognito_oidc jwks 1"
#define SUM_MAX 65 /* 32 bytes in hex, and NUL */
#define EPOCH_MOST 999999999999ul

static bool sum_of(const char *text, size_t len, char out[SUM_MAX])
{
	unsigned char hash[32];
	if (EVP_Digest(text, len, hash, NULL, EVP_sha256(), NULL) != 1)
		return false;
	for (size_t i = 0; i < sizeof(hash); i++)
		snprintf(out + 2 * i, 3, "%02x", hash[i]);
	return true;
}

/* The next line, without its newline, into out; false when there is none that fits. */
static bool next_line(const char **at, size_t *left, char *out, size_t size)
{
	const char *end = memchr(*at, '\n', *left);
	if (end == NULL || (size_t)(end - *at) >= size)
		return false;
	size_t len = (size_t)(end - *at);
	memcpy(out, *at, len);
	out[len] = '\0';
	*at += len + 1;
	*left -= len + 1;
	return true;
}

bool jwks_cached_decode(const char *kept, size_t len, const char *certs_url, long long now,
    struct jwks **out, long long *fetched)
{
	char heading[64], url[JWKS_URL_MAX + 1], moment[16], sum[SUM_MAX], right[SUM_MAX];
	unsigned long seconds = 0;
	*out = NULL;
	*fetched = 0;
	if (!next_line(&kept, &len, heading, sizeof(heading)) || !streq(heading, HEADING))
		return false;
	if (!next_line(&kept, &len, url, sizeof(url)) || !streq(url, certs_url))
		return false;
	if (!next_line(&kept, &len, moment, sizeof(moment)) ||
	    !text_number(moment, EPOCH_MOST, &seconds) || (long long)seconds > now)
		return false;
	if (!next_line(&kept, &len, sum, sizeof(sum)) || !sum_of(kept, len, right) ||
	    !streq(sum, right))
		return false;
	if (jwks_parse(kept, len, out) != 0)
		return false;
	*fetched = (long long)seconds;
	return true;
}

int jwks_cached_encode(
    const char *certs_url, long long now, const char *text, size_t len, struct buffer *out)
{
	char sum[SUM_MAX];
	if (!sum_of(text, len, sum))
		return RESULT_MEMORY;
	int r = buffer_append_format(out, "%s\n%s\n%lld\n%s\n", HEADING, certs_url, now, sum);
	return r == 0 ? buffer_append(out, text, len) : r;
}
