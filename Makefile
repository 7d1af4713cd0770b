# `make` alone lists the targets.
SHELL       := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PKGS        ?= ./...
TESTFLAGS   ?= -race -shuffle=on -timeout=10m
BENCHFLAGS  ?= -benchmem
LINTFLAGS   ?= --timeout=15m
VERSION     ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
# Arguments for `make demo`, for example: make demo ARGS="--fresh --addr 127.0.0.1:9000"
ARGS        ?=

.PHONY: help
help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z0-9-]+:.*## / { printf "  %-19s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: demo
demo: ## Start everything with an example workspace (set-up included; Ctrl-C stops it)
	@./scripts/ensure-system.sh postgres
	@$(MAKE) --no-print-directory build
	@exec ./bin/needle demo $(ARGS)

.PHONY: build
build: ## Build bin/needle
	@CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$(VERSION)" -o bin/needle ./cmd/needle

.PHONY: test
test: ## Run every Go test against a private PostgreSQL (PKGS=./internal/impact for one package)
	@./scripts/ensure-system.sh postgres cc
	@CGO_ENABLED=1 go test $(TESTFLAGS) $(PKGS)

.PHONY: verify
verify: ## Check that generated files are current, go.mod is tidy, files are small
	@./scripts/ensure-system.sh git
	@./scripts/verify.sh

.PHONY: lint
lint: ## Run golangci-lint and the formatters' check at the pinned version
	@lint=$$(./scripts/golangci-lint.sh) && "$$lint" run --allow-parallel-runners $(LINTFLAGS) && "$$lint" fmt --diff

.PHONY: fmt
fmt: ## Format all code
	@lint=$$(./scripts/golangci-lint.sh) && "$$lint" fmt

.PHONY: generate
generate: ## Write every generated file
	@./scripts/generate.sh

.PHONY: bench
bench: ## Run the benchmarks (BENCHFLAGS="-benchmem -count=6" for comparable figures)
	@./scripts/ensure-system.sh postgres
	@go test -run '^$$' -bench . $(BENCHFLAGS) ./bench/...

.PHONY: bench-postgraphile
bench-postgraphile: ## Install PostGraphile for bench/cmd/compare (npm, x86-64; never in CI)
	@cd bench/postgraphile && npm install --no-audit --no-fund

.PHONY: e2e
e2e: ## Test the built binary from outside
	@./scripts/ensure-system.sh postgres
	@go test -count=1 -timeout=10m ./e2e/...

.PHONY: vulncheck
vulncheck: ## Look for known vulnerabilities our code can reach
	@./scripts/vulncheck.sh

.PHONY: tools
tools: ## Install what the other targets need
	@./scripts/ensure-system.sh postgres cc git
	@./scripts/golangci-lint.sh

.PHONY: clean
clean: ## Remove what was built here (the demo's data stays: needle demo --fresh)
	@rm -rf bin
