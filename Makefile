# What can be done here; `make` alone lists it.
#
# One profile (release) and one set of compiler flags for everything but `watch`, so that nothing is compiled twice: warnings are
# made errors on clippy's command line, never by RUSTFLAGS.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.ONESHELL:
# The stages share one build folder, and cargo locks it.
.NOTPARALLEL:

CARGO_TARGET_DIR ?= $(CURDIR)/target
export CARGO_TARGET_DIR

# The browser's files go beside the program, wherever the build folder is, so that it finds them by itself.
SITE := $(CARGO_TARGET_DIR)/site
HONDANA := $(CARGO_TARGET_DIR)/release/hondana
# cargo-leptos would look for a program named like the package, `server`.
LEPTOS := PATH="$$(scripts/tools.sh env):$$PATH" LEPTOS_SITE_ROOT="$(SITE)" LEPTOS_BIN_EXE_NAME=hondana cargo leptos

# The tests of use cases are no default member of the workspace: see Cargo.toml.
USE_CASES := cargo test --release --package library-tests

stage = printf '\n== %s\n' '$(1)'

.PHONY: help run watch build test axe check-host check-browser crash notices-crash model circulation bench bench-all \
	desk-latency outage live going-live lighthouse visit bounces proxy flood icons format tools tools-test

help: ## List what can be done
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Build everything, make the demo library in ./data and serve it
	@"$(HONDANA)" demo || echo 'Serving what is there.'
	exec "$(HONDANA)" serve

watch: tools ## Serve ./data; rebuild and reload the page whenever a source changes
	@# Piece by piece, see Cargo.toml.
	CARGO_PROFILE_RELEASE_INCREMENTAL=true CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 $(LEPTOS) watch --release --split -- serve

