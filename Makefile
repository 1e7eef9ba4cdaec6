# make setup   .venv from the lock file           make check   format, lint, types, borders, dbt parse
# make demo    a week of traffic, published       make test    every promise and every rule, in minutes
# make test-nights   what lives through several nights, or has a whole installation to itself; CI runs both
# make test-spark   the models on Spark, in an environment of its own (.venv-spark)
# make test-bi      a real Superset, and what a JDBC driver says of the marts
# make test-tools   what tests need that is no Python package: Chromium and a screen for it, node, npm, faketime (Debian),
#                   nginx and promtool (unpacked from Debian's packages into .tools),
#                   packages of tracker/
# make proof   the tests that repeat things for minutes, in their whole size, and the torture
# make torture ARGS='--kills 200 --nights 20 --minutes 40'       kill everything under load; nothing may be lost
# make docs    docs/ as a site with a search, which needs no network: .footfall/site/index.html
# make tracker   the scripts that the collector serves, and the package @footfall/tracker, built from tracker/src
# make dashboards   dashboards/superset/ from the contracts of the marts and the metrics
# make superset-lock   newer packages of Superset's own environment
# make release   dist/: wheel, sdist and the list of their components (CycloneDX, with licences), each of them checked
# make update-lists   newer lists of sources, suffixes, crawlers and user agents (docs/sources.md)
# make bench ARGS='--quick --only load'   how fast it is, as ratios measured side by side; without ARGS all, of a million events
.PHONY: docs setup demo test test-nights test-tools test-bi test-spark proof torture bench check dashboards format superset-lock tracker update-lists release

PYTHON ?= python3
BIN := .venv/bin
# Its processes end before Python's tracker of their semaphores, which says so.
SQLFLUFF := PYTHONWARNINGS=ignore:resource_tracker $(BIN)/sqlfluff lint --processes 0 --disable-progress-bar
CHECKED := $(CURDIR)/.footfall/check
export DAGSTER_DISABLE_TELEMETRY := yes
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export DBT_LOG_PATH := $(CHECKED)/logs
# Heavy imports take two to three times as long without bytecode.
unexport PYTHONDONTWRITEBYTECODE

setup: .venv/ready

.venv/ready: pyproject.toml uv.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Footfall needs Python 3.11 or newer")'
	test -x .venv/bin/uv || { $(PYTHON) -m venv .venv && .venv/bin/pip install --quiet --disable-pip-version-check uv; }
	.venv/bin/uv sync --quiet --frozen --inexact --compile-bytecode
	touch $@

demo: setup
	$(BIN)/footfall demo

test: setup
	$(BIN)/python -m tests.tools
	$(BIN)/pytest -q -n auto --dist loadgroup --no-loadscope-reorder -m "not nights and not bi and not spark" $(ARGS)

test-nights: setup
	$(BIN)/python -m tests.tools
	$(BIN)/pytest -q -n auto --dist loadgroup --no-loadscope-reorder -m "nights and not spark" $(ARGS)

test-bi: setup
	$(BIN)/python -m tests.tools
	$(BIN)/pytest -q -m bi $(ARGS) tests/bi

test-spark: .venv-spark/ready
	$(BIN)/python -m tests.tools
	.venv-spark/bin/pytest -q -n 2 --dist loadfile -m "spark and not proof" $(ARGS) tests/spark

# Spark is half a gigabyte that no other test needs.
.venv-spark/ready: .venv/ready
	UV_PROJECT_ENVIRONMENT=.venv-spark .venv/bin/uv sync --quiet --frozen --extra spark --group spark-tests --compile-bytecode
	touch $@

test-tools: setup
	$(BIN)/python -m tests.tools --install

proof: setup .venv-spark/ready
	$(BIN)/pytest -q -n auto --dist loadgroup --no-loadscope-reorder --proof -m "not spark"
	.venv-spark/bin/pytest -q --proof -m spark tests/spark
	$(BIN)/python -m tests.torture $(ARGS)

torture: setup
	$(BIN)/python -m tests.torture $(ARGS)

bench: setup
	$(BIN)/python -m bench $(ARGS)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/dbt --warn-error parse --quiet --project-dir dbt_project --profiles-dir dbt_project --target-path $(CHECKED)/target
	FOOTFALL_HOME=$(CHECKED) $(BIN)/python -c 'from orchestration.definitions import definitions as d; d.validate_loadable(d)'
	$(SQLFLUFF) dbt_project
	$(SQLFLUFF) --config plain.sqlfluff footfall ingestion serving warehouse
	$(BIN)/python -m tests.supply_chain.secrets
	$(BIN)/python -m tests.supply_chain.vulnerabilities

docs: setup
	.venv/bin/uv sync --quiet --frozen --inexact --group docs
	$(BIN)/sphinx-build --quiet --fail-on-warning -c docs/site docs $(CURDIR)/.footfall/site
	@echo $(CURDIR)/.footfall/site/index.html

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/sqlfluff fix --disable-progress-bar dbt_project
	$(BIN)/sqlfluff fix --disable-progress-bar --config plain.sqlfluff footfall ingestion serving warehouse

dashboards: setup
	$(BIN)/dbt parse --quiet --project-dir dbt_project --profiles-dir dbt_project --target-path $(CHECKED)/target
	$(BIN)/python -m dashboards $(CHECKED)/target/manifest.json

superset-lock: setup
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --only-binary :all: --no-header \
		--override footfall/superset/overrides.in --no-annotate \
		--output-file footfall/superset/requirements.txt footfall/superset/requirements.in

tracker: test-tools
	cd tracker && npm run build

release: setup
	rm -rf dist
	$(BIN)/uv build --quiet --out-dir dist
	$(BIN)/uv export --quiet --frozen --no-dev --format cyclonedx1.5 --output-file dist/sbom.cdx.json
	$(BIN)/uvx --quiet --from twine==7.0.0 twine check --strict dist/*.whl dist/*.tar.gz
	$(BIN)/python -m tests.supply_chain.release dist

update-lists: setup
	$(BIN)/uv lock --upgrade-package publicsuffixlist --upgrade-package crawler-user-agents --upgrade-package ua-parser-builtins
	$(if $(TABLE),$(BIN)/python -m dbt_project.lists $(TABLE))
