/* SPDX-License-Identifier: MIT
 *
 * What doctor finds. Each doctor_*.c file examines one part of this host and reports a line for
 * each thing it looked at. A new check is a row in common/finding.h and a few lines in the file
 * it belongs to.
 */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "common/finding.h"

struct buffer;
struct config;
struct environment;
struct output;
struct sshd_users;

enum doctor_status { DOCTOR_OK, DOCTOR_WARN, DOCTOR_FAIL };

struct diagnosis {
	struct output *out; /* its array "findings" is open */
	size_t count[DOCTOR_FAIL + 1]; /* findings of each status */
	const struct environment *environment; /* verbs.h */
	const char *config_path;
	struct config *config; /* NULL: it could not be read */
	bool tells_faults; /* nothing else is reported: for enable */
	const struct sshd_users *also; /* whom sshd is asked about, too; or NULL */
	/* learned on the way */
	bool no_route; /* a host could not be resolved or reached */
	bool has_sshd, has_sudo; /* these PAM services name the module */
	unsigned long sshd_timeout; /* the module's timeout= in sshd's auth line, seconds */
};

/* One finding: what was looked at, and what was there. One that is not ok gets its advice and
 * page from common/finding.h. Text is written at once: a network that does not answer must not
 * look like a hung command. */
void diagnosis_say(struct diagnosis *, enum doctor_status, enum finding_name,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same for a finding of the helper, in the words of message.h. False if they are unknown.
 * The first argument is a struct diagnosis; helper_client.h's type leaves that open. */
bool diagnosis_relay(void *, const char *status, const char *name, const char *seen);

/* How many findings are not ok: a part in which none was added says that all is well. */
size_t diagnosis_troubles(const struct diagnosis *);

/* The configuration, this host and the way to the pool: what concerns every service. text keeps
 * the configuration's content. The caller frees d->config. */
void doctor_examine(struct diagnosis *, struct buffer *text);
/* Files, system user, module, locale, SELinux and AppArmor. */
void doctor_host(struct diagnosis *);
/* After the network: where this machine names a proxy, if the configuration names none. */
void doctor_proxy(struct diagnosis *);
/* Local users that the configuration names and that do not exist. */
void doctor_users(struct diagnosis *);
/* Every service of /etc/pam.d that names the module. */
void doctor_pam(struct diagnosis *);
/* The records of local accounts, and what keeps them up to date. */
void doctor_accounts(struct diagnosis *);
/* What enable has put in place: is it still there? A try that nobody has confirmed. */
void doctor_enabled(struct diagnosis *);
/* sshd -T, if sshd's service names the module. */
void doctor_sshd(struct diagnosis *);
/* sudoers, if sudo's service names the module. */
void doctor_sudo(struct diagnosis *);

#endif
