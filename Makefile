# Needs only make and Python 3.11 or newer; all else goes into a virtual environment beside this file.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help demo test chaos bench scale lint docs screenshots clean

# The environment is .venv, and .venv-<python>-<django> where either is named.
DJANGO ?=
# Of Python 3. Django 6 needs a newer one than we do.
OLDEST := $(if $(filter 6.%,$(DJANGO)),12,11)
suffix := $(DJANGO:%=-django%)
ifdef PYTHON
suffix := -$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')$(suffix)
else
recent = $(shell $(1) -c 'import sys; sys.exit(sys.version_info < (3, $(OLDEST)))' 2>/dev/null && echo $(1))
# Last those that pyenv has and keeps off the path.
pythons := python3 python3.13 python3.12 python3.11 $(wildcard $(HOME)/.pyenv/versions/3.*/bin/python3)
PYTHON := $(firstword $(foreach name,$(pythons),$(call recent,$(name))))
endif
VENV := .venv$(suffix)
BIN := $(VENV)/bin
BENCH := .venv-bench$(suffix)

# Tests, chaos and benchmarks start processes by the hundred: let them share what Python has compiled.
unexport PYTHONDONTWRITEBYTECODE

# Twice quiet: only errors; how an index is set up is not our business.
QUIET := -qq --disable-pip-version-check

# Three for two cores: many tests wait for processes. Who has nothing left takes what another has not begun.
PYTEST = $(BIN)/pytest -n $(shell $(PYTHON) -c 'import os; print(os.cpu_count() * 3 // 2)') --dist worksteal
POSTGRES := CLARION_TEST_DB=postgres DJANGO_SETTINGS_MODULE=tests.settings PYTHONPATH=. $(BIN)/python \
	-c 'from django.db import connection; connection.ensure_connection()'

help:
	@echo 'make demo          the example in the browser, on a real cluster (ONCE=1: one pass, then exit)'
	@echo 'make test          every test, on SQLite and on PostgreSQL (ONLY=path: those there)'
	@echo 'make chaos         every fault on every engine and database (QUICK=1: some, in a few minutes)'
	@echo 'make bench         how fast it is, beside others and the limit (QUICK=1: small sizes, under 5 minutes)'
	@echo 'make scale         what an event costs on PostgreSQL, what a day of them needs, and one played in a minute'
	@echo 'make lint          ruff, mypy, import-linter, missing migrations'
	@echo 'make docs          the documentation, into docs/_build/html'
	@echo 'make screenshots   the pictures in docs/images, in Chromium'
	@echo 'make clean         remove what the other targets made'
	@echo
	@echo 'Another Python or Django: make test PYTHON=python3.13, or DJANGO=6.1.3, or both'

demo: $(VENV)/.demo
	@$(BIN)/python example/demo.py $(if $(filter-out 0,$(ONCE)),--once)

test: $(VENV)/.test
	@echo '== Tests on SQLite'
	@CLARION_TEST_DB=sqlite $(PYTEST) $(ONLY)
	@if reason=$$($(POSTGRES) 2>&1); then \
		echo '== Tests on PostgreSQL'; \
		CLARION_TEST_DB=postgres $(PYTEST) $(ONLY); \
	else \
		echo '********************************************************************************'; \
		echo '** No PostgreSQL: half of the tests did NOT run.'; \
		echo "** $$(echo "$$reason" | grep Error | tail -n 1)"; \
		echo '** Start one on 127.0.0.1:5432, or set PGHOST, PGPORT, PGUSER and PGPASSWORD.'; \
		echo '********************************************************************************'; \
		test '$(CI)' != true; \
	fi

# Of the matrix: FAULT, ENGINE and DATABASE are patterns of names; FULL=1 is all of it, not thinned. SOAK=20000 soaks instead, with so many events.
chaos: $(VENV)/.chaos
	@$(BIN)/python -m chaos $(if $(SOAK),soak --events $(SOAK)) $(if $(filter-out 0,$(QUICK)),--quick) \
		$(if $(filter-out 0,$(FULL)),--full) $(SEED:%=--seed %) $(if $(FAULT),--fault '$(FAULT)') $(if $(ENGINE),--engine '$(ENGINE)') \
		$(if $(DATABASE),--database '$(DATABASE)') $(REPEAT:%=--repeat %) $(JOBS:%=--jobs %) \
		$(JSON:%=--json %) $(PAGE:%=--page %)

# FIGURE and DATABASE are patterns of names. LIST=1 says which there are.
bench: $(BENCH)/.bench
	@$(BENCH)/bin/python -m benchmarks $(if $(filter-out 0,$(QUICK)),--quick) $(if $(LIST),--list) \
		$(if $(FIGURE),--figure '$(FIGURE)') $(if $(DATABASE),--database '$(DATABASE)') \
		$(ROUNDS:%=--rounds %) $(JSON:%=--json %) $(PAGE:%=--page %) $(ADD:%=--add %)

scale: $(BENCH)/.bench
	@$(BENCH)/bin/python -m benchmarks.scale

lint: $(VENV)/.lint
	@echo '== ruff'
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@echo '== mypy: src, tests, chaos, benchmarks'
	@DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/mypy src tests chaos benchmarks
	@echo '== mypy: example, and the benchmark of it'
	@DJANGO_SETTINGS_MODULE=config.settings $(BIN)/mypy --cache-dir .mypy_cache/example \
		example benchmarks/realtime/*.py
	@echo '== import-linter'
	@$(BIN)/lint-imports
	@echo '== migrations'
	@DJANGO_SETTINGS_MODULE=tests.settings PYTHONPATH=. $(BIN)/django-admin makemigrations --check clarion

docs: $(VENV)/.docs
	@echo '== Sphinx'
	@$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going docs docs/_build/html
	@echo 'docs/_build/html/index.html'

screenshots: $(VENV)/.test
	@$(BIN)/python docs/screenshots.py $(ONLY)

clean:
	rm -rf .venv .venv-* .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist \
		docs/_build example/var

# One stamp for each extra: newer than what it was installed from.
$(VENV)/.%: pyproject.toml constraints.txt
	$(if $(PYTHON),,$(error No Python 3.$(OLDEST) or newer is on the path; name one: make $* PYTHON=/path/to/python))
	@echo '== Installing for $* into $(VENV) ($(PYTHON))'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install $(QUIET) --constraint constraints.txt --editable '.[$*]'
	@$(if $(DJANGO),$(BIN)/pip install $(QUIET) 'Django==$(DJANGO)')
	@touch $@

# An environment of its own: the peers must not stand in anybody's way.
$(BENCH)/.bench: pyproject.toml constraints.txt benchmarks/constraints.txt
	$(if $(PYTHON),,$(error No Python 3.$(OLDEST) or newer is on the path; name one: make bench PYTHON=/path/to/python))
	@echo '== Installing for bench into $(BENCH) ($(PYTHON))'
	@$(PYTHON) -m venv $(BENCH)
	@$(BENCH)/bin/pip install $(QUIET) --constraint constraints.txt --constraint benchmarks/constraints.txt \
		--editable '.[bench]'
	@$(if $(DJANGO),$(BENCH)/bin/pip install $(QUIET) 'Django==$(DJANGO)')
	@touch $@
