#!/bin/bash
# SPDX-License-Identifier: MIT
# Signing in with a real browser, a headless Chromium, and a real terminal: over ssh with the
# browser flow, the code copied from docs/callback.html or the address from the address bar;
# and with the device flow on a telephone that has scanned the QR code. TAP.
#
#   browser.sh [FOLDER]     also leaves the pictures of terminals and pages there
set -eu
# shellcheck disable=SC2034
NEEDS="sshd:openssh-server ssh:openssh-client tmux:tmux zbarimg:zbar-tools fc-list:fontconfig sudo:sudo
    chromium:chromium chromedriver:chromium-driver"
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/stage.sh"
folder=${1:-}

domain=https://acme.auth.eu-west-1.amazoncognito.com
page=http://localhost:8400/callback.html
pictures=$proof/pictures
mkdir -p "$pictures"
rules='[{"name":"shell","services":["sshd"],"groups":["linux-users"]},
    {"name":"admins","services":["sudo"],"groups":["linux-admins"],"max_auth_age":60}]'
configure_browser() { # REDIRECT-URI
    configure "{\"endpoints\":{\"redirect_uri\":\"$1\"},\"login\":{\"flows\":[\"browser\"]},\"rules\":$rules}"
}
control client 6o7h8i9jlocalpublic "{\"callback_urls\":[\"$page\",\"http://localhost:8401/callback\"]}" >/dev/null
(cd docs && exec /usr/bin/python3 -m http.server --bind 127.0.0.1 8400) >"$proof/http" 2>&1 &
for service in sshd sudo; do
    printf '%s required pam_cognito_oidc.so\n' auth account >/etc/pam.d/$service
    echo 'session required pam_permit.so' >>/etc/pam.d/$service
done
sed -i '1s/$/ qr=utf8/' /etc/pam.d/sshd
for person in alice bob; do
    printf 'PS1="\\u@\\h:\\w\\$ "\n' >"/home/$person/.bashrc"
    printf '. ~/.bashrc\n' >"/home/$person/.profile"
    rm -f "/home/$person/.bash_profile"
done
echo 'alice ALL=(ALL) ALL' >/etc/sudoers.d/alice
chmod 440 /etc/sudoers.d/alice

# The last address on the screen; the terminal has wrapped it.
address() { screen -J | grep -oE "^$domain/oauth2/authorize[^ ]+" | tail -1; }
photograph() { # NAME
    screen -e >"$proof/screen"
    /usr/bin/python3 tests/e2e/picture.py "$proof/screen" "$pictures/$1.png"
    /usr/bin/python3 tests/e2e/picture.py "$proof/screen" "$proof/light.png" --light
}
# What a camera reads off the picture of the whole terminal.
read_code() { zbarimg -q --raw "$pictures/$1.png" 2>/dev/null; }
reads_on_light() { [ "$(zbarimg -q --raw -Stest-inverted "$proof/light.png" 2>/dev/null)" = "$1" ]; }
qr_is() { # NAME TEXT
    echo "read: $(read_code "$1"), wanted: $2"
    [ "$(read_code "$1")" = "$2" ]
}
visit() { # WAY USER URL; $answer is what comes of it
    answer=$(/usr/bin/python3 tests/e2e/visit.py "$state" "$pictures" "$@")
    echo "$answer"
}
screen_paste() {
    tmux -L proof set-buffer -- "$1"
    tmux -L proof paste-buffer
    tmux -L proof send-keys Enter
}
has_field() { case "$1" in *"$2"*) ;; *) return 1 ;; esac }

# ---- the browser flow, the code copied -----------------------------------------------------------
configure_browser "$page"
start_sshd 'KbdInteractiveAuthentication yes' 'PasswordAuthentication no' \
    'AuthenticationMethods keyboard-interactive'
screen_open 100 60 "${client[*]} -o PreferredAuthentications=keyboard-interactive alice@127.0.0.1"
ok "ssh: address and question come together" screen_wait 'Paste the code or the address of the page you landed on:'
ok "ssh: it says who asks, for whom, from where" eval 'screen | grep -q "sshd on pamhost requests a sign-in for alice from 127.0.0.1"'
ok "ssh: and warns" eval 'screen | grep -q "If you did not start this, do not approve it."'
url=$(address)
ok "ssh: the address is the pool's, with PKCE and without prompt" eval 'has_field "$url" "&code_challenge_method=S256&code_challenge=" && ! has_field "$url" prompt='
ok "ssh: what the terminal shows can be pictured" photograph browser
ok "ssh: the QR code in the picture is the address" qr_is browser "$url"
ok "ssh: and on a light terminal, for readers that take both" reads_on_light "$url"
ok "ssh: alice signs in there with her second factor and copies the code" visit paste alice "$url"
ok "ssh: it is a code, a dot and eight characters" eval 'echo "$answer" | grep -qE "^[0-9a-f-]{36}\.[A-Za-z0-9_-]{8}$"'
screen_paste "$answer"
ok "ssh: pasted, and there is a shell" screen_wait 'alice@pamhost:~\$'
photograph browser
screen_close
ok "ssh: syslog has one line" logged 'login allowed user=alice service=sshd rhost=127.0.0.1 flow=browser '
ok "ssh: and the code is in no line" eval '! grep -qF "${answer%.*}" "$log"'

