#!/bin/bash
# SPDX-License-Identifier: MIT
# The real passwd, set-uid, run by an ordinary person on a terminal: it is the pool's password
# that changes. TAP.
set -eu
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/stage.sh"

old=$(password bob)
new=Brand-New-Pass-7!
newer=Another-One-8!
echo 'password required pam_cognito_oidc.so' >/etc/pam.d/passwd
printf '%s required pam_cognito_oidc.so\n' auth account >/etc/pam.d/pamtester
hash_before=$(getent shadow bob)

# converse.py's words, then what is run as bob: set-uid passwd on a terminal of its own.
change() {
    /usr/bin/python3 tests/converse.py --timeout 30 "$@" -- su -l bob -c passwd >"$proof/out" 2>&1
    local status=$?
    cat "$proof/out"
    return $status
}
refused() { ! "$@"; }
says() { grep -F "$1" "$proof/out"; }
login() { printf '%s\n' "$2" | pamtester pamtester "$1" authenticate acct_mgmt; }

ok "passwd is set-uid here" [ -u /usr/bin/passwd ]
ok "bob changes his password" \
    change "Current password: =$old" "New password: =$new" "New password again: =$new"
ok "and syslog says so" logged 'pam_cognito_oidc\(passwd:chauthtok\): .* allowed user=bob'
ok "the old one logs nobody in" refused login bob "$old"
ok "the new one does" login bob "$new"
ok "at the pool too" pool_says bob "$new" tokens
ok "the local password is as it was" [ "$(getent shadow bob)" = "$hash_before" ]

changes=$(requests ChangePassword)
ok "a wrong current password is refused" refused change "Current password: =Wrong-1!"
ok "and passwd tells the person" says "Authentication failure"
ok "two that differ are asked again" \
    change "Current password: =$new" "New password: =$newer" "New password again: =other" \
    "New password: =$newer" "New password again: =$newer"
ok "and told" says "The two passwords do not match."
ok "one change was sent for all that" [ $(($(requests ChangePassword) - changes)) = 1 ]
ok "what the pool does not like is asked again" \
    change "Current password: =$newer" "New password: =short" "New password again: =short" \
    "New password: =$old" "New password again: =$old"
ok "and the pool's own words are shown" \
    says "The new password was refused: Password did not conform with policy: Password not long enough"
ok "the last one is the pool's" pool_says bob "$old" tokens
ok "an empty new password cancels" refused change "Current password: =$old" "New password: ="
ok "and changes nothing" pool_says bob "$old" tokens

control user bob '{"totp":"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}' >/dev/null
ok "who has an authenticator is asked for its code" \
    change "Current password: =$old" "app: =$(control totp bob)" "New password: =$new" "New password again: =$new"
ok "and the password is changed" pool_says bob "$new" SOFTWARE_TOKEN_MFA

sent=$(requests)
ok "root's \"passwd bob\" is refused" \
    refused eval 'passwd bob </dev/null >"$proof/out" 2>&1'
ok "and the reason is told" says "Root cannot change a password that is in Amazon Cognito. Please ask the user to run passwd."
ok "and logged" logged 'denied user=bob .* reason="root may not change this password'
ok "and nothing was sent" [ "$(requests)" = "$sent" ]
ok "bob cannot change alice's" refused eval 'su -l bob -c "passwd alice" </dev/null >"$proof/out" 2>&1'

# As in the manual: those who are none of the pool's keep their local password.
control user bob '{"totp":null}' >/dev/null
cat >/etc/pam.d/passwd <<'END'
password [success=done new_authtok_reqd=done ignore=ignore default=die] pam_cognito_oidc.so local=carol
password required pam_unix.so sha512
END
carol_before=$(getent shadow carol)
ok "local people beside: bob's is still the pool's" \
    change "Current password: =$new" "New password: =$old" "New password again: =$old"
ok "and at the pool" pool_says bob "$old" tokens
ok "and not the local one" [ "$(getent shadow bob)" = "$hash_before" ]
ok "root sets the local password of carol" eval 'printf "%s\n%s\n" "$newer" "$newer" | passwd carol >"$proof/out" 2>&1'
ok "and it is the local one" [ "$(getent shadow carol)" != "$carol_before" ]
ok "but not bob's" refused eval 'printf "%s\n%s\n" "$newer" "$newer" | passwd bob >"$proof/out" 2>&1'
ok "no line of syslog holds a password" eval '! grep -F -e "$old" -e "$new" -e "$newer" "$log"'
finish
