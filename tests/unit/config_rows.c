/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/text.h"
#include "config_rows.h"
#include "helper/config/config.h"
#include "mint.h"

struct config *config_load(const char *text)
{
	struct config *config = NULL;
	struct reason reason = {.detail = ""};
	int r = config_parse("c.json", text, strlen(text), &config, NULL, &reason);
	if (r != 0)
		fail_msg("%s: %s\n%s", result_phrase(r), reason.detail, text);
	assert_string_equal(reason.detail, "");
	return config;
}

void config_check_row(const char *before, const struct config_row *row, const char *after)
{
	char *text = mint_text("%s\n%s%s", before, row->text, after);
	char *start = mint_text("c.json:%s: ", row->at != NULL ? row->at : "");
	struct config *config = NULL;
	struct reason reason = {.detail = ""};
	int r = config_parse("c.json", text, strlen(text), &config, NULL, &reason);
	if (r != row->code)
		fail_msg("%s: %s: %s", row->text, result_phrase(r), reason.detail);
	assert_true((config != NULL) == (r == 0));
	if (row->code != 0 && !text_starts(reason.detail, start))
		fail_msg("%s: %s: not at %s", row->text, reason.detail, row->at);
	if (row->code != 0 && strstr(reason.detail, row->part) == NULL)
		fail_msg("%s: %s: no \"%s\"", row->text, reason.detail, row->part);
	config_free(config);
	free(start);
	free(text);
}

void config_check_rows(
    const char *before, const struct config_row *rows, size_t count, const char *after)
{
	for (size_t i = 0; i < count; i++)
		config_check_row(before, &rows[i], after);
}
