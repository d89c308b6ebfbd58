# make demo   install into .venv and evaluate a tiny model on the bundled sample
# make test   install what the tests need and run them
#             (make test-all: with the environments of Axolotl and argilla-server too, 6 GB below ~/.cache/globmed)

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
SOURCES := $(shell find globmed_tools curation recipes tasks -type f -not -name '*.pyc' 2>/dev/null) pyproject.toml README.md

.DELETE_ON_ERROR:
.PHONY: help demo test test-all lint install clean bench

help:
	@sed -n '1,3s/^# //p' Makefile

$(VENV)/.base: constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("globmed: Python 3.11 or newer is needed, this is " + sys.version.split()[0] + "; try make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || { echo "making $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@echo "installing torch and lm-eval into $(VENV) (some minutes, about 2 GB)"
	@$(PIP) install --quiet -c constraints.txt torch==2.13.0
	@$(PIP) install --quiet -c constraints.txt hatchling editables "lm-eval[hf,api]==0.4.13"
	@touch $@

$(VENV)/.wheel: $(VENV)/.base $(SOURCES)
	@rm -rf dist
	@$(PIP) wheel --quiet --no-deps --no-build-isolation -w dist .
	@$(PIP) install --quiet -c constraints.txt "$$(ls dist/globmed-*.whl)[bench,curate,llm,report,review]"
	@$(PIP) install --quiet --no-deps --force-reinstall dist/globmed-*.whl
	@touch $@

$(VENV)/.dev: $(VENV)/.base
	@$(PIP) install --quiet -c constraints.txt pytest pytest-xdist hypothesis playwright import-linter ruff requests "ray[data]"
	@touch $@

install: $(VENV)/.wheel

demo: $(VENV)/.wheel
	@HF_HUB_OFFLINE=1 $(BIN)/globmed bench demo --out demo
	@echo "next: make test, or README.md on how to evaluate a real model"

test: $(VENV)/.wheel $(VENV)/.dev
	@HF_HUB_OFFLINE=1 $(BIN)/python -m pytest -n 2
	@echo "next: make demo, or docs in README.md and tasks/README.md"

test-all: $(VENV)/.wheel $(VENV)/.dev
	@$(BIN)/globmed review serve --only-env & server=$$!; $(BIN)/globmed recipes env && wait $$server
	@HF_HUB_OFFLINE=1 $(BIN)/python -m pytest -n 2 -m ""

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

clean:
	rm -rf dist build demo .pytest_cache .ruff_cache
