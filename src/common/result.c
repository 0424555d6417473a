/* SPDX-License-Identifier: MIT
 *
 * The table of results, spelled out. It uses PAM's numbers but not libpam.
 */
#include "common/result.h"

#include <security/_pam_types.h>

static const struct {
	int pam;
	enum result_class class;
	const char *phrase, *sentence;
} results[RESULT_COUNT] = {[0] = {PAM_SYSTEM_ERR, CLASS_OTHER, "no verdict", SENTENCE_ADMIN},
#define RESULT_ROW(name, class, pam, phrase, sentence)                                         \
	[RESULT_##name] = {pam, CLASS_##class, phrase, sentence},
    RESULTS(RESULT_ROW)
#undef RESULT_ROW
};

bool result_known(long code)
{
	return code > 0 && code < RESULT_COUNT;
}

enum result_class result_class(int code)
{
	return results[result_known(code) ? code : 0].class;
}

int result_pam(int code)
{
	return results[result_known(code) && code != RESULT_ALLOWED ? code : 0].pam;
}

const char *result_phrase(int code)
{
	return results[result_known(code) ? code : 0].phrase;
}

const char *result_sentence(int code)
{
	return results[result_known(code) ? code : 0].sentence;
}
