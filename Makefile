# Everything a fresh Debian or Ubuntu with Python 3.11+ needs: `make study`, `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MUTANTS ?= 60

.PHONY: study test smoke check bench bench-statistics clean

study: $(VENV)/tool
	$(BIN)/trainwreck study keras --profile quick --mutants $(MUTANTS)

# Worker processes write what they cover where this says, not into a folder that a test looks at.
test: check
	COVERAGE_FILE=$(CURDIR)/.coverage $(BIN)/pytest --cov --cov-report=term

smoke: $(VENV)/dev
	$(BIN)/pytest -m study -rs --timeout 1800

check: $(VENV)/dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/dev
	$(BIN)/python benchmarks/run.py --out benchmarks/results.json

# About twenty minutes on two cores; the page needs no more than the tables.
bench-statistics: $(VENV)/dev
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 \
		$(BIN)/python benchmarks/verdicts.py --out benchmarks/statistics.json
	$(BIN)/python docs/statistics_page.py > docs/statistics.md

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "trainwreck needs Python 3.11 or newer; try: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/tool: $(VENV)/pyvenv.cfg pyproject.toml
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --editable .
	@touch $@

$(VENV)/dev: $(VENV)/pyvenv.cfg pyproject.toml
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --editable '.[dev]'
	@touch $@ $(VENV)/tool

clean:
	rm -rf $(VENV) .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache
