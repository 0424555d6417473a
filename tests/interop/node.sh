#!/bin/sh
# SPDX-License-Identifier: MIT
#
# node.sh PROGRAM: runs it with two local Cognitos, one by its own name and one by AWS's.
# $MODULES is where install.sh put the packages.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
control="/usr/bin/python3 -B $here/../cognito/control.py"
state=$(mktemp -d)
stop() {
    for name in local aws; do
        [ ! -e "$state/$name/ready" ] || $control "$state/$name" stop
    done
    rm -rf "$state"
}
trap stop EXIT
trap 'exit 1' HUP INT TERM

port=$($control "$state/local" start --keys "$state/keys")
aws_port=$($control "$state/aws" start --keys "$state/keys" --issuer-base https://cognito-idp.eu-west-1.amazonaws.com)
CONTROL="$control $state/local" NODE_EXTRA_CA_CERTS=$state/local/ca.pem COGNITO_URL=https://localhost:$port \
    AWS_NAMED_URL=https://localhost:$aws_port node "$here/$1.mjs"
