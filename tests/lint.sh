#!/bin/sh
# Everything that judges source without running it. Ends with a count.
set -u
passed=0
failed=0
judge() { # name, command...
    name=$1
    shift
    if "$@" >/tmp/lint.$$ 2>&1; then
        passed=$((passed + 1))
        echo "ok $name"
    else
        failed=$((failed + 1))
        echo "not ok $name"
        cat /tmp/lint.$$
    fi
    rm -f /tmp/lint.$$
}
constants='-DSYSCONFDIR="/etc" -DLIBEXECDIR="/usr" -DCACHEDIR="/var" -DRUNDIR="/run" -DSTATEDIR="/var" -DUSERDBDIR="/etc" -DSAMPLEDIR="/usr" -DHELPER_USER="nobody"
    -DTRUSTED_UID=0 -DFAIL_DELAY_USEC=0 -DSANITIZED=false -DPAMDIR="/lib/security" -DVERSION="0" -DBUILD_ID="lint" -DSERVICE_IDLE=1 -DSERVICE_AGE=1 -DSERVICE_CHILDREN=1 -DSERVICE_CROWD=1 -DPLANS="/tmp"'
clang_builds() {
    for f in pam_cognito_oidc.c $(find src tests -name '*.c'); do
        prototypes=-Wmissing-prototypes
        case $f in tests/bench/peers/*) continue ;; esac # where their libraries are, make bench builds them
        case $f in tests/fuzz/*) prototypes= ;; esac
        # shellcheck disable=SC2086
        clang -std=c11 -D_GNU_SOURCE -O2 -D_FORTIFY_SOURCE=2 -Isrc -Itests -Itests/unit -Wall -Wextra -Werror -Wshadow -Wconversion -Wsign-conversion \
            -Wcast-qual -Wwrite-strings $prototypes -Wstrict-prototypes -Wvla -Wformat=2 -Wundef \
            $constants -fsyntax-only "$f" || return 1
    done
}
judge "clang builds without a warning" clang_builds
# shellcheck disable=SC2046
judge shellcheck shellcheck -x -e SC1091,SC2016,SC2034,SC2119,SC2120,SC2046,SC2086,SC2089,SC2090,SC2154,SC2317 $(find tests -name '*.sh') conf/completions/cognito-oidc.bash .ci/run .ci/suite
# Errors and warnings, and:
#   R1704	a loop or a "with" that takes an argument's name
# but for
#   W1514	files without an encoding: tests run under C.UTF-8
#   W0201	attributes made by setUp()
#   W0603	a module's global, made by setUpModule()
#   W0621	an argument with the name of a function: both are nouns of the standard
#   W1113	a default before *args: sign_in("alice", *codes)
#   E1121, E1136, W0632, W0644	guesses about what a call returns, and how much of it
# shellcheck disable=SC2046
judge pylint /usr/bin/python3 -m pylint --score=n --disable=all --enable=E,W,F,R1704 \
    --disable=W1514,W0201,W0603,W0621,W1113,E1121,E1136,W0632,W0644 \
    --init-hook='import glob, sys; sys.path[:0] = ["tests", *glob.glob("tests/*/")]' $(find tests conf -name '*.py')
# shellcheck disable=SC2046
judge mandoc mandoc -T lint -W warning $(find docs -name '*.[58]')
judge format make -s format-check
# ctuuninitvar takes "sizeof(out->member)" for a use of an out-parameter; the compilers see real uses.
# shellcheck disable=SC2086
judge cppcheck cppcheck --quiet --suppress=ctuuninitvar --error-exitcode=1 --std=c11 --enable=warning,portability \
    --inline-suppr -Isrc $constants -D_GNU_SOURCE src pam_cognito_oidc.c
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
