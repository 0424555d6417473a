#!/bin/bash
# A real login: the module installed in a throw-away copy of this machine, pamtester as the
# host, the local Cognito as the pool. Run by `make demo`; leaves the machine untouched.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
if [ "${1:-}" != --inside ]; then
    if [ "$(id -u)" != 0 ]; then
        echo "make demo needs root: it installs into a throw-away copy of this machine." >&2
        exit 1
    fi
    HOST_BIND=$here exec bash "$here/tests/host.sh" bash "$here/tests/demo.sh" --inside "$BUILD"
fi
BUILD=$2
cd "$here"
. tests/copy/setup.sh

cat >/etc/pam.d/pamtester <<SERVICE
auth    required pam_cognito_oidc.so
account required pam_cognito_oidc.so
session required pam_cognito_oidc.so
SERVICE

scene() {
    printf '\n--- %s\n' "$1"
}

# expect WORD user prompt=answer...: plays a scene and checks how it ended.
expect() {
    local want=$1 user=$2 got=allowed
    shift 2
    printf '$ pamtester pamtester %s authenticate acct_mgmt\n' "$user"
    /usr/bin/python3 tests/converse.py "$@" -- pamtester pamtester "$user" authenticate acct_mgmt ||
        got=refused
    says
    if [ "$got" != "$want" ]; then
        echo "demo: expected $want, was $got" >&2
        exit 1
    fi
}

code() { control totp alice; }

scene "alice: the right password by SRP, and the code of her authenticator app"
expect allowed alice "Password: =$(password alice)" "app: =$(code)"

scene "bob: a wrong password"
expect refused bob "Password: =Guess-1!"

scene "carol: the right password, but she is in no group that a rule names"
expect refused carol "Password: =$(password carol)"

echo
if [ -t 0 ]; then
    scene "now you (empty name: end)"
    while printf 'user (alice, bob, carol): ' && read -r user && [ -n "$user" ]; do
        printf '    password: %s' "$(password "$user")"
        [ "$user" != alice ] || printf '    code: %s' "$(code)"
        echo
        pamtester pamtester "$user" authenticate acct_mgmt || true
        says
    done
fi
echo "demo: all scenes ended as they must; the machine is as it was."
