#!/bin/bash
# SPDX-License-Identifier: MIT
# sshd's four ways in, with conf/pam.d/debian/sshd as shipped: keyboard-interactive, password, a key
# (which account decides about), and a key with keyboard-interactive behind it. TAP.
set -eu
# shellcheck disable=SC2034
NEEDS="sshd:openssh-server ssh:openssh-client sshpass:sshpass"
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/stage.sh"

install -m 644 conf/pam.d/debian/sshd /etc/pam.d/sshd
sed -i '/^session.*pam_cognito_oidc/s/$/ debug/' /etc/pam.d/sshd
configure '{"login":{"recheck":300},"rules":[{"name":"shell","services":["sshd"],"groups":["linux-users"]}]}'
for person in alice bob carol; do
    install -d -m 700 -o "$person" -g "$person" "/home/$person/.ssh"
    ssh-keygen -q -t ed25519 -N '' -f "$proof/key-$person"
    install -m 600 -o "$person" -g "$person" "$proof/key-$person.pub" "/home/$person/.ssh/authorized_keys"
done

run() { # method, user, what is typed ("" for nothing), command...
    local method=$1 user=$2 typed=$3
    shift 3
    # Every question gets the same answer; sshpass knows them by their end.
    sshpass -P ': ' -p "$typed" "${client[@]}" -o "PreferredAuthentications=$method" \
        -i "$proof/key-$user" -o IdentitiesOnly=yes "$user@127.0.0.1" "$@" 2>"$proof/err"
}
in_by() { [ "$(run "$1" "$2" "$3" whoami)" = "$2" ]; }
out_by() { ! run "$1" "$2" "$3" whoami; }
key() { in_by publickey "$1" ''; }
no_key() { out_by publickey "$1" ''; }
ticket_of() { find /run/pam_cognito_oidc -name "ticket-$(id -u "$1")-*" ! -name '*.lock' | grep .; }

# ---- each alone ----------------------------------------------------------------------------------
start_sshd 'PubkeyAuthentication yes' 'PasswordAuthentication yes' 'KbdInteractiveAuthentication yes'
before=$(requests)
ok "key: nobody gets in before signing in with Cognito once" no_key bob
ok "key: and syslog tells why" logged ':account\): login denied user=bob service=sshd'
ok "key: the pool was not asked" [ "$(requests)" = "$before" ]

ok "keyboard-interactive: bob" in_by keyboard-interactive bob "$(password bob)"
ok "keyboard-interactive: a wrong password" out_by keyboard-interactive bob wrong
faillock --user bob --reset
ok "it left a ticket, root's alone" eval '[ "$(stat -c "%U %a" "$(ticket_of bob)")" = "root 600" ]'
before=$(requests)
ok "key: now bob's ticket lets him in" key bob
ok "key: without asking the pool" [ "$(requests)" = "$before" ]
ok "key: but not carol, who has none" no_key carol
exported=$(run publickey bob '' env | grep '^OIDC_CLAIM_') || true
ok "key: the session has the claims" eval 'echo "$exported" | grep "^OIDC_CLAIM_cognito_username=bob$"'

rm -rf /run/pam_cognito_oidc
ok "password: bob" in_by password bob "$(password bob)"
ok "password: and a key afterwards" key bob
ok "password: who is in another group is refused" out_by password carol "$(password carol)"
ok "password: and the key does not help" no_key carol

control user bob '{"groups":[]}' >/dev/null
ok "key: within recheck the ticket is believed" key bob
configure '{"login":{"recheck":0},"rules":[{"name":"shell","services":["sshd"],"groups":["linux-users"]}]}'
ok "key: with recheck 0 the pool is asked, and the group is gone" no_key bob
ok "key: and syslog tells why" logged ':account\): login denied user=bob service=sshd .* reason="no rule allows it"'
control user bob '{"groups":["linux-users"]}' >/dev/null
ok "key: back in the group, back on the host" key bob
control user bob '{"enabled":false}' >/dev/null
ok "key: a disabled person is refused" no_key bob
ok "key: and syslog tells why" logged ':account\): login denied user=bob service=sshd .* reason="disabled in the pool'
control user bob '{"enabled":true}' >/dev/null
ok "key: that ticket stays refused until a new sign-in" no_key bob
ok "keyboard-interactive: a new sign-in" in_by keyboard-interactive bob "$(password bob)"
ok "key: and the key works again" key bob
stop_sshd

# ---- a key and then Cognito ----------------------------------------------------------------------
start_sshd 'PubkeyAuthentication yes' 'PasswordAuthentication no' 'KbdInteractiveAuthentication yes' \
    'AuthenticationMethods publickey,keyboard-interactive'
ok "key and Cognito: bob" in_by publickey,keyboard-interactive bob "$(password bob)"
ok "key and Cognito: not the key alone" no_key bob
ok "key and Cognito: not Cognito alone" out_by keyboard-interactive bob "$(password bob)"
ok "key and Cognito: not with a wrong password" out_by publickey,keyboard-interactive bob wrong
stop_sshd
ok "no line of syslog holds a password" eval '! grep -F "$(password bob)" "$log"'
finish
