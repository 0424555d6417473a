#!/bin/bash
# SPDX-License-Identifier: MIT
# The real cron, where the module gates common-account: root's jobs go on, a person's run while
# there is a live ticket, and those of local= always. It takes a minute. TAP.
set -eu
# shellcheck disable=SC2034
NEEDS="pamtester:pamtester"
if [ "${1:-}" != --inside ]; then
    # Unpacked into the copy only: installed, it would run on the machine.
    build=$(cd "${BUILD:-$(dirname "$0")/../../build}" && pwd)
    mkdir -p "$build/cron"
    (cd "$build/cron" && [ -n "$(ls ./*.deb 2>/dev/null)" ] || { cd "$build/cron" && apt-get download cron; }) >/dev/null 2>&1 || true
fi
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/stage.sh"
[ -n "$(ls "$BUILD"/cron/*.deb 2>/dev/null)" ] || lacks "no package of cron here"

dpkg-deb -x "$BUILD"/cron/cron_*.deb "$proof/cron"
cp "$proof/cron/etc/pam.d/cron" /etc/pam.d/cron
mkdir -p /var/spool/cron/crontabs /etc/cron.d
configure '{"rules":[{"name":"jobs","services":["cron","pamtester"],"groups":["linux-users"]}]}'
printf 'account required pam_unix.so\naccount required pam_cognito_oidc.so local=carol\n' >/etc/pam.d/common-account
printf 'auth required pam_cognito_oidc.so\naccount required pam_cognito_oidc.so\n' >/etc/pam.d/pamtester
ok "cron's own service file asks common-account" grep -q 'include common-account' /etc/pam.d/cron
ok "bob signs in, alice does not" eval 'printf "%s\n" "$(password bob)" | pamtester pamtester bob authenticate acct_mgmt'

mkdir -m 1777 "$proof/jobs"
chmod 755 "$proof"
for person in root alice bob carol; do
    printf '* * * * * %s /usr/bin/id -un >%s/jobs/%s\n' "$person" "$proof" "$person"
done >/etc/cron.d/proof
chmod 644 /etc/cron.d/proof
"$proof/cron/usr/sbin/cron" -f &
cron=$!
trap 'kill $cron 2>/dev/null || true' EXIT
for _ in $(seq 70); do
    [ -s "$proof/jobs/root" ] && [ -s "$proof/jobs/bob" ] && [ -s "$proof/jobs/carol" ] && break
    sleep 1
done
ran() { [ "$(cat "$proof/jobs/$1")" = "$1" ]; }
ok "root's job" ran root
ok "bob's, who has a live ticket" ran bob
ok "carol's, whom local= names" ran carol
ok "not alice's, who has none" [ ! -e "$proof/jobs/alice" ]
ok "and the log says why" grep -E 'cron:account\): login denied user=alice service=cron .* reason="no live ticket' "$log"
finish
