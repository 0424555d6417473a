# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the larger proofs here share. Sourced with the script's own arguments; outside the
# throw-away copy it starts the script again inside, as "SCRIPT --inside BUILD ARGUMENTS".
#
# Inside: the module is installed, the local Cognito runs (tests/copy/setup.sh), and there are
# ok, start_sshd, ask_pool and, for a terminal of its own, screen_* (tmux).

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
script=$(readlink -f "$0")

skip() {
    echo "ok 1 - skipped: $1 # SKIP"
    echo "1..1"
    exit 0
}
# What CI's machine must have.
lacks() {
    [ -z "${CI:-}" ] || { echo "not ok 1 - $1"; exit 1; }
    skip "$1"
}

# need COMMAND:PACKAGE...: installs what is missing on the machine itself.
need() {
    local pair missing=()
    for pair in "$@"; do
        PATH=$PATH:/usr/sbin command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
    done
    [ "${#missing[@]}" != 0 ] || return 0
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
        >/dev/null 2>&1 || lacks "cannot install ${missing[*]}"
}

if [ "${1:-}" != --inside ]; then
    [ -z "${SAN:-}" ] || skip "a sanitizer's build is not installed"
    bash "$here/tests/host.sh" true 2>/dev/null || lacks "no copy of this machine can be made here"
    # shellcheck disable=SC2086
    need ${NEEDS:-}
    BUILD=$(cd "${BUILD:-$here/build}" && pwd)
    HOST_BIND="$here $BUILD" exec bash "$here/tests/host.sh" bash "$script" --inside "$BUILD" "$@"
fi

export BUILD=$2 PYTHONDONTWRITEBYTECODE=1
shift 2
cd "$here"
COGNITO_KEYS=/srv/keys
. tests/copy/setup.sh
proof=/srv/proof
mkdir -p "$proof"

# ---- TAP ---------------------------------------------------------------------------------

n=0
failed=0
ok() { # description, then a command that must succeed
    local what=$1
    shift
    n=$((n + 1))
    if "$@" >$proof/output 2>&1; then
        echo "ok $n - $what"
    else
        echo "not ok $n - $what"
        sed 's/^/# /' $proof/output
        tail -4 "$log" | sed 's/^/# /'
        failed=1
    fi
}
finish() {
    echo "1..$n"
    exit "$failed"
}

# within_a_minute COMMAND...: until it succeeds; if it never does, with what it prints.
within_a_minute() {
    local turn=0
    until "$@" >/dev/null 2>&1; do
        turn=$((turn + 1))
        [ "$turn" -lt 600 ] || break
        sleep 0.1
    done
    [ "$turn" -lt 600 ] || "$@"
}
# What the last lines of syslog say; waits for it.
log_ends() { tail -n "${2:-2}" "$log" | grep -E "$1"; }
logged() { within_a_minute log_ends "$@"; }
requests() { control requests "$@"; }

# ask_pool USER PASSWORD: what the pool itself answers to this password: a challenge's name,
# "tokens", or the error's.
ask_pool() {
    /usr/bin/python3 - "$state" "$@" <<'PYTHON'
import json, ssl, sys, urllib.error, urllib.request
state, user, password = sys.argv[1:]
body = {"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": "localpassword",
        "AuthParameters": {"USERNAME": user, "PASSWORD": password}}
request = urllib.request.Request("https://localhost/", json.dumps(body).encode(), {
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth"})
try:
    with urllib.request.urlopen(request, context=ssl.create_default_context(cafile=state + "/ca.pem")) as answer:
        print(json.load(answer).get("ChallengeName", "tokens"))
except urllib.error.HTTPError as error:
    print(error.headers["x-amzn-ErrorType"].split(":")[0])
PYTHON
}
pool_says() { [ "$(ask_pool "$1" "$2")" = "$3" ]; }

# configure JSON: another configuration for the whole machine, laid over Cognito's own.
configure() { install -m 600 "$(control config "$1")" /etc/pam_cognito_oidc/config.json; }

# ---- sshd --------------------------------------------------------------------------------

# start_sshd LINE...: on 127.0.0.1:2222, these lines of configuration added.
start_sshd() {
    mkdir -p "$proof/ssh" /run/sshd
    [ -e "$proof/ssh/key" ] || ssh-keygen -q -t ed25519 -N '' -f "$proof/ssh/key"
    printf '[127.0.0.1]:2222 %s\n' "$(cut -d' ' -f1,2 "$proof/ssh/key.pub")" >"$proof/ssh/known_hosts"
    {
        printf 'Port 2222\nListenAddress 127.0.0.1\nHostKey %s\nPidFile %s\n' "$proof/ssh/key" "$proof/ssh/pid"
        # sshd takes the first value that it reads.
        printf '%s\n' "$@"
        printf 'UsePAM yes\nPubkeyAuthentication no\nPrintMotd no\nPrintLastLog no\nStrictModes no\n'
    } >"$proof/ssh/config"
    /usr/sbin/sshd -f "$proof/ssh/config" -E "$proof/ssh/log"
    while [ ! -s "$proof/ssh/pid" ]; do sleep 0.02; done
}
stop_sshd() {
    kill "$(cat "$proof/ssh/pid")"
    while [ -e "$proof/ssh/pid" ]; do sleep 0.02; done
}
client=(ssh -F /dev/null -p 2222 -o "UserKnownHostsFile=$proof/ssh/known_hosts" -o NumberOfPasswordPrompts=1)

# ---- a terminal, seen as a person sees it -----------------------------------------------------

# screen_open WIDTH HEIGHT COMMAND
screen_open() {
    local turn=0
    # A server that is just leaving takes a new session down with it.
    until tmux -L proof -f /dev/null new-session -d -x "$1" -y "$2" "$3; sleep 600" 2>/dev/null; do
        turn=$((turn + 1))
        [ "$turn" -lt 20 ] || return 1
        sleep 0.1
    done
    tmux -L proof set-option -g status off
    tmux -L proof resize-window -x "$1" -y "$2"
}
screen_close() { tmux -L proof kill-server 2>/dev/null; }
screen() { tmux -L proof capture-pane -p "$@"; }

screen_has() { [ "$(screen | grep -cE "$1")" -ge "${2:-1}" ] || { screen; return 1; }; }
screen_hides() { screen_has "$1" && stty -F "$(tmux -L proof display-message -p '#{pane_tty}')" -a | grep -w -- -echo; }
screen_is_clear() { [ "$(screen | grep -c .)" = 1 ]; }

# screen_wait PATTERN [TIMES]: until it stands on the screen (so often).
screen_wait() { within_a_minute screen_has "$@"; }
# screen_wait_hidden PATTERN: until it does, and what is typed is not shown. polkit's agent asks first, and then
# throws away what was typed so far.
screen_wait_hidden() { within_a_minute screen_hides "$1"; }
screen_type() {
    tmux -L proof send-keys -l -- "$1"
    tmux -L proof send-keys Enter
}
# screen_anew COMMAND: types it on a screen that shows nothing of the command before it.
screen_anew() {
    screen_type clear
    within_a_minute screen_is_clear
    screen_type "$1"
}
