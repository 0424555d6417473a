/* SPDX-License-Identifier: MIT
 *
 * This host: the installation, what confines the helper, the locale, and where else a proxy is
 * configured.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "cli/check.h"
#include "cli/verbs.h"
#include "common/buffer.h"
#include "common/clock.h"
#include "common/frame.h"
#include "common/paths.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/policy/ticket_body.h"
#include "module/spawn.h"
#include "module/ticket_file.h"
#include "module/warm.h"

#define WARM_MS 5000 /* more than it takes to give it up */
#define HELPER_LABEL "pam_cognito_oidc_helper_exec_t" /* conf/selinux */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A missing cache or ticket directory is no fault: the module creates both. */
static void examine_files(struct diagnosis *d)
{
	struct installed rows[INSTALLED_COUNT];
	installed_examine(d->config_path, rows);
	for (size_t i = 0; i < INSTALLED_COUNT; i++) {
		const struct installed *row = &rows[i];
		/* These two are examined more closely elsewhere. */
		if (row->finding == FOUND_CONFIG_FILE || row->finding == FOUND_MODULE)
			continue;
		diagnosis_say(d, row->state == INSTALLED_WRONG ? DOCTOR_FAIL : DOCTOR_OK,
		    row->finding, "%s", row->seen);
	}
}

/* libpam looks for modules in the directory that its own modules are in. */
static const char *pam_directory(void)
{
	const char *const directories[] = {paths.modules, "/lib64/security",
	    "/usr/lib64/security", "/lib/security", "/usr/lib/security"};
	char path[512];
	for (size_t i = 0; i < COUNT(directories); i++) {
		snprintf(path, sizeof(path), "%s/pam_permit.so", directories[i]);
		if (access(path, F_OK) == 0)
			return directories[i];
	}
	return paths.modules;
}

