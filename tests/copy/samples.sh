# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the service files of every family must do, each copied to /etc/pam.d unchanged: who gets
# in, who does not, who is counted, and the way in without Cognito. Sourced behind stage.sh, with
# $family and the function lay_out, which makes /etc/pam.d that of the family's distributions.

configure '{"rules":[{"name":"shell","services":["sshd","login","su","su-l"],"groups":["linux-users"]},
    {"name":"admins","services":["sudo","sudo-i"],"groups":["linux-admins"]}]}'
# One that Cognito does not know, for emergencies; and bob has a local password as well.
groupadd breakglass
useradd -m -s /bin/bash -G breakglass rescue
printf '%s:Local-%s-1!\n' rescue Rescue root Root bob Bob alice Alice | chpasswd
printf '%s ALL=(ALL) ALL\n' alice bob rescue >/etc/sudoers.d/people
chmod 440 /etc/sudoers.d/people
printf 'Defaults timestamp_timeout=0, !lecture\n' >/etc/sudoers.d/always
lay_out
put() { # a sample, and its service if that has another name
    install -m 644 "conf/pam.d/$family/$1" "/etc/pam.d/${2:-$1}"
}
put_all() {
    for sample in sshd login su sudo; do put "$sample"; done
    if [ -e "conf/pam.d/$family/sudo-i" ]; then put sudo-i; else put sudo sudo-i; fi
    [ ! -e "conf/pam.d/$family/su-l" ] || put su-l
}
put_all

as() { # a person, then what that person runs
    local person=$1
    shift
    setpriv --reuid "$person" --regid "$person" --init-groups env -i PATH=/usr/bin:/bin "$@"
}
sent() { requests; }
nothing_was_sent() { [ "$(requests)" = "$before" ]; }
reset_counts() { faillock --user "$1" --reset; }

# ---- sshd ----------------------------------------------------------------------------------------
start_sshd 'KbdInteractiveAuthentication yes' 'PasswordAuthentication no'
by_ssh() { sshpass -P assword -p "$2" "${client[@]}" -o PreferredAuthentications=keyboard-interactive "$1@127.0.0.1" whoami; }
in_by_ssh() { [ "$(by_ssh "$@")" = "$1" ]; }
ok "sshd: bob signs in with the pool's password" in_by_ssh bob "$(password bob)"
before=$(sent)
ok "sshd: not with a local one" eval '! by_ssh bob "Local-Bob-1!"'
reset_counts bob
ok "sshd: the wrong group is refused after the right password" eval '! by_ssh carol "$(password carol)"'
ok "sshd: and told" logged 'login denied user=carol .* reason="no rule allows it"'
before=$(sent)
ok "sshd: the emergency user's local password lets in" in_by_ssh rescue 'Local-Rescue-1!'
ok "sshd: a wrong one does not" eval '! by_ssh rescue wrong'
ok "sshd: Cognito was not asked" nothing_was_sent
for _ in 1 2 3; do by_ssh bob wrong >/dev/null 2>&1 || true; done
before=$(sent)
ok "sshd: after three wrong passwords even the right one is refused" eval '! by_ssh bob "$(password bob)"'
ok "sshd: and the pool is spared" nothing_was_sent
reset_counts bob
ok "sshd: faillock --reset lets bob in again" in_by_ssh bob "$(password bob)"
ok "sshd: nobody of this name" eval '! by_ssh nobody-here x'
for no in lambda security status-403; do
    control behaviour InitiateAuth "$no"
    for _ in 1 2 3 4; do by_ssh bob "$(password bob)" >/dev/null 2>&1 || true; done
    ok "sshd: the pool's own no ($no) is told" logged 'login denied user=bob .* reason="refused by the pool'
    ok "sshd: and counted for nobody" eval '! faillock --user bob | grep -q " V$"'
done
control behaviour InitiateAuth none
control stop >/dev/null
for _ in 1 2 3 4; do by_ssh bob "$(password bob)" >/dev/null 2>&1 || true; done
ok "sshd: Cognito is away: refused, as unreachable" logged 'login denied user=bob .* reason="no connection'
ok "sshd: and nobody is counted for that" eval '! faillock --user bob | grep -q " V$"'
ok "sshd: the emergency user gets in" in_by_ssh rescue 'Local-Rescue-1!'
control start --listen 127.0.0.1:443 --issuer-base https://cognito-idp.eu-west-1.amazonaws.com \
    --keys "$COGNITO_KEYS" >/dev/null
ok "sshd: and bob again when Cognito is back" in_by_ssh bob "$(password bob)"
stop_sshd

