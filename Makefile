# From a bare checkout with Python 3.11+ and make: everything else is fetched into this folder and into a cache.
# `make demo` shows it work, `make test` proves it. Settings: PYTHON=python3.12, WORKERS=4, KEEP=1, SCALE="claims=2".

PYTHON ?= python3
UV_VERSION := 0.13.9
UV := .boot/bin/uv
RUN := .venv/bin/python
WORKERS ?= logical
KEEP ?=
SCALE ?=
BROKERS ?= 1
ARGS ?=
DAYS ?=
WORLDS ?= 1000
SEED ?= 1

# A Python of uv's own would be another download, and not the one that was asked for.
export UV_PYTHON_DOWNLOADS := never
export UV_PROJECT_ENVIRONMENT := .venv

# Half of what a quick run costs is compiling the tests: kept, though the caller's environment may say not to.
unit: export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo test unit up down clock status bench faults simulate schemas lint format docs bare clean sbom audit

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1|/p' Makefile | while IFS='|' read -r name what; do printf '%-9s %s\n' "$$name" "$$what"; done

demo: .venv/.synced  ## the stories on real Kafka and PostgreSQL, live (KEEP=1 leaves it running)
	@$(RUN) -m deploy.demo $(if $(KEEP),--keep) $(ARGS)

test: .venv/.synced  ## every test, those on real Kafka and PostgreSQL included
	@$(RUN) -m pytest -n $(WORKERS) --maxprocesses 8 --dist loadgroup $(ARGS)

unit: .venv/.synced  ## the tests of the rules alone, in seconds (no database, nothing that takes long)
	@$(RUN) -m tests.unit $(ARGS)

up: .venv/.synced  ## the services on the embedded stack, for development (SCALE="claims=2", BROKERS=3, KEEP=1 keeps the data)
	@$(RUN) -m deploy.embedded up --scale "$(SCALE)" --brokers $(BROKERS) $(if $(KEEP),--keep)

down: .venv/.synced  ## end what `make up` and demos have left running
	@$(RUN) -m deploy.embedded down

clock: .venv/.synced  ## what the clock of `make up` shows; DAYS=30 moves it, and what falls due happens
	@$(RUN) -m deploy.embedded.moved_clock $(DAYS)

status: .venv/.synced  ## what `make up` has started and which demo runs, and where
	@$(RUN) -m deploy.embedded status

bench: .venv/.synced  ## the benchmarks, one JSON object a line
	@$(UV) sync --quiet --locked --group bench --inexact
	@$(RUN) -m tests.bench $(ARGS)

faults: .venv/.synced  ## the fault campaign, one JSON object a line
	@$(RUN) -m tests.faults $(ARGS)

simulate: .venv/.synced  ## worlds of the whole system, every promise checked (WORLDS=1000 SEED=1)
	@$(RUN) -m tests.simulation --worlds $(WORLDS) --seed $(SEED) $(ARGS)

schemas: .venv/.synced  ## write the contracts and the reference anew from the models
	@$(RUN) -m shared.events.schemas $(ARGS)
	@$(RUN) -m deploy.reference $(ARGS)

lint: .venv/.synced  ## format, types and import rules
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/pyright
	.venv/bin/pyright --project tests/pyrightconfig.json
	.venv/bin/lint-imports --no-logo

format: .venv/.synced  ## put the sources into the format that lint wants
	.venv/bin/ruff check --fix --show-fixes .
	.venv/bin/ruff format .

docs: .venv/.synced  ## the documentation site, built and checked (site/index.html)
	@$(RUN) -m deploy.reference
	@.venv/bin/zensical build --strict

sbom: .venv/.synced  ## what the image holds, as a CycloneDX document (sbom.json)
	@$(UV) export --quiet --frozen --no-dev --format cyclonedx1.5 --preview-features sbom-export --output-file sbom.json

audit: .venv/.synced  ## what the image holds against the known vulnerabilities of osv.dev (needs the internet)
	@$(UV) audit --locked --no-dev --preview-features audit || { code=$$?; \
	    test $$code -ne 2 || echo "nothing was checked: osv.dev, which lists the vulnerabilities, gave no answer" >&2; \
	    exit $$code; }

bare:  ## `make test` on a fresh clone with an empty home: what a newcomer meets
	@PYTHON="$(PYTHON)" deploy/bare test

clean:  ## remove what was fetched into this folder, and the data that KEEP=1 has kept
	@if test -x $(RUN); then $(RUN) -m deploy.embedded clean; fi
	rm -rf .venv .boot .run site sbom.json .cache .pytest_cache .ruff_cache .hypothesis bench.json
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment: exactly what uv.lock says. Up to date unless the lock has changed since.
.venv/.synced: pyproject.toml uv.lock | $(UV)
	@$(UV) sync --quiet --locked --python "$$(.boot/bin/python -c 'import sys; print(sys._base_executable)')"
	@touch $@

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	    { echo "Python 3.11 or later is needed, and '$(PYTHON)' is not: name one with make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	    { echo "'$(PYTHON)' cannot make environments (Debian keeps that apart: apt-get install python3-venv)" >&2; exit 1; }
	@echo "preparing the environment, once ..." >&2
	@rm -rf .boot && $(PYTHON) -m venv .boot && \
	    .boot/bin/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)" || { rm -rf .boot; exit 1; }
