# What tests build and run. Included by the Makefile; `make help` lists the targets.

TEST_LIB := $(TESTDIR)/libtest.a
TEST_CFLAGS = $(ALL_CFLAGS) $(HARDEN) $(if $(filter true,$(UNCONFINED)),-DSANITIZED=1) -Itests
UNIT := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
FUZZ := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
# Everything but the two main() and libpam's callers.
TEST_LIB_SRC := $(filter-out src/helper/main.c,$(HELPER_SRC)) $(SHARED_SRC)
VECTORS ?= ../shared/vectors
export VECTORS

$(TEST_LIB): $(call objects,$(TEST_LIB_SRC)) $(BUILD)/obj/paths/test.o
	@mkdir -p $(@D)
	@rm -f $@
	$(Q)ar rc $@ $^

# What a test plays itself is replaced at link time.
wrap = $(patsubst %,-Wl$(comma)--wrap=%,$(1))
WRAP_test_policy_table := calloc
WRAP_test_ticket_file := fdopendir readdir time
WRAP_test_tracked_device := RAND_priv_bytes flow_call http_deadline
WRAP_test_openssl_faults := EVP_Digest EVP_PKEY_CTX_new_from_name EVP_PKEY_fromdata_init EVP_PKEY_fromdata BN_bin2bn EVP_MD_CTX_new \
	EVP_DigestVerifyInit calloc malloc
WRAP_test_accounts_check := fopen getpwnam getpwuid getgrnam getgrgid
# The command's own files, of which the library has none.
WRAP_test_confine := chdir setrlimit getrlimit setgroups setresgid setresuid getresuid getresgid getsockopt timer_create timer_settime \
	sched_setscheduler setpriority sched_setaffinity prctl setuid geteuid getppid getgroups getpwnam
WRAP_test_sandbox := syscall close pipe2 seccomp_init seccomp_release seccomp_attr_set seccomp_rule_add seccomp_rule_add_array \
	seccomp_load seccomp_export_bpf
WRAP_test_service := accept4 poll
WRAP_test_transfer := curl_easy_setopt curl_multi_init curl_multi_add_handle curl_multi_remove_handle curl_multi_perform curl_multi_poll \
	curl_multi_info_read curl_easy_getinfo
WRAP_test_original := fsync unlink rename fchmod fchown futimens fstat flistxattr fgetxattr fsetxattr original_read access
WRAP_test_sshd := program_run input_read_file access readlink systemd_runs systemd_ask kill connect recv poll clock_ms clock_left \
	output_marked getpwnam getgrnam setpwent getpwent
WRAP_test_doctor_host := fopen open write getxattr diagnosis_say
WRAP_test_trial := file_read file_replace file_remove file_open flock poll clock_ms clock_boot_ms clock_left ticket_file_boot original_sync \
	getpwnam break_glass_has systemd_runs systemd_ask access