# ---- su ------------------------------------------------------------------------------------------
su_to() { # who, whom, what is typed
    printf '%s\n' "$3" | as "$1" su "$2" -c whoami
}
became() { [ "$(su_to "$@" 2>/dev/null)" = "$2" ]; }
ok "su: root becomes bob without a question" eval '[ "$(su bob -c whoami </dev/null)" = bob ]'
ok "su: alice becomes bob with bob's own sign-in" became alice bob "$(password bob)"
ok "su: not with alice's" eval '! became alice bob "$(password alice)"'
reset_counts bob
ok "su: alice becomes root with root's local password" became alice root 'Local-Root-1!'
ok "su: not with another" eval '! became alice root "$(password alice)"'
ok "su -: the same, as the service su-l" eval '[ "$(printf "%s\n" "$(password bob)" | as alice su - bob -c whoami)" = bob ]'
ok "su: to the emergency user" became alice rescue 'Local-Rescue-1!'

# ---- sudo: the full sign-in ----------------------------------------------------------------------
by_sudo() { # who, answers...
    local who=$1
    shift
    printf '%s\n' "$@" | as "$who" sudo -S -p 'Password: ' ${sudo_options:-} whoami
}
rules() { [ "$(by_sudo "$@" 2>/dev/null)" = root ]; }
ok "sudo: alice of the admin group signs in" rules alice "$(password alice)" "$(control totp alice)"
ok "sudo: bob of another group does not" eval '! rules bob "$(password bob)"'
ok "sudo: and syslog tells why" eval 'tail -n 6 "$log" | grep "login denied user=bob service=sudo .* reason=\"no rule allows it\""'
ok "sudo: nor with a local password" eval '! rules bob "Local-Bob-1!"'
reset_counts bob
ok "sudo: the emergency user" rules rescue 'Local-Rescue-1!'
ok "sudo: root's own sudo asks nobody" eval '[ "$(sudo whoami </dev/null)" = root ]'
sudo_options=-i
ok "sudo -i: root's own" eval '[ "$(sudo -i whoami </dev/null)" = root ]'
ok "sudo -i: the emergency user" rules rescue 'Local-Rescue-1!'
sudo_options=
echo 'heidi ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/heidi
useradd -m -s /bin/bash heidi
useradd --system -s /bin/bash robot
echo 'robot ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/robot
chmod 440 /etc/sudoers.d/heidi /etc/sudoers.d/robot
ok "sudo: NOPASSWD does not get a person past the group" eval '! as heidi sudo -n whoami'
ok "sudo: a system user's NOPASSWD works as ever" eval '[ "$(as robot sudo -n whoami)" = root ]'

# ---- login ---------------------------------------------------------------------------------------
at_console() { # user, password, what the screen must show
    screen_open 80 24 "login $1"
    screen_wait_hidden 'assword:' && screen_type "$2"
    screen_wait "$3"
    local r=$?
    screen_close
    return $r
}
ok "login: bob at the console" at_console bob "$(password bob)" 'bob@.*\$'
ok "login: root at the console, by the local password" at_console root 'Local-Root-1!' 'root@.*#'
ok "login: the emergency user" at_console rescue 'Local-Rescue-1!' 'rescue@.*\$'
ok "login: a wrong password" at_console bob wrong 'Login incorrect'
reset_counts bob

# ---- sudo: the group as a gate, and the silent one ------------------------------------------------
put sudo-gate sudo
ok "sudo-gate: a local password alone is not enough for a person" eval '! rules bob "Local-Bob-1!"'
echo 'alice ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/people-without-password
chmod 440 /etc/sudoers.d/people-without-password
ok "sudo-gate: who signed in on this host and is in the group need type nothing" \
    eval '[ "$(as alice sudo -n whoami)" = root ]'
rm /etc/sudoers.d/people-without-password
rules alice wrong || true
ok "sudo-gate: in the group, and the local password" rules alice 'Local-Alice-1!'
ok "sudo-gate: which ends the count of wrong ones" eval '! faillock --user alice | grep -q " V$"'
ok "sudo-gate: the emergency user" rules rescue 'Local-Rescue-1!'
ok "sudo-gate: root's own sudo" eval '[ "$(sudo whoami </dev/null)" = root ]'
put sudo-silent sudo
ok "sudo-silent: who is not in the group is asked, and refused" eval '! rules bob "$(password bob)"'
ok "sudo-silent: who signed in on this host and is in the group is not asked" \
    eval '[ "$(as alice sudo -S whoami </dev/null)" = root ]'
ok "sudo-silent: the emergency user" rules rescue 'Local-Rescue-1!'
ok "sudo-silent: root's own sudo" eval '[ "$(sudo whoami </dev/null)" = root ]'
put sudo

# ---- local passwords that have run out, and a module that does not work ---------------------------
start_sshd 'KbdInteractiveAuthentication yes' 'PasswordAuthentication no' 'PubkeyAuthentication yes' \
    'PermitRootLogin prohibit-password' 'AuthorizedKeysFile /srv/proof/ssh/authorized_%u'
