#!/bin/bash
# SPDX-License-Identifier: MIT
# Real sshd, sudo and su: local groups that last, claims in the session, and nobody's but the
# person's own; a public key is worth as much as the ticket behind it. TAP.
set -eu
# shellcheck disable=SC2034
NEEDS="sshd:openssh-server ssh:openssh-client sshpass:sshpass sudo:sudo"
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/stage.sh"

rules='"config":{"claims":["sub","cognito:groups"]},"rules":[
    {"name":"shell","services":["sshd","su","sudo"],"groups":["linux-users"],"grant":["video","shadow"]}]'
configure "{$rules}"
for service in sshd su sudo; do
    for phase in auth account session; do
        printf '%s required pam_cognito_oidc.so grant=video,audio\n' "$phase"
    done >/etc/pam.d/$service
done
# People may put what they like into their environment; it is read here, and decides nothing.
sed -i '1i session optional pam_env.so user_readenv=1' /etc/pam.d/sshd
sed -i '1i account sufficient pam_rootok.so\nauth sufficient pam_rootok.so' /etc/pam.d/su
printf 'bob ALL=(ALL) NOPASSWD: ALL\n' >/etc/sudoers.d/bob
printf 'Defaults !lecture\n' >>/etc/sudoers.d/bob
chmod 440 /etc/sudoers.d/bob

tickets=/run/pam_cognito_oidc
key=$proof/key
ssh-keygen -q -t ed25519 -N '' -f "$key"
install -d -m 700 -o bob -g bob ~bob/.ssh
install -m 600 -o bob -g bob "$key.pub" ~bob/.ssh/authorized_keys
printf 'OIDC_CLAIM_sub=root\nFORGED=yes\n' >~bob/.pam_environment
start_sshd 'KbdInteractiveAuthentication yes' 'PasswordAuthentication no' 'PubkeyAuthentication yes'
by_password() { sshpass -P assword -p "$(password bob)" "${client[@]}" -o PreferredAuthentications=keyboard-interactive bob@127.0.0.1 "$@"; }
by_key() { "${client[@]}" -i "$key" -o PreferredAuthentications=publickey bob@127.0.0.1 "$@" </dev/null; }
has() { grep -qw -- "$1" "$proof/said"; }
say() { "$@" >"$proof/said" 2>&1; }
sub() { sed -n 's/^OIDC_CLAIM_sub=//p' "$proof/said"; }

ok "without a ticket a public key is refused" eval '! say by_key id -nG'
ok "and syslog says why" logged ':account\): login denied user=bob .* reason="no live ticket'
before=$(requests)
ok "and Cognito was not asked" eval '[ "$(requests)" = "$before" ]'
ok "bob signs in" say by_password id -nG
ok "and is in the granted group" has video
ok "but in none that the PAM line does not name" eval '! has shadow'
ok "and in none that the rule does not name" eval '! has audio'
ok "the ticket is root's alone" eval '[ "$(stat -c "%U %a" "$tickets"/ticket-* | sort -u)" = "root 600" ]'
before=$(requests)
ok "now the key is enough" say by_key id -nG
ok "with the same group" has video
ok "and Cognito was not asked again" eval '[ "$(requests)" = "$before" ]'
say by_key env || true
signed_in=$(sed -n 's/.*login allowed user=bob .* sub=\([^ ]*\) .*/\1/p' "$log" | tail -1)
ok "the session knows who it is, whatever bob has put into his environment" eval '[ "${#signed_in}" = 36 ] && [ "$(sub)" = "$signed_in" ]'
mine=$(sub)
ok "which was read" grep -qx FORGED=yes "$proof/said"
ok "groups are joined by commas" grep -q '^OIDC_CLAIM_cognito_groups=linux-users' "$proof/said"

# ---- every account asks Cognito: no line of a ticket holds, and the session is told all the same --
configure "{$rules,\"login\":{\"recheck\":0}}"
before=$(requests)
ok "recheck 0: bob signs in" say by_password 'id -nG; env'
ok "recheck 0: his session has the group" has video
ok "recheck 0: and his claims" eval '[ "$(sub)" = "$mine" ]'
ok "recheck 0: sign-in and account have both asked" eval '[ "$(requests)" -gt "$((before + 2))" ]'
ok "recheck 0: with a key, too" eval 'say by_key "id -nG; env" && has video && [ "$(sub)" = "$mine" ]'
configure "{$rules}"

# ---- sudo ------------------------------------------------------------------------------------------
ok "bob becomes root with sudo" say by_key sudo env
ok "root's session has bob's claims" eval '[ "$(sub)" = "$mine" ]'
say by_key sudo id -nG || true
ok "and not bob's groups" eval '! has video'
say by_key sudo -u alice id -nG || true
ok "alice's session has them neither" eval 'has alice && ! has video'
say by_key sudo -u bob id -nG || true
ok "bob as bob has" has video

# ---- su --------------------------------------------------------------------------------------------
by_su() { printf '%s\n' "$(password bob)" | setpriv --reuid alice --regid alice --init-groups env -i PATH=/usr/bin:/bin su bob -c "$1"; }
ok "alice becomes bob with bob's password" say by_su 'id -nG'
ok "with bob's granted group" has video
ok "root becomes bob without a question" eval 'say su bob -c "id -un" && has bob'

# ---- a new bob ---------------------------------------------------------------------------------------
uid=$(id -u bob)
userdel bob
useradd -M -u "$uid" -d /home/bob -s /bin/bash newcomer
install -d -m 700 -o newcomer /home/bob/.ssh
chown -R newcomer /home/bob
as_newcomer() { "${client[@]}" -i "$key" -o PreferredAuthentications=publickey newcomer@127.0.0.1 "$@" </dev/null; }
ok "whoever gets the uid next has no ticket" eval '! say as_newcomer id -un'
ok "and is told so" logged 'user=newcomer .* reason="no live ticket'
stop_sshd
finish
