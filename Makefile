# `make run` starts Journal Club and `make test` tests it; each first installs what it lacks.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test test-long lint bench browser constraints clean

VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' Makefile | awk -F'|' '{ printf "  %-18s %s\n", $$1, $$2 }'

run: $(VENV)/.run ## start Journal Club, and bring in the starter library behind it
	@$(BIN)/journalclub serve --ingest

test: $(VENV)/.dev browser ## run the tests, under five minutes of them
	$(BIN)/pytest -n auto --maxprocesses 4

test-long: $(VENV)/.dev ## run the tests that take minutes each
	$(BIN)/pytest -m long

lint: $(VENV)/.dev ## check style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: $(VENV)/.run ## run the benchmarks, or those named: make bench ONLY="latency memory"
	$(BIN)/python -m benchmarks $(ONLY:%=--only %) $(LIBRARY:%=--library %)

constraints: $(VENV)/.dev ## pin the newest versions that pyproject.toml allows
	$(BIN)/python -m venv --clear build/pins
	build/pins/bin/pip install --disable-pip-version-check "$$(grep '^torch==' constraints.txt)" -e '.[dev]'
	{ grep '^#' constraints.txt; \
	  build/pins/bin/pip freeze --all --exclude pip --exclude journal-club \
	  | sed 's/^\(torch==[^+]*\)+.*/\1/'; } > build/constraints.txt
	mv build/constraints.txt constraints.txt

clean: ## remove what was installed and built; the library in data/ stays
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache

# The browser tests drive a Chrome or Chromium that is there. Without one, they say so themselves.
browser: $(VENV)/.dev
	@for name in chromium chromium-browser google-chrome google-chrome-stable; do \
	  if command -v $$name >/dev/null; then exit 0; fi; \
	done; \
	if [ "$$(id -u)" = 0 ] && grep -qs '^ID=debian' /etc/os-release; then \
	  apt-get update -q \
	  && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends chromium; \
	else \
	  $(BIN)/playwright install chromium; \
	fi || echo "No browser could be installed: install Chromium or Chrome for the browser tests." >&2

# The stamps .run and .dev say what is installed: nothing is done again until these files change.
$(VENV)/.run: pyproject.toml constraints.txt $(VENV)/pyvenv.cfg
	@echo "Installing Journal Club into $(VENV), once: this takes a few minutes."
	$(INSTALL) -e .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt $(VENV)/pyvenv.cfg
	@echo "Installing Journal Club and its development tools into $(VENV), once."
	$(INSTALL) -e '.[dev]'
	@touch $(VENV)/.run $@

$(VENV)/pyvenv.cfg:
	@for python in python3 python3.13 python3.12 python3.11; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    exec $$python -m venv --clear $(VENV); \
	  fi; \
	done; \
	echo "Journal Club needs Python 3.11 or newer, and none was found: install one, then run make again." >&2; \
	exit 1
