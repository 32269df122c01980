# The only list of commands. `make` alone prints it.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made-from-lock
# all extras but gpu: PyTorch with CUDA is some 3 GB, and only a machine with a GPU needs it
LOCKED := orchestrator worker demo dev

.DEFAULT_GOAL := help
.PHONY: help env demo test test-unit test-programs test-rust test-integration test-acceptance \
        test-chaos chaos test-gpu fuzz soak check format gen programs programs-check bench lock clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(STAMP) ## make the environment in .venv from the lock file

$(STAMP): requirements.lock pyproject.toml scripts/make_env.sh
	@PYTHON="$(PYTHON)" sh scripts/make_env.sh $(VENV)

demo: $(STAMP) ## run the whole network on this machine (CHAIN=validator, ARGS=--keep)
	@$(BIN)/iog demo --chain $(or $(CHAIN),embedded) --folder build/demo $(ARGS)

test: test-unit test-programs test-rust test-acceptance test-chaos test-integration ## all tests

test-unit: $(STAMP) ## unit tests: no network, no real time
	$(BIN)/pytest -q -n 2 tests/unit

test-programs: $(STAMP) ## every instruction, through the generated client, on the in-process SVM
	$(BIN)/pytest -q -n 2 tests/programs

test-rust: ## unit tests of the Rust crates (skipped where there is no cargo)
	@sh scripts/cargo_test.sh

test-acceptance: $(STAMP) ## the command and the daemons as processes
	$(BIN)/pytest -q -n 3 --dist loadfile tests/acceptance

test-chaos: $(STAMP) ## the short form of `make chaos`: some faults, once each
	$(BIN)/pytest -q -n 3 --dist loadfile tests/chaos

test-integration: $(STAMP) ## on solana-test-validator (PATH or IOG_VALIDATOR)
	$(BIN)/pytest -q -n 2 --dist loadfile tests/integration

test-gpu: $(STAMP) ## the GPU proof on CUDA (skipped without a GPU and the extra `gpu`)
	$(BIN)/pytest -q tests/gpu

fuzz: $(STAMP) ## the programs' state machines with random seeds for IOG_FUZZ_MINUTES (30)
	@$(BIN)/python scripts/fuzz.py

chaos: $(STAMP) ## kill, freeze, cut, fill, forge, and see that nothing is lost (IOG_CHAOS_ROUNDS=3, an hour; IOG_CHAOS_CHAIN=validator)
	IOG_CHAOS_ROUNDS=$(or $(IOG_CHAOS_ROUNDS),3) $(BIN)/pytest -q tests/chaos

soak: $(STAMP) ## every verb that waits for days, after its time, on solana-test-validator (15 minutes)
	$(BIN)/pytest -q tests/soak

check: $(STAMP) ## format, lint, types, import contracts, generated files, prebuilt programs, docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/emission_table.py --check
	$(BIN)/python scripts/gen.py --check
	$(BIN)/python scripts/programs.py verify
	$(BIN)/python scripts/program_docs.py --check
	$(BIN)/python scripts/authorities.py --check
	$(BIN)/python scripts/security.py --check --strict
	$(BIN)/python scripts/dashboard.py --check
	$(BIN)/python scripts/reliability.py --check
	$(BIN)/python scripts/check_docs.py

format: $(STAMP) ## format Python and Rust
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

gen: $(STAMP) ## client code, tables and pages from idl/ and the tests
	$(BIN)/python scripts/emission_table.py
	$(BIN)/python scripts/gen.py
	$(BIN)/python scripts/program_docs.py
	$(BIN)/python scripts/authorities.py
	$(BIN)/python scripts/security.py
	$(BIN)/python scripts/dashboard.py

programs: $(STAMP) ## build the programs, their IDLs and the manifest (KEYS=dir, SBF=1)
	@PYTHON=$(BIN)/python KEYS="$(KEYS)" SBF="$(SBF)" sh scripts/build_programs.sh
	@if [ "$(SBF)" = 1 ]; then $(MAKE) test-programs; fi

programs-check: $(STAMP) ## build the programs into build/programs and compare with the committed ones
	@PYTHON=$(BIN)/python sh scripts/build_programs.sh --check

bench: $(STAMP) ## measure; prints figures with the machine they were taken on
	$(BIN)/python -m bench

lock: $(STAMP) ## pin the newest versions that pyproject.toml allows (the extra gpu apart)
	$(BIN)/pip-compile $(LOCKED:%=--extra %) --generate-hashes --no-emit-index-url --no-emit-trusted-host \
	    --no-emit-find-links --strip-extras --allow-unsafe --no-header --upgrade \
	    --output-file requirements.lock pyproject.toml

clean: ## remove what the other targets made, the environment apart
	rm -rf build target
