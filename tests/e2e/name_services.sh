#!/bin/bash
# SPDX-License-Identifier: MIT
# The NSS modules that hosts have beside "files" and "dns": systemd-resolved, mDNS and SSSD. Each
# wants sockets and files of its own, and the sandbox closes after the last look-up. TAP.
set -eu
# shellcheck disable=SC2034
NEEDS="pamtester:pamtester strace:strace"
if [ "${1:-}" != --inside ]; then
    # Unpacked into the copy only: installed, they would change the machine's own nsswitch.conf.
    build=$(cd "${BUILD:-$(dirname "$0")/../../build}" && pwd)
    mkdir -p "$build/nss"
    (cd "$build/nss" && [ -n "$(ls ./*.deb 2>/dev/null)" ] ||
        { cd "$build/nss" && apt-get download libnss-resolve libnss-mdns libnss-sss; }) >/dev/null 2>&1 || true
fi
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/stage.sh"
[ "$(find "$BUILD/nss" -name '*.deb' 2>/dev/null | wc -l)" = 3 ] || lacks "no packages of libnss-resolve, -mdns, -sss here"

# Not into / itself: the packages' folder /lib would replace the link of that name.
for package in "$BUILD"/nss/*.deb; do dpkg-deb -x "$package" "$proof/nss"; done
find "$proof/nss" -name 'libnss_*.so.*' -type f -exec cp {} "$(dirname "$(ldconfig -p | sed -n 's/.*libc\.so\.6 .*=> //p' | head -1)")/" ';'
printf 'auth required pam_cognito_oidc.so debug\naccount required pam_cognito_oidc.so\n' >/etc/pam.d/pamtester
login() { printf '%s\n' "$(password bob)" | pamtester pamtester bob authenticate acct_mgmt; }
lookup() { # what stands in nsswitch.conf for hosts, and for passwd
    sed -i -e '/^hosts:/d' -e '/^passwd:/d' -e '/^group:/d' /etc/nsswitch.conf
    printf 'hosts: %s\npasswd: %s\ngroup: %s\n' "$1" "$2" "$2" >>/etc/nsswitch.conf
}

while read -r library hosts passwd; do
    lookup "${hosts//,/ }" "${passwd//,/ }"
    ok "$hosts: bob signs in" login
    # A busy machine writes the log a moment later.
    ok "$hosts: and the sandbox is closed" eval \
        'for turn in {1..50}; do tail -n 4 "$log" | grep "sandbox: .* and seccomp" && break; sleep 0.1; done'
    printf '%s\n' "$(password bob)" |
        strace -f -o "$proof/trace" -e trace=openat pamtester pamtester bob authenticate >/dev/null 2>&1
    ok "$hosts: $library was there and was loaded" grep "$library.*= [0-9]" "$proof/trace"
done <<'LIST'
libnss_resolve.so.2 resolve,[!UNAVAIL=return],files,dns files
libnss_mdns4_minimal.so.2 mdns4_minimal,[NOTFOUND=return],files,dns files
libnss_mdns.so.2 mdns,files,dns files
libnss_sss.so.2 sss,files,dns sss,files
libnss_sss.so.2 resolve,mdns,sss,files,dns files,sss,systemd
LIST
finish