WRAP_test_break_glass := fopen access getpwnam setpwent getpwent getgrouplist getgrgid sshd_ask program_run output_marked
WRAP_test_doctor_pam := fopen scandir getpwnam diagnosis_say input_read_file
UNIT_CLI := accounts_check break_glass doctor_host doctor_pam original sshd trial
CLI_OBJECTS := $(call objects,$(filter-out src/cli/main.c,$(wildcard src/cli/*.c)))
$(UNIT_CLI:%=$(TESTDIR)/unit/test_%): $(CLI_OBJECTS)
$(UNIT_CLI:%=$(TESTDIR)/unit/test_%): UNIT_MORE := $(CLI_OBJECTS) -lpam
$(TESTDIR)/unit/%: tests/unit/%.c $(TEST_LIB) $(wildcard tests/unit/*.h) $(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c)) Makefile tests/tests.mk
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(CC) $(TEST_CFLAGS) -o $@ $< $(call wrap,$(WRAP_$*)) $(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c)) \
		$(UNIT_MORE) $(TEST_LIB) -lcmocka $(HELPER_LIBS)

WRAP_reply := http_need http_prepare http_hold http_unhold http_post http_repeat frame_send_texts frame_receive
WRAP_module := clock_gettime poll getuid geteuid setgroups getpwnam_r spawn_start spawn_end warm_connect config_file_examine \
	config_file_read jwks_cache_read jwks_cache_write jwks_cache_claim jwks_cache_settle account_record_read pending_try_note \
	file_may_write ticket_file_lock ticket_file_unlock ticket_file_boot ticket_file_read ticket_file_write \
	ticket_file_write_or_remove ticket_file_remove_expired
WRAP_helper := transfer_load transfer_open transfer_close transfer_run transfer_is_unwanted transfer_lost transfer_tls_fault \
	names_look_up name_resolve sandbox_close frame_send frame_send_texts frame_receive clock_gettime time poll
FUZZ_helper := tests/unit/mint.c
# What the library lacks of the module, which is the only one that calls libpam.
FUZZ_module := $(filter-out $(TEST_LIB_SRC),$(MODULE_SRC))
$(TESTDIR)/replay/fuzz_module: $(call objects,$(FUZZ_module))
$(TESTDIR)/replay/fuzz_helper: $(call objects,$(FUZZ_helper))
$(TESTDIR)/replay/fuzz_%: tests/fuzz/fuzz_%.c tests/fuzz/replay.c $(TEST_LIB) Makefile tests/tests.mk
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(CC) $(TEST_CFLAGS) -Wno-missing-prototypes -o $@ $< tests/fuzz/replay.c $(call wrap,$(WRAP_$*)) \
		$(call objects,$(FUZZ_$*)) $(TEST_LIB) $(HELPER_LIBS)

# Programs that play a part: a PAM host, a helper that misbehaves.
$(TESTDIR)/drive: tests/pam/drive.c Makefile tests/tests.mk
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(CC) $(filter-out -fvisibility=hidden,$(TEST_CFLAGS)) -rdynamic -o $@ $< -lpam

$(TESTDIR)/many: tests/pam/many.c Makefile tests/tests.mk
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(CC) $(filter-out -fvisibility=hidden -Wmissing-prototypes,$(TEST_CFLAGS)) -rdynamic -o $@ $< -lpam -lpthread

$(TESTDIR)/earlier.so: tests/pam/earlier.c Makefile tests/tests.mk
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(CC) $(TEST_CFLAGS) -fPIC -shared -o $@ $< -lpam

$(TESTDIR)/scripted/helper: tests/pam/scripted_helper.c $(TEST_LIB) Makefile tests/tests.mk
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(CC) $(TEST_CFLAGS) -o $@ $< $(TEST_LIB)
	@chmod go-w $@

# Every file of the helper as it is, and one call that goes through the attacker's. The second one
# takes the place of an installed helper.
$(TESTDIR)/hostile/helper: $(BUILD)/obj/paths/test.o
$(TESTDIR)/hostile/installed: $(BUILD)/obj/paths/install.o
$(TESTDIR)/hostile/helper $(TESTDIR)/hostile/installed: tests/pam/hostile_helper.c $(call objects,$(HELPER_SRC)) Makefile tests/tests.mk
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(CC) $(filter-out -Wmissing-prototypes,$(TEST_CFLAGS)) -Wl,--wrap=http_post -o $@ \
		$(filter %.c %.o,$^) $(HELPER_LIBS)
	@chmod go-w $@

# Also installed as the helper, where a policy enforces (tests/confined).
$(TESTDIR)/confined/intruder: tests/confined/intruder.c Makefile tests/tests.mk
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(CC) $(TEST_CFLAGS) -pie -o $@ $<

# Calls of helper and command that go through the test's.
COUNTED = $(filter-out -Wmissing-prototypes,$(TEST_CFLAGS)) -Wl,--wrap=decide,--wrap=getaddrinfo,--wrap=fork -o $@ $(filter %.c %.o,$^)
$(TESTDIR)/counted/helper: tests/login/counted_decide.c tests/login/counted_names.c tests/login/later.c $(call objects,$(HELPER_SRC)) $(BUILD)/obj/paths/counted.o Makefile tests/tests.mk
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(CC) $(COUNTED) -Wl,--wrap=time $(HELPER_LIBS)
	@chmod go-w $@
$(TESTDIR)/counted/command: tests/login/counted_decide.c $(call objects,$(CLI_SRC)) $(BUILD)/obj/paths/counted.o Makefile tests/tests.mk
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(CC) $(COUNTED) $(CLI_LIBS)

# A module and a helper whose allocations and system calls fail where a plan says so.
$(call test_variant,torture,torture,cache-torture,run-torture,$(UNCONFINED),$(TESTDIR)/torture/plain,$(TESTDIR)/torture/unused)
TORTURED_MEMORY := malloc calloc realloc free strdup strndup
TORTURED_CALLS := close closedir fchmod fcntl fdopendir flock fstat fstatat fsync futimens getgroups getrlimit mkdir \
	open openat poll posix_spawn read readdir recv renameat send setgroups socket socketpair connect stat syscall unlinkat waitid write \
	access faccessat lstat unlink link rename readlink readlinkat symlinkat fchown fsetxattr flistxattr fgetxattr rmdir pipe2 waitpid \
	gethostname ftruncate fopen opendir mkdtemp getpwnam getpwuid getgrnam getgrgid posix_spawn_file_actions_init \
	posix_spawn_file_actions_addopen posix_spawn_file_actions_adddup2 posix_spawn_file_actions_addclosefrom_np posix_spawnattr_init \
	posix_spawnattr_setflags posix_spawnattr_setsigmask posix_spawnattr_setsigdefault
TORTURED = $(filter-out -Wmissing-prototypes -fvisibility=hidden,$(TEST_CFLAGS)) -DPLANS=\"$(TESTROOT)/torture/plans\" -o $@ $(filter %.c %.o,$^)
$(TESTDIR)/torture/pam_cognito_oidc.so: tests/torture/fault.c tests/torture/plan.h $(call objects,$(MODULE_SRC)) $(BUILD)/obj/paths/torture.o Makefile tests/tests.mk
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(CC) $(TORTURED) -DMODULE -fPIC -shared $(call wrap,$(TORTURED_MEMORY) $(TORTURED_CALLS)) $(MODULE_LIBS)
# installed/ is what a copy of a machine gets.
$(TESTDIR)/torture/cognito-oidc: $(BUILD)/obj/paths/torture.o
$(TESTDIR)/torture/installed/cognito-oidc: $(BUILD)/obj/paths/install.o
$(TESTDIR)/torture/cognito-oidc $(TESTDIR)/torture/installed/cognito-oidc: tests/torture/fault.c tests/torture/plan.h $(call objects,$(CLI_SRC)) Makefile tests/tests.mk
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(CC) $(TORTURED) -DMODULE $(call wrap,$(TORTURED_MEMORY) $(TORTURED_CALLS)) $(CLI_LIBS)
$(TESTDIR)/torture/helper: tests/torture/fault.c tests/torture/plan.h $(call objects,$(HELPER_SRC)) $(BUILD)/obj/paths/torture.o Makefile tests/tests.mk
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(CC) $(TORTURED) -rdynamic $(call wrap,$(TORTURED_MEMORY) curl_global_init) $(HELPER_LIBS)
	@chmod go-w $@

TEST_PROGRAMS := $(UNIT:%=$(TESTDIR)/unit/%) $(FUZZ:%=$(TESTDIR)/replay/%) $(TESTDIR)/drive \
	$(TESTDIR)/hostile/helper $(TESTDIR)/hostile/pam_cognito_oidc.so $(TESTDIR)/many \
	$(TESTDIR)/counted/helper $(TESTDIR)/counted/command $(TESTDIR)/counted/pam_cognito_oidc.so \
	$(TESTDIR)/earlier.so $(TESTDIR)/scripted/helper $(TESTDIR)/scripted/pam_cognito_oidc.so \
	$(TESTDIR)/second/pam_cognito_oidc.so \
	$(TESTDIR)/warm/pam_cognito_oidc.so $(TESTDIR)/torture/installed/cognito-oidc \
	$(TESTDIR)/pam_cognito_oidc.so $(TESTDIR)/libexec/helper $(TESTDIR)/cognito-oidc

.PHONY: analyze differential booted tsan selinux-check apparmor-check warm-check torture torture-command threats package-check rpm-check files-check compilers libcurl suites newcomer soak coverage e2e interop deps-build deps-check test-programs check demo fuzz bench budget bench-accounts lint mutants valgrind
deps-build:
	@sh tests/packages.sh build
deps-check:
	@sh tests/packages.sh build check

test-programs: $(TEST_PROGRAMS)

check: deps-check ## every fast test, as root or not; `make check T=words` runs those whose name holds a word
	@$(MAKE) --no-print-directory -j$$(nproc) SAN=$(SAN) all test-programs
	@BUILD=$(BUILD) SAN=$(SAN) $(PYTHON) tests/run.py $(T)

demo: deps-build ## a real login against the local Cognito, in a throw-away copy of this machine
	@sh tests/packages.sh demo
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@BUILD=$(BUILD) sh tests/demo.sh

e2e: deps-check ## as root: real sshd, sudo, su, login, passwd in a throw-away copy; T=name for one story
	@sh tests/packages.sh e2e redhat
	@$(MAKE) --no-print-directory -j$$(nproc) all test-programs
	@BUILD=$(BUILD) $(PYTHON) tests/run.py --e2e $(T)

interop: deps-check ## against servers and clients that nobody here wrote (npm), and the local Cognito's own tests; T=words
	@sh tests/packages.sh interop
	@sh tests/interop/install.sh $(abspath $(BUILD))/interop
	@$(MAKE) --no-print-directory -j$$(nproc) test-programs
	@BUILD=$(BUILD) SAN=$(SAN) MODULES=$(abspath $(BUILD))/interop $(PYTHON) tests/run.py --interop $(T)

warm-check: deps-check ## logins through the warm helper, and what sends a module back to a helper of its own; T=words
	@sh tests/packages.sh build check
	@$(MAKE) --no-print-directory -j$$(nproc) SAN=$(SAN) all test-programs
	@BUILD=$(BUILD) SAN=$(SAN) $(PYTHON) tests/run.py --warm $(T)

booted: deps-check ## as root: the package in a machine that systemd boots: the warm helper, tries of enable; T=word for one
	@sh tests/packages.sh deb booted
	@$(MAKE) --no-print-directory deb
	@BUILD=$(BUILD) $(PYTHON) tests/run.py --booted $(T)

newcomer: ## as root: from a bare Debian to ssh and sudo, by the README; T=suite for another than bookworm
	@sh tests/packages.sh newcomer
	@bash tests/newcomer.sh $(T)

soak: deps-check ## thousands of hostile answers, killed hosts, loads and unloads, passwords; stopped hosts; repeats; the device flow's pace; 200 people; T=word for one, T=14-minutes for more of these, ROUNDS=20 T=storm for more of that
	@$(MAKE) --no-print-directory -j$$(nproc) SAN=$(SAN) test-programs $(TESTDIR)/lasting/helper $(TESTDIR)/lasting/pam_cognito_oidc.so
	@BUILD=$(BUILD) SAN=$(SAN) $(PYTHON) tests/run.py --soak $(T)

tsan: deps-check ## ThreadSanitizer over 8 threads of one host, each with 1,000 whole transactions; ROUNDS=n
	@$(MAKE) --no-print-directory -j$$(nproc) SAN=thread $(addprefix build/tsan/test/,many scripted/helper scripted/pam_cognito_oidc.so)
	@BUILD=build/tsan THREADS_ONLY=1 ROUNDS=$(or $(ROUNDS),1000) TSAN_OPTIONS="halt_on_error=1 exitcode=66 suppressions=tests/pam/tsan.supp" \
		$(PYTHON) tests/soak/many.py

# What decides, and the tests that are about it: every file of policy and module but those that
# only carry, keep or show what others decide.
UNMUTATED := src/helper/policy/exports.c \
	$(addprefix src/module/,answer.c config_file.c conversation.c file.c helper_client.c \
	jwks_cache.c options.c pending_try.c spawn.c warm.c)
MUTATED_TICKET := src/helper/recheck.c src/helper/policy/ticket_body.c src/helper/flow/tracked_device.c
MUTATED_CHALLENGE := $(addprefix src/helper/flow/,challenge.c password.c mfa_setup.c new_password.c)
MUTATED_POLICY := $(filter-out $(UNMUTATED) $(MUTATED_TICKET),$(wildcard src/helper/policy/*.c))
MUTATED_GATE := $(filter-out $(UNMUTATED),$(wildcard src/module/*.c))
POLICY_TESTS := test_rules test_users test_decision test_policy_table test_evidence
GATE_UNITS := test_gate test_module_ticket test_transaction test_ticket_recheck test_account_record test_session
GATE_SUITES := $(addprefix tests/pam/,test_gate.py test_account.py test_record.py test_reuse.py test_module.py)
TICKET_SUITES := $(addprefix tests/login/,test_recheck.py test_tracked_device.py test_revoke.py)
CHALLENGE_SUITES := $(addprefix tests/login/,test_challenges.py test_password.py test_answers.py) tests/hostile/test_stories.py
LINKED_UNITS := test_ticket test_ticket_file test_tracked_device
mutants: export MUTATED_POLICY := $(MUTATED_POLICY)
mutants: export POLICY_TESTS := $(POLICY_TESTS)
mutants: export MUTATED_TOKEN := $(wildcard src/helper/token/*.c)
mutants: export TOKEN_TESTS := test_jwt test_jwks test_claims test_base64url test_openssl_faults
mutants: export WRAP_test_policy_table := $(WRAP_test_policy_table)
mutants: export WRAP_test_openssl_faults := $(WRAP_test_openssl_faults)
coverage: export JUDGED := $(MUTATED_POLICY) $(wildcard src/helper/token/*.c) $(filter-out src/module/ticket_file.c,$(MUTATED_GATE)) pam_cognito_oidc.c
coverage: export GATE_SUITES := $(GATE_SUITES)
coverage: deps-check ## what the tests reach: MC/DC of what decides, then all of the source; T=decisions for the first alone
	@sh tests/packages.sh coverage e2e redhat deb booted
	@bash tests/coverage/decisions.sh $(abspath $(BUILD))
	@$(if $(filter decisions,$(T)),,bash tests/coverage/whole.sh $(abspath $(BUILD)))

mutants: export SAMPLE := $(SAMPLE)
mutants: export SEED := $(SEED)
mutants: export UNMUTATED := $(UNMUTATED)
mutants: export MUTATED_GATE := $(MUTATED_GATE)
mutants: export GATE_UNITS := $(GATE_UNITS)
mutants: export LINKED_UNITS := $(LINKED_UNITS)
mutants: export MUTATED_TICKET := $(MUTATED_TICKET)
mutants: export TICKET_SUITES := $(TICKET_SUITES)
mutants: export MUTATED_CHALLENGE := $(MUTATED_CHALLENGE)
mutants: export CHALLENGE_SUITES := $(CHALLENGE_SUITES)
mutants: export GATE_SUITES := $(GATE_SUITES)
mutants: export SERVICE_LIMITS := $(SERVICE_TEST)
mutants: deps-check ## every comparison and return of policy, gate, tickets and challenges turned round: a test must notice; T=word for some files, SAMPLE=n for one in n
	@$(PYTHON) tests/mutants/run.py $(T)

torture: deps-check ## every allocation and system call of a login fails once; SECONDS=n of it (600), then it goes on where it was; SAMPLE=n for one in n; PLACES=1 for each place in the code once; T=story
	@$(MAKE) --no-print-directory -j$$(nproc) $(TESTDIR)/drive $(TESTDIR)/torture/pam_cognito_oidc.so $(TESTDIR)/torture/helper
	@BUILD=$(BUILD) SECONDS=$(SECONDS) SAMPLE=$(SAMPLE) PLACES=$(PLACES) SEED=$(SEED) $(PYTHON) tests/torture/torture.py $(T)
torture-command: deps-check ## the same of the command; SAMPLE=n for one in n, PLACES=1 for each place once
	@$(MAKE) --no-print-directory -j$$(nproc) $(addprefix $(TESTDIR)/,cognito-oidc libexec/helper torture/cognito-oidc torture/plain/cognito-oidc torture/helper)
	@BUILD=$(BUILD) SECONDS=$(SECONDS) SAMPLE=$(SAMPLE) PLACES=$(PLACES) SEED=$(SEED) $(PYTHON) tests/torture/command.py

# The second readers of tokens and of JSON. A planted fault is one more file in front of the library.
DIFFERENTIAL := $(TESTDIR)/differential
DIFFERENTIAL_tokens := $(addprefix tests/differential/,tokens.c second.c mutate.c) tests/unit/mint.c
DIFFERENTIAL_texts := $(addprefix tests/differential/,texts.c readers.c read_jansson.c read_json_c.c mutate.c)
DIFFERENTIAL_LIBS := -ljansson -ljson-c $(HELPER_LIBS)
# $(1): program, $(2): where to, $(3): what is linked first
link_differential = $(CC) $(TEST_CFLAGS) -Itests/unit -o $(2) $(3) $(DIFFERENTIAL_$(1)) $(TEST_LIB) $(DIFFERENTIAL_LIBS)
$(DIFFERENTIAL)/tokens $(DIFFERENTIAL)/texts: $(DIFFERENTIAL)/%: $(TEST_LIB) $(wildcard tests/differential/*.[ch]) tests/unit/mint.c Makefile tests/tests.mk
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(call link_differential,$*,$@,)

differential: export LINK_tokens = $(call link_differential,tokens,@OUT@,-w @FILE@)
differential: export LINK_texts = $(call link_differential,texts,@OUT@,-w @FILE@)
differential: deps-check ## tokens and JSON against second readers (jansson, json-c): N=10000000 cases, SECONDS=n of it, then it goes on where it was; SEED=
	@sh tests/packages.sh differential
	@$(MAKE) --no-print-directory -j$$(nproc) $(DIFFERENTIAL)/tokens $(DIFFERENTIAL)/texts
	@BUILD=$(BUILD) N=$(N) SECONDS=$(SECONDS) SEED=$(SEED) $(PYTHON) tests/differential/run.py

threats: ## each threat of docs/security.md names code and tests that exist
	@$(PYTHON) tests/rules/test_threats.py

compilers: deps-check ## everything compiled by each gcc and clang of this machine, without a warning; T=names
	@bash tests/compilers.sh $(BUILD) $(T)

libcurl: deps-check ## the tests of what goes over the network with a libcurl built from SOURCE=folder
	@bash tests/libcurl.sh $(SOURCE) $(BUILD)

suites: ## as root: builds, tests and package on other releases of Debian and Ubuntu, in debootstrap folders; T=names
	@sh tests/packages.sh newcomer
	@bash tests/suites.sh $(T)

package-check: deps-check ## as root: the Debian package, built twice, judged, replaced and removed under logins
	@sh tests/packages.sh deb package
	@bash tests/package/check.sh $(abspath $(BUILD))

# The base modules are unpacked, not installed: nothing of this machine changes.
SELINUX_BASE := $(BUILD)/selinux/base
$(SELINUX_BASE)/usr/share/selinux/default:
	@mkdir -p $(SELINUX_BASE)
	cd $(SELINUX_BASE) && apt-get -o APT::Sandbox::User=root -q download selinux-policy-default
	dpkg -x $(SELINUX_BASE)/selinux-policy-default_*.deb $(SELINUX_BASE)

rpm-check: deps-check $(SELINUX_BASE)/usr/share/selinux/default ## as root: the packages of `make rpm`, built twice, judged, replaced and erased under logins
	@sh tests/packages.sh deb rpm e2e redhat selinux selinux-check
	@bash tests/package/rpm.sh $(abspath $(BUILD)) $(SELINUX_BASE)/usr/share/selinux/default

# Both are built anew.
files-check: deb rpm ## build/files.txt: what the .deb and the .rpm hold, side by side, and why it differs
	@$(PYTHON) tests/package/files.py $(BUILD)/files.txt $(BUILD)/deb/*.deb $(BUILD)/rpm/RPMS/*/*.rpm

selinux-check: selinux $(SELINUX_BASE)/usr/share/selinux/default ## what the SELinux module allows and what not, by the compiled policy
	@sh tests/packages.sh selinux-check
	@$(PYTHON) tests/selinux/check.py $(BUILD)/pam_cognito_oidc.pp $(BUILD)/selinux $(SELINUX_BASE)/usr/share/selinux/default

arm64: $(if $(filter-out apparmor suites,$(or $(T),selinux)),selinux $(SELINUX_BASE)/usr/share/selinux/default) ## as root: the package cross-built, logins on an emulated arm64 Debian, AppArmor or SELinux enforcing, and suites; T=words for some
	@sh tests/packages.sh arm64 selinux-check
	@mkdir -p $(BUILD)
	@bash tests/arm64/machine.sh $(BUILD) $(T)

apparmor-check: ## what the AppArmor profile allows and what not, by what the kernel would get
	@sh tests/packages.sh apparmor
	@$(PYTHON) tests/apparmor/check.py conf/apparmor/$(APPARMOR)

lint: ## clang, shellcheck, pylint, mandoc, cppcheck, clang-format
	@sh tests/packages.sh lint
	@sh tests/lint.sh

analyze: ## gcc -fanalyzer and clang-tidy over src/; tests/analyze.sh has the exceptions
	@sh tests/packages.sh build analyze
	@BUILD=$(BUILD) bash tests/analyze.sh

TIME ?= $(if $(T),$(T),60)
fuzz: export SOURCES := $(TEST_LIB_SRC) src/common/paths.c
fuzz: export WRAP_reply := $(WRAP_reply)
fuzz: export WRAP_module := $(WRAP_module)
fuzz: export FUZZ_module := $(FUZZ_module)
fuzz: export WRAP_helper := $(WRAP_helper)
fuzz: export FUZZ_helper := $(FUZZ_helper)
fuzz: export SEED := $(SEED)
fuzz: export ENGINE := $(or $(ENGINE),libfuzzer)
fuzz: ## libFuzzer with ASan and UBSan on every target, and what its corpus reaches; T=seconds for each, F=name for one, ENGINE=afl for AFL++, SEED=
	@sh tests/packages.sh build fuzz $(filter afl,$(ENGINE))
	@bash tests/fuzz/run.sh $(abspath build)/fuzz $(TIME) $(F)

valgrind: deps-check ## a whole login under valgrind
	@sh tests/packages.sh valgrind
	@$(MAKE) --no-print-directory -j$$(nproc) $(TESTDIR)/drive $(TESTDIR)/checked/pam_cognito_oidc.so \
		$(TESTDIR)/checked/helper
	@BUILD=$(BUILD) $(PYTHON) tests/valgrind.py

BENCH_PROGRAMS = $(addprefix $(TESTDIR)/bench/,together tls_client empty $(PEERS:%=peers/%)) $(addprefix $(TESTDIR)/,bench_verify growth footprint first_call)
bench: deps-check ## as root: every figure of docs/performance.md, as ratios of interleaved runs; T=words for some rows, QUICK=1 for fewer rounds, WRITE=1 renews that page
	@sh tests/packages.sh bench
	@$(MAKE) --no-print-directory -j$$(nproc) all test-programs $(BENCH_PROGRAMS) \
		$(TESTDIR)/lasting/helper $(TESTDIR)/lasting/pam_cognito_oidc.so
	@BUILD=$(BUILD) QUICK=$(QUICK) WRITE=$(WRITE) STFC=$(STFC) bash tests/bench/bench.sh $(T)

budget: deps-check ## instructions of fixed work, within 2 % of tests/bench/budget; WRITE=1 renews that
	@sh tests/packages.sh valgrind
	@$(MAKE) --no-print-directory -j$$(nproc) test-programs $(TESTDIR)/bench_verify $(TESTDIR)/steps
	@BUILD=$(BUILD) $(PYTHON) tests/bench/budget.py $(if $(WRITE),--write)

bench-accounts: deps-check ## as root: accounts of 100, 1,000 and 5,000 people beside /etc/passwd; T="100 500" for other sizes
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@BUILD=$(BUILD) bash tests/bench/accounts.sh $(T)

$(TESTDIR)/bench/%: tests/bench/%.c tests/tests.mk
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(CC) $(TEST_CFLAGS) -o $@ $< $(if $(filter tls_client,$*),-lssl -lcrypto)

# Each is built where its library is.
PEERS := $(foreach peer,cjose:cjose rhonabwy:librhonabwy jose:jose jwt:libjwt,$(if $(shell \
	pkg-config --exists $(lastword $(subst :, ,$(peer))) 2>/dev/null && echo yes),$(firstword $(subst :, ,$(peer)))))
PEER_LIBS_cjose := -lcjose -ljansson
PEER_LIBS_rhonabwy := -lrhonabwy
PEER_LIBS_jose := -ljose -ljansson
PEER_LIBS_jwt := -ljwt
$(TESTDIR)/bench/peers/%: tests/bench/peers/%.c tests/bench/peers/peer.c tests/bench/peers/peer.h tests/tests.mk
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(CC) $(TEST_CFLAGS) -o $@ $< tests/bench/peers/peer.c $(PEER_LIBS_$*)

$(TESTDIR)/bench_verify $(TESTDIR)/growth: $(TESTDIR)/%: tests/bench/%.c tests/unit/mint.c $(TEST_LIB)
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(CC) $(TEST_CFLAGS) -Itests/unit -o $@ $< tests/unit/mint.c $(TEST_LIB) $(HELPER_LIBS)

$(TESTDIR)/steps: tests/bench/steps.c $(TEST_LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) $(TEST_CFLAGS) -o $@ $< $(TEST_LIB) $(HELPER_LIBS)

sim-fleet: deps-check ## 1,000 hosts against a pool's quota, in simulated time, by the helper's own waits
	@$(MAKE) --no-print-directory $(TESTDIR)/sim_fleet
	@$(TESTDIR)/sim_fleet $(BUILD)/fleet.svg

$(TESTDIR)/sim_fleet: tests/bench/sim_fleet.c $(TEST_LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) $(TEST_CFLAGS) -o $@ $< $(TEST_LIB)

$(TESTDIR)/footprint $(TESTDIR)/first_call: $(TESTDIR)/%: tests/bench/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(TEST_CFLAGS) -o $@ $< -lpam
