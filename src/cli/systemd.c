/* SPDX-License-Identifier: MIT */
#include "cli/systemd.h"

#include <stdio.h>
#include <unistd.h>

#include "cli/program.h"
#include "common/buffer.h"
#include "common/reason.h"

#define SYSTEMCTL "/usr/bin/systemctl"

/* As sd_booted(3) sees it. */
bool systemd_runs(void)
{
	return access("/run/systemd/system", F_OK) == 0;
}

bool systemd_ask(const char *verb, const char *unit)
{
	char program[] = SYSTEMCTL, word[16], name[64];
	struct buffer text = BUFFER_INIT(PROGRAM_OUTPUT_MAX);
	struct reason reason;
	snprintf(word, sizeof(word), "%s", verb);
	snprintf(name, sizeof(name), "%s", unit);
	char *const argv[] = {program, word, name, NULL};
	int status = program_run(argv, &text, &reason);
	buffer_wipe(&text);
	return status == 0;
}
