#!/bin/bash
# SPDX-License-Identifier: MIT
# Programs that speak PAM, or ssh's keyboard-interactive, each in their own way: doas, sudo under
# another name, su, polkit, atd, plink, paramiko, sftp, rsync, ansible. What each shows is read. TAP.
set -eu
# shellcheck disable=SC2034
NEEDS="sshd:openssh-server ssh:openssh-client sftp:openssh-sftp-server tmux:tmux sudo:sudo doas:opendoas
    dbus-daemon:dbus pkttyagent:polkitd atd:at plink:putty-tools rsync:rsync ansible:ansible-core"
/usr/bin/python3 -c 'import paramiko' 2>/dev/null || NEEDS="$NEEDS no-paramiko:python3-paramiko"
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/stage.sh"

domain=https://acme.auth.eu-west-1.amazoncognito.com
control pool '{"device_interval":1}' >/dev/null
rules='"rules":[{"name":"shell","services":["sshd","su","atd"],"groups":["linux-users"]},
    {"name":"admins","services":["sudo*","doas","polkit-1"],"groups":["linux-admins"]}]'
by_password() { configure "{$rules}"; }
by_device() {
    configure "{\"config\":{\"token_url\":\"$domain/device/token\"},
        \"endpoints\":{\"device_authorization_url\":\"$domain/device/authorize\"},
        \"login\":{\"flows\":[\"device\"]},$rules}"
}
# bob has the password, and gets a code by text message.
people() { # bob's groups
    control user bob "{\"groups\":[$1],\"mfa\":[\"SMS_MFA\"],\"attributes\":{\"phone_number\":\"+15550009878\"}}" >/dev/null
}
people '"linux-users","linux-admins"'
# As shipped: with pam_faillock, and a way in for those who are not in the pool.
groupadd breakglass
for service in sshd su; do install -m 644 "conf/pam.d/debian/$service" "/etc/pam.d/$service"; done
for service in doas sudo-cognito polkit-1; do install -m 644 conf/pam.d/debian/sudo "/etc/pam.d/$service"; done
{
    echo 'account required pam_cognito_oidc.so'
    echo 'session required pam_permit.so'
} >/etc/pam.d/atd
mkdir -p /run/faillock
for person in alice bob; do
    printf 'PS1="\\u@\\h\\$ "\n' >"/home/$person/.bashrc"
    rm -f "/home/$person/.bash_profile"
done
as() { # a person, then what that person runs
    local person=$1
    shift
    setpriv --reuid "$person" --regid "$person" --init-groups env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        HOME="/home/$person" LANG=C.UTF-8 TERM=screen "$@"
}
shell_of() { # a person: a shell on the screen
    screen_open 84 44 "setpriv --reuid $1 --regid $1 --init-groups env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        HOME=/home/$1 LANG=C.UTF-8 TERM=screen bash --rcfile /home/$1/.bashrc"
    screen_wait "$1@pamhost\\$"
}
counted() { faillock --user "$1" | grep -c ' V$' || true; }
counts() { [ "$(counted "$1")" = "$2" ] || { faillock --user "$1"; return 1; }; }
user_code() { control devices | grep -oE '[A-Z]{4}-[A-Z]{4}' | tail -1; }
shows_code() { screen | grep -F "Code  $(user_code)"; }
approve() { control approve "$(user_code)" "$1"; }
PRESS='Press Enter when you have approved it:'
CODE='ode sent to .*9878'
password=$(password bob)
# The password, and the code that was sent.
screen_signs_in() { # what waits for the question about the code, which most programs show as it is typed
    screen_wait_hidden '[Pp]assword.*: *$' && screen_type "$password" &&
        "${1:-screen_wait}" "$CODE" && screen_type "$(control code bob)"
}

