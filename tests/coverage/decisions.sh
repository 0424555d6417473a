#!/bin/bash
# SPDX-License-Identifier: MIT
# What decides - the rules, what verifies a token, and the gate: the module's files that say yes - by the unit
# tests and the suites of the gate: every branch taken both ways, every condition shown to decide alone (MC/DC).
# decisions.sh BUILD-FOLDER. Needs clang 18 or newer and its llvm tools. $JUDGED are the files, $GATE_SUITES
# the suites (tests.mk).
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
cd "$here"
out=$1/decisions version=${LLVM:-19}
tree=$out/tree raw=$out/raw test=$out/tree/test
# What clang cannot count it tells when it compiles: so everything is compiled.
rm -rf "$raw" "$tree"
mkdir -p "$raw" "$tree"
# These programs end by exit(), and hosts close the module before they end: so they write their counters
# themselves, those of one program into one file. Those of MC/DC cannot be mapped. A host that is killed, or
# is somebody else, is not counted.
profile="-fprofile-instr-generate=$raw/%m.profraw"
build() { # programs
    make --no-print-directory -j"$(nproc)" BUILD="$tree" "CC=clang-$version" HARDEN= "LDFLAGS=$profile" \
        "CFLAGS=-O0 -g -Wno-unknown-warning-option $profile -fcoverage-mapping -fcoverage-mcdc" "$@" >>"$out/build.log" 2>&1 || {
        tail -20 "$out/build.log"
        exit 1
    }
}
: >"$out/build.log"
broken=0

# Of the suites most of the time is waiting.
module=$test/scripted/pam_cognito_oidc.so
build "$module" "$test/drive" "$test/earlier.so" "$test/scripted/helper"
words=()
for suite in $GATE_SUITES; do
    words+=("pam $(basename "${suite#*/test_}" .py)")
done
BUILD=$tree /usr/bin/python3 tests/run.py "${words[@]}" >"$out/suites.log" 2>&1 &
suites=$!
# What ends early ends them, too.
trap 'kill "$suites" 2>/dev/null || true' EXIT

programs=()
for source in tests/unit/test_*.c; do
    # This one has a copy of the verifier, whose functions have the same names.
    [ "$source" = tests/unit/test_rsa_vectors.c ] || programs+=("$test/unit/$(basename "$source" .c)")
done
build "${programs[@]}"
for program in "${programs[@]}"; do
    "$program" >"$out/log" 2>&1 || {
        broken=$((broken + 1))
        echo "not ok - $program"
        tail -20 "$out/log"
    }
done
wait "$suites" || broken=$((broken + 1))
cat "$out/suites.log"

"llvm-profdata-$version" merge -o "$out/profile" "$raw"/*.profraw
"llvm-cov-$version" export -instr-profile "$out/profile" "$module" "${programs[@]/#/-object=}" >"$out/decisions.json"
# shellcheck disable=SC2086
exec /usr/bin/python3 tests/coverage/decisions.py "$out/decisions.json" "$out/build.log" "$broken" $JUDGED
