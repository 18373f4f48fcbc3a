# csto-sim: two commands do everything: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Most of what is installed is never imported: Python compiles the rest at its first import.
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-compile --constraint constraints.txt

# Processes of the tests import what is compiled already.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test test-all kernel lint docs site examples bench goldens performance reference calibration sbc hindcast cases cases-scenarios stories lowest newest clean help

help:  ## list the targets
	@grep -hE '^[a-z -]+:.*##' Makefile | sed -E 's/:.*## /\t/'

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "csto-sim needs Python 3.11 or newer; give one with: make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/core: $(VENV)/python pyproject.toml constraints.txt
	$(PIP) --editable .
	@touch $@

$(VENV)/dev: $(VENV)/python pyproject.toml constraints.txt
	$(PIP) --editable ".[dev]"
	@touch $(VENV)/core $@

$(VENV)/docs: $(VENV)/python pyproject.toml constraints.txt
	$(PIP) --editable ".[docs]"
	@touch $(VENV)/core $@

TIPPING := scenarios/sweeps/overstretch-coverage.toml

run: $(VENV)/core  ## set up and run the shipped scenario: figures and tables in results/
	$(BIN)/csto-sim run scenarios/karabakh-2023.toml
	$(BIN)/csto-sim sweep $(TIPPING) --replicates 12

reference: $(VENV)/core  ## draw the figures of the README anew, with more runs
	rm -rf build/run build/sweep
	$(BIN)/csto-sim run scenarios/karabakh-2023.toml --replicates 1000 --out build/run
	$(BIN)/csto-sim sweep $(TIPPING) --out build/sweep
	mkdir -p results/reference
	cp build/run/figures/*.png build/run/summary.csv build/sweep/figures/tipping.png results/reference/

calibration: $(VENV)/core  ## fit the parameters anew (about an hour) and put the posteriors and tables in their places
	rm -rf build/calibration
	$(BIN)/csto-sim calibrate --steps build/steps --out build/calibration
	mkdir -p results/reference/calibration
	rm -f sim/data/posteriors/*.parquet results/reference/calibration/*.csv
	cp build/calibration/*.parquet sim/data/posteriors/
	cp build/calibration/*.csv results/reference/calibration/

sbc: $(VENV)/dev  ## check the fit on 100 records that the model draws itself (up to 45 minutes), and store what it shows
	$(BIN)/python -m sim.evidence.calibration.ranks --out build/sbc
	mkdir -p results/reference/sbc
	cp build/sbc/ranks.csv build/sbc/ranks.png build/sbc/screening.csv results/reference/sbc/

hindcast: $(VENV)/dev  ## score the shipped posteriors anew (some six minutes) and put the tables and figures in their places
	rm -rf build/hindcast
	$(BIN)/csto-sim hindcast --replicates 1000 --ablations --explanations --out build/hindcast
	mkdir -p results/reference/hindcast
	cd build/hindcast && cp ablations.csv explanations.csv scorecard.csv differences.csv members.csv rankings.csv false-alarms.csv reliability.csv scored-parameters.csv ../../results/reference/hindcast/
	cp build/hindcast/figures/reliability-*.png build/hindcast/figures/strips-test.png build/hindcast/figures/skill-*.png results/reference/hindcast/
	cp build/hindcast/scorecard.csv build/hindcast/scored-parameters.csv sim/data/
	cp build/hindcast/explanations.csv sim/data/explanations/weights.csv

cases: $(VENV)/core  ## judge the forecasts of the library of alliances anew and put the tables and the figure in their places
	rm -rf build/cases
	$(BIN)/csto-sim hindcast --cases library --out build/cases
	mkdir -p results/reference/cases
	cp build/cases/*.csv build/cases/cases.png results/reference/cases/

cases-scenarios: $(VENV)/core  ## write the scenarios of the library of alliances anew
	$(BIN)/python -m sim.evidence.cases.writing scenarios/cases

stories: $(VENV)/core  ## count the changes of all stories anew, with which the explorer opens
	$(BIN)/python -m sim.explorer.stored

# Benchmarks are run once each beside other tests, for what they assert; `make bench` times them.
TESTS := $(BIN)/python -m pytest --numprocesses 2 --dist worksteal --benchmark-disable

test: $(VENV)/dev  ## set up, lint, type-check and run the tests
	$(MAKE) --no-print-directory -j 2 lint kernel
	$(TESTS)

test-all: $(VENV)/dev lint kernel  ## the same with the longer checks
	$(TESTS)
	$(BIN)/python -m pytest -m slow

# The dependencies in other versions than those of constraints.txt, each in an environment of its own, and the tests that
# meet most of them. Old versions warn of what newer ones of others deprecate, so warnings are no errors there.
VERSIONS := build/versions
MEETING := tests/model/test_declaring.py tests/output tests/scenario tests/interop tests/rules tests/cli/test_new.py \
  tests/cli/test_run.py
lowest: RESOLUTION := lowest-direct
lowest: WARNINGS := --override-ini filterwarnings=default
newest: RESOLUTION := highest

$(VERSIONS)/uv:
	$(PYTHON) -m venv $@
	$@/bin/python -m pip install --quiet uv

lowest newest: $(VERSIONS)/uv  ## test with the lowest, or the newest, versions of the dependencies; PYTHON= chooses the Python
	$</bin/uv venv --quiet --clear --seed --python $(PYTHON) $(VERSIONS)/$@
	$</bin/uv pip install --quiet --python $(VERSIONS)/$@/bin/python --resolution $(RESOLUTION) --editable ".[dev]"
	$(VERSIONS)/$@/bin/python -m pytest $(MEETING) --benchmark-disable $(WARNINGS)

kernel: $(VENV)/dev  # compile the model before tests that would wait for it
	@rm -rf build/kernel
	@$(BIN)/csto-sim run tests/experiments/small.toml --replicates 1 --engine compiled --no-plot --out build/kernel > /dev/null

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/dev  ## write the generated parts of docs/ anew
	$(BIN)/python -m sim.reference

site: $(VENV)/docs  ## build the documentation as a site in build/site; it opens without a server
	$(BIN)/mkdocs build --strict --quiet
	@echo "open build/site/index.html"

examples: $(VENV)/dev  ## run the notebooks in examples/ and write their outputs anew
	$(BIN)/python -m tests.examples.notebooks

bench: $(VENV)/dev  ## run the benchmarks alone
	$(BIN)/python -m pytest tests/benchmarks --benchmark-only

goldens: $(VENV)/dev  ## write the goldens of the tests anew; see with git diff what changed
	$(BIN)/python -m tests.golden.renew

performance: $(VENV)/dev  ## measure anew what docs/performance.md shows; some ten minutes
	$(BIN)/python -m tests.benchmarks.measure

clean:  ## remove the environment and caches, not the results
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks build *.egg-info
