#!/bin/bash
# SPDX-License-Identifier: MIT
# An administrator's first hour, from the README alone, on a Debian that has nothing but its
# base system: the two commands; the package, a configuration, the service files, doctor, a
# login by ssh, sudo. Tells how long each step took. As root, with a Debian mirror in reach.
#
#   newcomer.sh [SUITE]      bookworm, unless another is named
#
# The new machine is a debootstrap folder below build/, removed afterwards. It has this
# machine's apt settings, and the names of the pool lead to the local Cognito in it.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
if [ "${1:-}" != --inside ]; then
    suite=${1:-bookworm}
    [ "$(id -u)" = 0 ] || { echo "newcomer.sh: root is needed" >&2; exit 2; }
    PATH=$PATH:/usr/sbin command -v debootstrap >/dev/null || sh "$here/tests/packages.sh" newcomer
    root=$(mktemp -d "$here/build/newcomer.XXXXXX")
    # The helper of a login is nobody in particular, and must be able to enter "/".
    chmod 755 "$root"
    trap 'rm -rf --one-file-system "$root"' EXIT
    trap 'exit 1' HUP INT TERM
    mirror=$(apt-get indextargets --format '$(REPO_URI)' | sed -n 's#/*$##; \#/debian$#p' | head -1)
    echo "a new $suite"
    started=$SECONDS
    /usr/sbin/debootstrap --variant=minbase "$suite" "$root" "${mirror:-http://deb.debian.org/debian}" >"$root.log" 2>&1 ||
        { tail -5 "$root.log"; exit 1; }
    rm -f "$root.log"
    cp -r /etc/apt/apt.conf.d /etc/apt/auth.conf.d "$root/etc/apt/" 2>/dev/null || true
    cp /etc/resolv.conf "$root/etc/" 2>/dev/null || true
    git clone -q "$here" "$root/root/pam_cognito_oidc"
    echo "    debootstrap: $((SECONDS - started)) s, not counted below"
    # Everything that is mounted or started goes when this ends.
    unshare --mount --pid --ipc --uts --fork --kill-child=KILL bash -c '
        mount -t proc proc "$1/proc"
        mount --rbind /dev "$1/dev"
        hostname newcomer
        exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LANG=C.UTF-8 \
            chroot "$1" bash /root/pam_cognito_oidc/tests/newcomer.sh --inside' newcomer "$root"
    exit
fi

cd /root/pam_cognito_oidc
passed=0 failed=0 sum=0
step() { # what, command...
    local what=$1 started=$SECONDS status=0
    shift
    "$@" >/root/step.log 2>&1 || status=$?
    local took=$((SECONDS - started))
    sum=$((sum + took))
    if [ $status = 0 ]; then
        passed=$((passed + 1))
        printf '%5d s  %s\n' $took "$what"
    else
        failed=$((failed + 1))
        printf 'FAILED %s\n' "$what"
        { grep -E '^(FAIL:|ERROR:|not ok)' /root/step.log || true; tail -40 /root/step.log; } | sed 's/^/    /'
    fi
}

