#!/bin/bash
# SPDX-License-Identifier: MIT
# The package of the SELinux module, installed, replaced and erased in a throw-away copy of the machine
# with a store named "targeted", made of Debian's base modules. The kernel here does not enforce, so
# the commands that ask it or change labels only write down that they were called. Arguments: the
# folder of this.rpm, this-selinux.rpm and next-selinux.rpm, and that of the base modules. TAP.
set -eu
# shellcheck disable=SC2034
NEEDS="semodule:policycoreutils seinfo:setools rpm:rpm"
# shellcheck source=tests/e2e/stage.sh
. "$(dirname "$0")/../e2e/stage.sh"
packages=$1
base=$2
name=pam_cognito_oidc
pre=/var/lib/rpm-state/file_contexts.pre
contexts=/etc/selinux/targeted/contexts/files/file_contexts

calls=$proof/calls
play() { # command, exit code: written down instead of done
    printf '#!/bin/sh\necho "%s $*" >>%s\nexit %s\n' "$1" "$calls" "$2" >"$proof/$1"
    chmod 755 "$proof/$1"
    mount --bind "$proof/$1" "/usr/sbin/$1"
}
called() { cat "$calls"; }
in_store() { semodule -s targeted -lfull | grep -E "^200 +$name +pp"; }
in_policy() { seinfo --type="${name}_helper_t" /etc/selinux/targeted/policy/policy.* | grep -x "   ${name}_helper_t"; }
in_contexts() { grep -E "^/usr/libexec/$name/helper.*:${name}_helper_exec_t:" "$contexts"; }
by_rpm() { : >"$calls" && rpm --nodeps "$@"; }

# All of Debian's modules would take minutes. The base module names a user of another one, which the
# last file makes.
mkdir -p /etc/selinux/targeted/contexts/files /etc/selinux/targeted/policy /var/lib/selinux/targeted /var/lib/rpm-state
printf 'SELINUX=enforcing\nSELINUXTYPE=targeted\n' >/etc/selinux/config
printf '(user xdm)\n(userrole xdm system_r)\n(userlevel xdm (s0))\n(userrange xdm ((s0) (s0)))\n' >"$proof/xdm.cil"
ok "a store is made of base modules" semodule -n -N -s targeted -X 100 -i "$base/base.pp.bz2" "$base/unconfined.pp.bz2" "$proof/xdm.cil"
ok "which knows nothing of ours" eval '! in_store && ! in_policy && ! in_contexts'
cp "$contexts" "$proof/contexts"
for command in load_policy fixfiles; do play "$command" 0; done
play selinuxenabled 0

# ---- where SELinux is on ----------------------------------------------------------------------------
ok "the package is installed" by_rpm -i "$packages/this-selinux.rpm"
ok "the module is in the store, with the priority of packages" in_store
ok "its types are in the policy" in_policy
ok "its files are in the contexts" in_contexts
ok "the policy is loaded before files are relabelled" eval \
    '[ "$(called | grep -v selinuxenabled | cut -d" " -f1 | tr "\n" " ")" = "load_policy fixfiles " ]'
ok "only what the module changed is relabelled" eval 'called | grep -x "fixfiles -C $pre restore"'
ok "the contexts of before were put aside for that, and are gone" [ ! -e "$pre" ]
ok "rpm finds every file as it installed it" eval '[ -z "$(rpm -V --nodeps "$name-selinux")" ]'
ok "the place in the store is the package's" eval \
    'rpm -qf "/var/lib/selinux/targeted/active/modules/200/$name" | grep -x "$name-selinux-.*"'
ok "replaced" by_rpm -U "$packages/next-selinux.rpm"
ok "the module stays" eval 'in_store && in_policy && in_contexts'
ok "and what changed is relabelled" eval 'called | grep -x "fixfiles -C $pre restore" && [ ! -e "$pre" ]'
ok "erased" by_rpm -e "$name-selinux"
ok "the module is gone" eval '! in_store && ! in_policy && ! in_contexts'
ok "the policy is loaded again" eval 'called | grep -x "load_policy "'
ok "the contexts are as before" cmp "$proof/contexts" "$contexts"
ok "no file is left" eval '! find /usr/share/selinux /var/lib/selinux /var/lib/rpm-state -name "*$name*" | grep .'

# ---- where it is off, of another kind, or missing -----------------------------------------------------
umount /usr/sbin/selinuxenabled
play selinuxenabled 1
ok "installed where the kernel does not have SELinux" by_rpm -i "$packages/this-selinux.rpm"
ok "the module is in the store for the day when it has" eval 'in_store && in_policy'
ok "no policy is loaded and no file relabelled" eval '! called | grep -v selinuxenabled'
ok "erased there" eval 'by_rpm -e "$name-selinux" && ! in_store'
umount /usr/sbin/selinuxenabled
play selinuxenabled 0
printf 'SELINUX=enforcing\nSELINUXTYPE=mls\n' >/etc/selinux/config
ok "installed where another policy rules" by_rpm -i "$packages/this-selinux.rpm"
ok "which is left alone" eval '! in_store && ! called | grep -v selinuxenabled'
ok "erased there" by_rpm -e "$name-selinux"
rm /etc/selinux/config
mkdir "$proof/sbin" && mv /usr/sbin/semodule "$proof/sbin/"
ok "installed without SELinux's programs" by_rpm -i "$packages/this-selinux.rpm"
ok "and erased" eval 'by_rpm -e "$name-selinux" && ! rpm -q "$name-selinux"'

# ---- what the packages want of each other ---------------------------------------------------------------
requires() { rpm -qp --requires "$packages/$1.rpm"; }
version=$(rpm -qp --qf '%{VERSION}-%{RELEASE}' "$packages/this.rpm")
ok "where the targeted policy is, the module's package comes along, in this version" eval \
    'requires this | grep -xF "($name-selinux = $version if selinux-policy-targeted)"'
ok "which needs that policy" eval 'requires this-selinux | grep -x selinux-policy-targeted'
ok "and is for every architecture" eval '[ "$(rpm -qp --qf "%{ARCH}" "$packages/this-selinux.rpm")" = noarch ]'
finish
