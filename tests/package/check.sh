#!/bin/bash
# SPDX-License-Identifier: MIT
# The Debian package: built twice it is the same, lintian finds nothing, and it is replaced and
# removed under people who log in. Argument: the build folder. Ends with a count.
set -u
cd "$(dirname "$0")/../.." || exit 2
build=$1
work=$build/package
passed=0
failed=0
judge() { # description, command...
    local what=$1
    shift
    if "$@" >"$work/output" 2>&1; then
        passed=$((passed + 1))
        echo "ok - $what"
    else
        failed=$((failed + 1))
        echo "not ok - $what"
        tail -40 "$work/output"
    fi
}
rm -rf "$work"
mkdir -p "$work"
work=$(cd "$work" && pwd)
package_in() { find "$work/$1/deb" -name 'libpam-cognito-oidc_*.deb'; }

# Two places, two umasks, two zones, two languages.
judge "it is built" env -u BUILD make deb "BUILD=$work/one"
judge "and again, elsewhere" env -u BUILD TZ=Asia/Tokyo LC_ALL=C bash -c \
    'umask 077; make deb "BUILD=$1"' - "$work/another/place"
judge "both packages are the same, byte for byte" cmp "$(package_in one)" "$(package_in another/place)"
judge "lintian finds no error and no warning" \
    lintian --allow-root --fail-on error,warning "$work/one/deb"/*.changes

# The next version speaks another protocol: halves of both must not understand each other.
next_version() {
    mkdir -p "$work/source" "$work/next" &&
        tar -cf - --exclude=./build --exclude=./.git . | tar -xf - -C "$work/source" &&
        sed -i 's/define MESSAGE_VERSION "\(.*\)"/define MESSAGE_VERSION "\1x"/' "$work/source/src/common/message.h" &&
        env -u BUILD make -C "$work/source" -j2 all &&
        dpkg-deb -R "$(package_in one)" "$work/next/tree" &&
        sed -i 's/^Version: .*/&.1/' "$work/next/tree/DEBIAN/control" &&
        cp "$work/source/build/helper" "$work/next/tree/usr/libexec/pam_cognito_oidc/helper" &&
        cp "$work/source/build/cognito-oidc" "$work/next/tree/usr/sbin/cognito-oidc" &&
        cp "$work/source/build/pam_cognito_oidc.so" "$(find "$work/next/tree/usr/lib" -name pam_cognito_oidc.so)" &&
        dpkg-deb --root-owner-group -b "$work/next/tree" "$work/next/next.deb"
}
judge "a next version is made" next_version
cp "$(package_in one)" "$work/next/this.deb"

# An earlier version had a profile for pam-auth-update, off by default.
earlier_version() {
    local tree=$work/next/earlier
    dpkg-deb -R "$(package_in one)" "$tree" &&
        sed -i 's/^Version: .*/Version: 0.0.9/' "$tree/DEBIAN/control" &&
        mkdir -p "$tree/usr/share/pam-configs" &&
        printf '%s\n' 'Name: Sign in with Amazon Cognito' 'Default: no' 'Priority: 192' 'Auth-Type: Primary' 'Auth:' \
            '	[success=end default=ignore]	pam_cognito_oidc.so try_first_pass' 'Account-Type: Additional' 'Account:' \
            '	required	pam_cognito_oidc.so' >"$tree/usr/share/pam-configs/cognito-oidc" &&
        printf '#!/bin/sh\nset -e\npam-auth-update --package\n' >"$tree/DEBIAN/postinst" &&
        dpkg-deb --root-owner-group -b "$tree" "$work/next/earlier.deb"
}
judge "an earlier version is made" earlier_version

both_units() {
    [ "$(dpkg-deb -c "$(package_in one)" | grep -cE '/lib/systemd/system/cognito-oidc-tickets\.(service|timer)$')" = 2 ]
}
judge "the service and the timer are in the package" both_units
both_completions() {
    [ "$(dpkg-deb -c "$(package_in one)" | grep -cE '/usr/share/(bash-completion/completions/|zsh/vendor-completions/_)cognito-oidc$')" = 2 ]
}
judge "completions for bash and zsh are in the package" both_completions
# What `make install` writes, where the command and the tickets are elsewhere.
units_elsewhere() {
    local units=$work/elsewhere/opt/units
    env -u BUILD make -C "$work/source" install "DESTDIR=$work/elsewhere" SBINDIR=/opt/sbin UNITDIR=/opt/units &&
        grep -x 'ExecStart=/opt/sbin/cognito-oidc tickets --expire' "$units/cognito-oidc-tickets.service" &&
        [ "$(stat -c %a "$units"/* | sort -u)" = 644 ] &&
        grep -q 'command=/opt/sbin/cognito-oidc ' "$work/elsewhere/usr/share/bash-completion/completions/cognito-oidc" &&
        grep -q 'command=/opt/sbin/cognito-oidc ' "$work/elsewhere/usr/share/zsh/vendor-completions/_cognito-oidc" &&
        env -u BUILD make -C "$work/source" uninstall "DESTDIR=$work/elsewhere" SBINDIR=/opt/sbin UNITDIR=/opt/units &&
        [ -z "$(find "$work/elsewhere" -name '*.service' -o -name '*.timer' -o -name '*cognito-oidc')" ]
}
judge "make install writes its own paths into them, and uninstall removes them" units_elsewhere

output=$(BUILD=$build bash tests/package/replaced.sh "$work/next" 2>&1)
echo "$output"
skipped=$(grep -c '^ok .*# SKIP' <<<"$output")
passed=$((passed + $(grep -c '^ok ' <<<"$output") - skipped))
failed=$((failed + $(grep -c '^not ok ' <<<"$output")))
grep -q '^1\.\.' <<<"$output" || failed=$((failed + 1))
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
