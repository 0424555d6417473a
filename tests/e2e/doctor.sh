#!/bin/bash
# SPDX-License-Identifier: MIT
# An administrator's mistakes, one at a time, on a whole host: sshd, sudo, PAM, files, network,
# pool. cognito-oidc doctor names each, and finds nothing on the right set-up. TAP.
set -eu
# shellcheck disable=SC2034
NEEDS="sshd:openssh-server sudo:sudo pamtester:pamtester"
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/stage.sh"

mkdir -p /run/sshd
ssh-keygen -A >/dev/null
exec /usr/bin/python3 tests/e2e/faults.py "$state"
