# `make check` and `make test` need Python 3.11 or newer, make, and a network the first time.

VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
PIP := -m pip --disable-pip-version-check --quiet
export PYTHONUTF8 := 1
# A test file is run by one process, so that what its tests share is made once; in the order of tests/conftest.py.
PARALLEL := -n auto --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help check test lint types unit test-minimum mutants mutate-examples bench bench-inference fuzz fuzz-hostile hostile belief rocq format update wheel clean

help: ## what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

check: $(READY) ## verify everything in proofs/, and hold each file to the verdicts it expects
	$(PY) -m prover check --expected proofs/

test: lint types unit ## everything that must pass before a change is taken: lint, types, tests

lint: $(READY)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: $(READY)
	$(PY) -m mypy

unit: $(READY)
	$(PY) -m pytest -q $(PARALLEL)

test-minimum: $(VENV)-minimum/.ready ## the tests with the oldest versions of the dependencies that pyproject.toml allows
	$(VENV)-minimum/bin/python -m pytest -q $(PARALLEL)

mutants: $(READY) ## put each seeded fault into a copy of the prover: the tests must notice it (MUTANTS="--keep FILE dropped joins")
	$(PY) -m tests.mutants.run $(MUTANTS)

bench: $(READY) ## measure, and compare with the peers that are installed (BENCH="--quick --json FILE")
	$(PY) -m tests.bench.bench $(BENCH)

bench-inference: $(READY) ## how many programs of a folder with expected answers are settled (BENCH="FOLDER --json FILE --compare OLD")
	$(PY) -m tests.bench.inference $(BENCH)
	$(PY) -m tests.bench.inference tests/infer
	$(PY) -m tests.bench.stripped

fuzz: $(READY) ## hold the verifier to runs of N random programs from seed FROM on; goes on where it stopped (make fuzz N=100000 FROM=0)
	$(PY) -m tests.fuzz.differential --count $(or $(N),1000) --seed $(or $(FROM),0) --ledger build/fuzz.jsonl $(FUZZ)

belief: $(READY) ## the whole campaign in about twenty minutes: each goal, its figure, the figure reached (BELIEF=--quick)
	$(PY) -m tests.belief.run $(BELIEF)

fuzz-hostile: $(READY) ## break programs at random: nothing may raise, or take long (make fuzz-hostile N=20000 SEED=1)
	$(PY) -m tests.hostile.fuzz --count $(or $(N),5000) --seed $(or $(SEED),0)

hostile: $(READY) ## check all files that mean harm (HOSTILE="--thorough nesting")
	$(PY) -m tests.hostile.run $(HOSTILE)

mutate-examples: $(READY) ## change operators and constants of the examples: none that a run breaks is proved (COUNT=200)
	$(PY) -m tests.diagnosis.mutations --count $(or $(COUNT),200)

rocq: $(READY) ## have Rocq check the exports of proofs/ (or ROCQ=FOLDER): how many theorems close with nothing admitted
	$(PY) -m tests.rocq.batch $(or $(ROCQ),proofs)

format: $(READY) ## lay out the Python code, and mend what ruff can mend
	$(PY) -m ruff check --fix --exit-zero .
	$(PY) -m ruff format .

update: $(READY) ## rewrite the golden files and the sessions in the documentation; read the difference before you keep it
	$(PY) -m pytest -q $(PARALLEL) --update

wheel: $(READY) ## build the wheel into dist/
	$(PY) -m hatchling build -t wheel

clean: ## remove what make has built
	rm -rf $(VENV) $(VENV)-minimum dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

# One file stands for "set up": it is made anew when a dependency changes. Build tools come from the lock file too.
$(READY): pyproject.toml requirements.lock
	@.ci/venv $(VENV)
	$(PY) $(PIP) install -r requirements.lock
	$(PY) $(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)-minimum/.ready: pyproject.toml requirements.lock .ci/minimum.py
	@.ci/venv $(VENV)-minimum
	$(VENV)-minimum/bin/python .ci/minimum.py > $(VENV)-minimum/minimum.txt
	$(VENV)-minimum/bin/python $(PIP) install -r $(VENV)-minimum/minimum.txt
	$(VENV)-minimum/bin/python $(PIP) install --no-deps --no-build-isolation -e .
	@touch $@