/* libpam loads the module as root, whatever its mode: nobody else may be able to change it. */
static void examine_module(struct diagnosis *d)
{
	struct stat st;
	char path[512];
	snprintf(path, sizeof(path), "%s/pam_cognito_oidc.so", pam_directory());
	if (stat(path, &st) != 0)
		diagnosis_say(d, DOCTOR_FAIL, FOUND_MODULE,
		    "%s: missing from the directory where libpam looks for modules", path);
	else if (st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		diagnosis_say(d, DOCTOR_FAIL, FOUND_MODULE,
		    "%s: writable by someone other than root", path);
	else
		diagnosis_say(d, DOCTOR_OK, FOUND_MODULE, "%s", path);
}

/* Nothing that a stranger may ask the pool says so; its sign-ins on this host do. */
static bool has_device(const struct ticket *ticket, void *arg)
{
	struct diagnosis *d = arg;
	struct ticket_body body;
	if (!streq(ticket->path, d->config_path) ||
	    ticket_body_decode(
		d->config, buffer_text(&ticket->body), ticket->body.len, &body) != 0)
		return true;
	bool is_tracked = body.device_key != NULL;
	ticket_body_forget(&body);
	if (is_tracked)
		diagnosis_say(d, DOCTOR_WARN, FOUND_DEVICES,
		    "the pool tracks devices: each sign-in with a password adds one to the "
		    "user's");
	return !is_tracked;
}

/* The first character of a small file, or EOF. */
static int first_character(const char *path)
{
	FILE *f = fopen(path, "re");
	int c = f != NULL ? fgetc(f) : EOF;
	if (f != NULL)
		fclose(f);
	return c;
}

/* No login depends on it: its absence only costs time. */
static void examine_warm(struct diagnosis *d)
{
	struct helper helper;
	struct buffer in = BUFFER_INIT(FRAME_MAX);
	int64_t lost = 0;
	const char *why = warm_connect(&helper, &in, clock_ms() + WARM_MS, &lost);
	spawn_end(&helper, false);
	buffer_wipe(&in);
	struct stat st;
	bool has_systemd = stat("/run/systemd/system", &st) == 0;
	if (why == NULL)
		diagnosis_say(
		    d, DOCTOR_OK, FOUND_WARM, "the warm helper answers, of this version");
	else if (why[0] != '\0')
		diagnosis_say(
		    d, DOCTOR_WARN, FOUND_WARM, "the warm helper is not used: %s", why);
	else
		diagnosis_say(d, has_systemd ? DOCTOR_WARN : DOCTOR_OK, FOUND_WARM,
		    "%s: each login loads a helper of its own",
		    has_systemd ? "its socket is not there" : "no systemd");
}

/* Is our module in the loaded policy? The kernel takes a context only if it knows the type. A
 * policy without levels takes none with a level. */
static bool has_selinux_module(void)
{
	static const char *const contexts[] = {
	    "system_u:object_r:" HELPER_LABEL ":s0", "system_u:object_r:" HELPER_LABEL};
	bool has = false;
	for (size_t i = 0; !has && i < COUNT(contexts); i++) {
		int fd = open("/sys/fs/selinux/context", O_RDWR | O_CLOEXEC);
		size_t len = strlen(contexts[i]) + 1;
		has = fd >= 0 && write(fd, contexts[i], len) == (ssize_t)len;
		if (fd >= 0)
			close(fd);
	}
	return has;
}

static bool has_helper_label(void)
{
	char context[256] = "";
	return getxattr(paths.helper, "security.selinux", context, sizeof(context) - 1) > 0 &&
	       strstr(context, ":" HELPER_LABEL) != NULL;
}

/* "(enforce)" or "(complain)" of our profile; only root may read the list. */
static void find_profile(char *out, size_t size)
{
	char line[1024];
	const char name[] = "pam_cognito_oidc_helper (";
	FILE *f = fopen("/sys/kernel/security/apparmor/profiles", "re");
	snprintf(out, size, "no profile");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (text_starts(line, name))
			snprintf(out, size, "profile in %.*s mode",
			    (int)strcspn(line + sizeof(name) - 1, ")\n"),
			    line + sizeof(name) - 1);
	if (f != NULL)
		fclose(f);
}

/* Neither has to be off. If logins fail without any other finding, their logs say why. */
static void examine_access_control(struct diagnosis *d)
{
	char profile[64];
	int enforce = first_character("/sys/fs/selinux/enforce");
	bool has_apparmor = first_character("/sys/module/apparmor/parameters/enabled") == 'Y';
	bool is_on = enforce == '0' || enforce == '1';
	const char *module = !is_on                  ? ""
			     : !has_selinux_module() ? ", without the helper's policy module"
			     : !has_helper_label()
				 ? ", but the helper lacks its label (restorecon)"
				 : ", with the helper's policy module";
	bool is_whole = !is_on || (has_selinux_module() && has_helper_label());
	find_profile(profile, sizeof(profile));
	diagnosis_say(d, enforce == '1' && !is_whole ? DOCTOR_WARN : DOCTOR_OK, FOUND_MAC,
	    "SELinux %s%s; AppArmor %s%s%s",
	    enforce == '1'   ? "enforcing"
	    : enforce == '0' ? "permissive"
			     : "off",
	    module, has_apparmor ? "on, " : "off", has_apparmor ? "the helper has " : "",
	    has_apparmor ? profile : "");
}

void doctor_host(struct diagnosis *d)
{
	examine_files(d);
	examine_module(d);
	examine_warm(d);
	if (d->config != NULL)
		ticket_file_each(has_device, d);
	examine_access_control(d);
	if (d->environment->is_utf8)
		diagnosis_say(d, DOCTOR_OK, FOUND_LOCALE,
		    "UTF-8: a QR code can be drawn with half blocks");
	else
		diagnosis_say(d, DOCTOR_WARN, FOUND_LOCALE,
		    "this shell's locale (%s) cannot show a QR code", d->environment->locale);
}

/* The first proxy that a file names, without the user and password in its address. */
static bool find_proxy(const char *path, char *out, size_t size)
{
	static const char *const names[] = {
	    "https_proxy=", "HTTPS_PROXY=", "http_proxy=", "Acquire::http"};
	char line[1024];
	bool found = false;
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), f) != NULL) {
		const char *url = strstr(line, "http://");
		if (url == NULL || line[strspn(line, " \t")] == '#')
			continue;
		for (size_t i = 0; i < COUNT(names); i++)
			found = found || strstr(line, names[i]) != NULL;
		size_t len = strcspn(url, "\"'; \t\r\n");
		const char *at = memchr(url, '@', len);
		const char *host = at != NULL ? at + 1 : url;
		snprintf(out, size, "%.*s", (int)(len - (size_t)(host - url)), host);
	}
	fclose(f);
	return found;
}

/* A login uses none of these places, but an administrator may expect it to. */
void doctor_proxy(struct diagnosis *d)
{
	static const char *const files[] = {"/etc/environment", "/etc/apt/apt.conf",
	    "/etc/apt/apt.conf.d/proxy.conf", "/etc/apt/apt.conf.d/95proxies",
	    "/etc/apt/apt.conf.d/01proxy", "/etc/profile.d/proxy.sh", "/etc/dnf/dnf.conf",
	    "/etc/sysconfig/proxy"};
	char proxy[256];
	if (!d->no_route || d->config->proxy != NULL)
		return;
	if (d->environment->proxy[0] != '\0') {
		diagnosis_say(d, DOCTOR_FAIL, FOUND_PROXY,
		    "network.proxy is not set, but this shell uses the proxy %s",
		    d->environment->proxy);
		return;
	}
	for (size_t i = 0; i < COUNT(files); i++) {
		if (!find_proxy(files[i], proxy, sizeof(proxy)))
			continue;
		diagnosis_say(d, DOCTOR_FAIL, FOUND_PROXY,
		    "network.proxy is not set, but %s names the proxy %s", files[i], proxy);
		return;
	}
}
