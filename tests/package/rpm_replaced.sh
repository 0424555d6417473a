#!/bin/bash
# SPDX-License-Identifier: MIT
# The .rpm installed, replaced and erased while people log in by ssh and use sudo, in a throw-away
# copy of the machine with RHEL 9's service files. Argument: the folder of this.rpm and next.rpm. TAP.
set -eu
# shellcheck disable=SC2034
NEEDS="sshd:openssh-server ssh:openssh-client sshpass:sshpass sudo:sudo rpm:rpm"
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/../e2e/stage.sh"
packages=$1

# The machine as it was before `make install`, but with Cognito and people.
cp "$(control config '{"rules":[{"name":"shell","services":["sshd"],"groups":["linux-users"]},
    {"name":"admins","services":["sudo","sudo-i"],"groups":["linux-admins"]}]}')" "$proof/config.json"
make --no-print-directory -s uninstall >/dev/null
rm -r /etc/pam_cognito_oidc
userdel _cognito-oidc
groupadd breakglass
useradd -m -s /bin/bash -G breakglass rescue
echo 'rescue:Local-Rescue-1!' | chpasswd
printf '%s ALL=(ALL) ALL\n' alice bob rescue >/etc/sudoers.d/people
printf 'Defaults timestamp_timeout=0, !lecture\n' >/etc/sudoers.d/always
chmod 440 /etc/sudoers.d/people /etc/sudoers.d/always
rm -rf /etc/pam.d
cp -R tests/redhat/rhel9/pam.d /etc/pam.d

# Whatever bears the name, but the trees of source and the books of rpm.
machine() {
    find / -xdev \( -path /proc -o -path /srv -o -path "$here" -o -path "$BUILD" -o -path /var/lib/rpm \
        -o -path "$(dirname "$here")" \) -prune -o -iname '*cognito*' -print | sort
    find /run/pam_cognito_oidc 2>/dev/null || true
}
machine >"$proof/before"
# Debian's packages are not in the books of rpm.
by_rpm() { rpm --nodeps "$@"; }
by_ssh() { sshpass -P assword -p "$2" timeout 60 "${client[@]}" -o PreferredAuthentications=keyboard-interactive "$1@127.0.0.1" whoami; }
in_by_ssh() { [ "$(by_ssh "$@" 2>/dev/null)" = "$1" ]; }
rules() { # who, answers...
    local who=$1
    shift
    [ "$(printf '%s\n' "$@" | setpriv --reuid "$who" --regid "$who" --init-groups env -i PATH=/usr/bin:/bin \
        sudo -S -p 'Password: ' whoami 2>/dev/null)" = root ]
}

ok "the package is installed" by_rpm -i "$packages/this.rpm"
module=$(rpm -ql pam_cognito_oidc | grep '/security/pam_cognito_oidc.so$')
ok "rpm finds every file as it installed it" eval '[ -z "$(rpm -V --nodeps pam_cognito_oidc)" ]'
ok "the module is where PAM looks" [ "${module%/*}" = "$(dirname "$(find /usr/lib -name pam_unix.so | head -1)")" ]
ok "the system user is there and logs in nowhere" eval 'getent passwd _cognito-oidc | grep ":/nonexistent:/usr/sbin/nologin$"'
ok "the cache and the state are root's alone" eval \
    '[ "$(stat -c "%a %U" /var/cache/pam_cognito_oidc /var/lib/pam_cognito_oidc | sort -u)" = "700 root" ]'
ok "the folder of tickets is made" [ "$(stat -c '%a %U' /run/pam_cognito_oidc)" = "700 root" ]
for unit in cognito-oidc-tickets.timer cognito-oidc-undo.service pam_cognito_oidc.socket; do
    ok "$unit is enabled" eval "systemctl is-enabled $unit | grep -x enabled"
done
ok "the timer that makes accounts is not" eval '! systemctl is-enabled cognito-oidc-accounts.timer'
ok "no configuration was written" [ ! -e /etc/pam_cognito_oidc/config.json ]
ok "no service file was changed" diff -r tests/redhat/rhel9/pam.d /etc/pam.d
install -m 600 "$proof/config.json" /etc/pam_cognito_oidc/config.json
install -m 644 /usr/share/pam_cognito_oidc/pam.d/redhat/sshd /etc/pam.d/
put_in_place() { cognito-oidc enable sudo && cmp /usr/share/pam_cognito_oidc/pam.d/redhat/sudo-silent /etc/pam.d/sudo; }
ok "enable puts Red Hat's service file of sudo in place" put_in_place
ok "and leaves sudo-i, which includes it" cmp tests/redhat/rhel9/pam.d/sudo-i /etc/pam.d/sudo-i
start_sshd 'KbdInteractiveAuthentication yes' 'PasswordAuthentication no'
ok "bob signs in by ssh" in_by_ssh bob "$(password bob)"
ok "carol may not" eval '! in_by_ssh carol "$(password carol)"'
ok "alice signs in by sudo" rules alice "$(password alice)" "$(control totp alice)"
ok "bob may not" eval '! rules bob "$(password bob)"'
ok "the emergency user by ssh and sudo" eval 'in_by_ssh rescue "Local-Rescue-1!" && rules rescue "Local-Rescue-1!"'
ok "the command is content with the installation" cognito-oidc check

