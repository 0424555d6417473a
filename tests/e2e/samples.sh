#!/bin/bash
# SPDX-License-Identifier: MIT
# Debian's service files, on a Debian host. TAP.
set -eu
# shellcheck disable=SC2034
NEEDS="sshd:openssh-server ssh:openssh-client sshpass:sshpass sudo:sudo tmux:tmux"
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/stage.sh"

# shellcheck disable=SC2034
family=debian
lay_out() { :; }
# shellcheck source=tests/copy/samples.sh
. tests/copy/samples.sh
finish
