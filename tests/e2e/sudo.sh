#!/bin/bash
# SPDX-License-Identifier: MIT
# sudo that knows who has left: the group decides at every sudo, also while sudo's own timestamp
# holds; silent sudo by the ticket; and everybody who would like to be somebody else. TAP.
set -eu
# shellcheck disable=SC2034
NEEDS="sshd:openssh-server ssh:openssh-client sshpass:sshpass sudo:sudo"
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/stage.sh"

rules='"rules":[{"name":"shell","services":["sshd","su"],"groups":["linux-users","contractors"],"grant":["video"]},
    {"name":"admins","services":["sudo","sudo-i"],"groups":["linux-admins"]}]'
set_up() { configure "{${1:+$1,}$rules}"; } # members of the configuration
people() { # who is in the admin group now; everybody else is not
    control user bob "{\"groups\":[\"linux-users\"${1:+,\"linux-admins\"}]}" >/dev/null
}
set_up '"login":{"recheck":3}'
people admin
printf 'bob:Local-Bob-1!\ncarol:Local-Carol-1!\n' | chpasswd
printf 'bob ALL=(ALL) ALL\ncarol ALL=(ALL) ALL\n' >/etc/sudoers.d/people
# The timestamp is the person's, not a terminal's, and outlives this story.
printf 'Defaults timestamp_type=global, timestamp_timeout=60, !lecture\n' >/etc/sudoers.d/always
chmod 440 /etc/sudoers.d/*
cat >/etc/pam.d/sshd <<'PAM'
auth     required pam_cognito_oidc.so grant=video
account  required pam_cognito_oidc.so grant=video
session  required pam_env.so user_readenv=1
session  required pam_permit.so
session  optional pam_cognito_oidc.so
PAM
gate() { for s in sudo sudo-i; do install -m 644 conf/pam.d/debian/sudo-gate /etc/pam.d/$s; done; }
silent() { for s in sudo sudo-i; do install -m 644 conf/pam.d/debian/sudo-silent /etc/pam.d/$s; done; }
as() { # a person, then what that person runs
    local person=$1
    shift
    setpriv --reuid "$person" --regid "$person" --init-groups env -i PATH=/usr/bin:/bin "$@"
}
start_sshd 'KbdInteractiveAuthentication yes' 'PasswordAuthentication no' 'PubkeyAuthentication yes' \
    'AuthorizedKeysFile /srv/proof/ssh/authorized_%u'
ssh-keygen -q -t ed25519 -N '' -f "$proof/ssh/own"
for person in bob carol; do install -m 644 "$proof/ssh/own.pub" "$proof/ssh/authorized_$person"; done
chmod 755 "$proof" "$proof/ssh"
by_ssh() { # who, password, command
    sshpass -P assword -p "$2" "${client[@]}" -o PreferredAuthentications=keyboard-interactive "$1@127.0.0.1" "${3:-whoami}"
}
by_key() { "${client[@]}" -i "$proof/ssh/own" -o IdentitiesOnly=yes -o PreferredAuthentications=publickey "$1@127.0.0.1" "${2:-whoami}"; }
signs_in() { [ "$(by_ssh "$1" "$(password "$1")")" = "$1" ]; }
by_timestamp() { as "$1" sudo -n whoami; } # sudo asks nobody; account is asked all the same
is_root() { [ "$("$@" 2>"$proof/said")" = root ]; }
refused() { ! "$@" >"$proof/said" 2>&1; }
told() { grep -q "$1" "$proof/said" || { cat "$proof/said"; return 1; }; }

# ---- the group as a gate -------------------------------------------------------------------
gate
local_password() { printf '%s\n' "$2" | as "$1" sudo -S -p '' whoami; }
ok "gate: who never signed in is refused, whatever the local password" refused local_password bob 'Local-Bob-1!'
ok "gate: and told what to do" told 'PreferredAuthentications=keyboard-interactive'
ok "gate: and why by syslog" logged ':account\): login denied user=bob service=sudo .* reason="no live ticket'
ok "bob signs in by ssh" signs_in bob
ok "gate: bob of the admin group" is_root local_password bob 'Local-Bob-1!'
ok "gate: and again by sudo's own timestamp" is_root by_timestamp bob
ok "gate: carol has signed in, and is in another group" signs_in carol
ok "gate: carol is refused" refused local_password carol 'Local-Carol-1!'

people
ends_within() { # seconds: the timestamp lets nobody in any more
    local turn
    for turn in $(seq 1 $(($1 * 5))); do
        by_timestamp bob >"$proof/said" 2>&1 || return 0
        sleep 0.2
    done
    return "$((turn - turn + 1))"
}
ok "recheck 3: bob leaves the group: refused within 5 s, though the timestamp holds" ends_within 5
ok "recheck 3: by the rules" logged ':account\): login denied user=bob service=sudo .* reason="no rule allows it"'
people admin
sleep 3.1
ok "recheck 3: back in the group, and back as root" is_root by_timestamp bob

set_up '"login":{"recheck":0}'
ok "recheck 0: bob" is_root by_timestamp bob
people
ok "recheck 0: bob leaves the group: refused at once" refused by_timestamp bob
people admin
ok "recheck 0: and let in again at once" is_root by_timestamp bob
before=$(requests GetTokensFromRefreshToken)
by_timestamp bob >/dev/null
ok "recheck 0: one request for one sudo" [ $(($(requests GetTokensFromRefreshToken) - before)) = 1 ]

ok "a public key lets bob in by the ticket" eval '[ "$(by_key bob)" = bob ]'
control user bob '{"enabled":false}' >/dev/null
ok "disabled: sudo is refused" refused by_timestamp bob
ok "disabled: and told" told 'This account is disabled'
ok "disabled: by Cognito's word" logged ':account\): login denied user=bob .* reason="disabled in the pool'
ok "disabled: the public key too" refused by_key bob
control user bob '{"enabled":true}' >/dev/null
ok "enabled again: a new sign-in is needed" refused by_timestamp bob
ok "enabled again: and then it is as before" eval 'signs_in bob && is_root by_timestamp bob'

control stop >/dev/null
ok "Cognito cannot be reached: refused" refused by_timestamp bob
ok "Cognito cannot be reached: in a clear sentence" told 'cannot be reached right now'
ok "Cognito cannot be reached: by syslog's" logged ':account\): login denied user=bob .* reason="no connection'
set_up '"login":{"recheck":0,"stale_ok":600}'
ok "stale_ok: allowed for that long" is_root by_timestamp bob
ok "stale_ok: and noted" eval 'grep -q "stale: .*are believed" "$log"'
set_up '"login":{"recheck":0,"stale_ok":1}'
sleep 1.1
ok "stale_ok: and no longer" refused by_timestamp bob
control start --listen 127.0.0.1:443 --issuer-base https://cognito-idp.eu-west-1.amazonaws.com \
    --keys "$COGNITO_KEYS" >/dev/null
people admin
set_up '"login":{"recheck":0}'
signs_in bob >/dev/null

# ---- silent --------------------------------------------------------------------------------
silent
printf 'Defaults timestamp_timeout=0, !lecture\n' >/etc/sudoers.d/always
silently() { as bob sudo -S -p '' "$@" </dev/null; }
ok "silent: root without a question" is_root silently whoami
ok "silent: sudo -i" is_root silently -i whoami
ok "silent: sudo -u carol" eval '[ "$(silently -u carol whoami)" = carol ]'
people
ok "silent: out of the group: refused, and nobody is asked" refused silently whoami
ok "silent: by the rules" eval 'grep -q ":auth): login denied user=bob service=sudo .*reason=\"no rule allows it\"" "$log"'
people admin
control behaviour '*' close >/dev/null
ok "silent: Cognito cannot be reached: refused" refused silently whoami
ok "silent: in a clear sentence" told 'cannot be reached right now'
control behaviour '*' none >/dev/null
typed() { printf '%s\n' "$1" | as bob sudo -S -p '' whoami; }
cognito-oidc tickets --clear bob >/dev/null
ok "silent: without a ticket nothing is silent" refused silently whoami
ok "silent: then the sign-in is asked for" is_root typed "$(password bob)"
ok "silent: and remembered" is_root silently whoami
sed -i 's/max_age=36000/max_age=1/' /etc/pam.d/sudo
sleep 2.1
ok "silent: a sign-in older than max_age asks" refused silently whoami
ok "silent: for the password" is_root typed "$(password bob)"
silent

# ---- twenty at once, each refreshing, with tokens that are good for one use ------------------
set_up '"config":{"client_id":"localrotating"},"login":{"recheck":0}'
ok "rotation: bob signs in" signs_in bob
: >"$proof/twenty"
jobs=()
for _ in $(seq 1 20); do
    silently whoami >>"$proof/twenty" 2>&1 &
    jobs+=("$!")
done
for job in "${jobs[@]}"; do wait "$job" || true; done
ok "rotation: twenty sudo at once, twenty times root" [ "$(grep -cx root "$proof/twenty")" = 20 ]
ok "rotation: never two refreshes in flight" /usr/bin/python3 - "$state" <<'PYTHON'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1] + "/requests.log")]
refreshes = [line for line in lines if line.get("op") == "GetTokensFromRefreshToken"]
print(len(refreshes), max(line["parallel"] for line in refreshes))
sys.exit(0 if len(refreshes) >= 20 and all(line["parallel"] == 1 and line["status"] == 200 for line in refreshes[-40:]) else 1)
PYTHON
ok "rotation: the ticket is whole" is_root silently whoami

# ---- somebody else -------------------------------------------------------------------------
set_up '"login":{"recheck":300}'
signs_in bob >/dev/null
signs_in carol >/dev/null
printf 'auth required pam_cognito_oidc.so reuse\naccount sufficient pam_rootok.so\naccount required pam_cognito_oidc.so\n' >/etc/pam.d/su
echo 'session required pam_permit.so' >>/etc/pam.d/su
becomes() { printf '%s\n' "$3" | as "$1" su "$2" -c whoami; }
ok "su: carol does not become bob by bob's live ticket, whatever reuse says" refused becomes carol bob ''
ok "su: nor by her own password" refused becomes carol bob "$(password carol)"
ok "su: bob does, by signing in" eval '[ "$(becomes carol bob "$(password bob)")" = bob ]'
ok "su: root needs no ticket to become bob" eval 'printf "auth sufficient pam_rootok.so\n%s\n" "$(cat /etc/pam.d/su)" >/etc/pam.d/su; [ "$(su bob -c whoami </dev/null)" = bob ]'
sed -i 's/^auth .*/auth required pam_cognito_oidc.so reuse grant=video/' /etc/pam.d/sshd
ok "ssh: reuse means nothing there: bob's live ticket lets nobody in" refused by_ssh bob wrong-password
ok "ssh: nor without an answer" refused "${client[@]}" -o PreferredAuthentications=keyboard-interactive -o BatchMode=yes bob@127.0.0.1 whoami

