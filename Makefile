# `make` explains itself: each target's help is the text after its ##.

NODE_NAME ?= cp1
ADVERTISE_IP ?= 10.0.0.10
OUT ?= out
PREFIX ?= /usr/local
DESTDIR ?=

# The standard library is linked in, so that the binary runs where no Swift is; libcrypto stays the distribution's, and
# is looked for where the system has it, not beside the binary. Types are found by calls and not by their names, for
# which the runtime would have to search all that is known of all types. The symbols that are wrapped are those of
# Sources/CStandIns. What is exported from a program keeps its code from being left out. A start has nothing to relocate, as
# of programs in Go; to relocate libstdc++ would take as long as libcrypto, so that it is linked in, from a directory in
# which no shared one is found.
STATIC = -c release --product pkigen --static-swift-stdlib --disable-local-rpath -Xlinker --gc-sections \
  -Xlinker --no-export-dynamic -Xlinker --wrap=hypot -Xlinker --wrap=hypotf -Xlinker --wrap=_dl_find_object \
  -Xswiftc -Xfrontend -Xswiftc -function-sections \
  -Xswiftc -Xfrontend -Xswiftc -disable-concrete-type-metadata-mangled-name-accessors \
  -Xswiftc -use-ld=lld -Xswiftc -Xclang-linker -Xswiftc -no-pie -Xswiftc -L$(CURDIR)/.build/archives \
  -Xswiftc -Xclang-linker -Xswiftc -static-libgcc
RELEASE = $(STATIC) -Xlinker -s -Xlinker --no-eh-frame-hdr -Xlinker --script=$(CURDIR)/.ci/release.ld \
  -Xlinker --symbol-ordering-file=$(CURDIR)/$(ORDER) -Xlinker --no-warn-symbol-ordering
# The functions that daily commands call. They are found once, by running the program before they are put side by side; an
# old list costs only memory, and so does none, where no program may trace another.
ORDER = .build/startup.order
PKIGEN = .build/release/pkigen
# A directory of its own, so that the tests are built while the program is.
TESTS = --scratch-path .build/tests
FAULTS = .build/judges/bin/python -B Tests/faults

# How long each reader is fuzzed, which of the tests run under sanitizers, and of how many calls one gets a fault.
FUZZ_SECONDS ?= 600
SANITIZE_TESTS ?= .
FAULTS_EVERY ?= 1
RSA_KEYS ?= 1000
PRIMES ?= 100000
RELATIONS ?= 2500
ODDITIES ?= 2000
KUBECONFIGS ?= 2000

.DEFAULT_GOAL := help
.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: deps
deps:
	@.ci/deps

.PHONY: build
build: deps $(ORDER) ## build .build/release/pkigen
	swift build $(RELEASE)

$(ORDER): | deps
	@mkdir -p .build/archives && ln -sf "$$(clang -print-file-name=libstdc++.a)" .build/archives
	swift build $(STATIC)
	clang -O2 -o .build/functions-run bench/functions-run.c
	bench/startup.sh .build/functions-run $(PKIGEN) > $@ || : > $@

.PHONY: install
install: build completions ## install it, with completions for shells, to PREFIX (/usr/local)
	install -D -m 0755 $(PKIGEN) $(DESTDIR)$(PREFIX)/bin/pkigen
	install -D -m 0644 .build/completions/pkigen.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/pkigen
	install -D -m 0644 .build/completions/_pkigen $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_pkigen
	install -D -m 0644 .build/completions/pkigen.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/pkigen.fish

.PHONY: pki
pki: build ## make a tree for NODE_NAME (cp1) at ADVERTISE_IP (10.0.0.10) in OUT (./out)
	$(PKIGEN) init --node-name $(NODE_NAME) --advertise-ip $(ADVERTISE_IP) --kubernetes-dir $(OUT)

.PHONY: unit
unit: deps ## test the libraries alone, with no other program than openssl
	@Tests/judges/setup.sh unit
	swift build --build-tests $(TESTS)
	swift test --skip-build $(TESTS) --skip '^(pkigenTests|InteropTests)\.'

.PHONY: test
test: ## run all tests, against real openssl, GnuTLS, pkilint, Go, Python, etcd and kubectl
	@$(MAKE) --no-print-directory -j3 judges tests build
	PKIGEN=$(CURDIR)/$(PKIGEN) swift test --skip-build $(TESTS)

# What `make test` does side by side, with `make build`: the other programs come from the network.
.PHONY: judges tests
judges: deps
	@Tests/judges/setup.sh
tests: deps
	swift build --build-tests $(TESTS)

