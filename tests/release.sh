# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A new system of a release of Debian or Ubuntu, in a folder. Sourced. Ubuntu's needs its keyring, which Debian
# 13 has in the package ubuntu-keyring; UBUNTU_KEYRING names the file elsewhere.

# release_make RELEASE FOLDER LOG OPTION...: false, with the reason on standard output, if it cannot be made.
release_make() {
    local release=$1 folder=$2 log=$3 from keyring script=''
    local options=(--variant=minbase)
    shift 3
    options+=("$@")
    case $release in
    jammy | noble)
        from=http://archive.ubuntu.com/ubuntu
        keyring=${UBUNTU_KEYRING:-/usr/share/keyrings/ubuntu-archive-keyring.gpg}
        options+=("--components=main,universe" "--keyring=$keyring")
        # An older debootstrap does not know the newer releases, which are made alike.
        [ -e "/usr/share/debootstrap/scripts/$release" ] || script=/usr/share/debootstrap/scripts/gutsy
        [ -f "$keyring" ] || { echo "no keyring of Ubuntu on this machine"; return 1; }
        ;;
    *)
        from=$(apt-get indextargets --format "\$(REPO_URI)" | sed -n 's#/*$##; \#/debian$#p' | head -1)
        from=${from:-http://deb.debian.org/debian}
        ;;
    esac
    # The helper of a login is nobody in particular, and must be able to enter "/".
    chmod 755 "$folder"
    if ! /usr/sbin/debootstrap "${options[@]}" "$release" "$folder" "$from" ${script:+"$script"} >"$log" 2>&1; then
        echo "debootstrap from $from: $(tail -1 "$log")"
        return 1
    fi
    cp -r /etc/apt/apt.conf.d /etc/apt/auth.conf.d "$folder/etc/apt/" 2>/dev/null || true
    cp /etc/resolv.conf "$folder/etc/" 2>/dev/null || true
}
