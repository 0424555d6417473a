#!/bin/bash
# SPDX-License-Identifier: MIT
# Who starts a set-uid program chooses its limits, processors and cgroup. Limits that suffice are
# enough, and time in which sudo and its helper could not run turns no refusal into an outage. TAP.
set -eu
# shellcheck disable=SC2034
NEEDS="sudo:sudo pamtester:pamtester prlimit:util-linux taskset:util-linux"
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/stage.sh"

configure '{"login":{"recheck":0,"stale_ok":600},"rules":[{"groups":["linux-users"]}]}'
printf '%s required pam_cognito_oidc.so\n' auth account >/etc/pam.d/pamtester
printf 'auth required pam_cognito_oidc.so timeout=8\naccount required pam_cognito_oidc.so timeout=8\n' >/etc/pam.d/sudo
echo 'bob ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/bob
printf 'Defaults timestamp_timeout=0, !lecture, passwd_tries=1\n' >/etc/sudoers.d/always
chmod 440 /etc/sudoers.d/*
sign_in() { # words that pamtester is started with
    printf '%s\n' "$(password bob)" | "$@" pamtester pamtester bob authenticate acct_mgmt
}

# ---- limits, and no right to raise them ------------------------------------------------------------
for limit in --as=268435456 --as=67108864 --data=33554432 --nofile=64 --cpu=5; do
    ok "prlimit $limit, without CAP_SYS_RESOURCE: bob signs in" \
        sign_in prlimit "$limit" setpriv --bounding-set -sys_resource
done
ok "with an address space that cannot suffice: refused" eval \
    '! sign_in prlimit --as=33554432 setpriv --bounding-set -sys_resource'

# ---- a cgroup of the caller's own ------------------------------------------------------------------
as_bob() { setpriv --reuid bob --regid bob --init-groups env -i PATH=/usr/bin:/bin "$@"; }
by_sudo() { [ "$(as_bob "$@" sudo -S -p '' whoami </dev/null 2>/dev/null)" = root ]; }
ok "bob signs in" sign_in env
ok "sudo lets bob while he is enabled" by_sudo
ok "on one processor, too" by_sudo taskset 1
control user bob '{"enabled": false}' >/dev/null
ok "bob is disabled: refused" eval '! by_sudo'
ok "as that" logged 'denied user=bob service=sudo .* reason="disabled in the pool'

groups=$proof/cgroups
mkdir "$groups"
if ! mount -t cgroup2 none "$groups" 2>/dev/null; then
    echo "# no cgroup2 here: $(uname -r)"
    finish
    exit
fi
group=$groups/proof-$$
mkdir "$group"
trap 'echo 0 >"$group/cgroup.freeze"; sleep 0.2; rmdir "$group"' EXIT
# A ticket of before, which the refusal above has ended.
renew() { control user bob '{"enabled": true}' >/dev/null && sign_in env && control user bob '{"enabled": false}' >/dev/null; }
helper_runs() { pgrep -f pam_cognito_oidc-helper >/dev/null; }
frozen() { # seconds: sudo and its helper are frozen so long, while they wait for an answer
    : >"$proof/said"
    control behaviour '*' late >/dev/null
    (echo "$BASHPID" >"$group/cgroup.procs" && exec setpriv --reuid bob --regid bob --init-groups \
        env -i PATH=/usr/bin:/bin sudo -S -p '' whoami </dev/null >"$proof/said" 2>&1) &
    local run=$!
    until helper_runs || ! kill -0 "$run" 2>/dev/null; do :; done
    echo 1 >"$group/cgroup.freeze"
    sleep "$1"
    echo 0 >"$group/cgroup.freeze"
    wait "$run" || true
    control behaviour '*' none >/dev/null
    ! grep -x root "$proof/said"
}
ok "bob has a ticket again" renew
ok "frozen past the timeout: not allowed by stale claims" frozen 9
ok "bob has a ticket again" renew
ok "frozen for three seconds: neither" frozen 3
ok "no login of bob's was allowed by stale claims" eval '! grep "claims of .* are believed" "$log"'
ok "what could not run is named" eval 'grep "denied user=bob service=sudo .* reason=\"stalled" "$log"'
finish
