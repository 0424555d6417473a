#!/bin/bash
# SPDX-License-Identifier: MIT
# cognito-oidc login: a real sign-in on a terminal through the installed module, and what it
# says of the person: identity, every check, every rule, each service. TAP.
set -eu
# shellcheck disable=SC2034
NEEDS="tmux:tmux"
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/stage.sh"

printf '%s required pam_cognito_oidc.so use_first_pass timeout=60\n' auth account >/etc/pam.d/sshd
entry="/usr/bin/python3 tests/converse.py"
login() { # PROMPT=ANSWER..., then -- and the verb's arguments
    local script=()
    while [ "$1" != -- ]; do
        script+=("$1")
        shift
    done
    shift
    LANG=C.UTF-8 $entry "${script[@]}" -- cognito-oidc login "$@" >"$proof/screen" 2>&1
}
says_all() { # every pattern stands on the screen
    local pattern
    for pattern in "$@"; do grep -E "$pattern" "$proof/screen" || { echo "no: $pattern" && cat "$proof/screen" && return 1; }; done
}
json() { # a query of what came to stdout
    /usr/bin/python3 -c 'import json, sys
a = json.load(open("/srv/proof/json"))
assert eval(sys.argv[1]), a' "$1"
}

code=$(control totp alice)
ok "alice: password and code: allowed" login "Password: =$(password alice)" "app: =$code" -- alice
ok "PAM's words, and whose it is" says_all '^ok   auth ' '^ok   account ' '^allowed$' \
    '^  sub +"[0-9a-f-]{36}"' '^  cognito:username +"alice"' '^  cognito:groups .*linux-admins' \
    '^identity, by the password flow:$'
ok "every check of the token" says_all '^ok   signature ' '^ok   iss ' '^ok   aud ' '^ok   exp ' '^ok   token_use '
ok "every rule" says_all '^rule "shell" \(allow\): matches' '^rule "admins" \(allow\): does not match'
ok "each service" says_all '^  sshd +allowed, by rule shell' '^  sudo +allowed, by rule admins' '^  login +allowed'
ok "nothing typed is on the screen" eval '! grep -F "$(password alice)" "$proof/screen"'
ok "syslog has the line of a login by sshd" logged 'pam_cognito_oidc\(sshd:auth\): login allowed user=alice service=sshd'
ok "and no service file is left" eval '! ls -d /tmp/cognito-oidc-*'

ok "bob: a wrong password: exit 1" eval 'login "Password: =Guess-1!" -- bob; [ $? = 1 ]'
ok "and why" says_all '^FAIL auth +Authentication failure' '^-    account +not asked' '^denied; syslog'
ok "carol: no rule" eval 'login "Password: =$(password carol)" -- carol; [ $? = 1 ]'
ok "is told so" says_all '^Your sign-in is valid, but no rule'
ok "who it was, and what was decided" says_all '^syslog: pam_cognito_oidc\(sshd:auth\): login denied user=carol .* sub=[0-9a-f-]{36} rule="" reason="no rule allows it'

printf '%s\n' "$(password bob)" >"$proof/in"
ok "--service sudo: the rules of that service; answers from a file" \
    eval 'LANG=C.UTF-8 cognito-oidc login bob --service sudo --json <"$proof/in" >"$proof/json" 2>"$proof/err"; [ $? = 1 ]'
ok "its JSON" json 'a["allowed"] is False and a["auth"]["result"] != 0 and a["service"] == "sudo"'
ok "--json: standard output holds nothing else" \
    eval 'LANG=C.UTF-8 cognito-oidc login bob --service login --json <"$proof/in" >"$proof/json" 2>"$proof/err"'
ok "identity, checks, mapping, rules, services" json 'a["allowed"] and a["identity"]["cognito:username"] == "bob" and a["identity"]["cognito:groups"] == ["linux-users"] \
    and all(c["ok"] for c in a["checks"]) and a["mapping"]["ok"] \
    and {s["service"]: s["allowed"] for s in a["services"]} == {"login": True, "sshd": True, "pamtester": True, "check": True, "sudo": False}'
ok "the question went to standard error" grep -F 'Password: ' "$proof/err"

configure "$(/usr/bin/python3 -c 'import json, sys
sys.path.insert(0, "tests/cognito")
from control import Cognito, merge
print(json.dumps(merge(Cognito("/srv/cognito", start=False).device_endpoints(), {"login": {"flows": ["password", "device"]}})))')"
approve() {
    local turn
    for turn in $(seq 100); do
        line=$(control devices | head -1)
        [ -n "$line" ] && break
        sleep 0.1
    done
    control approve "$(printf '%s' "$line" | grep -oE '[A-Z0-9]{4}-[A-Z0-9]{4}' | head -1)" bob
}
approve >/dev/null 2>&1 &
ok "--flow device: another device, no question about the flow" login "approved it:=" -- bob --flow device
ok "by that flow, with a QR code" says_all '^identity, by the device flow:$' '^Code  ' '█|▀|▄'

screen_open 100 30 'trap : INT; cognito-oidc login alice --flow password; stty -a | grep -q "[ ]echo " && echo it-echoes; ls -d /tmp/cognito-oidc-* || echo nothing-left; cat'
ok "Ctrl-C at a hidden question" eval 'screen_wait "Password:" && tmux -L proof send-keys C-c && screen_wait nothing-left'
ok "leaves the terminal as it was" eval 'screen | grep it-echoes'
screen_close

for arguments in "" "--service sshd" "bob --flow magic" "bob --service ../x" "bob --config /nonexistent"; do
    # shellcheck disable=SC2086
    ok "exit 2: login $arguments" eval 'cognito-oidc login $arguments </dev/null; [ $? = 2 ]'
done
finish
