#!/bin/bash
# SPDX-License-Identifier: MIT
# Run by machine.sh in an arm64 Debian that has booted: the package is installed there, and people
# log in through its sshd. Argument: apparmor or selinux, which one enforces. TAP with seconds, a row
# of machine.sh's table, and the count.
# What eval gets is expanded there, and functions are named in arguments.
# shellcheck disable=SC2016,SC2034,SC2317,SC2329
set -u
cd "$(dirname "$0")/../.." || exit 2
mode=$1
proof=$(mktemp -d)
chmod 755 "$proof"
state=/srv/cognito
n=0
failed=0
ok() { # description, command...
    local what=$1 begun=$SECONDS at=$EPOCHSECONDS
    shift
    n=$((n + 1))
    if "$@" >"$proof/output" 2>&1; then
        echo "ok $n - $what ($((SECONDS - begun)) s)"
    else
        failed=$((failed + 1))
        echo "not ok $n - $what ($((SECONDS - begun)) s)"
        tail -30 "$proof/output" | sed 's/^/# /'
        kernel --since "@$at" | grep -i 'denied' | tail -20 | sed 's/^/# /'
    fi
}
kernel() { journalctl --no-pager -o cat _TRANSPORT=kernel + _TRANSPORT=audit "$@"; }
shown() { sed 's/^/# /' "$proof/output"; }
control() { /usr/bin/python3 tests/cognito/control.py "$state" "$@"; }
settled() { # command: true within five minutes; an emulated processor is slow
    for _ in $(seq 600); do
        "$@" && return
        sleep 0.5
    done
    return 1
}
echo "# $(uname -srm), $(grep -c ^processor /proc/cpuinfo) processors, up $(cut -d' ' -f1 /proc/uptime) s"

case $mode in
apparmor) ok "AppArmor is on" grep -qx Y /sys/module/apparmor/parameters/enabled ;;
selinux) ok "SELinux enforces" grep -qx 1 /sys/fs/selinux/enforce ;;
esac
for person in alice bob; do id "$person" >/dev/null 2>&1 || useradd -m -s /bin/bash "$person"; done
getent group breakglass >/dev/null || groupadd breakglass
ok "the package is installed" env DEBIAN_FRONTEND=noninteractive dpkg -i /root/this.deb
ok "its programs are for this processor" cognito-oidc --version
profile=/etc/apparmor.d/usr.libexec.pam_cognito_oidc.helper
loaded() { grep -qxF "pam_cognito_oidc_helper ($1)" /sys/kernel/security/apparmor/profiles; }
enforced() { sed -i 's/^\(profile .*\),complain)/\1)/' "$profile" && apparmor_parser -r "$profile" && loaded enforce; }
labelled() { # where our module loads after the package, as security.md has it
    restorecon -RF /etc/pam_cognito_oidc /usr/libexec/pam_cognito_oidc /var/cache/pam_cognito_oidc \
        /var/lib/pam_cognito_oidc /run/pam_cognito_oidc /run/pam_cognito_oidc-helper &&
        stat -c %C /usr/libexec/pam_cognito_oidc/helper | grep :pam_cognito_oidc_helper_exec_t:
}
case $mode in
apparmor)
    ok "the package has loaded the helper's profile, which complains" loaded complain
    ok "it is enforced" enforced
    ;;
selinux) ok "its files are labelled" labelled ;;
esac
mkdir -p "$state"
cognito() {
    control start --listen 127.0.0.1:443 --issuer-base https://cognito-idp.eu-west-1.amazonaws.com --keys /root/keys || settled control wait
}
ok "the local Cognito starts" cognito
# Its authority is among those of this host (machine.sh), where the helper looks without a word in its configuration.
rules='{"network":null,"rules":[{"name":"shell","services":["sshd"],"groups":["linux-users"]},
    {"name":"admins","services":["sudo"],"groups":["linux-admins"]}]}'
install -m 600 "$(control config "$rules")" /etc/pam_cognito_oidc/config.json
samples=/usr/share/pam_cognito_oidc/pam.d/debian
install -m 644 "$samples/sshd" /etc/pam.d/sshd
install -m 644 "$samples/sudo-gate" /etc/pam.d/sudo
printf '%s ALL=(ALL) NOPASSWD: ALL\n' alice bob >/etc/sudoers.d/people
chmod 440 /etc/sudoers.d/people
printf 'KbdInteractiveAuthentication yes\nPasswordAuthentication no\nLoginGraceTime 600\n' >/etc/ssh/sshd_config.d/00-cognito.conf
# What a unit makes in /etc has a label that sudo of a staff user may not read.
[ "$mode" = apparmor ] || restorecon -RF /etc /home
ok "sshd is restarted" systemctl restart ssh.service

# ssh takes its answers from a program: a password by hand, a code from the authenticator app.
cat >"$proof/askpass" <<ASKPASS
#!/bin/sh
case \$1 in
*assword*) printf '%s\n' "\$ANSWER" ;;
*) cd $PWD && /usr/bin/python3 tests/cognito/control.py $state totp "\$PERSON" ;;
esac
ASKPASS
chmod 755 "$proof/askpass"
declare -A answers=([alice]='Correct-Horse-9!' [bob]='Battery-Staple-8!')
by_ssh() { # who, command
    local person=$1 begun=${EPOCHREALTIME/./} status=0
    shift
    PERSON=$person ANSWER=${ANSWER:-${answers[$person]}} SSH_ASKPASS=$proof/askpass SSH_ASKPASS_REQUIRE=force timeout 300 \
        ssh -F /dev/null -o StrictHostKeyChecking=no -o UserKnownHostsFile="$proof/known_hosts" -o NumberOfPasswordPrompts=1 \
        -o PreferredAuthentications=keyboard-interactive "$person@127.0.0.1" "$@" </dev/null || status=$?
    echo "$(((${EPOCHREALTIME/./} - begun) / 1000))" >>"$proof/logins"
    return "$status"
}
signs_in() { [ "$(by_ssh "$1" whoami)" = "$1" ]; }
refused() { ! "$@"; }
said() { settled eval "journalctl --no-pager -o cat -t $1 | grep '$2'"; }

