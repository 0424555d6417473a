#!/bin/bash
# SPDX-License-Identifier: MIT
# The package installed, replaced and removed while people log in, in a throw-away copy of the
# machine. Argument: the folder of this.deb and next.deb, of which one half does not
# understand the other's. TAP.
set -eu
# shellcheck disable=SC2034
NEEDS="pamtester:pamtester"
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/../e2e/stage.sh"
packages=$1
module=$(find /usr/lib -name pam_cognito_oidc.so)
helper=/usr/libexec/pam_cognito_oidc/helper

# The machine as it was before `make install`, but with Cognito and people.
cp /etc/pam_cognito_oidc/config.json "$proof/config.json"
make --no-print-directory -s uninstall >/dev/null
rm -r /etc/pam_cognito_oidc
userdel _cognito-oidc
printf '%s required pam_cognito_oidc.so\n' auth account >/etc/pam.d/pamtester
cat >/etc/pam.d/other-service <<'PAM'
auth required pam_permit.so
PAM

# Whatever bears the name, wherever it lies, but the trees of source and the books of dpkg: the
# machine below the copy may be at work, so not every new file is the package's.
machine() {
    find / -xdev \( -path /proc -o -path /srv -o -path "$here" -o -path "$BUILD" -o -path /var/lib/dpkg \
        -o -path "$(dirname "$here")" \) -prune -o -iname '*cognito*' -print | sort
    find /run/pam_cognito_oidc 2>/dev/null || true
    grep -rl cognito /etc /var/lib/pam /var/lib/systemd 2>/dev/null | grep -vE '^/etc/(passwd|group|shadow|gshadow|sub[ug]id)' | sort
}
machine >"$proof/before"
cp -r /etc/pam.d "$proof/pam.d"

install_package() { DEBIAN_FRONTEND=noninteractive dpkg -i "$packages/$1.deb"; }
login() { printf '%s\n' "$2" | timeout 60 pamtester pamtester "$1" authenticate acct_mgmt; }

dpkg-deb -c "$packages/this.deb" | awk '{ sub("^\\./*", "/", $6); print $6 }' | sort >"$proof/owned"
while read -r file; do [ ! -e "$file" ] || echo "$file"; done <"$proof/owned" >"$proof/existed"
ok "the package is installed" install_package this
ok "the module is where PAM looks" [ -f "$module" ]
ok "the system user is there and logs in nowhere" eval 'getent passwd _cognito-oidc | grep ":/nonexistent:/usr/sbin/nologin$"'
ok "the cache is root's alone" [ "$(stat -c '%a %U' /var/cache/pam_cognito_oidc)" = "700 root" ]
ok "systemd-tmpfiles removes no ticket by its age" \
    grep -x 'd /run/pam_cognito_oidc 0700 root root -' /usr/lib/tmpfiles.d/pam_cognito_oidc.conf
ok "the timer is enabled" eval 'systemctl is-enabled cognito-oidc-tickets.timer | grep -x enabled'
ok "and only the timer starts its service" eval \
    '[ "$(systemctl is-enabled cognito-oidc-tickets.service)" = static ]'
ok "the socket of the warm helper is enabled" eval \
    'systemctl is-enabled pam_cognito_oidc.socket | grep -x enabled'
ok "and only the socket starts its service" eval \
    '[ "$(systemctl is-enabled pam_cognito_oidc.service)" = static ]'
units=$(dpkg -L libpam-cognito-oidc | grep -E '/systemd/system/[^/]+[.](service|socket|timer)$')
verify="systemd accepts all units"
if command -v systemd-analyze >/dev/null; then
    # The manual pages are the package's own, which a machine without mandb does not find.
    # shellcheck disable=SC2086
    ok "$verify" eval 'systemd-analyze verify --man=no $units 2>&1 | { ! grep .; }'
else
    n=$((n + 1))
    echo "ok $n - skipped: $verify: systemd-analyze is missing # SKIP"
fi
ok "no configuration was written" [ ! -e /etc/pam_cognito_oidc/config.json ]
ok "no login changed: there is no profile" diff -r "$proof/pam.d" /etc/pam.d
install -m 600 "$proof/config.json" /etc/pam_cognito_oidc/config.json
ok "syslog is listening" eval "logger -p authpriv.info hello; logged hello"
ok "bob logs in" login bob "$(password bob)"
ok "and syslog has it" logged 'login allowed user=bob'
ok "the command is content with the installation" cognito-oidc check

# ---- what the timer starts -------------------------------------------------------------------------
# shellcheck disable=SC2086
expire() { eval "$(sed -n 's/^ExecStart=\([^-]\)/\1/p' "$(echo "$units" | grep tickets.service)")"; }
bobs_ticket() { find /run/pam_cognito_oidc -name "ticket-$(id -u bob)-*" ! -name '*.lock' | grep .; }
of_another_boot() {
    /usr/bin/python3 -c 'import pathlib, sys
sys.path.insert(0, "tests")
import ticket_file
ticket_file.change(pathlib.Path(sys.argv[1]), boot="00000000-0000-4000-8000-000000000000")' "$(bobs_ticket)"
}
ok "the service leaves a live ticket" eval 'expire && bobs_ticket'
ok "bob's ticket is over" of_another_boot
ok "the service revokes its refresh token and removes it" eval 'expire | grep "removed, revoked" && ! bobs_ticket'

