#!/bin/bash
# Fuzzes every target: run.sh BUILD-FOLDER SECONDS [TARGET]
# ENGINE is libfuzzer or afl, both with ASan and UBSan. $SOURCES are the files that every target is
# linked with, $FUZZ_target its further ones, $WRAP_target what it plays itself (tests.mk).
# $SEED repeats a libFuzzer run that began without a corpus, as far as it gets in its time:
# libFuzzer's choice depends on addresses, too, and on what it reads from the corpus's folder when.
# The corpus grows in the build folder, and is made small again; the seeds in the tree are never
# written. libFuzzer's report ends with what the corpus reaches: of the files that it enters at all,
# how many lines and branches.
set -eu
out=$1 seconds=$2 only=${3:-} engine=${ENGINE:-libfuzzer}
here=$(cd "$(dirname "$0")/../.." && pwd)
cd "$here"
constants='-DSYSCONFDIR="/nonexistent" -DLIBEXECDIR="/nonexistent" -DCACHEDIR="/nonexistent" -DSTATEDIR="/nonexistent" -DUSERDBDIR="/nonexistent" -DSAMPLEDIR="/nonexistent"
    -DRUNDIR="/nonexistent" -DHELPER_USER="nobody" -DTRUSTED_UID=0 -DFAIL_DELAY_USEC=0 -DSANITIZED=true -DPAMDIR="/nonexistent" -DBUILD_ID="fuzz"
    -DVERSION="0" -DSERVICE_IDLE=1 -DSERVICE_AGE=1 -DSERVICE_CHILDREN=1 -DSERVICE_CROWD=1'
flags="-std=c11 -D_GNU_SOURCE -Isrc -Itests/fuzz -Itests -include common/platform.h -g -O1 -fno-sanitize-recover=all"
libraries="-lcurl -lssl -lcrypto -lcjson -lqrencode -lseccomp"
case $engine in
libfuzzer)
    cc=clang objects=$out/obj
    flags="$flags -fsanitize=fuzzer-no-link,address,undefined -fprofile-instr-generate -fcoverage-mapping"
    ;;
afl)
    cc=afl-clang-fast objects=$out/obj-afl
    flags="$flags -fsanitize=address,undefined"
    export AFL_QUIET=1 AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1
    ;;
*)
    echo "ENGINE=$engine: libfuzzer or afl" >&2
    exit 2
    ;;
esac
mkdir -p "$objects"
seed=${SEED:-$RANDOM}
# The engines want a number.
number=$(printf '%s' "$seed" | cksum | cut -d' ' -f1)
fixed=$(setarch -R echo setarch -R 2>/dev/null) || fixed=
echo "# SEED=$seed"

compile() { # sources...; those that are older than their objects stay
    for source in "$@"; do
        object=$objects/$(echo "$source" | tr / _).o
        # shellcheck disable=SC2086
        [ -n "$(find "$object" -newer "$newest" 2>/dev/null)" ] || $cc $flags $constants -c -o "$object" "$source"
    done
}
newest=$(find src tests/fuzz pam_cognito_oidc.c -type f -printf '%T@ %p\n' | sort -n | tail -1 | cut -d' ' -f2-)
# shellcheck disable=SC2086
compile $SOURCES

build() { # target
    local extra=FUZZ_$1 wrapped=WRAP_$1 linked='' wrap=''
    # shellcheck disable=SC2086
    compile ${!extra-}
    for source in ${!extra-} $SOURCES; do linked="$linked $objects/$(echo "$source" | tr / _).o"; done
    for symbol in ${!wrapped-}; do wrap="$wrap -Wl,--wrap=$symbol"; done
    # shellcheck disable=SC2086
    $cc $flags $constants $wrap -fsanitize=fuzzer -o "$2" "tests/fuzz/fuzz_$1.c" $linked $libraries
}

covered() { # target
    env -i PATH=/usr/bin:/bin LLVM_PROFILE_FILE="$out/$1.raw" "$out/$1" -runs=0 "$out/corpus/$1" >/dev/null 2>&1
    llvm-profdata merge -o "$out/$1.profile" "$out/$1.raw"
    llvm-cov export -summary-only -instr-profile "$out/$1.profile" "$out/$1" | /usr/bin/python3 -c '
import json, sys
files = [f["summary"] for f in json.load(sys.stdin)["data"][0]["files"] if "/src/" in f["filename"]]
entered = [f for f in files if f["lines"]["covered"]]
print(", ".join("{}/{} {}".format(sum(f[k]["covered"] for f in entered), sum(f[k]["count"] for f in entered), k) for k in ("lines", "branches")))'
}

by_libfuzzer() { # target
    local corpus=$out/corpus/$1
    build "$1" "$out/$1"
    mkdir -p "$corpus"
    # shellcheck disable=SC2086
    env -i PATH=/usr/bin:/bin LLVM_PROFILE_FILE=/dev/null $fixed "$out/$1" -seed="$number" -reload=0 -max_total_time="$seconds" -timeout=25 -rss_limit_mb=2048 \
        -max_len=16384 -print_final_stats=1 -artifact_prefix="$out/$1-" \
        "$corpus" "tests/fuzz/seeds/$1" >"$out/$1.log" 2>&1 || return 1
    rm -rf "$corpus.small"
    mkdir "$corpus.small"
    env -i PATH=/usr/bin:/bin LLVM_PROFILE_FILE=/dev/null "$out/$1" -merge=1 -timeout=25 -rss_limit_mb=2048 -max_len=16384 \
        "$corpus.small" "tests/fuzz/seeds/$1" "$corpus" >"$out/$1.merge" 2>&1 || return 1
    rm -rf "$corpus"
    mv "$corpus.small" "$corpus"
    echo "ok $1 $(grep -E 'number_of_executed_units' "$out/$1.log" | tr -d ' '), $(find "$corpus" -type f | wc -l) inputs: $(covered "$1")"
}

by_afl() { # target
    local found=$out/afl/$1
    build "$1" "$out/$1-afl"
    mkdir -p "$out/afl"
    # What an earlier run has found is gone on with.
    local from=tests/fuzz/seeds/$1
    [ ! -d "$found" ] || from=-
    afl-fuzz -s "$number" -V "$seconds" -t 5000 -m none -i "$from" -o "$found" -- "$out/$1-afl" >"$out/$1-afl.log" 2>&1 || return 1
    [ -z "$(find "$found"/default/crashes "$found"/default/hangs -name 'id:*' | tee -a "$out/$1-afl.log")" ] || return 1
    echo "ok $1 afl $(grep -E 'execs_done|corpus_count|bitmap_cvg' "$found/default/fuzzer_stats" | tr -s ' \n' ' ')"
}

passed=0 failed=0
for target in tests/fuzz/fuzz_*.c; do
    name=$(basename "$target" .c)
    name=${name#fuzz_}
    [ -z "$only" ] || [ "$only" = "$name" ] || continue
    if "by_$engine" "$name"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "not ok $name"
        tail -40 "$out/$name"*.log
    fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
