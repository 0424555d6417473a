/* SPDX-License-Identifier: MIT
 *
 * What the parts of doctor share. Each looks at one thing of this host and says what it saw.
 */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include <stdbool.h>

struct config;
struct diagnosis;

struct patient {
	struct diagnosis *diagnosis;
	const char *config_path;
	const struct config *config; /* NULL: it could not be read */
	/* learned on the way */
	bool has_sshd, has_sudo; /* these PAM services name the module */
	unsigned long sshd_timeout; /* its timeout= there, seconds */
};

/* Files, system user, module, locale, sandbox, SELinux and AppArmor. */
void doctor_host(struct patient *);
/* Every service of /etc/pam.d that names the module; local users that do not exist. */
void doctor_pam(struct patient *);
/* sshd -T, if sshd's service names the module. */
void doctor_sshd(struct patient *);
/* sudoers, if sudo's service names the module. */
void doctor_sudo(struct patient *);
/* Where this machine names a proxy, if hosts could not be reached and none is configured. */
void doctor_proxy(struct patient *);

#endif
