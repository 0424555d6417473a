#!/bin/bash
# SPDX-License-Identifier: MIT
# Who starts a set-uid program chooses its limits, processors and cgroup. Limits that suffice are
# enough, and time in which sudo and its helper could not run turns no refusal into an outage. TAP.
set -eu
# shellcheck disable=SC2034
NEEDS="sudo:sudo pamtester:pamtester prlimit:util-linux taskset:util-linux"
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/stage.sh"

# An answer takes a second and a half, and three are allowed: time that is lost makes a request fail.
configure '{"login":{"recheck":0,"stale_ok":600},"network":{"request_timeout":3},"rules":[{"groups":["linux-users"]}]}'
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

# A ticket of before, which the refusal above has ended.
renew() { control user bob '{"enabled": true}' >/dev/null && sign_in env && control user bob '{"enabled": false}' >/dev/null; }
helper_runs() { pgrep -f pam_cognito_oidc-helper >/dev/null; }
group= # the cgroup that sudo is started in
start_sudo() { # words that it is started with; returns once it waits for Cognito's answer
    : >"$proof/said"
    control behaviour '*' late >/dev/null
    ([ -z "$group" ] || echo "$BASHPID" >"$group/cgroup.procs"
    exec setpriv --reuid bob --regid bob --init-groups env -i PATH=/usr/bin:/bin "$@" \
        sudo -S -p '' whoami </dev/null >"$proof/said" 2>&1) &
    run=$!
    until helper_runs || ! kill -0 "$run" 2>/dev/null; do sleep 0.02; done
}
end_sudo() { # it ends by itself; was it refused?
    wait "$run" || true
    control behaviour '*' none >/dev/null
    ! grep -x root "$proof/said"
}

# ---- stopped by a signal ---------------------------------------------------------------------------
stopped() { # seconds
    start_sudo
    kill -STOP "$run"
    sleep "$1"
    kill -CONT "$run"
    end_sudo
}
for seconds in 9 3 0.5; do
    ok "bob has a ticket again" renew
    ok "sudo stopped for $seconds s: not allowed by stale claims" stopped "$seconds"
done

# ---- behind others on one processor ----------------------------------------------------------------
spin() { # so many busy programs of bob's on the first processor; ends with the job
    local one
    for one in $(seq "$1"); do as_bob taskset -c 0 timeout 10 sh -c "while : $one; do :; done" & done
}
crowded() { # words that sudo is started with
    spin 3
    start_sudo taskset -c 0 "$@"
    end_sudo
}
ok "bob has a ticket again" renew
ok "with busy programs on its only processor: refused" crowded
ok "bob has a ticket again" renew
ok "at the lowest priority, too" crowded nice -n 19
ok "bob has a ticket again" renew
ok "and where it runs only when they do not" crowded chrt --idle 0

# ---- a cgroup of the caller's own ------------------------------------------------------------------
groups=$proof/cgroups
mkdir "$groups"
leave() { # a cgroup: nobody is in it, and nothing is held there
    local turn
    for turn in 1 2 3 4 5 6 7 8 9 10; do
        rmdir "$1" && return
        sleep "0.$turn"
    done
}
# cpu.max, or cpu.cfs_quota_us where the controller is in a hierarchy of version 1.
slow_down() { # percent of a processor; 0: as much as there is
    if [ -e "$group/cpu.max" ]; then
        if [ "$1" = 0 ]; then echo max; else echo "$(($1 * 1000)) 100000"; fi >"$group/cpu.max"
    else
        if [ "$1" = 0 ]; then echo -1; else echo $(($1 * 1000)); fi >"$group/cpu.cfs_quota_us"
    fi
}
throttled() { # percent, seconds: from the moment that the helper runs
    start_sudo
    slow_down "$1"
    sleep "$2"
    slow_down 0
    end_sudo
}
throttled_throughout() { # percent
    slow_down "$1"
    start_sudo
    end_sudo
    slow_down 0
}
if mount -t cgroup2 none "$groups" 2>/dev/null && grep -qw cpu "$groups/cgroup.controllers"; then
    echo +cpu >"$groups/cgroup.subtree_control"
else
    umount "$groups" 2>/dev/null || true
    mount -t cgroup -o cpu none "$groups" 2>/dev/null || true
fi
group=$groups/proof-$$
if mkdir "$group" 2>/dev/null && { [ -e "$group/cpu.max" ] || [ -e "$group/cpu.cfs_quota_us" ]; }; then
    trap 'slow_down 0; leave "$group"' EXIT
    for percent in 1 5; do
        for seconds in 3 9; do
            ok "bob has a ticket again" renew
            ok "$percent % of a processor for $seconds s: not allowed by stale claims" throttled "$percent" "$seconds"
        done
    done
    for percent in 5 20; do
        ok "bob has a ticket again" renew
        ok "$percent % of a processor throughout: neither" throttled_throughout "$percent"
    done
    trap - EXIT
    leave "$group"
else
    echo "# no cgroup's cpu controller here: $(uname -r)"
fi
group=
umount "$groups" 2>/dev/null || true

if ! mount -t cgroup2 none "$groups" 2>/dev/null; then
    echo "# no cgroup2 here: $(uname -r)"
    finish
fi
group=$groups/proof-$$
mkdir "$group"
trap 'echo 0 >"$group/cgroup.freeze"; leave "$group"' EXIT
frozen() { # seconds: sudo and its helper are frozen so long, while they wait for an answer
    start_sudo
    echo 1 >"$group/cgroup.freeze"
    sleep "$1"
    echo 0 >"$group/cgroup.freeze"
    end_sudo
}
ok "bob has a ticket again" renew
ok "frozen past the timeout: not allowed by stale claims" frozen 9
ok "bob has a ticket again" renew
ok "frozen for three seconds: neither" frozen 3
ok "no login of bob's was allowed by stale claims" eval '! grep "claims of .* are believed" "$log"'
grep -o 'denied user=bob service=sudo .*' "$log" | grep -o 'reason="[a-z ]*' | sort | uniq -c | sed 's/^/# /'
ok "what could not run is named" eval 'grep "denied user=bob service=sudo .* reason=\"stalled" "$log"'
finish
