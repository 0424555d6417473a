# What is given away: the source, packages of it, what they consist of, and their digests.

.PHONY: dist sbom rpm
# The time of the newest entry of the changelog, which dpkg-buildpackage takes, too.
RELEASE_TIME = $(shell date -u -d "$$(sed -n '/^ -- /{s/.*>  //p;q}' conf/debian/changelog)" +%s)
DIST := $(BUILD)/dist
TARBALL := $(DIST)/pam_cognito_oidc-$(VERSION).tar.gz

# Of a checkout, what is not ignored; of an unpacked tarball, everything.
SOURCE_FILES = if [ -e .git ]; then git ls-files -z --cached --others --exclude-standard; \
	else find . -path ./build -prune -o -name __pycache__ -prune -o ! -type d -printf '%P\0'; fi

dist: ## build/dist/pam_cognito_oidc-VERSION.tar.gz, always the same for the same source
	@mkdir -p $(DIST)
	@$(SOURCE_FILES) | LC_ALL=C sort -z | \
		tar -cf - --null --no-recursion -T - --mtime=@$(RELEASE_TIME) --owner=0 --group=0 --numeric-owner \
			--mode=u=rwX,go=rX --format=ustar --transform='flags=r;s,^,pam_cognito_oidc-$(VERSION)/,' | \
		gzip -9n >$(TARBALL)
	@cd $(DIST) && sha256sum $$(ls | grep -v SHA256SUMS) >SHA256SUMS && cat SHA256SUMS

# Whose libraries it names depends on where it is built.
SBOM = $(DIST)/pam_cognito_oidc-$(VERSION).$(shell . /etc/os-release; echo $$ID$$VERSION_ID).$(shell uname -m).spdx.json
sbom: all dist ## build/dist/*.spdx.json: what the programs of this build consist of
	@$(PYTHON) conf/sbom.py $(VERSION) $(RELEASE_TIME) $(TARBALL) $(addprefix $(BUILD)/,pam_cognito_oidc.so helper cognito-oidc) >$(SBOM).new
	@mv $(SBOM).new $(SBOM)
	@cd $(DIST) && sha256sum $$(ls | grep -v SHA256SUMS) >SHA256SUMS && cat SHA256SUMS

# Debian has rpmbuild, but neither the distribution's macros nor a database of its packages, and the
# headers of a SELinux policy only where selinux-policy-dev is installed.
RPMTREE := $(abspath $(BUILD))/rpm
RPM_FOREIGN = $(if $(shell rpm --eval '%{?_unitdir}'),,--nodeps --load conf/rpm/macros $(if $(wildcard $(SELINUX_MAKEFILE)),,--without selinux))
# rpm knows another processor, but not the programs that build for it. And --target has it read its
# own macros again, and forget what --load gave it; only then it looks at --macros.
RPM_CROSS = $(if $(ARCH),--target $(ARCH) --macros "$$(rpm --showrc | sed -n 's/^Macro path: //p'):conf/rpm/macros" \
	--define 'cross $(ARCH)-linux-gnu-' --define '__strip $(ARCH)-linux-gnu-strip')
rpm: dist ## build/rpm/SRPMS, and RPMS for the distribution that this is built on; ARCH=aarch64 for that one, on Debian, as with make deb
	@$(if $(ARCH),,sh tests/packages.sh build rpm)
	rm -rf $(RPMTREE)
	mkdir -p $(RPMTREE)/SOURCES $(RPMTREE)/SPECS
	cp $(TARBALL) $(RPMTREE)/SOURCES/
	cp conf/sysusers.d/pam_cognito_oidc.conf $(RPMTREE)/SOURCES/pam_cognito_oidc.sysusers
	sed "s/@VERSION@/$(VERSION)/; s/@DATE@/$$(LC_ALL=C date -u -d @$(RELEASE_TIME) '+%a %b %d %Y')/" \
		conf/rpm/pam_cognito_oidc.spec >$(RPMTREE)/SPECS/pam_cognito_oidc.spec
	chmod 644 $(RPMTREE)/*/*
	touch -d @$(RELEASE_TIME) $(RPMTREE)/*/*
	env -u MAKEFLAGS -u MAKELEVEL -u BUILD -u CC TZ=UTC0 LC_ALL=C SOURCE_DATE_EPOCH=$(RELEASE_TIME) \
		rpmbuild -ba $(RPM_FOREIGN) $(RPM_CROSS) --define '_topdir $(RPMTREE)' --define '_buildhost localhost' \
		--define 'use_source_date_epoch_as_buildtime 1' --define 'clamp_mtime_to_source_date_epoch 1' \
		$(RPMTREE)/SPECS/pam_cognito_oidc.spec >$(RPMTREE)/log 2>&1 || { tail -40 $(RPMTREE)/log; exit 1; }
	@ls -l $(RPMTREE)/SRPMS/*.rpm $(RPMTREE)/RPMS/*/*.rpm
