#!/bin/bash
# SPDX-License-Identifier: MIT
# An administrator's first hour, from README and guide alone, on a Debian or Ubuntu that has its base system,
# sshd, sudo and one local user: the package is built; the machine boots; the guide's commands, as
# they stand there, make the pool and lead from the package to people who log in by ssh and use sudo,
# and back. Tells how long each step took. As root, with a mirror in reach.
#
#   newcomer.sh [SUITE [FOLDER]]     bookworm, unless another is named; leaves the pictures in FOLDER
#
# The machine is a debootstrap folder below build/, removed afterwards. It has this machine's apt
# settings. Its systemd runs in namespaces and a cgroup of its own, without a network: the names of
# the pool lead to the local Cognito in it.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
MOST=360 # seconds, from the package to the end

# Everything that is mounted or started goes when this ends.
in_chroot() { # root folder, word for this script
    unshare --mount --pid --ipc --uts --fork --kill-child=KILL bash -c '
        mount -t proc proc "$1/proc"
        mount --rbind /dev "$1/dev"
        hostname newcomer
        exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
            chroot "$1" bash /root/pam_cognito_oidc/tests/newcomer.sh "$2"' newcomer "$1" "$2"
}

# Starts the folder's own /sbin/init. init: its process here.
boot() { # root folder
    local root=$1 cgroups tries=0
    cgroups=$(findmnt -n -t cgroup2 -o TARGET | head -1)
    [ -n "$cgroups" ] || { echo "newcomer.sh: no cgroup2 is mounted" >&2; return 1; }
    group=$cgroups/newcomer-$$
    mkdir "$group"
    (
        echo $BASHPID >"$group/cgroup.procs"
        exec unshare --mount --pid --ipc --uts --net --cgroup --fork --kill-child=KILL bash -c '
            root=$1
            ip link set lo up
            mount --bind "$root" "$root"
            mount -t proc proc "$root/proc"
            mount -t sysfs -o ro sysfs "$root/sys"
            mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
            mount -t tmpfs -o mode=755 tmpfs "$root/run"
            mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
            mount -t tmpfs -o mode=755 tmpfs "$root/dev"
            for each in null zero full random urandom tty; do
                touch "$root/dev/$each"
                mount --bind "/dev/$each" "$root/dev/$each"
            done
            mkdir "$root/dev/pts" "$root/dev/shm"
            mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
            ln -s pts/ptmx "$root/dev/ptmx"
            ln -s /proc/self/fd "$root/dev/fd"
            hostname newcomer
            exec env -i container=unshare PATH=/usr/sbin:/usr/bin:/sbin:/bin unshare "--root=$root" /sbin/init' boot "$root"
    ) >"$root.boot" 2>&1 &
    booted=$!
    until init=$(pgrep -P $booted) && [ -S "/proc/$init/root/run/dbus/system_bus_socket" ]; do
        tries=$((tries + 1))
        [ $tries -lt 300 ] || { echo "newcomer.sh: systemd does not start" >&2; cat "$root.boot" >&2; return 1; }
        sleep 0.2
    done
    # A unit that no container can run is no matter of ours; which, is told.
    inside systemctl is-system-running --wait || inside systemctl --failed --no-legend --no-pager
}
inside() {
    nsenter -t "$init" -m -u -i -n -p -C -r -w env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LANG=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive "$@"
}
end_machine() {
    [ -z "${init:-}" ] || kill -KILL "$init" 2>/dev/null || true
    [ -z "${booted:-}" ] || wait "$booted" 2>/dev/null || true
    init='' booted=''
    # Its processes are going; then what systemd made below can go.
    local tries=0
    until [ -z "${group:-}" ] || [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || [ $tries = 600 ]; do
        tries=$((tries + 1))
        sleep 0.1
    done
    group=''
}

if [ "${1:-}" != --build ] && [ "${1:-}" != --host ]; then
    # shellcheck source=tests/release.sh
    . "$here/tests/release.sh"
    suite=${1:-bookworm} folder=${2:-}
    [ "$(id -u)" = 0 ] || { echo "newcomer.sh: root is needed" >&2; exit 2; }
    PATH=$PATH:/usr/sbin command -v debootstrap >/dev/null || sh "$here/tests/packages.sh" newcomer
    mkdir -p "$here/build"
    root=$(mktemp -d "$here/build/newcomer.XXXXXX")
    trap 'end_machine; rm -rf --one-file-system "$root" "$root".*' EXIT
    trap 'exit 1' HUP INT TERM
    echo "a new $suite"
    started=$SECONDS
    release_make "$suite" "$root" "$root.log" --include=systemd-sysv,dbus,ca-certificates || exit 1
    # A container's settings would throw away the packages that are fetched for later.
    rm -f "$root"/etc/apt/apt.conf.d/docker-*
    git clone -q "$here" "$root/root/pam_cognito_oidc"
    echo "    debootstrap: $((SECONDS - started)) s, not counted below"
    in_chroot "$root" --build
    started=$SECONDS
    boot "$root"
    echo "    systemd: $((SECONDS - started)) s, not counted below"
    status=0
    inside bash /root/pam_cognito_oidc/tests/newcomer.sh --host || status=$?
    if [ -n "$folder" ]; then
        /usr/bin/python3 -B "$here/tests/e2e/recording.py" "$folder/first-hour.svg" "$root"/root/record/*
        [ ! -f "$root/root/plan" ] || /usr/bin/python3 -B "$here/tests/e2e/picture.py" "$root/root/plan" "$folder/accounts-plan.png"
    fi
    exit $status
fi

cd /root/pam_cognito_oidc
passed=0 failed=0 skipped=0 sum=0
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

if [ "$1" = --build ]; then
    two_commands() { apt-get update && apt-get install -y make && make demo; }
    # What a server has, and whoever administers it; the rest is fetched now, because the machine
    # boots without a network.
    a_server() {
        apt-get install -y --no-install-recommends openssh-server sudo iproute2 &&
            useradd --create-home --shell /bin/bash --groups sudo admin && echo 'admin:Local-Password-1!' | chpasswd &&
            apt-get install -y --no-install-recommends --download-only awscli openssh-client &&
            apt-get install -y --download-only ./build/deb/*.deb
    }
    step "apt-get install -y make && make demo" two_commands
    step "make check" make check
    step "make deb" make deb
    step "sshd, sudo, and a user of this host" a_server
    printf '%5d s  to build and test\n' $sum
    [ $failed = 0 ]
    exit
fi

mkdir -p /root/record
recorded=0
# On a terminal, as somebody types it; what it shows is kept for the picture.
typed() { # command line
    local status=0
    TERM=xterm script -qefc "$1" /dev/null </dev/null >/root/shown || status=$?
    recorded=$((recorded + 1))
    { echo "# $1"; cat /root/shown; } >"/root/record/$(printf %02d $recorded)"
    cat /root/shown
    return $status
}

CONTROL="/usr/bin/python3 tests/cognito/control.py /srv/cognito"
GUIDE=docs/cognito-setup.md

block() { # which one of the guide's shell blocks
    awk -v want="$1" '/^```$/ { on = 0 } on { print } /^```sh$/ { on = ++n == want }' $GUIDE
}
# The guide's command that begins like this, on one line; for this pool and this folder.
guide_line() { # beginning
    local line
    line=$({ block 2; block 3; } | sed -e ':more' -e '/\\$/N; s/\\\n *//; t more' -e 's/ *#.*//' | grep "^$1" | head -1)
    [ -n "$line" ] || { echo "the guide has no command that begins with $1" >&2; return 1; }
    case $line in
    "cognito-oidc init"*) line=$(cat /root/init) ;;
    *./libpam*) line=${line/.\/libpam/-y .\/build\/deb\/libpam} ;;
    esac
    echo "$line"
}
guide() { # beginning
    local line
    line=$(guide_line "$1") || return 1
    case $line in
    cognito-oidc*) typed "$line" ;;
    *) eval "$line" ;;
    esac
}
files() { (cd /etc && find pam.d ssh sudoers sudoers.d -type f -exec sha256sum {} + && find pam.d ssh sudoers.d -printf '%p %m %u %g\n') | sort; }

