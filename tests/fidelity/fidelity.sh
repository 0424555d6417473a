#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Holds the local Cognito against clients nobody here wrote.
#
#   fidelity.sh BUILD_DIR
#
# The clients come from npm into BUILD_DIR, at fixed versions that node 18 runs.
set -eu

PACKAGES="amazon-cognito-identity-js@6.3.21 cognito-srp-helper@2.3.4 aws-jwt-verify@5.2.1
    @aws-sdk/client-cognito-identity-provider@3.840.0 openid-client@5.7.1"

[ $# = 1 ] || { echo "usage: fidelity.sh BUILD_DIR" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
build=$(cd "$1" && pwd)
control="/usr/bin/python3 $here/../cognito/control.py"

need_node() {
    missing=
    for tool in node npm; do
        command -v "$tool" >/dev/null || missing="$missing $tool"
    done
    [ -z "$missing" ] && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq >&2 && apt-get install -y -qq nodejs npm >&2 && return
    fi
    echo "fidelity.sh: missing:$missing (Debian: apt-get install nodejs npm)" >&2
    exit 1
}

install_clients() {
    [ "$(cat "$build/installed" 2>/dev/null)" = "$PACKAGES" ] && return
    # PACKAGES is a list. npm reports to stderr, so that stdout is TAP alone.
    # shellcheck disable=SC2086
    (cd "$build" && timeout 300 npm install --prefix "$build" --no-package-lock --no-save --no-audit --no-fund \
        --ignore-scripts --loglevel=error $PACKAGES >&2)
    echo "$PACKAGES" >"$build/installed"
}

stop() {
    for name in local aws; do
        [ ! -e "$state/$name/ready" ] || $control "$state/$name" stop
    done
    rm -rf "$state"
}

need_node
install_clients
state=$(mktemp -d)
trap stop EXIT
trap 'exit 1' HUP INT TERM

port=$($control "$state/local" start --keys "$state/keys")
aws_port=$($control "$state/aws" start --keys "$state/keys" \
    --issuer-base https://cognito-idp.eu-west-1.amazonaws.com)

# Nothing of the caller's environment: its proxies and authorities are not part of the test.
env -i PATH="$PATH" HOME="$state" MODULES="$build" CONTROL="$control $state/local" \
    NODE_EXTRA_CA_CERTS="$state/local/ca.pem" \
    COGNITO_URL="https://localhost:$port" AWS_NAMED_URL="https://localhost:$aws_port" \
    node "$here/fidelity.mjs"