# ---- replaced under people who log in --------------------------------------------------------------
edited() { printf '\n// edited here\n' >>/etc/pam_cognito_oidc/config.json && cognito-oidc check && cp /etc/pam_cognito_oidc/config.json "$proof/edited"; }
ok "somebody edits the configuration" edited
loop() { # who, password, file
    while [ ! -e "$proof/stop" ]; do
        in_by_ssh "$1" "$2" && echo yes >>"$3" || echo no >>"$3"
    done
}
count() { grep -c "$1" "$2" || true; }
lines() { if [ -e "$1" ]; then wc -l <"$1"; else echo 0; fi; }
begin_loops() {
    rm -f "$proof/stop" "$proof"/loop-*
    loop bob "$(password bob)" "$proof/loop-bob" &
    loops=$!
    loop carol "$(password carol)" "$proof/loop-carol" &
    loops="$loops $!"
}
end_loops() {
    touch "$proof/stop"
    # shellcheck disable=SC2086
    wait $loops
    echo "# bob: $(count yes "$proof/loop-bob") yes, $(count no "$proof/loop-bob") no; carol: $(count no "$proof/loop-carol") no"
}
replace() {
    local turn before
    for turn in 1 2 3 4; do
        by_rpm -U "$packages/next.rpm"
        before=$(lines "$proof/loop-bob")
        while [ "$(lines "$proof/loop-bob")" -lt $((before + 2)) ]; do sleep 0.1; done
        by_rpm -U --oldpackage "$packages/this.rpm"
    done
}
begin_loops
ok "eight times replaced under two loops of logins" replace
faillock --user carol --reset
end_loops
ok "no wrong success" [ "$(count yes "$proof/loop-carol")" = 0 ]
ok "bob got in all along" [ "$(count yes "$proof/loop-bob")" -ge 8 ]
ok "and was refused never" [ "$(count no "$proof/loop-bob")" = 0 ]
ok "no helper ended without a verdict" eval '! grep "ended without a verdict" "$log"'
ok "the next version is installed" eval 'by_rpm -U "$packages/next.rpm" && rpm -q pam_cognito_oidc | grep -F "$(rpm -qp "$packages/next.rpm")"'
ok "rpm finds every file as it installed it" eval '[ -z "$(rpm -V --nodeps pam_cognito_oidc)" ]'
ok "the edited configuration is as it was" cmp "$proof/edited" /etc/pam_cognito_oidc/config.json
ok "the units are still enabled" eval 'systemctl is-enabled cognito-oidc-tickets.timer pam_cognito_oidc.socket'
systemctl --quiet disable cognito-oidc-tickets.timer 2>/dev/null
by_rpm -U --oldpackage "$packages/this.rpm"
ok "and what somebody disabled stays disabled" eval '! systemctl is-enabled cognito-oidc-tickets.timer'
ok "bob by ssh and alice by sudo" eval \
    'in_by_ssh bob "$(password bob)" && rules alice "$(password alice)" "$(control totp alice)"'

# ---- erased under people who log in -----------------------------------------------------------------
begin_loops
while [ "$(lines "$proof/loop-bob")" -lt 2 ]; do sleep 0.1; done
ok "erased under two loops of logins" eval 'rpm -e pam_cognito_oidc >"$proof/removal" 2>&1'
before=$(lines "$proof/loop-bob")
while [ "$(lines "$proof/loop-bob")" -lt $((before + 2)) ]; do sleep 0.1; done
end_loops
ok "no wrong success" [ "$(count yes "$proof/loop-carol")" = 0 ]
ok "what enable put in place is taken back" diff /etc/pam.d/sudo tests/redhat/rhel9/pam.d/sudo
ok "the other file that names the module is told" eval \
    'grep "^    /etc/pam.d/sshd" "$proof/removal" && ! grep "^    /etc/pam.d/sudo" "$proof/removal"'
ok "nobody gets in by it without the module" eval '! in_by_ssh bob "$(password bob)"'
ok "but the emergency user" eval 'in_by_ssh rescue "Local-Rescue-1!" && rules rescue "Local-Rescue-1!"'
ok "the configuration is still there" cmp "$proof/edited" /etc/pam_cognito_oidc/config.json
rm -r /etc/pam_cognito_oidc
# A login that was in progress may have written its ticket since. The next boot removes it.
rm -rf /run/pam_cognito_oidc
machine >"$proof/after"
ok "no other file is left, and none is missing" diff "$proof/before" "$proof/after"
ok "the system user stays, so that its number goes to nobody else" getent passwd _cognito-oidc
ok "installed again, it is as new" eval 'by_rpm -i "$packages/this.rpm" && [ ! -e /etc/pam_cognito_oidc/config.json ]'
stop_sshd
finish