ok "ssh: bob's session has the group that the rule grants" eval 'by_ssh bob "$(password bob)" "id -nG" | grep -qw video'
ok "ssh: and by key" eval 'by_key bob "id -nG" | grep -qw video'
ok "sudo -u carol: not the group that carol's ticket grants" eval '! silently -u carol id -nG | grep -qw video'
ok "sudo -u carol: no claim of carol's" eval '! silently -u carol env | grep -q "OIDC_CLAIM_cognito_username=carol"'
ok "sudo: the claims are the caller's" eval 'silently env | grep -qx "OIDC_CLAIM_cognito_username=bob"'
printf 'OIDC_CLAIM_cognito_groups DEFAULT=linux-admins\nGRANT DEFAULT=adm\n' >/home/carol/.pam_environment
chown carol: /home/carol/.pam_environment
ok "a forged ~/.pam_environment adds no group" eval '! by_ssh carol "$(password carol)" "id -nG" | grep -qwE "adm|sudo|linux-admins"'
ok "and gives no sudo" refused eval 'as carol sudo -S -p "" whoami </dev/null'

carol_uid=$(id -u carol)
userdel -r carol 2>/dev/null
useradd -m -u "$carol_uid" -s /bin/bash mallory
install -m 644 "$proof/ssh/own.pub" "$proof/ssh/authorized_mallory"
ok "carol's uid, given to another name, is nobody's sign-in" refused by_key mallory
userdel -r mallory 2>/dev/null

