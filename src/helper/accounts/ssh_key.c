/* SPDX-License-Identifier: MIT */
#include "helper/accounts/ssh_key.h"

#include <string.h>

bool ssh_key_is_plain(const char *text, size_t len)
{
	static const char *const types[] = {"ssh-ed25519 ", "ssh-rsa ", "ecdsa-sha2-nistp256 ",
	    "ecdsa-sha2-nistp384 ", "ecdsa-sha2-nistp521 ", "sk-ssh-ed25519@openssh.com ",
	    "sk-ecdsa-sha2-nistp256@openssh.com "};
	static const char base64[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
	size_t at = 0;
	for (size_t i = 0; at == 0 && i < sizeof(types) / sizeof(types[0]); i++)
		if (len > strlen(types[i]) && memcmp(text, types[i], strlen(types[i])) == 0)
			at = strlen(types[i]);
	if (at == 0)
		return false;
	size_t begin = at;
	while (at < len && memchr(base64, text[at], sizeof(base64) - 1) != NULL)
		at++;
	size_t body = at - begin;
	bool is_end = at == len || text[at] == ' ';
	for (; is_end && at < len; at++)
		is_end = (unsigned char)text[at] >= ' ' && text[at] != 0x7f;
	/* The shortest, of Ed25519, has 68. */
	return is_end && body >= 68;
}