two_commands() { apt-get update && apt-get install -y make && make demo; }
install_package() {
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        openssh-server openssh-client sshpass sudo ./build/deb/*.deb
}
# The pool of this rehearsal: the names of Amazon's lead to the local Cognito.
start_pool() {
    printf '127.0.0.1 localhost newcomer cognito-idp.eu-west-1.amazonaws.com acme.auth.eu-west-1.amazoncognito.com\n' \
        >/etc/hosts
    mkdir -p /srv/cognito
    /usr/bin/python3 tests/cognito/control.py /srv/cognito start --listen 127.0.0.1:443 \
        --issuer-base https://cognito-idp.eu-west-1.amazonaws.com
}
set_up() {
    install -m 600 /usr/share/doc/pam_cognito_oidc/config.json.sample /etc/pam_cognito_oidc/config.json
    # The editor's part: this pool's object, and the two rules of the guide.
    install -m 600 "$(/usr/bin/python3 tests/cognito/control.py /srv/cognito config '{"rules":[
        {"name":"shell","services":["sshd","login"],"groups":["linux-users","linux-admins"]},
        {"name":"admins","services":["sudo","sudo-i"],"groups":["linux-admins"]}]}')" /etc/pam_cognito_oidc/config.json
    local samples=/usr/share/doc/pam_cognito_oidc/pam.d
    for service in sshd login su sudo; do install -m 644 "$samples/$service" /etc/pam.d/; done
    install -m 644 "$samples/sudo" /etc/pam.d/sudo-i
    groupadd -f breakglass
    useradd -m -s /bin/bash alice
    printf 'alice ALL=(ALL) ALL\n' >/etc/sudoers.d/alice
    chmod 440 /etc/sudoers.d/alice
    printf 'Defaults timestamp_timeout=5\n' >/etc/sudoers.d/timestamp
    printf 'UsePAM yes\nKbdInteractiveAuthentication yes\nPasswordAuthentication no\nLoginGraceTime 120\nMaxStartups 100:30:200\n' \
        >/etc/ssh/sshd_config.d/00-cognito.conf
    mkdir -p /run/sshd
    ssh-keygen -A
    cognito-oidc check
}
doctor_is_content() {
    cognito-oidc doctor
    ! cognito-oidc doctor | grep -E '^(warn|FAIL)'
}
totp() { /usr/bin/python3 tests/cognito/control.py /srv/cognito totp alice; }
word() { sed -n '/"alice"/,/password/s/.*"password": "\(.*\)",.*/\1/p' tests/cognito/pool.json | head -1; }
# Answers come from a script, as ssh's askpass, with a terminal for sudo.
ssh_in() {
    printf '#!/bin/sh\ncase "$1" in *[Cc]ode*) %s ;; *) echo "%s" ;; esac\n' \
        "/usr/bin/python3 $PWD/tests/cognito/control.py /srv/cognito totp alice" "$(word)" >/root/askpass
    chmod 755 /root/askpass
    /usr/sbin/sshd -p 2222
    SSH_ASKPASS=/root/askpass SSH_ASKPASS_REQUIRE=force ssh -p 2222 -o StrictHostKeyChecking=no \
        -o PreferredAuthentications=keyboard-interactive alice@127.0.0.1 whoami </dev/null | grep -x alice
}
use_sudo() {
    # A code is good once: the next one.
    sleep $((31 - $(date +%s) % 30))
    printf '%s\n%s\n' "$(word)" "$(totp)" | setpriv --reuid alice --regid alice --init-groups env -i PATH=/usr/bin:/bin \
        sudo -S whoami | grep -x root
}

if [ "${2:-}" != --pool ]; then
    step "apt-get install -y make && make demo" two_commands
    step "make check" make check
    step "make deb" make deb
    step "apt-get install ./build/deb/*.deb, sshd and sudo" install_package
    # The pool's address is this machine's 127.0.0.1:443: a network of its own from here on.
    unshare --net bash "$0" --inside --pool >/root/pool.log || true
    cat /root/pool.log
    read -r more_passed more_failed more_sum < <(sed -n 's/^# \([0-9]*\) \([0-9]*\) \([0-9]*\)$/\1 \2 \3/p' /root/pool.log)
    passed=$((passed + more_passed)) failed=$((failed + more_failed)) sum=$((sum + more_sum))
    printf '%5d s  together\n' "$sum"
    echo "$passed passed, $failed failed, 0 skipped"
    [ "$failed" = 0 ] && [ "$sum" -lt 600 ]
    exit
fi
ip link set lo up
step "a pool (the local Cognito)" start_pool
step "configuration, service files, a local account" set_up
step "cognito-oidc doctor: all ok" doctor_is_content
step "ssh: password and code, a shell" ssh_in
step "sudo: password and code, root" use_sudo
echo "# $passed $failed $sum"