# ---- another's code ----------------------------------------------------------------------------
screen_open 100 60 "${client[*]} -o PreferredAuthentications=keyboard-interactive bob@127.0.0.1"
ok "ssh: bob is asked" screen_wait 'Paste the code or the address'
screen_paste "$answer"
ok "ssh: a code of alice's sign-in is refused by its state" screen_wait 'The pasted code belongs to another sign-in'
screen_close

# ---- from the address bar --------------------------------------------------------------------------
configure_browser http://localhost:8401/callback
screen_open 100 60 "${client[*]} -o PreferredAuthentications=keyboard-interactive bob@127.0.0.1"
ok "ssh: another address is shown" screen_wait 'Paste the code or the address'
ok "ssh: bob signs in where nobody listens at the end" visit address bob "$(address)"
ok "ssh: the address bar has the code" has_field "$answer" 'http://localhost:8401/callback?code='
screen_paste "\"$answer\" "
ok "ssh: pasted in quotes, and there is a shell" screen_wait 'bob@pamhost:~\$'
screen_close
stop_sshd

# ---- sudo: a fresh sign-in -------------------------------------------------------------------------
configure_browser "$page"
screen_open 100 60 "LANG=C.UTF-8 setpriv --reuid alice --regid alice --init-groups bash --norc"
ok "sudo: a shell of alice's" screen_wait '\$ *$'
screen_type 'sudo id -un'
ok "sudo: asks" screen_wait 'Paste the code or the address'
url=$(address)
ok "sudo: for a fresh sign-in" has_field "$url" '&prompt=login'
ok "sudo: without a code of that size" eval '! screen | grep -q "█"'
visit paste alice "$url" >/dev/null
screen_paste "$answer"
ok "sudo: and root's command runs" screen_wait '^root'
screen_type 'sudo -k'
screen_anew 'sudo id -un'
ok "sudo: asked again" screen_wait 'Paste the code or the address'
tmux -L proof send-keys C-c
ok "sudo: Ctrl-C ends it" screen_wait 'sudo: a password is required'
ok "sudo: no helper is left" within_a_minute eval '! pgrep -f "^pam_cognito_oidc-helper"'
screen_close

# ---- the device flow on a telephone -----------------------------------------------------------------
control pool '{"device_interval":1}' >/dev/null
configure "{\"config\":{\"token_url\":\"$domain/device/token\"},
    \"endpoints\":{\"device_authorization_url\":\"$domain/device/authorize\"},
    \"login\":{\"flows\":[\"device\"]},\"rules\":$rules}"
sed -i '1s/ qr=utf8//' /etc/pam.d/sshd
start_sshd 'KbdInteractiveAuthentication yes' 'PasswordAuthentication no' \
    'AuthenticationMethods keyboard-interactive'
screen_open 84 32 "${client[*]} -o PreferredAuthentications=keyboard-interactive bob@127.0.0.1"
ok "phone: the code is shown" screen_wait 'Press Enter when you have approved it:'
ok "phone: what the terminal shows can be pictured" photograph device
user_code=$(screen | grep -oE 'Code +[A-Z]{4}-[A-Z]{4}' | grep -oE '[A-Z]{4}-[A-Z]{4}')
ok "phone: the QR code in the picture is the link" qr_is device "$domain/device?user_code=$user_code"
ok "phone: and on a light terminal" reads_on_light "$domain/device?user_code=$user_code"
ok "phone: bob scans it, signs in, compares and allows" visit phone bob "$(read_code device)"
ok "phone: the page showed the terminal's code" [ "$answer" = "$user_code" ]
screen_type ''
ok "phone: and there is a shell" screen_wait 'bob@pamhost:~\$'
photograph device
screen_close
stop_sshd

if [ -n "$folder" ]; then
    ok "the pictures are written" cp "$pictures"/*.png "$folder"
fi
finish