# The pool of this rehearsal: the names of Amazon's lead to the local Cognito, and the machine
# trusts its authority.
start_pool() {
    printf '127.0.0.1 localhost newcomer cognito-idp.eu-west-1.amazonaws.com\n' >/etc/hosts
    apt-get install -y --no-install-recommends awscli openssh-client
    mkdir -p /srv/cognito
    $CONTROL start --listen 127.0.0.1:443 --issuer-base https://cognito-idp.eu-west-1.amazonaws.com \
        --pool tests/cognito/empty.json
    cp /srv/cognito/ca.pem /usr/local/share/ca-certificates/rehearsal.crt
    update-ca-certificates
}
make_pool() {
    local setting
    for setting in "aws_access_key_id AKIAIOSFODNN7EXAMPLE" "aws_secret_access_key secret" "region eu-west-1" \
        "ca_bundle /etc/ssl/certs/ca-certificates.crt"; do
        aws configure set $setting
    done
    block 1 >/root/block
    bash /root/block | tail -1 >/root/init
    grep '^cognito-oidc init --pool ' /root/init
    $CONTROL outbox | sed -n 's/.*"code": "\(.*\)"}.*/\1/p' | tail -1 >/root/alice
    [ -s /root/alice ]
}
no_fault() { guide "cognito-oidc doctor"; }
accounts() {
    /usr/libexec/pam_cognito_oidc/export-accounts /root/export
    typed "cognito-oidc accounts plan --from /root/export"
    cp /root/shown /root/plan
    guide "cognito-oidc accounts apply" && getent passwd alice && id alice | grep linux-admins
}
# Somebody at a terminal, who answers each question in turn.
ssh_as() { # user, command, question=answer...
    local user=$1 command=$2 status=0
    shift 2
    /usr/bin/python3 tests/converse.py --timeout 100 "$@" -- ssh -t -o StrictHostKeyChecking=no -o LogLevel=ERROR \
        -o NumberOfPasswordPrompts=1 -o PreferredAuthentications=keyboard-interactive,password "$user@newcomer" "$command" >/root/shown || status=$?
    recorded=$((recorded + 1))
    { echo "laptop\$ ssh $user@newcomer '$command'"; cat /root/shown; } >"/root/record/$(printf %02d $recorded)"
    cat /root/shown
    return $status
}
first_ssh() {
    ssh_as alice 'pwd; id -Gn' "Password: =$(cat /root/alice)" "choose a new one: =" "New password: =$NEW" "New password again: =$NEW" &&
        grep -x /home/alice /root/shown && grep -w linux-admins /root/shown && [ "$(stat -c %U /home/alice)" = alice ]
}
next_ssh() { ssh_as alice pwd "Password: =$NEW" && grep -x /home/alice /root/shown; }
sudoers() { eval "$(sed -n 's/^    \(echo .*visudo .*\)/\1/p' $GUIDE)"; }
use_sudo() { ssh_as alice 'sudo whoami' "Password: =$NEW" "assword=$NEW" && grep -x root /root/shown; }
# It waits for its confirmation: in the background, as in a terminal of its own.
try_it() {
    local tries=0 line
    recorded=$((recorded + 1))
    line=$(guide_line "cognito-oidc enable --try") || return 1
    (
        status=0
        TERM=xterm script -qefc "$line" /dev/null </dev/null >/root/try 2>&1 || status=$?
        { echo "# $line"; cat /root/try; } >"/root/record/$(printf %02d $recorded)"
        echo $status >/root/try-status
    ) &
    until grep -q 'old files come back' /root/try || [ -e /root/try-status ] || [ $tries = 300 ]; do
        tries=$((tries + 1))
        sleep 0.1
    done
    cat /root/try
    grep -q 'old files come back' /root/try
}
keep() {
    guide "cognito-oidc enable --keep" && local tries=0
    until [ -e /root/try-status ] || [ $tries = 300 ]; do
        tries=$((tries + 1))
        sleep 0.1
    done
    cat /root/try
    [ "$(cat /root/try-status)" = 0 ]
}
back() {
    cognito-oidc disable sshd sudo
    # sudoers has the guide's line.
    files | grep -v ' *sudoers.d/linux-admins' | diff /root/files -
}
refused() { ! ssh_as alice true "assword=$NEW"; }
local_way() { ssh_as admin whoami "assword: =Local-Password-1!" && grep -x admin /root/shown; }

export SUDO_USER=admin
NEW='Brand-New-Pass-7!'
files >/root/files
step "a pool's place (the local Cognito, and aws)" start_pool
step "the guide's block: pool, app client, groups, a person" make_pool
step "break-glass" guide "groupadd -f breakglass"
step "break-glass: a member" guide "usermod"
step "apt-get install ./libpam-cognito-oidc_*.deb" guide "apt-get install"
step "cognito-oidc init" guide "cognito-oidc init"
step "cognito-oidc doctor: no fault" no_fault
step "cognito-oidc accounts apply" accounts
step "cognito-oidc enable --try sshd sudo" try_it
step "sudoers: the group" sudoers
step "ssh: temporary password, a new one, a home" first_ssh
step "sudo, by group" use_sudo
step "cognito-oidc enable --keep" keep
step "ssh again" next_ssh
step "break-glass gets in" local_way
step "doctor: still no fault" no_fault
step "cognito-oidc disable: the old files, byte for byte" back
step "alice is refused" refused
step "the local user gets in" local_way
printf '%5d s  together\n' "$sum"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$sum" -lt $MOST ]
