#!/bin/bash
# SPDX-License-Identifier: MIT
# Compiles everything, tests included, with each gcc and clang of this machine, whose warnings are
# errors. Ends with a count.
#
#   compilers.sh [BUILD [COMPILER...]]
set -u
cd "$(dirname "$0")/.." || exit 2
build=${1:-build}
shift
[ $# -gt 0 ] || set -- $(compgen -c | grep -xE '(gcc|clang)(-[0-9]+)?' | sort -Vu)
passed=0 failed=0 versions=" "
mkdir -p "$build/compilers"
for compiler; do
    version=$("$compiler" --version 2>&1 | sed -n '1s/.*\(clang\|gcc\).* \([0-9][0-9.]*\).*/\1 \2/p')
    # "gcc" is one of the numbered ones.
    case $versions in *" $version; "*) continue ;; esac
    versions="$versions$version; "
    own=$build/compilers/$compiler
    if make -s -k -j"$(nproc)" "CC=$compiler" "BUILD=$own" all test-programs >"$own.log" 2>&1; then
        passed=$((passed + 1))
        echo "ok $compiler: $version"
        rm -rf "$own"
    else
        failed=$((failed + 1))
        echo "not ok $compiler: $version"
        grep -E 'error|warning|undefined' "$own.log" | head -20
    fi
done
echo "found:$versions"
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
