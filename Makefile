# The two commands of the README:  make report   and   make test
# Needs only Python 3.11 or newer and make. On Windows see the README.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
READY := .venv/.ready
READY_DEV := .venv/.ready-dev
READY_LAB := .venv-lab/.ready

.PHONY: report test siege torture lowest sample lab lint lock settings clean

report: $(READY)  ## run every notebook on the embedded data and say where the reports are
	$(BIN)/cfw run --area cumberland --data sample

test: lint  ## lint, types and all tests
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder -m "not siege"

siege: $(READY_DEV)  ## the tests that take minutes: all notebooks with hostile names, and a short torture
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile -m siege

MINUTES ?= 3
SEED ?= 1
torture: $(READY_DEV)  ## damaged files, kills, full disks, hostile names: MINUTES=3 SEED=1, or CASE=file:123 to see one again
	cd tests && ../$(BIN)/python -m torture --minutes $(MINUTES) --seed $(SEED) --case "$(CASE)"

sample: $(READY_DEV)  ## make data/sample again, byte for byte
	$(BIN)/python -m tools.sample

lint: $(READY_DEV)
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

$(READY_DEV): $(READY) requirements-dev.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements-dev.lock
	@touch $@

lowest: $(READY)  ## the oldest packages that pyproject.toml allows (Python 3.11, 3.12): two notebooks, quick tests
	$(PYTHON) -m venv --clear .venv-lowest
	$(BIN)/uv pip install --quiet --python .venv-lowest/bin/python --resolution lowest-direct --editable ".[dev]"
	.venv-lowest/bin/cfw new .venv-lowest/project
	CFW_HOME=.venv-lowest/project .venv-lowest/bin/cfw run 03 06 --quiet
	.venv-lowest/bin/python -m pytest -p no:cacheprovider tests/reach tests/disclosure tests/test_need.py

OPTIONS ?=
lab: $(READY_LAB)  ## copies of the notebooks in JupyterLab: make lab OPTIONS="--no-browser --port 8890"
	.venv-lab/bin/cfw lab $(OPTIONS)

$(READY_LAB): $(READY)  # an environment of its own: JupyterLab would slow every scheduled run
	$(PYTHON) -m venv .venv-lab
	$(BIN)/uv pip install --quiet --python .venv-lab/bin/python --constraint requirements.lock --editable ".[lab]"
	@touch $@

PIN = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-emit-index-url pyproject.toml
lock: $(READY)  ## pin every package anew, for make report and for make test; the files hold no addresses
	$(PIN) --output-file requirements.lock
	$(PIN) --extra dev --constraint requirements.lock --output-file requirements-dev.lock

settings: $(READY)  ## write docs/settings.md anew from the settings themselves
	$(BIN)/cfw settings --markdown > docs/settings.md

clean:  ## remove what make set up; imported data and outputs stay
	rm -rf .venv .venv-lab .venv-lowest .mypy_cache .ruff_cache .pytest_cache .hypothesis
