#!/bin/bash
# SPDX-License-Identifier: MIT
# Run by run.sh in a machine that systemd has booted: tries of "cognito-oidc enable" that nobody confirms,
# whose command dies, that a power failure interrupts, and one that is confirmed; then the package is
# removed while services are enabled. Arguments: the package, the part. TAP, and the count.
# What eval gets is expanded there, and functions are named in arguments.
# shellcheck disable=SC2016,SC2034,SC2317,SC2329
set -u
cd "$(dirname "$0")/../.." || exit 2
package=$1
proof=/root/proof
state=/srv/cognito
mkdir -p "$proof"
n=$(cat "$proof/n" 2>/dev/null || echo 0)
failed=$(cat "$proof/failed" 2>/dev/null || echo 0)
ok() { # description, command...
    local what=$1
    shift
    n=$((n + 1))
    if "$@" >"$proof/output" 2>&1; then
        echo "ok $n - $what"
    else
        failed=$((failed + 1))
        echo "not ok $n - $what"
        tail -30 "$proof/output" | sed 's/^/# /'
    fi
    echo "$n" >"$proof/n"
    echo "$failed" >"$proof/failed"
}
control() { /usr/bin/python3 tests/cognito/control.py "$state" "$@"; }
settled() { # command: true within a minute
    for _ in $(seq 600); do
        "$@" && return
        sleep 0.1
    done
    return 1
}
cognito() { control start --listen 127.0.0.1:443 --issuer-base https://cognito-idp.eu-west-1.amazonaws.com --keys "$proof/keys" >/dev/null; }
settle() {
    install -m 600 "$(control config '{"rules":[{"name":"shell","services":["sshd","login","su"],"groups":["linux-users"]},
        {"name":"admins","services":["sudo","sudo-i"],"groups":["linux-admins"]}]}')" /etc/pam_cognito_oidc/config.json
}
by_ssh() { # user, password
    timeout 60 sshpass -P assword -p "$2" ssh -F /dev/null -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
        -o NumberOfPasswordPrompts=1 -o PreferredAuthentications=keyboard-interactive,password "$1@127.0.0.1" id -un
}
in_by_ssh() { [ "$(by_ssh "$@" 2>"$proof/ssh")" = "$1" ] || { cat "$proof/ssh"; return 1; }; }
pool=Battery-Staple-8!
own=Local-Bob-1!
rescue=Local-Rescue-1!
files() { (cd /etc && find pam.d ssh -type f -exec sha256sum {} + && find pam.d ssh -printf '%p %m %u %g %T@\n') | sort; }
# Folders change their time whenever a file in them is renamed.
same() { diff <(grep -v '^\(pam.d\|ssh\|ssh/sshd_config.d\) ' "$proof/before") <(files | grep -v '^\(pam.d\|ssh\|ssh/sshd_config.d\) '); }
as_before() { settled eval '[ ! -e /var/lib/pam_cognito_oidc/try ]' && same && in_by_ssh bob "$own"; }
try() { # seconds, services...: in the background; its files are in place then
    local seconds=$1
    shift
    setsid cognito-oidc enable "--try=$seconds" "$@" >"$proof/try" 2>&1 &
    try=$!
    settled eval 'grep -q "old files come back" "$proof/try" || ! kill -0 $try 2>/dev/null'
    grep -q 'old files come back' "$proof/try" || { cat "$proof/try"; return 1; }
}
kept() { # pattern
    cognito-oidc enable --keep >"$proof/keep" 2>&1
    local status=$?
    grep -q "$1" "$proof/keep" || { cat "$proof/keep"; return 1; }
    return "$status"
}

