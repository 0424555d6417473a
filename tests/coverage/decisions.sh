#!/bin/bash
# SPDX-License-Identifier: MIT
# What decides - the rules, and what verifies a token - by its unit tests: every branch taken both ways, every
# condition shown to decide alone (MC/DC). decisions.sh BUILD-FOLDER. Needs clang 18 or newer and its llvm
# tools. $JUDGED are the files (tests.mk).
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
cd "$here"
out=$1/decisions version=${LLVM:-19}
tree=$out/tree raw=$out/raw test=$out/tree/test
rm -rf "$raw"
mkdir -p "$raw" "$tree"
# These programs end by exit(), and so write their counters themselves: those of MC/DC cannot be mapped.
profile="-fprofile-instr-generate=$raw/%m.profraw"
programs=()
for source in tests/unit/test_*.c; do
    # This one has a copy of the verifier, whose functions have the same names.
    [ "$source" = tests/unit/test_rsa_vectors.c ] || programs+=("$test/unit/$(basename "$source" .c)")
done
make --no-print-directory -j"$(nproc)" BUILD="$tree" "CC=clang-$version" HARDEN= "LDFLAGS=$profile" \
    "CFLAGS=-O0 -g -Wno-unknown-warning-option $profile -fcoverage-mapping -fcoverage-mcdc" "${programs[@]}" >"$out/build.log" 2>&1 || {
    tail -20 "$out/build.log"
    exit 1
}
broken=0
for program in "${programs[@]}"; do
    "$program" >"$out/log" 2>&1 || {
        broken=$((broken + 1))
        echo "not ok - $program"
        tail -20 "$out/log"
    }
done
"llvm-profdata-$version" merge -o "$out/profile" "$raw"/*.profraw
"llvm-cov-$version" export -instr-profile "$out/profile" "${programs[0]}" "${programs[@]/#/-object=}" >"$out/decisions.json"
# shellcheck disable=SC2086
exec /usr/bin/python3 tests/coverage/decisions.py "$out/decisions.json" "$broken" $JUDGED
