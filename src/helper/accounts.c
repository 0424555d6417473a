/* SPDX-License-Identifier: MIT */
#include "helper/accounts.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/message.h"
#include "common/reason.h"
#include "common/request.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/accounts/bundle.h"
#include "helper/accounts/export.h"
#include "helper/accounts/plan.h"
#include "helper/accounts/settings.h"
#include "helper/outcome.h"
#include "helper/sandbox.h"

/* A mapping needs no descriptor and no system call later: the sandbox stays as it is. The file
 * is sealed by the command, so nobody cuts it off under the mapping. */
static int map_bundle(int fd, int64_t deadline, const char **bytes, size_t *len)
{
	int descriptor = -1;
	struct stat st;
	*bytes = NULL;
	int r = frame_receive_descriptor(fd, &descriptor, deadline);
	if (r != 0)
		return r;
	bool is_good =
	    fstat(descriptor, &st) == 0 && st.st_size > 0 && (uint64_t)st.st_size <= BUNDLE_MAX;
	void *map = is_good
			? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0)
			: MAP_FAILED;
	close(descriptor);
	if (map == MAP_FAILED)
		return is_good ? RESULT_MEMORY : RESULT_HELPER_FRAME;
	*bytes = map;
	*len = (size_t)st.st_size;
	return 0;
}

static int send_row(int fd, const struct plan_row *row, int64_t deadline)
{
	static const char *const states[PLAN_STATES] = {[PLAN_GROUP] = "group",
	    [PLAN_ACTIVE] = "active",
	    [PLAN_LOCKED] = "locked",
	    [PLAN_LEFT_OUT] = "left-out"};
	char number[24], groups[24];
	snprintf(number, sizeof(number), "%u", row->id);
	snprintf(groups, sizeof(groups), "%llu", (unsigned long long)row->groups);
	const char *texts[ACCOUNT_FIELDS] = {
	    [ACCOUNT_STATE] = states[row->state],
	    [ACCOUNT_NAME] = row->name,
	    [ACCOUNT_NUMBER] = number,
	    [ACCOUNT_ISSUER] = row->issuer,
	    [ACCOUNT_SUB] = row->sub,
	    [ACCOUNT_LOGIN] = row->login,
	    [ACCOUNT_REAL_NAME] = row->real_name,
	    [ACCOUNT_KEYS] = row->keys,
	    [ACCOUNT_GROUPS] = groups,
	    [ACCOUNT_WHY] = row->why,
	};
	return frame_send_texts(fd, FRAME_ACCOUNT, texts, ACCOUNT_FIELDS, deadline);
}

static int send_time(int fd, int64_t made, int64_t deadline)
{
	char number[24];
	const char *texts[ACCOUNT_FIELDS] = {"export", "", number, "", "", "", "", "", "0", ""};
	snprintf(number, sizeof(number), "%lld", (long long)made);
	return frame_send_texts(fd, FRAME_ACCOUNT, texts, ACCOUNT_FIELDS, deadline);
}

/* The number in an entry of the bundle; 0 when there is none. */
static int64_t read_number(const struct bundle *bundle, const char *name)
{
	const struct bundle_entry *entry = bundle_find(bundle, "", name);
	char text[24] = "";
	unsigned long number = 0;
	bool is_good =
	    entry != NULL &&
	    text_copy(entry->content.bytes, entry->content.len, text, sizeof(text)) &&
	    text_number(text, 999999999999ul, &number);
	return is_good ? (int64_t)number : 0;
}

int accounts_run(
    int fd, const struct config *config, const struct request *q, struct outcome *o)
{
	int64_t deadline = clock_ms() + q->time_left, now = (int64_t)time(NULL);
	struct sandbox sandbox = {.ports_len = 0};
	struct accounts_settings settings;
	struct bundle bundle = {NULL, 0};
	struct export *export = NULL;
	struct plan *plan = NULL;
	const char *bytes = NULL;
	size_t len = 0;
	int r = map_bundle(fd, deadline, &bytes, &len);
	if (r == 0)
		r = sandbox_close(&sandbox, &o->reason);
	if (r == 0)
		r = settings_of(config, &settings, &o->reason);
	if (r == 0)
		r = bundle_read(bytes, len, &bundle);
	if (r == 0)
		r = export_read(&bundle, config, &settings, read_number(&bundle, "applied"),
		    now, &export, &o->reason);
	if (r == 0)
		r = plan_make(&bundle, config, &settings, export,
		    bundle_find(&bundle, "", "force") != NULL, &plan, &o->reason);
	if (r == 0)
		r = send_time(fd, export->time, deadline);
	for (size_t i = 0; r == 0 && i < plan->len; i++)
		r = send_row(fd, &plan->rows[i], deadline);
	plan_free(plan);
	export_free(export);
	bundle_free(&bundle);
	return r;
}
