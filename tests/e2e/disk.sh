#!/bin/bash
# SPDX-License-Identifier: MIT
# A disk that is full or cannot be written, below the cached keys or below the tickets: who signs in
# is let in as far as that is possible, and the log says what is wrong. TAP.
set -eu
# shellcheck disable=SC2034
NEEDS="sshd:openssh-server sudo:sudo sshpass:sshpass pamtester:pamtester"
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/stage.sh"

cache=/var/cache/pam_cognito_oidc run=/run/pam_cognito_oidc
configure '{"rules":[{"groups":["linux-users"]}]}'
for service in pamtester sshd sudo; do
    printf '%s required pam_cognito_oidc.so\n' auth account >"/etc/pam.d/$service"
    echo 'session required pam_permit.so' >>"/etc/pam.d/$service"
done
echo 'bob ALL=(ALL) ALL' >/etc/sudoers.d/bob
printf 'Defaults timestamp_timeout=0, !lecture, passwd_tries=1\n' >/etc/sudoers.d/always
chmod 440 /etc/sudoers.d/*
start_sshd 'KbdInteractiveAuthentication yes' 'AuthenticationMethods keyboard-interactive'
password=$(password bob)

sign_in() { printf '%s\n' "$password" | pamtester pamtester bob authenticate acct_mgmt; }
by_ssh() {
    [ "$(sshpass -p "$password" ssh -F /dev/null -p 2222 -o "UserKnownHostsFile=$proof/ssh/known_hosts" \
        -o NumberOfPasswordPrompts=1 -o PreferredAuthentications=keyboard-interactive bob@127.0.0.1 whoami)" = bob ]
}
by_sudo() {
    [ "$(printf '%s\n' "$password" | setpriv --reuid bob --regid bob --init-groups env -i PATH=/usr/bin:/bin \
        sudo -S -p '' whoami)" = root ]
}
# From here on, for names and silent.
seen=0
mark() {
    sleep 0.2
    seen=$(wc -l <"$log")
}
since() { tail -n "+$((seen + 1))" "$log"; }
names() {
    local turn
    for turn in 1 2 3 4 5; do
        since | grep -F "$1" && return
        sleep "0.$turn"
    done
    since
    return 1
}
silent() { ! since | grep -E 'cannot be|could not be|denied'; }
# fetched N COMMAND...: succeeds, and the keys were fetched so many times
fetched() {
    local before times=$1
    before=$(requests jwks)
    shift
    "$@" && [ "$(($(requests jwks) - before))" = "$times" ]
}
over() { # folder, options of a tmpfs
    umount "$1" 2>/dev/null || true
    mount -t tmpfs -o "mode=0700,$2" none "$1"
}
fill() { # folder: to the last byte
    head -c 1M /dev/zero >"$1/others" 2>/dev/null || true
    ! echo x 2>/dev/null >>"$1/others"
}
mkdir -p "$cache" "$run"
chmod 700 "$cache" "$run"

# ---- below the cached keys -------------------------------------------------------------------------
for way in sign_in by_ssh by_sudo; do
    over "$cache" size=64k
    mark
    ok "$way: as it should be" fetched 1 "$way"
    ok "$way: the keys are cached" fetched 0 "$way"
    ok "$way: nothing is wrong" silent
    over "$cache" size=64k
    mark
    ok "$way: the cache's disk is full" fill "$cache"
    ok "$way: allowed, by keys that are fetched" fetched 1 "$way"
    ok "$way: so is the next, which finds none" fetched 1 "$way"
    ok "$way: the log says why" names 'the key set could not be cached for the next login: No space left on device'
    over "$cache" nr_inodes=1
    mark
    ok "$way: without an inode, too" fetched 1 "$way"
    ok "$way: that is named" names 'No space left on device'
    over "$cache" ro
    mark
    ok "$way: on a read-only disk, too" fetched 1 "$way"
    ok "$way: and the next" fetched 1 "$way"
    ok "$way: that is named" names 'the key set could not be cached for the next login: Read-only file system'
done

# ---- a set that became old when nothing could be written any more -----------------------------------
for how in full ro; do
    over "$cache" size=64k
    ok "$how: keys are cached" sign_in
    if [ $how = full ]; then fill "$cache"; else mount -o remount,ro "$cache"; fi
    ok "$how: they serve" fetched 0 sign_in
    control rotate >/dev/null
    mark
    ok "$how: after the pool has changed its keys the new ones are fetched" fetched 1 sign_in
    ok "$how: the log says why they are not kept" names 'the key set could not be cached for the next login:'
    ok "$how: a wrong password is refused as ever" eval '! password=wrong sign_in'
done
umount "$cache"

# ---- below the tickets -----------------------------------------------------------------------------
for options in size=4k ro; do
    over "$run" "$options"
    [ "$options" = ro ] || fill "$run"
    mark
    ok "tickets, $options: nobody is let in without one" eval '! sign_in'
    ok "tickets, $options: that is named" names 'the ticket cannot be written'
    umount "$run"
    ok "tickets, $options: all is well again" sign_in
done
finish
