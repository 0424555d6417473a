#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The module against a Cognito that nobody here wrote, and the local Cognito against the AWS
# SDK, challenge by challenge.
#
#   interop.sh BUILD_DIR      where npm puts them, at fixed versions that node 18 runs
#
# The module and the PAM host are those of $BUILD (default: build): make all test-programs.
set -eu

PACKAGES="cognito-local@5.3.0 amazon-cognito-identity-js@6.3.21 cognito-srp-helper@2.3.4 aws-jwt-verify@5.2.1
    @aws-sdk/client-cognito-identity-provider@3.840.0 openid-client@5.7.1 oidc-provider@8.8.1"

[ $# = 1 ] || { echo "usage: interop.sh BUILD_DIR" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
modules=$(cd "$1" && pwd)
program=${BUILD:-$here/../../build}
program=$(cd "$program" && pwd)
control="/usr/bin/python3 -B $here/../cognito/control.py"

need_node() {
    command -v node >/dev/null && command -v npm >/dev/null && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq >&2 && apt-get install -y -qq --no-install-recommends nodejs npm >&2 && return
    fi
    echo "interop.sh: missing: node npm (Debian: apt-get install nodejs npm)" >&2
    exit 1
}

install_packages() {
    [ "$(cat "$modules/installed" 2>/dev/null)" = "$PACKAGES" ] && return
    # PACKAGES is a list. npm reports to stderr, so that stdout is the results alone.
    # shellcheck disable=SC2086
    (cd "$modules" && timeout 300 npm install --prefix "$modules" --no-package-lock --no-save --no-audit --no-fund \
        --ignore-scripts --loglevel=error $PACKAGES >&2)
    echo "$PACKAGES" >"$modules/installed"
}

finish() {
    [ ! -e "$state/local/ready" ] || $control "$state/local" stop
    rm -rf "$state"
}

# Adds a run's last line to the sums.
count() {
    # shellcheck disable=SC2046
    set -- $(tail -n 1 "$state/output" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p')
    [ $# = 3 ] || set -- 0 1 0
    passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

need_node
install_packages
state=$(mktemp -d)
chmod 755 "$state"
trap finish EXIT
trap 'exit 1' HUP INT TERM
passed=0 failed=0 skipped=0

# Nothing of the caller's environment: its proxies and authorities are not part of the test.
for server in cognito_local oidc_provider; do
    env -i PATH="$PATH" HOME="$state" BUILD="$program" MODULES="$modules" SAN="${SAN:-}" \
        /usr/bin/python3 -B "$here/$server.py" >"$state/output" 2>&1 || true
    cat "$state/output"
    count
done

port=$($control "$state/local" start --keys "$state/keys")
env -i PATH="$PATH" HOME="$state" MODULES="$modules" NODE_EXTRA_CA_CERTS="$state/local/ca.pem" \
    COGNITO_URL="https://localhost:$port" node "$here/sdk.mjs" >"$state/output" 2>&1 || true
cat "$state/output"
count

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
