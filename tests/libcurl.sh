#!/bin/bash
# SPDX-License-Identifier: MIT
# Builds libcurl from the source that is named, then module, helper and tests with that library, and
# runs the tests of what the helper does in the network. Without root or network. Ends with a count.
#
#   libcurl.sh SOURCE [BUILD]     an unpacked release of curl, or a checkout
set -eu
source=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
build=${2:-build}
version=$(sed -n 's/^#define LIBCURL_VERSION "\(.*\)"/\1/p' "$source/include/curl/curlver.h")
own=$(pwd)/$build/libcurl-$version
prefix=$own/prefix

# The library as distributions have it, without what the helper never uses.
build_library() {
    rm -rf "$own/source"
    mkdir -p "$own"
    cp -R "$source" "$own/source"
    cd "$own/source"
    [ -x configure ] || autoreconf -fi
    local without=(ldap ldaps rtsp dict telnet tftp pop3 imap smb smtp gopher mqtt ftp file manual static)
    ./configure --prefix="$prefix" --with-openssl --with-ca-bundle=/etc/ssl/certs/ca-certificates.crt --without-libpsl \
        --without-libssh2 --without-nghttp2 --without-brotli --without-zstd --without-libidn2 "${without[@]/#/--disable-}"
    make -j"$(nproc)" -C lib
    make -C lib install
    make -C include install
}
if [ ! -e "$prefix/lib/libcurl.so.4" ]; then
    echo "building libcurl $version"
    (build_library) >"$build/libcurl-$version.log" 2>&1 || { tail -20 "$build/libcurl-$version.log"; exit 1; }
fi
make --no-print-directory -s -j"$(nproc)" "BUILD=$own" "CFLAGS=-O2 -g -I$prefix/include" \
    "LDFLAGS=-L$prefix/lib -Wl,-rpath,$prefix/lib" all test-programs
ldd "$own/helper" | grep -F "$prefix/lib/libcurl.so.4" >/dev/null || { echo "the helper has another libcurl"; exit 1; }
export VECTORS=${VECTORS:-../shared/vectors}
BUILD=$own exec /usr/bin/python3 tests/run.py "unit " "login " "hostile "
