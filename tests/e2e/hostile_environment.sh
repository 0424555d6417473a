#!/bin/bash
# SPDX-License-Identifier: MIT
# Whoever runs su or sudo chooses the environment. Every word that the libraries of a login hold
# and that could be a variable's name is set to a trap: a path below one folder, or an address of
# a proxy. Nothing of ours reads a trap, writes one, or asks for that address. TAP.
set -eu
# shellcheck disable=SC2034
NEEDS="strace:strace sudo:sudo strings:binutils openssl:openssl"
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/stage.sh"

configure '{"rules":[{"groups":["linux-users"]}]}'
printf '%s required pam_cognito_oidc.so\n' auth account >/etc/pam.d/cognito-line
for service in su sudo; do cat /etc/pam.d/cognito-line >"/etc/pam.d/$service"; done
echo 'bob ALL=(ALL) ALL' >/etc/sudoers.d/bob
printf 'Defaults timestamp_timeout=0, !lecture\n' >/etc/sudoers.d/always
chmod 440 /etc/sudoers.d/*

# ---- the traps -----------------------------------------------------------------------------------
traps=$proof/traps
mkdir -m 1777 "$traps"
libraries() { # of the helper, the command and the hosts: libcurl, OpenSSL, libldap, krb5, glibc...
    local file
    for file in /usr/libexec/pam_cognito_oidc/helper /usr/sbin/cognito-oidc /usr/bin/su /usr/bin/sudo; do
        ldd "$file" | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p; s/^\t\(\/[^ ]*\).*/\1/p'
    done | sort -u
}
# Not these, which a shell itself needs. (TERM and the like lead to files of the terminal's.)
needed='^(PATH|HOME|USER|LOGNAME|SHELL|PWD|TERM|SHLVL|_)$'
{
    libraries | xargs strings -a | grep -xE '[A-Z][A-Z0-9]*(_[A-Z0-9]+)*' | awk 'length($0) >= 2 && length($0) <= 40'
    libraries | xargs strings -a | grep -xE '[a-z]+_proxy'
    printf '%s\n' SSLKEYLOGFILE OPENSSL_CONF OPENSSL_MODULES OPENSSL_ENGINES SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE \
        CURL_HOME NETRC http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY no_proxy LDAPCONF LDAPRC LDAPTLS_CACERT \
        KRB5_CONFIG KRB5CCNAME KRB5_KTNAME KRB5_TRACE GSS_MECH_CONFIG RES_OPTIONS HOSTALIASES LOCALDOMAIN \
        RESOLV_HOST_CONF NLSPATH LOCPATH GCONV_PATH TZ TZDIR MALLOC_TRACE GETCONF_DIR GLIBC_TUNABLES TMPDIR \
        LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT LD_PROFILE LD_DEBUG_OUTPUT SASL_CONF_PATH
} | grep -vE "$needed" | sort -u >"$proof/names"
# LD_TRACE_LOADED_OBJECTS and its like end any program that is not set-uid, strace's child too.
with_traps() { # "no-loader": not what the dynamic loader itself obeys; then a command for strace
    local kind=$1 name
    shift
    local arguments=()
    while read -r name; do
        case $kind:$name in
        no-loader:LD_* | no-loader:GLIBC_TUNABLES | no-loader:MALLOC_*) continue ;;
        *:*_proxy | *:*_PROXY) arguments+=(-E "$name=http://trap.invalid:1/") ;;
        *) arguments+=(-E "$name=$traps/$name") ;;
        esac
    done <"$proof/names"
    strace -f -qq -s 256 -e trace=%file,%network -o "$proof/trace" "${arguments[@]}" "$@"
}
# What touched a trap or looked for the proxy, without the numbers of processes; execve shows the
# environment only as a count.
touched() { grep -E "$traps|trap.invalid" "$proof/trace" | grep -v ' execve(' | sed 's/^[0-9]* *//' | sort -u; }

