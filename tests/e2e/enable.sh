#!/bin/bash
# SPDX-License-Identifier: MIT
# cognito-oidc enable and disable on a host without systemd: what is refused, what is put in place,
# and that everything comes back byte for byte, whenever it is killed. TAP. Tries need systemd:
# tests/warm/inside.sh.
# What eval gets is expanded there, and functions are named in arguments.
# shellcheck disable=SC2016
set -eu
# shellcheck disable=SC2034
NEEDS="sshd:openssh-server ssh:openssh-client sshpass:sshpass sudo:sudo strace:strace setfacl:acl"
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/stage.sh"

settle() {
    configure '{"rules":[{"name":"shell","services":["sshd","login","su"],"groups":["linux-users"]},
        {"name":"admins","services":["sudo","sudo-i"],"groups":["linux-admins"]}]}'
}
settle
groupadd breakglass
useradd -m -s /bin/bash -G breakglass rescue
printf 'rescue:Local-Rescue-1!\nroot:Local-Root-1!\nbob:Local-Bob-1!\n' | chpasswd
printf '%s ALL=(ALL) ALL\n' alice rescue >/etc/sudoers.d/people
chmod 440 /etc/sudoers.d/people
printf 'Defaults timestamp_timeout=0, !lecture\n' >/etc/sudoers.d/always
cp /etc/shadow "$proof/shadow"

