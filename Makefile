# The commands of the house. `make` alone lists them.
#
# The virtual environment is .venv/. It is rebuilt in place when a lock changes, and left alone otherwise:
# each stamp below is newer than the lock it was made from, or make runs its rule again.

VENV     := .venv
BIN      := $(VENV)/bin
RUNTIME  := $(VENV)/.runtime
DEV      := $(VENV)/.dev
INTEROP  := .venv-interop
FUZZ     := .venv-fuzz

# Tests run on every core unless told: make test WORKERS=0 runs them one by one, in one process.
WORKERS  ?= auto
# More words for pytest: make test PYTEST="-k ledger -x"
PYTEST   ?=

# Which installation's API a client is generated of: make clients CITY=https://pass.ville.example
CITY     ?= http://127.0.0.1:8400

# How long each reader is fuzzed, and which (all, unless named): make fuzz SECONDS=600 READER="qr.read"
SECONDS  ?= 60
READER   ?=

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev servers demo serve test test-fast check format bench bench-tour fuzz interop clients lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(RUNTIME) ## install MultiPass in .venv (nothing to do when the lock has not changed)

demo: setup ## build a demonstration city and serve it
	$(BIN)/multipass demo

serve: setup ## serve the city of the current settings
	$(BIN)/multipass serve

test: setup-dev servers ## run the whole suite, with real servers and a real browser
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(PYTEST)

test-fast: setup-dev ## run the unit and house tests: no server, under a minute
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal tests/unit tests/house $(PYTEST)

check: setup-dev ## format, lint, types and layers, changing nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup-dev ## format the code and apply the safe fixes
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: setup-dev servers ## run the benchmarks and print their figures
	$(BIN)/python -m bench

bench-tour: setup-dev servers ## bring readings of sensors by HTTP and MQTT, and print the figures with their bars
	$(BIN)/python -m bench tour

fuzz: $(FUZZ) ## fuzz every reader of codes and cards, a minute each (on Linux)
	$(FUZZ)/bin/python -m tests.fuzz $(SECONDS) var/fuzz $(foreach name,$(READER),"$(name)")

interop: setup-dev $(INTEROP) ## verify our signed objects with somebody else's COSE, and theirs with ours
	$(BIN)/python -m pytest tests/contract/test_python_cwt.py

clients: setup-dev ## generate a typed Python client of the API that runs at CITY into build/clients
	$(BIN)/openapi-python-client generate --url $(CITY)/docs/openapi.json --config deploy/clients.yaml \
		--output-path build/clients/python --overwrite

lock: ## resolve the dependencies again and write the lock files
	deploy/lock.sh

clean: ## remove the environment, caches and everything built (var/, the city's data, stays)
	rm -rf $(VENV) $(FUZZ) $(INTEROP) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- what the commands stand on ----------------------------------------------------------------

setup-dev: $(DEV)

servers:
	deploy/test-servers.sh

$(RUNTIME): requirements.lock pyproject.toml deploy/python-env.sh
	deploy/python-env.sh $(VENV) requirements.lock
	touch $@

# The development lock holds the runtime one whole: no need to install that first.
$(DEV): requirements-dev.lock pyproject.toml deploy/python-env.sh
	deploy/python-env.sh $(VENV) requirements-dev.lock
	touch $(RUNTIME) $@

# Each in an environment of its own: the one asks for another cbor2 than we do, the other for Linux.
$(INTEROP): deploy/interop.lock
	python3 -m venv --clear $@
	$@/bin/python -m pip install --quiet --require-hashes -r deploy/interop.lock
	touch $@

$(FUZZ): deploy/fuzz.lock requirements-dev.lock
	deploy/python-env.sh $@ requirements-dev.lock
	$@/bin/python -m pip install --quiet --require-hashes -r deploy/fuzz.lock
	touch $@
