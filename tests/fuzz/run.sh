#!/bin/bash
# Fuzzes every target with libFuzzer, ASan and UBSan: run.sh BUILD-FOLDER SECONDS [TARGET]
# $SOURCES are the files that a target is linked with (tests.mk).
# The corpus grows in the build folder; the seeds in the tree are never written.
set -eu
out=$1 seconds=$2 only=${3:-}
here=$(cd "$(dirname "$0")/../.." && pwd)
cd "$here"
mkdir -p "$out"
constants='-DSYSCONFDIR="/nonexistent" -DLIBEXECDIR="/nonexistent" -DCACHEDIR="/nonexistent" -DSTATEDIR="/nonexistent" -DUSERDBDIR="/nonexistent" -DSAMPLEDIR="/nonexistent"
    -DRUNDIR="/nonexistent" -DHELPER_USER="nobody" -DTRUSTED_UID=0 -DFAIL_DELAY_USEC=0 -DSANITIZED=true -DPAMDIR="/nonexistent" -DBUILD_ID="fuzz"
    -DVERSION="0" -DSERVICE_IDLE=1 -DSERVICE_AGE=1 -DSERVICE_CHILDREN=1 -DSERVICE_CROWD=1'
flags="-std=c11 -D_GNU_SOURCE -Isrc -Itests/fuzz -Itests -g -O1 -fsanitize=fuzzer-no-link,address,undefined
    -fno-sanitize-recover=all"
rm -rf "$out/obj"
mkdir -p "$out/obj"
for source in $SOURCES; do
    # shellcheck disable=SC2086
    clang $flags $constants -c -o "$out/obj/$(echo "$source" | tr / _).o" "$source"
done

passed=0 failed=0
for target in tests/fuzz/fuzz_*.c; do
    name=$(basename "$target" .c)
    name=${name#fuzz_}
    [ -z "$only" ] || [ "$only" = "$name" ] || continue
    wrap=
    [ "$name" != reply ] ||
        wrap=$(printf ' -Wl,--wrap=%s' http_need http_prepare http_hold http_post http_repeat frame_send_texts frame_receive)
    # shellcheck disable=SC2086
    clang $flags $constants $wrap -fsanitize=fuzzer -o "$out/$name" "$target" "$out"/obj/*.o -lcurl -lssl -lcrypto -lcjson -lqrencode -lseccomp
    mkdir -p "$out/corpus/$name"
    if env -i PATH=/usr/bin:/bin "$out/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
        -max_len=16384 -print_final_stats=1 -artifact_prefix="$out/$name-" \
        "$out/corpus/$name" "tests/fuzz/seeds/$name" >"$out/$name.log" 2>&1; then
        passed=$((passed + 1))
        echo "ok $name $(grep -E 'number_of_executed_units' "$out/$name.log" | tr -d ' ')"
    else
        failed=$((failed + 1))
        echo "not ok $name"
        tail -40 "$out/$name.log"
    fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
