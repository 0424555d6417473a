#!/bin/bash
# SPDX-License-Identifier: MIT
# emulate.sh ROOT COMMAND...: runs a command of an arm64 system on this machine, by qemu-user. As root.
#
# The kernel starts it by a register of formats (binfmt_misc) in a user name space of its own, which
# needs Linux 6.7: this machine's register stays as it is.
set -eu
case $1 in
--mapped)
    shift
    exec unshare --mount --pid --ipc --uts --fork --kill-child=KILL -- "$0" --inner "$@"
    ;;
--inner)
    shift
    ;;
*)
    go=$(mktemp -d)
    mkfifo "$go/go"
    # shellcheck disable=SC2016
    unshare --user bash -c 'read -r _ <"$0/go"; exec "$@"' "$go" "$0" --mapped "$@" &
    pid=$!
    while [ "$(readlink "/proc/$pid/ns/user")" = "$(readlink /proc/self/ns/user)" ]; do sleep 0.02; done
    echo 0 0 65536 >"/proc/$pid/uid_map"
    echo 0 0 65536 >"/proc/$pid/gid_map"
    echo >"$go/go"
    status=0
    wait "$pid" || status=$?
    rm -r "$go"
    exit "$status"
    ;;
esac
root=$1
shift
mount -t binfmt_misc formats /mnt
# ELF, 64 bits, little-endian, a program or a library, for AArch64; the interpreter is opened now.
printf '%s' ':aarch64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:/usr/bin/qemu-aarch64-static:F' >/mnt/register
mount -t tmpfs -o mode=0755 dev "$root/dev"
for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 pts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
mount -t proc proc "$root/proc"
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
    chroot "$root" "$@"
