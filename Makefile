# Each target sets up the environment if it needs it. VENV, PYTHON and TESTS may be set:
# make test VENV=/tmp/v PYTHON=python3.13 TESTS=tests/contracts
PYTHON ?= python3
VENV ?= .venv
TESTS ?= tests
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
COVERED_BY_UNIT_TESTS := src/domain/*,src/application/*,dev/postdate/domain/*,dev/postdate/application/*

.DEFAULT_GOAL := help
.PHONY: help install run test test-unit lint format types architecture coverage check bench build clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

install: $(STAMP) ## Set up .venv with Postdate and the development tools

$(STAMP): pyproject.toml constraints.txt tests/integration/task_queues/arq.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Postdate needs Python 3.11 or later, and $(PYTHON) is older: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade --constraint constraints.txt pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable . --group dev
	$(BIN)/python -m pip install --quiet --no-deps --upgrade --target $(VENV)/arq --requirement tests/integration/task_queues/arq.txt
	@touch $@

run: $(STAMP) ## Serve http://127.0.0.1:3000 on the embedded store; deliveries are printed here
	@exec $(BIN)/postdate serve

test: $(STAMP) ## Run every test; tests that need Docker are skipped if there is none
	$(BIN)/python -m pytest $(TESTS)

test-unit: $(STAMP) ## Run the unit tests: no sockets, a few seconds
	$(BIN)/python -m pytest tests/unit

lint: $(STAMP) ## Check format, style, types and architecture
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

coverage: $(STAMP) ## Require 95 % coverage of domain and application by the unit tests, then run every test
	$(BIN)/python -m coverage run -m pytest -q tests/unit
	$(BIN)/python -m coverage report --include='$(COVERED_BY_UNIT_TESTS)' --fail-under=95
	$(BIN)/python -m pytest tests/contracts tests/integration

check: lint coverage ## Lint, coverage and every test: must pass before a commit

bench: $(STAMP) ## Run the benchmarks, or make bench PARTS="drain http"; prints a table, writes bench.json
	$(BIN)/python -m bench $(PARTS)

build: $(STAMP) ## Build the wheel and the source distribution into dist/
	$(BIN)/python -m pip install --quiet --constraint constraints.txt build
	$(BIN)/python -m build

clean: ## Remove everything that make created
	rm -rf $(VENV) build dist .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
