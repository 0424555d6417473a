#!/bin/bash
# SPDX-License-Identifier: MIT
# `make analyze`: gcc -fanalyzer and clang-tidy (.clang-tidy) over src/. A finding is a failure unless
# EXCEPTIONS has its file and its kind, with a reason; so is a line there that fits no finding.
set -u
cd "$(dirname "$0")/.." || exit 1
out=${BUILD:-build}/analyze
rm -rf "$out"
mkdir -p "$out"

# file: kind: why
EXCEPTIONS='src/cli/accounts_check.c: malloc-leak: the list of the caller owns it
src/cli/login.c: malloc-leak: the struct of the caller owns it
src/cli/pam_stack.c: malloc-leak: the level of the caller owns it, and closes it behind its last line
src/cli/pam_stack.c: file-leak: as above
src/helper/accounts/known.c: malloc-leak: rows of a list that the caller frees
src/helper/accounts/person.c: null-argument: a member that was checked a call before
src/helper/accounts/row.c: malloc-leak: rows of a list that the caller frees
src/helper/config/config_read.c: malloc-leak: members of the configuration, which config_free() frees
src/helper/json/json.c: null-dereference: cJSON_IsString(NULL) is no
src/common/text.c: bugprone-narrowing-conversions: a character constant is an int in C
src/cli/trial.c: cert-err34-c: a line that we wrote; no process has a number that is cut short
src/cli/trial.c: bugprone-misplaced-widening-cast: long long is what is printed
src/helper/accounts/person.c: clang-analyzer-core.NonNullParamChecker: a member that was checked a call before
src/helper/config/config_map.c: clang-analyzer-core.NullDereference: the list has as many entries as it says
src/helper/config/config_rules.c: clang-analyzer-core.NullDereference: as above
src/helper/config/config_rules.c: bugprone-sizeof-expression: a key has the size of the member that it fills, a pointer too
src/helper/config/config_rules.c: bugprone-too-small-loop-variable: the tilde is 126
src/helper/config/provider.c: clang-analyzer-core.NonNullParamChecker: the configuration was read before, and is refused without these
src/helper/net/authorization.c: bugprone-branch-clone: one row a check, in their order
src/helper/net/transfer.c: clang-analyzer-core.CallAndMessage: it is called where ready is set
src/module/pending_try.c: clang-analyzer-deadcode.DeadStores: a line that is not written confirms nothing'
constants='-DSYSCONFDIR="/etc" -DLIBEXECDIR="/usr" -DCACHEDIR="/var" -DRUNDIR="/run" -DSTATEDIR="/var" -DUSERDBDIR="/etc" -DSAMPLEDIR="/usr" -DHELPER_USER="nobody"
    -DTRUSTED_UID=0 -DFAIL_DELAY_USEC=0 -DSANITIZED=false -DPAMDIR="/lib/security" -DVERSION="0" -DBUILD_ID="analyze" -DSERVICE_IDLE=1 -DSERVICE_AGE=1 -DSERVICE_CHILDREN=1 -DSERVICE_CROWD=1'
flags="-std=c11 -D_GNU_SOURCE -Isrc -include common/platform.h $constants"
sources="pam_cognito_oidc.c $(find src -name '*.c' | sort)"

# Each file's findings, in a file of its own: none may be cut short by another's.
by_gcc() { # source
    local said
    # shellcheck disable=SC2086
    said=$(gcc $flags -O1 -fanalyzer -c -o /dev/null "$1" 2>&1) || echo "$1: gcc fails"
    sed -nE 's/^([^: ]*):[0-9:]* warning: .*\[-Wanalyzer-([a-z-]*)\]$/\1: \2/p' <<<"$said" | sort -u
}
by_clang() { # source
    local said
    # shellcheck disable=SC2086
    said=$(clang-tidy --quiet "$1" -- $flags 2>/dev/null) || echo "$1: clang-tidy fails"
    sed -nE "s#^$PWD/([^: ]*):[0-9:]* (warning|error): .*\[([a-zA-Z0-9.-]+)[],].*#\1: \3#p" <<<"$said" | sort -u
}
export flags out
export -f by_gcc by_clang
# A clang-tidy that cannot read a file finds nothing, too.
printf 'int main(void)\n{\n\tint *p = 0;\n\treturn *p;\n}\n' >"$out/planted.c"
by_clang "$out/planted.c" | grep -q NullDereference || {
    echo "not ok clang-tidy does not find a planted fault"
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
}
printf '%s\n' $sources | xargs -P "$(nproc)" -I{} bash -c '{ by_gcc {}; by_clang {}; } >"$out/$(echo {} | tr / _).found"'

passed=0 failed=0
say() { # good or not, text
    if [ "$1" = 0 ]; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        echo "not ok $2"
    fi
}
for source in $sources; do
    name=$out/$(echo "$source" | tr / _)
    bad=0
    while read -r finding; do
        cut -d: -f1,2 <<<"$EXCEPTIONS" | grep -qxF "$finding" || bad=1
    done <"$name.found"
    say $bad "$source: $(tr '\n' ' ' <"$name.found")"
done
# What they find depends on the release: only those of Debian 12 are asked for all of them.
if [ "$(gcc -dumpversion)" = 12 ]; then
    while read -r exception; do
        grep -qxhF "$(echo "$exception" | cut -d: -f1,2)" "$out"/*.found
        say $? "nothing is so any more: $exception"
    done <<<"$EXCEPTIONS"
fi
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
