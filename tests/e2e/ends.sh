#!/bin/bash
# SPDX-License-Identifier: MIT
# Hosts that end in the middle of a sign-in: nothing of ours is left, and the provider is asked no
# more. And clients without a terminal, which fail soon and say so, or work. TAP.
set -eu
# shellcheck disable=SC2034
NEEDS="sshd:openssh-server ssh:openssh-client tmux:tmux sudo:sudo setsid:util-linux"
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/stage.sh"

domain=https://acme.auth.eu-west-1.amazoncognito.com
control pool '{"device_interval":1}' >/dev/null
configure_flow() { # FLOW
    configure "{\"config\":{\"token_url\":\"$domain/$([ "$1" = device ] && echo device || echo oauth2)/token\"},
        \"endpoints\":{\"device_authorization_url\":\"$domain/device/authorize\"},
        \"login\":{\"flows\":[\"$1\"]},
        \"rules\":[{\"name\":\"all\",\"groups\":[\"linux-users\"]}]}"
}
for service in sshd login su-l sudo; do
    printf '%s required pam_cognito_oidc.so\n' auth account >/etc/pam.d/$service
    echo 'session required pam_permit.so' >>/etc/pam.d/$service
done
echo 'alice ALL=(ALL) ALL' >/etc/sudoers.d/alice
chmod 440 /etc/sudoers.d/alice
for person in alice bob; do
    printf 'PS1="\\u@\\h:\\w\\$ "\n' >"/home/$person/.bashrc"
    rm -f "/home/$person/.bash_profile"
    printf '. ~/.bashrc\n' >"/home/$person/.profile"
done
ask="${client[*]} -o PreferredAuthentications=keyboard-interactive"
PRESS='Press Enter when you have approved it:'
user_code() { control devices | grep -oE '[A-Z]{4}-[A-Z]{4}' | tail -1; }

watch() { # begins to watch the helper that comes next
    rm -f "$proof/ended" "$proof/ended.ready"
    /usr/bin/python3 tests/e2e/ends.py watch "$proof/ended" &
    watcher=$!
}
watched() { while [ ! -e "$proof/ended.ready" ]; do sleep 0.02; done; }
# The helper, with its host: some milliseconds on a quiet machine. On any, long before the code lapses.
gone_along() {
    wait "$watcher" || return 1
    echo "the helper was gone $(cat "$proof/ended") ms after its host"
    [ "$(cat "$proof/ended")" -le 5000 ]
}
# Nobody asks the provider any more.
is_quiet() {
    local before
    before=$(requests device_token)
    sleep 2.2
    echo "$before requests, and then $(requests device_token)"
    [ "$(requests device_token)" = "$before" ]
}
took() { # MILLISECONDS COMMAND...: no longer than that; $said is what it wrote, $rc how it ended
    local begun=$(($(date +%s%N) / 1000000)) most=$1
    shift
    rc=0
    said=$(timeout 60 "$@" 2>&1 </dev/null) || rc=$?
    echo "$said"
    echo "rc $rc after $(($(date +%s%N) / 1000000 - begun)) ms"
    [ $(($(date +%s%N) / 1000000 - begun)) -le "$most" ]
}

# ---- hosts that end -------------------------------------------------------------------------------
configure_flow device
start_sshd 'KbdInteractiveAuthentication yes' 'PasswordAuthentication no' \
    'AuthenticationMethods keyboard-interactive' 'LoginGraceTime 4'
watch
screen_open 84 40 "$ask bob@127.0.0.1"
ok "LoginGraceTime: the question is there" screen_wait "$PRESS"
watched
ok "LoginGraceTime: its end takes the helper along" gone_along
ok "LoginGraceTime: and nobody asks the provider any more" is_quiet
screen_close
stop_sshd

start_sshd 'KbdInteractiveAuthentication yes' 'PasswordAuthentication no' \
    'AuthenticationMethods keyboard-interactive' 'LoginGraceTime 60'
watch
screen_open 84 40 "$ask bob@127.0.0.1"
ok "kill: the question is there" screen_wait "$PRESS"
watched
kill -KILL "$(cut -d' ' -f2 "$proof/ended.ready")"
ok "kill: a host that is killed takes the helper along" gone_along
ok "kill: and nobody asks the provider any more" is_quiet
screen_close

# An ssh client that is gone while sshd's question is open, and one whose terminal is closed: that one
# still answers, with nothing, and sshd then sees nothing until its process has ended.
watch
screen_open 84 40 "$ask bob@127.0.0.1"
ok "client: the question is there" screen_wait "$PRESS"
watched
left=$(($(date +%s%N) / 1000000))
kill -KILL "$(pgrep -x ssh)"
ok "client: it is gone, and so is the helper" gone_along
ok "client: soon, for sshd waits for its answer" [ $(($(date +%s%N) / 1000000 - left)) -lt 20000 ]
screen_close
ok "client: and nobody asks the provider any more" is_quiet
sed -i 's/^auth.*/& timeout=8/' /etc/pam.d/sshd
watch
screen_open 84 40 "$ask bob@127.0.0.1"
ok "client: the question is there again" screen_wait "$PRESS"
watched
sleep 0.6
screen_close
left=$(($(date +%s%N) / 1000000))
ok "client: its terminal is closed, and the helper ends at timeout=" gone_along
ok "client: which is when it is noticed, and not later" [ $(($(date +%s%N) / 1000000 - left)) -lt 30000 ]
sed -i 's/ timeout=8//' /etc/pam.d/sshd
stop_sshd