# The machine's own sshd, by its own configuration.
ssh-keygen -q -A
mkdir -p /run/sshd
cat >/etc/ssh/sshd_config <<'SSHD'
Include /etc/ssh/sshd_config.d/*.conf
ListenAddress 127.0.0.1
Port 22
KbdInteractiveAuthentication no
PasswordAuthentication yes
UsePAM yes
Subsystem sftp /usr/lib/openssh/sftp-server
SSHD
rm -f /etc/ssh/sshd_config.d/*
cp /etc/ssh/sshd_config "$proof/sshd_config"
/usr/sbin/sshd
by_ssh() {
    sshpass -P assword -p "$2" ssh -F /dev/null -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
        -o NumberOfPasswordPrompts=1 -o PreferredAuthentications=keyboard-interactive,password "$1@127.0.0.1" id -un
}
in_by_ssh() { [ "$(by_ssh "$@" 2>/dev/null)" = "$1" ]; }

cat >"$proof/files.py" <<'PYTHON'
import os, sys
for top in ("/etc/pam.d", "/etc/ssh"):
    for folder, _, names in os.walk(top):
        for name in sorted(names):
            path = os.path.join(folder, name)
            st = os.lstat(path)
            attributes = [(a, os.getxattr(path, a, follow_symlinks=False)) for a in sorted(os.listxattr(path, follow_symlinks=False))]
            content = os.readlink(path).encode() if os.path.islink(path) else open(path, "rb").read()
            print(path, oct(st.st_mode), st.st_uid, st.st_gid, st.st_mtime_ns, attributes, hash(content))
PYTHON
# Of every file: mode, owner, time, attributes and content.
files() { PYTHONHASHSEED=0 /usr/bin/python3 "$proof/files.py"; }
setfacl -m u:daemon:r /etc/pam.d/sudo
chown root:daemon /etc/pam.d/su
setfattr -n user.note -v kept /etc/pam.d/login 2>/dev/null || true
before=$(files)
as_before() { [ "$(files)" = "$before" ] || { diff <(echo "$before") <(files); return 1; }; }
is() { [ "$1" = "$2" ] || { echo "is $1, not $2"; return 1; }; }
shows() { # status, pattern, command...
    local status=$1 pattern=$2 rc=0
    shift 2
    "$@" >"$proof/shown" 2>&1 || rc=$?
    { [ "$rc" = "$status" ] && grep -qE -- "$pattern" "$proof/shown"; } || { echo "status $rc"; cat "$proof/shown"; return 1; }
}
enable() { cognito-oidc enable "$@"; }
disable() { cognito-oidc disable "$@"; }
# refused PATTERN ARGUMENTS...: a way to lock oneself out. It is refused with this reason, nothing has
# changed, and one logs in as before.
ways=0
unchanged() { # the same without a login
    local pattern=$1
    shift
    shows 1 "$pattern" enable "$@" && as_before
}
refused() {
    local pattern=$1
    shift
    ways=$((ways + 1))
    shows 1 "$pattern" enable "$@" && as_before && in_by_ssh bob 'Local-Bob-1!'
}

# ---- there and back --------------------------------------------------------------------------
ok "--dry-run shows the difference" shows 0 '^\+auth .*pam_cognito_oidc.so' enable --dry-run sshd sudo su login
ok "and changes nothing" as_before
ok "enable sshd" shows 0 '/etc/pam.d/sshd: in place' enable sshd
ok "what it showed: sshd for the member of breakglass" grep -q 'sshd, for rescue: UsePAM yes, KbdInteractiveAuthentication yes' "$proof/shown"
ok "and that the running sshd answers" grep -q '^ok .*sshd has reloaded its configuration, and answers' "$proof/shown"
ok "bob logs in with the pool's password" in_by_ssh bob "$(password bob)"
ok "not with the local one" eval '! in_by_ssh bob "Local-Bob-1!"'
ok "rescue does" in_by_ssh rescue 'Local-Rescue-1!'
ok "a second enable finds it in place" shows 0 '^ok +/etc/pam.d/sshd is in place' enable sshd
ok "enable --check" shows 0 '^ok +/etc/pam.d/sshd is in place' enable --check
ok "enable the others" shows 0 'in place' enable login su sudo
ok "su - through su-l, which includes su" eval '! grep -q cognito /etc/pam.d/su-l'
ok "sudo asks nobody who has a ticket" grep -q ' reuse ' /etc/pam.d/sudo-i
ok "doctor knows them" shows 0 '^ok +enabled +/etc/pam.d/sudo: put in place by enable' eval 'cognito-oidc doctor || [ $? = 1 ]'
ok "disable of one" shows 0 '/etc/pam.d/su: as it was' disable su
ok "disable of one that is not enabled" shows 1 'su is not enabled' disable su
ok "another kind for sudo keeps the first original" eval 'enable --sudo=gate sudo && ! grep -q faillock /etc/pam.d/sudo'
ok "disable of all" shows 0 '/etc/pam.d/sshd: as it was' disable --all
ok "every file is as it was: bytes, owner, mode, time, ACL" as_before
ok "nothing is left of it" is "$(ls -A /var/lib/pam_cognito_oidc/enable)" ""
ok "bob logs in as before" in_by_ssh bob 'Local-Bob-1!'

# ---- what is refused -------------------------------------------------------------------------
ok "no service" shows 2 'which service' enable
ok "a service that it does not know" shows 2 'cron: not one of' enable cron
ok "--keep without a try" shows 1 'no try is pending' enable --keep
ok "a try where it cannot be undone" shows 1 '--try needs systemd' enable --try sshd
ok "nothing has changed" as_before
mv /etc/pam_cognito_oidc/config.json "$proof/config"
ok "no configuration" refused 'FAIL .*config.file' sshd
printf '{' >/etc/pam_cognito_oidc/config.json
chmod 600 /etc/pam_cognito_oidc/config.json
ok "a broken one" refused 'FAIL .*config .*config.json:1' sshd
cp "$proof/config" /etc/pam_cognito_oidc/config.json
chmod 644 /etc/pam_cognito_oidc/config.json
ok "one that others can read" refused 'FAIL .*config.file' sshd
configure '{"rules":[{"name":"admins","services":["sudo"],"groups":["linux-admins"]}]}'
ok "no rule for the service" refused 'no rule of .* allows anybody the service sshd' sshd
configure '{"rules":[{"name":"none","effect":"deny","services":["sshd"]}]}'
ok "a deny rule is none" refused 'no rule of .* allows anybody the service sshd' sshd
configure '{"rules":[{"name":"all","services":["ss*"],"groups":["linux-users"]}]}'
ok "a pattern is one" shows 0 '^[+]auth' enable --dry-run sshd
configure '{"users":{"from_accounts":true},"rules":[{"name":"all","services":["sshd"],"groups":["linux-users"]}]}'
ok "accounts that nobody has yet" refused 'FAIL accounts .*there is no account' sshd
settle
control stop >/dev/null
ok "the pool cannot be reached" refused 'FAIL .*connect' sshd
control start --listen 127.0.0.1:443 --issuer-base https://cognito-idp.eu-west-1.amazonaws.com --keys "$COGNITO_KEYS" >/dev/null
settle
chmod 755 /var/cache/pam_cognito_oidc
ok "an installation that a login would refuse" refused 'FAIL .*cache' sshd
chmod 700 /var/cache/pam_cognito_oidc

# The way in without Cognito.
no_way() { refused 'nobody could log in without Cognito' "$@"; }
wrong() { grep -q "breakglass: rescue $1" "$proof/shown" || { cat "$proof/shown"; return 1; }; }
gpasswd -d rescue breakglass
ok "breakglass is empty" eval 'no_way sshd && grep -q "has no members" "$proof/shown"'
ok "which one may mean" shows 0 '^[+]auth' enable --dry-run --no-break-glass sshd
usermod -aG breakglass rescue
passwd -q -l rescue
ok "a locked password" eval 'no_way sshd && wrong "has a locked password"'
cp "$proof/shadow" /etc/shadow
usermod -p '*' rescue
ok "a password that is none" eval 'no_way login && wrong "has a locked password"'
usermod -p '' rescue
ok "no password" eval 'no_way login && wrong "has no password"'
usermod -p 'secret' rescue
ok "a hash that is none" eval 'no_way su && wrong "has no usable password"'
cp "$proof/shadow" /etc/shadow
chage -E 1 rescue
ok "an account that has expired" eval 'no_way sshd && wrong "has an account that has expired"'
cp "$proof/shadow" /etc/shadow
chage -d 0 rescue
ok "a password that must be changed" eval 'no_way sshd && wrong "must change the password"'
cp "$proof/shadow" /etc/shadow
chage -d 2020-01-01 -M 30 rescue
ok "a password that has expired" eval 'no_way sshd && wrong "has a password that has expired"'
cp "$proof/shadow" /etc/shadow
chage -E 0 rescue
ok "an account that expired on the first day" eval 'no_way sshd && wrong "has an account that has expired"'
cp "$proof/shadow" /etc/shadow
sed -i 's/^\(rescue:[^:]*\):[^:]*:[^:]*:[^:]*:/\1::0:30:/' /etc/shadow
ok "a password of unknown age that may not be old" eval 'no_way su && wrong "has a password that has expired"'
cp "$proof/shadow" /etc/shadow
usermod -p 'a long text that is no hash' rescue
ok "a long text that is no hash" eval 'no_way login && wrong "has no usable password"'
cp "$proof/shadow" /etc/shadow
sed -i 's/^rescue:x:/rescue:*:/' /etc/passwd
ok "a password in /etc/passwd, which is none" eval 'no_way su && wrong "has no .x. as the password"'
sed -i 's/^rescue:[*]:/rescue:x:/' /etc/passwd
usermod -s /usr/sbin/nologin rescue
ok "no shell" eval 'no_way sshd && wrong "has no login shell"'
usermod -s /bin/bash rescue
sed -i '/^rescue/d' /etc/sudoers.d/people
ok "nothing in sudoers" eval 'no_way sudo && wrong "is granted nothing by sudoers"'
echo 'rescue ALL=(ALL) ALL' >/etc/sudoers.d/targetpw
for whose in targetpw rootpw runaspw; do
    printf 'rescue ALL=(ALL) ALL\nDefaults %s\n' $whose >/etc/sudoers.d/targetpw
    ok "sudo asks for another user's password: $whose" eval 'no_way sudo && wrong "must know another user.s password"'
done
for grant in '!ALL' /usr/bin/id 'ALL, !ALL' 'NOPASSWD: /usr/bin/id, /usr/bin/ALL'; do
    echo "rescue ALL=(ALL) $grant" >/etc/sudoers.d/targetpw
    ok "sudoers grants $grant" eval 'no_way sudo && wrong "may not run every command as root"'
done
echo 'rescue ALL=(daemon, www-data) ALL' >/etc/sudoers.d/targetpw
ok "sudoers grants all, but not as root" eval 'no_way sudo && wrong "may not run every command as root"'
rm /etc/sudoers.d/targetpw
ok "which sshd does not mind" shows 0 'rescue can log in without Cognito' enable --dry-run sshd
ok "but sshd and sudo together do" no_way sshd sudo
echo 'rescue ALL=(ALL) ALL' >>/etc/sudoers.d/people
ssh_says() {
    printf '%s\n' "$@" >>/etc/ssh/sshd_config
    before=$(files)
}
ssh_as_it_was() {
    cp -p "$proof/sshd_config" /etc/ssh/sshd_config
    touch -r "$proof/sshd_config" /etc/ssh/sshd_config
    before=$(files)
}
for line in 'AllowUsers alice bob' 'DenyUsers res*' 'DenyUsers rescue@*' 'AllowGroups staff' 'DenyGroups breakglass'; do
    ssh_says "$line"
    ok "sshd: $line" eval 'no_way sshd && wrong "is .*${line%% *} in sshd_config"'
    ssh_as_it_was
done
ssh_says 'Match User rescue' 'AllowGroups staff'
ok "sshd: the same for rescue alone" eval 'no_way sshd && wrong "is in none of the AllowGroups"'
ssh_as_it_was

ssh_says 'Match Group breakglass' 'ForceCommand internal-sftp'
ok "sshd: no shell for rescue" eval 'no_way sshd && wrong "gets no shell by ForceCommand"'
ssh_as_it_was
ssh_says 'AuthenticationMethods publickey,password'
ok "sshd: a key as well" eval 'no_way sshd && wrong "needs more than a password"'
ssh_as_it_was
many=$(seq -f 'many%g' 1 18)
for one in $many; do useradd -M "$one"; done
for one in $many; do printf 'Match User %s\n    X11Forwarding no\n' "$one"; done >>/etc/ssh/sshd_config
ssh_says 'Match Group breakglass' 'KbdInteractiveAuthentication no'
ok "sshd: asked about rescue, however many others there are" refused 'KbdInteractiveAuthentication no for rescue' sshd
ssh_as_it_was
for one in $many; do userdel "$one"; done

# sshd as people meet it.
ssh_says 'Match Group breakglass' 'KbdInteractiveAuthentication no'
ok "sshd: a Match block that says otherwise" eval 'refused "KbdInteractiveAuthentication no for rescue" sshd'
ok "and bob logs in as before" in_by_ssh bob 'Local-Bob-1!'
ssh_as_it_was
ssh_says 'LoginGraceTime 20'
ok "sshd: a LoginGraceTime below the timeout" refused 'LoginGraceTime 20' sshd
ssh_as_it_was
ssh_says 'AuthenticationMethods publickey'
ok "sshd: keys alone" refused 'AuthenticationMethods publickey' --no-break-glass sshd
ssh_as_it_was
ssh_says 'Nonsense yes'
ok "sshd: a configuration that it does not read" eval 'no_way sshd && wrong "cannot be judged: sshd -T fails"'
ok "nor without the way in" refused 'FAIL .*sshd -t: .*Nonsense' --no-break-glass sshd
ssh_as_it_was
sed -i /Include/d /etc/ssh/sshd_config
before=$(files)
ok "sshd: no Include, and no keyboard-interactive" eval 'refused "KbdInteractiveAuthentication no" sshd && grep -q "sshd_config has no .Include" "$proof/shown"'
sed -i 's/^Kbd.*/KbdInteractiveAuthentication yes/' /etc/ssh/sshd_config
before=$(files)
ok "sshd: no Include, and it says so itself" eval 'enable sshd && [ ! -e /etc/ssh/sshd_config.d/00-pam_cognito_oidc.conf ]'
ok "and back" eval 'disable sshd && as_before'
ssh_as_it_was

