#!/bin/sh
# SPDX-License-Identifier: MIT
# .ci/matrix has each suite with each cell that tests/suites.sh knows, and .ci/suite runs no other. TAP.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
own=$(mktemp -d)
trap 'rm -rf "$own"' EXIT
suites=$(sed -n 's/^\[ $# -gt 0 \] || set -- \(.*\)$/\1/p' tests/suites.sh)
cells=$(sed -n 's/^run_\([a-z]*\)() {$/\1/p' tests/suites.sh)
for suite in $suites; do for cell in $cells; do echo "$suite/$cell"; done; done | sort >"$own/known"
grep -v '^#' .ci/matrix | sort >"$own/matrix"
check "there are suites and cells" "$([ "$(wc -l <"$own/known")" -ge 20 ] || cat "$own/known")"
check "the matrix has each of them" "$(diff "$own/known" "$own/matrix")"
check "the cells are those that run" "$(for cell in $cells; do grep -q "\*/${cell}[ )]" tests/suites.sh || echo "$cell"; done)"
check "a suite alone runs them all" "$(grep -qF "run_suite \"\$name\" \"$(echo "$cells" | tr "\n" " " | sed "s/ $//")\"" tests/suites.sh || echo "others: $cells")"
check ".ci/suite lists them" "$(.ci/suite | sort | diff "$own/known" -)"
for name in trixie trixie/ /check trixie/none '.*/check' 'trixie/check root'; do
    check "and refuses \"$name\"" "$(.ci/suite "$name" >/dev/null 2>&1; [ $? = 2 ] || echo "no code 2")"
done
finish
