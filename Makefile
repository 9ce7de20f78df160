# Millrace: what a person types. `make help` lists it. Everything is made inside this folder.

SHELL := /bin/sh
VENV := .venv
PYTHON := $(VENV)/bin/python
STAMPS := .make
WITH_NODE := PATH="$$(tools/node):$(CURDIR)/$(VENV)/bin:$$PATH"
FRONTEND_SOURCES := $(shell find frontend -name node_modules -prune -o -name dist -prune -o -type f -print 2>/dev/null)
DOCTESTED := common config accounts contacts segments messaging flows demo
XDIST ?= 2

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

.PHONY: help run test chaos lint format types bench setup lock clean
.DEFAULT_GOAL := help

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "  make %-8s %s\n", $$1, $$2}'

run: $(STAMPS)/python $(STAMPS)/frontend ## start Millrace; Ctrl-C stops it (DEMO=0: without the demo)
	@exec $(PYTHON) manage.py serve

test: setup ## set up and run every test, browser tests included
	@chromium="$$(tools/chromium)" || exit 1; failed=0; \
	$(PYTHON) -m pytest -n $(XDIST) || failed=1; \
	$(WITH_NODE) CHROMIUM="$$chromium" $(PYTHON) -m pytest tests/e2e || failed=1; \
	$(WITH_NODE) npm --prefix frontend test || failed=1; \
	exit $$failed

chaos: setup ## kill processes under load, ROUNDS (100) times, and count everything afterwards
	@$(PYTHON) -m pytest tests/chaos -q -s -p no:cacheprovider

lint: setup ## check style, types, arrows, and that nothing generated has drifted
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy .
	$(VENV)/bin/lint-imports
	$(PYTHON) manage.py makemigrations --check --dry-run
	$(PYTHON) manage.py check
	$(WITH_NODE) npm --prefix frontend run lint
	$(WITH_NODE) npm --prefix frontend run check
	$(WITH_NODE) npm --prefix frontend run words:check
	$(WITH_NODE) tools/types --check

format: setup ## put the code into the house's form
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .
	$(WITH_NODE) npm --prefix frontend run format

types: setup ## generate the browser's types from the API's document
	$(WITH_NODE) tools/types

bench: setup ## print figures: how much, how fast
	$(PYTHON) -m pytest tests/bench -q -s -p no:cacheprovider

setup: $(STAMPS)/python-dev $(STAMPS)/frontend ## install everything, run nothing

lock: $(STAMPS)/python-dev ## resolve the dependencies of pyproject.toml anew
	tools/lock

clean: ## remove what was installed and built (never var/, which holds data)
	rm -rf $(VENV) $(STAMPS) frontend/node_modules frontend/dist

$(PYTHON):
	@tools/venv $(VENV)

$(STAMPS)/python: requirements.lock | $(PYTHON)
	@mkdir -p $(STAMPS)
	@echo "millrace: installing the Python packages"
	@$(PYTHON) -m pip install -qq --require-hashes --no-deps -r requirements.lock
	@touch $@

$(STAMPS)/python-dev: requirements-dev.lock $(STAMPS)/python
	@echo "millrace: installing what the tests need"
	@$(PYTHON) -m pip install -qq --require-hashes --no-deps -r requirements-dev.lock
	@touch $@

$(STAMPS)/npm: frontend/package.json frontend/package-lock.json $(STAMPS)/python
	@echo "millrace: installing the browser's packages"
	@$(WITH_NODE) npm --prefix frontend ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(STAMPS)/frontend: $(FRONTEND_SOURCES) $(STAMPS)/npm
	@echo "millrace: building the browser's side"
	@$(WITH_NODE) npm --prefix frontend run --silent build -- --logLevel error
	@$(PYTHON) -m whitenoise.compress --quiet frontend/dist
	@touch $@
