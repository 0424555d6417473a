#!/bin/bash
# SPDX-License-Identifier: MIT
# An arm64 Debian on an emulated machine: the package is built for it, installed there, and people
# log in. Arguments: the build folder, and what to run of apparmor, selinux (a boot each, in which that
# enforces) and suites (tests on this kernel, with each program emulated). As root, with a Debian mirror in reach.
#
# Nothing on this machine changes: the cross compiler and the foreign architecture are in a
# debootstrap folder. build/arm64 keeps it, the arm64 system, and the log of each step with seconds.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(cd "$1" && pwd)/arm64
shift
[ "$(id -u)" = 0 ] || { echo "machine.sh: root is needed" >&2; exit 2; }
unshare --user --map-root-user --mount mount -t binfmt_misc formats /mnt 2>/dev/null || {
    echo "skipped: this kernel has no register of formats for a user name space alone (Linux 6.7), which emulate.sh needs"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
}
mkdir -p "$work"
# shellcheck disable=SC2016
mirror=$(apt-get indextargets --format '$(REPO_URI)' | sed -n 's#/*$##; \#/debian$#p' | head -1)
mirror=${mirror:-http://deb.debian.org/debian}
libraries="libcjson-dev:arm64 libcurl4-openssl-dev:arm64 libpam0g-dev:arm64 libqrencode-dev:arm64 libseccomp-dev:arm64 libssl-dev:arm64"
# What the tests need, which run with each program of the package emulated, and the rest native.
suites="libcmocka-dev:arm64 libpam-modules:arm64 python3 python3-cryptography openssl procps iproute2 strace"
packages=systemd-sysv,dbus,udev,kmod,passwd,adduser,login,sudo,procps,iproute2,openssl,ca-certificates,openssh-server,openssh-client
packages=$packages,apparmor,policycoreutils,libpam0g,libcurl4,libcjson1,libqrencode4,libseccomp2,python3,python3-cffi-backend
packages=$packages,python3-cryptography,initramfs-tools,linux-image-arm64
step() { # what, command...
    local what=$1 begun=$SECONDS status
    shift
    # Not "|| status=$?": a function goes on after a failure where somebody looks at its result.
    set +e
    (set -e && "$@") >>"$work/log" 2>&1
    status=$?
    set -e
    echo "$((SECONDS - begun)) s  $what" | tee -a "$work/seconds"
    [ "$status" = 0 ] || { echo "machine.sh: $what failed"; tail -20 "$work/log"; exit 1; }
}

# ---- the package, cross-built ------------------------------------------------------------------------
in_cross() {
    # shellcheck disable=SC2016
    unshare --mount --pid --fork --kill-child=KILL bash -c '
        mount -t proc proc "$0/proc" && mount --bind /dev/null "$0/dev/null" &&
        exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive chroot "$0" "$@"' \
        "$work/cross" "$@"
}
make_cross() {
    rm -rf --one-file-system "$work/cross"
    /usr/sbin/debootstrap --variant=minbase bookworm "$work/cross" "$mirror"
    echo "127.0.0.1 localhost" >"$work/cross/etc/hosts"
    cp -r /etc/apt/apt.conf.d /etc/apt/auth.conf.d "$work/cross/etc/apt/" 2>/dev/null || true
    cp /etc/resolv.conf "$work/cross/etc/"
    # shellcheck disable=SC2086
    in_cross sh -c 'dpkg --add-architecture arm64 && apt-get update && apt-get install -qy --no-install-recommends "$@"' sh \
        build-essential debhelper dh-apparmor crossbuild-essential-arm64 rpm $libraries $suites
    touch "$work/cross/made"
}
build() {
    mkdir -p "$work/cross/src"
    find "$work/cross/src" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
    tar -C "$here" -cf - --exclude=./build --exclude=./.git . | tar -xf - -C "$work/cross/src"
    in_cross make -C /src deb ARCH=arm64
    in_cross make -C /src rpm ARCH=aarch64
    in_cross make -C /src CC=aarch64-linux-gnu-gcc BUILD=build/arm64 build/arm64/test/hostile/installed build/arm64/test/confined/intruder
    [ "$(in_cross sh -c 'rpm -qp --qf "%{ARCH}" /src/build/rpm/RPMS/aarch64/*.rpm')" = aarch64 ]
    cp "$work"/cross/src/build/deb/*_arm64.deb "$work/this.deb"
    cp "$work/cross/src/build/arm64/test/hostile/installed" "$work/hostile"
    cp "$work/cross/src/build/arm64/test/confined/intruder" "$work/intruder"
}
echo "$(date -u +%F) $(nproc) processors" >"$work/seconds"
: >"$work/log"
[ -e "$work/cross/made" ] || step "a Debian with the cross compiler" make_cross
step ".deb, .rpm and the helpers that attack, cross-built" build

# ---- the arm64 system -----------------------------------------------------------------------------------
emulated() { bash "$here/tests/arm64/emulate.sh" "$work/system" "$@"; }
make_system() {
    rm -rf --one-file-system "$work/system"
    /usr/sbin/debootstrap --foreign --arch=arm64 --variant=minbase --include="$packages" bookworm "$work/system" "$mirror"
    # A user name space makes no devices; those of emulate.sh are there.
    sed -i 's/^check_sane_mount () {/&\n\treturn 0/' "$work/system/debootstrap/functions"
    # debootstrap looks up each package of the second list in the index with emulated programs: it
    # installs the first one, and dpkg the rest at once.
    : >"$work/system/debootstrap/base"
    emulated /debootstrap/debootstrap --second-stage
    # What this one machine boots with; all modules would take an emulated gzip minutes.
    mkdir -p "$work/system/etc/initramfs-tools/conf.d"
    printf 'MODULES=list\nCOMPRESS=gzip\n' >"$work/system/etc/initramfs-tools/conf.d/machine"
    printf 'virtio_blk\nvirtio_pci\nvirtio_mmio\next4\n' >"$work/system/etc/initramfs-tools/modules"
    printf '#!/bin/sh\nexit 101\n' >"$work/system/usr/sbin/policy-rc.d"
    chmod 755 "$work/system/usr/sbin/policy-rc.d"
    emulated sh -c 'cd /var/cache/apt/archives && dpkg --force-depends --force-confold --unpack *.deb && dpkg --configure -a'
    rm "$work/system/usr/sbin/policy-rc.d" "$work"/system/var/cache/apt/archives/*.deb
    touch "$work/system/etc/made"
}
[ -e "$work/system/etc/made" ] || step "an arm64 Debian, installed by qemu-user" make_system

# An emulated processor takes minutes to find primes.
make_keys() {
    /usr/bin/python3 "$here/tests/cognito/control.py" "$work/cognito" start --keys "$work/keys"
    /usr/bin/python3 "$here/tests/cognito/control.py" "$work/cognito" stop
}
[ -e "$work/keys/id-token.pem" ] || step "the pool's keys" make_keys

make_disk() { # mode
    local root=$work/$1.disk
    rm -rf --one-file-system "$root"
    rm -f "$work/system/usr/sbin/policy-rc.d" # debootstrap's, too
    cp -a --reflink=auto "$work/system" "$root"
    mkdir -p "$root/root/tree"
    cp -r "$here/tests" "$root/root/tree/"
    cp -r "$work/keys" "$root/root/"
    # The pool's authority, as update-ca-certificates would add it; that takes an emulated processor minutes.
    cp "$work/keys/ca.pem" "$root/usr/local/share/ca-certificates/local-cognito.crt"
    cat "$work/keys/ca.pem" >>"$root/etc/ssl/certs/ca-certificates.crt"
    ln -s /usr/local/share/ca-certificates/local-cognito.crt "$root/etc/ssl/certs/local-cognito.pem"
    ln -s local-cognito.pem "$root/etc/ssl/certs/$(cat "$work/keys/ca.hash").0"
    cp "$work/this.deb" "$work/hostile" "$work/intruder" "$root/root/"
    echo arm64 >"$root/etc/hostname"
    echo "127.0.0.1 localhost arm64 cognito-idp.eu-west-1.amazonaws.com acme.auth.eu-west-1.amazoncognito.com" >"$root/etc/hosts"
    printf '/dev/vda / ext4 defaults 0 1\n' >"$root/etc/fstab"
    cat >"$root/etc/systemd/system/proof.service" <<UNIT
[Unit]
After=multi-user.target
[Service]
Type=oneshot
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyAMA0
Environment=HOME=/root LANG=C.UTF-8
ExecStart=/bin/bash /root/tree/tests/arm64/inside.sh $1
ExecStopPost=/bin/systemctl --no-block --force poweroff
UNIT
    mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
    ln -sf ../proof.service "$root/etc/systemd/system/multi-user.target.wants/proof.service"
    [ "$1" != selinux ] || label "$root"
    rm -f "$work/$1.img"
    truncate -s 4G "$work/$1.img"
    mke2fs -q -t ext4 -d "$root" "$work/$1.img"
    cp "$root"/boot/vmlinuz-* "$work/vmlinuz"
    cp "$root"/boot/initrd.img-* "$work/initrd"
    rm -rf --one-file-system "$root"
}
# The policy and every label are made here: an emulated processor would take minutes.
label() { # root
    local base=$work/../selinux/base
    cp -a "$base/etc/selinux" "$1/etc/"
    mkdir -p "$1/var/lib/selinux"
    printf 'SELINUX=enforcing\nSELINUXTYPE=default\n' >"$1/etc/selinux/config"
    semodule -p "$1" -s default -n -N -i "$base"/usr/share/selinux/default/*.pp.bz2 "$work/../pam_cognito_oidc.pp"
    # sudo and su have domains of their own in the roles of staff.
    echo 'alice:staff_u:s0-s0:c0.c1023' >>"$1/etc/selinux/default/seusers"
    setfiles -F -r "$1" "$1/etc/selinux/default/contexts/files/file_contexts" "$1"
}
boot() { # mode
    # Nobody logs in there, and systemd would wait for udev to find it.
    local options="root=/dev/vda rw console=ttyAMA0 quiet systemd.mask=serial-getty@ttyAMA0.service"
    case $1 in
    apparmor) options="$options security=apparmor" ;;
    selinux) options="$options security=selinux selinux=1 enforcing=1" ;;
    esac
    timeout 5400 qemu-system-aarch64 -machine virt -cpu cortex-a72 -smp 2 -m 2048 -nographic -nic none -no-reboot \
        -kernel "$work/vmlinuz" -initrd "$work/initrd" -append "$options" \
        -drive "file=$work/$1.img,format=raw,if=virtio,cache=unsafe" </dev/null | stdbuf -oL tr -d '\r' | tee "$work/$1.log" | grep --line-buffered -aE '^(ok |not ok |# |[0-9]+ passed)'
    grep -qaE '^[0-9]+ passed, 0 failed' "$work/$1.log"
}

# The tests of this folder, without the sandbox: qemu-user has no seccomp. The kernel starts what is for arm64 by
# emulate.sh's register, also the helper with its empty environment.
suites() {
    in_cross make -C /src CC=aarch64-linux-gnu-gcc BUILD=build/emulated UNCONFINED=true -j2 test-programs
    rm -rf "$work/cross/vectors"
    if cd "$here" && [ -d "${VECTORS:-../shared/vectors}" ]; then cp -r "${VECTORS:-../shared/vectors}" "$work/cross/vectors"; fi
    bash "$here/tests/arm64/emulate.sh" "$work/cross" sh -c 'cd /src && BUILD=build/emulated SAN=1 VECTORS=/vectors exec \
        /usr/bin/python3 tests/run.py "unit " "pam " "login decision" "login names"' >"$work/suites.log" 2>&1 || true
}

[ "$#" != 0 ] || set -- apparmor selinux suites
for mode in "$@"; do
    if [ "$mode" = suites ]; then
        step "suites" suites
        grep -E ' [1-9][0-9]* failed|^FAIL|^ERROR' "$work/suites.log" || true
        continue
    fi
    step "a disk for $mode" make_disk "$mode"
    begun=$SECONDS
    boot "$mode" || true
    rm -f "$work/$mode.img"
    echo "$((SECONDS - begun)) s  $mode: from power on to power off" | tee -a "$work/seconds"
done
if [ "$*" != suites ]; then
    echo '| enforces | logins | fastest, s | median, s | slowest, s | a taken-over helper, by its sandbox | by the policy alone |'
    echo '|---|---|---|---|---|---|---|'
fi
for mode in "$@"; do [ "$mode" = suites ] || grep -ah '^| ' "$work/$mode.log" || echo "| $mode | did not end |||||"; done
cat "$work/seconds"
for mode in "$@"; do
    grep -ahE '^[0-9]+ passed, [0-9]+ failed' "$work/$mode.log" | tail -1 | grep . || echo "0 passed, 1 failed, 0 skipped"
done | awk '{ passed += $1; failed += $3; skipped += $5 }
    END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped; exit failed > 0 || passed == 0 }'
