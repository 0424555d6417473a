#!/bin/bash
# SPDX-License-Identifier: MIT
# Red Hat's service files, where /etc/pam.d is laid out as RHEL 9 lays it out, and as Amazon Linux
# 2023 does (tests/redhat/README.md). What they call is this machine's Linux-PAM. TAP.
set -eu
# shellcheck disable=SC2034
NEEDS="sshd:openssh-server ssh:openssh-client sshpass:sshpass sudo:sudo tmux:tmux"
here=$(cd "$(dirname "$0")/../.." && pwd)
if [ "${1:-}" != --inside ]; then
    # Debian's package of pam_pwquality.so would change the machine's own service files.
    extra=$(readlink -m "${BUILD:-$here/build}")/redhat
    if [ "$(id -u)" = 0 ] && ! ls "$extra"/*.deb >/dev/null 2>&1; then
        mkdir -p "$extra"
        sh "$here/tests/packages.sh" redhat
        (cd "$extra" && apt-get download -qq libpam-pwquality && dpkg-deb -x ./*.deb .)
    fi
fi
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/stage.sh"

# shellcheck disable=SC2034
family=redhat
module=$(find / -xdev -name pam_cognito_oidc.so -path '*/security/*' | head -1)
lay_out() {
    find "$BUILD/redhat" -name pam_pwquality.so -exec install -m 644 {} "${module%/*}" \;
    rm -rf /etc/pam.d
    cp -R tests/redhat/rhel9/pam.d /etc/pam.d
    printf 'FROM_ENVIRONMENT=yes\n' >>/etc/environment
}
useradd -m -s /bin/bash dave
echo 'dave:Local-Dave-1!' | chpasswd

# shellcheck source=tests/copy/samples.sh
. tests/copy/samples.sh

# ---- a local user whom the pool does not know, and the ends of password-auth ----------------------
# bob and alice have no shadow entry any more; root and rescue have new passwords.
echo 'dave ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/dave
chmod 440 /etc/sudoers.d/dave
install -m 644 "$proof/ssh/own.pub" "$proof/ssh/authorized_dave"
nobody_passes() { # dave, by each service
    ! in_by_key dave && ! in_by_ssh dave 'Local-Dave-1!' && ! became alice dave 'Local-Dave-1!' &&
        at_console dave 'Local-Dave-1!' 'Login incorrect' && ! as dave sudo -n whoami && ! as dave sudo -n -i whoami
}
everybody_else_passes() {
    in_by_key bob && in_by_ssh bob "$(password bob)" && in_by_ssh rescue 'Lantern-7-Post!' &&
        became alice bob "$(password bob)" && rules alice "$(password alice)" "$(control totp alice)" &&
        at_console bob "$(password bob)" 'bob@.*\$' && root_gets_in
}
# Each of these ends a stack that includes it; none may end ours.
loosen() {
    local file type
    for file in password-auth system-auth; do
        for type in auth account; do sed -i "0,/^$type /s//$type sufficient pam_permit.so\n&/" /etc/pam.d/$file; done
    done
}
# enable takes the files of this family, and brings the layout back.
cp -a /etc/pam.d "$proof/enabled"
for layout in rhel9 al2023; do
    rm -rf /etc/pam.d
    cp -R "tests/redhat/$layout/pam.d" /etc/pam.d
    ok "$layout: enable" cognito-oidc enable --no-break-glass login su sudo
    ok "$layout: puts the files of this family in place" \
        eval 'cmp /etc/pam.d/login conf/pam.d/redhat/login && cmp /etc/pam.d/su conf/pam.d/redhat/su && cmp /etc/pam.d/sudo conf/pam.d/redhat/sudo-silent'
    ok "$layout: disable brings the layout back" eval 'cognito-oidc disable --all && diff -r "tests/redhat/$layout/pam.d" /etc/pam.d'
done
rm -rf /etc/pam.d
mv "$proof/enabled" /etc/pam.d

start_sshd 'KbdInteractiveAuthentication yes' 'PasswordAuthentication no' 'PubkeyAuthentication yes' \
    'PermitRootLogin prohibit-password' 'AuthorizedKeysFile /srv/proof/ssh/authorized_%u'
for layout in rhel9 al2023; do
    cp "tests/redhat/$layout/pam.d/"{password-auth,system-auth,postlogin} /etc/pam.d/
    ok "$layout: a local user whom the pool does not know gets in nowhere" nobody_passes
    ok "$layout: everybody else gets in everywhere" everybody_else_passes
    ok "$layout: /etc/environment reaches a session by password" \
        eval '[ "$(sshpass -P assword -p "$(password bob)" "${client[@]}" -o PreferredAuthentications=keyboard-interactive bob@127.0.0.1 "echo \$FROM_ENVIRONMENT")" = yes ]'
    ok "$layout: and one by key" \
        eval '[ "$("${client[@]}" -i "$proof/ssh/own" -o IdentitiesOnly=yes bob@127.0.0.1 "echo \$FROM_ENVIRONMENT")" = yes ]'
    rm -r /home/bob
    ok "$layout: who has no home gets one" eval 'in_by_ssh bob "$(password bob)" && [ "$(stat -c "%U %a" /home/bob)" = "bob 700" ]'
    chage -d 0 root
    ok "$layout: root's local password has run out: changed at the console" \
        changes_at_console root 'Weather-4-Vane!' "Harbour-$layout-5!"
    usermod -p "$(openssl passwd -6 'Weather-4-Vane!')" root
    chage -d 2030-01-01 root
    loosen
    ok "$layout: password-auth and system-auth let everybody in: our files do not" nobody_passes
    put sudo-gate sudo
    ok "$layout: nor the gate" eval '! as dave sudo -n whoami'
    put sudo
done

# ---- what an include in front of ours does, and what doctor says of it ------------------------------
cp tests/redhat/rhel9/pam.d/{password-auth,system-auth} /etc/pam.d/
ok "no complaint about the shipped files" eval '! cognito-oidc doctor | grep -E "FAIL.*(pam\.|/etc/pam.d)"'
sed -i '0,/^account .*pam_unix.so/s//account include password-auth\n&/' /etc/pam.d/sshd
ok "password-auth in front of our account line lets a local user in by key" in_by_key dave
ok "and doctor tells it" eval 'cognito-oidc doctor | grep "FAIL.*sshd: account .*pam_localuser.so"'
put sshd
ok "the shipped file again does not" eval '! in_by_key dave'
echo 'account required pam_cognito_oidc.so' >>/etc/pam.d/system-auth
cp /etc/pam.d/sshd /etc/pam.d/sshd.rpmsave
sed -i 's/^account .*pam_cognito_oidc.so$/& locals=carol/' /etc/pam.d/sshd.rpmsave
cognito-oidc doctor >"$proof/doctor" || true
ok "doctor: system-auth names us for every service" grep 'warn.*/etc/pam.d/system-auth names us for every service' "$proof/doctor"
ok "doctor: what rpm put aside is no service" eval '! grep -F rpmsave "$proof/doctor"'
stop_sshd
finish
