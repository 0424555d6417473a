# pam_cognito_oidc: build, check, demo, install. GNU make, no configure. `make help` lists.

PREFIX ?= /usr
# clang 15 and later do not tell.
MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null || gcc -print-multiarch 2>/dev/null)
PAMDIR ?= $(PREFIX)/lib$(if $(MULTIARCH),/$(MULTIARCH))/security
LIBEXECDIR ?= $(PREFIX)/libexec/pam_cognito_oidc
SBINDIR ?= $(PREFIX)/sbin
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/pam_cognito_oidc
# Service files for /etc/pam.d, a folder a family. "enable" puts them in place, so they are no
# documentation, which a host may leave out; DOCDIR has links to those of FAMILY, if there are any.
SAMPLEDIR ?= $(PREFIX)/share/pam_cognito_oidc/pam.d
FAMILIES := $(notdir $(wildcard conf/pam.d/*))
FAMILY ?= debian
SYSCONFDIR ?= /etc/pam_cognito_oidc
CACHEDIR ?= /var/cache/pam_cognito_oidc
RUNDIR ?= /run/pam_cognito_oidc
STATEDIR ?= /var/lib/pam_cognito_oidc
USERDBDIR ?= /etc/userdb
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
TMPFILESDIR ?= $(PREFIX)/lib/tmpfiles.d
UNITDIR ?= $(PREFIX)/lib/systemd/system
COMPLETIONDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPLETIONDIR ?= $(PREFIX)/share/zsh/$(if $(and $(filter /usr,$(PREFIX)),$(wildcard /etc/debian_version)),vendor-completions,site-functions)
# Where AppArmor looks; only Debian and its kin have it.
APPARMORDIR ?= $(if $(filter debian,$(FAMILY)),/etc/apparmor.d)
HELPER_USER ?= _cognito-oidc
# One place says it: the newest entry of the package's changelog.
VERSION := $(shell awk 'NR == 1 { gsub(/[()]/, "", $$2); print $$2 }' conf/debian/changelog)
PYTHON := /usr/bin/python3
comma := ,
T ?=
# V=1 shows the whole command lines.
Q := $(if $(V),,@)

# SAN=1 builds everything once more, with AddressSanitizer and UBSan, beside the rest; SAN=thread
# with ThreadSanitizer.
BUILD := build$(if $(SAN),$(if $(filter thread,$(SAN)),/tsan,/san))
TESTDIR := $(BUILD)/test
TESTROOT := $(abspath $(TESTDIR))

WARN := -Wall -Wextra -Werror -Wshadow -Wconversion -Wsign-conversion -Wcast-qual \
	-Wwrite-strings -Wmissing-prototypes -Wstrict-prototypes -Wvla -Wformat=2 -Wundef
# Messages are cut to their buffer on purpose; only gcc 12 would have it otherwise.
WARN += $(shell $(CC) -Werror -Wno-format-truncation -fsyntax-only -x c /dev/null 2>/dev/null && echo -Wno-format-truncation)
CFLAGS ?= -O2 -g
# Hidden visibility: the module exports pam_sm_* only, whoever adds what.
ALL_CFLAGS := -std=c11 -D_GNU_SOURCE -Isrc -include common/platform.h $(WARN) -fvisibility=hidden \
	-ffile-prefix-map=$(CURDIR)=. $(CFLAGS)
ifdef SAN
HARDEN := -fsanitize=$(if $(filter thread,$(SAN)),thread,address$(comma)undefined -fno-sanitize-recover=all) \
	-fno-omit-frame-pointer
HARDEN_LD :=
else
# A smashed stack ends the process; checked libc calls; no jumping over the guard page;
# indirect jumps land only where they may.
HARDEN := -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 \
	-fstack-clash-protection $(if $(filter x86_64%,$(MULTIARCH)),-fcf-protection) \
	$(if $(filter aarch64%,$(MULTIARCH)),-mbranch-protection=standard)
# Relocations are done at start and then read-only; no executable stack.
HARDEN_LD := -Wl,-z,relro,-z,now,-z,noexecstack
endif
ALL_LDFLAGS := $(HARDEN_LD) -Wl,--as-needed $(LDFLAGS)

# The two link lines are the trust boundary: the module has libpam and libc, nothing else.
MODULE_LIBS := -lpam
HELPER_LIBS := -lcurl -lssl -lcrypto -lcjson -lqrencode -lseccomp
CLI_LIBS := -lcrypto -lcjson -lpam

COMMON_SRC := $(filter-out src/common/paths.c,$(wildcard src/common/*.c))
MODULE_SRC := pam_cognito_oidc.c $(wildcard src/module/*.c) $(COMMON_SRC)
PURE_SRC := $(wildcard $(patsubst %,src/helper/%/*.c,json token config policy accounts)) $(COMMON_SRC)
HELPER_SRC := $(wildcard src/helper/*.c $(patsubst %,src/helper/%/*.c,flow net probe)) $(PURE_SRC)
# What the command shares with the module: it starts the helper, and reads and writes root's files.
SHARED_SRC := $(addprefix src/module/,account_record.c config_file.c file.c helper_client.c jwks_cache.c options.c spawn.c \
	ticket.c ticket_file.c warm.c)
CLI_SRC := $(wildcard src/cli/*.c) $(SHARED_SRC) $(PURE_SRC)
SOURCES := pam_cognito_oidc.c $(sort $(wildcard src/*/*.[ch] src/*/*/*.[ch]))
objects = $(1:%.c=$(BUILD)/obj/%.o)

