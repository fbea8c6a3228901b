# Every daily task. `make` alone lists them. Two are enough to begin: make run, make test.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run env env-test test test-long check format test-sqlite test-postgres browser stories faults bench \
        messages messages-check vendor lock

PORT ?= 8000
export PORT

# The demo region, with one-click sign-in, on an address of this machine only.
DEMO := SHOP_DEMO=1 SHOP_PORT=$(PORT) SHOP_PUBLIC_URL=http://127.0.0.1:$(PORT)

BIN := .venv/bin
FLASK := $(BIN)/flask --app wsgi
PYTEST := $(BIN)/pytest -n 2

# Source sentences are Chinese; the one catalogue is English.
ENGLISH := shop/i18n/en/LC_MESSAGES/messages.po
EXTRACT = $(BIN)/pybabel -q extract -F pyproject.toml -k lazy_gettext -k _l \
    -k lazy_pgettext:1c,2 --no-location --sort-output --project Shanhuo -o var/messages.pot .

define UNTRANSLATED
import sys
from babel.messages.pofile import read_po
with open(sys.argv[1], "rb") as file:
    gaps = [m.id for m in read_po(file, locale="en") if m.id and (m.fuzzy or not all(m.string if m.pluralizable else [m.string]))]
sys.exit("\n".join(["Without an English sentence:", *map(str, gaps)]) if gaps else 0)
endef
export UNTRANSLATED

help: ## List every task
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

run: env ## Start the shop with its demo region, on this machine only; PORT=8000
	$(DEMO) $(FLASK) migrate
	$(DEMO) $(FLASK) demo
	$(DEMO) $(FLASK) serve

env: ## Make .venv with what the shop needs
	@./env.sh
	@mkdir -p var
	$(if $(wildcard $(ENGLISH)),@$(MAKE) -s $(ENGLISH:.po=.mo))

env-test: env ## Add to .venv what tests and checks need
	@./env.sh test

test: env-test ## Everything: checks, then the tests on SQLite, on PostgreSQL and in a browser
	@./env.sh browser
	@$(MAKE) --no-print-directory check test-sqlite test-postgres browser
	@echo "make test: all passed"

check: env-test messages-check ## Format, lint, types, imports, catalogues
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --no-cache

format: env-test ## Put format and imports right
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

test-sqlite: env-test ## The tests on SQLite
	TEST_DATABASE=sqlite $(PYTEST) -m "not browser"

test-postgres: env-test ## The same tests, but the longest, on a PostgreSQL started for them
	TEST_DATABASE=postgres $(PYTEST) -n 3 -m "not browser"

test-long: env-test ## The tests on PostgreSQL with the long ones too
	LONG=1 TEST_DATABASE=postgres $(PYTEST) -m "not browser"

browser: env-test ## The tests that drive a real browser
	$(PYTEST) -m browser

STORIES ?= 2000
stories: env-test ## Thousands of random stories against an independent auditor, both databases; STORIES=2000
	STORIES=$(STORIES) TEST_DATABASE=sqlite $(BIN)/pytest -n 0 --timeout 0 tests/orders/scenarios
	STORIES=$(STORIES) TEST_DATABASE=postgres $(BIN)/pytest -n 0 --timeout 0 tests/orders/scenarios

faults: env-test ## Break off and kill the money's commands at every single statement (SQLite)
	FAULTS=1 $(PYTEST) --timeout 0 tests/faults

bench: env-test ## Every benchmark in bench/, each against its stated goal
	@set -e; for script in bench/bench_*.py; do echo "== $$script"; $(BIN)/python "$$script"; done

messages: env-test ## Take new sentences into the English catalogue, and compile it
	$(EXTRACT)
	@if [ -f $(ENGLISH) ]; then verb='update --ignore-pot-creation-date'; else verb=init; fi; \
	    $(BIN)/pybabel -q $$verb -i var/messages.pot -o $(ENGLISH) -l en
	@$(MAKE) -s $(ENGLISH:.po=.mo)

messages-check: env-test ## Fail when the English catalogue misses a sentence or keeps an old one
ifneq ($(wildcard $(ENGLISH)),)
	@$(EXTRACT)
	@cp $(ENGLISH) var/messages.po
	@$(BIN)/pybabel -q update --ignore-pot-creation-date -i var/messages.pot -o var/messages.po -l en
	@cmp -s var/messages.po $(ENGLISH) || \
	    { echo "$(ENGLISH) is behind the sources: run make messages" >&2; exit 1; }
	@$(BIN)/python -c "$$UNTRANSLATED" $(ENGLISH)
endif

%.mo: %.po
	@$(BIN)/pybabel -q compile -i $< -o $@

vendor: env-test ## Fetch the vendored script and fonts again (needs npm); commit the result
	./vendor.sh

lock: ## Write the two lock files anew from requirements*.in (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-header requirements.in -o requirements.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-header requirements-test.in -o requirements-test.txt
