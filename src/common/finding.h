/* SPDX-License-Identifier: MIT
 *
 * What doctor looks at: each name once, what to do when it is not as it should be, and the
 * page of the manual that says more. The helper names what it found, the command adds the
 * rest, docs/messages.md shows the whole table.
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
	X(CONFIG_FILE, "config.file", \
	  "Make it a regular file of root's: chown root:root, chmod 600.", PAGE_CONFIG) \
	X(CONFIG, "config", \
	  "Correct the place that is named; cognito-oidc check tells what follows from it.", \
	  PAGE_CONFIG) \
	X(CONFIG_ADVICE, "config.advice", "Allowed, but seldom meant: look at it once.", \
	  PAGE_CONFIG) \
	/* the installation */ \
	X(FOLDER, "folder", "Only root may own and write the configuration's folder.", \
	  PAGE_MODULE) \
	X(HELPER, "helper", \
	  "Install it again (make install, or the package): root's, mode 0755.", PAGE_MODULE) \
	X(CACHE, "cache", "Give it to root alone: chown root:root, chmod 700.", PAGE_MODULE) \
	X(RUN, "run", "Give it to root alone: chown root:root, chmod 700.", PAGE_MODULE) \
	X(USER, "user", \
	  "Create it: useradd --system --home-dir /nonexistent --shell /usr/sbin/nologin.", \
	  PAGE_MODULE) \
	X(MODULE, "module", \
	  "Install it where PAM looks, or write the whole path into the PAM line.", PAGE_MODULE) \
	X(SANDBOX, "sandbox", \
	  "The helper works without it, less confined: use a newer kernel.", PAGE_MODULE) \
	X(MAC, "mac", \
	  "If logins fail where doctor is content, look at its log (ausearch -m avc, dmesg).", \
	  PAGE_MODULE) \
	/* the way to Cognito */ \
	X(DNS, "dns", \
	  "Look for a typing error in the address; try getent hosts NAME; see /etc/resolv.conf.", \
	  PAGE_CONFIG) \
	X(CONNECT, "connect", \
	  "Let this host reach that port: firewall, security group, route, NAT or proxy.", \
	  PAGE_CONFIG) \
	X(PROXY, "proxy", \
	  "Set network.proxy to the proxy's address; the environment is never asked.", \
	  PAGE_CONFIG) \
	X(TLS, "tls", "See what stands between: a proxy, an old server, another service.", \
	  PAGE_CONFIG) \
	X(TLS_CA, "tls.ca", \
	  "Install ca-certificates, or name the authority in network.ca_path or ca_file.", \
	  PAGE_CONFIG) \
	X(TLS_NAME, "tls.name", \
	  "Look for a typing error in the address, or a proxy that answers in its place.", \
	  PAGE_CONFIG) \
	X(TLS_TIME, "tls.time", "Set this host's clock; if it is right, the server must renew.", \
	  PAGE_CONFIG) \
	X(CLOCK, "clock", "Set this host's clock: timedatectl set-ntp true, or chrony.", \
	  PAGE_CONFIG) \
	/* the pool */ \
	X(DISCOVERY, "discovery", \
	  "Look for a typing error in certs_url: the region, the pool's id.", PAGE_CONFIG) \
	X(ISSUER, "issuer", \
	  "Leave endpoints.issuer out, or set it to what the pool says.", PAGE_CONFIG) \
	X(ENDPOINT, "endpoint", \
	  "The domain stands under Branding > Domain: DOMAIN/oauth2/authorize and " \
	  "DOMAIN/oauth2/token.", \
	  PAGE_CONFIG) \
	X(JWKS, "jwks", "certs_url must be the pool's /.well-known/jwks.json.", PAGE_CONFIG) \
	X(JWKS_CACHED, "jwks.kept", \
	  "cognito-oidc jwks --refresh; the next login would fetch them, too.", PAGE_COMMAND) \
	/* the app client */ \
	X(CLIENT, "client", "Compare the app client in the console with the configuration.", \
	  PAGE_CONFIG) \
	X(CLIENT_ID, "client.id", "Copy client_id from the pool's app client again.", \
	  PAGE_CONFIG) \
	X(CLIENT_SECRET, "client.secret", \
	  "A confidential app client needs client_secret, a public one must have none.", \
	  PAGE_CONFIG) \
	X(CLIENT_FLOW, "client.flow", \
	  "Enable it on the app client, or use another login.flows or password_method.", \
	  PAGE_CONFIG) \
	X(CLIENT_REDIRECT, "client.redirect", \
	  "Register endpoints.redirect_uri, letter by letter, as a callback URL.", PAGE_CONFIG) \
	X(CLIENT_SCOPE, "client.scope", \
	  "Take it out of config.scopes, or allow it on the app client.", PAGE_CONFIG) \
	X(EXISTENCE, "existence", \
	  "Set the app client's \"Prevent user existence errors\": guessing names gets harder.", \
	  PAGE_CONFIG) \
	/* PAM */ \
	X(PAM_STACK, "pam", "Name the module in the PAM services that people log in by.", \
	  PAGE_MODULE) \
	X(PAM_OPTION, "pam.option", "Correct the PAM line: with it every login is refused.", \
	  PAGE_MODULE) \
	X(PAM_ACCOUNT, "pam.account", \
	  "Add: account required pam_cognito_oidc.so", PAGE_MODULE) \
	X(PAM_BYPASS, "pam.bypass", \
	  "Put it behind pam_cognito_oidc.so, or take \"sufficient\" off it.", PAGE_MODULE) \
	X(PAM_BREAK_GLASS, "pam.break-glass", \
	  "Leave a way in for the day Cognito cannot be reached: see the samples.", PAGE_MODULE) \
	X(LOCAL_USER, "local-user", \
	  "Create the account (useradd), or correct the name: nobody can log in by it.", \
	  PAGE_CONFIG) \
	X(LOCALE, "locale", \
	  "Use a UTF-8 locale (LANG=C.UTF-8), or qr=ascii on the PAM line.", PAGE_MODULE) \
	/* sshd */ \
	X(SSHD, "sshd", "Run sshd -T as root and mend what it says.", PAGE_MODULE) \
	X(SSHD_USE_PAM, "sshd.use-pam", "sshd_config: UsePAM yes", PAGE_MODULE) \
	X(SSHD_KBDINT, "sshd.kbd-interactive", \
	  "sshd_config: KbdInteractiveAuthentication yes", PAGE_MODULE) \
	X(SSHD_METHODS, "sshd.methods", \
	  "sshd_config: let a list of AuthenticationMethods hold keyboard-interactive.", \
	  PAGE_MODULE) \
	X(SSHD_GRACE, "sshd.grace", \
	  "sshd_config: a longer LoginGraceTime, or a smaller timeout= on the PAM line.", \
	  PAGE_MODULE) \
	X(SSHD_STARTUPS, "sshd.startups", \
	  "sshd_config: MaxStartups 100:30:200; who is typing a code waits, too.", \
	  PAGE_MODULE) \
	/* sudo */ \
	X(SUDO, "sudo", "Run visudo -c and mend what it says.", PAGE_MODULE) \
	X(SUDO_TIMESTAMP, "sudo.timestamp", \
	  "sudoers: Defaults timestamp_timeout no longer than login.recheck.", PAGE_MODULE) \
	X(SUDO_NOPASSWD, "sudo.nopasswd", \
	  "sudoers: take NOPASSWD (or !authenticate) off, or no sign-in is asked for there.", \
	  PAGE_MODULE)
/* clang-format on */

enum finding_name {
#define FINDING_ENUM(symbol, name, advice, page) FOUND_##symbol,
	FINDINGS(FINDING_ENUM)
#undef FINDING_ENUM
	    FOUND_COUNT
};

#endif
