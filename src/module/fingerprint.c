/* SPDX-License-Identifier: MIT */
#include "module/fingerprint.h"

#include <stdio.h>
#include <unistd.h>

#include "common/paths.h"
#include "common/text.h"

void fingerprint_make(const struct stat *config, char out[FINGERPRINT_MAX])
{
	char raw[128] = "", host[128];
	if (gethostname(raw, sizeof(raw) - 1) != 0)
		raw[0] = '\0';
	text_field(raw, host, sizeof(host));
	snprintf(out, FINGERPRINT_MAX, "%llu.%llu.%lld.%lld.%09ld.%lld.%09ld.%s.%s",
	    (unsigned long long)config->st_dev, (unsigned long long)config->st_ino,
	    (long long)config->st_size, (long long)config->st_mtim.tv_sec,
	    config->st_mtim.tv_nsec, (long long)config->st_ctim.tv_sec, config->st_ctim.tv_nsec,
	    paths.build_id, host);
}