# ---- doas: text goes to the command's output, questions to the terminal ---------------------------
echo 'permit bob as root' >/etc/doas.conf
by_device
shell_of bob
screen_type 'doas sh -c "echo this is root" >~/output; echo ended $?'
ok "doas, device flow: the code comes with a question" screen_wait "$PRESS"
ok "doas, device flow: on the terminal" shows_code
ok "doas, device flow: bob approves" approve bob
screen_type ''
ok "doas, device flow: the command runs" screen_wait '^ *ended 0'
ok "doas, device flow: and its output is its own" [ "$(cat /home/bob/output)" = 'this is root' ]
screen_close
by_password
shell_of bob
screen_type 'doas whoami >~/output; echo ended $?'
ok "doas, password flow: password and code" screen_signs_in
ok "doas, password flow: the command runs" screen_wait '^ *ended 0'
ok "doas, password flow: and its output is its own" [ "$(cat /home/bob/output)" = root ]
screen_anew 'doas whoami; echo ended $?'
screen_wait_hidden 'assword.*: *$' && screen_type Wrong-1!
ok "doas: of a wrong password doas tells" screen_wait '^ *ended 1'
ok "doas: once" eval 'screen | grep -iE "authentication failed|authorization failed" && ! screen | grep Incorrect'
ok "doas: and it is counted" counts bob 1
people '"linux-users"'
screen_anew 'doas whoami; echo ended $?'
ok "doas, another group: signs in" screen_signs_in
ok "doas, another group: is told why not" screen_wait 'no rule allows you'
screen_close
people '"linux-users","linux-admins"'
faillock --user bob --reset

