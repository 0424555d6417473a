#!/bin/bash
# SPDX-License-Identifier: MIT
# Run by run.sh in a machine that systemd has booted: the package installed there, and the warm
# helper as it is shipped. Argument: the package. TAP, and the count.
# What eval gets is expanded there, and functions are named in arguments.
# shellcheck disable=SC2016,SC2034,SC2317,SC2329
set -u
cd "$(dirname "$0")/../.." || exit 2
package=$1
proof=$(mktemp -d)
state=/srv/cognito
n=0
failed=0
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
}
control() { /usr/bin/python3 tests/cognito/control.py "$state" "$@"; }
bob() { printf 'Battery-Staple-8!\n' | timeout 60 pamtester pamtester bob authenticate acct_mgmt; }
main() { systemctl show -P MainPID pam_cognito_oidc.service; }
journal() { journalctl --no-pager -o cat "$@"; }
# Of the logins since the last time: how many the warm helper served, and how many it did not.
mark() { date '+%Y-%m-%d %H:%M:%S.%N' >"$proof/mark"; }
said() { journal -t pamtester --since "$(cat "$proof/mark")" | grep -c "$1"; }
settled() { # command: true within a minute
    for _ in $(seq 600); do
        "$@" && return
        sleep 0.1
    done
    return 1
}
inactive() { [ "$(main)" = 0 ]; }

printf '127.0.0.1 localhost %s\n' "cognito-idp.eu-west-1.amazonaws.com acme.auth.eu-west-1.amazoncognito.com" >/etc/hosts
id bob >/dev/null 2>&1 || useradd -m bob
ok "the package is installed" env DEBIAN_FRONTEND=noninteractive dpkg -i "$package"
printf '%s required pam_cognito_oidc.so debug\n' auth account >/etc/pam.d/pamtester
mkdir -p "$state"
control start --listen 127.0.0.1:443 --issuer-base https://cognito-idp.eu-west-1.amazonaws.com >/dev/null
install -m 600 "$state/config.json" /etc/pam_cognito_oidc/config.json

# ---- the units ---------------------------------------------------------------------------------------
ok "the socket listens" systemctl is-active pam_cognito_oidc.socket
ok "it is enabled" systemctl is-enabled pam_cognito_oidc.socket
ok "its folder and itself are root's alone" eval \
    '[ "$(stat -c "%a %U" /run/pam_cognito_oidc-helper /run/pam_cognito_oidc-helper/socket | tr "\n" " ")" = "700 root 600 root " ]'
ok "nobody serves yet" inactive
mark
ok "bob logs in" bob
ok "the warm helper served him" eval '[ "$(said "the warm helper serves this login")" -ge 1 ]'
ok "and was never passed over" eval '[ "$(said "the warm helper is not used")" = 0 ]'
ok "the service runs" systemctl is-active pam_cognito_oidc.service
ok "as its user, without privileges" eval \
    'grep -qx "Uid:\(	$(id -u _cognito-oidc)\)\{4\}" "/proc/$(main)/status" && grep -qx "CapBnd:	0*" "/proc/$(main)/status" && grep -qx "NoNewPrivs:	1" "/proc/$(main)/status"'
served=$(main)
ok "bob logs in again" bob
ok "by the same process" eval '[ "$(main)" = "$served" ]'

# ---- stopped, killed, replaced, under a loop of logins ---------------------------------------------------
loop() {
    while [ ! -e "$proof/stop" ]; do
        bob >/dev/null 2>&1 && echo yes >>"$proof/loop" || echo "no $?" >>"$proof/loop"
    done
}
under_a_loop() { # command...
    local result=0
    rm -f "$proof/stop" "$proof/loop"
    loop & loop &
    sleep 1
    "$@" || result=1
    sleep 2
    touch "$proof/stop"
    wait
    echo "$(grep -c yes "$proof/loop") yes, $(grep -c no "$proof/loop") no"
    [ "$result" = 0 ] && [ "$(grep -c yes "$proof/loop")" -ge 5 ] && ! grep no "$proof/loop"
}
tell_main() { # signal; a loop keeps the service at work
    settled eval '! inactive' && kill "-$1" "$(systemctl show -P MainPID pam_cognito_oidc.service | grep -vx 0)"
}
stopped() { tell_main STOP && sleep 3 && tell_main CONT; }
killed() { for _ in 1 2 3 4 5; do tell_main KILL; sleep 0.4; done; }
restarted() { for _ in 1 2 3 4 5; do systemctl restart pam_cognito_oidc.service; sleep 0.3; done; }
socket_restarted() { systemctl stop pam_cognito_oidc.service; systemctl restart pam_cognito_oidc.socket; }
reinstalled() { DEBIAN_FRONTEND=noninteractive apt-get install -qy --reinstall libcurl4; }
upgraded() { for _ in 1 2 3; do DEBIAN_FRONTEND=noninteractive dpkg -i "$package"; done; }
for what in stopped killed restarted socket_restarted upgraded reinstalled; do
    ok "nobody is refused while the service is $what" under_a_loop "$what"
    sed -n 's/^[0-9]* yes/# &/p' "$proof/output"
    ok "and it serves again" eval 'mark; bob && [ "$(said "the warm helper serves this login")" -ge 1 ]'
done
first=$(main)
ok "libcurl is replaced" reinstalled
ok "the next login finds another process" eval 'bob && [ "$(main)" != "$first" ]'
ok "nothing failed" eval '[ "$(systemctl is-failed pam_cognito_oidc.service pam_cognito_oidc.socket | grep -c failed)" = 0 ]'

# ---- its end ---------------------------------------------------------------------------------------------
held=$proof/held
sleeping() { # a login whose person does not answer
    mkfifo "$held"
    (timeout 120 pamtester pamtester bob authenticate <"$held" >"$proof/late" 2>&1; echo "$?" >"$proof/status") &
    exec 7>"$held"
    settled grep -q Password: "$proof/late"
}
ok "somebody is asked for a password" sleeping
ok "the service stops" systemctl stop pam_cognito_oidc.service
answer() { echo 'Battery-Staple-8!' >&7 && exec 7>&- && settled test -s "$proof/status" && [ "$(cat "$proof/status")" = 0 ]; }
ok "the login goes on" answer
ok "the socket stops, and logins go on without it" eval 'systemctl stop pam_cognito_oidc.socket && mark && bob && [ "$(said "warm helper")" = 0 ]'
ok "it starts" eval 'systemctl start pam_cognito_oidc.socket && mark && bob && [ "$(said "the warm helper serves")" -ge 1 ]'
if [ "${IDLE:-}" ]; then
    sleep 305
    ok "idle for five minutes, it has ended" inactive
    ok "by itself" eval '[ "$(systemctl show -P Result pam_cognito_oidc.service)" = success ]'
fi
ok "the package is removed" env DEBIAN_FRONTEND=noninteractive dpkg --purge libpam-cognito-oidc
ok "and nothing of it runs or listens" eval '! pgrep -u _cognito-oidc && [ ! -e /run/pam_cognito_oidc-helper ]'

control stop >/dev/null 2>&1
rm -rf "$proof"
echo "$((n - failed)) passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
