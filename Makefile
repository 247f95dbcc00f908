# Everything a fresh Debian or Ubuntu with Python 3.11+ needs: `make study`, `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PROFILE ?= quick
MUTANTS ?= 60
SEED ?= 1
COUNT ?= 1000
TRIALS ?= 10000
FUZZ ?= 2000
JOBS ?= 1
SLICE ?= 60
STUDY ?=
NAIVE ?=
ONLY ?=
AGENT_TESTS := tests/agent/test_agent.py tests/agent/test_guest.py tests/agent/test_failure_chain.py \
	tests/agent/test_readers.py tests/agent/test_same_code.py
AGENT_UNIT_TESTS := tests/agent/test_again.py tests/agent/test_check.py tests/agent/test_counter.py \
	tests/agent/test_frameworks.py tests/agent/test_insert.py tests/unit/test_probes.py \
	tests/agent/test_statements.py tests/agent/test_terminated.py tests/agent/test_work.py \
	tests/agent/test_work_reading.py

.PHONY: dev study test agent agent-coverage smoke examples realbugs check pages docs clean
.PHONY: bench bench-statistics bench-campaign replication replication-stop replication-page
.PHONY: trust chaos zoo bits soak containment-cost fuzz

# The environment for development; the other targets make it where it is missing.
dev: $(VENV)/dev

study: $(VENV)/tool
	$(BIN)/trainwreck study keras --profile $(PROFILE) --mutants $(MUTANTS)

# Half as many processes again as there are processors, as many tests wait for a limit or a clock.
# They write what they cover where this says, not into a folder that a test looks at.
test: check
	COVERAGE_FILE=$(CURDIR)/.coverage $(BIN)/pytest -n $$(($$(nproc) * 3 / 2)) --dist loadfile --cov --cov-report=term \
		--ignore tests/chaos

# Some disturbances, all hostile programs and some damaged files, in minutes.
trust: $(VENV)/dev
	$(BIN)/pytest -n auto --dist loadfile tests/chaos

# Every Python from 3.6 on that is on the path or under pyenv.
agent: $(VENV)/dev
	$(BIN)/pytest -rs $(AGENT_TESTS)

# The share of the agent's own statements that its tests run; fails where a module has too few.
agent-coverage: $(VENV)/dev
	$(BIN)/python tools/agent_coverage.py $(AGENT_TESTS) $(AGENT_UNIT_TESTS)

# The bundled studies beside the examples, each with one run at a time.
smoke: $(VENV)/dev
	$(BIN)/pytest -m "study and not every_example" -rs --timeout 1800 -n 2 --dist loadfile

# `init` on all examples, of which `make smoke` runs four.
examples: $(VENV)/dev
	$(BIN)/pytest -m study -rs --timeout 1800 tests/studies/test_init_examples.py

# Real bugs of libraries, planted again; `make smoke` plants those of two programs.
realbugs: $(VENV)/dev
	$(BIN)/pytest -m study -rs tests/studies/test_realbugs.py

# What docs/trust.md reports. All is drawn from SEED; `ONLY=7` repeats the seventh campaign alone.
chaos: $(VENV)/dev
	$(BIN)/python tests/chaos/chaos.py --seed $(SEED) --count $(COUNT) \
		$(if $(ONLY),--only $(ONLY),--out results/trust/chaos.json)

zoo: $(VENV)/dev
	CANARY_FILES=100000 $(BIN)/python tests/chaos/hostile.py results/trust/hostile.json

bits: $(VENV)/dev
	$(BIN)/python tests/chaos/bits.py --seed $(SEED) --count $(COUNT) --out results/trust/bits.json

soak: $(VENV)/dev
	$(BIN)/python tests/chaos/soak.py --trials $(TRIALS) --out results/trust/soak.json

containment-cost: $(VENV)/dev
	$(BIN)/python tests/chaos/cost.py --out results/trust/cost.json

fuzz: $(VENV)/dev
	FUZZ=$(FUZZ) $(BIN)/pytest --timeout 7200 tests/chaos/test_fuzzed.py
	echo '{"files": $(FUZZ)}' > results/trust/fuzz.json

check: $(VENV)/dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/mypy --python-version 3.10 src/trainwreck/agent
	MYPYPATH=tools/pages $(BIN)/mypy tools/pages tools/measures tools/agent_coverage.py tools/replicate.py tools/replication_data.py tools/installers.py tools/league.py
	MYPYPATH=benchmarks $(BIN)/mypy benchmarks
	MYPYPATH=tests $(BIN)/mypy tests/chaos/*.py
	$(BIN)/lint-imports

# The pages that need no training; all others say themselves how they are made.
pages: $(VENV)/dev
	$(BIN)/python tools/pages/crash_causes.py > docs/crash-causes.md
	$(BIN)/python tools/pages/answers.py page results/keras.jsonl.xz > docs/answers.md
	$(BIN)/python tools/pages/power.py results/keras.jsonl.xz > docs/power.md
	$(BIN)/python tools/pages/realbugs.py > docs/realbugs.md
	$(BIN)/python tools/pages/unguarded.py > docs/unguarded.md
	$(BIN)/python tools/pages/league.py > docs/league.md
	$(BIN)/python tools/pages/statistics_page.py > docs/statistics.md
	$(BIN)/python tools/pages/settings_reference.py
	$(BIN)/python tools/pages/trust.py > docs/trust.md
	$(BIN)/python tools/pages/campaign_costs.py > docs/campaign-costs.md

# The pages as a site, in site/, with those that are made from the code; a broken link fails.
docs: $(VENV)/docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

bench: $(VENV)/dev
	$(BIN)/python benchmarks/run.py --out benchmarks/results.json

# The same mutants in several ways; hours for each study at `quick`. Without STUDY, all five. The
# same command goes on after an interruption.
bench-campaign: $(VENV)/dev
	$(BIN)/python benchmarks/real_campaigns.py $(if $(STUDY),--study $(STUDY)) \
		--profile $(PROFILE) --mutants $(MUTANTS) $(if $(NAIVE),--naive $(NAIVE)) \
		--slice $(SLICE) --jobs $(JOBS)
	$(BIN)/python tools/pages/campaign_costs.py > docs/campaign-costs.md

# Goes on with the paper's campaigns at the paper's settings, and writes their exports; days. Ctrl-C,
# or `make replication-stop` from elsewhere, ends it with an export; the same command goes on.
# With QUICK=1 at smaller settings.
replication: $(VENV)/dev
	$(BIN)/python tools/replicate.py $(STUDY) --jobs $(JOBS) $(if $(QUICK),--quick)

replication-stop: $(VENV)/dev
	$(BIN)/python tools/replicate.py --stop

# From the exports alone, in minutes.
replication-page: $(VENV)/dev
	$(BIN)/python tools/pages/replication.py > docs/replication.md

# About twenty minutes on two cores; the page needs no more than the tables.
bench-statistics: $(VENV)/dev
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 \
		$(BIN)/python benchmarks/verdicts.py --out benchmarks/statistics.json
	$(BIN)/python tools/pages/statistics_page.py > docs/statistics.md

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

$(VENV)/docs: $(VENV)/pyvenv.cfg pyproject.toml
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --editable '.[docs]'
	@touch $@

clean:
	rm -rf $(VENV) site .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache
