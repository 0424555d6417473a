#!/bin/sh
# SPDX-License-Identifier: MIT
# What was built for installation is what it should be. TAP.
set -u
build=${BUILD:-build}
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
module=$build/pam_cognito_oidc.so
if [ -n "${SAN:-}" ]; then
    echo "ok 1 - skipped: a sanitizer's build is not installed # SKIP"
    echo "1..1"
    exit 0
fi
needed() { readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort | tr '\n' ' '; }
check "module, helper and command were built" \
    "$(for o in "$module" "$build/helper" "$build/cognito-oidc"; do [ -f "$o" ] || echo "no $o"; done)"
missing() { readelf -a -W "$1" | grep -qE "$2" || echo "$1 lacks $2"; }

check "the module links libpam and libc only" \
    "$([ "$(needed "$module")" = "libc.so.6 libpam.so.0 " ] || needed "$module")"
check "the helper links curl, crypto, cJSON, qrencode, seccomp and libc only" \
    "$(needed "$build/helper" | grep -vE '^libc\.so\.6 libcjson\.so\.1 libcrypto\.so\.3 libcurl\.so\.4 libqrencode\.so\.4 libseccomp\.so\.2 libssl\.so\.3 $')"
check "the module exports pam_sm_* only" \
    "$(nm -D --defined-only "$module" | awk '{print $3}' | grep -v '^pam_sm_')"
check "and all six of them" \
    "$([ "$(nm -D --defined-only "$module" | grep -c ' T pam_sm_')" = 6 ] || nm -D --defined-only "$module")"
check "no object holds a path of the build" \
    "$(for o in "$module" "$build/helper" "$build/cognito-oidc"; do strings -a "$o" | grep -F "$PWD"; done | head -3)"
check "and none has the test build's helper user" \
    "$(for o in "$build/helper" "$build/cognito-oidc"; do strings -a "$o" | grep -x nobody; done)"
for object in "$module" "$build/helper" "$build/cognito-oidc"; do
    check "$(basename "$object"): relocations read-only before the first line runs" \
        "$(missing "$object" 'GNU_RELRO'; missing "$object" 'BIND_NOW|FLAGS_1.*NOW')"
    check "$(basename "$object"): no executable stack" \
        "$(readelf -W -l "$object" | grep GNU_STACK | grep -E 'RWE')"
    check "$(basename "$object"): nothing is both writable and executable" \
        "$(readelf -W -l "$object" | grep -E '^ *LOAD .* RWE ')"
    check "$(basename "$object"): no text relocations, no folder of libraries of its own" \
        "$(readelf -W -d "$object" | grep -E 'TEXTREL|RPATH|RUNPATH')"
    for symbol in __stack_chk_fail __explicit_bzero_chk __vsnprintf_chk; do
        check "$(basename "$object"): calls $symbol" \
            "$(nm -D --undefined-only "$object" | grep -q " $symbol@" || echo "it does not")"
    done
done
# An object's note says where indirect jumps may land. The linked file has it only if the libc's own
# start files do, which those of Debian 12 do not.
case $(${CC:-gcc} -dumpmachine) in
    x86_64*) feature='IBT, SHSTK' ;;
    aarch64*) feature='BTI, PAC' ;;
    *) feature='' ;;
esac
unmarked() { [ -z "$feature" ] || for o in "$@"; do readelf -n "$o" 2>/dev/null | grep -q "feature: $feature" || echo "$o"; done; }
check "every object marks where indirect jumps may land" \
    "$(find "$build/obj/src" "$build/obj/pam_cognito_oidc.o" -name '*.o' | while read -r o; do unmarked "$o"; done | head -3)"
start=$(${CC:-gcc} -print-file-name=crti.o)
check "and so does what is installed, where the libc does" \
    "$([ -n "$(unmarked "$start")" ] || unmarked "$module" "$build/helper" "$build/cognito-oidc")"
check "helper and command are position-independent" \
    "$(for o in "$build/helper" "$build/cognito-oidc"; do readelf -h "$o" | grep -q 'DYN' || echo "$o"; done)"

own=$(mktemp -d)
trap 'rm -rf "$own"' EXIT
# What the compiler says where nothing was tested. Not every compiler knows -m32.
platform() { # words of the error, flags: the platform's header alone
    words=$1
    shift
    ${CC:-gcc} "$@" -fsyntax-only -Isrc -include common/platform.h -x c /dev/null 2>&1 | grep -q "#error.*$words"
}
check "a 32-bit build stops" "$(platform "64-bit Linux" -U__LP64__ || echo "no error without __LP64__"
    if ${CC:-gcc} -m32 -E -x c /dev/null >/dev/null 2>&1; then platform "64-bit Linux" -m32 || echo "nor with -m32"; fi)"
check "so does one for another system" "$(platform "64-bit Linux" -U__linux__ || echo "no error without __linux__")"
mkdir "$own/musl" && touch "$own/musl/features.h"
check "so does one for another libc" "$(platform glibc -isystem "$own/musl" || echo "no error without glibc")"
check "every object is compiled with that header" "$(make -n -B BUILD="$own" all 2>/dev/null |
    grep -E -- ' -c -o [^ ]*/obj/' | grep -v -- '-include common/platform.h')"

# A build of its own: one object, with the paths of before, once more, and with others.
compiled() { env -u MAKEFLAGS -u MAKELEVEL -u MAKEOVERRIDES make BUILD="$own" "$@" "$own/obj/paths/install.o" 2>&1 | grep -c '^  CC '; }
check "an object is compiled once, and again when a path is another" \
    "$([ "$(compiled)$(compiled)$(compiled LIBEXECDIR=/opt/x)$(compiled LIBEXECDIR=/opt/x)" = 1010 ] || echo "not so")"
finish