# Files that are not as one would think.
mv /etc/pam.d/sshd /etc/pam.d/real
ln -s real /etc/pam.d/sshd
before=$(files)
ok "a symbolic link" eval 'refused "cannot be replaced" sshd && grep -q "is a symbolic link" "$proof/shown"'
rm /etc/pam.d/sshd
ln /etc/pam.d/real /etc/pam.d/sshd
before=$(files)
ok "a hard link" eval 'refused "cannot be replaced" sshd && grep -q "second name" "$proof/shown"'
rm /etc/pam.d/sshd
mv /etc/pam.d/real /etc/pam.d/sshd
cp -p /etc/pam.d/sshd "$proof/sshd"
sed -i '1i auth required pam_cognito_oidc.so' /etc/pam.d/sshd
before=$(files)
ok "a file that names us and has no package's own beside it" unchanged 'names the module already, and there is no other file' sshd
cp "$proof/sshd" /etc/pam.d/sshd.dpkg-dist
before=$(files)
ok "with the package's own beside it" shows 0 'the package.s own file, which lies beside it' enable sshd
ok "what was there is kept beside" eval 'grep -q "^auth required pam_cognito_oidc.so" /etc/pam.d/sshd.before-enable && rm /etc/pam.d/sshd.before-enable'
ok "disable brings that back" eval 'disable sshd && cmp /etc/pam.d/sshd "$proof/sshd"'
sed -i '1i auth required pam_cognito_oidc.so' /etc/pam.d/sshd
echo '# changed' >>/etc/pam.d/sshd.dpkg-dist
before=$(files)
ok "one that the package does not know is none" unchanged 'names the module already, and there is no other file' sshd
rm /etc/pam.d/sshd.dpkg-dist
cp -p "$proof/sshd" /etc/pam.d/sshd
mv /etc/pam.d/sudo-i "$proof/sudo-i"
before=$(files)
ok "a file that is missing" eval 'enable sudo && grep -q cognito /etc/pam.d/sudo-i'
ok "is missing again" eval 'disable sudo && as_before'
mv "$proof/sudo-i" /etc/pam.d/sudo-i
before=$(files)

