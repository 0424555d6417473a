#!/bin/bash
# SPDX-License-Identifier: MIT
# sshd's method "password": one prompt, and whatever else is asked hidden gets the same answer.
# What needs more than the password is refused, and no password is ever sent as a code. TAP.
set -eu
# shellcheck disable=SC2034
NEEDS="sshd:openssh-server ssh:openssh-client"
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/stage.sh"

id erin >/dev/null 2>&1 || useradd -m -s /bin/bash erin
id dave >/dev/null 2>&1 || useradd -m -s /bin/bash dave
printf '%s required pam_cognito_oidc.so\n' auth account >/etc/pam.d/sshd
echo 'session required pam_permit.so' >>/etc/pam.d/sshd

# ssh takes its answers from a program: every prompt gets $ANSWER, and is counted.
cat >"$proof/askpass" <<'ASKPASS'
#!/bin/sh
echo "$1" >>/srv/proof/prompts
printf '%s\n' "$ANSWER"
ASKPASS
chmod 755 "$proof/askpass"
login() { # user, password, ssh options...
    local user=$1 answer=$2
    shift 2
    : >"$proof/prompts"
    ANSWER=$answer SSH_ASKPASS=$proof/askpass SSH_ASKPASS_REQUIRE=force \
        "${client[@]}" "$@" "$user@127.0.0.1" whoami </dev/null >"$proof/out" 2>"$proof/err"
}
by_password=(-o PreferredAuthentications=password)
by_keyboard=(-o PreferredAuthentications=keyboard-interactive)
allowed() { login "$@" && [ "$(cat "$proof/out")" = "$1" ]; }
denied() { ! login "$@" && grep 'Permission denied' "$proof/err"; }
count_from() { # the requests of an operation since $before, "all" for any
    local all
    all=$(requests ${1:+"$1"})
    echo $((all - ${before[${1:-all}]}))
}
declare -A before
remember() {
    before[all]=$(requests)
    before[InitiateAuth]=$(requests InitiateAuth)
    before[RespondToAuthChallenge]=$(requests RespondToAuthChallenge)
}

start_sshd 'PasswordAuthentication yes' 'KbdInteractiveAuthentication yes' 'DenyUsers dave'

ok "the right password, no MFA: a shell" allowed bob "$(password bob)" "${by_password[@]}"
ok "and one prompt" [ "$(wc -l <"$proof/prompts")" = 1 ]
ok "and syslog says so" logged 'login allowed user=bob service=sshd rhost=127.0.0.1'

remember
ok "a wrong password is denied" denied bob Wrong-1! "${by_password[@]}"
ok "and told" logged 'login denied user=bob .* reason="wrong password, or user unknown to the pool'
ok "by one try at the pool" [ "$(count_from InitiateAuth)$(count_from RespondToAuthChallenge)" = 11 ]

remember
ok "who has an authenticator is denied" denied alice "$(password alice)" "${by_password[@]}"
ok "and syslog tells why" logged 'login denied user=alice .* reason="cancelled: the host program cannot ask the user'
ok "the password was sent as a password alone: no second answer" \
    [ "$(count_from InitiateAuth)$(count_from RespondToAuthChallenge)" = 11 ]
ok "nor with a code behind it, where that is not configured" \
    denied alice "$(password alice)$(control totp alice)" "${by_password[@]}"

remember
ok "a temporary password is denied" denied erin "$(password erin)" "${by_password[@]}"
ok "and syslog tells why" logged 'login denied user=erin .* reason="cancelled: the host program cannot ask the user'
ok "nothing was answered but the password" \
    [ "$(count_from InitiateAuth)$(count_from RespondToAuthChallenge)" = 11 ]
ok "and it is the pool's password still" pool_says erin "$(password erin)" NEW_PASSWORD_REQUIRED

remember
for way in password keyboard; do
    if [ $way = password ]; then how=("${by_password[@]}"); else how=("${by_keyboard[@]}"); fi
    ok "$way: nobody of this name: denied" denied nobody-here "$(password bob)" "${how[@]}"
    ok "$way: a short answer too" denied nobody-here x "${how[@]}"
    ok "$way: who stands in DenyUsers: denied" denied dave "$(password dave)" "${how[@]}"
    ok "$way: sshd gave a stand-in for the password" logged "denied user=dave .* reason=\"the host program sent a placeholder instead of a password"
    ok "$way: root: denied" denied root "$(password bob)" "${how[@]}"
done
ok "and for none of them anything was sent" [ "$(count_from)" = 0 ]

configure '{"login":{"otp_append":true}}'
remember
ok "otp_append: password and code in one: a shell" \
    allowed alice "$(password alice)$(control totp alice)" "${by_password[@]}"
ok "by the password and one code" \
    [ "$(count_from InitiateAuth)$(count_from RespondToAuthChallenge)" = 12 ]
ok "otp_append: a wrong code is denied" denied alice "$(password alice)000000" "${by_password[@]}"
ok "otp_append: the password alone is denied" denied alice "$(password alice)" "${by_password[@]}"
ok "otp_append: who has no authenticator just types the password" \
    allowed bob "$(password bob)" "${by_password[@]}"
stop_sshd
ok "no line of syslog holds a password" eval '! grep -E "Staple|Horse|Temporary-5" "$log"'
finish
