# The words of this project. They need nothing but Python 3.10 or newer: they make their own virtual environment in .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PROTO_VENV := .venvs/proto

.PHONY: help demo test test-all foreign check unit proto docs bench gauntlet build clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

demo: $(READY) ## the product's story on the embedded gateway
	@$(BIN)/python -m examples.demo

test: $(READY) check ## lint, types and the tests; says by name which gateways cannot run here, and why
	@$(BIN)/python -m pytest -q --ignore=tests/foreign

test-all: $(READY) check ## the same, and everything that takes long
	@$(BIN)/python -m pytest -q

foreign: $(READY) ## our flows through clients that others wrote, installed from their registries, on the embedded gateway
	@$(BIN)/python -m pytest -q -rs tests/foreign

check: $(READY) ## lint, format, types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

unit: $(READY) ## the tests that start no gateway
	@$(BIN)/python -m pytest -q tests/unit tests/contract tests/faults

proto: $(PROTO_VENV)/.ready ## compile proto/gateway.proto with the oldest supported tools
	@$(PROTO_VENV)/bin/python proto/generate.py

docs: $(READY) ## write what the docs derive from the table and from the tests
	@$(BIN)/python -m bridge.report
	@$(BIN)/python -m tests.scenarios.differences
	@$(BIN)/python -m tests.scenarios.engine.report

bench: $(READY) ## benchmarks, as ratios measured in one run
	@$(BIN)/python -m benchmarks

gauntlet: $(READY) ## our worker and others through every fault there is; writes docs/gauntlet.md
	@$(BIN)/python -m benchmarks.gauntlet

build: $(READY) ## wheel and source distribution into dist/
	@$(BIN)/python -m pip wheel -q --no-deps -w dist .

clean: ## remove the virtual environments and caches
	rm -rf $(VENV) .venvs build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Python 3.10 or newer is needed: make PYTHON=python3.12 ...")'
	@echo "installing into $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e ".[all]" --group dev
	@touch $@

$(PROTO_VENV)/.ready: proto/requirements.txt
	@$(PYTHON) -m venv $(PROTO_VENV)
	@$(PROTO_VENV)/bin/python -m pip install -q --disable-pip-version-check -r proto/requirements.txt
	@touch $@
