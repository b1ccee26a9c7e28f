# Needs Python >= 3.10, git and make; everything else goes into the folder VENV. Options go on the command line:
#   make run ARGS="model=lightgcn seed=1"      make test PYTHON=python3.12 VENV=/tmp/fresh
PYTHON ?= python3
VENV ?= .venv
# One version, not a range: an open range can resolve to another build of several gigabytes.
TORCH ?= torch==2.13.0
# A folder or page with prebuilt wheels of torch-scatter and torch-sparse; empty: they are compiled.
WHEELS ?=
ARGS ?=

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test test-slow lint format readme docs sparse clean

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.core ## set up, then train RedND on the embedded data set (ARGS="..." adds overrides)
	$(BIN)/python train.py model=rednd $(ARGS)

# A worker for each core; what these start takes one thread then, for two on a busy core are slower than one.
test: $(VENV)/.test ## set up, then run the tests, less the slow ones
	OMP_NUM_THREADS=$${OMP_NUM_THREADS:-1} $(BIN)/python -m pytest -m "not slow" -n auto $(ARGS)

test-slow: $(VENV)/.test ## the tests that train for minutes
	$(BIN)/python -m pytest -m slow $(ARGS)

lint: $(VENV)/.dev ## style, types, import contracts, spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell

format: $(VENV)/.dev ## rewrite the files in the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

readme: $(VENV)/.core ## the README's tables of models and results, from cards, docstrings and docs/results.md
	$(BIN)/python docs/hooks/readme.py

docs: $(VENV)/.docs ## the documentation site, into site/; any warning is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict $(ARGS)

sparse: $(VENV)/.core ## add torch-scatter and torch-sparse: some 20 minutes of compiling, or WHEELS=folder
	$(PIP) setuptools wheel ninja
	PATH="$(abspath $(BIN)):$$PATH" CFLAGS=-g0 CXXFLAGS=-g0 $(PIP) --no-build-isolation \
		$(if $(WHEELS),--find-links "$(WHEELS)") torch-scatter==2.1.2 torch-sparse==0.6.18

clean: ## remove the environment, builds and caches; results (outputs/, multirun/) stay
	rm -rf "$(VENV)" build dist site .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# .core, .test, .dev and .docs are stamps, written last. While a step runs there is .unfinished in place of .core: what
# an interrupted pip leaves can look whole to the next pip, so an environment with that mark is made anew.
$(VENV)/.core: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("mmgraph needs Python >= 3.10: make PYTHON=..." if sys.version_info < (3, 10) else 0)'
	@if [ -e "$(VENV)/.unfinished" ]; then rm -rf "$(VENV)"; fi
	@mkdir -p "$(VENV)" && rm -f $@ && touch "$(VENV)/.unfinished"
	$(PYTHON) -m venv "$(VENV)"
	$(PIP) "$(TORCH)" numpy
	$(PIP) --editable .
	@mv "$(VENV)/.unfinished" $@ && touch $@

$(VENV)/.test $(VENV)/.dev $(VENV)/.docs: $(VENV)/.%: $(VENV)/.core
	@mv "$(VENV)/.core" "$(VENV)/.unfinished"
	$(PIP) --editable ".[$*]"
	@mv "$(VENV)/.unfinished" "$(VENV)/.core" && touch $@