# A run that was killed before it put anything had saved another file.
mkdir -p /var/lib/pam_cognito_oidc/enable
echo '# of before' >/var/lib/pam_cognito_oidc/enable/su.original
: >/var/lib/pam_cognito_oidc/enable/login.absent
ok "what a killed run has saved is no original" eval 'enable su login && disable --all && as_before'
ok "a try of what is enabled otherwise is refused" eval 'enable sudo && shows 1 "sudo is enabled already" enable --try --sudo=ask sudo; disable sudo && as_before'

ok "a service that is named again and again" eval 'enable sudo sudo su sudo su sudo su su sudo && [ ! -e /etc/pam.d/su.before-enable ] && disable sudo su && as_before'
configure '{"rules":[{"name":"all","services":["su"],"groups":["linux-users"]}]}'
ok "a rule for su and none for su-l is told" eval 'shows 0 "warn .*no rule of .* the service su-l" enable --dry-run su'
configure '{"rules":[{"name":"all","services":["sshd"],"hosts":["elsewhere"],"groups":["linux-users"]}]}'
ok "a rule for another host is none" refused 'no rule of .* allows anybody the service sshd' sshd
settle

# ---- what others do meanwhile ----------------------------------------------------------------
enable su >/dev/null
echo '# by hand' >>/etc/pam.d/su
ok "a file that was changed by hand is shown, and stays" eval 'shows 1 "^\+# by hand" disable su && grep -q "by hand" /etc/pam.d/su'
ok "a second enable is refused, too" shows 1 'has changed since enable put it there' enable su
ok "--check minds only whether it names us" shows 0 'is in place' enable --check
ok "disable --force brings the original back" shows 0 '/etc/pam.d/su: as it was' disable --force su
ok "and keeps the other beside" grep -q "by hand" /etc/pam.d/su.before-disable
enable su >/dev/null
echo '# again by hand' >>/etc/pam.d/su
ok "and one from another time beside that" eval 'disable --force su && grep -q "# by hand" /etc/pam.d/su.before-disable && grep -q "again by hand" /etc/pam.d/su.before-disable.2'
ok "and all else is as it was" eval 'rm /etc/pam.d/su.before-disable /etc/pam.d/su.before-disable.2 && as_before'
enable su >/dev/null
echo 'auth required pam_unix.so' >/etc/pam.d/su
ok "an upgrade that takes the file away: --check" shows 1 'FAIL /etc/pam.d/su no longer names' enable --check
ok "and the system log" logged '/etc/pam.d/su no longer names' 3
ok "doctor" shows 1 'FAIL enabled +/etc/pam.d/su no longer names' cognito-oidc doctor
ok "enable again keeps it beside" eval 'shows 0 "is kept as" enable su && grep -qx "auth required pam_unix.so" /etc/pam.d/su.before-enable'
echo 'auth required pam_permit.so' >/etc/pam.d/su
ok "and, from another time, beside that" eval 'shows 0 "is kept as .*su.before-enable.2" enable su && grep -qx "auth required pam_unix.so" /etc/pam.d/su.before-enable && grep -qx "auth required pam_permit.so" /etc/pam.d/su.before-enable.2'
ok "and the first original" eval 'disable su && rm /etc/pam.d/su.before-enable /etc/pam.d/su.before-enable.2 && as_before'
enable su >/dev/null
rm /etc/pam.d/su
ok "a file that is gone" shows 1 'FAIL /etc/pam.d/su is missing' enable --check
ok "comes back" eval 'disable --force su && as_before'
enable sshd >/dev/null
ssh_says 'AuthenticationMethods keyboard-interactive'
ok "sshd_config that needs the drop-in: it stays, and sshd runs on" \
    eval 'shows 1 "sshd does not accept its configuration without this file" disable sshd && sshd -t && kill -HUP "$(cat /run/sshd.pid)" && within_a_minute in_by_ssh bob "Local-Bob-1!"'