build: tools ## Build the program and the browser's files
	@# The compressed companions that `serve` writes would be taken for files of this build.
	rm -f "$(SITE)"/pkg/*.br "$(SITE)"/pkg/*.gz
	$(LEPTOS) build --release --split

test: tools-test check-host check-browser ## All that a change must pass: format, lints, tests, browser tests

check-host: tools ## Format, lints and tests of the server's side
	@$(call stage,Format)
	cargo fmt --all --check
	$(call stage,Lints of the server side)
	cargo clippy --release --workspace --exclude frontend --all-targets -- -D warnings
	$(call stage,Tests)
	@# Property tests draw the same cases each time here, so that a change is judged by what it changes.
	PROPTEST_RNG_SEED=1 cargo test --release
	PROPTEST_RNG_SEED=1 $(USE_CASES)
	cargo test --release --package hondana-bench

check-browser: tools-test ## Lints of the browser's side, the build, the browser tests
	@$(call stage,Lints of the browser side)
	cargo clippy --package frontend --target wasm32-unknown-unknown --profile wasm \
		--target-dir "$(CARGO_TARGET_DIR)/front" -- -D warnings
	$(call stage,Build)
	$(MAKE) --no-print-directory build
	$(call stage,A short measurement)
	@# Nothing is judged by it but that it can be made: the smallest library whose result list has a thirtieth page.
	cargo build --release --package hondana-bench
	$(BENCH) --sizes 4800 --seconds 0 --words none >/dev/null
	$(call stage,Lints of the browser tests)
	npm --prefix end2end run lint
	$(call stage,Browser tests)
	HONDANA_BIN="$(HONDANA)" npm --prefix end2end test

# Fixed, so that the same command does the same again.
SEED ?= 1
# Tests are compiled without optimisation, and with them the library's `async` code; what is measured is compiled with it.
MEASURED := --config profile.release.package.library-tests.opt-level=3
ROUNDS ?= 100
COMMANDS ?= 20000
PATRONS ?= 20000
SCANS ?= 500
STREAMS ?= 1000
VISIT ?= 5
MINUTES ?= 10

crash: tools-test ## Kill -9 under load, ROUNDS=100 SEED=1: nothing acknowledged is lost
	ROUNDS=$(ROUNDS) SEED=$(SEED) $(USE_CASES) crash:: -- --nocapture | grep -v '^ack '

notices-crash: tools-test ## Kill -9 of the worker that sends mails, ROUNDS=100 SEED=1: none lost, doubles with one Message-ID
	ROUNDS=$(ROUNDS) SEED=$(SEED) $(USE_CASES) notices::crash:: -- --nocapture

model: tools-test ## Random commands to the library and to a plain model of it, COMMANDS=20000 SEED=1
	@# In memory where there is room, since nothing has to last.
	if [ "$$(df -k --output=avail /dev/shm 2>/dev/null | tail -n 1)" -gt 4000000 ] 2>/dev/null; then
		export TMPDIR=/dev/shm
	fi
	COMMANDS=$(COMMANDS) SEED=$(SEED) $(USE_CASES) model:: -- --nocapture

circulation: tools-test ## Circulation per second beside each engine's bare rate; long queues beside short ones
	POSTGRES_FSYNC=on $(USE_CASES) $(MEASURED) bench:: -- --ignored --nocapture --test-threads=1

# Measured with what `make run` serves, so that it is that program which is measured.
BENCH := HONDANA_BIN="$(HONDANA)" LEPTOS_SITE_ROOT="$(SITE)" "$(CARGO_TARGET_DIR)/release/hondana-bench" run
SIZES ?= 10000 100000 1000000
ENGINES ?= sqlite postgres

bench: build tools-test ## Pages, searches and a storm of reservations with 10,000 titles, beside what can't be beaten; SEED=1
	@cargo build --release --package hondana-bench
	$(BENCH) --seed $(SEED) --engines "$(ENGINES)" --sizes 10000

bench-all: build tools-test ## The same with libraries of all SIZES='10000 1000000' on all ENGINES='sqlite postgres', written to docs/performance.md
	@cargo build --release --package hondana-bench
	$(BENCH) --seed $(SEED) --engines "$(ENGINES)" --sizes "$(SIZES)" --write docs/performance.md

desk-latency: build tools-test ## From Enter to the instruction on the screen, 20 desks at once, on each engine, SCANS=500
	@table=$$(mktemp)
	trap 'rm -f "$$table"' EXIT
	LATENCY=1 LATENCY_TABLE="$$table" SCANS=$(SCANS) HONDANA_BIN="$(HONDANA)" \
		npm --prefix end2end test -- latency.spec --workers=1
	printf '\n%s\n' '           | every desk          | all scans | Enter to instruction, ms    | of which server'
	printf '%s\n' 'engine     | scans               | together  |     p50     p99     max     |     p50     p99'
	cat "$$table"

outage: build tools-test ## The server dead for ten minutes while a desk scans thirty copies, MINUTES=10
	OUTAGE_MINUTES=$(MINUTES) HONDANA_BIN="$(HONDANA)" npm --prefix end2end test -- outage.spec --workers=1

live: build tools-test ## How soon what happens stands on a thousand open pages, on each engine; a server killed, STREAMS=1000
	@STREAMS=$(STREAMS) POSTGRES_FSYNC=on cargo test --release --package server-tests live_bench:: -- --ignored --nocapture

going-live: tools-test ## An old system's files taken in, PATRONS=20000 SEED=1, and moved to the other engine: report, times
	@GOING_LIVE=$(PATRONS) SEED=$(SEED) POSTGRES_FSYNC=on $(USE_CASES) $(MEASURED) \
		going_live::weekend::a_real_town -- --nocapture --test-threads=1

proxy: build ## docs/proxy against nginx and Caddy themselves, on ports 80 and 443 of this machine
	@scripts/proxy.sh "$(HONDANA)"

axe: build tools-test ## Every page in its states, light, dark, high contrast, forced colours, on three screens: what axe objects to
	@AXE=all HONDANA_BIN="$(HONDANA)" npm --prefix end2end test -- -g 'axe:'

lighthouse: build tools-test ## What Lighthouse says of five pages on a phone: the median of five looks
	@LIGHTHOUSE="$$(scripts/tools.sh lighthouse)" HONDANA_BIN="$(HONDANA)" npm --prefix end2end test -- lighthouse.spec --workers=1

visit: build tools-test ## What a visit costs a slow phone: bytes, requests, moments; later pages; typing, VISIT=5
	@VISIT=$(VISIT) HONDANA_BIN="$(HONDANA)" npm --prefix end2end test -- visit.spec --workers=1

flood: build tools-test ## What a flood of sign-ins at 32 clients costs those who search
	FLOOD=1 HONDANA_BIN="$(HONDANA)" npm --prefix end2end test -- flood.spec --workers=1

# Real mails that came back, beside the project where it is built; no part of it.
BOUNCES ?= $(CURDIR)/../shared/data/bounces

bounces: ## Real mails that came back: our reading beside another parser's, BOUNCES=folder
	@BOUNCES="$(BOUNCES)" $(USE_CASES) bounce_table:: -- --nocapture --test-threads=1

icons: tools-test ## Draw public/icons from the library's mark; ADDRESS=http://127.0.0.1:3000 also the two screenshots of the app
	@node scripts/icons.mjs $(ADDRESS)

format: ## Format the Rust sources
	@cargo fmt --all

tools:
	@scripts/tools.sh build

tools-test:
	@scripts/tools.sh test
