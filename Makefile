# The commands of the project; each sets up what it needs first.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test soak data check-wheel bench clean

demo: .venv/core  ## set up, then load, validate, ask and export before your eyes
	$(BIN)/lcgraph tour --output demo --force

test: .venv/test  ## set up, then all tests, linters and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n auto --dist worksteal

soak: .venv/test  ## what tests try dozens of times, thousands of times, and other cases each time
	LCGRAPH_SOAK=3000 $(BIN)/pytest tests/test_differential.py tests/test_transactions.py \
		tests/test_setwise.py tests/test_store.py -k 'not killed'
	LCGRAPH_KILLS=2000 LCGRAPH_SEED=$$$$ $(BIN)/pytest tests/test_store.py

data: .venv/core  ## build data/learning-cities.ttl from data/tables
	$(BIN)/python -m lcgraph.build

check-wheel:  ## the wheel, alone in a fresh environment, away from the checkout
	sh tests/check_wheel.sh $(PYTHON)

bench: .venv/core  ## figures, as ratios beside every peer that installs (SIZE=1000000 for a million)
	$(BIN)/python benchmarks/cold_start.py
	$(BIN)/python benchmarks/validation.py $(SIZE)
	$(BIN)/python benchmarks/store.py $(SIZE)

clean:
	rm -rf .venv demo dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/made:
	$(PYTHON) -m venv .venv
	touch $@

.venv/core: .venv/made pyproject.toml
	$(PIP) --editable .
	touch $@

.venv/test: .venv/made pyproject.toml
	$(PIP) --editable '.[test]'
	touch $@
