/* SPDX-License-Identifier: MIT
 *
 * What doctor examines: a name, what to do when it is not ok, and the page of the manual that
 * says more. The helper sends names; the command adds the rest. docs/messages.md has the whole
 * table.
 */
#ifndef COMMON_FINDING_H
#define COMMON_FINDING_H

#define PAGE_MODULE "pam_cognito_oidc(8)"
#define PAGE_CONFIG "pam_cognito_oidc.json(5)"
#define PAGE_COMMAND "cognito-oidc(8)"

/* clang-format off */
/* X(symbol, name, what to do, page) */
#define FINDINGS(X) \
	/* the configuration */ \
	X(CONFIG_FILE, "config.file", "Make it a regular file that only root can access: chown root:root, chmod 600.", PAGE_CONFIG) \
	X(CONFIG, "config", "Fix the line that is named. cognito-oidc check lists every fault.", PAGE_CONFIG) \
	X(CONFIG_ADVICE, "config.advice", "Make sure that you mean it: it is allowed, but rarely intended.", PAGE_CONFIG) \
	/* the installation */ \
	X(FOLDER, "folder", "Let only root own and write the directory of the configuration.", PAGE_MODULE) \
	X(HELPER, "helper", "Install it again (make install, or the package): owner root, mode 0755.", PAGE_MODULE) \
	X(CACHE, "cache", "Let only root access it: chown root:root, chmod 700.", PAGE_MODULE) \
	X(RUN, "run", "Let only root access it: chown root:root, chmod 700.", PAGE_MODULE) \
	X(USER, "user", "Create it: useradd --system --home-dir /nonexistent --shell /usr/sbin/nologin.", PAGE_MODULE) \
	X(MODULE, "module", "Install it where libpam looks, or write its full path into the PAM line.", PAGE_MODULE) \
	X(SANDBOX, "sandbox", "Use a newer kernel: the helper works, but is less confined.", PAGE_MODULE) \
	X(WARM, "warm", "Run systemctl enable --now pam_cognito_oidc.socket, then systemctl status pam_cognito_oidc.service.", PAGE_MODULE) \
	X(MAC, "mac", "docs/security.md says how to load the policy. If logins fail although doctor finds nothing, see its log (ausearch -m avc, dmesg).", PAGE_MODULE) \
	/* the way to Cognito */ \
	X(DNS, "dns", "Check the address for typing errors, getent hosts NAME, and /etc/resolv.conf.", PAGE_CONFIG) \
	X(CONNECT, "connect", "Let this host connect to that port: firewall, security group, route, NAT or proxy.", PAGE_CONFIG) \
	X(PROXY, "proxy", "Set network.proxy to the proxy's address: logins ignore the environment.", PAGE_CONFIG) \
	X(TLS, "tls", "Check what answers there: a proxy, an old server or another service.", PAGE_CONFIG) \
	X(TLS_CA, "tls.ca", "Install ca-certificates, or set network.ca_path or ca_file to the authority's.", PAGE_CONFIG) \
	X(TLS_NAME, "tls.name", "Check the address for typing errors, and for a proxy that answers instead.", PAGE_CONFIG) \
	X(TLS_TIME, "tls.time", "Set this host's clock. If it is right, the server needs a new certificate.", PAGE_CONFIG) \
	X(CLOCK, "clock", "Set this host's clock: timedatectl set-ntp true, or chrony.", PAGE_CONFIG) \
	/* the pool */ \
	X(DISCOVERY, "discovery", "Check certs_url for typing errors in the region and the pool's id.", PAGE_CONFIG) \
	X(ISSUER, "issuer", "Remove endpoints.issuer, or set it to the pool's.", PAGE_CONFIG) \
	X(ENDPOINT, "endpoint", "Copy the domain from Branding > Domain: DOMAIN/oauth2/authorize and DOMAIN/oauth2/token.", PAGE_CONFIG) \
	X(JWKS, "jwks", "Set certs_url to the pool's /.well-known/jwks.json.", PAGE_CONFIG) \
	X(JWKS_CACHED, "jwks.kept", "Run cognito-oidc jwks --refresh, or wait: the next login fetches them, too.", PAGE_COMMAND) \
	/* the app client */ \
	X(CLIENT, "client", "Compare the app client in the console with the configuration.", PAGE_CONFIG) \
	X(CLIENT_ID, "client.id", "Copy client_id from the pool's app client again.", PAGE_CONFIG) \
	X(CLIENT_SECRET, "client.secret", "Set client_secret for a confidential app client; remove it for a public one.", PAGE_CONFIG) \
	X(CLIENT_FLOW, "client.flow", "Enable it on the app client, or change login.flows or login.password_method.", PAGE_CONFIG) \
	X(CLIENT_REDIRECT, "client.redirect", "Add endpoints.redirect_uri, exactly as it is, to the allowed callback URLs.", PAGE_CONFIG) \
	X(CLIENT_SCOPE, "client.scope", "Remove it from config.scopes, or allow it on the app client.", PAGE_CONFIG) \
	X(DEVICES, "devices", "Unless another app needs it, switch it off: Sign-in > Device tracking > Don't remember.", PAGE_CONFIG) \
	X(EXISTENCE, "existence", "Enable \"Prevent user existence errors\" on the app client: it makes names hard to guess.", PAGE_CONFIG) \
	/* PAM */ \
	X(PAM_STACK, "pam", "Add the module to the PAM services that users log in with.", PAGE_MODULE) \
	X(PAM_OPTION, "pam.option", "Fix the PAM line: it refuses every login.", PAGE_MODULE) \
	X(PAM_ACCOUNT, "pam.account", "Add: account required pam_cognito_oidc.so", PAGE_MODULE) \
	X(PAM_BYPASS, "pam.bypass", "Move it behind pam_cognito_oidc.so, or do not make it \"sufficient\".", PAGE_MODULE) \
	X(PAM_BREAK_GLASS, "pam.break-glass", "Add a way in for when Cognito is unreachable; the samples have one.", PAGE_MODULE) \
	X(PAM_COMMON, "pam.common", "Remove it there, and name the module in each service that users log in with.", PAGE_MODULE) \
	X(ENABLED, "enabled", "Run cognito-oidc enable again, or disable to take the rest back.", PAGE_COMMAND) \
	X(TRY, "enabled.try", "Log in, then run cognito-oidc enable --keep; cognito-oidc disable --try takes it back.", PAGE_COMMAND) \
	X(PAM_CONF, "pam.conf", "Write the line into the service's file in /etc/pam.d.", PAGE_MODULE) \
	X(LOCAL_USER, "local-user", "Create the account (useradd), or fix the name: nobody can log in with it.", PAGE_CONFIG) \
	X(LOCALE, "locale", "Use a UTF-8 locale (LANG=C.UTF-8), or qr=ascii on the PAM line.", PAGE_MODULE) \
	/* accounts */ \
	X(ACCOUNTS_RECORDS, "accounts", "Run cognito-oidc accounts apply, or remove users.from_accounts.", PAGE_COMMAND) \
	X(ACCOUNTS_NSS, "accounts.nss", "Install libnss-systemd; let passwd and group of /etc/nsswitch.conf say: files systemd", PAGE_COMMAND) \
	X(ACCOUNTS_RANGE, "accounts.range", "Set accounts.uid_range to numbers that nothing else uses, before the first apply.", PAGE_CONFIG) \
	X(ACCOUNTS_OLD, "accounts.old", "Remove their records from /etc/userdb, or have accounts apply lock and prune them.", PAGE_COMMAND) \
	X(ACCOUNTS_KEYS, "accounts.keys", "Set AuthorizedKeysCommand and AuthorizedKeysCommandUser as cognito-oidc(8) shows.", PAGE_COMMAND) \
	X(ACCOUNTS_TIMER, "accounts.timer", "See journalctl -u cognito-oidc-accounts.service, and run accounts apply by hand.", PAGE_COMMAND) \
	X(ACCOUNTS_ROLE, "accounts.role", "List the pool on one host that nobody else uses, and hand the export out (--from).", PAGE_COMMAND) \
	/* sshd */ \
	X(SSHD, "sshd", "Run sshd -T as root and fix what it reports.", PAGE_MODULE) \
	X(SSHD_USE_PAM, "sshd.use-pam", "Set UsePAM yes in sshd_config.", PAGE_MODULE) \
	X(SSHD_KBDINT, "sshd.kbd-interactive", "Set KbdInteractiveAuthentication yes in sshd_config.", PAGE_MODULE) \
	X(SSHD_METHODS, "sshd.methods", "Add keyboard-interactive to AuthenticationMethods in sshd_config.", PAGE_MODULE) \
	X(SSHD_GRACE, "sshd.grace", "Raise LoginGraceTime in sshd_config, or lower timeout= on the PAM line.", PAGE_MODULE) \
	X(SSHD_STARTUPS, "sshd.startups", "Set MaxStartups 100:30:200 in sshd_config: a user typing a code counts, too.", PAGE_MODULE) \
	X(SSHD_PENALTIES, "sshd.penalties", "Lower authfail in PerSourcePenalties, or name addresses that users share in PerSourcePenaltyExemptList.", PAGE_MODULE) \
	/* sudo */ \
	X(SUDO, "sudo", "Run visudo -c and fix what it reports.", PAGE_MODULE) \
	X(SUDO_TIMESTAMP, "sudo.timestamp", "Set \"Defaults timestamp_timeout=5\" in sudoers: login.recheck at most, in minutes.", PAGE_MODULE) \
	X(SUDO_NOPASSWD, "sudo.nopasswd", "Remove NOPASSWD or !authenticate from sudoers if a sign-in is needed there.", PAGE_MODULE) \
	X(SUDO_SSM_USER, "sudo.ssm-user", "Add local=ssm-user to the account line if Session Manager's users need sudo.", PAGE_MODULE)
/* clang-format on */

enum finding_name {
#define FINDING_ENUM(symbol, name, advice, page) FOUND_##symbol,
	FINDINGS(FINDING_ENUM)
#undef FINDING_ENUM
	    FOUND_COUNT
};

#endif