.PHONY: all
all: $(BUILD)/pam_cognito_oidc.so $(BUILD)/helper $(BUILD)/cognito-oidc ## build module, helper and command

.PHONY: FORCE
FORCE:

# Every source is compiled once. The paths alone differ between what is installed and what is
# tested: one object a variant (src/common/paths.h).
$(BUILD)/obj/%.o: %.c $(BUILD)/obj/flags
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(HARDEN) -fPIC -MMD -MP -c -o $@ $<

# Other flags than at the last build make new objects. $(1): a file, $(2): what it must hold
remember = @mkdir -p $(dir $(1)); printf '%s\n' '$(2)' >$(1).$$$$ && \
	if cmp -s $(1).$$$$ $(1); then rm $(1).$$$$; else mv $(1).$$$$ $(1); fi
$(BUILD)/obj/flags: FORCE
	$(call remember,$@,$(CC) $(ALL_CFLAGS) $(HARDEN))

# When the warm helper ends (paths.h), and how many children it has at most. Tests meet each end.
SERVICE_REAL := -DSERVICE_IDLE=300 -DSERVICE_AGE=3600 -DSERVICE_CHILDREN=1000 -DSERVICE_CROWD=256
SERVICE_TEST := -DSERVICE_IDLE=3 -DSERVICE_AGE=60 -DSERVICE_CHILDREN=20 -DSERVICE_CROWD=16

# The constants of paths.c. $(1): sysconf libexec cache run user uid delay sanitized state userdb
# service
constants = -DSYSCONFDIR="$(1)" -DLIBEXECDIR="$(2)" -DCACHEDIR="$(3)" -DRUNDIR="$(4)" \
	-DHELPER_USER="$(5)" -DTRUSTED_UID=$(6) -DFAIL_DELAY_USEC=$(7) -DSANITIZED=$(8) -DPAMDIR="$(PAMDIR)" \
	-DSTATEDIR="$(9)" -DUSERDBDIR="$(10)" $(11) -DSAMPLEDIR="$(SAMPLEDIR)" -DVERSION="$(VERSION)"

# $(1): the variant's name, $(2): its constants, $(3): folder of module and command, $(4): helper
define variant
$(BUILD)/obj/paths/$(1).constants: FORCE
	$$(call remember,$$@,$(2))

$(BUILD)/obj/paths/$(1).o: src/common/paths.c $(SOURCES) $(BUILD)/obj/paths/$(1).constants $(BUILD)/obj/flags
	@echo "  CC $$@"
	$$(Q)$$(CC) $$(ALL_CFLAGS) $$(HARDEN) $(subst ",\",$(2)) -fPIC -c -o $$@ $$< \
		-DBUILD_ID=\"$$$$(cat $$(SOURCES) | sha256sum | cut -c1-16)\"

$(3)/pam_cognito_oidc.so: $(call objects,$(MODULE_SRC)) $(BUILD)/obj/paths/$(1).o
	@mkdir -p $$(@D)
	@echo "  LD $$@"
	$$(Q)$$(CC) $$(HARDEN) -shared $$(ALL_LDFLAGS) $$(if $$(SAN),,-Wl,-z,defs) -o $$@ $$^ $$(MODULE_LIBS)

$(4): $(call objects,$(HELPER_SRC)) $(BUILD)/obj/paths/$(1).o
	@mkdir -p $$(@D)
	@echo "  LD $$@"
	$$(Q)$$(CC) $$(HARDEN) -pie $$(ALL_LDFLAGS) -o $$@ $$^ $$(HELPER_LIBS)
	@chmod go-w $$@ # the module starts no helper that others may write to, whatever the umask

$(3)/cognito-oidc: $(call objects,$(CLI_SRC)) $(BUILD)/obj/paths/$(1).o
	@mkdir -p $$(@D)
	@echo "  LD $$@"
	$$(Q)$$(CC) $$(HARDEN) -pie $$(ALL_LDFLAGS) -o $$@ $$^ $$(CLI_LIBS)
endef
UNCONFINED := $(if $(SAN),true,false)
$(eval $(call variant,install,$(call constants,$(SYSCONFDIR),$(LIBEXECDIR),$(CACHEDIR),$(RUNDIR),$(HELPER_USER),0,2000000,$(UNCONFINED),$(STATEDIR),$(USERDBDIR),$(SERVICE_REAL)),$(BUILD),$(BUILD)/helper))

# The test builds. $(1): variant, $(2): the helper's folder, $(3): cache, $(4): tickets,
# $(5): sanitized, $(6): module's folder, $(7): helper
TEST_UID := $(shell id -u)
test_variant = $(eval $(call variant,$(1),$(call constants,$(TESTROOT)/etc,$(TESTROOT)/$(2),$(TESTROOT)/$(3),$(TESTROOT)/$(4),nobody,$(TEST_UID),0,$(5),$(TESTROOT)/$(4)-state,$(TESTROOT)/$(4)-userdb,$(SERVICE_TEST)),$(6),$(7)))
$(call test_variant,test,libexec,cache,run,$(UNCONFINED),$(TESTDIR),$(TESTDIR)/libexec/helper)
# A second set of cache and tickets: two suites that empty them can then run at a time.
$(call test_variant,second,libexec,second/cache,second/run,$(UNCONFINED),$(TESTDIR)/second,$(TESTDIR)/second/unused)
# One whose warm helper only the tests of that start, stop and count.
$(call test_variant,warm,libexec,warm/cache,warm/run,$(UNCONFINED),$(TESTDIR)/warm,$(TESTDIR)/warm/unused)
# A helper that a script plays; one that was taken over; one that valgrind can look into.
$(call test_variant,scripted,scripted,cache-scripted,run-scripted,$(UNCONFINED),$(TESTDIR)/scripted,$(TESTDIR)/scripted/unused)
$(call test_variant,hostile,hostile,cache-hostile,run-hostile,$(UNCONFINED),$(TESTDIR)/hostile,$(TESTDIR)/hostile/unused)
# A helper and a command that tell each decision.
$(call test_variant,counted,counted,cache-counted,run-counted,$(UNCONFINED),$(TESTDIR)/counted,$(TESTDIR)/counted/unused)
$(call test_variant,checked,checked,cache,run-checked,true,$(TESTDIR)/checked,$(TESTDIR)/checked/helper)

# The benchmark's: its warm helper lives as long as an installed one.
$(eval $(call variant,lasting,$(call constants,$(TESTROOT)/etc,$(TESTROOT)/libexec,$(TESTROOT)/lasting/cache,$(TESTROOT)/lasting/run,nobody,$(TEST_UID),0,$(UNCONFINED),$(TESTROOT)/lasting/state,$(TESTROOT)/lasting/userdb,$(SERVICE_REAL)),$(TESTDIR)/lasting,$(TESTDIR)/lasting/helper))

include tests/tests.mk
include conf/release.mk

.PHONY: install uninstall selinux deb clean help format format-check
# A running sshd keeps the file that it has mapped, and nobody ever meets half a file.
# $(1): mode, $(2): file, $(3): where to
replace = install -m $(1) $(2) $(DESTDIR)$(3).new && mv -f $(DESTDIR)$(3).new $(DESTDIR)$(3)

APPARMOR := usr.libexec.pam_cognito_oidc.helper
UNITS := $(notdir $(wildcard conf/systemd/*.*))

install: all ## install below DESTDIR; never overwrites a configuration
	install -d $(DESTDIR)$(PAMDIR) $(DESTDIR)$(LIBEXECDIR) $(DESTDIR)$(SBINDIR) $(DESTDIR)$(DOCDIR) \
		$(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man8 $(DESTDIR)$(SYSUSERSDIR) \
		$(DESTDIR)$(TMPFILESDIR) $(DESTDIR)$(UNITDIR) $(DESTDIR)$(COMPLETIONDIR) $(DESTDIR)$(ZSHCOMPLETIONDIR)
	install -d -m 755 $(DESTDIR)$(SYSCONFDIR)
	install -d -m 700 $(DESTDIR)$(CACHEDIR) $(DESTDIR)$(STATEDIR)
	$(call replace,755,$(BUILD)/helper,$(LIBEXECDIR)/helper)
	$(call replace,644,$(BUILD)/pam_cognito_oidc.so,$(PAMDIR)/pam_cognito_oidc.so)
	$(call replace,755,$(BUILD)/cognito-oidc,$(SBINDIR)/cognito-oidc)
	sed 's:/usr/sbin/:$(SBINDIR)/:' conf/export-accounts >$(DESTDIR)$(LIBEXECDIR)/export-accounts
	chmod 755 $(DESTDIR)$(LIBEXECDIR)/export-accounts
	install -m 644 docs/pam_cognito_oidc.8 docs/cognito-oidc.8 $(DESTDIR)$(MANDIR)/man8/
	install -m 644 docs/pam_cognito_oidc.json.5 $(DESTDIR)$(MANDIR)/man5/
	sed 's:/usr/sbin/:$(SBINDIR)/:' conf/completions/cognito-oidc.bash >$(DESTDIR)$(COMPLETIONDIR)/cognito-oidc
	sed 's:/usr/sbin/:$(SBINDIR)/:' conf/completions/_cognito-oidc >$(DESTDIR)$(ZSHCOMPLETIONDIR)/_cognito-oidc
	chmod 644 $(DESTDIR)$(COMPLETIONDIR)/cognito-oidc $(DESTDIR)$(ZSHCOMPLETIONDIR)/_cognito-oidc
	install -m 644 conf/config.json $(DESTDIR)$(DOCDIR)/config.json.sample
	install -m 644 docs/callback.html $(DESTDIR)$(DOCDIR)/callback.html
	for family in $(FAMILIES); do \
		install -d $(DESTDIR)$(SAMPLEDIR)/$$family && \
		install -m 644 conf/pam.d/$$family/* $(DESTDIR)$(SAMPLEDIR)/$$family/ || exit 1; done
	@# Another family may have been installed before.
	rm -rf $(DESTDIR)$(DOCDIR)/pam.d
ifneq ($(and $(filter 1,$(words $(FAMILY))),$(filter $(FAMILIES),$(FAMILY))),)
	install -d $(DESTDIR)$(DOCDIR)/pam.d
	ln -sr $(addprefix $(DESTDIR)$(SAMPLEDIR)/$(FAMILY)/,$(notdir $(wildcard conf/pam.d/$(FAMILY)/*))) $(DESTDIR)$(DOCDIR)/pam.d/
else
	@echo 'There are no service files for FAMILY="$(FAMILY)", only for: $(FAMILIES).'
endif
	sed 's:_cognito-oidc:$(HELPER_USER):' conf/sysusers.d/pam_cognito_oidc.conf \
		>$(DESTDIR)$(SYSUSERSDIR)/pam_cognito_oidc.conf
	sed 's:/run/pam_cognito_oidc:$(RUNDIR):; s:/var/cache/pam_cognito_oidc:$(CACHEDIR):; s:/var/lib/pam_cognito_oidc:$(STATEDIR):' \
		conf/tmpfiles.d/pam_cognito_oidc.conf >$(DESTDIR)$(TMPFILESDIR)/pam_cognito_oidc.conf
	chmod 644 $(DESTDIR)$(SYSUSERSDIR)/pam_cognito_oidc.conf $(DESTDIR)$(TMPFILESDIR)/pam_cognito_oidc.conf
	@for unit in $(UNITS); do \
		sed 's:_cognito-oidc:$(HELPER_USER):; s:/usr/sbin/:$(SBINDIR)/:; s:/usr/libexec/pam_cognito_oidc:$(LIBEXECDIR):; s:/run/pam_cognito_oidc:$(RUNDIR):; s:/etc/pam_cognito_oidc:$(SYSCONFDIR):; s:/var/lib/pam_cognito_oidc:$(STATEDIR):' \
			conf/systemd/$$unit >$(DESTDIR)$(UNITDIR)/$$unit && chmod 644 $(DESTDIR)$(UNITDIR)/$$unit || exit 1; done
ifneq ($(APPARMORDIR),)
	install -d $(DESTDIR)$(APPARMORDIR)
	sed 's:/usr/libexec/pam_cognito_oidc:$(LIBEXECDIR):; s:/etc/pam_cognito_oidc:$(SYSCONFDIR):' \
		conf/apparmor/$(APPARMOR) >$(DESTDIR)$(APPARMORDIR)/$(APPARMOR)
	chmod 644 $(DESTDIR)$(APPARMORDIR)/$(APPARMOR)
endif
ifeq ($(DESTDIR),)
	@# Earlier versions installed a profile for pam-auth-update(8).
	@if [ -e $(PREFIX)/share/pam-configs/cognito-oidc ]; then \
		pam-auth-update --package --remove cognito-oidc; rm -f $(PREFIX)/share/pam-configs/cognito-oidc; \
		echo "The PAM profile is removed: name the module in the service files instead."; fi
	@if [ "$$(id -u)" != 0 ] || id -u $(HELPER_USER) >/dev/null 2>&1; then :; else \
		useradd --system --user-group --home-dir /nonexistent --no-create-home \
			--shell /usr/sbin/nologin $(HELPER_USER); fi
endif

uninstall: ## remove what install put there; configuration and system user stay
ifeq ($(DESTDIR),)
	@# Without the module, its service files let in only root and members of breakglass.
	@[ ! -x $(SBINDIR)/cognito-oidc ] || $(SBINDIR)/cognito-oidc disable --all --force
	@if [ -d /run/systemd/system ]; then \
		systemctl disable --now cognito-oidc-accounts.timer cognito-oidc-tickets.timer cognito-oidc-undo.service \
			pam_cognito_oidc.socket || true; fi
endif
	rm -f $(addprefix $(DESTDIR)$(UNITDIR)/,$(UNITS))
	rm -f $(DESTDIR)$(PAMDIR)/pam_cognito_oidc.so $(DESTDIR)$(SBINDIR)/cognito-oidc
	$(if $(APPARMORDIR),rm -f $(DESTDIR)$(APPARMORDIR)/$(APPARMOR))
	rm -f $(DESTDIR)$(MANDIR)/man8/pam_cognito_oidc.8 $(DESTDIR)$(MANDIR)/man8/cognito-oidc.8
	rm -f $(DESTDIR)$(MANDIR)/man5/pam_cognito_oidc.json.5
	rm -f $(DESTDIR)$(COMPLETIONDIR)/cognito-oidc $(DESTDIR)$(ZSHCOMPLETIONDIR)/_cognito-oidc
	rm -f $(DESTDIR)$(SYSUSERSDIR)/pam_cognito_oidc.conf $(DESTDIR)$(TMPFILESDIR)/pam_cognito_oidc.conf
	rm -rf $(DESTDIR)$(LIBEXECDIR) $(DESTDIR)$(DOCDIR) $(DESTDIR)$(SAMPLEDIR) $(DESTDIR)$(CACHEDIR) \
		$(DESTDIR)$(RUNDIR) $(DESTDIR)$(RUNDIR)-helper
	[ ! -d $(dir $(DESTDIR)$(SAMPLEDIR)) ] || rmdir --ignore-fail-on-non-empty $(dir $(DESTDIR)$(SAMPLEDIR))
	@# What enable put aside is the only way back: it stays.
	rm -f $(DESTDIR)$(STATEDIR)/lock
	[ ! -d $(DESTDIR)$(STATEDIR)/enable ] || rmdir --ignore-fail-on-non-empty $(DESTDIR)$(STATEDIR)/enable
	[ ! -d $(DESTDIR)$(STATEDIR) ] || rmdir --ignore-fail-on-non-empty $(DESTDIR)$(STATEDIR)

# Needs the headers of the policy: selinux-policy-dev of Debian, selinux-policy-devel of Fedora.
SELINUX_MAKEFILE ?= /usr/share/selinux/devel/Makefile
selinux: $(BUILD)/pam_cognito_oidc.pp ## build/pam_cognito_oidc.pp, the SELinux policy module
$(BUILD)/pam_cognito_oidc.pp: $(wildcard conf/selinux/*)
	@sh tests/packages.sh selinux
	@mkdir -p $(BUILD)/selinux
	cp conf/selinux/* $(BUILD)/selinux/
	$(MAKE) -C $(BUILD)/selinux -f $(SELINUX_MAKEFILE) pam_cognito_oidc.pp
	cp $(BUILD)/selinux/pam_cognito_oidc.pp $@

# Debian's packaging lies below conf/ and is put where its tools want it in a copy of the tree.
DEBTREE := $(abspath $(BUILD))/deb/tree
deb: ## build/deb/libpam-cognito-oidc_VERSION_ARCH.deb; ARCH=arm64 for another one, where its libraries and crossbuild-essential-arm64 are
	@$(if $(ARCH),,sh tests/packages.sh build deb)
	rm -rf $(BUILD)/deb
	mkdir -p $(DEBTREE)
	tar -cf - --exclude=./build --exclude=./.git --exclude=__pycache__ --exclude=./conf/debian . | tar -xf - -C $(DEBTREE)
	cp -R conf/debian $(DEBTREE)/debian
	cd $(DEBTREE) && env -u MAKEFLAGS -u MAKELEVEL -u BUILD dpkg-buildpackage -us -uc -b -j$$(nproc) $(if $(ARCH),-a$(ARCH))
	@ls -l $(BUILD)/deb/*.deb

clean: ## remove build/
	rm -rf build

STYLED := pam_cognito_oidc.c $(wildcard src/*/*.[ch] src/*/*/*.[ch] tests/*/*.[ch] tests/*/*/*.[ch])
format: ## clang-format every C file
	clang-format -i $(STYLED)
format-check:
	clang-format --dry-run -Werror $(STYLED)

help: ## this list
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
