#!/bin/sh
# Installs what the named groups need from Debian's packages when run as root, and says
# exactly what is missing otherwise.
set -eu

packages_of() {
    case $1 in
    build) echo gcc libc6-dev pkg-config libpam0g-dev libcurl4-openssl-dev libssl-dev libcjson-dev \
        libqrencode-dev libseccomp-dev ;;
    check) echo libcmocka-dev python3 python3-cryptography openssl pamtester mandoc binutils \
        iproute2 procps passwd strace zsh ;;
    demo) echo python3 python3-cryptography openssl pamtester iproute2 passwd ;;
    interop) command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || echo nodejs npm
        echo awscli ;;
    e2e) echo acl awscli libnss-systemd strace openssh-server openssh-client tmux zbar-tools fontconfig fonts-dejavu-core python3-pil \
        expect sshpass login passwd sudo chromium chromium-driver \
        opendoas polkitd dbus at putty-tools python3-paramiko openssh-sftp-server rsync ansible-core ;;
    rpm) echo rpm rpmlint ;;
    deb) echo debhelper dh-apparmor dpkg-dev build-essential ;;
    package) echo debhelper dh-apparmor dpkg-dev lintian pamtester ;;
    redhat) echo libpwquality1 libpwquality-common libcrack2 cracklib-runtime ;;
    # Those that this release has. Older ones than gcc 12 and clang 14 do not matter.
    compilers) apt-cache pkgnames | grep -xE '(gcc|clang)-[0-9]+' | sort -V | awk -F- '$2 >= ($1 == "gcc" ? 12 : 14)' ;;
    coverage) echo clang-19 llvm-19 libclang-rt-19-dev ;;
    differential) echo libjansson-dev libjson-c-dev ;;
    booted) echo debootstrap systemd-container ;;
    newcomer) echo debootstrap git ;;
    selinux) echo selinux-policy-dev ;;
    selinux-check) echo policycoreutils selinux-utils setools ;;
    arm64) echo debootstrap e2fsprogs qemu-system-arm qemu-user-static ;;
    apparmor) echo apparmor ;;
    analyze) echo clang-tidy ;;
    lint) echo clang shellcheck pylint mandoc cppcheck clang-format ;;
    fuzz) echo clang libclang-rt-14-dev llvm ;;
    afl) echo afl++ ;;
    valgrind) echo valgrind libc6-dbg ;;
    bench) echo curl nginx pamtester gnuplot-nox libcjose-dev librhonabwy-dev libjose-dev libjwt-dev ;;
    *)
        echo "packages.sh: no group $1" >&2
        exit 2
        ;;
    esac
}

command -v dpkg-query >/dev/null 2>&1 || exit 0
missing=
for group in "$@"; do
    for package in $(packages_of "$group"); do
        status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
        case "$status $missing " in
        installed* | *" $package "*) ;;
        *) missing="$missing $package" ;;
        esac
    done
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ]; then
    echo "Missing packages. As root: apt-get install -y$missing" >&2
    exit 1
fi
echo "installing$missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
{ apt-get update && apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1 || {
    cat "$log" >&2
    exit 1
}
