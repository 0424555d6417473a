#!/bin/bash
# SPDX-License-Identifier: MIT
# Branch and MC/DC coverage of what decides - users, rules, decision - by its unit tests:
# every branch taken both ways, every condition shown to decide alone. Needs clang 18 or
# newer and its llvm tools: apt-get install clang-19 llvm-19. $MUTATED_POLICY are the files,
# $POLICY_TESTS the tests (tests.mk). coverage.sh [BUILD-FOLDER]
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-$here/build/coverage}
cd "$here"
version=${LLVM:-19}
for tool in clang llvm-profdata llvm-cov; do
    if ! command -v "$tool-$version" >/dev/null; then
        echo "not ok 1 - $tool-$version is not installed"
        echo "0 passed, 1 failed, 0 skipped"
        exit 1
    fi
done
judged=$MUTATED_POLICY
flags="-std=c11 -D_GNU_SOURCE -Isrc -Itests -Itests/unit -g -O0 -Wno-unknown-warning-option"
flags="$flags -DSYSCONFDIR=\"/nonexistent\" -DLIBEXECDIR=\"/nonexistent\" -DCACHEDIR=\"/nonexistent\" -DRUNDIR=\"/nonexistent\" -DSTATEDIR=\"/nonexistent\" -DUSERDBDIR=\"/nonexistent\" -DSAMPLEDIR=\"/nonexistent\""
flags="$flags -DPAMDIR=\"/nonexistent\" -DHELPER_USER=\"nobody\" -DTRUSTED_UID=0 -DFAIL_DELAY_USEC=0 -DSANITIZED=true -DBUILD_ID=\"coverage\" -DVERSION=\"0\""
flags="$flags -DSERVICE_IDLE=1 -DSERVICE_AGE=1 -DSERVICE_CHILDREN=1 -DSERVICE_CROWD=1"
rm -rf "$out"
mkdir -p "$out/obj" "$out/raw"

compile() { # source, further flags
    # shellcheck disable=SC2086
    "clang-$version" $flags $2 -c -o "$out/obj/$(echo "$1" | tr / _).o" "$1"
}
for source in src/common/*.c src/helper/json/*.c src/helper/token/*.c src/helper/config/*.c src/helper/accounts/*.c src/helper/policy/*.c tests/unit/{mint,proven}.c; do
    case " $judged " in
    *" $source "*) compile "$source" "-fprofile-instr-generate -fcoverage-mapping -fcoverage-mcdc" ;;
    *) compile "$source" "" ;;
    esac
done

passed=0 failed=0 objects=
for name in $POLICY_TESTS; do
    # shellcheck disable=SC2086,SC2046
    "clang-$version" $flags -DWITHOUT_MEMORY -fprofile-instr-generate \
        $([ "$name" != test_policy_table ] || echo -Wl,--wrap=calloc) \
        -o "$out/$name" "tests/unit/$name.c" "$out"/obj/*.o -lcmocka -lcrypto -lcjson
    objects="$objects ${objects:+-object }$out/$name"
    if LLVM_PROFILE_FILE="$out/raw/$name" "$out/$name" >"$out/$name.log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "not ok $name"
        tail -20 "$out/$name.log"
    fi
done
"llvm-profdata-$version" merge -o "$out/profile" "$out"/raw/*
# shellcheck disable=SC2086
"llvm-cov-$version" export -summary-only -instr-profile "$out/profile" $objects >"$out/summary.json"
/usr/bin/python3 - "$out/summary.json" "$here/" "$passed" "$failed" <<'PY' || code=$?
import json
import sys
path, here, passed, failed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
kinds = ("functions", "lines", "branches", "mcdc")
print(f"{'covered of all':<40}" + "".join(f"{kind:>12}" for kind in kinds))
with open(path, encoding="utf-8") as summary:
    files = json.load(summary)["data"][0]["files"]
for file in sorted(files, key=lambda f: f["filename"]):
    name = file["filename"].removeprefix(here)
    if name.startswith("tests/") or name.endswith(".h"):
        continue
    counts = [(file["summary"][kind]["covered"], file["summary"][kind]["count"]) for kind in kinds]
    print(f"{name:<40}" + "".join(f"{f'{covered}/{count}':>12}" for covered, count in counts))
    whole = all(covered == count for covered, count in counts)
    passed, failed = passed + whole, failed + (not whole)
print(f"{passed} passed, {failed} failed, 0 skipped")
sys.exit(1 if failed else 0)
PY
[ "${code:-0}" = 0 ] || {
    # shellcheck disable=SC2086
    "llvm-cov-$version" show -show-mcdc -show-branches=count -instr-profile "$out/profile" $objects $judged >"$out/annotated.txt"
    echo "$out/annotated.txt shows the lines" >&2
}
exit "${code:-0}"