.PHONY: example
example: deps ## build and run the package of docs/library.md, which uses the libraries from outside
	swift build --package-path Tests/example --scratch-path .build/example
	rm -rf .build/example-pki && .build/example/debug/example .build/example-pki

.PHONY: lint
lint: ## check the format, and what no source may contain
	swift format lint --strict --recursive Sources Tests Package.swift
	@.ci/lint

.PHONY: faults
faults: build ## let every file-system call fail, kill runs, race them; check RSA keys (FAULTS_EVERY, RSA_KEYS)
	@Tests/judges/setup.sh
	$(FAULTS)/sweep.py $(PKIGEN) --every $(FAULTS_EVERY)
	$(FAULTS)/order.py $(PKIGEN)
	$(FAULTS)/races.py $(PKIGEN)
	$(FAULTS)/places.py $(PKIGEN)
	$(FAULTS)/rsa-proof.py $(PKIGEN) --keys $(RSA_KEYS)

.PHONY: primes
primes: export PKIGEN_PRIMES = $(PRIMES)
primes: export PKIGEN_PRIMES_FILE = $(CURDIR)/.build/primes.txt
primes: deps ## have OpenSSL and Python look at primes that the search for RSA keys finds (PRIMES)
	@Tests/judges/setup.sh
	swift test $(TESTS) --filter RSAPrimeSearchTests
	$(FAULTS)/primes.py .build/primes.txt

.PHONY: agreement
agreement: ## compare pkigen with Go and others on RELATIONS and ODDITIES, with kubectl on KUBECONFIGS
	@$(MAKE) --no-print-directory -j3 judges tests build
	.build/judges/bin/python -B Tests/agreement/agreement.py $(PKIGEN) --relations $(RELATIONS) --oddities $(ODDITIES)
	PKIGEN=$(CURDIR)/$(PKIGEN) PKIGEN_KUBECONFIG_EDITS=$(KUBECONFIGS) \
	  swift test --skip-build $(TESTS) --filter KubeconfigAgreementTests

.PHONY: fuzz
fuzz: build ## give every reader damaged files for FUZZ_SECONDS (600) each, under AddressSanitizer
	PKIGEN_FUZZ=1 swift build -c release --scratch-path .build/fuzz --product pkigen-fuzz \
	  --sanitize address --sanitize fuzzer -Xswiftc -sanitize=address,fuzzer -Xswiftc -use-ld=lld
	Tests/fuzz/fuzz.sh $(PKIGEN) .build/fuzz/release/pkigen-fuzz $(FUZZ_SECONDS)
	Tests/fuzz/options.py $(PKIGEN) $(FUZZ_SECONDS)

.PHONY: sanitize
sanitize: export LSAN_OPTIONS = suppressions=$(CURDIR)/Tests/sanitize/leaks.txt:print_suppressions=0
sanitize: export TSAN_OPTIONS = suppressions=$(CURDIR)/Tests/sanitize/races.txt
sanitize: SANITIZED = -c release -Xswiftc -enable-testing -Xswiftc -use-ld=lld
sanitize: build ## run the tests, and pkigen in them, under two sanitizers, and an init under valgrind (SANITIZE_TESTS)
	@Tests/judges/setup.sh
	for sanitizer in address thread; do \
	  swift build --build-tests $(SANITIZED) --scratch-path .build/$$sanitizer --sanitize $$sanitizer && \
	  swift test --skip-build $(SANITIZED) --scratch-path .build/$$sanitizer --sanitize $$sanitizer \
	    --filter '$(SANITIZE_TESTS)' || exit; done
	Tests/faults/valgrind.sh $(PKIGEN)

.PHONY: bench
bench: build ## compare with a script of openssl commands; and with kubeadm and cfssl where they are
	bench/bench.sh $(PKIGEN)

.PHONY: man
man: deps ## write the manual pages to .build/man
	@mkdir -p .build/man
	swift package --allow-writing-to-directory .build/man generate-manual --multi-page --output-directory .build/man

.PHONY: completions
completions: build ## write completions for bash, zsh and fish to .build/completions
	@mkdir -p .build/completions
	$(PKIGEN) completion bash > .build/completions/pkigen.bash
	$(PKIGEN) completion zsh > .build/completions/_pkigen
	$(PKIGEN) completion fish > .build/completions/pkigen.fish

.PHONY: dist
dist: build completions ## pack the program, completions and pages into .build/dist, with SHA-256 sums
	@.ci/binary $(PKIGEN)
	.ci/dist $(PKIGEN) .build/completions .build/dist

.PHONY: clean
clean: ## remove what was built
	rm -rf .build
