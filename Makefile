# Everything runs from .venv, which `make env` builds from requirements.lock. `make help` lists the targets.

UV_VERSION := 0.13.8
CORES ?= 4

# The Python that .venv is built on: the first suitable one on PATH, unless PYTHON names one.
SUITABLE := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c '$(SUITABLE)' 2>/dev/null && echo $$p && break; done)

# One thread per process: the workflow and the tests run several processes side by side.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1

BIN := .venv/bin
UV := .tools/uv-$(UV_VERSION)/bin/uv

CHECK_PYTHON = $(or $(PYTHON),false) -c '$(SUITABLE)' 2>/dev/null || \
	{ echo "No Python >=3.11,<3.14 found (tried: $(or $(PYTHON),python3 python3.13 python3.12 python3.11)). Name one: make env PYTHON=/path/to/python" >&2; exit 1; }
GET_UV = test -x $(UV) || $(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
	--no-user --upgrade --only-binary :all: --target .tools/uv-$(UV_VERSION) uv==$(UV_VERSION)
ENV_WITH_UV = $(UV) venv --quiet --allow-existing --no-python-downloads --python $(PYTHON) .venv && \
	$(UV) pip sync --quiet --python $(BIN)/python --require-hashes --build-constraints requirements.lock \
		--compile-bytecode requirements.lock && \
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
ENV_WITH_PIP = $(PYTHON) -m venv .venv && \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock && \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .

.PHONY: help env run demo test fuzz bench lint lock clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' Makefile | awk -F ':.*## ' '{printf "make %-6s %s\n", $$1, $$2}'

env: .venv/.stamp ## create or update .venv from requirements.lock

.venv/.stamp: requirements.lock pyproject.toml $(wildcard analysis/mixed/residual/kernel/*)
	@$(CHECK_PYTHON)
	@{ $(GET_UV) && $(ENV_WITH_UV); } || { echo "uv could not set up .venv; trying venv and pip." >&2; $(ENV_WITH_PIP); }
	@touch $@

run: env ## analyse every trial in data/raw
	$(BIN)/snakemake --cores $(CORES)

demo: env ## simulate the demo trial
	$(BIN)/python -m analysis demo

test: env ## run the tests
	$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist loadscope

fuzz: env ## put broken and hostile files through the intake
	$(BIN)/python -W ignore -m tests.fuzz --cases 2000 --seed 7

bench: env ## time the engine
	$(BIN)/python -m tests.benchmarks

lint: env ## check style, types and the workflow's form
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy analysis
	$(BIN)/snakefmt --check Snakefile workflow/rules
	$(BIN)/snakemake --lint

lock: ## resolve pyproject.toml into requirements.lock (LOCK_FLAGS=--upgrade for newer versions)
	@$(CHECK_PYTHON); $(GET_UV)
	$(UV) pip compile --quiet --python $(PYTHON) --universal --python-version 3.11 --generate-hashes --group dev \
		--no-emit-index-url --no-annotate --custom-compile-command "make lock" $(LOCK_FLAGS) -o requirements.lock pyproject.toml

clean: ## remove .venv, tools and caches; data and reports stay
	rm -rf .venv .tools .snakemake .pytest_cache .mypy_cache .ruff_cache .hypothesis build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
