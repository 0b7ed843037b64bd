# The words of this project. They need nothing but Python 3.10 or newer: they make their own virtual environment in .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Four processes on two cores: much of a test is waiting. What long tests need is in `make test-all`.
PYTEST := $(BIN)/python -m pytest -q -n 4 --dist worksteal
PROTO_VENV := .venvs/proto
DOCS_VENV := .venvs/docs
RELEASE_VENV := .venvs/release
# What meets asyncio calls and workers, and so the engine under them.
ON_FAST := $(addprefix tests/,faults worker security proxy neighbours unit/camunda_grpc unit/camunda_rest)

# The processes of the tests and the programs that they start import the same modules: compiled once, and not by each of them.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test test-all test-fast test-oldest test-newest foreign check unit proto twins docs site bench bench-report \
	gauntlet reliability soak fleet constraints build clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

demo: $(READY) ## the product's story on the embedded gateway
	@$(BIN)/python -m examples.demo

test: $(READY) check ## lint, types and the tests; says by name which gateways cannot run here, and why
	@$(PYTEST) -m "not long"

test-all: $(READY) check ## the same, everything that takes long, the fast engine, and the oldest and the newest dependencies
	@$(PYTEST)
	@$(MAKE) test-fast
	@$(BIN)/python scripts/test_bounds.py oldest
	@$(BIN)/python scripts/test_bounds.py newest

test-fast: $(READY) ## faults, workers, security and wires once more, with the fast engine under every asyncio call
	@$(PYTEST) --engine fast $(ON_FAST)

test-oldest: $(READY) ## the tests that meet our dependencies, with the oldest of these that the bounds allow, on the oldest Python here
	@$(BIN)/python scripts/test_bounds.py oldest

test-newest: $(READY) ## the same with the newest that constraints/newest.txt names, on the newest Python here
	@$(BIN)/python scripts/test_bounds.py newest

foreign: $(READY) ## our flows through clients that others wrote, installed from their registries, on the embedded gateway
	@$(BIN)/python -m pytest -q -rs tests/foreign

check: $(READY) ## lint, format, types, secrets
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/python scripts/scan_secrets.py & secrets=$$!; $(BIN)/mypy; types=$$?; wait $$secrets && exit $$types

unit: $(READY) ## the tests that start no gateway
	@$(PYTEST) tests/unit tests/contract tests/faults

proto: $(PROTO_VENV)/.ready ## compile proto/gateway.proto with the oldest supported tools
	@$(PROTO_VENV)/bin/python proto/generate.py

twins: $(READY) ## write the sync modules that are derived from asyncio ones
	@$(BIN)/python scripts/derive_sync.py

docs: $(READY) ## write what the docs derive from the table and from the tests; draw the picture
	@$(BIN)/python scripts/draw_architecture.py
	@$(BIN)/python -m scripts.mapping_docs
	@$(BIN)/python -m scripts.rest_api_docs
	@$(BIN)/python -m scripts.cli_docs
	@$(BIN)/python -m tests.scenarios.differences
	@$(BIN)/python -m tests.scenarios.engine.report

site: $(DOCS_VENV)/.ready ## the docs as a site in site/; a warning is an error
	@NO_MKDOCS_2_WARNING=1 $(DOCS_VENV)/bin/python -m mkdocs build --strict  # with --quiet, warnings are not counted

bench: $(READY) ## benchmarks, as ratios measured in one run
	@$(BIN)/python -m benchmarks

bench-report: $(READY) ## workers, engines, calls and how costs grow; writes docs/performance.md and its pictures (a quarter of an hour)
	@$(BIN)/python -m benchmarks.report

gauntlet: $(READY) ## our worker and others through every fault there is; writes docs/gauntlet.md
	@$(BIN)/python -m benchmarks.gauntlet

reliability: $(READY) ## what each fault of network and processes costs on each wire; writes docs/reliability.md (ten minutes)
	@$(BIN)/python -m benchmarks.hardship.reliability

soak: MINUTES ?= 30
soak: $(READY) ## three workers on three wires under faults every few seconds, for MINUTES=30
	@$(BIN)/python -m benchmarks.hardship.soak $(MINUTES)

fleet: $(READY) ## thousands of workers on a clock that jumps, against a model of gateways; writes docs/scaling.md
	@$(BIN)/python -m benchmarks.fleet

constraints: $(RELEASE_VENV)/.ready ## write constraints/ anew: the oldest dependencies that the bounds allow, and the newest there are
	@$(RELEASE_VENV)/bin/python scripts/constraints.py

# Files in a distribution are dated by the commit, so that everybody who builds it gets the same bytes.
build: export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct)
build: $(RELEASE_VENV)/.ready ## source distribution, wheel and bill of materials into dist/, checked, the wheel tried on every Python here
	@rm -rf dist
	@$(RELEASE_VENV)/bin/python -m build --outdir dist . > $(RELEASE_VENV)/build.log 2>&1 || { cat $(RELEASE_VENV)/build.log; exit 1; }
	@$(RELEASE_VENV)/bin/python -m twine check --strict dist/*
	@$(RELEASE_VENV)/bin/python scripts/reproducible.py dist/*
	@$(RELEASE_VENV)/bin/python scripts/smoke.py dist/*.whl
	@$(RELEASE_VENV)/bin/python scripts/bill_of_materials.py dist/*.whl

clean: ## remove the virtual environments and caches
	rm -rf $(VENV) .venvs build dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis

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

$(DOCS_VENV)/.ready: pyproject.toml
	@echo "installing into $(DOCS_VENV) ..."
	@$(PYTHON) -m venv $(DOCS_VENV)
	@$(DOCS_VENV)/bin/python -m pip install -q --disable-pip-version-check --upgrade "pip>=25.1"
	@$(DOCS_VENV)/bin/python -m pip install -q --disable-pip-version-check --group docs
	@touch $@

$(RELEASE_VENV)/.ready: pyproject.toml
	@echo "installing into $(RELEASE_VENV) ..."
	@$(PYTHON) -m venv $(RELEASE_VENV)
	@$(RELEASE_VENV)/bin/python -m pip install -q --disable-pip-version-check --upgrade "pip>=25.1"
	@$(RELEASE_VENV)/bin/python -m pip install -q --disable-pip-version-check --group release
	@touch $@