ok "the socket of the warm helper listens" systemctl is-active pam_cognito_oidc.socket
ok "alice logs in with password and code" signs_in alice
ok "the log says so" said sshd 'login allowed user=alice service=sshd'
ok "the warm helper runs" systemctl is-active pam_cognito_oidc.service
ok "bob logs in with his password" signs_in bob
ok "a wrong password is refused" eval 'ANSWER=wrong-Password-1! refused signs_in bob'
ok "and the log says why" said sshd 'login denied user=bob service=sshd'
faillock --user bob --reset 2>/dev/null || true
ok "alice of the admin group is root by sudo" eval '[ "$(by_ssh alice sudo -n whoami)" = root ]'
ok "bob is not" eval 'refused by_ssh bob sudo -n whoami'
ok "and the log says why" said sudo 'login denied user=bob service=sudo'

# ---- what confines the helper -----------------------------------------------------------------------
# A login whose person does not answer, and the process that asks.
hold() {
    cat >"$proof/wait" <<'WAIT'
#!/bin/sh
sleep 1000
WAIT
    chmod 755 "$proof/wait"
    SSH_ASKPASS=$proof/wait SSH_ASKPASS_REQUIRE=force setsid ssh -F /dev/null -o StrictHostKeyChecking=no \
        -o UserKnownHostsFile="$proof/known_hosts" -o PreferredAuthentications=keyboard-interactive bob@127.0.0.1 true </dev/null >/dev/null 2>&1 &
    holder=$!
    settled asking
}
service() { systemctl show -P MainPID pam_cognito_oidc.service; }
# The newest helper that holds its connection to Cognito: it has closed its sandbox by then.
asking() { helper=$(pgrep -n -u _cognito-oidc) && [ "$helper" != "$(service)" ] && ss -Htnp state established dport = :443 | grep -q "pid=$helper,"; }
let_go() { kill -- "-$holder" 2>/dev/null; pkill -P "$holder" 2>/dev/null; wait "$holder" 2>/dev/null; settled eval '! asking'; }
parent_of() { sed -n 's/^PPid:	//p' "/proc/$1/status"; }
enclosed() { # by the policy, by the filter, without privileges
    tr '\0' '\n' <"/proc/$helper/attr/current"
    grep -E '^(Seccomp|NoNewPrivs|CapEff):' "/proc/$helper/status"
    case $mode in
    apparmor) grep -qx 'pam_cognito_oidc_helper (enforce)' "/proc/$helper/attr/current" ;;
    selinux) grep -qa ':pam_cognito_oidc_helper_t' "/proc/$helper/attr/current" ;;
    esac && grep -qx 'Seccomp:	2' "/proc/$helper/status" && grep -qx 'NoNewPrivs:	1' "/proc/$helper/status" && grep -qx 'CapEff:	0*' "/proc/$helper/status"
}
ok "somebody is asked for a password" hold
ok "by a child of the warm helper" eval '[ "$(parent_of "$helper")" = "$(service)" ]'
ok "it is confined" enclosed
shown
ok "its parent too" eval 'helper=$(service); enclosed'
ok "the login ends" let_go
ok "the service and its socket stop" systemctl stop pam_cognito_oidc.socket pam_cognito_oidc.service
ok "bob logs in by a helper that sshd starts" signs_in bob
ok "somebody is asked again" hold
ok "by a child of sshd" eval 'grep -qx sshd "/proc/$(parent_of "$helper")/comm"'
ok "it is confined as well" enclosed
shown
ok "the login ends" let_go
denials() {
    case $mode in
    apparmor) kernel | grep 'apparmor="DENIED"' | grep pam_cognito_oidc_helper ;;
    selinux) kernel | grep -E 'avc: +denied' | grep pam_cognito_oidc ;;
    esac
}
ok "nothing that it needed was denied" eval '! denials'

# ---- a helper that was taken over --------------------------------------------------------------------
# What is written there keeps the label, and the path to which the profile is attached.
installed=/usr/libexec/pam_cognito_oidc/helper
cat /root/hostile >"$installed"
since=$(date '+%Y-%m-%d %H:%M:%S')
ok "bob logs in by a helper that was taken over" signs_in bob
attempts() { journalctl --no-pager -o cat -t sshd --since "$since" | /usr/bin/python3 tests/confined/taken_over.py "$mode"; }
ok "each of its attempts fails" attempts
shown
within=$(tail -1 "$proof/output")
cat /root/intruder >"$installed"
ok "without a sandbox of its own, as root, it fails by the policy alone" /usr/bin/python3 tests/confined/confined.py "$mode" "$installed"
shown
alone=$(tail -1 "$proof/output")
ok "doctor says what is loaded" eval 'cognito-oidc doctor | grep " mac "'
shown
sort -n "$proof/logins" | awk -v mode="$mode" -v within="$within" -v alone="$alone" '{ all[NR] = $1 }
    END { printf "| %s | %d | %.1f | %.1f | %.1f | %s | %s |\n", mode, NR, all[1] / 1000, all[int((NR + 1) / 2)] / 1000, all[NR] / 1000, within, alone }'
echo "$((n - failed)) passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
