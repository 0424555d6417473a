#!/bin/bash
# SPDX-License-Identifier: MIT
# Accounts of 100, 1,000 and 5,000 people: what plan and apply take, and what each look at them takes,
# beside the same people in /etc/passwd. Prints rows of docs/performance.md.
#
#   accounts.sh [PEOPLE...]
set -eu
# shellcheck disable=SC2034
NEEDS="sshd:openssh-server ssh:openssh-client /usr/sbin/visudo:sudo"
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/../e2e/stage.sh"
[ $# != 0 ] || set -- 100 1000 5000

configure '{"accounts": {"groups": ["linux-users"], "unix_groups": ["linux-users"]}}'
cp /etc/passwd /srv/passwd
cp /etc/group /srv/group
cat >/etc/pam.d/sshd <<'PAM'
account required pam_permit.so
session required pam_permit.so
PAM
echo '%linux-users ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/cognito
ssh-keygen -q -t ed25519 -N '' -f "$proof/key"
start_sshd 'PubkeyAuthentication yes' "AuthorizedKeysFile $proof/key.pub" 'AllowGroups linux-users'
printf '| people | records | plan | apply | again (writes) | getpwnam | getpwuid | initgroups daemon | getgrnam | id | sudo -l | ssh |\n'
printf '|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n'
for people; do
    /usr/bin/python3 tests/bench/accounts.py "$people" "${client[@]}" -i "$proof/key"
done
