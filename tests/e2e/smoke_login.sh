#!/bin/bash
# SPDX-License-Identifier: MIT
# The module as installed, in a throw-away copy of the machine, with pamtester. TAP.
set -eu
# shellcheck disable=SC2034
NEEDS=pamtester:pamtester
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/stage.sh"

printf 'auth required pam_cognito_oidc.so\naccount required pam_cognito_oidc.so\n' >/etc/pam.d/pamtester

login() { # user, answers...: pamtester's own exit status
    local user=$1
    shift
    printf '%s\n' "$@" | pamtester pamtester "$user" authenticate acct_mgmt
}
refused() { ! login "$@"; }
held() { # libpam varies two seconds by a half
    local begun took
    begun=$(date +%s%N)
    refused "$@"
    took=$((($(date +%s%N) - begun) / 1000000))
    echo "$took ms"
    [ $took -ge 900 ]
}

ok "alice signs in with SRP and a code" login alice "$(password alice)" "$(control totp alice)"
ok "and syslog has one line in authpriv" \
    logged '^authpriv.info pamtester(\[[0-9]+\])?: pam_cognito_oidc\(pamtester:auth\): login allowed user=alice '
ok "a wrong password is refused" refused bob wrong
ok "and told" logged 'login denied user=bob .* reason="wrong password'
ok "and held for a while" held bob wrong
ok "like somebody whom nobody knows" held nobody-here wrong
ok "the right password and the wrong group are refused" refused carol "$(password carol)"
ok "and told" logged 'login denied user=carol .* reason="no rule allows it"'

before=$(requests jwks)
ok "the key set was fetched once" [ "$before" = 1 ]
ok "and is kept for root alone" [ "$(stat -c '%a %U' /var/cache/pam_cognito_oidc/jwks-* | sort -u)" = "600 root" ]

sent=$(requests)
ok "an unknown user, root and a system user are refused" \
    eval 'refused nobody-here x && refused root x && refused daemon x'
ok "and nothing was sent" [ "$(requests)" = "$sent" ]

export SSLKEYLOGFILE=/tmp/keys https_proxy=http://127.0.0.1:1 ALL_PROXY=http://127.0.0.1:1 \
    SSL_CERT_DIR=/nonexistent CURL_CA_BUNDLE=/nonexistent OPENSSL_CONF=/nonexistent
ok "a hostile environment changes nothing" login bob "$(password bob)"
ok "and writes nothing" [ ! -e /tmp/keys ]
unset SSLKEYLOGFILE https_proxy ALL_PROXY SSL_CERT_DIR CURL_CA_BUNDLE OPENSSL_CONF

ok "cognito-oidc check is content" cognito-oidc check
chmod 644 /etc/pam_cognito_oidc/config.json
ok "a configuration that others may read refuses" refused bob "$(password bob)"
ok "check finds it" eval '! cognito-oidc check'
chmod 600 /etc/pam_cognito_oidc/config.json

ok "a caller that is not root is refused" \
    eval '! printf "%s\n" "$(password bob)" | setpriv --reuid alice --clear-groups pamtester pamtester bob authenticate'
ok "and told why" logged 'the calling program is not root'

ok "the system user exists" id _cognito-oidc
ok "uninstall leaves only the configuration" eval 'make -s uninstall BUILD="$BUILD" &&
    [ -z "$(find /etc /run /usr /var -xdev -name "*cognito?oidc*" -print |
        grep -v "^/etc/pam_cognito_oidc$")" ]'
finish
