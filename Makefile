# The two commands: `make run` and `make test`. Everything else is listed by `make help`.
# Paths are relative on purpose: the clone may lie in a folder with spaces in its name.

SHELL := /bin/sh
.SHELLFLAGS := -eu -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# Independent checks run beside each other; each one's output stays together where this make can do that.
SYNC := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

ifndef PYTHON
PYTHON := $(shell for python in python3 python3.13 python3.12 python3.11 python3.14; do \
	if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo $$python; break; fi; done)
endif
IN_VENV := .venv/bin/python -m

.PHONY: help run install build test test-all soak evaluate dev python check-static check-types check-imports check-frontend browser pictures lint format lock secrets clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

run: install ## Start SAHUR, show it at work on a sample issue, and keep it running
	@exec .venv/bin/python manage.py up --sample

install: python ## Install what SAHUR needs (into this folder only)
	@"$(PYTHON)" -I sahur/embedded/install.py

build: install ## Build the pages again if their sources have changed

python:
	@test -n "$(PYTHON)" || { \
		echo "SAHUR needs Python 3.11 or newer; $$(python3 --version 2>/dev/null || echo 'no Python') was found." >&2; \
		echo "Install one (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python@3.12)," >&2; \
		echo "or say where it is: make run PYTHON=/path/to/python3" >&2; exit 1; }

dev: python
	@"$(PYTHON)" -I sahur/embedded/install.py --dev

# A change is judged by made-up texts that are the same each time; test-all makes up new ones.
test: dev ## Run all checks and tests
	@$(MAKE) -j 2 $(SYNC) check-static check-types check-imports check-frontend
	@$(IN_VENV) pytest -n 2 --dist loadgroup --durations=10 -m "not full" --hypothesis-profile=ci

test-all: dev ## The same, and the tests that take minutes
	@$(MAKE) -j 2 $(SYNC) check-static check-types check-imports check-frontend
	@$(IN_VENV) pytest -n 2 --dist loadgroup --durations=10

soak: dev ## Work and random faults for MINUTES=10, then every promise is checked
	@$(IN_VENV) tests.faults.soak --minutes $(or $(MINUTES),10) $(if $(SEED),--seed $(SEED))

evaluate: install ## Hold answers against cases whose outcome is known, MODEL=offline RUNS=1 (docs/evaluation.md)
	@.venv/bin/python manage.py evaluate --model $(or $(MODEL),offline) --runs $(or $(RUNS),1) --output .sahur/evaluation

lint: dev ## Run the static checks only
	@$(MAKE) -j 2 $(SYNC) check-static check-types check-imports

check-static:
	@echo "ruff" && $(IN_VENV) ruff check && $(IN_VENV) ruff format --check

check-types:
	@echo "mypy" && $(IN_VENV) mypy --no-error-summary sahur sahur_core sahur_mcp && echo "no type errors"

check-imports:
	@echo "import contracts" && .venv/bin/python -c 'import sys; from importlinter.cli import lint_imports_command; lint_imports_command()'

check-frontend:
	@echo "frontend: lint, generated types, types, unit tests" && cd frontend && npm run --silent lint && node scripts/generate-types.mjs --check && npm run --silent types && npm run --silent test

browser: dev ## Play every browser story
	@$(IN_VENV) pytest -n 0 tests/e2e/test_browser.py

pictures: dev ## Take the pictures of the documentation again, by the browser stories
	@SAHUR_SCREENSHOTS=$(CURDIR)/docs/images $(IN_VENV) pytest -n 0 tests/e2e/test_browser.py -k pictures
	@$(IN_VENV) tests.fakes.slack.pictures --out $(CURDIR)/docs/images

format: dev ## Put the code into its form
	@$(IN_VENV) ruff check --fix && $(IN_VENV) ruff format

lock: dev ## Resolve requirements/*.in again, with hashes and without hosts
	@for name in base dev; do \
		$(IN_VENV) uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
			--custom-compile-command "make lock" requirements/$$name.in --output-file requirements/$$name.txt; \
	done
	@! grep -nE '^--(extra-)?index-url|^--find-links|https?://' requirements/base.txt requirements/dev.txt

secrets: install ## Make the keys and passwords for docker-compose.yml
	@.venv/bin/python manage.py write_secrets secrets

clean: ## Remove what can be made again; the data in .sahur/ stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .sahur/install
	rm -rf frontend/node_modules frontend/.next frontend/out frontend/test-results frontend/playwright-report
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