watch
screen_open 84 40 "LANG=C.UTF-8 login -p bob"
ok "console: the code is shown" screen_wait 'Code +[A-Z]{4}-[A-Z]{4}'
watched
screen_close
ok "console: the terminal is closed, and the helper is gone with login" gone_along
ok "console: and nobody asks the provider any more" is_quiet

watch
screen_open 84 40 "LANG=C.UTF-8 setpriv --reuid alice --regid alice --init-groups sudo id -un"
ok "sudo: the question is there" screen_wait "$PRESS"
watched
screen_close
ok "sudo: the terminal is closed, and the helper is gone with sudo" gone_along
ok "sudo: and nobody asks the provider any more" is_quiet

# ---- clients without a terminal ----------------------------------------------------------------------
start_sshd 'KbdInteractiveAuthentication yes' 'PasswordAuthentication no' \
    'AuthenticationMethods keyboard-interactive' 'Subsystem sftp internal-sftp'
copy=(-F /dev/null -P 2222 -o "UserKnownHostsFile=$proof/ssh/known_hosts" -o NumberOfPasswordPrompts=1
    -o PreferredAuthentications=keyboard-interactive)
echo hello >"$proof/file"

# With a terminal beside them, scp and ssh -T ask there, and work.
screen_open 84 40 "$ask -T bob@127.0.0.1 echo it worked"
ok "ssh -T: asks on the terminal" screen_wait "$PRESS"
control approve "$(user_code)" bob
screen_type ''
ok "ssh -T: and the command runs" screen_wait '^it worked'
screen_close
screen_open 84 40 "scp ${copy[*]} $proof/file bob@127.0.0.1:copied && echo it worked"
ok "scp: asks on the terminal" screen_wait "$PRESS"
control approve "$(user_code)" bob
screen_type ''
ok "scp: and copies" screen_wait '^it worked'
ok "scp: the file is there" grep -q hello /home/bob/copied
screen_close
screen_open 84 40 "echo ls | sftp ${copy[*]} bob@127.0.0.1 && echo it worked"
ok "sftp: asks on the terminal" screen_wait "$PRESS"
control approve "$(user_code)" bob
screen_type ''
ok "sftp: and lists" screen_wait '^it worked'
screen_close
screen_open 84 40 "TERM=dumb $ask bob@127.0.0.1"
ok "TERM=dumb: everything is shown" screen_wait "$PRESS"
control approve "$(user_code)" bob
screen_type ''
ok "TERM=dumb: and there is a shell" screen_wait 'bob@pamhost:~\$'
screen_close

# Without any: the client answers every question with nothing.
# shellcheck disable=SC2086
ok "no terminal, device flow: ends" took 30000 setsid $ask -T bob@127.0.0.1 true
ok "no terminal, device flow: is refused with a sentence" eval '[ "$rc" != 0 ] && echo "$said" | grep -q "Nobody approved the sign-in."'
# shellcheck disable=SC2086
ok "BatchMode: refused at once" took 30000 setsid $ask -o BatchMode=yes bob@127.0.0.1 true
ok "BatchMode: and says how" eval '[ "$rc" != 0 ] && echo "$said" | grep -q "Permission denied"'
configure_flow browser
# shellcheck disable=SC2086
ok "no terminal, browser flow: ends at once" took 30000 setsid $ask -T bob@127.0.0.1 true
ok "no terminal, browser flow: is refused with a sentence" eval '[ "$rc" != 0 ] && echo "$said" | grep -q "Cancelled."'
ok "no terminal, scp: ends at once" took 30000 setsid scp "${copy[@]}" "$proof/file" bob@127.0.0.1:other
ok "no terminal, scp: is refused with a sentence" eval '[ "$rc" != 0 ] && echo "$said" | grep -q "Cancelled."'
ok "no terminal, sftp: ends at once" took 30000 setsid sftp "${copy[@]}" bob@127.0.0.1
ok "no terminal, sftp: is refused with a sentence" eval '[ "$rc" != 0 ] && echo "$said" | grep -q "Cancelled."'
as_alice=(setpriv --reuid alice --regid alice --init-groups)
ok "sudo -n: refused at once" took 30000 "${as_alice[@]}" sudo -n id -un
ok "sudo -n: and says why" eval '[ "$rc" != 0 ] && echo "$said" | grep -q "a password is required"'
ok "sudo without a terminal: refused at once" took 30000 setsid "${as_alice[@]}" sudo id -un
ok "sudo without a terminal: and says why" eval '[ "$rc" != 0 ] && echo "$said" | grep -qE "no password was provided|a terminal is required"'
ok "nothing of ours is left" within_a_minute eval '! pgrep -f "^pam_cognito_oidc-helper"'
stop_sshd
finish
