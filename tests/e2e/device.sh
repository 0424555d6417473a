#!/bin/bash
# SPDX-License-Identifier: MIT
# Signing in on another device: through a real sshd, where everything is one question; on the
# console and with su, without Enter; with sudo, where Ctrl-C ends it at once. TAP.
#
#   device.sh [PICTURE]     also writes what stood on the terminal, as a PNG
set -eu
# shellcheck disable=SC2034
NEEDS="sshd:openssh-server ssh:openssh-client tmux:tmux zbarimg:zbar-tools fc-list:fontconfig sudo:sudo"
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/stage.sh"
picture=${1:-}

domain=https://acme.auth.eu-west-1.amazoncognito.com
control pool '{"device_interval":1}' >/dev/null
configure "{\"config\":{\"token_url\":\"$domain/device/token\"},
    \"endpoints\":{\"device_authorization_url\":\"$domain/device/authorize\"},
    \"login\":{\"flows\":[\"device\"]},
    \"rules\":[{\"name\":\"shell\",\"services\":[\"sshd\",\"login\",\"su*\"],\"groups\":[\"linux-users\"]},
        {\"name\":\"admins\",\"services\":[\"sudo\"],\"groups\":[\"linux-admins\"]}]}"
for service in sshd login su-l sudo; do
    printf '%s required pam_cognito_oidc.so\n' auth account >/etc/pam.d/$service
    echo 'session required pam_permit.so' >>/etc/pam.d/$service
done
for person in alice bob; do
    printf 'PS1="\\u@\\h:\\w\\$ "\n' >"/home/$person/.bashrc"
    printf '. ~/.bashrc\n' >"/home/$person/.profile"
    rm -f "/home/$person/.bash_profile"
done
echo 'alice ALL=(ALL) ALL' >/etc/sudoers.d/alice
chmod 440 /etc/sudoers.d/alice

user_code() { screen | grep -oE 'Code +[A-Z]{4}-[A-Z]{4}' | grep -oE '[A-Z]{4}-[A-Z]{4}' | tail -1; }
approve() { control approve "$(user_code)" "$1"; }
photograph() {
    screen -e >"$proof/screen"
    screen >"$proof/text"
    /usr/bin/python3 tests/e2e/picture.py "$proof/screen" "$proof/screen.png" --qr "$proof/qr.png"
}
# The link of the QR code is the provider's own for this user code.
qr_is_the_link() {
    local shown
    shown=$(zbarimg -q --raw "$proof/qr.png")
    echo "read: $shown, wanted the link of $(user_code)"
    [ "$shown" = "$domain/device?user_code=$(user_code)" ]
}
polls() { requests device_token; }

# ---- ssh -------------------------------------------------------------------------------------
start_sshd 'KbdInteractiveAuthentication yes' 'PasswordAuthentication no' \
    'AuthenticationMethods keyboard-interactive'
screen_open 84 40 "${client[*]} -o PreferredAuthentications=keyboard-interactive bob@127.0.0.1"
ok "ssh: address, code and question come together" screen_wait 'Press Enter when you have approved it:'
ok "ssh: it says who asks, for whom, from where" eval 'screen | grep -q "sshd on pamhost requests a sign-in for bob from 127.0.0.1"'
ok "ssh: and warns" eval 'screen | grep -q "If you did not start this, do not approve it."'
ok "ssh: what the terminal shows can be pictured" photograph
ok "ssh: the QR code on it is the link" qr_is_the_link
ok "ssh: bob approves on his telephone" approve bob
screen_type ''
ok "ssh: and there is a shell" screen_wait 'bob@pamhost:~\$'
photograph
cp "$proof/screen.png" "$proof/device.png"
screen_close
ok "ssh: syslog has one line" logged 'login allowed user=bob service=sshd rhost=127.0.0.1 flow=device '

screen_open 84 40 "${client[*]} -o PreferredAuthentications=keyboard-interactive bob@127.0.0.1"
ok "ssh: another code is shown" screen_wait 'Press Enter when you have approved it:'
ok "ssh: alice approves it" approve alice
screen_type ''
ok "ssh: which is no login for bob" screen_wait 'Signed in as "alice"; this login is for "bob"'
screen_close
stop_sshd

# ---- the console and su ---------------------------------------------------------------------------
screen_open 84 40 "LANG=C.UTF-8 login"
ok "console: login asks who it is" screen_wait 'login:'
screen_type bob
ok "console: the code is shown at once" screen_wait 'Code +[A-Z]{4}-[A-Z]{4}'
ok "console: bob approves" approve bob
ok "console: and without Enter there is a shell" screen_wait 'bob@pamhost:~\$'
screen_close

screen_open 84 40 "LANG=C.UTF-8 setpriv --reuid alice --regid alice --init-groups su - bob"
ok "su: the code is shown at once" screen_wait 'su-l on pamhost requests a sign-in for bob'
ok "su: bob approves" approve bob
ok "su: and without Enter there is a shell" screen_wait 'bob@pamhost:~\$'
screen_close

# ---- sudo --------------------------------------------------------------------------------------------
screen_open 84 40 "LANG=C.UTF-8 setpriv --reuid alice --regid alice --init-groups bash --norc"
ok "sudo: a shell of alice's" screen_wait '\$ *$'
screen_type 'sudo id -un'
ok "sudo: the code comes with a question" screen_wait 'Press Enter when you have approved it:'
ok "sudo: alice approves" approve alice
screen_type ''
ok "sudo: and root's command runs" screen_wait '^root'
screen_type 'sudo -k'
screen_anew 'sudo id -un'
ok "sudo: asked again" screen_wait 'Press Enter when you have approved it:'
tmux -L proof send-keys C-c
ok "sudo: Ctrl-C ends it" screen_wait 'sudo: a password is required'
ok "sudo: no helper is left" within_a_minute eval '! pgrep -f "^pam_cognito_oidc-helper"'
before=$(polls)
sleep 1.6
ok "sudo: and nobody asks the provider any more" [ "$(polls)" = "$before" ]
screen_close

if [ -n "$picture" ]; then
    ok "the picture is written" cp "$proof/device.png" "$picture"
fi
finish
