# `make` or `make help` lists the targets; docs/README.md tells the rest.

.DEFAULT_GOAL := help
.PHONY: help run code reset test check bench simulation format lock clean environment catalogues browser
SHELL := /bin/sh

BIN := .venv/bin
# The oldest Python the product supports goes first: it is the one the lock was tried on.
PYTHONS := $(PYTHON) python3.11 python3.12 python3.13 python3.14 python3
# A name may stand for nothing that runs (a version manager's shim), so each one is tried.
FIND_PYTHON = for python in $(PYTHONS); do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& { echo "$$python"; exit 0; }; done; exit 1
CATALOGUES := $(wildcard app/translations/*/LC_MESSAGES/messages.po)

help: ## List the targets.
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

run: environment catalogues ## Start the whole product on this machine; Ctrl-C ends it. WEB_PORT, SANDBOX_PORT.
	@$(BIN)/python -m config.local.run

code: environment ## Print the demo staff's six digits for the second factor, while `make run` runs.
	@test -f var/local.env || { echo "Start the product first: make run"; exit 1; }
	@set -a; . var/local.env; $(BIN)/python -m config.local.code

reset: environment ## Empty the demo's database, mailbox and logs; refuses while it runs.
	@$(BIN)/python -m config.local.reset

test: environment catalogues browser ## Run every test, the browser journeys included. WORKERS.
	@$(BIN)/python -m pytest -n $(or $(WORKERS),3) --dist loadfile --no-loadscope-reorder

check: environment catalogues ## Format, lint, types, import law, translations, migrations.
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy --strict app tasks config tests
	@$(BIN)/lint-imports
	@$(BIN)/python -m config.local.catalogues
	@$(BIN)/python -m config.local.migrations

bench: environment catalogues ## Measure speed against probes, half an hour; ONLY="pages casting", SIZES="10000 1000000".
	@SIZES="$(SIZES)" $(BIN)/python -m tests.benchmarks $(ONLY)

simulation: environment catalogues ## Let 300 patrons live 24 months before the sandbox. PATRONS, MONTHS, SEED, STEP_DAYS.
	@SIMULATION_PATRONS=$(or $(PATRONS),300) SIMULATION_MONTHS=$(or $(MONTHS),24) \
	SIMULATION_STEP_DAYS=$(or $(STEP_DAYS),1) SIMULATION_SEED=$(SEED) \
	$(BIN)/python -m pytest tests/resilience/test_two_years.py -q -s

format: environment ## Put the code in its one format.
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate pyproject.toml
lock: environment ## Renew config/requirements/*.txt from pyproject.toml; UPGRADE=1 takes newer versions.
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/$(COMPILE) $(if $(UPGRADE),--upgrade) -o config/requirements/production.txt
	@$(BIN)/$(COMPILE) $(if $(UPGRADE),--upgrade) --extra local --extra dev -o config/requirements/dev.txt

clean: ## Delete .venv and every cache; the demo's data stays.
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

environment:
	@python=$$($(FIND_PYTHON)) || { \
		echo "Python 3.11 or newer is needed and was not found. Install it, or name it: make PYTHON=/path/to/python3"; \
		exit 1; }; \
	"$$python" -m config.local.bootstrap

browser: environment
	@$(BIN)/python -m config.local.browser

catalogues: $(CATALOGUES:.po=.mo)

%.mo: %.po | environment
	@$(BIN)/pybabel --quiet compile -i $< -o $@