ssh-keygen -q -t ed25519 -N '' -f "$proof/ssh/own"
for person in root bob; do install -m 644 "$proof/ssh/own.pub" "$proof/ssh/authorized_$person"; done
chmod 755 "$proof" "$proof/ssh"
by_key() { "${client[@]}" -i "$proof/ssh/own" -o IdentitiesOnly=yes -o PreferredAuthentications=publickey "$1@127.0.0.1" whoami; }
in_by_key() { [ "$(by_key "$1")" = "$1" ]; }
chage -M 1 -d 2020-01-01 bob
ok "sshd: bob's local password has run out: no matter to who signs in with Cognito" in_by_ssh bob "$(password bob)"
ok "sshd: nor with a key" in_by_key bob
chage -d 0 root
changes_at_console() { # user, old password, new one
    screen_open 80 24 "login $1"
    screen_wait_hidden 'assword:' && screen_type "$2" &&
        screen_wait_hidden 'Current password:' && screen_type "$2" &&
        screen_wait_hidden 'New password:' && screen_type "$3" &&
        screen_wait_hidden 'etype new password:' && screen_type "$3" && screen_wait "$1@.*[#$]"
    local r=$?
    screen_close
    return $r
}
ok "login: root's has run out: changed at the console, and in" changes_at_console root 'Local-Root-1!' 'Weather-4-Vane!'
chage -d 0 rescue
ok "login: and the emergency user's" changes_at_console rescue 'Local-Rescue-1!' 'Lantern-7-Post!'
chage -M 99999 -d 2030-01-01 bob
root_gets_in() {
    in_by_key root && [ "$(sudo whoami </dev/null)" = root ] && [ "$(sudo -i whoami </dev/null)" = root ] &&
        at_console root 'Weather-4-Vane!' 'root@.*#' && became alice root 'Weather-4-Vane!'
}
ok "root gets in by key, console, su and sudo" root_gets_in
for sample in sshd login su sudo sudo-i; do
    sed -i 's/^account .*pam_cognito_oidc.so$/& locals=carol/' /etc/pam.d/$sample
done
ok "a typing error in our account lines: root gets in" root_gets_in
ok "and the emergency user" rules rescue 'Lantern-7-Post!'
ok "but nobody else" eval '! by_ssh bob "$(password bob)"'
put_all
module=$(find / -xdev -name pam_cognito_oidc.so -path '*/security/*' | head -1)
mv "$module" "$proof/taken-away.so"
emergency_gets_in() { # by each service
    in_by_ssh rescue "$1" && rules rescue "$1" && became alice rescue "$1" && at_console rescue "$1" 'rescue@.*\$'
}
ok "the module is gone: root gets in" root_gets_in
ok "and the emergency user" emergency_gets_in 'Lantern-7-Post!'
ok "but nobody else by ssh" eval '! by_ssh bob "$(password bob)"'
ok "nor by key" eval '! by_key bob'
ok "nor by su and sudo" eval '! became alice bob "$(password bob)" && ! rules alice "$(password alice)" "$(control totp alice)"'
ok "and nobody is counted for that" eval '! faillock --user bob | grep -q " V$"'
mv "$proof/taken-away.so" "$module"
ok "it is back: bob again" in_by_ssh bob "$(password bob)"
stop_sshd

# ---- a user of a directory, whom /etc/passwd names and no shadow file ------------------------------
sed -i '/^bob:/d; /^alice:/d' /etc/shadow
start_sshd 'KbdInteractiveAuthentication yes' 'PasswordAuthentication no' 'PubkeyAuthentication yes' \
    'AuthorizedKeysFile /srv/proof/ssh/authorized_%u'
ok "without a shadow entry: bob signs in by ssh" in_by_ssh bob "$(password bob)"
ok "without a shadow entry: by key" in_by_key bob
stop_sshd
ok "without a shadow entry: at the console" at_console bob "$(password bob)" 'bob@.*\$'
ok "without a shadow entry: by su" became alice bob "$(password bob)"
for sample in sudo sudo-silent; do
    put "$sample" sudo
    ok "without a shadow entry: alice by $sample" rules alice "$(password alice)" "$(control totp alice)"
done
put sudo-gate sudo
echo 'alice ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/people-without-password
chmod 440 /etc/sudoers.d/people-without-password
ok "without a shadow entry: alice by sudo-gate" eval '[ "$(as alice sudo -n whoami)" = root ]'
rm /etc/sudoers.d/people-without-password
put sudo

ok "doctor finds nothing wrong with these files" eval '! cognito-oidc doctor | grep -E "FAIL.*(pam\.|/etc/pam.d)"'
