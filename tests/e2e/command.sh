#!/bin/bash
# SPDX-License-Identifier: MIT
# cognito-oidc on a terminal, as an administrator sees it: doctor with three faults, and
# explain for somebody whom the rules let into sudo and one whom they do not. TAP.
#
#   command.sh [FOLDER]     also leaves the pictures there
set -eu
# shellcheck disable=SC2034
NEEDS="sshd:openssh-server ssh:openssh-client tmux:tmux fc-list:fontconfig sudo:sudo"
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/stage.sh"
folder=${1:-}

photograph() { # NAME
    screen -e >"$proof/screen"
    screen >"$proof/text"
    cat "$proof/text"
    /usr/bin/python3 tests/e2e/picture.py "$proof/screen" "$proof/$1.png"
}
says() { tr -s ' \n' ' ' <"$proof/text" | grep -qE "$1"; }

configure '{"rules":[{"name":"shell","services":["sshd","login"],"groups":["linux-users","linux-admins"]},
    {"name":"admins","services":["sudo","sudo-i"],"groups":["linux-admins"],"max_auth_age":28800,"require_mfa":true},
    {"name":"leavers","effect":"deny","claims":{"sub":["0d328f20-8015-59a4-8d8a-cc9361a4f1d2"]}}]}'

# ---- doctor: three things that people get wrong ------------------------------------------------
printf '%s required pam_cognito_oidc.so\n' auth account >/etc/pam.d/sshd
printf 'auth required pam_cognito_oidc.so\naccount required pam_permit.so\n' >/etc/pam.d/sudo
mkdir -p /etc/ssh
printf 'UsePAM yes\nKbdInteractiveAuthentication no\nLoginGraceTime 60\n' >/etc/ssh/sshd_config
screen_open 110 60 "cognito-oidc doctor; echo 'exit '\$?"
ok "doctor ends, and says no" screen_wait '^exit 1$'
ok "its report can be pictured" photograph doctor
ok "it finds that sshd does not ask" says 'FAIL .*KbdInteractiveAuthentication'
ok "and that sshd hangs up before we do" says '(FAIL|warn) .*LoginGraceTime'
ok "and that sudo's stack has no account line" says 'FAIL .*sudo.*account'
screen_close

# ---- explain -----------------------------------------------------------------------------------
now=$(date +%s)
cat >/root/alice.json <<CLAIMS
{"sub": "1ee9b389-1283-5619-8f09-8489ee5d5698", "cognito:username": "alice", "token_use": "id",
 "cognito:groups": ["linux-users", "linux-admins"], "auth_time": $((now - 600)), "amr": ["pwd", "mfa"]}
CLAIMS
screen_open 100 40 "cognito-oidc explain --claims /root/alice.json --user alice --service sudo; echo 'exit '\$?"
ok "explain ends, and says yes" screen_wait '^exit 0$'
ok "it can be pictured" photograph explain
ok "it names the rule that allows" says 'admins'
screen_close
sed -i 's/, "linux-admins"//' /root/alice.json
screen_open 100 40 "cognito-oidc explain --claims /root/alice.json --user alice --service sudo; echo 'exit '\$?"
ok "without the group it says no" screen_wait '^exit 1$'
screen_close

if [ -n "$folder" ]; then
    ok "the pictures are written" cp "$proof/doctor.png" "$proof/explain.png" "$folder"
fi
finish
