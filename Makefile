# Every target that needs the environment makes it. VENV, PYTHON and TESTS may be set:
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

install: $(STAMP) ## Set up .venv with Postdate and what its development needs

$(STAMP): pyproject.toml constraints.txt tests/integration/task_queues/arq.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Postdate needs Python 3.11 or later, and $(PYTHON) is older: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade --constraint constraints.txt pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable . --group dev
	$(BIN)/python -m pip install --quiet --no-deps --upgrade --target $(VENV)/arq --requirement tests/integration/task_queues/arq.txt
	@touch $@

run: $(STAMP) ## Serve http://127.0.0.1:3000 on the embedded store; deliveries are printed here
	@exec $(BIN)/postdate serve

test: $(STAMP) ## Run every test; what needs Docker is skipped where there is none
	$(BIN)/python -m pytest $(TESTS)

test-unit: $(STAMP) ## Run the unit tests: no sockets, a few seconds
	$(BIN)/python -m pytest tests/unit

lint: $(STAMP) ## Check format, style, types and architecture
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## Put code into its format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

coverage: $(STAMP) ## Hold domain and application to 95 % by unit tests alone, then run every test
	$(BIN)/python -m coverage run -m pytest -q tests/unit
	$(BIN)/python -m coverage report --include='$(COVERED_BY_UNIT_TESTS)' --fail-under=95
	$(BIN)/python -m pytest tests/contracts tests/integration

check: lint coverage ## All of the above: what must pass before a commit

bench: $(STAMP) ## Measure: all, or make bench PARTS="drain http"; a table, and bench.json
	$(BIN)/python -m bench $(PARTS)

build: $(STAMP) ## Build the wheel and the source distribution into dist/
	$(BIN)/python -m pip install --quiet --constraint constraints.txt build
	$(BIN)/python -m build

clean: ## Remove what was made
	rm -rf $(VENV) build dist .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