rm -f /etc/ssh/sshd_config.d/00-pam_cognito_oidc.conf
ssh_as_it_was
kill -HUP "$(cat /run/sshd.pid)"
before=$(files)
enable sshd >/dev/null
echo '# by hand' >>/etc/pam.d/sshd
ok "of a service all is taken back, or nothing" eval '! disable sshd && grep -qx "KbdInteractiveAuthentication yes" /etc/ssh/sshd_config.d/00-pam_cognito_oidc.conf && in_by_ssh bob "$(password bob)"'
disable --force sshd >/dev/null
rm -f /etc/pam.d/sshd.before-disable
enable --sudo=silent sudo sshd >/dev/null
ssh_says 'LoginGraceTime 20'
printf '\n# newer\n' >>/usr/share/pam_cognito_oidc/pam.d/debian/sshd
ok "what is enabled stays so when a second enable fails" \
    eval 'shows 1 "the files of before are in place" enable sshd && grep -q pam_cognito_oidc.so /etc/pam.d/sshd && shows 0 "is in place" enable --check'
sed -i '/^# newer/d' /usr/share/pam_cognito_oidc/pam.d/debian/sshd
sed -i '$d' /usr/share/pam_cognito_oidc/pam.d/debian/sshd
ssh_as_it_was
disable --all >/dev/null
before=$(files)
ln -sf /etc/pam.d/other "$proof/link"
enable su >/dev/null
mv "$proof/link" /etc/pam.d/su
ok "a link in its place is kept beside" eval 'disable --force su && [ "$(readlink /etc/pam.d/su.before-disable)" = /etc/pam.d/other ] && rm /etc/pam.d/su.before-disable && as_before'
ok "a reader that has gone changes nothing" eval 'ssh_says "LoginGraceTime 20"; { cognito-oidc enable sshd 2>/dev/null || true; } | head -1 >/dev/null; as_before'
ssh_as_it_was
exec 9>/var/lib/pam_cognito_oidc/lock
flock 9
ok "two at a time" shows 2 'another enable or disable is running' enable sshd
ok "also of disable" shows 2 'another enable or disable is running' disable sshd
flock -u 9
exec 9>&-

