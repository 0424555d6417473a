#!/bin/sh
# SPDX-License-Identifier: MIT
# No function over 80 lines, no file over 500, man pages clean and complete. TAP.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
sources="pam_cognito_oidc.c $(find src -name '*.c' | sort)"

check "no function has more than 80 lines" \
    "$(for f in $sources; do awk -v f="$f" '
        /^\{/ { start = NR }
        /^\}/ { if (start && NR - start + 1 > 80) print f ":" start ": " NR - start + 1 " lines"; start = 0 }' "$f"; done)"
check "no file has more than 500 lines" "$(wc -l $sources | awk '$1 > 500 && $2 != "total"')"
check "every file names its licence" "$(grep -L 'SPDX-License-Identifier: MIT' $sources $(find src -name '*.h'))"
# But for the guard of a header, whose name ends in _H.
check "every #if says why, in a comment above it" "$(for f in $sources $(find src -name '*.h'); do awk -v f="$f" '
    /^[ \t]*#[ \t]*(if|ifdef|ifndef|elif)/ && !/ifndef [A-Z_]+_H$/ && before !~ /\*\/[ \t]*$/ { print f ":" FNR ": " $0 }
    { before = $0 }' "$f"; done)"
if command -v mandoc >/dev/null; then
    check "man pages are clean" "$(mandoc -T lint docs/*.[58] 2>/dev/null | grep -v ': referenced manual not found: ')"
else
    echo "ok $((n += 1)) - man pages are clean; skipped: mandoc is not installed # SKIP"
fi
finish
