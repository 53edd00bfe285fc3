# Everything a newcomer runs. `make demo` and `make test` set themselves up.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CPUS ?= 2
# How long a campaign lets the coverage-guided fuzzer look, seconds.
FUZZ_SECONDS ?= 600
# What the clock of a test run is spent on is two processes; more threads in each only get in each other's way.
export OMP_NUM_THREADS ?= 1
export TOKENIZERS_PARALLELISM ?= false

.PHONY: help setup demo up test lint format campaign policy bench constraints clean
.DEFAULT_GOAL := help

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: $(READY) ## Make the environment and fetch the models (done by the others when needed)

$(READY): constraints.txt pyproject.toml safety/weights.yaml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Clearance needs Python 3.11 or newer; set PYTHON=/path/to/python3.11.")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "setting up: packages (about 5 GB on disk, shared with other environments where the file system can link)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -r constraints.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@echo "setting up: models, by digest"
	@$(BIN)/clearance models fetch
	@touch $@

demo: $(READY) ## Run the whole system on its scripted submissions; STAY=1 keeps it serving
	@$(BIN)/clearance demo $(if $(STAY),--stay) $(if $(BROKER),--broker $(BROKER)) $(if $(KAFKA),--kafka $(KAFKA))

up: $(READY) ## Run the system for real use
	@$(BIN)/clearance up

test: $(READY) ## Run every test
	$(BIN)/python -m pytest -n $(CPUS) --dist loadfile

lint: $(READY) ## Style, types and the direction of the arrows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## Put the code in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

campaign: $(READY) ## The long fault and fuzz campaigns
	CLEARANCE_CAMPAIGN=1 $(BIN)/python -m pytest -n $(CPUS) --dist loadfile
	@if $(BIN)/python -c 'import atheris' 2>/dev/null; then \
	  mkdir -p build/fuzz && $(BIN)/python tests/fuzz/normaliser_atheris.py -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=build/fuzz/ build/fuzz; \
	else echo "coverage-guided fuzzing is skipped: atheris is not installed (uv pip install -e '.[fuzz]')"; fi

policy: $(READY) ## Run the policy's own examples through the real gates
	$(BIN)/clearance policy test

bench: $(READY) ## Figures of the embedded models and the watermark
	@ls bench/*.py

constraints: ## Pin every package anew
	uv pip compile --quiet --python-version 3.11 --no-annotate --no-header --extra dev --override overrides.txt pyproject.toml -o constraints.txt

clean: ## Remove the environment and what a demo left behind
	rm -rf $(VENV) var build .mypy_cache .ruff_cache .hypothesis
