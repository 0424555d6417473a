/* SPDX-License-Identifier: MIT
 *
 * The table of results, spelled out. Only PAM's numbers are used here, not libpam.
 */
#include "common/result.h"

#include <security/_pam_types.h>

static const struct {
	int pam;
	const char *phrase, *sentence;
} results[RESULT_COUNT] = {[RESULT_NONE] = {PAM_SYSTEM_ERR, "no verdict", SENTENCE_ADMIN},
#define RESULT_ROW(name, pam, phrase, sentence) [RESULT_##name] = {pam, phrase, sentence},
    RESULTS(RESULT_ROW)
#undef RESULT_ROW
};

bool result_known(long code)
{
	return code > RESULT_NONE && code < RESULT_COUNT;
}

int result_pam(int code)
{
	return results[result_known(code) ? code : RESULT_NONE].pam;
}

const char *result_phrase(int code)
{
	return results[result_known(code) ? code : RESULT_NONE].phrase;
}

const char *result_sentence(int code)
{
	return results[result_known(code) ? code : RESULT_NONE].sentence;
}

bool result_is_unavailable(int code)
{
	return result_pam(code) == PAM_AUTHINFO_UNAVAIL;
}

bool result_is_policy(int code)
{
	return code == RESULT_POLICY || code == RESULT_POLICY_DENY ||
	       code == RESULT_FRESH_NEEDED;
}
