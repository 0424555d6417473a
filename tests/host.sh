#!/bin/bash
# host.sh COMMAND...: runs a command as root in a throw-away copy of this machine.
#
# An overlay of the root file system on a tmpfs, in mount, pid, net, uts and ipc namespaces
# of its own: users, /etc, sshd, set-uid programs and ptys are real, and when the command
# ends everything is gone, processes included. HOST_BIND="dir ..." stays shared with the
# machine (read-write). The environment is cleared: a shell's CA or proxy variables must
# not reach a test.
set -eu

if [ "${1:-}" != --inner ]; then
    if [ "$(id -u)" != 0 ]; then
        echo "host.sh: root is needed for a copy of the machine" >&2
        exit 77
    fi
    # Inside a chroot the root is no mount point: it cannot be made private, nor be pivoted.
    propagation=private
    unshare --mount --propagation private true 2>/dev/null || propagation=unchanged
    exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM="${TERM:-dumb}" LANG=C.UTF-8 \
        HOST_BIND="${HOST_BIND:-}" CI="${CI:-}" HOST_PROPAGATION=$propagation \
        unshare --mount --propagation "$propagation" --net --pid --uts --ipc --fork --kill-child=KILL -- \
        "$0" --inner "$@"
fi
shift

base=/mnt # any existing folder: the tmpfs hides it in this namespace only
mount -t tmpfs -o mode=0755 host "$base"
mkdir "$base/upper" "$base/work" "$base/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$base/upper,workdir=$base/work" "$base/root"
root=$base/root
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o mode=0755 dev "$root/dev"
for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
ln -s /proc/self/fd "$root/dev/fd"
ln -s /proc/self/fd/0 "$root/dev/stdin"
ln -s /proc/self/fd/1 "$root/dev/stdout"
ln -s /proc/self/fd/2 "$root/dev/stderr"
ln -s pts/ptmx "$root/dev/ptmx"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
mount -t tmpfs -o mode=0755 run "$root/run"
mkdir -p "$root/run/sshd" "$root/run/lock"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
for folder in ${HOST_BIND:-}; do
    mkdir -p "$root$folder"
    mount --bind "$folder" "$root$folder"
done
ip link set lo up
hostname pamhost
printf '127.0.0.1 localhost pamhost\n' >"$root/etc/hosts"
unset HOST_BIND
cd "$root"
[ "$HOST_PROPAGATION" = private ] || exec chroot . "$@"
mkdir -p .old
pivot_root . .old
cd /
umount -l /.old
rmdir /.old 2>/dev/null || true
exec "$@"