install -m 600 /etc/pam_cognito_oidc/config.json /etc/pam_cognito_oidc/second.json
sed -i 's/eu-west-1_Local0001/eu-west-1_Other0001/' /etc/pam_cognito_oidc/second.json
sed -i 's/^account .*/account required pam_cognito_oidc.so config=\/etc\/pam_cognito_oidc\/second.json/' /etc/pam.d/sshd
ok "a second configuration, of another issuer, has no sign-in of bob's" refused by_key bob
cp /etc/pam_cognito_oidc/second.json /etc/pam_cognito_oidc/config.json
sed -i 's/^account .*/account required pam_cognito_oidc.so/' /etc/pam.d/sshd
ok "nor has the first when it becomes another issuer's" refused by_key bob
set_up '"login":{"recheck":300}'

# ---- those it is none of the business of ---------------------------------------------------
ok "root's own sudo" eval '[ "$(sudo whoami </dev/null)" = root ]'
ok "root's own sudo -i" eval '[ "$(sudo -i whoami </dev/null)" = root ]'
echo 'bob ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/people
ok "NOPASSWD: bob of the admin group" eval 'signs_in bob && is_root by_timestamp bob'
people
set_up '"login":{"recheck":0}'
ok "NOPASSWD: not out of it" refused by_timestamp bob
ok "cron: root's account, with the module in common-account's place" eval '
    printf "account required pam_unix.so\naccount required pam_cognito_oidc.so\n" >/etc/pam.d/cron
    pamtester cron root acct_mgmt'
stop_sshd
ok "no line of syslog holds a password or a token" eval '! grep -E "Staple|Contracts|Local-Bob|eyJ" "$log"'
finish
