# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# For the scripts that look for what breaks a rule. Sourced from the project's folder. TAP.
n=0
failed=0
check() { # description, then what breaks it (nothing: it holds)
    n=$((n + 1))
    if [ -z "$2" ]; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1"
        echo "$2" | sed 's/^/# /'
        failed=1
    fi
}
finish() {
    echo "1..$n"
    exit "$failed"
}
