/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/diagnosis.h"
#include "cli/doctor.h"
#include "cli/environment.h"
#include "cli/installed.h"
#include "common/paths.h"
#include "common/text.h"
#include "helper/config/config.h"

/* Where this libpam looks is where its own modules are. */
static const char *pam_folder(void)
{
	const char *const folders[] = {paths.modules, "/lib64/security", "/usr/lib64/security",
	    "/lib/security", "/usr/lib/security"};
	char path[512];
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(path, sizeof(path), "%s/pam_permit.so", folders[i]);
		if (access(path, F_OK) == 0)
			return folders[i];
	}
	return paths.modules;
}

static void examine_module(struct patient *p)
{
	struct stat st;
	char path[512];
	const char *folder = pam_folder(), *wrong = NULL;
	snprintf(path, sizeof(path), "%s/pam_cognito_oidc.so", folder);
	if (stat(path, &st) != 0)
		wrong = "not there, where libpam looks for modules";
	else if (st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		wrong = "others than root may change it";
	diagnosis_say(p->diagnosis, wrong == NULL ? DIAGNOSIS_OK : DIAGNOSIS_FAIL, FOUND_MODULE,
	    "%s%s%s", path, wrong != NULL ? ": " : "", wrong != NULL ? wrong : "");
}

static void examine_files(struct patient *p)
{
	static const enum finding_name names[] = {
	    [INSTALLED_FOLDER] = FOUND_FOLDER,
	    [INSTALLED_HELPER] = FOUND_HELPER,
	    [INSTALLED_CACHE] = FOUND_CACHE,
	    [INSTALLED_RUN] = FOUND_RUN,
	    [INSTALLED_USER] = FOUND_USER,
	};
	struct installed rows[INSTALLED_COUNT];
	installed_examine(p->config_path, rows);
	for (int i = INSTALLED_FOLDER; i < INSTALLED_COUNT; i++) {
		const struct installed *row = &rows[i];
		const char *remark = row->wrong != NULL ? row->wrong : row->absent;
		if (i == INSTALLED_MODULE)
			continue;
		diagnosis_say(p->diagnosis, row->wrong == NULL ? DIAGNOSIS_OK : DIAGNOSIS_FAIL,
		    names[i], "%s%s%s%s%s%s%s", row->path, row->owner[0] != '\0' ? "  " : "",
		    row->owner, row->mode[0] != '\0' ? " " : "", row->mode,
		    remark != NULL ? ": " : "", remark != NULL ? remark : "");
	}
}

static void examine_locale(struct patient *p)
{
	if (environment_is_utf8())
		diagnosis_say(p->diagnosis, DIAGNOSIS_OK, FOUND_LOCALE,
		    "UTF-8: QR codes can be drawn in half blocks");
	else
		diagnosis_say(p->diagnosis, DIAGNOSIS_WARN, FOUND_LOCALE,
		    "this shell's locale (%s) cannot show a QR code", environment_locale());
}

/* The first character of a small file, or 0. */
static char first_of(const char *path)
{
	char c = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (read(fd, &c, 1) != 1)
		c = 0;
	close(fd);
	return c;
}

static void examine_mac(struct patient *p)
{
	char enforce = first_of("/sys/fs/selinux/enforce");
	char apparmor = first_of("/sys/module/apparmor/parameters/enabled");
	diagnosis_say(p->diagnosis, DIAGNOSIS_OK, FOUND_MAC, "SELinux %s, AppArmor %s",
	    enforce == '1'   ? "enforcing"
	    : enforce == '0' ? "permissive"
			     : "off",
	    apparmor == 'Y' ? "on" : "off");
}

/* Places that administrators put a proxy into. None of them is asked by a login. */
static bool file_names_proxy(const char *path, char *out, size_t size)
{
	char line[1024];
	bool found = false;
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), f) != NULL) {
		const char *text = line + strspn(line, " \t");
		if (*text == '#' || (strstr(text, "https_proxy=") == NULL &&
					strstr(text, "HTTPS_PROXY=") == NULL &&
					strstr(text, "http_proxy=") == NULL &&
					strstr(text, "Acquire::http") == NULL))
			continue;
		const char *url = strstr(text, "http://");
		if (url == NULL)
			continue;
		size_t len = strcspn(url, "\"'; \t\r\n");
		/* Without the name and the password that may stand in front. */
		const char *at = memchr(url, '@', len);
		const char *host = at != NULL ? at + 1 : url;
		snprintf(out, size, "%.*s", (int)(len - (size_t)(host - url)), host);
		found = true;
	}
	fclose(f);
	return found;
}

void doctor_proxy(struct patient *p)
{
	static const char *const files[] = {"/etc/environment", "/etc/apt/apt.conf",
	    "/etc/apt/apt.conf.d/proxy.conf", "/etc/apt/apt.conf.d/95proxies",
	    "/etc/apt/apt.conf.d/01proxy", "/etc/profile.d/proxy.sh", "/etc/dnf/dnf.conf",
	    "/etc/sysconfig/proxy"};
	char proxy[256];
	if (p->diagnosis->has_route || p->config->proxy != NULL)
		return;
	if (environment_proxy()[0] != '\0') {
		diagnosis_say(p->diagnosis, DIAGNOSIS_FAIL, FOUND_PROXY,
		    "network.proxy is not set, but this shell uses the proxy %s",
		    environment_proxy());
		return;
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (!file_names_proxy(files[i], proxy, sizeof(proxy)))
			continue;
		diagnosis_say(p->diagnosis, DIAGNOSIS_FAIL, FOUND_PROXY,
		    "network.proxy is not set, but %s names the proxy %s", files[i], proxy);
		return;
	}
}

void doctor_host(struct patient *p)
{
	examine_files(p);
	examine_module(p);
	examine_mac(p);
	examine_locale(p);
}
