#!/bin/bash
# SPDX-License-Identifier: MIT
# The warm helper under a real systemd: boots a new Debian (bookworm) in a folder below build/ and runs
# inside.sh there. Argument: the build folder. As root, with a Debian mirror in reach. The folder is
# kept as build/systemd-root for the next time; its copy, the machine and its control groups go.
# IDLE=1 also waits for the five minutes after which the service ends.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
build=$1
[ "$(id -u)" = 0 ] || { echo "systemd.sh: root is needed" >&2; exit 2; }
base=$build/systemd-root
root=$build/systemd-machine
packages=systemd-sysv,dbus,passwd,adduser,procps,iproute2,openssl,ca-certificates,pamtester,libpam0g,libcurl4
packages=$packages,libcjson1,libqrencode4,libseccomp2,python3,python3-cffi-backend,python3-cryptography
if [ ! -e "$base/etc/made" ]; then
    rm -rf --one-file-system "$base"
    # shellcheck disable=SC2016
    mirror=$(apt-get indextargets --format '$(REPO_URI)' | sed -n 's#/*$##; \#/debian$#p' | head -1)
    /usr/sbin/debootstrap --variant=minbase --include="$packages" bookworm "$base" \
        "${mirror:-http://deb.debian.org/debian}" >"$build/systemd.log" 2>&1 ||
        chroot "$base" apt-get install -qyf >>"$build/systemd.log" 2>&1 || { tail -5 "$build/systemd.log"; exit 1; }
    rm -f "$base/usr/sbin/policy-rc.d"
    chroot "$base" apt-get install -qy --reinstall --download-only libcurl4 >>"$build/systemd.log" 2>&1
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

# A network of its own: the local Cognito listens on 127.0.0.1:443.
systemd-nspawn --private-network --quiet --register=no --keep-unit --boot --directory="$root" --resolv-conf=off \
    >"$build/systemd-boot.log" 2>&1 </dev/null &
machine=$!
inside() {
    nsenter --target "$(pgrep -P "$machine" | head -1)" --all env -i IDLE="${IDLE:-}" \
        PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root "$@"
}
for i in $(seq 600); do
    state=$(inside systemctl is-system-running 2>/dev/null || true)
    case $state in running | degraded) break ;; esac
    sleep 0.2
done
[ "$state" = running ] || { echo "systemd.sh: the machine is ${state:-not there} after $i tries"; tail -5 "$build/systemd-boot.log"; exit 1; }
inside bash /root/tree/tests/warm/inside.sh /root/this.deb </dev/null
