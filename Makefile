# The two commands of the README:  make report   and   make test
# Needs only Python 3.11 or newer and make. On Windows see the README.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
READY := .venv/.ready

.PHONY: report test siege torture lab lint lock settings clean

report: $(READY)  ## run every notebook on the embedded data and say where the reports are
	$(BIN)/cfw run --area cumberland --data sample

test: lint  ## lint, types and all tests
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder -m "not siege"

siege: $(READY)  ## the tests that take minutes: all notebooks with hostile names, and a short torture
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile -m siege

MINUTES ?= 3
SEED ?= 1
torture: $(READY)  ## damaged files, kills, full disks, hostile names: MINUTES=3 SEED=1, or CASE=file:123 to see one again
	cd tests && ../$(BIN)/python -m torture --minutes $(MINUTES) --seed $(SEED) --case "$(CASE)"

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; none was found. Install it, or: make PYTHON=/path/to/python"; exit 2; }
	$(PYTHON) -m venv .venv || { echo "Could not make .venv. On Debian or Ubuntu: apt install python3-venv"; exit 2; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.5"
	$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

lab: $(READY)  ## JupyterLab for analysts, in an environment of its own: it would slow every scheduled run
	$(PYTHON) -m venv .venv-lab
	.venv-lab/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.5"
	.venv-lab/bin/uv pip install --quiet --python .venv-lab/bin/python --constraint requirements.lock --editable ".[lab]"
	.venv-lab/bin/cfw lab

lock: $(READY)  ## pin every package anew; the file holds no addresses
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra dev --no-header --no-emit-index-url \
		pyproject.toml --output-file requirements.lock

settings: $(READY)  ## write docs/settings.md anew from the settings themselves
	$(BIN)/cfw settings --markdown > docs/settings.md

clean:  ## remove what make set up; imported data and outputs stay
	rm -rf .venv .venv-lab .mypy_cache .ruff_cache .pytest_cache .hypothesis
