#!/bin/bash
# SPDX-License-Identifier: MIT
# A new person's first sign-in through a real sshd, on a real terminal: temporary password, new
# password, authenticator set-up with its QR code, shell. Then the console: login. TAP.
#
#   first_sign_in.sh [PICTURE]     also writes what stood on the terminal, as a PNG
set -eu
# shellcheck disable=SC2034
NEEDS="sshd:openssh-server ssh:openssh-client tmux:tmux zbarimg:zbar-tools fc-list:fontconfig"
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/stage.sh"
picture=${1:-}

temporary=$(password erin)
new=Erin-Permanent-5!
id erin >/dev/null 2>&1 || useradd -m -s /bin/bash erin
printf 'PS1="\\u@\\h:\\w\\$ "\n' >/home/erin/.bashrc
printf '. ~/.bashrc\n' >/home/erin/.profile
rm -f /home/erin/.bash_profile
control pool '{"mfa":"required"}' >/dev/null
for service in sshd login; do
    printf '%s required pam_cognito_oidc.so\n' auth account >/etc/pam.d/$service
    echo 'session required pam_permit.so' >>/etc/pam.d/$service
done

# What the screen shows is what the app gets: the code as an image, read by somebody else's reader.
qr_is_intact() {
    local key shown
    key=$(grep -A1 'type this key:' "$proof/text" | tail -1 | tr -d ' ')
    [ -n "$key" ] || return 1
    shown=$(zbarimg -q --raw "$proof/qr.png")
    echo "read: $shown"
    [ "$shown" = "otpauth://totp/Local%20Cognito:erin?secret=$key&issuer=Local%20Cognito" ]
}
photograph() {
    screen -e >"$proof/screen"
    screen >"$proof/text"
    /usr/bin/python3 tests/e2e/picture.py "$proof/screen" "$proof/screen.png" --qr "$proof/qr.png"
}
code_of_app() { /usr/bin/python3 tests/login/answers.py "$proof/text"; }
asked_twice() { screen_type "$new" && screen_wait_hidden 'New password again:' && screen_type "$new"; }

# first_sign_in PREFIX: from the password prompt to the shell, whoever asks.
first_sign_in() {
    ok "$1: the password is asked" screen_wait_hidden 'Password:'
    screen_type "$temporary"
    ok "$1: the temporary password has to go" screen_wait 'Your password is temporary. Press Enter'
    screen_type ''
    ok "$1: a new one is asked" screen_wait_hidden 'New password:'
    ok "$1: twice" asked_twice
    ok "$1: then an app is to be set up" screen_wait 'Verification code from the app:'
    ok "$1: what the terminal shows can be pictured" photograph
    ok "$1: the QR code on it is the app's URI" qr_is_intact
    code=$(code_of_app) since=$(date +%s)
    screen_type "$code"
    ok "$1: and there is a shell" screen_wait 'erin@pamhost:~\$'
    screen_type whoami
    ok "$1: of the right person" screen_wait '^erin *$'
    photograph
    ok "$1: no password was ever shown" eval '! grep -qE "Erin-(Temporary|Permanent)" "$proof/text"'
}

start_sshd 'KbdInteractiveAuthentication yes' 'PasswordAuthentication no' \
    'AuthenticationMethods keyboard-interactive'
screen_open 84 50 "${client[*]} -o PreferredAuthentications=keyboard-interactive erin@127.0.0.1"
first_sign_in ssh
cp "$proof/screen.png" "$proof/first-sign-in.png"
screen_close
ok "syslog has one line" logged 'login allowed user=erin service=sshd rhost=127.0.0.1 .* rule="shell" reason="allowed"'
ok "the old password is dead" pool_says erin "$temporary" NotAuthorizedException
ok "the new one wants the app's code" pool_says erin "$new" SOFTWARE_TOKEN_MFA

# A second terminal at once, while the app still shows the first code. The pool's clock waits for slow
# machines.
control clock $((since - $(date +%s)))
screen_open 84 50 "${client[*]} -o PreferredAuthentications=keyboard-interactive erin@127.0.0.1"
ok "ssh again: the password is asked" screen_wait_hidden 'Password:'
screen_type "$new"
ok "ssh again: and a code" screen_wait 'Verification code from your authenticator app:'
screen_type "$code"
ok "ssh again: it was used" screen_wait 'That code was used already. Please wait for the next one.'
ok "ssh again: the next one is asked" screen_wait 'Verification code from your authenticator app:' 2
next=$(control totp erin)
screen_type "${next:0:3}-${next:3}"
ok "ssh again: and taken, with its hyphen" screen_wait 'erin@pamhost:~\$'
screen_close
control clock 0
stop_sshd

# The same person, as if nothing had been; on the console.
control user erin "{\"status\":\"FORCE_CHANGE_PASSWORD\",\"password\":\"$temporary\",\"totp\":null}" >/dev/null
screen_open 84 50 "LANG=C.UTF-8 login"
ok "console: login asks who it is" screen_wait 'login:'
screen_type erin
first_sign_in console
screen_close
ok "console: syslog has one line" logged 'login allowed user=erin service=login .* reason="allowed"'

if [ -n "$picture" ]; then
    ok "the picture is written" cp "$proof/first-sign-in.png" "$picture"
fi
finish