case $2 in
1)
    printf '127.0.0.1 localhost %s\n' "cognito-idp.eu-west-1.amazonaws.com acme.auth.eu-west-1.amazoncognito.com" >/etc/hosts
    useradd -m -s /bin/bash bob
    groupadd breakglass
    useradd -m -s /bin/bash -G breakglass rescue
    printf 'bob:%s\nrescue:%s\n' "$own" "$rescue" | chpasswd
    printf '%s ALL=(ALL) ALL\n' bob rescue >/etc/sudoers.d/people
    echo 'Defaults timestamp_timeout=0, !lecture' >>/etc/sudoers.d/people
    ok "the package is installed" env DEBIAN_FRONTEND=noninteractive dpkg -i "$package"
    mkdir -p "$state"
    cognito
    settle
    sed -i 's/^#* *PasswordAuthentication.*/PasswordAuthentication yes/' /etc/ssh/sshd_config
    systemctl restart ssh
    files >"$proof/before"
    ok "the undo is part of every boot" systemctl is-enabled cognito-oidc-undo.service
    ok "it comes before sshd, the consoles and sessions" eval \
        'for unit in sysinit.target ssh.service getty.target systemd-user-sessions.service; do systemctl show -P Before cognito-oidc-undo.service | grep -qw "$unit" || exit 1; done'
    ok "bob logs in by his local password" in_by_ssh bob "$own"

    ok "a try" try 30 sshd
    ok "STATEDIR/try names the file and its original" grep -qx 'file /etc/pam.d/sshd /var/lib/pam_cognito_oidc/enable/sshd.original' /var/lib/pam_cognito_oidc/try
    ok "bob logs in with the pool's" in_by_ssh bob "$pool"
    ok "not with his own" eval '! in_by_ssh bob "$own"'
    ok "a second try is refused" eval '! cognito-oidc enable su >"$proof/second" 2>&1 && grep -q "a try is pending" "$proof/second"'
    ok "nobody confirms it: the old files are back" as_before
    ok "and the command says so" eval 'settled grep -q "nobody confirmed it: the old files are back" "$proof/try"'

    ok "another" try 300 sshd sudo
    ok "--keep before anybody has logged in" eval '! kept "nobody has been allowed to use sshd since the try began"'
    ok "rescue logs in" in_by_ssh rescue "$rescue"
    ok "which does not count" eval '! kept "nobody has been allowed to use sshd since the try began"'
    kill -KILL "$try"
    ok "its command is killed: the old files are back" as_before

    ok "another" try 300 sshd
    kill -HUP "$try"
    ok "its terminal is gone: the old files are back" as_before
    ok "another" try 300 sshd
    kill -STOP "$try"
    systemctl kill -s KILL cognito-oidc-try.service
    kill -KILL "$try"
    ok "command and watcher are killed: the old files are back" as_before

    # From a login by ssh, which is cut off.
    mkdir -p /root/.ssh
    ssh-keygen -q -t ed25519 -N '' -f "$proof/key"
    cp "$proof/key.pub" /root/.ssh/authorized_keys
    setsid ssh -F /dev/null -i "$proof/key" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -tt root@127.0.0.1 \
        cognito-oidc enable --try sshd >"$proof/over" 2>&1 </dev/null &
    over=$!
    ok "one over ssh" settled grep -q 'old files come back' "$proof/over"
    kill -KILL "$over"
    ok "the connection drops: the old files are back" as_before

    ok "another" try 300 sshd su sudo login
    systemctl mask --quiet --runtime cognito-oidc-undo.service
    ok "without the unit for the boot, a try is refused" eval '! cognito-oidc enable --try sshd >"$proof/masked" 2>&1 && grep -q "needs cognito-oidc-undo.service" "$proof/masked"'
    systemctl unmask --quiet --runtime cognito-oidc-undo.service
    ok "bob logs in with the pool's" in_by_ssh bob "$pool"
    sync
    # The power fails.
    exit 100
    ;;
