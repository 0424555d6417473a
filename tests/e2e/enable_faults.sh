#!/bin/bash
# SPDX-License-Identifier: MIT
# What enable, disable, doctor and login do when an allocation or a system call of theirs fails, each
# place once (tests/torture/installed.py). FAULT_SECONDS=n is how
# long (60).
set -eu
# shellcheck disable=SC2034
NEEDS="sshd:openssh-server ssh:openssh-client sudo:sudo"
# The copy has no environment of ours.
[ "${1:-}" = --inside ] || set -- "${FAULT_SECONDS:-60}"
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/stage.sh"

configure '{"rules":[{"name":"shell","services":["sshd","login","su"],"groups":["linux-users"]},
    {"name":"admins","services":["sudo","sudo-i"],"groups":["linux-admins"]}]}'
groupadd breakglass
useradd -m -s /bin/bash -G breakglass rescue
printf 'rescue:Local-Rescue-1!\n' | chpasswd
echo 'rescue ALL=(ALL) ALL' >/etc/sudoers.d/people
chmod 440 /etc/sudoers.d/people
ssh-keygen -q -A
mkdir -p /run/sshd
printf '%s\n' 'Include /etc/ssh/sshd_config.d/*.conf' 'ListenAddress 127.0.0.1' 'KbdInteractiveAuthentication no' 'UsePAM yes' \
    >/etc/ssh/sshd_config
rm -f /etc/ssh/sshd_config.d/*
/usr/sbin/sshd
exec env PLACES=1 SECONDS="$1" /usr/bin/python3 tests/torture/installed.py "$(password bob)"
