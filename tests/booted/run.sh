#!/bin/bash
# SPDX-License-Identifier: MIT
# run.sh BUILD STORY: the package under a real systemd. Boots a new Debian (bookworm) in a folder below
# BUILD and runs STORY.sh of this folder there, with the package and 1. A story that ends with 100
# has the machine stopped, without a shutdown, and booted again, and goes on with 2, and so on.
# As root, with a Debian mirror in reach. The folder is kept as BUILD/booted-base for the next time; its
# copy, the machine and its control groups go. IDLE=1: warm.sh also waits for the five minutes after
# which the service ends. COUNTERS=folder is where the package's programs keep clang's counters, under the same name.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
build=$1
story=$2
[ "$(id -u)" = 0 ] || { echo "booted: root is needed" >&2; exit 2; }
base=$build/booted-base
root=$build/booted-$story
packages=systemd-sysv,dbus,passwd,adduser,procps,iproute2,openssl,ca-certificates,pamtester,libpam0g,libcurl4
packages=$packages,libcjson1,libqrencode4,libseccomp2,python3,python3-cffi-backend,python3-cryptography
packages=$packages,openssh-server,openssh-client,sshpass,sudo,diffutils,acl,login
if [ ! -e "$base/etc/made" ]; then
    rm -rf --one-file-system "$base"
    # shellcheck disable=SC2016
    mirror=$(apt-get indextargets --format '$(REPO_URI)' | sed -n 's#/*$##; \#/debian$#p' | head -1)
    /usr/sbin/debootstrap --variant=minbase --include="$packages" bookworm "$base" \
        "${mirror:-http://deb.debian.org/debian}" >"$build/booted.log" 2>&1 ||
        chroot "$base" apt-get install -qyf >>"$build/booted.log" 2>&1 || { tail -5 "$build/booted.log"; exit 1; }
    rm -f "$base/usr/sbin/policy-rc.d"
    chroot "$base" apt-get install -qy --reinstall --download-only libcurl4 >>"$build/booted.log" 2>&1
    cp -r /etc/apt/apt.conf.d /etc/apt/auth.conf.d "$base/etc/apt/" 2>/dev/null || true
    touch "$base/etc/made"
fi

groups() { find /sys/fs/cgroup -mindepth 2 -maxdepth 2 -type d \( -name payload -o -name supervisor \) | sort; }
before=$(groups)
machine=
leave() {
    [ -z "$machine" ] || { kill "$machine" && wait "$machine"; } 2>/dev/null || true
    for group in $(groups); do
        case $before in
        *"$group"*) ;;
        *) find "$group" -depth -type d -exec rmdir {} \; ;;
        esac
    done
    rm -rf --one-file-system "$root"
}
trap leave EXIT
trap 'exit 1' HUP INT TERM
rm -rf --one-file-system "$root"
cp -a --reflink=auto "$base" "$root"
cp /etc/resolv.conf "$root/etc/" 2>/dev/null || true
mkdir -p "$root/root/tree"
cp -r "$here/tests" "$root/root/tree/"
cp "$build"/deb/libpam-cognito-oidc_*.deb "$root/root/this.deb"

inside() {
    nsenter --target "$(pgrep -P "$machine" | head -1)" --all env -i IDLE="${IDLE:-}" \
        PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root "$@"
}
# A network of its own: the local Cognito listens on 127.0.0.1:443.
boot() {
    systemd-nspawn --private-network --quiet --register=no --keep-unit --boot --directory="$root" --resolv-conf=off \
        ${COUNTERS:+"--bind=$COUNTERS"} >>"$build/booted-$story.log" 2>&1 </dev/null &
    machine=$!
    for i in $(seq 600); do
        state=$(inside systemctl is-system-running 2>/dev/null || true)
        case $state in running | degraded) break ;; esac
        sleep 0.2
    done
    [ "$state" = running ] || { echo "booted: the machine is ${state:-not there} after $i tries"; tail -5 "$build/booted-$story.log"; exit 1; }
}
# As when the power fails: nothing in it may say goodbye.
stop() {
    kill -KILL "$(pgrep -P "$machine" | head -1)"
    wait "$machine" || true
    machine=
}
: >"$build/booted-$story.log"
for ((part = 1; ; part++)); do
    boot
    status=0
    inside bash "/root/tree/tests/booted/$story.sh" /root/this.deb "$part" </dev/null || status=$?
    [ "$status" = 100 ] || exit "$status"
    stop
done
