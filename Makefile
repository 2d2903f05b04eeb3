# make run    set up and serve: web on 127.0.0.1:8000, SMTP on 127.0.0.1:2525
# make test   set up and test
# make bench  measure; figures stand in benchmarks/README.md

PYTHON ?= python3
BIN := .venv/bin
SHELL := /bin/sh
WORKERS ?= 2

.PHONY: run test bench lock check-python

run: .venv/run.stamp
	@$(BIN)/python manage.py serve

test: .venv/dev.stamp
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python -m pytest -n $(WORKERS) --ignore=tests/browser
	@$(BIN)/python -m pytest tests/browser

bench: .venv/dev.stamp
	@$(BIN)/python -m benchmarks.engine
	@$(BIN)/python -m benchmarks.answers
	@$(BIN)/python -m benchmarks.exams
	@$(BIN)/python -m benchmarks.killing
	@$(BIN)/python -m benchmarks.drawing
	@$(BIN)/python -m benchmarks.first_page
	@$(BIN)/python -m benchmarks.smtp
	@$(BIN)/python -m benchmarks.mixed
	@$(BIN)/python -m benchmarks.live
	@$(BIN)/python -m benchmarks.idle

.venv/run.stamp: requirements.txt | check-python
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	@echo "Installing dependencies ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt | check-python
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	@echo "Installing dependencies for tests ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ .venv/run.stamp

check-python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install Python 3.11 or newer (Debian: apt install python3 python3-venv)."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON to its name, for example PYTHON=python3.11 make run"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing (Debian: apt install python3-venv)."; exit 1; }

# Writes both requirement files anew from pyproject.toml; needs uv.
lock:
	uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11 pyproject.toml -o requirements.txt
	uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt
