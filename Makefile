# Everything a person or CI does with this repository goes through these targets. `make help` lists them.
# Each one first makes sure that what it needs is installed; where it already is, that takes a fraction of a second.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON_IN := .venv/bin/python
ARGS ?=
# How many test processes run side by side where tests do not share a screen or all processors.
JOBS ?= 2
# `make test` measures coverage; the single suites run without, for speed.
PYTEST ?= $(PYTHON_IN) -m pytest

.PHONY: help
help: ## List these targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-12s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ── Install ─────────────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: app dev dev-screen bench-tools
app:
	@packaging/install-system.sh
	@packaging/install-python.sh app

dev:
	@packaging/install-system.sh
	@packaging/install-python.sh dev

dev-screen:
	@packaging/install-system.sh --tests
	@packaging/install-python.sh dev

bench-tools: dev-screen
	@packaging/install-python.sh bench

# ── Use ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: run
run: app ## Install what is missing and open the window (ARGS="--data-dir DIR" passes options)
	@packaging/check-screen.sh
	@exec $(PYTHON_IN) -m desktop $(ARGS)

# ── Check ───────────────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: test test-unit test-ui test-engine test-e2e
test: dev-screen ## Everything CI runs: lint, types, contracts, all tests with coverage floors
	@$(MAKE) lint types contracts
	@$(PYTHON_IN) -m coverage erase
	@$(MAKE) test-unit test-ui test-engine test-e2e PYTEST='$(PYTHON_IN) -m coverage run -m pytest'
	@$(PYTHON_IN) -m coverage combine --quiet
	@$(PYTHON_IN) packaging/coverage_floors.py

test-unit: dev ## Tests without Qt and without a model
	$(PYTEST) tests/unit -n $(JOBS) $(ARGS)

test-ui: dev ## Tests of widgets and panes, drawn off screen
	$(PYTEST) tests/ui -n $(JOBS) $(ARGS)

test-engine: dev ## Tests of the real worker with the starter model
	$(PYTEST) tests/engine $(ARGS)

test-e2e: dev-screen ## Tests of the real app in a real window
	$(PYTEST) tests/e2e $(ARGS)

.PHONY: lint format types contracts
lint: dev ## Style and likely mistakes (ruff)
	$(PYTHON_IN) -m ruff check
	$(PYTHON_IN) -m ruff format --check

format: dev ## Apply ruff's fixes and its formatting
	$(PYTHON_IN) -m ruff check --fix
	$(PYTHON_IN) -m ruff format

types: dev ## Static types (mypy, strict)
	$(PYTHON_IN) -m mypy

contracts: dev ## Which package may import which (import-linter)
	$(PYTHON_IN) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'

# ── Make ────────────────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: i18n bench bench-engine bench-ui screenshots package clean
i18n: dev ## Collect the window's text for translation into resources/i18n/
	@mkdir -p resources/i18n
	.venv/bin/pyside6-lupdate $$(find desktop/ui -name '*.py' | LC_ALL=C sort) \
		-source-language en -target-language en -locations none -no-obsolete -ts resources/i18n/locution_en.ts

bench: bench-tools ## Measure speed against llama.cpp's own server, and the cost of the app; prints JSON
	@$(PYTHON_IN) -m tests.bench $(ARGS)

bench-engine: bench-tools ## The engine's part of it
	@$(PYTHON_IN) -m tests.bench engine

bench-ui: dev-screen ## Long chats in the window (opening, scrolling, streaming), and search in a million messages
	@$(PYTHON_IN) -m tests.bench ui

screenshots: dev-screen ## Take pictures of the real window into resources/screenshots/
	$(PYTHON_IN) -m tests.e2e.screenshots $(ARGS)

package: dev ## Build the wheel and the source archive into dist/ and try the wheel out
	@rm -rf dist
	$(PYTHON_IN) -m build --no-isolation --outdir dist .
	$(PYTHON_IN) packaging/smoke_test.py dist

clean: ## Remove everything that was built, .venv included
	rm -rf .venv .venv.lock build dist .coverage .coverage.* coverage.json htmlcov .hypothesis .import_linter_cache \
		.mypy_cache .pytest_cache .ruff_cache
	find desktop tests packaging -name __pycache__ -type d -prune -exec rm -rf {} +
