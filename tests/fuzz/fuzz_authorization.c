/* SPDX-License-Identifier: MIT
 *
 * What a person pastes into the browser flow. Whatever it is: a code is printable, stands in
 * what was pasted or is decoded from it, and comes of no address without our state; an error
 * can be shown.
 */
#include <stdlib.h>
#include <string.h>

#include "common/reason.h"
#include "common/result.h"
#include "common/text.h"
#include "fuzz.h"
#include "helper/net/authorization.h"

#define STATE "Qm9iJ3Mtc3RhdGUtaXMtbG"

static bool is_printable(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char code[AUTHORIZATION_PASTED_MAX + 1];
	struct reason reason;
	char *pasted = malloc(len + 1);
	if (pasted == NULL)
		return 0;
	memcpy(pasted, bytes, len);
	pasted[len] = '\0';
	int r = authorization_response_code(pasted, STATE, code, &reason);
	HOLDS((r == 0) == (code[0] != '\0'));
	for (const char *c = code; *c != '\0'; c++)
		HOLDS(*c > ' ' && *c < 0x7f);
	HOLDS(is_printable(reason.detail) && is_printable(reason.message));
	HOLDS(r == RESULT_AUTHORIZATION_ERROR ||
	      (reason.detail[0] == '\0' && reason.message[0] == '\0'));
	if (r == 0 && strstr(pasted, "://") != NULL)
		HOLDS(strstr(pasted, "state=") != NULL);
	if (r == 0 && strstr(pasted, code) == NULL)
		HOLDS(strstr(pasted, "state=") != NULL);
	free(pasted);
	return 0;
}