# ---- replaced under people who log in --------------------------------------------------------------
# Both kinds without end, each result with its exit status: carol may not, whatever happens.
loop() { # user, password, file
    while [ ! -e "$proof/stop" ]; do
        login "$1" "$2" >/dev/null 2>&1 && echo "yes 0" >>"$3" || echo "no $?" >>"$3"
    done
}
count() { grep -c "$1" "$2" || true; }
crashes() { cat "$proof"/loop-* | awk '$2 >= 124' | wc -l; }
loop bob "$(password bob)" "$proof/loop-bob" &
loops=$!
loop carol "$(password carol)" "$proof/loop-carol" &
loops="$loops $!"
replace() {
    local turn
    for turn in 1 2 3 4; do
        install_package next
        sleep 0.5
        install_package this
        sleep 0.5
    done
}
ok "eight times replaced under two loops of logins" replace
sleep 1
while [ "$(wc -l <"$proof/loop-carol")" -lt 20 ]; do sleep 0.2; done
touch "$proof/stop"
# shellcheck disable=SC2086
wait $loops
echo "# bob: $(count yes "$proof/loop-bob") yes, $(count no "$proof/loop-bob") no; carol: $(count no "$proof/loop-carol") no"
ok "no wrong success" [ "$(count yes "$proof/loop-carol")" = 0 ]
ok "no crash and no hang" [ "$(crashes)" = 0 ]
ok "no helper ended without a verdict" eval '! grep "ended without a verdict" "$log"'
ok "bob got in all along" [ "$(count yes "$proof/loop-bob")" -ge 10 ]
ok "and was refused for nothing but two halves that did not fit" eval \
    '! grep "denied user=bob" "$log" | grep -v "the helper violated the protocol\|the helper cannot be started"'
ok "and gets in now" login bob "$(password bob)"

# ---- halves of two versions ------------------------------------------------------------------------
refused_by_protocol() {
    ! login bob "$(password bob)" && logged 'denied user=bob .* reason="the helper violated the protocol'
}
cp "$helper" "$proof/helper" && cp "$module" "$proof/module"
install_package next >/dev/null 2>&1
ok "the next version works" login bob "$(password bob)"
cp "$proof/helper" "$helper.new" && chmod 755 "$helper.new" && mv "$helper.new" "$helper"
ok "its module with this version's helper refuses" refused_by_protocol
install_package next >/dev/null 2>&1
cp "$proof/module" "$module.new" && mv "$module.new" "$module"
ok "this version's module with its helper refuses" refused_by_protocol
install_package this >/dev/null 2>&1

# ---- the profile of earlier versions -----------------------------------------------------------------
common_files() { grep -l pam_cognito_oidc.so /etc/pam.d/common-*; }
upgrade() { install_package this >"$proof/upgrade" 2>&1; }
ok "an earlier version has a profile" eval 'install_package earlier && pam-auth-update --enable cognito-oidc && common_files'
ok "the upgrade takes it out" eval 'upgrade && ! common_files && diff -r "$proof/pam.d" /etc/pam.d'
ok "and says so" grep 'the PAM profile "cognito-oidc" is removed' "$proof/upgrade"
echo 'account required pam_cognito_oidc.so' >>/etc/pam.d/common-account
upgrade
ok "a line that somebody wrote there stays, and its file is named" eval \
    'common_files && grep "^    /etc/pam.d/common-account" "$proof/upgrade"'
cp "$proof"/pam.d/common-* /etc/pam.d/

# ---- removed under people who log in ----------------------------------------------------------------
rm -f "$proof/stop" "$proof"/loop-*
loop bob "$(password bob)" "$proof/loop-bob" &
loops=$!
loop carol "$(password carol)" "$proof/loop-carol" &
loops="$loops $!"
sleep 1
ok "removed under two loops of logins" eval 'dpkg -r libpam-cognito-oidc >"$proof/removal" 2>&1'
sleep 1
touch "$proof/stop"
# shellcheck disable=SC2086
wait $loops
ok "no wrong success" [ "$(count yes "$proof/loop-carol")" = 0 ]
ok "no crash and no hang" [ "$(crashes)" = 0 ]
cp /etc/pam.d/pamtester "$proof/pamtester"
ok "who names the module was told of it" grep /etc/pam.d/pamtester "$proof/removal"
ok "nobody gets in without the module" eval '! login bob "$(password bob)"'
ok "the common files are as they were" diff -r "$proof/pam.d" /etc/pam.d
ok "the configuration is still there" [ -f /etc/pam_cognito_oidc/config.json ]
# What enable put aside stays while a service names the module.
rm /etc/pam.d/pamtester
ok "purged" dpkg -P libpam-cognito-oidc
cp "$proof/pamtester" /etc/pam.d/pamtester
machine >"$proof/after"
ok "none of the package's own files is left" eval \
    '! comm -23 "$proof/owned" "$proof/existed" | while read -r file; do [ ! -e "$file" ] || echo "$file"; done | grep .'
ok "no file is left, and none is missing" diff "$proof/before" "$proof/after"
ok "the system user stays, so that its number goes to nobody else" getent passwd _cognito-oidc
ok "installed again, it is as new" eval 'install_package this && [ ! -e /etc/pam_cognito_oidc/config.json ]'
finish
