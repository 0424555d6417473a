#!/bin/bash
# SPDX-License-Identifier: MIT
# The packages for Red Hat's family, made by this machine's rpmbuild: built twice they are the same,
# rpmlint finds nothing, they hold what the Debian package holds, one is replaced and erased under
# people who log in, and that of the SELinux module brings the module into a store and takes it out.
# Arguments: the build folder, the folder of Debian's base modules of SELinux. Ends with a count.
set -u
cd "$(dirname "$0")/../.." || exit 2
build=$1
base=$(cd "$2" && pwd)
work=$build/package-rpm
passed=0
failed=0
skipped=0
judge() { # description, command...
    local what=$1
    shift
    if "$@" >"$work/output" 2>&1; then
        passed=$((passed + 1))
        echo "ok - $what"
    else
        failed=$((failed + 1))
        echo "not ok - $what"
        tail -40 "$work/output"
    fi
}
rm -rf "$work"
mkdir -p "$work"
work=$(cd "$work" && pwd)
binary_in() { find "$work/$1/rpm/RPMS" -name 'pam_cognito_oidc-[0-9]*.rpm'; }
selinux_in() { find "$work/$1/rpm/RPMS" -name 'pam_cognito_oidc-selinux-*.rpm'; }
source_in() { find "$work/$1/rpm/SRPMS" -name '*.src.rpm'; }
same() { cmp "$("$1" one)" "$("$1" build)"; }

# rpm writes the folder into the package: the same one twice, but two umasks, two zones, two
# languages, and the second time from what the tarball unpacks to.
judge "they are built" env -u BUILD make rpm "BUILD=$work/build"
again() {
    mv "$work/build" "$work/one" && mkdir -p "$work/unpacked" &&
        tar -xzf "$work"/one/dist/*.tar.gz -C "$work/unpacked" --strip-components=1 &&
        env -u BUILD TZ=Asia/Tokyo LC_ALL=C bash -c 'umask 077; make -C "$1" rpm "BUILD=$2"' - "$work/unpacked" "$work/build"
}
judge "and again, of the tarball" again
judge "both tarballs are the same, byte for byte" eval 'cmp "$work"/one/dist/*.tar.gz "$work"/build/dist/*.tar.gz'
judge "both binary packages, too" same binary_in
judge "both packages of the SELinux module, too" same selinux_in
judge "both source packages, too" same source_in
judge "rpmlint finds nothing that conf/rpm/rpmlintrc does not explain" eval \
    'rpmlint -r conf/rpm/rpmlintrc "$(binary_in one)" "$(selinux_in one)" "$(source_in one)" "$work"/one/rpm/SPECS/*.spec && ! grep -E ": [EW]: " "$work/output"'
judge "the binary package says whose libraries it needs" eval \
    'rpm -qp --qf "%{SUMMARY}\n" "$(binary_in one)" | grep "with Debian.s libraries$"'
judge "the source package builds where packages are named as Red Hat names them" eval \
    '[ "$(rpm -qp --requires "$(source_in one)" 2>/dev/null | grep -c "^pkgconfig(\|^pam-devel$\|^systemd-rpm-macros$")" = 7 ]'
# By what the link lines of the Makefile say.
bill() { # program, packages...
    /usr/bin/python3 - "$build" "$@" <<'PYTHON'
import glob, hashlib, json, sys
build, program, *packages = sys.argv[1:]
document = json.load(open(glob.glob(build + "/dist/*.spdx.json")[0]))
names = {p["SPDXID"]: p["name"] for p in document["packages"]}
file = next(f for f in document["files"] if f["fileName"] == "./" + program)
linked = {names[r["relatedSpdxElement"]].removesuffix("t64") for r in document["relationships"]
          if r["spdxElementId"] == file["SPDXID"] and r["relationshipType"] == "DYNAMIC_LINK"}
digest = hashlib.sha256(open(build + "/" + program, "rb").read()).hexdigest()
sys.exit(linked != set(packages) or digest not in [c["checksumValue"] for c in file["checksums"]] and str(linked))
PYTHON
}
sboms() {
    rm -rf "$build/dist"
    env -u BUILD make sbom "BUILD=$build" && cp "$build"/dist/*.spdx.json "$work/first" &&
        env -u BUILD TZ=Asia/Tokyo make sbom "BUILD=$build" && cmp "$work/first" "$build"/dist/*.spdx.json
}
judge "make sbom writes the same twice" sboms
judge "it has the module with its libraries" bill pam_cognito_oidc.so libc6 libpam0g
judge "the command" bill cognito-oidc libc6 libcjson1 libpam0g libssl3
judge "and the helper" bill helper libc6 libcjson1 libcurl4 libqrencode4 libseccomp2 libssl3
digests() (
    cd "$build/dist" && sha256sum --quiet -c SHA256SUMS && [ "$(wc -l <SHA256SUMS)" = "$(find . -name "*.tar.gz" -o -name "*.json" | wc -l)" ]
)
judge "SHA256SUMS fits all of it" digests

same_files() {
    env -u BUILD make deb "BUILD=$work" >"$work/deb.log" 2>&1 || { tail -20 "$work/deb.log"; return 1; }
    /usr/bin/python3 tests/package/files.py "$build/files.txt" "$(find "$work/deb" -name '*.deb')" "$(binary_in one)" "$(selinux_in one)"
}
judge "the Debian package holds the same files, with the same modes" same_files
sed 's/^/# /' "$build/files.txt"

next_version() {
    mkdir -p "$work/source" "$work/next" &&
        tar -xzf "$work"/one/dist/*.tar.gz -C "$work/source" --strip-components=1 &&
        sed -i '1s/(\(.*\))/(\1.1)/' "$work/source/conf/debian/changelog" &&
        env -u BUILD make -C "$work/source" rpm "BUILD=$work/newer" &&
        cp "$(binary_in newer)" "$work/next/next.rpm" && cp "$(binary_in one)" "$work/next/this.rpm" &&
        cp "$(selinux_in newer)" "$work/next/next-selinux.rpm" && cp "$(selinux_in one)" "$work/next/this-selinux.rpm"
}
judge "a next version is made" next_version

story() { # words
    local output some
    output=$(BUILD=$build bash "$@" 2>&1)
    echo "$output"
    some=$(grep -c '^ok .*# SKIP' <<<"$output")
    skipped=$((skipped + some))
    passed=$((passed + $(grep -c '^ok ' <<<"$output") - some))
    failed=$((failed + $(grep -c '^not ok ' <<<"$output")))
    grep -q '^1\.\.' <<<"$output" || failed=$((failed + 1))
}
story tests/package/rpm_replaced.sh "$work/next"
story tests/package/rpm_selinux.sh "$work/next" "$base"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