ok "there are traps enough" [ "$(wc -l <"$proof/names")" -ge 500 ]
echo "# $(wc -l <"$proof/names") variables"

# A program that believes its environment, so that silence below means something.
openssl_believes() { with_traps no-loader openssl version >/dev/null 2>&1; touched | grep OPENSSL_CONF; }
ok "the openssl command does touch a trap: it would be seen" openssl_believes

# ---- what the hosts do by themselves ----------------------------------------------------------------
by_su() { printf '%s\n' "$(password bob)" | with_traps all -u alice su bob -c 'echo I am $(id -un)'; }
by_sudo() { printf '%s\n' "$(password bob)" | with_traps all -u bob sudo -S -p '' id -un; }
with_permit() {
    printf '%s sufficient pam_permit.so\n' auth account | cat - /etc/pam.d/cognito-line >"/etc/pam.d/$1"
}
without_us() { # service, command: what is touched when we are not asked
    with_permit "$1"
    "$2" >/dev/null 2>&1 || true
    touched >"$proof/alone-$1"
    cat /etc/pam.d/cognito-line >"/etc/pam.d/$1"
}
only_as_alone() {
    touched >"$proof/touched"
    ! comm -13 "$proof/alone-$1" "$proof/touched" | grep .
}
nothing_written() { [ -z "$(ls -A "$traps")" ]; }

without_us su by_su
ok "su in a hostile environment: bob's own password lets in" eval '[ "$(by_su 2>/dev/null)" = "I am bob" ]'
ok "su: the helper was at work under strace" grep -q 'connect(.*sin_port=htons(443)' "$proof/trace"
ok "su: no trap was touched but by su itself" only_as_alone su
ok "su: nothing was written" nothing_written
ok "su: a wrong password is refused all the same" eval '! printf "wrong\n" | with_traps all -u alice su bob -c true'
ok "su: and no trap was touched" only_as_alone su

without_us sudo by_sudo
ok "sudo in a hostile environment: bob's own password lets in" eval '[ "$(by_sudo 2>/dev/null)" = root ]'
ok "sudo: the helper was at work under strace" grep -q 'connect(.*sin_port=htons(443)' "$proof/trace"
ok "sudo: no trap was touched but by sudo itself" only_as_alone sudo
ok "sudo: nothing was written" nothing_written
for setting in '!env_reset' 'env_keep += "SSLKEYLOGFILE https_proxy OPENSSL_CONF SSL_CERT_DIR"'; do
    printf 'Defaults timestamp_timeout=0, !lecture\nDefaults %s\n' "$setting" >/etc/sudoers.d/always
    without_us sudo by_sudo
    ok "sudo with $setting: bob's own password lets in" eval '[ "$(by_sudo 2>/dev/null)" = root ]'
    ok "sudo with $setting: no trap was touched but by sudo itself" only_as_alone sudo
    ok "sudo with $setting: nothing was written" nothing_written
done

# ---- the command, run by root in the same environment --------------------------------------------
: >"$proof/alone-command"
token_file=$proof/token
echo 'x.y.z' >"$token_file"
try_command() { # what may come out: 0 and 1 are answers
    local status=0
    with_traps no-loader cognito-oidc "$@" <"$token_file" >"$proof/said" 2>&1 || status=$?
    [ "$status" -le 1 ] || { cat "$proof/said"; return 1; }
}
for verb in check doctor jwks verify whoami tickets; do
    cognito-oidc "$verb" --help >/dev/null 2>&1 || cognito-oidc help 2>&1 | grep -qw "$verb" ||
        cognito-oidc 2>&1 | grep -qw "$verb" || continue
    ok "cognito-oidc $verb in a hostile environment: an answer" try_command "$verb"
    ok "cognito-oidc $verb: no trap was touched" only_as_alone command
    ok "cognito-oidc $verb: nothing was written" nothing_written
done
finish
