# `make` explains itself: each target's help is the text after its ##.

NODE_NAME ?= cp1
ADVERTISE_IP ?= 10.0.0.10
OUT ?= out
PREFIX ?= /usr/local
DESTDIR ?=

# The standard library is linked in, so that the binary runs where no Swift is; libcrypto stays the distribution's.
RELEASE = -c release --product pkigen --static-swift-stdlib -Xlinker --gc-sections -Xlinker -s
PKIGEN = .build/release/pkigen

.DEFAULT_GOAL := help
.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: deps
deps:
	@.ci/deps

.PHONY: build
build: deps ## build .build/release/pkigen
	swift build $(RELEASE)

.PHONY: install
install: build ## install it to PREFIX (/usr/local)
	install -D -m 0755 $(PKIGEN) $(DESTDIR)$(PREFIX)/bin/pkigen

.PHONY: pki
pki: build ## make a tree for NODE_NAME (cp1) at ADVERTISE_IP (10.0.0.10) in OUT (./out)
	$(PKIGEN) init --node-name $(NODE_NAME) --advertise-ip $(ADVERTISE_IP) --kubernetes-dir $(OUT)

.PHONY: test
test: deps ## run all tests, against real openssl, GnuTLS, pkilint, Go, Python, etcd and kubectl
	@Tests/judges/setup.sh
	swift build --build-tests
	swift test --skip-build

.PHONY: lint
lint: ## check the format, and what no source may contain
	swift format lint --strict --recursive Sources Tests Package.swift
	@.ci/lint

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
	$(PKIGEN) --generate-completion-script bash > .build/completions/pkigen.bash
	$(PKIGEN) --generate-completion-script zsh > .build/completions/_pkigen
	$(PKIGEN) --generate-completion-script fish > .build/completions/pkigen.fish

.PHONY: clean
clean: ## remove what was built
	rm -rf .build