2)
    ok "after the next boot the old files are back" same
    ok "by the unit for it" eval 'journalctl --no-pager -b -u cognito-oidc-undo.service | grep -q "as it was"'
    ok "before sshd has started" eval \
        '[ "$(systemctl show -P ExecMainExitTimestampMonotonic cognito-oidc-undo.service)" -lt "$(systemctl show -P ExecMainStartTimestampMonotonic ssh.service)" ]'
    ok "bob logs in by his local password" as_before
    cognito
    settle
    ok "another try" try 300 sshd sudo
    ok "bob logs in with the pool's" in_by_ssh bob "$pool"
    ok "sudo is missing" eval '! kept "nobody has been allowed to use sudo since the try began"'
    control user bob '{"groups": ["linux-users", "linux-admins"]}' >/dev/null
    ok "bob uses sudo" eval 'runuser -u bob -- sudo -S -k true </dev/null'
    ok "--keep" kept 'confirmed: the new files stay'
    ok "the command says so, and ends" eval 'settled eval "! kill -0 $try 2>/dev/null" && grep -q "confirmed: the new files stay" "$proof/try"'
    ok "nothing is pending" eval '[ ! -e /var/lib/pam_cognito_oidc/try ]'
    files >"$proof/kept"
    sync
    exit 100
    ;;
3)
    ok "after a boot they still are there" diff "$proof/kept" <(files)
    cognito
    ok "bob logs in with the pool's" in_by_ssh bob "$pool"
    # An upgrade of another package takes a file away.
    cp /etc/pam.d/sudo "$proof/sudo"
    mkdir -p "$proof/other/DEBIAN" "$proof/other/etc/pam.d"
    printf 'Package: other\nVersion: 1\nArchitecture: all\nMaintainer: Nobody <nobody@example.com>\nDescription: other\n' >"$proof/other/DEBIAN/control"
    echo 'auth required pam_deny.so' >"$proof/other/etc/pam.d/other-service"
    dpkg-deb -b "$proof/other" "$proof/other.deb" >/dev/null
    echo 'auth required pam_unix.so' >/etc/pam.d/sudo
    ok "the trigger tells it" eval 'dpkg -i "$proof/other.deb" 2>&1 | grep "no longer asks Cognito"'
    ok "and the system log" eval 'settled eval "journalctl --no-pager -b | grep -q \"/etc/pam.d/sudo no longer names\""'
    ok "so does the hourly unit" eval 'mark=$(date "+%Y-%m-%d %H:%M:%S"); systemctl start cognito-oidc-tickets.service; settled eval "journalctl --no-pager --since \"$mark\" | grep -q \"/etc/pam.d/sudo no longer names\""'
    ok "doctor fails" eval '! cognito-oidc doctor >"$proof/doctor" && grep -q "FAIL enabled .*/etc/pam.d/sudo no longer names" "$proof/doctor"'
    cp "$proof/sudo" /etc/pam.d/sudo
    echo '# by hand' >>/etc/pam.d/sudo
    ok "purge while enabled" env DEBIAN_FRONTEND=noninteractive dpkg --purge libpam-cognito-oidc
    ok "takes everything back, also what was changed" eval 'grep -q "by hand" /etc/pam.d/sudo.before-disable && rm /etc/pam.d/sudo.before-disable && rm /etc/pam.d/other-service && dpkg --purge other >/dev/null 2>&1; same'
    ok "bob logs in as before" in_by_ssh bob "$own"
    ok "nothing is left in STATEDIR" eval '[ ! -e /var/lib/pam_cognito_oidc ]'
    dpkg -i "$package" >/dev/null 2>&1
    echo 'auth required pam_cognito_oidc.so' >/etc/pam.d/own-service
    ok "purge while somebody's own file names us" eval 'DEBIAN_FRONTEND=noninteractive dpkg --purge libpam-cognito-oidc 2>&1 | grep "/etc/pam.d/own-service"'
    ok "keeps STATEDIR" test -d /var/lib/pam_cognito_oidc
    control stop >/dev/null 2>&1
    echo "$((n - failed)) passed, $failed failed, 0 skipped"
    [ "$failed" = 0 ]
    ;;
esac
