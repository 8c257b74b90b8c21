# `make demo` and `make test` are all that a newcomer needs. Every target makes .venv first, with plain venv and pip.
#   make demo ARGS="--seed 7"      make simulate SEEDS=1000      make test ARGS="-k ledger"      make PYTHON=python3.12 test

PYTHON  ?= python3
WORKERS ?= 2
SEEDS   ?= 200
FIRST   ?= 0
DAY     ?=
ARGS    ?=

BIN        := .venv/bin
CONNECTORS := $(patsubst %/pyproject.toml,%,$(wildcard connectors/*/pyproject.toml))
STAMP      := .venv/installed
PEERS      := .judges/installed
HOSTILE    := tests/simulation/test_hostile.py connectors/amazon_sp/tests/worlds/test_hostile.py
quoted      = '$(subst ','\'',$(1))'
PYTEST     := $(BIN)/pytest -n $(WORKERS) --dist loadgroup

.PHONY: demo test check bench judges soak simulate docs readme reference format lock clean
.DEFAULT_GOAL := test

demo: $(STAMP)                # one simulated day on the accounts of plugins.toml
	@$(BIN)/entrepot demo $(ARGS)

test: $(STAMP)                # everything that takes seconds, offline
	$(PYTEST) $(ARGS)

check: $(STAMP)               # style, types, layers, docs
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/docs

bench: $(STAMP)               # ratios, microseconds by stage, memory
	$(BIN)/python -m benchmarks $(ARGS)

judges: $(STAMP) $(PEERS)     # other people's clients of Amazon's API beside ours, in an environment of their own
	$(BIN)/python -m judges $(ARGS)

soak: $(STAMP)                # what takes minutes: twenty demo seeds, twenty kills, the idle daemon; prints their figures
	$(BIN)/pytest -m soak $(ARGS)

simulate: $(STAMP)            # SEEDS hostile days of mock shops, and as many of Amazon; a failing one is shrunk to one command
	ENTREPOT_SEEDS=$(SEEDS) ENTREPOT_FIRST_SEED=$(FIRST) ENTREPOT_DAY=$(call quoted,$(DAY)) $(PYTEST) --dist worksteal $(HOSTILE) $(ARGS)

docs: $(STAMP)                # the site in build/docs, from the same pages that a code host shows; a warning fails
	$(BIN)/sphinx-build -E -a -q -W --keep-going -c docs -d build/doctrees . build/docs
	@echo "build/docs/index.html"

readme: $(STAMP)              # the output shown in README.md and the tutorials, from real runs
	$(BIN)/python docs/write_demo.py
	$(BIN)/python docs/write_week.py

reference: $(STAMP)           # the tables of docs/reference, from the code and the tests
	$(BIN)/python -m docs.write_reference
	$(BIN)/python -m docs.write_faults
	$(BIN)/python -m docs.write_requirements

format: $(STAMP)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

PIN = .lock/bin/pip-compile --quiet --upgrade --generate-hashes --strip-extras --allow-unsafe --no-emit-options \
    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host

lock:                         # pins dev.txt, judges.txt and npm/ anew, with the oldest Python; needs package indexes
	rm -rf .lock && $(PYTHON) -m venv .lock && .lock/bin/pip install --quiet pip-tools
	CUSTOM_COMPILE_COMMAND="make lock" $(PIN) --extra simulator --extra testing \
	    --output-file requirements/dev.txt pyproject.toml requirements/dev.in
	CUSTOM_COMPILE_COMMAND="make lock" $(PIN) --output-file requirements/judges.txt requirements/judges.in
	npm install --prefix requirements/npm --package-lock-only --omit-lockfile-registry-resolved --silent
	rm -rf .lock

clean:                        # .venv and what a user made stay; `git clean -xfd` takes those as well
	rm -rf .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist htmlcov
	find . -name .venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

# Two steps: pip refuses pins with hashes and editable installs in one call. Output goes to stderr, because
# `make -s demo ARGS="--format json"` promises one JSON object on stdout.
$(STAMP): requirements/dev.txt pyproject.toml $(CONNECTORS:=/pyproject.toml)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	    { echo "Entrepot needs Python 3.11 or newer, and '$(PYTHON)' is none: try make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	    { echo "'$(PYTHON)' lacks venv or pip: install them (Debian, Ubuntu: apt install python3-venv)" >&2; exit 1; }
	@echo "Installing into .venv" >&2
	@$(PYTHON) -m venv .venv >&2
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt >&2
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . $(CONNECTORS:%=-e %) >&2
	@touch $(STAMP)

$(PEERS): requirements/judges.txt requirements/npm/package-lock.json
	@$(PYTHON) -m venv .judges >&2
	@.judges/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/judges.txt >&2
	@cp requirements/npm/package.json requirements/npm/package-lock.json .judges
	@npm ci --prefix .judges --ignore-scripts --silent >&2 || echo "without npm the client for node is left out" >&2
	@touch $(PEERS)
