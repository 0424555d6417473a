#!/bin/bash
# SPDX-License-Identifier: MIT
# Builds and tests on other releases, each in a debootstrap folder below build/, removed
# afterwards: with every compiler of the release; `make check` as an ordinary user, and as root what
# only root can; the package, built and installed. As root, with a mirror in reach. Ends with a
# count; a release whose mirror or keyring is not there is skipped, with the reason.
#
#   suites.sh [SUITE[/CELL]...]     bookworm trixie sid jammy noble, unless others are named
#
# A cell is one of these alone: check, root, compilers, package. .ci/matrix lists them.
set -u
here=$(cd "$(dirname "$0")/.." && pwd)
cd "$here" || exit 2
[ "$(id -u)" = 0 ] || { echo "suites.sh: root is needed" >&2; exit 2; }
passed=0 failed=0 skipped=0
# shellcheck source=tests/release.sh
. tests/release.sh

# In the new system, everything that is mounted or started goes when the command ends.
inside() { # root folder, command...
    unshare --mount --pid --ipc --uts --fork --kill-child=KILL bash -c '
        root=$1
        shift
        mount -t proc proc "$root/proc"
        mount --rbind /dev "$root/dev"
        hostname suite
        exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LANG=C.UTF-8 \
            DEBIAN_FRONTEND=noninteractive chroot "$root" "$@"' suite "$@"
}
judge() { # suite, what, command...
    local suite=$1 what=$2 started=$SECONDS
    shift 2
    if "$@" >"build/suites-$suite.log" 2>&1; then
        passed=$((passed + 1))
        echo "ok $suite: $what ($((SECONDS - started)) s)"
    else
        failed=$((failed + 1))
        echo "not ok $suite: $what"
        grep -E 'not ok|FAIL|rror' "build/suites-$suite.log" | head -40
        tail -30 "build/suites-$suite.log"
    fi
    grep -E '^[0-9]+ passed, ' "build/suites-$suite.log" | tail -1 | sed "s/^/    /"
}
# For the table in docs/testing.md.
versions() {
    inside "$1" sh -c '
        echo "glibc $(dpkg-query -W -f "\${Version}" libc6), $(openssl version | cut -d" " -f1,2), libcurl $(pkg-config --modversion libcurl)," \
            "libseccomp $(pkg-config --modversion libseccomp), cJSON $(pkg-config --modversion libcjson), gcc $(gcc -dumpfullversion)"'
}
skip() {
    skipped=$((skipped + 1))
    echo "skipped: $1: $2"
}

# What each cell of .ci/matrix runs, in the system below root.
run_check() {
    judge "$suite" "make check as an ordinary user" inside "$root" sh -c \
        'useradd -m plain && chown -R plain /src && su plain -s /bin/sh -c "cd /src && make check"'
}
run_root() {
    # The sandbox, which a newer glibc may break, closes for root's helper only. Root's module trusts no
    # file of another user.
    judge "$suite" "as root, the suites of module and sandbox" inside "$root" sh -c \
        'chown -R root:root /src && cd /src && make check T="pam sandbox password"'
}
run_compilers() {
    judge "$suite" "its compilers" inside "$root" sh -c 'cd /src && sh tests/packages.sh compilers && make compilers'
    sed -n 's/^found:/#   compilers:/p' "build/suites-$suite.log"
}
run_package() {
    judge "$suite" "make deb" inside "$root" sh -c 'cd /src && rm -rf build && make deb'
    judge "$suite" "the package is installed" inside "$root" sh -c \
        'apt-get install -y /src/build/deb/*.deb &&
            install -m 600 /usr/share/doc/pam_cognito_oidc/config.json.sample /etc/pam_cognito_oidc/config.json &&
            { cognito-oidc check; [ $? -le 1 ]; }'
    # What an upgrade runs, but that nobody logs in meanwhile: make package-check.
    judge "$suite" "installed over itself" inside "$root" sh -c \
        'dpkg -i /src/build/deb/*.deb && id _cognito-oidc && dpkg --verify libpam-cognito-oidc &&
            { cognito-oidc check; [ $? -le 1 ]; }'
    judge "$suite" "and purged, without a trace" inside "$root" sh -c \
        'apt-get purge -y libpam-cognito-oidc && ! find / -xdev -path /src -prune -o -path /var/lib/dpkg -prune -o -name "*cognito*" -print | grep .'
}

run_suite() { # suite, cells
    local suite=$1 cells=$2 root cell why
    root=$(mktemp -d "$here/build/suite.XXXXXX")
    if ! why=$(release_make "$suite" "$root" "build/suites-$suite.log"); then
        skip "$suite" "$why"
        rm -rf --one-file-system "$root"
        return
    fi
    mkdir "$root/src"
    tar -cf - --exclude=./build --exclude=./.git . | tar -xf - -C "$root/src"
    judge "$suite" "the packages that are needed" inside "$root" sh -c \
        'apt-get update && apt-get install -y --no-install-recommends make && cd /src && sh tests/packages.sh build check deb'
    echo "# $(date -u +%F) $suite: $(versions "$root")"
    judge "$suite" "OpenSSL 3 or newer" inside "$root" sh -c 'openssl version | grep -E "^OpenSSL ([3-9]|[1-9][0-9])\."'
    for cell in $cells; do "run_$cell"; done
    rm -rf --one-file-system "$root"
}

mkdir -p build
[ $# -gt 0 ] || set -- bookworm trixie sid jammy noble
for name; do
    case $name in
    */check | */root | */compilers | */package) run_suite "${name%/*}" "${name#*/}" ;;
    */*) echo "suites.sh: no cell ${name#*/}" >&2; exit 2 ;;
    *) run_suite "$name" "check root compilers package" ;;
    esac
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
