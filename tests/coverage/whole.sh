#!/bin/bash
# SPDX-License-Identifier: MIT
# What all tests together reach of the source: whole.sh BUILD-FOLDER. Everything is compiled once more, with
# clang's counters, and the suites run: unit, seeds, module, login, command, hostile, the warm helper, and
# as root the stories of the throw-away copy and of the booted machine; then the torture, each place once.
# report.py compares the outcome with the list of what is not reached.
#
# The counters are in a file that each program maps when it begins: so what is killed, leaves by
# _exit() or may open no file is counted, too.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
cd "$here"
out=$1/coverage version=${LLVM:-19}
tree=$out/tree raw=$out/raw test=$out/tree/test
rm -rf "$raw"
mkdir -p "$raw" "$tree"
# One program runs as several users.
chmod 1777 "$raw"
setfacl -d -m u::rwx,g::rwx,o::rwx "$raw"

profile="-fprofile-instr-generate=$raw/%m%c.profraw"
variables=("CC=clang-$version" HARDEN= "LDFLAGS=$profile"
    "CFLAGS=-O1 -g $profile -fcoverage-mapping -mllvm -runtime-counter-relocation")
printf '%s\n' "${variables[@]}" >"$tree/variables"
make --no-print-directory -j"$(nproc)" BUILD="$tree" "${variables[@]}" all test-programs >"$out/build.log" 2>&1 || {
    tail -20 "$out/build.log"
    exit 1
}

# What fails here fails in the target that is there for it; but a suite that does not run reaches nothing.
suites() { # words of run.py
    BUILD=$tree /usr/bin/python3 tests/run.py "$@" >"$out/suites.log" 2>&1 || true
    echo "# $*: $(tail -1 "$out/suites.log")"
    cat "$out/suites.log" >>"$out/all.log"
}
: >"$out/all.log"
suites "unit " seeds "login " "cli " "pam " "hostile "
suites --warm "warm service" "login sandbox" "login hold"
if [ "$(id -u)" = 0 ]; then
    FAULT_SECONDS=${FAULT_SECONDS:-600} suites --e2e
    # A machine that systemd boots gets the package, with the programs that count in place of its own.
    make --no-print-directory deb BUILD="$tree" >"$out/deb.log" 2>&1
    package=$(echo "$tree"/deb/*.deb)
    dpkg-deb -R "$package" "$tree/package"
    while read -r program place; do
        cp "$tree/$program" "$(find "$tree/package" -path "*/$place")"
    done <<'END'
pam_cognito_oidc.so security/pam_cognito_oidc.so
helper pam_cognito_oidc/helper
cognito-oidc sbin/cognito-oidc
END
    dpkg-deb -b "$tree/package" "$package" >>"$out/deb.log"
    rm -rf "$tree/package"
    COUNTERS=$raw suites --booted
fi
for target in torture torture-command; do
    make --no-print-directory $target BUILD="$tree" "${variables[@]}" PLACES=1 SECONDS=1200 >"$out/$target.log" 2>&1 || true
    echo "# $target: $(tail -1 "$out/$target.log")"
done

"llvm-profdata-$version" merge -o "$out/profile" "$raw"/*.profraw
"llvm-cov-$version" export -instr-profile "$out/profile" \
    "$test/pam_cognito_oidc.so" -object "$test/libexec/helper" -object "$test/cognito-oidc" >"$out/whole.json"
exec /usr/bin/python3 tests/coverage/report.py "$out/whole.json" tests/coverage/unreached "$out/unreached.txt"
