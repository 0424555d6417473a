#!/bin/sh
# SPDX-License-Identifier: MIT
# What `make install` puts where, for families of distributions that have service files and for others. TAP.
set -u
build=${BUILD:-build}
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
own=$(mktemp -d)
trap 'rm -rf "$own"' EXIT
# What is built stays as it is: -o.
installed() { # folder, words of make...
    root=$own/$1
    shift
    env -u MAKEFLAGS -u MAKELEVEL -u MAKEOVERRIDES -u SAN make -s -o all install BUILD="$build" DESTDIR="$root" "$@" >"$own/log" 2>&1 || cat "$own/log"
}
names() { find "$1" -mindepth 1 -printf '%f\n' 2>/dev/null | sort; }
samples() { names "$own/$1/usr/share/doc/pam_cognito_oidc/pam.d"; }
broken() { find "$own/$1" -xtype l; }
stray() { find . -maxdepth 1 -type l; }

for family in debian redhat; do
    check "$family: links to its service files" "$(installed "$family" FAMILY="$family"; broken "$family"
        samples "$family" >"$own/links"; names "conf/pam.d/$family" | diff - "$own/links")"
done
check "another family replaces them" "$(installed redhat FAMILY=debian; broken redhat; samples redhat >"$own/links"; names conf/pam.d/debian | diff - "$own/links")"
# Names that the shell, make or the file system could take for something else.
for family in suse '' . .. % 'debian/..' 'debian redhat' debian/; do
    check "no links for the family \"$family\"" "$(installed other FAMILY="$family"; broken other; samples other)"
    check "nor any elsewhere" "$(stray; find "$own/other" -type l)"
    check "and it says which there are" "$(grep -qF "FAMILY=\"$family\", only for: debian redhat." "$own/log" || cat "$own/log")"
done
check "the service files of all families are there" "$(diff -r conf/pam.d "$own/other/usr/share/pam_cognito_oidc/pam.d")"
check "uninstall leaves no file" "$(env -u MAKEFLAGS -u MAKELEVEL make -s uninstall BUILD="$build" DESTDIR="$own/other" FAMILY=debian 2>&1; find "$own/other" ! -type d)"
finish