# ---- sudo by another name: as sudo -----------------------------------------------------------------
printf 'bob ALL=(ALL) ALL\nalice ALL=(ALL) ALL\n' >/etc/sudoers.d/people
printf 'Defaults pam_service=sudo-cognito, timestamp_timeout=0, !lecture\n' >/etc/sudoers.d/service
chmod 440 /etc/sudoers.d/*
by_device
shell_of bob
screen_type 'sudo whoami >~/output; echo ended $?'
ok "sudo, pam_service, device flow: the code comes with a question" screen_wait "$PRESS"
ok "sudo, pam_service, device flow: on the terminal" shows_code
tmux -L proof send-keys C-c
ok "sudo, pam_service, device flow: Ctrl-C ends it" screen_wait '^ *ended 1'
ok "sudo, pam_service, device flow: nothing was answered, nothing is counted" counts bob 0
screen_anew 'sudo whoami >~/output; echo ended $?'
ok "sudo, pam_service, device flow: asked again" screen_wait "$PRESS"
ok "sudo, pam_service, device flow: bob approves" approve bob
screen_type ''
ok "sudo, pam_service, device flow: the command runs" eval 'screen_wait "^ *ended 0" && [ "$(cat /home/bob/output)" = root ]'
by_password
screen_anew 'sudo whoami; echo ended $?'
screen_wait_hidden 'assword.*: *$' && screen_type "$password"
ok "sudo, pam_service: a code is asked for" screen_wait "$CODE"
tmux -L proof send-keys C-c
ok "sudo, pam_service: Ctrl-C at the code ends it" screen_wait '^ *ended 1'
ok "sudo, pam_service: is cancelled in the log" logged 'denied user=bob service=sudo-cognito .* reason="cancelled'
ok "sudo, pam_service: and counted, as a guess" counts bob 1
faillock --user bob --reset
people '"linux-users"'
screen_anew 'sudo whoami; echo ended $?'
ok "sudo, pam_service, another group: signs in" screen_signs_in
ok "sudo, pam_service, another group: is told why not" screen_wait 'no rule allows you'
screen_close
people '"linux-users","linux-admins"'
rm /etc/sudoers.d/service
faillock --user bob --reset

# ---- su: who started it may stop it while it tells ---------------------------------------------------
control user bob '{"mfa":[]}' >/dev/null
told_to() { # what is typed, and the pipe that su writes to: it "closes", or is "full"
    as alice /usr/bin/python3 - "$1" "$2" <<'PYTHON'
import fcntl, os, signal, subprocess, sys, time
typed, how = sys.argv[1:]
reading, writing = os.pipe()
if how == "full":
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    os.write(writing, b"x" * (4096 - 11))  # room for the question
su = subprocess.Popen(["su", "bob", "-c", "whoami"], stdin=subprocess.PIPE, stdout=writing, stderr=writing)
if how == "closes":
    os.read(reading, 10)
    os.close(reading)
su.stdin.write(typed.encode() + b"\n")
su.stdin.close()
try:
    su.wait(10)
except subprocess.TimeoutExpired:
    su.send_signal(signal.SIGKILL)
    su.wait()
print("su ended with", su.returncode)
PYTHON
}
ok "su, a pipe that is full: killed in its last words" told_to Wrong-1! full
ok "su, a pipe that is full: the wrong password is logged" grep 'denied user=bob service=su .* reason="wrong password' "$log"
ok "su, a pipe that is full: and counted" counts bob 1
faillock --user bob --reset
ok "su, a pipe that closes: ends by SIGPIPE" told_to Wrong-2! closes
ok "su, a pipe that closes: and is counted" counts bob 1
faillock --user bob --reset
by_device
shell_of alice
screen_type 'su bob -c whoami >~/output; echo ended $?'
ok "su, device flow, output in a file: the code is on the terminal" eval 'screen_wait "Code  [A-Z]{4}-" && shows_code'
ok "su, device flow, output in a file: bob approves" approve bob
ok "su, device flow, output in a file: and it goes on without Enter" screen_wait '^ *ended 0'
ok "su, device flow, output in a file: which is the command's own" [ "$(cat /home/alice/output)" = bob ]
screen_close
by_password
people '"linux-users","linux-admins"'

# ---- polkit: an agent on the terminal asks, a set-uid helper of its own speaks PAM ------------------
mkdir -p /run/dbus
dbus-daemon --system --fork
mkdir -p /usr/share/polkit-1/actions
cat >/usr/share/polkit-1/actions/org.example.proof.policy <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE policyconfig PUBLIC "-//freedesktop//DTD PolicyKit Policy Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/PolicyKit/1/policyconfig.dtd">
<policyconfig><action id="org.example.proof"><description>proof</description><message>A proof asks who you are</message>
<defaults><allow_any>auth_self</allow_any><allow_inactive>auth_self</allow_inactive><allow_active>auth_self</allow_active></defaults>
</action></policyconfig>
XML
/usr/lib/polkit-1/polkitd --no-debug >"$proof/polkitd" 2>&1 &
cat >/usr/bin/ask-polkit <<'SH'
#!/bin/bash
[ -p ~/agent ] || mkfifo ~/agent
pkttyagent --process $$ --notify-fd 3 3>~/agent &
agent=$!
cat ~/agent # until the agent is registered
pkcheck --action-id org.example.proof --process $$ --allow-user-interaction
echo ended $?
kill $agent
SH
chmod 755 /usr/bin/ask-polkit
shell_of bob
screen_type ask-polkit
ok "polkit: password and code" screen_signs_in screen_wait_hidden
ok "polkit: authorized" screen_wait '^ *ended 0'
screen_anew 'ask-polkit'
screen_wait_hidden 'assword.*: *$' && screen_type Wrong-1!
ok "polkit: of a wrong password the agent tells" screen_wait '^ *ended [12]'
ok "polkit: in its own words" eval 'screen | grep -i "AUTHENTICATION FAILED"'
screen_close
by_device
shell_of bob
screen_type ask-polkit
ok "polkit, device flow: the code comes with a question" screen_wait "$PRESS"
ok "polkit, device flow: on the terminal" shows_code
ok "polkit, device flow: bob approves" approve bob
screen_type ''
ok "polkit, device flow: authorized" screen_wait '^ *ended 0'
screen_close
by_password
faillock --user bob --reset

# ---- ssh's other clients ------------------------------------------------------------------------------
start_sshd 'KbdInteractiveAuthentication yes' 'PasswordAuthentication no' 'PubkeyAuthentication yes' \
    'AuthorizedKeysFile /srv/proof/ssh/authorized' 'Subsystem sftp internal-sftp'
ssh-keygen -q -t ed25519 -N '' -f "$proof/ssh/own"
install -m 644 "$proof/ssh/own.pub" "$proof/ssh/authorized"
chmod 755 "$proof" "$proof/ssh"
fingerprint=$(ssh-keygen -lf "$proof/ssh/key.pub" | cut -d' ' -f2)

screen_open 84 44 "env HOME=/root plink -ssh -P 2222 -no-antispoof -hostkey $fingerprint bob@127.0.0.1 whoami; echo ended \$?"
ok "plink: password and code" screen_signs_in
ok "plink: is bob" eval 'screen_wait "^ *ended 0" && screen | grep -x bob'
screen_close

cat >"$proof/client.py" <<'PYTHON'
"""paramiko as a program uses it: its prompts are printed, and answered by a command each."""
import subprocess, sys
import paramiko
def answer(title, instructions, prompts):
    for text, echo in prompts:
        print("echoed" if echo else "hidden", text.replace("\n", "|"), flush=True)
    return [subprocess.run(command, shell=True, capture_output=True, text=True, check=True).stdout.strip()
            for command, _ in zip([commands.pop(0) for _ in prompts], prompts)]
commands = sys.argv[1:]
transport = paramiko.Transport(("127.0.0.1", 2222))
transport.start_client()
transport.auth_interactive("bob", answer)
channel = transport.open_session()
channel.exec_command("whoami")
print("is", channel.makefile().read().decode().strip())
PYTHON
paramiko() { /usr/bin/python3 "$proof/client.py" "$@" >"$proof/said" 2>&1; }
ok "paramiko: password and code" paramiko "echo '$password'" "/usr/bin/python3 tests/cognito/control.py $state code bob"
ok "paramiko: is bob" eval 'grep -x "is bob" "$proof/said"'
ok "paramiko: the password hidden, the code shown" eval 'grep -q "^hidden .*[Pp]assword: $" "$proof/said" && grep -qE "^echoed .*$CODE" "$proof/said"'
by_device
cat >"$proof/approve" <<'SH'
code=$(/usr/bin/python3 tests/cognito/control.py /srv/cognito devices | grep -oE '[A-Z]{4}-[A-Z]{4}' | tail -1)
/usr/bin/python3 tests/cognito/control.py /srv/cognito approve "$code" bob >/dev/null
sleep 1
echo
SH
ok "paramiko, device flow: approved at the question" paramiko "sh $proof/approve"
ok "paramiko, device flow: everything is one question" grep -E "^echoed .*Code  [A-Z]{4}-[A-Z]{4}.*$PRESS" "$proof/said"
by_password

transport="ssh -F /dev/null -p 2222 -o UserKnownHostsFile=$proof/ssh/known_hosts -o PreferredAuthentications=keyboard-interactive"
echo 'what bob sends' >"$proof/file"
screen_open 84 44 "sftp -S /usr/bin/ssh -F /dev/null -P 2222 -o UserKnownHostsFile=$proof/ssh/known_hosts \
    -o PreferredAuthentications=keyboard-interactive bob@127.0.0.1; echo ended \$?"
ok "sftp: password and code" screen_signs_in
ok "sftp: is there" screen_wait '^sftp> *$'
screen_type "put $proof/file by-sftp"
screen_type 'bye'
ok "sftp: and puts a file" eval 'screen_wait "^ *ended 0" && cmp "$proof/file" /home/bob/by-sftp'
screen_close

screen_open 84 44 "rsync -e '$transport' $proof/file bob@127.0.0.1:by-rsync; echo ended \$?"
ok "rsync: password and code" screen_signs_in
ok "rsync: sends a file" eval 'screen_wait "^ *ended 0" && cmp "$proof/file" /home/bob/by-rsync'
screen_close

# ---- ansible: a public key, then sudo with a password -------------------------------------------------
by_password
cat >"$proof/inventory" <<INI
[all]
127.0.0.1 ansible_port=2222 ansible_user=bob ansible_ssh_private_key_file=$proof/ssh/own ansible_python_interpreter=/usr/bin/python3 ansible_ssh_common_args='-F /dev/null -o UserKnownHostsFile=$proof/ssh/known_hosts -o ControlMaster=no'
INI
cp /etc/pam.d/sudo-cognito /etc/pam.d/sudo
ansible_becomes() { # the password for sudo
    printf '%s\n' "{\"ansible_become_password\":\"$1\"}" >"$proof/vars.json"
    env -i HOME=/root PATH=/usr/bin:/bin LANG=C.UTF-8 ANSIBLE_NOCOLOR=1 timeout 120 \
        ansible all -i "$proof/inventory" -e "@$proof/vars.json" --become -T 20 -m command -a whoami >"$proof/said" 2>&1
}
control user bob '{"mfa":[]}' >/dev/null
ok "ansible: becomes root with the password" ansible_becomes "$password"
ok "ansible: is root" eval 'grep -x root "$proof/said"'
ok "ansible: a wrong password is refused" eval '! ansible_becomes Wrong-1!'
ok "ansible: and said to be that" eval 'grep -i "incorrect sudo password" "$proof/said"'
faillock --user bob --reset
people '"linux-users","linux-admins"'
ok "ansible: who needs a code is refused" eval '! ansible_becomes "$password"'
ok "ansible: soon, as by a wrong password" eval 'grep -i "incorrect sudo password" "$proof/said"'
ok "ansible: and the log tells why" eval 'grep "denied user=bob service=sudo .* reason=\"cancelled: the host program cannot ask" "$log"'
configure "{\"login\":{\"otp_append\":true},$rules}"
faillock --user bob --reset
control user bob '{"mfa":[],"totp":"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}' >/dev/null
ok "ansible, otp_append: password and code in one" ansible_becomes "$password$(control totp bob)"
ok "ansible, otp_append: is root" eval 'grep -x root "$proof/said"'
control user bob '{"totp":null}' >/dev/null
people '"linux-users"'
control user bob '{"mfa":[]}' >/dev/null
ok "ansible: another group is refused" eval '! ansible_becomes "$password"'
ok "ansible: which it takes for a wrong password" eval 'grep -i "incorrect sudo password" "$proof/said"'
echo 'Defaults passwd_tries=1' >/etc/sudoers.d/tries
chmod 440 /etc/sudoers.d/tries
ok "ansible, passwd_tries=1: another group is refused" eval '! ansible_becomes "$password"'
ok "ansible, passwd_tries=1: and told why" eval 'grep "no rule allows you" "$proof/said"'

# ---- atd: nobody to ask; the ticket decides, and the log tells -----------------------------------------
by_password
: >/etc/at.deny
touch /home/bob/by-at
chown bob: /home/bob/by-at
rm -f /etc/at.allow
atd -f -b 1 >"$proof/atd" 2>&1 &
while [ ! -s /run/atd.pid ]; do sleep 0.05; done
at_now() { as "$1" sh -c "echo 'whoami >\$HOME/by-at' | at now"; }
job_done() { # until the job has written, or the log says no
    local turn
    for turn in $(seq 1 200); do
        [ ! -s "/home/$1/by-at" ] || return 0
        ! grep -q "atd:account): login denied user=$1" "$log" || return 1
        sleep 0.1
    done
    return 2
}
ok "atd: bob has signed in, and his job runs" eval 'at_now bob && job_done bob && [ "$(cat /home/bob/by-at)" = bob ]'
cognito-oidc tickets --clear bob >/dev/null
rm /home/bob/by-at
ok "atd: without a sign-in it does not" eval 'at_now bob && ! job_done bob'
ok "atd: and the log tells why" eval 'grep "atd:account): login denied user=bob .* reason=\"no live ticket" "$log"'
stop_sshd
ok "no line of syslog holds a password or a code" eval '! grep -E "Staple|Wrong-|eyJ" "$log"'
finish