# ---- killed at each call that writes ---------------------------------------------------------
kills=0
killed() { # service, system call, command...
    local service=$1 call=$2 at
    shift 2
    for ((at = 1; at < 60; at++)); do
        { strace -f -qq -e "trace=$call" -e "inject=$call:signal=KILL:when=$at" -o /dev/null "$@"; } >/dev/null 2>&1 && return
        kills=$((kills + 1))
        # Never half, never neither; and the way back is there.
        cmp -s "/etc/pam.d/$service" "$proof/old" || cmp -s "/etc/pam.d/$service" "$proof/new" || return 1
        cognito-oidc disable --all --force >/dev/null 2>&1 && as_before || return 1
        [ "$2" != disable ] || cognito-oidc enable "$service" >/dev/null || return 1
    done
    return 1
}
for service in su sshd; do
    calls="fchmod fsync rename unlink fchown utimensat"
    [ "$service" = su ] || calls=rename
    cp -p "/etc/pam.d/$service" "$proof/old"
    cognito-oidc enable "$service" >/dev/null
    cp -p "/etc/pam.d/$service" "$proof/new"
    cognito-oidc disable "$service" >/dev/null
    for call in $calls; do
        ok "enable $service, killed at each $call: old or new, and back" killed "$service" "$call" cognito-oidc enable "$service"
        cognito-oidc disable --all --force >/dev/null
        cognito-oidc enable "$service" >/dev/null
        ok "disable $service, killed at each $call: old or new, and back" killed "$service" "$call" cognito-oidc disable "$service"
        cognito-oidc disable --all --force >/dev/null
    done
done
echo "# killed $kills times"
ok "at least 20 times" [ "$kills" -ge 20 ]
ok "and all is as it was" as_before

# ---- no room, and what cannot be written -----------------------------------------------------
mkdir -p "$proof/small"
mount -t tmpfs -o size=16k,mode=700 small /var/lib/pam_cognito_oidc
dd if=/dev/zero of=/var/lib/pam_cognito_oidc/full bs=4k count=3 2>/dev/null
ok "no room for the original: nothing changes" refused 'No space left' sshd
umount /var/lib/pam_cognito_oidc
mount --bind /etc/pam.d /etc/pam.d
mount -o remount,bind,ro /etc/pam.d
ok "a read-only /etc/pam.d: sshd's own configuration comes back, too" eval 'shows 1 "Read-only file system" enable sshd && [ ! -e /etc/ssh/sshd_config.d/00-pam_cognito_oidc.conf ]'
umount /etc/pam.d
ok "and bob logs in as before" in_by_ssh bob 'Local-Bob-1!'
echo "# $ways ways to lock oneself out were tried"
ok "at least 20" [ "$ways" -ge 20 ]
finish
