#!/bin/bash
# SPDX-License-Identifier: MIT
# People of the pool without useradd: the real aws exports, apply writes records, nss-systemd serves
# them, sshd lets them in with a home of their own, and whoever leaves is locked. TAP.
set -eu
# shellcheck disable=SC2034
NEEDS="sshd:openssh-server ssh:openssh-client aws:awscli strace:strace /usr/sbin/visudo:sudo"
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/stage.sh"

for person in alice bob carol; do userdel -r "$person" 2>/dev/null || true; done
sed -i 's/^\(passwd\|group\):.*/\1: files systemd/' /etc/nsswitch.conf
mkdir -p /root/.aws
cat >/root/.aws/config <<AWS
[default]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = secret
ca_bundle = $state/ca.pem
AWS
# The system's own: another may come first in PATH.
ln -sf /usr/bin/aws /usr/local/bin/aws
configure '{"accounts": {"groups": ["linux-users", "linux-admins"], "unix_groups": ["linux-admins"]}, "login": {"recheck": 0}}'
control client "$(sed -n 's/.*"client_id": "\([^"]*\)".*/\1/p' /etc/pam_cognito_oidc/config.json)" '{"write_attributes": ["name"]}' >/dev/null 2>&1 || true
cat >/etc/pam.d/sshd <<'PAM'
auth required pam_cognito_oidc.so
account required pam_cognito_oidc.so
session required pam_mkhomedir.so
session required pam_permit.so
PAM
cat >"$proof/askpass" <<'ASKPASS'
#!/bin/sh
printf '%s\n' "$ANSWER"
ASKPASS
chmod 755 "$proof/askpass"
login() { # user, password, ssh options or a command...
    local user=$1 answer=$2
    shift 2
    ANSWER=$answer SSH_ASKPASS=$proof/askpass SSH_ASKPASS_REQUIRE=force timeout 60 \
        "${client[@]}" "$user@127.0.0.1" "$@" </dev/null >"$proof/out" 2>"$proof/err"
}
apply() { cognito-oidc accounts apply "$@" >"$proof/applied" 2>&1 || { cat "$proof/applied"; return 1; }; }
says_in() { grep -E "$2" "$1" || { cat "$1"; return 1; }; }
is() { [ "$1" = "$2" ] || { echo "is $1, not $2"; return 1; }; }

ok "aws exports, and apply writes records" apply
mv /etc/pam_cognito_oidc/config.json /etc/pam_cognito_oidc/other.json
ok "by another configuration, too" apply --config /etc/pam_cognito_oidc/other.json
mv /etc/pam_cognito_oidc/other.json /etc/pam_cognito_oidc/config.json
ok "plan then finds nothing to do" eval 'is "$(cognito-oidc accounts plan | tail -1)" "0 accounts or groups would change, $(cognito-oidc accounts plan --json | sed -n "s/.*\"left_out\":\([0-9]*\).*/\1/p") left out"'
uid=$(getent passwd bob | cut -d: -f3)
ok "getent knows bob: name, group, home and shell" says_in <(getent passwd bob) "^bob:x:$uid:1879048192:Bob Example:/home/bob:/bin/bash\$"
ok "by his uid, too" says_in <(getent passwd "$uid") "^bob:x:$uid:"
ok "the primary group has its gid" says_in <(getent group cognito) '^cognito:x:1879048192:'
ok "alice is in the local group of her pool's group" says_in <(id -Gn alice) 'cognito linux-admins'
ok "bob is not" is "$(id -Gn bob)" cognito
ok "who is disabled has no account" eval '! getent passwd dave'
start_sshd 'PasswordAuthentication yes' 'PubkeyAuthentication yes' 'AllowGroups cognito'
ok "bob logs in by his password, through AllowGroups" login bob "$(password bob)" 'id -un; pwd; stat -c %U:%G .'
ok "to a home of his own" is "$(tr '\n' ' ' <"$proof/out")" 'bob /home/bob bob:cognito '
echo '%linux-admins ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/cognito
ok "sudo knows alice by her group" says_in <(sudo -l -U alice) 'NOPASSWD: ALL'
ok "and bob not" says_in <(sudo -l -U bob) 'not allowed'

# A key of his own, and then he leaves the group.
ssh-keygen -q -t ed25519 -N '' -f "$proof/bob"
install -d -o "$uid" -g 1879048192 -m 700 /home/bob/.ssh
install -o "$uid" -g 1879048192 -m 600 "$proof/bob.pub" /home/bob/.ssh/authorized_keys
control user bob '{"groups": []}' >/dev/null
ok "apply locks who left" eval 'apply && says_in "$proof/applied" "^lock +bob"'
ok "his shell is nologin, his uid stays" says_in <(getent passwd bob) "^bob:x:$uid:.*:/usr/sbin/nologin\$"
refused() { ! login "$@" && says_in "$proof/err" 'Permission denied|Connection closed|expired|disabled|locked'; }
ok "by password: refused" refused bob "$(password bob)" true
ok "by key: refused" refused bob none -i "$proof/bob" -o PreferredAuthentications=publickey true
ok "by key and -N: refused" refused bob none -i "$proof/bob" -o PreferredAuthentications=publickey -N
control user bob '{"groups": ["linux-users"]}' >/dev/null
ok "he comes back" eval 'apply && says_in "$proof/applied" "^unlock +bob"'
ok "and logs in" login bob "$(password bob)" true

# Keys of the record, for sshd. Root may have written more into it than apply would.
ssh-keygen -q -t ed25519 -N '' -f "$proof/pool" -C 'bob at home'
ssh-keygen -q -t ed25519 -N '' -f "$proof/other"
private=/etc/userdb/bob.user-privileged
cp -p $private "$proof/private"
keys() { # each a key
    /usr/bin/python3 -c 'import json, sys
record = json.load(open(sys.argv[1]))
record["privileged"] = {"sshAuthorizedKeys": sys.argv[3:]}
json.dump(record, open(sys.argv[2], "w"))' "$proof/private" $private "$@"
}
prints() { is "$(cognito-oidc authorized-keys bob 2>"$proof/err")" "$1"; }
keys "$(cat "$proof/pool.pub")"
ok "authorized-keys prints them" prints "$(cat "$proof/pool.pub")"
ok "nothing for root, who has no record" is "$(cognito-oidc authorized-keys root)" ""
stop_sshd
start_sshd 'PasswordAuthentication yes' 'PubkeyAuthentication yes' 'AuthorizedKeysFile none' \
    'AuthorizedKeysCommand /usr/sbin/cognito-oidc authorized-keys %u' 'AuthorizedKeysCommandUser root'
by_key() { login bob none -i "$proof/$1" -o IdentitiesOnly=yes -o PreferredAuthentications=publickey id; }
ok "bob signs in" login bob "$(password bob)" true
ok "and with the key of his record" by_key pool
ok "not with another" eval '! by_key other'
for options in 'command="/bin/sh" ' 'from="*" ' 'restrict ' 'environment="A=b",no-pty '; do
    keys "$options$(cat "$proof/pool.pub")"
    ok "a key with options is refused: $options" eval 'prints "" && says_in "$proof/err" "bob: key 1 is not a public key without options"'
done
keys '' ssh-ed25519 "$(cat "$proof/pool.pub")"$'\n''ssh-rsa AAAA'
ok "so is what is no key, or two" prints ""
ok "and sshd lets nobody in by it" eval '! by_key pool'
cp -p "$proof/private" $private
keys "$(cat "$proof/pool.pub")"
sed -i 's/"locked": false/"locked": true/' /etc/userdb/bob.user
ok "nothing of a locked account" eval 'prints "" && says_in "$proof/err" "the account is locked"'
ok "by key: refused" eval '! by_key pool'
sed -i 's/"locked": true/"locked": false/' /etc/userdb/bob.user
cp -p "$proof/private" $private

# A local account that is made later, as useradd refuses to and an editor does not.
echo 'alice:x:4711:4711::/home/local:/bin/bash' >>/etc/passwd
ok "a local alice: the record is locked, and the group does not reach her" \
    eval 'apply && says_in "$proof/applied" "^lock +alice.*etc/passwd has this name" && [ ! -e /etc/userdb/alice:linux-admins.membership ]'
sed -i '/^alice:x:4711/d' /etc/passwd
ok "without her, it is alice's again" eval 'apply && is "$(id -Gn alice)" "cognito linux-admins"'

# Killed at each call that writes, from an empty folder: nothing half, and the next run completes it.
export=/var/lib/pam_cognito_oidc/export
snapshot() { (cd /etc/userdb && find . -type f -exec sha256sum {} + | sort -k2 && find . -type l -printf '%p %l\n' | sort); }
halves() { # every record is JSON and whole
    local name
    for name in /etc/userdb/*.user-privileged /etc/userdb/*.user /etc/userdb/*.group; do
        [ ! -e "$name" ] || /usr/bin/python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$name" || return 1
    done
}
rm -rf /etc/userdb
apply --from $export
whole=$(snapshot)
kills=0
kill_at() { # system call: dies at the first, the second, ... until a run needs no more of it
    local call
    for ((call = 1; ; call++)); do
        rm -rf /etc/userdb
        { strace -f -qq -e "trace=$1" -e "inject=$1:signal=KILL:when=$call" -o /dev/null \
            cognito-oidc accounts apply --from $export; } >/dev/null 2>&1 && return
        kills=$((kills + 1))
        halves && apply --from $export && is "$(snapshot)" "$whole" || return 1
    done
}
for name in write renameat symlinkat; do
    ok "killed at each $name: nothing half, and the next run completes it" kill_at $name
done
ok "that was often" [ "$kills" -gt 40 ]
ok "a second run writes nothing" says_in <(cognito-oidc accounts apply --json --from $export) '"writes":0'

# A disk that is full: what is there stays whole.
before=$(snapshot)
for i in $(seq 40); do control user "late$i" '{"password": "Some-Person-9!", "groups": ["linux-users"]}' >/dev/null; done
ok "a new export" /usr/libexec/pam_cognito_oidc/export-accounts $export
mkdir /srv/small
mount -t tmpfs -o size=96k small /srv/small
cp -a /etc/userdb/. /srv/small/
mount --bind /srv/small /etc/userdb
full() { ! cognito-oidc accounts apply --from $export >"$proof/applied" 2>&1 && says_in "$proof/applied" 'No space left'; }
ok "a full disk is told" full
ok "and leaves no half file" halves
umount /etc/userdb
is_before() { is "$(snapshot)" "$before"; }
ok "the folder itself is as before" is_before

umount /srv/small

# A pool whose people sign in by e-mail: their user names are numbers that nobody types.
stop_sshd
start_sshd 'PasswordAuthentication yes' 'PubkeyAuthentication yes' 'AllowGroups cognito'
rm -rf /etc/userdb /var/lib/pam_cognito_oidc/accounts
control pool '{"alias_email": true}' >/dev/null
mail=0a1b2c3d-1111-4222-8333-444455556666
control user $mail '{"password": "Mia-By-Mail-9!", "groups": ["linux-users"], "attributes": {"sub": "'$mail'", "email": "mia@example.com", "email_verified": true}}' >/dev/null
configure '{"accounts": {"groups": ["linux-users", "linux-admins"]}, "login": {"recheck": 0},
    "users": {"claim": "email", "strip_suffix": "@example.com", "from_accounts": true}}'
ok "an e-mail pool without a map: apply" eval 'apply && says_in <(getent passwd mia) "^mia:x:"'
ok "mia logs in over ssh by her local name" login mia 'Mia-By-Mail-9!' 'id -un; pwd'
ok "as herself" is "$(tr '\n' ' ' <"$proof/out")" 'mia /home/mia '
ok "sudo and account know her, too" eval 'cognito-oidc whoami mia | grep -q "$mail"'

# aws without credentials: its own words.
mv /root/.aws "$proof/aws"
ok "aws says why it cannot list the pool" eval '! cognito-oidc accounts apply >"$proof/applied" 2>&1 && says_in "$proof/applied" "export-accounts: .*([Cc]redentials|error)"'
mv "$proof/aws" /root/.aws

finish
