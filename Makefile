# make        the list of targets
# make run    start the bot with the demo:            make run PORT=9000 DATA=elsewhere
# make test   every check that CI runs (tests, linters, types, wheel)
PORT ?=
DATA ?=
PYTHON ?= python3
PY = .venv/bin/python

.PHONY: help run test unit coverage lint types lock scan bench clean

help:            ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

.venv/run: requirements.txt
	@echo "准备环境（首次约一分钟）…"
	@test -x $(PY) || $(PYTHON) -m venv .venv
	@$(PY) -m pip install --disable-pip-version-check --require-hashes -r requirements.txt | sed -n 's/^Collecting \([^ ]*\).*/  \1/p'
	@$(PY) -c "import aiohttp, numpy, sqlite_utils, wechatpy" && touch $@

.venv/test: requirements-dev.txt .venv/run
	@$(PY) -m pip install --disable-pip-version-check -q --require-hashes -r requirements-dev.txt
	@touch $@

run: .venv/run   ## start the demo and print the address of the local room
	@$(PY) -m bot run --config config.example.toml $(if $(PORT),--port $(PORT)) $(if $(DATA),--data "$(DATA)")

test: lint types unit   ## everything CI runs

lint: .venv/test ## style
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .

types: .venv/test ## types, strict
	@$(PY) -m mypy

UNIT = $(PY) -m pytest -q -n auto --dist loadfile --no-loadscope-reorder
unit: .venv/test ## the tests
	@$(UNIT)

coverage: .venv/test ## the tests, and the lines that none of them reaches
	@$(PY) -m coverage erase
	@$(UNIT) --cov --cov-report=term-missing:skip-covered

bench: .venv/test ## the figures that the docs quote
	@$(PY) -m benchmarks
	@$(PY) -m benchmarks.room

LOCK = $(PY) -m piptools compile -q --generate-hashes --strip-extras --allow-unsafe --no-header --no-annotate \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links
lock: .venv/test ## the lock files, after a change of dependencies
	@$(LOCK) -o requirements.txt pyproject.toml
	@$(LOCK) --extra test -c requirements.txt -o requirements-dev.txt pyproject.toml
	@sed -i.bak '/^# The following packages/d' requirements.txt requirements-dev.txt && rm -f requirements*.bak

scan: .venv/test ## known weaknesses of the locked dependencies; asks the public database, so it needs the network
	@$(PY) -m pip_audit --disable-pip --require-hashes -r requirements.txt
	@$(PY) -m pip_audit --disable-pip --require-hashes -r requirements-dev.txt

clean:           ## away with what was built
	@rm -rf dist build .mypy_cache .pytest_cache .ruff_cache .coverage*
